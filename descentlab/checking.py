"""check(), hint(), solution(), reset(): what a learner calls. The judge itself is `autograder`.

This module knows no answer. It asks `autograder` when it is installed, shows what comes back as a
card, and keeps to the class policy that stands beside a released notebook.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from descentlab import answering, glance
from descentlab.cards import Card, verdict_card
from descentlab.text import _

POLICY_FILE = "policy.json"
"""Written beside a released notebook by `autograder release`: {"solution": ..., "hints": ...},
each "always", "never" or "after 2026-12-01"."""

_attempts: Counter[str] = Counter()
_hints_given: Counter[str] = Counter()


def check(answer: Any, given: Any = None) -> float:
    """Judge an answer, show its card, and return the points.

    Parameters
    ----------
    answer : the learner's function; or the id of a question
    given : the exercise's name where the function bears another one (`check(fn, "adam_step")`);
        or the answer to the question (`check("why_constant", why_constant)`)

    Returns
    -------
    float
        The points, which nbgrader reads as the cell's (partial) credit; 0 while a class is graded
        behind walls, where the verdict isn't told.
    """
    if answering.LINK is not None:
        return _offered(answer, given, answering.LINK)
    judge = _judge()
    if judge is None:
        return 0.0
    question = isinstance(answer, str)
    name = answer if question else given if isinstance(given, str) else _name_of(answer)
    exercise = _find(name)
    if exercise is None:
        return 0.0
    verdict = judge(exercise.name, given if question else answer)
    _attempts[exercise.name] += not verdict.unanswered
    if not verdict.unanswered:
        glance.note(exercise.name, verdict.points)
    left = len(exercise.hints) - _hints_given[exercise.name] if _allowed("hints")[0] else 0
    _show(verdict_card(verdict, max(0, left)))
    return float(verdict.points)


def hint(answer: Callable | str) -> None:
    """Show the next hint for an exercise (the function, or its name)."""
    exercise = _exercise_for(answer)
    if exercise is None:
        return
    allowed, why = _allowed("hints")
    if not allowed:
        _show(Card(_("No hints: {name}").format(name=exercise.name), (why,)))
        return
    hints = exercise.hints
    if not hints:
        text = _("This one has no hints: each wrong choice says what is wrong with it.")
        _show(Card(_("No hints: {name}").format(name=exercise.name), (text,)))
        return
    number = min(_hints_given[exercise.name], len(hints) - 1)
    _hints_given[exercise.name] = number + 1
    heading = _("Hint {number} of {count}: {name}").format(
        number=number + 1, count=len(hints), name=exercise.name
    )
    last = ()
    if number + 1 == len(hints) and _allowed("solution")[0]:
        last = (
            _("That was the last one; solution({name}) shows the answer.").format(
                name=exercise.name
            ),
        )
    _show(Card(heading, (_(hints[number]), *last)))


def solution(answer: Callable | str) -> None:
    """Show an exercise's answer, once it was tried and as far as the class allows it."""
    exercise = _exercise_for(answer)
    if exercise is None:
        return
    heading = _("Solution: {name}").format(name=exercise.name)
    allowed, why = _allowed("solution")
    if not allowed:
        _show(Card(heading, (why,)))
        return
    if not _attempts[exercise.name]:
        call = f"check({exercise.name})"
        if exercise.is_question:
            call = f'check("{exercise.name}", {exercise.name})'
        text = _("Try it once yourself first: write an answer and run {call}.").format(call=call)
        _show(Card(heading, (text,)))
        return
    _show(Card(heading, code=exercise.solution_source()))


def reset(answer: Callable | str) -> None:
    """Bring one exercise's stub back, as the lesson gave it out.

    Written as the only line of the exercise's own cell, it turns that cell into the stub; in
    another cell it puts the stub into a new one below.
    """
    name = answer if isinstance(answer, str) else _name_of(answer)
    stub = _stub(name)
    heading = _("Reset: {name}").format(name=name)
    if stub is None:
        text = _("No lesson has an exercise of that name. Write it as check() has it.")
        _show(Card(heading, (text,)))
        return
    shell = _shell()
    if shell is None or not hasattr(shell, "set_next_input"):
        text = _("Outside a notebook nothing can be put back; this is the stub.")
        _show(Card(heading, (text,), code=stub))
        return
    here = _current_cell(shell) == name
    shell.set_next_input(stub, replace=here)
    _attempts[name] = 0
    if here:
        text = _("This cell is the stub again.")
    else:
        text = _(
            "The stub stands in a new cell below. Graded is the cell that the lesson gave you: "
            'to reset that one, write reset("{name}") as its only line and run it.'
        ).format(name=name)
    _show(Card(heading, (text,)))


def lint(notebook: str | Path | None = None) -> None:
    """Say what grading would find in a notebook before you hand it in, as it was last saved.

    Parameters
    ----------
    notebook : the notebook's file; the one that runs where Jupyter says which that is
    """
    if _judge() is None:
        return
    heading = _("Before you hand in")
    file = Path(notebook or Path(os.environ.get("JPY_SESSION_NAME", "")).name)
    if not file.is_file():
        text = _('Name the notebook\'s file, for example lint("03_momentum.ipynb").')
        _show(Card(heading, (text,)))
        return
    linting = import_module("autograder.notebooks.lint")
    findings = linting.lint_file(file)
    kind = "right" if linting.ready(findings) else "plain"
    _show(Card(heading, tuple(linting.report(findings).split("\n")), kind))


def _offered(answer: Any, given: Any, link: Any) -> float:
    """Hand the answer to the judge of a class; what it finds goes into the feedback."""
    question = isinstance(answer, str)
    name = answer if question else given if isinstance(given, str) else _name_of(answer)
    if not answering.offer(given if question else answer, is_question=question, link=link):
        text = _("Only the lesson's own check cell counts here.")
        _show(Card(_("Not recorded: {name}").format(name=name), (text,)))
    return 0.0


def _judge() -> Callable | None:
    """The judge, or None after saying that there is none here."""
    try:
        return import_module("autograder").judge
    except ModuleNotFoundError as error:
        if error.name != "autograder":
            raise
    text = _(
        "There is no judge on this machine: this class grades elsewhere. Your answer is read "
        "when you submit the notebook."
    )
    _show(Card(_("Not checked here"), (text,)))
    return None


def _find(name: str | None) -> Any:
    """The exercise of that name, or None after saying which names there are."""
    exercises = import_module("autograder.exercises")
    try:
        return exercises.find(name or "")
    except LookupError as error:
        remedy = _(
            'Pass the exercise\'s own function, or name the exercise: check(fn, "momentum_step").'
        )
        problem = str(error) if name else _("What was passed has no name to find an exercise by.")
        _show(Card(_("Nothing was checked"), (problem, remedy), "wrong"))
        return None


def _exercise_for(answer: Callable | str) -> Any:
    if _judge() is None:
        return None
    return _find(answer if isinstance(answer, str) else _name_of(answer))


def _name_of(answer: Any) -> str | None:
    while isinstance(answer, partial):
        answer = answer.func
    return getattr(answer, "__name__", None)


def _allowed(what: str) -> tuple[bool, str]:
    """Whether the class policy allows hints or solutions now, and if not, why."""
    file = Path(POLICY_FILE)
    if not file.exists():
        return True, ""
    try:
        rule = str(json.loads(file.read_text(encoding="utf-8"))[what])
        if rule.startswith("after "):
            opens = date.fromisoformat(rule.removeprefix("after ").strip())
            text = _("Your class opens this after {date}.").format(date=opens.isoformat())
            return date.today() > opens, text
        if rule not in ("always", "never"):
            raise ValueError(rule)
    except (OSError, ValueError, KeyError, TypeError):
        text = _(
            "{file} beside this notebook can't be read, so this stays closed. Ask your teacher "
            "for the lesson's folder again."
        ).format(file=POLICY_FILE)
        return False, text
    return rule == "always", _("Your class keeps this closed.")


def _stub(name: str | None) -> str | None:
    """The text of an exercise's cell in the lesson that the course gives out."""
    from descentlab.places import course_folder

    for file in sorted(course_folder("lessons").glob("*/*.ipynb")):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") == name:
                source = cell["source"]
                return source if isinstance(source, str) else "".join(source)
    return None


def _shell() -> Any:
    try:
        return import_module("IPython").get_ipython()
    except ModuleNotFoundError:
        return None


def _current_cell(shell: Any) -> str | None:
    """The id of the cell that runs now, where the front end says it (JupyterLab does)."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return (parent or {}).get("metadata", {}).get("cellId")


def _show(card: Card) -> None:
    if _shell() is None:
        print(card.plain())
    else:
        import_module("IPython.display").display(card)
