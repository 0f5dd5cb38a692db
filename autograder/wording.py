"""Evidence in words: arguments, shapes, signatures and measurements as a card shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder import findings
from autograder.evidence import Record
from autograder.exercises.base import Exercise, Measurement, WrongVersion, flat_names
from descentlab.calls import Given, Seeded, defaults_of
from descentlab.text import _


def changed_defaults(exercise: Exercise, mine: dict[str, str]) -> tuple[str, ...]:
    """A note for each default value (as `defaults_of` has them) that isn't the exercise's."""
    theirs = defaults_of(exercise.reference)
    return tuple(
        findings.other_default(name, theirs[name], mine[name])
        for name in theirs
        if name in mine and theirs[name] != mine[name]
    )


def returns_text(returns: Any) -> str:
    """What an exercise returns, as its docstring would write it: (theta, (m, v, t))."""
    if isinstance(returns, str):
        return returns
    return "(" + ", ".join(returns_text(part) for part in returns) + ")"


def top_part(returns: Any) -> dict[str, str]:
    """Leaf name -> the top-level result it belongs to; a nested one is called "state"."""
    if isinstance(returns, str):
        return {returns: returns}
    return {
        leaf: part if isinstance(part, str) else "state"
        for part in returns
        for leaf in flat_names(part)
    }


def flat_arguments(arguments: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The numbers and lists of numbers among the arguments, a named tuple's fields one by one."""
    for name, value in arguments.items():
        if hasattr(value, "_fields"):
            for field, part in zip(value._fields, value, strict=True):
                yield f"{name}.{field}", part
        elif isinstance(value, (int, float, np.ndarray)):
            yield name, value
        elif isinstance(value, list) and all(isinstance(part, (int, float)) for part in value):
            yield name, np.array(value)


def shapes(record: Record) -> str:
    """The shape of the first array that went in."""
    for value in record.outcome.arguments.values():
        if isinstance(value, np.ndarray):
            return str(value.shape)
    return "()"


def inputs_text(record: Record) -> str:
    """What went in, shapes for arrays, for a fault that came only with some inputs."""
    return ", ".join(
        f"{name} of shape {value.shape}" if isinstance(value, np.ndarray) else f"{name} = {value}"
        for name, value in record.outcome.arguments.items()
        if not isinstance(value, (Given, Seeded, tuple, list)) and not callable(value)
    )


def measured_row(measurement: Measurement) -> tuple[str, str, str]:
    """A measurement as a row of an example: its name, what was expected, what was seen."""
    expected = f"{measurement.expected:.4g}"
    if measurement.error:
        expected = f"{expected} ± {7 * measurement.error:.1g}"
    return measurement.name, expected, f"{measurement.value:.4g}"


def ended(text: str) -> str:
    """A text that ends as a sentence does."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."


def version_text(version: WrongVersion) -> str:
    """What the learner reads of one mistake, or of two at once."""
    messages = [_(mistake.message) for mistake in version.mistakes]
    return messages[0] if len(messages) == 1 else findings.two_at_once(*messages)
