"""Hostile and broken notebooks through the real engine: none gains a point or touches another's."""

import json
import os
import shutil
import time

import nbformat
import pytest

from autograder import oracle
from autograder.grading.engine import Engine, Job
from autograder.notebooks.build import to_text
from autograder.notebooks.canon import canonical
from autograder.notebooks.source import solution_file
from descentlab.cards import VERDICT_TYPE
from descentlab.wire import to_bytes
from tests.hostile import ATTACKS, HTML, LESSON, TARGET, TEX

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("bwrap") is None and not os.environ.get("CI"),
        reason="bubblewrap isn't installed, so there are no walls to try",
    ),
]

LIMITS = {
    "cell_seconds": 3.0,
    "call_seconds": 2.5,
    "seconds": 20.0,
    "memory_mb": 1536,
    "room_mb": 1536,
    "processes": 24,
    "disk_mb": 32,
    "output_kb": 64,
}
MOST_SECONDS = LIMITS["seconds"] + 20
POINTS = {
    "momentum_step": 22,
    "friction": 2,
    "terminal_step": 2,
    "how_momentum_works": 2,
    "heavy_ball_step": 18,
    "running_sum_step": 18,
    "rate_changes": 2,
    "running_mean": 2,
    "nesterov_step": 26,
}


@pytest.fixture(scope="module")
def engine():
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def right(root):
    """The lesson with the right answers, as a student would hand it in."""
    notebook = nbformat.read(solution_file(root, LESSON), 4)
    for cell in notebook.cells:
        lines = cell.source.splitlines()
        cell.source = "\n".join(x for x in lines if "## BEGIN" not in x and "## END" not in x)
    return notebook


@pytest.fixture(scope="module")
def graded(engine, root, right):
    lesson = to_text(canonical(root, LESSON))

    def grade(notebook, files=None):
        return engine.grade(Job("someone", LESSON, lesson, notebook, files or {}, LIMITS))

    return grade


def points(result):
    return {cell["grade_id"].removesuffix("__check"): cell["points"] for cell in result["cells"]}


def all_html(notebook):
    """Everything of a graded notebook that a browser takes for more than text."""
    cells = notebook["cells"]
    shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    kinds = {kind for data in shown for kind in data}
    assert kinds <= {"text/plain", "text/html", "image/png", "image/jpeg", VERDICT_TYPE}
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
    return "".join([*sources, *(data.get("text/html", "") for data in shown)])


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_gains_nothing(attack, graded, right):
    start = time.monotonic()
    result = graded(attack.notebook(right), attack.files)
    assert time.monotonic() - start < MOST_SECONDS

    after = graded(nbformat.writes(right).encode())
    assert points(after) == POINTS, "the neighbour was touched"
    assert not after["flags"]

    json.dumps(result, ensure_ascii=False).encode()  # a half character would be refused here
    if attack.attention:
        assert result["state"] == "attention"
        assert result["attention"]
        return
    assert result["state"] == "graded", result["attention"]
    wanted = {name: 0 if name in attack.lost else most for name, most in POINTS.items()}
    assert points(result) == wanted
    flags = "\n".join(result["flags"] + [repair["text"] for repair in result["repairs"]])
    assert attack.flag in flags
    assert flags.replace("\n", "").isprintable()
    [target] = [cell for cell in result["cells"] if cell["grade_id"] == f"{TARGET}__check"]
    assert attack.reason in (None, target["reason"])
    assert target["verdict"] is not None or target["points"] == 0
    shown = all_html(result["notebook"])
    assert HTML not in shown
    assert TEX not in shown
    assert "<script" not in shown
    assert len(json.dumps(result)) < 5_000_000


class Silent:
    """A link over which a function is offered, and nothing else said."""

    def receive(self):
        return to_bytes({"op": "offer", "callable": True})


def test_a_verdict_that_takes_too_long_is_about_the_answer(monkeypatch):
    judged = oracle.judge_calls

    def endless(exercise, runner, seed):
        while isinstance(runner, oracle.Elsewhere):
            pass
        return judged(exercise, runner, seed)

    monkeypatch.setattr(oracle, "JUDGE_SECONDS", 0.2)
    monkeypatch.setattr(oracle, "judge_calls", endless)
    answer = oracle._session(Silent(), {"op": "judge", "name": TARGET, "seed": 1})
    assert (answer["verdict"]["points"], answer["broken"]) == (0, "")
    assert "so much" in answer["verdict"]["message"]


def test_a_judge_that_fails_on_every_answer_is_at_fault(monkeypatch):
    monkeypatch.setattr(oracle, "judge_calls", lambda *_: 1 / 0)
    answer = oracle._session(Silent(), {"op": "judge", "name": TARGET, "seed": 1})
    assert answer["verdict"] is None
    assert "ZeroDivisionError" in answer["broken"]


def test_a_fault_of_the_judge_is_said_and_ends_nothing():
    answer = oracle._session(Silent(), {"op": "judge", "name": "no_such_exercise", "seed": 1})
    assert answer["verdict"] is None
    assert "no_such_exercise" in answer["broken"]


def test_the_table_is_large_and_every_name_is_its_own():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 60
