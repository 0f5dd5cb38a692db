"""A check that changed: who moves, by how much, and not before it is told; replays; receipts."""

import re
from contextlib import closing

import pytest
from typer.testing import CliRunner

from autograder.cli import app, main
from autograder.grading import engine, grade
from autograder.grading.classroom import ClassDirectory
from autograder.grading.engine import Engine
from autograder.grading.feedback import feedback
from autograder.grading.init import init_class
from autograder.grading.ledger import Ledger
from autograder.grading.outcomes import Settings
from autograder.grading.publish import Move, Publisher
from autograder.grading.release import release
from autograder.grading.replay import replay
from autograder.grading.terms import Terms, isolation, job_of
from autograder.notebooks import fill
from autograder.notebooks.build import to_text
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook
from tests.gradebooks import all_rows, mark_by_hand, url_of
from tests.killable import LESSON, NAME, WALLS, copied, entries, files, hand_in, kinds_of_students

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

KINDS = ("right", "scribbler", "untouched", "wrong0", "wrong1", "wrong2")
WORTH = 22


def graded(course, **settings):
    return grade.grade(course, LESSON, Settings(unsandboxed=not WALLS, jobs=1, **settings))


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """A class of six, graded; one has a mark and a comment given by hand."""
    root = tmp_path_factory.mktemp("regrade") / "pristine"
    init_class(root)
    course = ClassDirectory.at(root)
    release(course, LESSON)
    for student, text in kinds_of_students(root).items():
        if student in KINDS:
            hand_in(course, student, text)
    graded(course)
    mark_by_hand(course, "wrong2", f"{NAME}__check", 3.0, 0.5)
    mark_by_hand(course, "right", "momentum__why", 5.5)
    return course


@pytest.fixture
def room(pristine, tmp_path):
    return copied(pristine, tmp_path / "room")


@pytest.fixture
def lenient(monkeypatch):
    """A judge of another version: half of the points for a mistaken step."""
    strict = Engine._cell

    def half(self, cell, ran):
        result = strict(self, cell, ran)
        if result["grade_id"] == f"{NAME}__check" and (ran.verdict or {}).get("mistake"):
            result["points"] = max(result["points"], result["max_points"] / 2)
        return result

    monkeypatch.setattr(Engine, "_cell", half)  # the workers are forks of this process
    for module in (engine, grade):
        monkeypatch.setattr(module, "engine_version", lambda: "lenient")


def seen(course):
    return all_rows(url_of(course)), files(course)


MISTAKEN = ("untouched", "wrong0", "wrong1")


def moving(course):
    """Who got less than half for a mistake that was recognized, and no mark by hand."""
    with Ledger(course.root) as ledger:
        results = ledger.results(LESSON)
        for student in MISTAKEN:
            cells = {c["grade_id"]: c for c in ledger.payload(results[student])["cells"]}
            cell = cells[f"{NAME}__check"]
            if cell["verdict"] and cell["verdict"]["mistake"] and cell["points"] < WORTH / 2:
                total = results[student].points
                yield Move(student, total, total - cell["points"] + WORTH / 2)


def test_a_changed_judge_moves_nothing_by_itself_and_says_so(room, lenient):
    before = seen(room)
    run = graded(room)
    assert run.outdated == sorted(set(KINDS) - {"scribbler"})
    assert not any(o.fresh for o in run.outcomes if not o.attention)
    assert seen(room) == before
    told = CliRunner().invoke(app, ["grade", LESSON, "--course", str(room.root), *walls()])
    assert "5 results come from an older lesson or judge and stay as they are" in told.output
    assert "--regrade" in told.output


def test_an_earlier_attempt_that_counts_again_isn_t_graded_anew(room, lenient):
    """Its result comes from an older judge and stands, as every other does."""
    kinds = kinds_of_students(room.root)
    with Ledger(room.root) as ledger:
        first = ledger.current(LESSON)["right"]
        other = dict(first.files)
        ledger.receive("right", LESSON, {f"{LESSON}.ipynb": kinds["wrong1"].encode()})
        assert ledger.current(LESSON)["right"].id != first.id
    run = graded(room)  # what lies in submitted/ is the first one still
    (outcome,) = [o for o in run.outcomes if o.student == "right"]
    assert not outcome.fresh
    assert "right" in run.outdated
    with Ledger(room.root) as ledger:
        assert ledger.current(LESSON)["right"].files == other


def walls():
    return [] if WALLS else ["--unsandboxed"]


def test_a_regrade_says_who_moves_and_only_apply_moves_them(room, lenient):
    expected = list(moving(room))
    assert len(expected) >= 2
    before = seen(room)
    run = graded(room, regrade=True)
    assert run.moves == expected
    assert not run.applied
    assert seen(room) == before
    again = graded(room, regrade=True)
    assert again.moves == expected
    assert not any(o.fresh for o in again.outcomes if not o.attention), "it was proposed already"
    told = CliRunner().invoke(
        app, ["grade", LESSON, "--regrade", "--course", str(room.root), *walls()]
    )
    for move in expected:
        assert f"{move.student}: {move.old:g} -> {move.new:g}" in told.output
    assert f"{len(expected)} scores would move" in told.output
    assert seen(room) == before

    run = graded(room, regrade=True, apply=True)
    assert (run.moves, run.applied) == (expected, True)
    assert not any(o.fresh for o in run.outcomes if not o.attention), "proposals are graded once"
    with room.gradebook() as book:
        for move in expected:
            assert book.find_submission(LESSON, move.student).score == move.new
        by_hand = book.find_grade(f"{NAME}__check", LESSON, LESSON, "wrong2")
        assert (by_hand.manual_score, by_hand.extra_credit) == (3.0, 0.5)
        assert by_hand.auto_score == WORTH / 2
        comment = book.find_comment(NAME, LESSON, LESSON, "wrong2")
        assert comment.manual_comment == "Well <put>."
        assert book.find_grade("momentum__why", LESSON, LESSON, "right").manual_score == 5.5
        assert book.find_submission(LESSON, "right").score == 94 + 5.5

    moved = seen(room)
    recorded = entries(room)
    run = graded(room, regrade=True, apply=True)
    assert run.moves == []
    assert not any(o.fresh for o in run.outcomes if not o.attention)
    assert seen(room) == moved
    assert entries(room) == recorded
    run = graded(room)
    assert run.outdated == []
    assert seen(room) == moved


def test_apply_without_a_look_before_does_both(room, lenient):
    expected = list(moving(room))
    assert graded(room, regrade=True, apply=True).moves == expected
    assert graded(room).outdated == []


def test_a_regrade_of_one_student_leaves_the_others(room, lenient):
    before = all_rows(url_of(room))
    run = graded(room, regrade=True, apply=True, student="wrong0")
    assert [outcome.student for outcome in run.outcomes] == ["wrong0"]
    assert {move.student for move in run.moves} == {"wrong0"}
    changed = [r for r in all_rows(url_of(room))["grade"] if r not in before["grade"]]
    assert len(changed) == 1


def test_an_apply_that_is_stopped_halfway_goes_on(room, lenient, monkeypatch):
    expected = list(moving(room))
    publish, count = Publisher.publish, []

    def stops(self, student, *args, **kwargs):
        count.append(student)
        if len(count) == 3:
            raise ClassError("The gradebook is held; nothing was lost.")
        publish(self, student, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "publish", stops)
        with pytest.raises(ClassError, match="nothing was lost"):
            graded(room, regrade=True, apply=True)
    graded(room, regrade=True, apply=True)
    assert entries(room)["not published"] == set()
    with room.gradebook() as book:
        for move in expected:
            assert book.find_submission(LESSON, move.student).score == move.new


def test_an_engine_that_fails_in_a_regrade_undoes_no_result(room, lenient, monkeypatch):
    whole = Engine.grade

    def failing(self, job):
        if job.student == "wrong0":
            return engine.failed(job, "the disk of a worker is full")
        return whole(self, job)

    before = entries(room)["results"]["wrong0"]
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "grade", failing)
        run = graded(room, regrade=True, apply=True)
    assert "wrong0" in {outcome.student for outcome in run.attention}
    assert entries(room)["results"]["wrong0"] == before
    graded(room, regrade=True, apply=True)
    assert entries(room)["results"]["wrong0"][1] == before[1] + WORTH / 2


# --- replay


@pytest.mark.parametrize("topic", ["initialization", "minibatch", "regularization"])
def test_a_replay_gives_the_recorded_verdicts_of_random_exercises_too(tmp_path, topic):
    """The very same inputs: the whole verdict comes again, its example and numbers included."""
    init_class(tmp_path / "room")
    course = ClassDirectory.at(tmp_path / "room")
    lesson = release(course, topic)
    notebook, solution = (
        read_notebook(f(course.root, lesson)) for f in (lesson_file, solution_file)
    )
    names = [name for name, cell in marked_cells(notebook) if not cell.metadata.nbgrader.grade]
    answers = {
        "right": {name: fill.right(name, solution) for name in names},
        "first": {name: fill.mistakes(name)[0] for name in names},
        "last": {name: fill.mistakes(name)[-1] for name in names},
    }
    for student, planted in answers.items():
        file = course.submission(student, lesson) / f"{lesson}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(to_text(fill.filled(notebook, planted)))
    grade.grade(course, lesson, Settings(unsandboxed=not WALLS))
    level = isolation(unsandboxed=not WALLS)
    with Ledger(course.root) as ledger, closing(Engine()) as again:
        for student, result in ledger.results(lesson).items():
            then = {cell["grade_id"]: cell for cell in ledger.payload(result)["cells"]}
            seeds = {
                name.removesuffix("__check"): cell["seed"]
                for name, cell in then.items()
                if cell["seed"] is not None
            }
            assert len(seeds) >= len(names)
            job = job_of(ledger, result.submission, Terms.of(course, lesson, level), seeds=seeds)
            now = {cell["grade_id"]: cell for cell in again.grade(job)["cells"]}
            assert now == then, student
    for student in answers:
        for one in replay(course, student, topic, unsandboxed=not WALLS):
            assert one.now == one.then


def test_a_replay_of_what_isn_t_there_is_told(room):
    for words, said in (
        (("scribbler", LESSON), "Nothing of scribbler was graded"),
        (("nobody", LESSON), "Nothing of nobody was graded"),
        (("right", LESSON, "adam_step"), "adam_step was never judged"),
    ):
        with pytest.raises(ClassError, match=said):
            list(replay(room, *words, unsandboxed=not WALLS))


def test_a_replay_of_an_exercise_that_is_no_more_is_told(room, monkeypatch):
    real = Engine.grade

    def changed(self, job):
        result = real(self, job)
        kept = [cell for cell in result["cells"] if cell["grade_id"] != f"{NAME}__check"]
        return {**result, "cells": kept}

    monkeypatch.setattr(Engine, "grade", changed)
    with pytest.raises(ClassError, match=rf"doesn't ask for {NAME} any more"):
        list(replay(room, "right", LESSON, NAME, unsandboxed=not WALLS))


# --- receipts


def command(capsys, monkeypatch, *words):
    """What `autograder` prints to both streams, and its exit code."""
    monkeypatch.setattr("sys.argv", ["autograder", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    return end.value.code or 0, said.out + said.err


def test_a_receipt_is_printed_verified_and_stands_on_the_page(room):
    feedback(room, LESSON)
    with Ledger(room.root) as ledger:
        (mine,), (other,) = (ledger.attempts(s, LESSON) for s in ("right", "wrong0"))
    page = room.feedback("right", LESSON).read_text()
    assert mine.receipt in page
    assert mine.sha256 in page
    assert other.receipt not in page
    where = ["--course", str(room.root)]
    printed = CliRunner().invoke(app, ["receipt", "right", LESSON, *where])
    assert printed.exit_code == 0
    assert mine.receipt in printed.output

    def verified(student, receipt):
        words = ["receipt", student, LESSON, "--verify", receipt, *where]
        return CliRunner().invoke(app, words)

    assert verified("right", mine.receipt).exit_code == 0
    for student, receipt in (("wrong0", mine.receipt), ("right", other.receipt), ("right", "x")):
        refused = verified(student, receipt)
        assert refused.exit_code == 1
        assert f"no receipt of {student}" in refused.output


def test_a_receipt_of_an_unknown_student_is_refused(room, capsys, monkeypatch):
    code, said = command(
        capsys, monkeypatch, "receipt", "nobody", LESSON, "--course", str(room.root)
    )
    assert code == 2
    assert "knows no submission of nobody" in said


# --- feedback


def test_feedback_of_one_student_and_of_a_wrong_name(room):
    (outcome,) = feedback(room, LESSON, student="right")
    assert (outcome.student, outcome.attention) == ("right", "")
    assert not room.feedback("wrong0", LESSON).exists()
    with pytest.raises(ClassError, match="nobody handed in nothing"):
        feedback(room, LESSON, student="nobody")


def test_a_page_of_an_earlier_attempt_says_so(room):
    hand_in(room, "right", "no notebook", day=2)
    graded(room, student="right")
    feedback(room, LESSON, student="right")
    page = room.feedback("right", LESSON).read_text()
    assert "handed in last can&#39;t be graded" in page or "handed in last can't be graded" in page
    assert "99.5" in page


def test_words_of_the_student_s_file_do_nothing_on_the_page(room):
    notebook = read_notebook(lesson_file(room.root, LESSON))
    bad = "<img src=x onerror=alert(1)>"
    notebook.metadata.kernelspec = {"name": bad, "display_name": bad, "language": bad}
    hand_in(room, "right", to_text(notebook), day=2)
    graded(room, student="right")
    feedback(room, LESSON, student="right")
    page = room.feedback("right", LESSON).read_text()
    assert "names the kernel" in page
    assert not re.search(r"<img[^>]*onerror", page)
