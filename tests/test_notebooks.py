"""From a lesson's source to its notebooks: the same bytes, no answer in the learner's one."""

import ast
import json
import os
import textwrap
from copy import deepcopy

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import exercises, reference
from autograder.notebooks.build import build_lesson, to_text, write_lesson
from autograder.notebooks.errors import LessonError
from autograder.notebooks.leaks import find_leaks
from autograder.notebooks.site import KERNEL
from autograder.notebooks.source import (
    lesson_file,
    resolve,
    solution_file,
    source_file,
    topic_of,
)
from autograder.notebooks.submission import NotANotebook, marked_cells, read_notebook

SAMPLE = "03_momentum"
"""The lesson that mistakes are planted into."""


def test_committed_notebooks_are_what_would_be_built(root, lesson):
    changed = write_lesson(root, lesson, only_check=True)
    assert not changed, "run `make lessons`"


def test_two_builds_give_the_same_bytes(root, lesson):
    first, second = (build_lesson(source_file(root, lesson)) for _ in range(2))
    assert to_text(first.solution) == to_text(second.solution)
    assert to_text(first.lesson) == to_text(second.lesson)


def test_a_lesson_is_worth_100_points_and_its_cells_are_told_apart(root, lesson):
    notebook = read_notebook(solution_file(root, lesson))
    marks = [cell.metadata.nbgrader for _, cell in marked_cells(notebook)]
    assert sum(mark.get("points", 0) for mark in marks) == 100
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    asked = {exercise.name for exercise in exercises.lesson(topic_of(lesson))}
    assert asked <= {name for name, _ in marked_cells(notebook)}
    assert all(not cell.get("outputs") for cell in notebook.cells)


def test_the_learner_gets_stubs_only(root, lesson):
    notebook = read_notebook(lesson_file(root, lesson))
    assert find_leaks(notebook) == []
    for name, cell in marked_cells(notebook):
        if cell.cell_type == "code" and not cell.metadata.nbgrader.grade:
            exercise = exercises.find(name)
            if exercise.is_question:
                assert cell.source == exercise.stub_source()
            else:
                assert cell.source.endswith('"""\n    raise NotImplementedError')


@pytest.mark.slow
def test_a_solution_runs_clean_in_a_real_kernel(root, lesson, tmp_path):
    """Experiments and all, where no file of the repository is at hand; full marks at each check."""
    notebook = read_notebook(solution_file(root, lesson))
    client = NotebookClient(notebook, timeout=120, resources=in_folder(tmp_path))
    client.execute(env={**os.environ, **KERNEL})
    for name, cell in marked_cells(notebook):
        if name.endswith("__check"):
            (result,) = [o for o in cell.outputs if o.output_type == "execute_result"]
            assert float(result.data["text/plain"]) == cell.metadata.nbgrader.points, name
    printed = [o for c in notebook.cells for o in c.get("outputs", []) if o.get("name") == "stderr"]
    assert printed == []
    drawn = [
        o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})
    ]
    said = [c for c in notebook.cells if "*In the picture:*" in c.source]
    assert len(drawn) >= len(said) > 0


@pytest.mark.slow
def test_a_released_lesson_stops_only_where_an_answer_is_missing(root, lesson, tmp_path):
    notebook = read_notebook(lesson_file(root, lesson))
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources=in_folder(tmp_path))
    client.execute()
    unmade = set()  # what the stopped cells would have made or filled
    for cell in notebook.cells:
        for error in (o for o in cell.get("outputs", []) if o.output_type == "error"):
            read, made = names_in(cell.source)
            assert error.ename == "NotImplementedError" or read & unmade, error.evalue
            unmade |= made
    for name, cell in marked_cells(notebook):
        if name.endswith("__check"):
            (result,) = [o for o in cell.outputs if o.output_type == "execute_result"]
            assert float(result.data["text/plain"]) == 0, name


def names_in(source):
    """The names that a cell reads, and those that it makes or puts something into."""
    nodes = list(ast.walk(ast.parse(source)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    filled = [
        getattr(node.value, "id", "")
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)} | set(filled)
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}, made


def in_folder(folder):
    return {"metadata": {"path": str(folder)}}


# --- the leak test, shown to catch what it is there for


@pytest.fixture(scope="module")
def clean(root):
    return read_notebook(lesson_file(root, SAMPLE))


def with_code(notebook, source, tags=()):
    changed = deepcopy(notebook)
    changed.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}))
    return changed


def answer(name):
    """The reference's own text: what must never be seen."""
    return reference.given(name)


def renamed(name):
    """The same answer in a function of another name, with other names, spaced otherwise."""
    text = reference.body(name)
    for old, new in (("theta", "w"), ("beta", "decay"), ("lr", "eta"), ("look_ahead", "there")):
        text = text.replace(old, new)
    return "def my_own(w, grad_fn, v, eta, decay):\n" + textwrap.indent(text, "    ")


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (lambda: answer("momentum_step"), "momentum_step"),
        (lambda: answer("nesterov_step"), "nesterov_step"),
        (lambda: "v   =  beta*v+lr * grad   # so", "momentum_step"),
        (lambda: renamed("nesterov_step"), "nesterov_step stands here under other names"),
        (lambda: 'friction = "' + exercises.find("friction").key + '"', "friction"),
        (lambda: "print(open('x').read())", "open()"),
        (lambda: "import urllib.request", "urllib"),
        (lambda: "from autograder import reference", "autograder"),
        (lambda: "import solutions", "solutions"),
        (lambda: "x = np.load('digits.npz')", "load()"),
        (lambda: "where = '/srv/course'", "/srv/course"),
        (lambda: "where = '../04_adaptive/04_adaptive.ipynb'", "04_adaptive"),
        (lambda: "where = 'https://example.org'", "https://example.org"),
        (lambda: "!pip list", "isn't plain Python"),
        (lambda: "%run ../04_adaptive/04_adaptive.ipynb", "isn't plain Python"),
    ],
)
def test_a_planted_leak_is_caught(clean, planted, said):
    assert find_leaks(clean) == []
    (finding,) = find_leaks(with_code(clean, planted()))[:1]
    assert said in finding


def test_a_given_rule_is_no_leak_but_may_not_reach_out(clean):
    assert find_leaks(with_code(clean, answer("adam_step"), ["given"])) == []
    assert find_leaks(with_code(clean, "open('x')", ["given"]))


def test_a_model_answer_left_in_free_text_is_caught(clean):
    changed = deepcopy(clean)
    changed.cells.append(nbformat.v4.new_markdown_cell("### BEGIN SOLUTION\nbecause"))
    assert find_leaks(changed)


def test_arithmetic_is_no_leak(clean):
    """Short lines that any lesson may need."""
    for line in ("theta = theta - v", "path = path[1:]", "rng = np.random.default_rng(3)"):
        assert find_leaks(with_code(clean, line)) == []


# --- authors' mistakes, each refused with its place and its remedy


def refused(root, tmp_path, *edits):
    """The text of the refusal of a lesson in which something was replaced."""
    text = source_file(root, SAMPLE).read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    source = tmp_path / f"{SAMPLE}.py"
    source.write_text(text)
    with pytest.raises(LessonError) as caught:
        build_lesson(source)
    return str(caught.value)


CHECK = '# %% nbgrader={"grade_id": "momentum_step__check", "grade": true}\ncheck(momentum_step)\n'
ANSWER = '"grade_id": "momentum_step", "solution": true'


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ((ANSWER, ANSWER.replace("momentum_step", "momentun_step")), "did you mean momentum_step"),
        ((ANSWER, ANSWER.replace("momentum_step", "a b")), "is not a valid id"),
        (("beta=0.9):", "beta=0.8):"), "the signature is momentum_step(theta, grad, v, *, lr"),
        (
            ("    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    v = beta * v\n"),
            "stands nothing",
        ),
        (("    ### END SOLUTION\n", ""), "### END SOLUTION"),
        ((CHECK, ""), "'momentum_step__check' is missing"),
        ((CHECK, CHECK + "print(1)\n"), "is the one line `check(momentum_step)`"),
        ((CHECK, CHECK.replace("check(", "round(", 1)), "is the one line `check(momentum_step)`"),
        (("# QUESTION friction", "# Think."), "a markdown cell `QUESTION friction` is missing"),
        (("# QUESTION friction", "# QUESTION momentum_step"), "momentum_step is no question"),
        (("### GIVEN gd_step", "### GIVEN gd_stop"), "gd_stop"),
        (("### GIVEN gd_step", "### GIVEN gd_step\nx = 1"), "must stand alone"),
        (('"points": 6', '"points": 7'), "add up to 101, not 100"),
        (('"points": 6', '"points": 0'), "must be a number above 0"),
        (('"grade_id": "momentum__why"', '"grade_id": "why"'), "momentum__why"),
    ],
)
def test_an_authors_mistake_is_refused(root, tmp_path, edit, said):
    assert said in refused(root, tmp_path, edit)


def test_every_finding_is_told_at_once(root, tmp_path):
    text = refused(root, tmp_path, (CHECK, ""), ('"points": 6', '"points": 7'))
    assert "__check' is missing" in text
    assert "add up to 101" in text


def test_questions_may_not_carry_a_lesson(root, tmp_path, monkeypatch):
    """Worth more than 10 points, a guessed letter could pass it."""
    lesson = [
        e if not e.is_question else type(e)(**{**vars(e), "points": 2.5})
        for e in exercises.lesson("momentum")
    ]
    monkeypatch.setattr(exercises, "lesson", lambda topic: tuple(lesson))
    assert "the questions are worth 12.5 points, more than 10" in refused(root, tmp_path)


def test_a_lesson_without_a_question_by_hand_is_refused(root, tmp_path):
    mark = '# %% [markdown] nbgrader={"grade_id": "momentum__why"'
    text = refused(root, tmp_path, (mark, mark.replace("nbgrader", "other")))
    assert "no free text" in text


def test_a_lesson_with_a_leak_isnt_written(root, tmp_path):
    source = source_file(tmp_path, SAMPLE)
    source.parent.mkdir(parents=True)
    source.write_text(source_file(root, SAMPLE).read_text())
    assert write_lesson(tmp_path, SAMPLE) == [
        solution_file(tmp_path, SAMPLE),
        lesson_file(tmp_path, SAMPLE),
    ]
    assert write_lesson(tmp_path, SAMPLE) == []
    before = lesson_file(tmp_path, SAMPLE).read_bytes()
    source.write_text(source.read_text() + "\n\n# %%\nv = beta * v + lr * grad\n")
    with pytest.raises(LessonError, match="the learner's notebook would not be clean"):
        write_lesson(tmp_path, SAMPLE)
    assert lesson_file(tmp_path, SAMPLE).read_bytes() == before


# --- finding lessons, reading what somebody handed in


def test_a_lesson_is_found_by_name_and_topic_and_guessed_when_mistyped(root, tmp_path):
    assert resolve(root, "momentum") == resolve(root, SAMPLE) == SAMPLE
    with pytest.raises(LessonError, match="Did you mean 'momentum'"):
        resolve(root, "momentun")
    with pytest.raises(LessonError, match="autograder init"):
        resolve(tmp_path, "momentum")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "isn't JSON"),
        (b"\x89PNG\r\n", "isn't text"),
        (b"[" * 100_000, "isn't JSON"),
        (b'{"a": 1}', "holds no cells"),
        (b'{"cells": [1], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "format 4"),
        (b'{"cells": [], "nbformat": 4, "nbformat_minor": 5}', "format 4"),
    ],
)
def test_what_is_no_notebook_is_told_apart(tmp_path, content, said):
    file = tmp_path / "x.ipynb"
    file.write_bytes(content)
    with pytest.raises(NotANotebook, match=said):
        read_notebook(file)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(NotANotebook, match="No such file"):
        read_notebook(tmp_path / "x.ipynb")


def test_an_old_notebook_without_cell_ids_is_read(root, tmp_path):
    content = json.loads(lesson_file(root, SAMPLE).read_text())
    for cell in content["cells"]:
        del cell["id"]
    content["nbformat_minor"] = 4
    file = tmp_path / "x.ipynb"
    file.write_text(json.dumps(content))
    assert len(read_notebook(file).cells) == len(content["cells"])
