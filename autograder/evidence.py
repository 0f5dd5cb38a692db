"""What an answer did on an exercise's trials, recorded beside what the reference does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.comparing import Leaf, Misfit, close, fit, like
from autograder.exercises.base import Exercise, Trial
from descentlab.calls import Call, Outcome, hand_over

Runner = Callable[[Call], Outcome]


@dataclass(frozen=True)
class Record:
    """One call: what went in, what the reference gives, what came out."""

    label: str
    step: int
    tolerance: float
    call: Call
    expected: Any
    outcome: Outcome
    leaves: tuple[Leaf, ...] = ()
    misfit: Misfit | None = None

    @property
    def sound(self) -> bool:
        """Whether there is a value of the right structure."""
        return self.outcome.fault is None and self.misfit is None

    @property
    def right(self) -> bool:
        return self.sound and all(leaf.right for leaf in self.leaves)

    @property
    def value(self) -> Any:
        return like(self.outcome.value, self.expected)

    @property
    def asked(self) -> tuple:
        return self.outcome.asked

    def agrees(self, value: Any, names: Any, tolerance: float) -> bool:
        """Whether another value of a sound record's call holds the same numbers as the first."""
        leaves = fit(value, self.expected, names, tolerance)
        return not isinstance(leaves, Misfit) and all(
            close(new.value, old.value, tolerance)
            for new, old in zip(leaves, self.leaves, strict=True)
        )


@dataclass
class Evidence:
    """All records of one answer, up to the first that has no value to go on with."""

    records: list[Record] = field(default_factory=list)

    @property
    def broken(self) -> Record | None:
        """The record that ended the trials: an exception, a hang, a wrong structure."""
        last = self.records[-1] if self.records else None
        return last if last is not None and not last.sound else None

    @property
    def sound(self) -> list[Record]:
        return [record for record in self.records if record.sound]

    @property
    def wrong(self) -> list[Record]:
        return [record for record in self.sound if not record.right]


def gather(exercise: Exercise, runner: Runner, rng: np.random.Generator) -> Evidence:
    """Put the answer through the exercise's trials."""
    evidence = Evidence()
    for trial in exercise.trials(rng):
        if not _walk(exercise, trial, runner, evidence):
            break
    return evidence


def _walk(exercise: Exercise, trial: Trial, runner: Runner, evidence: Evidence) -> bool:
    """One trial; False when the answer gave nothing to go on with."""
    stream = trial.calls()
    call, right = next(stream), True
    for step in range(1_000):
        try:
            expected = call_reference(exercise, call)
            if not _is_real(expected):
                raise ArithmeticError("the root of a negative number")
        except Exception:
            if right:
                raise
            return True  # the rule can't go on from what the answer returned, which was wrong
        outcome = runner(call)
        fitted = fit(outcome.value, expected, exercise.returns, trial.tolerance)
        misfit = fitted if isinstance(fitted, Misfit) and outcome.fault is None else None
        leaves = () if isinstance(fitted, Misfit) else tuple(fitted)
        record = Record(trial.label, step, trial.tolerance, call, expected, outcome, leaves, misfit)
        evidence.records.append(record)
        if not record.sound:
            return False
        right = right and record.right
        if not all(leaf.finite for leaf in leaves):
            return True  # a next step from inf or NaN would say nothing
        try:
            call = stream.send(record.value)
        except StopIteration:
            return True
    raise RuntimeError(f"a trial of {exercise.name} doesn't end; its calls() must return")


def _is_real(value: Any) -> bool:
    """Whether there is no complex number in a result."""
    if isinstance(value, (tuple, list)):
        return all(map(_is_real, value))
    return not np.iscomplexobj(value)


def call_reference(exercise: Exercise, call: Call) -> Any:
    """What the right answer gives for a call."""
    return call_plainly(exercise.reference, call)


def call_plainly(function: Callable, call: Call) -> Any:
    """Call one of the package's own functions with copies, without the care of `running.run`."""
    args = [hand_over(arg) for arg in call.args]
    kwargs = {name: hand_over(value) for name, value in call.kwargs.items()}
    with np.errstate(all="ignore"):
        return function(*args, **kwargs)
