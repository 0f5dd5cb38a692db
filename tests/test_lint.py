"""What a student is told before handing in, and a newer lesson put round what a learner wrote."""

import json
from copy import deepcopy

import nbformat
import pytest
from nbformat import v4

from autograder.grading.classroom import ClassDirectory
from autograder.grading.init import init_class
from autograder.grading.lab import copy_lessons
from autograder.grading.update import LEFT, SAME, UPDATED, update_work
from autograder.notebooks import fill
from autograder.notebooks.build import to_text
from autograder.notebooks.canon import canonical
from autograder.notebooks.lint import lint, ready, report
from autograder.notebooks.rebuild import NotANotebook, Unrebuildable
from autograder.notebooks.source import lesson_file, lessons_in, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook
from autograder.notebooks.update import update

LESSON, NAME, QUESTION, WHY = "03_momentum", "momentum_step", "friction", "momentum__why"
ANSWER = f"def {NAME}(theta, grad, v, *, lr, beta=0.9):\n    return theta - 1, v"


@pytest.fixture(scope="module")
def released(root):
    return canonical(root, LESSON)


@pytest.fixture(scope="module")
def solved(root, released):
    """Everything answered, the free text as well."""
    solution = read_notebook(solution_file(root, LESSON))
    names = [name for name, _cell in marked_cells(released)]
    notebook = fill.filled(released, {name: fill.right(name, solution) for name in names})
    cell(notebook, WHY).source = "It remembers."
    return notebook


def cell(notebook, name):
    return next(c for c in notebook.cells if c.id == name)


def written(notebook):
    return json.dumps(notebook).encode()


def with_answer(notebook, source, name=NAME):
    changed = deepcopy(notebook)
    cell(changed, name).source = source
    return changed


def found(canonical, notebook):
    return {(finding.kind, finding.cell) for finding in lint(canonical, written(notebook))}


def test_a_solved_notebook_has_nothing_to_say(released, solved):
    assert lint(released, written(solved)) == []
    assert report([]) == "Nothing to put right: the notebook can be handed in."


def test_a_released_notebook_is_unanswered_in_every_place(root):
    for name in lessons_in(root, ".ipynb"):
        notebook = canonical(root, name)
        asked = [n for n, c in marked_cells(notebook) if c.metadata.nbgrader.solution]
        findings = lint(notebook, written(notebook))
        assert [(f.kind, f.cell) for f in findings] == [("unanswered", n) for n in asked]
        assert not ready(findings)


def test_every_teachers_answer_counts_as_one(root):
    for name in lessons_in(root, ".ipynb"):
        findings = lint(canonical(root, name), solution_file(root, name).read_bytes())
        assert {f.kind for f in findings} <= {"metadata_changed"}, name


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (f"def {NAME}(theta):\n  return (", 2),
        ("x = 1\n\nx = = 2", 3),
        ("this is my answer", 1),
        ("%matplotlib inline\nif True\n    x = 1", 2),
    ],
)
def test_what_is_no_python_is_told_with_its_line(released, solved, source, line):
    (finding,) = lint(released, written(with_answer(solved, source)))
    assert (finding.kind, finding.cell) == ("syntax", NAME)
    assert f"line {line}:" in finding.text
    assert not ready([finding])


@pytest.mark.parametrize(
    "source",
    [
        "%timeit 1\n" + ANSWER,
        "!ls\nfiles = !ls\n" + ANSWER,
        "np.sum?\n?np.sum\n" + ANSWER,
        ANSWER + "\nawait thing()",
    ],
)
def test_magics_are_no_mistakes(released, solved, source):
    assert lint(released, written(with_answer(solved, source))) == []


def test_an_own_cell_that_is_no_python_is_named_by_its_first_words(released, solved):
    notebook = deepcopy(solved)
    notebook.cells.append(v4.new_code_cell("notes: theta (todo"))
    (finding,) = lint(released, written(notebook))
    assert finding.kind == "syntax"
    assert "notes: theta" in finding.text


@pytest.mark.parametrize(
    "source",
    [
        "",
        "   ",
        "# nothing yet",
        f"def {NAME}(theta, grad, v, *, lr, beta=0.9):\n    ...",
        f"def {NAME}(theta):\n    '''Mine.'''\n    raise NotImplementedError('later')",
        f"def {NAME}(theta):\n    pass",
    ],
)
def test_a_stub_of_ones_own_is_no_answer(released, solved, source):
    assert found(released, with_answer(solved, source)) == {("unanswered", NAME)}


@pytest.mark.parametrize("source", ["friction = None", "friction = None  # A?", "friction = ..."])
def test_a_question_without_a_letter_is_no_answer(released, solved, source):
    assert found(released, with_answer(solved, source, QUESTION)) == {("unanswered", QUESTION)}


def test_a_misspelled_name_is_told(released, solved):
    changed = with_answer(solved, ANSWER.replace("momentum", "momentun"))
    assert found(released, changed) == {("undefined", NAME)}
    changed.cells.append(v4.new_code_cell(f"{NAME} = momentun_step"))
    assert found(released, changed) == set()


def test_repairs_are_told_and_dont_stand_in_the_way(released, solved):
    notebook = deepcopy(solved)
    notebook.cells = [c for c in notebook.cells if c.id != f"{NAME}__check"]
    findings = lint(released, written(notebook))
    assert [(f.kind, f.cell) for f in findings] == [("deleted", f"{NAME}__check")]
    assert ready(findings)
    assert "It can be handed in as it is." in report(findings)


def test_what_cant_be_graded_is_told_alone(released):
    (finding,) = lint(released, b"{}")
    assert finding.kind == "refused"
    assert report([finding]) == f"This can't be graded:\n  {finding.text}"


def test_the_report_counts_what_is_open(released, solved):
    text = report(lint(released, written(with_answer(solved, ""))))
    assert "Not answered yet:\n  momentum_step" in text
    assert text.endswith("It can be handed in; 1 answer is open and gives no points.")
    assert "answers are open" in report(lint(released, written(released)))


def newer(released):
    """A newer version: a cell more at the top, so that every position moves, and other words."""
    lesson = deepcopy(released)
    lesson.cells.insert(1, v4.new_markdown_cell("Something new."))
    lesson.cells[5].source += " Reworded."
    cell(lesson, "cell-015").source += "\nprint('new')"
    for position, c in enumerate(lesson.cells):
        if c.id.startswith("cell-") or position == 1:
            c["id"] = f"cell-{position:03d}"
    return lesson


def sources(notebook):
    return [(c.cell_type, c.source) for c in notebook.cells]


def test_the_same_lesson_changes_nothing(released, solved):
    for notebook in (released, solved):
        updated, repairs = update(released, written(notebook))
        assert to_text(updated) == to_text(notebook)
        assert repairs == []


def begun(solved):
    """A learner's notebook as JupyterLab saved it after a while."""
    notebook = deepcopy(solved)
    cell(notebook, "cell-009").source = "my_guess_shelf = [1, 2]  # like this?"
    output = v4.new_output("stream", name="stdout", text="0.31")
    cell(notebook, "cell-018").update(outputs=[output], execution_count=4)
    at = notebook.cells.index(cell(notebook, "cell-019"))
    own = v4.new_code_cell("mine = <b>", id="3f2a", metadata={"tags": ["x"]})
    notebook.cells.insert(at, own)
    notebook.cells.append(v4.new_markdown_cell("<b>note</b> $\\href{x}{y}$", id="77ab"))
    return notebook


def test_a_newer_lesson_comes_round_the_answers(released, solved):
    lesson, notebook = newer(released), begun(solved)
    updated, repairs = update(lesson, written(notebook))
    nbformat.validate(updated)
    assert repairs == []
    for name, c in marked_cells(solved):
        assert cell(updated, name).source == c.source
    ids = [c.id for c in updated.cells]
    assert [i for i in ids if i not in ("3f2a", "77ab")] == [c.id for c in lesson.cells]
    assert ids[ids.index("3f2a") - 1] == "cell-019"  # it was cell-018, and moved
    assert cell(updated, "3f2a").source == "mine = <b>"
    assert cell(updated, "77ab").source == "<b>note</b> $\\href{x}{y}$"  # the learner's own file
    assert cell(updated, "cell-010").source == "my_guess_shelf = [1, 2]  # how many steps?"
    assert cell(updated, "cell-019").outputs[0].text == "0.31"
    assert updated.cells[5].source.endswith("Reworded.")
    again, repairs = update(lesson, to_text(updated).encode())
    assert to_text(again) == to_text(updated)
    assert repairs == []


def test_an_own_cell_doesnt_follow_an_id_that_now_is_another_cells(released, solved):
    """Ids of unmarked cells are positions: the same id may be another cell in a newer version."""
    lesson = deepcopy(released)
    lesson.cells.remove(cell(lesson, "cell-019"))
    lesson.cells.append(v4.new_markdown_cell("The end, in other words.", id="cell-019"))
    updated, _repairs = update(lesson, written(begun(solved)))
    ids = [c.id for c in updated.cells]
    assert ids[ids.index("3f2a") - 1] == "cell-018"
    notebook = begun(solved)
    after = notebook.cells.index(cell(notebook, "cell-019")) + 1
    notebook.cells.insert(after, v4.new_code_cell("later = 1", id="5b5b"))
    ids = [c.id for c in update(lesson, written(notebook))[0].cells]
    assert ids[ids.index("5b5b") - 2 : ids.index("5b5b")] == ["cell-018", "3f2a"]


def test_an_exercise_that_is_gone_leaves_its_answer(released, solved):
    lesson = deepcopy(released)
    lesson.cells = [c for c in lesson.cells if not c.id.startswith(NAME)]
    answered = with_answer(solved, ANSWER)
    updated, repairs = update(lesson, written(answered))
    assert ("code", ANSWER) in sources(updated)
    assert [(r.kind, r.cell) for r in repairs] == [("gone", NAME)]
    updated, repairs = update(lesson, written(released))
    assert sources(updated) == sources(lesson)
    assert repairs == []


def test_other_arguments_are_told(released, solved):
    lesson = deepcopy(released)
    stub = cell(lesson, NAME)
    stub.source = stub.source.replace("beta=0.9", "rho=0.9")
    updated, (told,) = update(lesson, written(solved))
    assert cell(updated, NAME).source == cell(solved, NAME).source
    assert (told.kind, told.cell) == ("signature", NAME)
    assert "rho=0.9" in told.text


@pytest.mark.parametrize("data", [b"", b"{}", b'{"cells": []}', b"\xff\xfe"])
def test_what_cant_be_read_is_refused(released, data):
    with pytest.raises((NotANotebook, Unrebuildable)):
        update(released, data)


def test_a_text_that_is_too_long_is_not_cut_but_refused(released, solved):
    with pytest.raises(Unrebuildable, match="100000"):
        update(released, written(with_answer(solved, "#" * 200_000)))


@pytest.fixture
def course(tmp_path):
    init_class(tmp_path / "room")
    course = ClassDirectory.at(tmp_path / "room")
    copy_lessons(course)
    return course


def test_work_is_brought_up_to_date_with_a_copy_kept(course, released, solved):
    file = course.root / "work" / LESSON / f"{LESSON}.ipynb"
    before = to_text(begun(solved)).encode()
    file.write_bytes(before)
    lesson_file(course.root, LESSON).write_text(to_text(newer(released)), encoding="utf-8")
    done = {updated.file.stem: updated for updated in update_work(course)}
    assert {u.state for name, u in done.items() if name != LESSON} == {SAME}
    assert done[LESSON].state == UPDATED
    assert done[LESSON].backup.read_bytes() == before
    assert ("markdown", "Something new.") in sources(read_notebook(file))
    assert cell(read_notebook(file), WHY).source == "It remembers."
    (again,) = update_work(course, "momentum")
    assert (again.state, again.backup) == (SAME, None)
    assert len(list(file.parent.glob("*.ipynb"))) == 2


def test_work_that_cant_be_read_is_left_as_it_is(course):
    file = course.root / "work" / LESSON / f"{LESSON}.ipynb"
    file.write_text("scribbled over")
    (left,) = update_work(course, LESSON)
    assert (left.state, left.backup) == (LEFT, None)
    assert "JSON" in left.why
    assert file.read_text() == "scribbled over"
    file.unlink()
    assert update_work(course, LESSON) == []


def test_a_failed_write_leaves_the_old_file(course, released, monkeypatch):
    file = course.root / "work" / LESSON / f"{LESSON}.ipynb"
    before = file.read_bytes()
    lesson_file(course.root, LESSON).write_text(to_text(newer(released)), encoding="utf-8")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("autograder.grading.update.replace_file", full)
    with pytest.raises(OSError, match="No space"):
        update_work(course, LESSON)
    assert file.read_bytes() == before
