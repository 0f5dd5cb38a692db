"""The exercises and questions: one module a lesson, found by name.

A module lists them in `EXERCISES`, in the lesson's order. Its name is the lesson's topic.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module, util

from autograder import reference


class UnknownExercise(LookupError):
    """No exercise or question of that name."""


@cache
def lesson(topic: str) -> tuple:
    """The exercises and questions of a lesson, in its order; none if it isn't written yet."""
    if util.find_spec(f"{__name__}.{topic}") is None:
        return ()
    return tuple(import_module(f"{__name__}.{topic}").EXERCISES)


@cache
def _all() -> dict:
    found: dict = {}
    for topic in reference.TOPICS:
        for exercise in lesson(topic):
            if exercise.name in found:
                raise ValueError(f"two exercises are called {exercise.name}; rename one")
            found[exercise.name] = exercise
    return found


def names() -> tuple[str, ...]:
    """Every exercise and question, in the course's order."""
    return tuple(_all())


def find(name: str):
    """The exercise or question of that name.

    Raises
    ------
    UnknownExercise
        With the nearest names.
    """
    try:
        return _all()[name]
    except KeyError:
        near = get_close_matches(str(name), _all(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "see the lesson's exercises."
        raise UnknownExercise(f"there is no exercise called {name!r}; {hint}") from None
