"""Answers put into a learner's notebook: right ones, listed mistakes, none, an endless loop."""

import textwrap
from copy import deepcopy
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder import exercises
from autograder.notebooks.clear import FUNCTION_STUB
from autograder.notebooks.submission import marked_cells

RIGHT, MISTAKEN, UNANSWERED, ENDLESS = "right", "mistaken", "unanswered", "endless"


@dataclass(frozen=True)
class Planted:
    """What a made-up student wrote into one solution cell.

    Attributes
    ----------
    kind : {"right", "mistaken", "unanswered", "endless"}
    source : str
        The cell's text; empty where it stays as it was released.
    mistake : str
        The listed mistake's identifier, or empty.
    """

    kind: str
    source: str = ""
    mistake: str = ""


def right(name: str, solution: NotebookNode) -> Planted:
    """Return the teacher's own answer."""
    return Planted(RIGHT, dict(marked_cells(solution))[name].source)


def mistakes(name: str) -> tuple[Planted, ...]:
    """Return every listed mistake of an exercise, and every wrong choice of a question."""
    exercise = exercises.find(name)
    if not exercise.is_question:
        return tuple(Planted(MISTAKEN, v.source().rstrip(), v.id) for v in exercise.singles)
    if hasattr(exercise, "choices"):
        letters = [letter for letter in exercise.choices if letter != exercise.key]
        return tuple(Planted(MISTAKEN, f'{name} = "{x}"', f"chose_{x}") for x in letters)
    values = [value for value, _reply in exercise.replies]
    return tuple(Planted(MISTAKEN, f"{name} = {v!r}", f"answered_{v:g}") for v in values)


def endless(name: str, lesson: NotebookNode) -> Planted:
    """Return an exercise's stub with a loop that never ends in place of its body."""
    stub = dict(marked_cells(lesson))[name].source
    loop = textwrap.indent("while True:\n    pass", " " * 4)
    return Planted(ENDLESS, stub.replace(f"    {FUNCTION_STUB}", loop))


def filled(lesson: NotebookNode, answers: dict[str, Planted]) -> NotebookNode:
    """Return a copy of a learner's notebook with answers in its solution cells.

    Parameters
    ----------
    lesson : NotebookNode
        As it was released.
    answers : dict
        Grade id of a solution cell -> what goes in.
    """
    notebook = deepcopy(lesson)
    for name, cell in marked_cells(notebook):
        if name in answers and answers[name].source:
            cell.source = answers[name].source
    return notebook
