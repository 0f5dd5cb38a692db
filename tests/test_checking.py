"""check(), hint(), solution() and reset() as a learner meets them."""

import datetime
import json
import shutil

import pytest

from descentlab import check, checking, hint, reset, solution


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """An empty folder, and nobody has tried anything yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checking, "_attempts", checking.Counter())
    monkeypatch.setattr(checking, "_hints_given", checking.Counter())


def momentum_step(theta, grad, v, *, lr, beta=0.9):
    v = lr * grad
    return theta - v, v


def right(theta, grad, v, *, lr, beta=0.9):
    v = beta * v + lr * grad
    return theta - v, v


def test_check_returns_points_as_a_plain_float(capsys):
    points = check(right, "momentum_step")
    assert type(points) is float
    assert points == 22.0
    assert "All 22 points" in capsys.readouterr().out


def test_a_wrong_answer_gets_a_card_in_plain_text(capsys):
    assert check(momentum_step) == 0.0
    out, err = capsys.readouterr()
    assert not err  # nbgrader gives 0 for anything on stderr
    for said in ("Not yet: momentum_step", "as if β were 0", "Where: v ← βv + α∇L", "expected",
                 "yours", "hint(momentum_step)"):  # fmt: skip
        assert said in out
    assert "**" not in out


def test_questions_are_checked_by_their_id(capsys):
    assert check("friction", "c") == 2.0
    assert check("friction", "A") == 0.0
    assert check("friction", None) == 0.0
    assert check("friction", 3) == 0.0
    out = capsys.readouterr().out
    assert "keeps 99 %" in out
    assert "Not answered yet" in out
    assert "one letter" in out


def test_a_wrong_name_says_what_to_do(capsys):
    assert check(right) == 0.0
    assert check(lambda: 0) == 0.0
    assert check(3) == 0.0
    out = capsys.readouterr().out
    assert "there is no exercise called 'right'" in out
    assert 'check(fn, "momentum_step")' in out


def test_hints_come_one_after_the_other(capsys):
    for _ in range(4):
        hint(momentum_step)
    out = capsys.readouterr().out
    assert out.count("Hint 1 of 3") == 1
    assert out.count("Hint 3 of 3") == 2
    assert "solution(momentum_step)" in out


def test_the_solution_wants_one_attempt(capsys):
    solution(momentum_step)
    assert "Try it once yourself" in capsys.readouterr().out
    check(momentum_step)
    solution(momentum_step)
    assert "v = beta * v + lr * grad" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("days", "open_now"), [(-1, True), (0, False), (1, False)], ids=["past", "today", "future"]
)
def test_the_class_policy_opens_after_its_date(tmp_path, capsys, days, open_now):
    day = datetime.date.today() + datetime.timedelta(days=days)
    policy = {"solution": f"after {day.isoformat()}", "hints": "never"}
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    check(momentum_step)
    solution(momentum_step)
    hint(momentum_step)
    out = capsys.readouterr().out
    assert ("v = beta * v" in out) == open_now
    assert "Your class keeps this closed." in out
    assert "hint(momentum_step)" not in out


def test_a_damaged_policy_closes_and_says_so(tmp_path, capsys):
    (tmp_path / "policy.json").write_text("{")
    hint(momentum_step)
    assert "policy.json" in capsys.readouterr().out


def test_reset_shows_the_stub_outside_a_notebook(capsys):
    reset(momentum_step)
    out = capsys.readouterr().out
    assert "raise NotImplementedError" in out
    assert "def momentum_step" in out
    reset("no_such_step")
    assert "No lesson has an exercise of that name" in capsys.readouterr().out


def test_without_the_judge_check_says_so(monkeypatch, capsys):
    def missing(name):
        raise ModuleNotFoundError("No module named 'autograder'", name="autograder")

    monkeypatch.setattr(checking, "import_module", missing)
    monkeypatch.setattr(checking, "_shell", lambda: None)
    assert check(right, "momentum_step") == 0.0
    assert "no judge on this machine" in capsys.readouterr().out


def test_a_card_carries_its_verdict_for_the_report():
    from autograder import judge
    from descentlab.cards import VERDICT_TYPE, verdict_card

    bundle = verdict_card(judge("momentum_step", momentum_step))._repr_mimebundle_()
    verdict = json.loads(json.dumps(bundle[VERDICT_TYPE]))
    assert verdict["mistake"] == "forgot_old_velocity"
    assert verdict["title"]
    assert "<script" not in bundle["text/html"]
    assert "<b>βv</b>" in bundle["text/html"]


def test_what_a_learner_prints_cannot_become_markup():
    from autograder import judge
    from descentlab.cards import verdict_card

    def answer(theta, grad, v, *, lr, beta=0.9):
        raise ValueError("<script>alert(1)</script>")

    assert "<script" not in verdict_card(judge("momentum_step", answer)).html()


def test_lint_tells_a_student_what_grading_would_find(root, tmp_path, monkeypatch, capsys):
    from descentlab import lint

    shutil.copyfile(root / "lessons/03_momentum/03_momentum.ipynb", tmp_path / "03_momentum.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JPY_SESSION_NAME", "somewhere/03_momentum.ipynb")
    lint()
    assert "momentum_step" in (said := capsys.readouterr().out)
    assert "open" in said
    lint("nothing.ipynb")
    assert "Name the notebook's file" in capsys.readouterr().out
    (tmp_path / "03_momentum.ipynb").write_text("{")
    lint("03_momentum.ipynb")
    assert "can't be graded" in capsys.readouterr().out
