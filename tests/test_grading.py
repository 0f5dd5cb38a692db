"""A class through nbgrader: points, mistakes by name, feedback, report, and what goes wrong."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbgrader.utils import determine_grade
from rich.console import Console

from autograder.grading import demo
from autograder.grading.classroom import ClassDirectory
from autograder.grading.feedback import feedback
from autograder.grading.grade import Settings, grade
from autograder.grading.guards import DropTags, NoSilentPoints
from autograder.grading.init import init_class
from autograder.grading.release import release
from autograder.grading.report import print_report, write_report
from autograder.grading.results import BY_HAND, RIGHT, STOPPED, UNANSWERED, WRONG, collect
from autograder.notebooks import fill
from autograder.notebooks.build import replace_file, to_text
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file, lessons_in, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

LESSON = "03_momentum"
NAME = "momentum_step"
WALLS = shutil.which("bwrap") is not None


def graded(course, **settings):
    """Grade a class, behind walls where there are any."""
    return grade(course, LESSON, Settings(unsandboxed=not WALLS, **settings))


class Room:
    """A class directory with shortcuts for handing in."""

    def __init__(self, root):
        self.course = ClassDirectory.at(root)
        self.lesson = read_notebook(lesson_file(root, LESSON))
        self.solution = read_notebook(solution_file(root, LESSON))

    def hand_in(self, student, notebook):
        file = self.course.submission(student, LESSON) / f"{LESSON}.ipynb"
        replace_file(file, notebook if isinstance(notebook, str) else to_text(notebook))

    def with_answer(self, source, name=NAME):
        return fill.filled(self.lesson, {name: fill.Planted(fill.MISTAKEN, source)})

    def all_right(self):
        cells = marked_cells(self.lesson)
        names = [name for name, cell in cells if cell.metadata.nbgrader.solution]
        return fill.filled(self.lesson, {name: fill.right(name, self.solution) for name in names})


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class of people who do all that a class does, graded once."""
    root = tmp_path_factory.mktemp("class") / "room"
    init_class(root)
    release(ClassDirectory.at(root), LESSON)
    room = Room(root)
    room.hand_in("right", room.all_right())
    room.hand_in("untouched", room.lesson)
    planted = fill.mistakes(NAME)[0]
    room.hand_in("mistaken", fill.filled(room.lesson, {NAME: planted}))
    room.hand_in("endless", fill.filled(room.lesson, {NAME: fill.endless(NAME, room.lesson)}))
    room.hand_in("broken", room.with_answer("def momentum_step(theta):\n  return ("))
    room.hand_in("printer", room.with_answer("import sys\nprint('!', file=sys.stderr)"))
    room.hand_in("forger", forged(room))
    room.hand_in("remover", without(room.all_right(), f"{NAME}__check"))
    room.hand_in("nobody", "{}")
    room.hand_in("scribbler", "no notebook")
    room.hand_in("stranger", of_another_lesson())
    room.hand_in("copier", twice(room.lesson, f"{NAME}__check"))
    killer = room.all_right()
    (answer,) = [cell for name, cell in marked_cells(killer) if name == NAME]
    answer.source = "import os\nos._exit(0)"
    room.hand_in("killer", killer)
    wrong_name = room.course.submission("renamer", LESSON)
    wrong_name.mkdir(parents=True)
    (wrong_name / "Untitled.ipynb").write_text(to_text(room.lesson))
    room.outcomes = {o.student: o for o in graded(room.course).outcomes}
    room.pages = {o.student: o for o in feedback(room.course, LESSON)}
    room.results = collect(room.course, LESSON)
    room.of = {result.student: result for result in room.results.results}
    room.mistake = planted.mistake
    return room


def forged(room):
    """Points that nobody earned: a check of one's own, and tags that keep a cell from running."""
    notebook = room.with_answer("def momentum_step(*args, **kwargs):\n    return 1")
    for name, cell in marked_cells(notebook):
        if name == "heavy_ball_step__check":
            cell.metadata["tags"] = ["experiment", "skip-execution"]
        if name == "heavy_ball_step":
            cell.source = "heavy_ball_step = 0\ncheck = lambda *a: None"
        if name == "running_sum_step":
            cell.source = "check = lambda *a: 18.0\nrunning_sum_step = 0"
        if name == "nesterov_step":
            cell.source = "check = lambda *a: float('nan')\nnesterov_step = 0"
    return notebook


def without(notebook, name):
    notebook.cells = [c for c in notebook.cells if c.id != name]
    return notebook


def twice(notebook, name):
    copied = nbformat.from_dict(json.loads(nbformat.writes(notebook)))
    for cell in [c for c in copied.cells if c.id == name]:
        copied.cells.append(nbformat.from_dict({**cell, "id": "copy"}))
    return copied


def of_another_lesson():
    marks = {"grade_id": "adam_step", "grade": False, "solution": True, "locked": False}
    cell = v4.new_code_cell("x = 1", metadata={"nbgrader": {**marks, "schema_version": 3}})
    return v4.new_notebook(cells=[cell])


def test_a_right_notebook_gets_every_point_but_those_given_by_hand(room):
    answers = room.of["right"].answers
    for item in room.results.items:
        answer = answers[item.name]
        if item.by_hand:
            assert (answer.state, answer.points) == (BY_HAND, None)
        else:
            assert (answer.state, answer.points, answer.doubtful) == (RIGHT, item.points, False)
    assert room.of["right"].total == 94
    assert room.of["right"].to_mark == 1


def test_an_untouched_notebook_gets_nothing(room):
    assert room.of["untouched"].total == 0
    assert {answer.state for answer in room.of["untouched"].answers.values()} == {UNANSWERED}


def test_a_listed_mistake_is_named(room):
    answer = room.of["mistaken"].answers[NAME]
    assert (answer.state, answer.mistake) == (WRONG, room.mistake)


def test_an_endless_loop_is_stopped_and_costs_its_own_points_only(room):
    answers = room.of["endless"].answers
    assert (answers[NAME].state, answers[NAME].points) == (STOPPED, 0)
    assert answers["friction"].state == UNANSWERED


@pytest.mark.parametrize(
    ("student", "state", "mistake"),
    [("broken", WRONG, "error_SyntaxError"), ("printer", WRONG, "error_NameError")],
)
def test_a_cell_that_defines_nothing_is_told_as_that(room, student, state, mistake):
    answer = room.of[student].answers[NAME]
    assert (answer.state, answer.mistake, answer.points) == (state, mistake, 0)


def test_points_that_nobody_earned_are_not_given(room):
    assert room.of["forger"].total == 0
    assert room.results.doubtful == []


def test_an_answer_that_ends_the_program_costs_its_own_points_only(room):
    """The cell that kills is the answer's; the check then has nothing to look at."""
    answers = room.of["killer"].answers
    assert (answers[NAME].state, answers[NAME].points) == (WRONG, 0)
    assert answers["heavy_ball_step"].points == 18
    assert room.of["killer"].total == room.of["right"].total - 22


def test_a_deleted_check_is_put_back(room):
    assert room.of["remover"].total == room.of["right"].total


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("nobody", "cells"),
        ("scribbler", "JSON"),
        ("stranger", "a notebook of another lesson: it answers adam_step"),
        ("renamer", "it holds Untitled.ipynb"),
    ],
)
def test_what_cant_be_graded_is_told_and_stops_nobody(room, student, said):
    assert said in room.outcomes[student].attention
    assert student in room.results.attention
    assert student not in room.of
    assert "not graded yet" in room.pages[student].attention


def test_a_copied_check_is_put_right_and_told(room):
    assert room.of["copier"].total == 0
    assert room.outcomes["copier"].repairs
    assert "put right" in room.course.feedback("copier", LESSON).read_text()


def test_collected_is_graded_plus_needs_attention(room):
    done = {student for student, outcome in room.outcomes.items() if not outcome.attention}
    assert done == set(room.of)
    assert len(done) + len(room.results.attention) == len(room.course.students(LESSON)) == 14


def test_nothing_half_written_stays_behind(room):
    left = [path.name for path in room.course.root.iterdir() if path.name.startswith(".")]
    assert left == [".ledger"]


def test_every_graded_student_has_a_feedback_page(room):
    for student in room.of:
        page = room.course.feedback(student, LESSON).read_text()
        assert NAME in page
    assert "94.0" in room.course.feedback("right", LESSON).read_text()


def test_a_later_submission_that_cant_be_graded_leaves_the_earlier_result(room):
    before = room.course.autograded("untouched", LESSON).read_bytes()
    file = room.course.submission("untouched", LESSON) / f"{LESSON}.ipynb"
    good = file.read_bytes()
    try:
        file.write_text("{")
        (outcome,) = graded(room.course, student="untouched").outcomes
        assert outcome.attention
        assert room.course.autograded("untouched", LESSON).read_bytes() == before
    finally:
        file.write_bytes(good)
    (outcome,) = graded(room.course, student="untouched").outcomes
    assert (outcome.attention, outcome.fresh) == ("", False)


def test_a_second_run_does_only_what_is_new(room):
    assert not any(o.fresh for o in graded(room.course).outcomes if not o.attention)


def test_plain_nbgrader_gives_an_honest_submission_the_same_points(room, tmp_path):
    """On a copy of the class, by nbgrader's own command, with its own reading of the config."""
    shutil.copytree(room.course.root, tmp_path / "room")
    course = ClassDirectory.at(tmp_path / "room")
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/bin"])}
    for student in ("mistaken", "right"):
        command = [sys.executable, "-m", "nbgrader", "autograde", LESSON, "--force"]
        command += ["--student", student]
        subprocess.run(command, cwd=course.root, env=env, check=True, capture_output=True)
    again = {result.student: result for result in collect(course, LESSON).results}
    for student in ("mistaken", "right"):
        assert again[student] == room.of[student]


def test_released_again_with_other_cells_is_refused(room, tmp_path):
    shutil.copytree(room.course.root, tmp_path / "room")
    file = solution_file(tmp_path / "room", LESSON)
    file.write_text(to_text(without(read_notebook(file), f"{NAME}__check")))
    with pytest.raises(ClassError, match=r"can't be released again.*momentum_step__check"):
        release(ClassDirectory.at(tmp_path / "room"), LESSON)


# --- the report


def test_the_report_counts_mistakes_and_not_open_answers(room):
    counted = dict(room.results.mistakes(NAME))
    assert counted[room.of["mistaken"].answers[NAME].title] == 1
    assert counted["The answer's cell stopped with SyntaxError"] == 1
    assert sum(counted.values()) == 6  # mistaken, endless, broken, printer, forger, killer
    assert room.results.count(NAME, UNANSWERED) == 2  # untouched, copier
    assert room.results.count(NAME, RIGHT) == 2


def test_the_report_is_a_page_and_a_picture(room):
    page = write_report(room.course, room.results)
    text = page.read_text()
    assert "<script" not in text
    assert "http" not in text.replace("data:image/png", "")
    for student in room.of:
        assert f">{student}</th>" in text
    assert "scribbler needs attention" in text
    picture = page.with_name("report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000


def test_a_student_s_text_can_t_reach_the_page_as_markup(room):
    bad = "<script>alert(1)</script>[red]"
    first, *rest = room.results.results
    answer = replace(first.answers[NAME], state=WRONG, title=bad)
    spoiled = replace(first, student=bad, answers={**first.answers, NAME: answer})
    results = replace(room.results, results=(spoiled, *rest), attention={bad: bad})
    assert "<script" not in write_report(room.course, results).read_text()
    console = Console(record=True, width=150, file=open(os.devnull, "w"))  # noqa: SIM115
    print_report(results, console)
    assert "[red]" in console.export_text()
    console.file.close()


def test_the_terminal_s_report_says_who_got_what(room):
    console = Console(record=True, width=150, file=open(os.devnull, "w"))  # noqa: SIM115
    print_report(room.results, console)
    console.file.close()
    text = console.export_text()
    assert room.of["mistaken"].answers[NAME].title in text
    assert "10 graded" in text
    assert "renamer needs attention" in text


# --- the two guards


def cell_with(*outputs):
    marks = {"grade_id": "x__check", "grade": True, "solution": False, "points": 2}
    metadata = {"nbgrader": marks, "tags": ["experiment"]}
    return v4.new_code_cell("check(x)", metadata=metadata, outputs=list(outputs))


def result(text):
    return v4.new_output("execute_result", data={"text/plain": text})


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ([result("2.0")], 2),
        ([result("0.5")], 0.5),
        ([], 0),
        ([v4.new_output("stream", text="2.0")], 0),
        ([result("np.float64(0.5)")], 0),
        ([result("nan")], 0),
        ([result("-1.0")], 0),
        ([result("2.5")], 0),
    ],
)
def test_nbgrader_gives_points_only_where_a_number_of_points_stands(outputs, points):
    cell, _ = NoSilentPoints().preprocess_cell(cell_with(*outputs), {}, 0)
    assert determine_grade(cell) == (points, 2)


def test_tags_of_cells_that_count_are_dropped():
    cell, _ = DropTags().preprocess_cell(cell_with(), {}, 0)
    assert "tags" not in cell.metadata
    plain = v4.new_code_cell("1", metadata={"tags": ["experiment"]})
    assert DropTags().preprocess_cell(plain, {}, 0)[0].metadata.tags == ["experiment"]


# --- every lesson, and the demo


def test_every_lesson_gives_full_marks_to_its_solution_and_none_to_its_stubs(root, tmp_path):
    init_class(tmp_path / "room")
    course = ClassDirectory.at(tmp_path / "room")
    for lesson in lessons_in(root):
        release(course, lesson)
        for student, file in (
            ("solved", solution_file(course.root, lesson)),
            ("stubs", lesson_file(course.root, lesson)),
        ):
            target = course.submission(student, lesson)
            target.mkdir(parents=True)
            shutil.copyfile(file, target / file.name)
        run = grade(course, lesson, Settings(unsandboxed=not WALLS))
        assert [outcome.attention for outcome in run.outcomes] == ["", ""]
        assert [outcome.repairs for outcome in run.outcomes] == [[], []]
        results = collect(course, lesson)
        solved, stubs = results.results
        by_hand = sum(item.points for item in results.items if item.by_hand)
        assert solved.total == results.points - by_hand, lesson
        assert stubs.total == 0, lesson


def test_the_mix_of_a_made_up_class_is_the_same_every_time_and_holds_all_kinds(room):
    names = tuple(n for n, c in marked_cells(room.lesson) if not c.metadata.nbgrader.grade)
    one, two = (
        demo.mixed_answers(room.lesson, room.solution, names, demo.STUDENTS, demo.SEED)
        for _ in range(2)
    )
    assert one == two
    kinds = [planted.kind for answers in one.values() for planted in answers.values()]
    assert kinds.count(fill.ENDLESS) == 2
    assert {fill.RIGHT, fill.MISTAKEN, fill.UNANSWERED} < set(kinds)
    assert any({p.kind for p in answers.values()} == {fill.UNANSWERED} for answers in one.values())


def test_a_demo_takes_a_class_to_its_report(tmp_path):
    steps = []
    result = demo.run_demo(
        tmp_path / "demo", lambda *step: steps.append(step), students=demo.STUDENTS[:4]
    )
    assert result.surprises == []
    assert result.named == result.planted > 0
    assert result.page.is_file()
    assert steps[-1] == ("report", 1, 1)
    assert ("grading", 4, 4) in steps
    with pytest.raises(ClassError, match="was not made by a demo"):
        demo.run_demo(tmp_path)


def test_a_wrong_verdict_in_a_demo_would_be_seen(room):
    planted = {
        "mistaken": {NAME: fill.Planted(fill.MISTAKEN, "...", "another_mistake")},
        "right": {NAME: fill.Planted(fill.UNANSWERED)},
        "absent": {NAME: fill.Planted(fill.RIGHT, "...")},
    }
    assert [str(surprise) for surprise in demo.compare(planted, room.results)] == [
        f"mistaken, {NAME}: planted another_mistake, judged {room.mistake}.",
        f"right, {NAME}: planted unanswered, judged right.",
        f"absent, {NAME}: planted right, judged not at all.",
    ]
