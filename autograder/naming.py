"""Which mistake it is: the wrong version that gives the learner's own numbers.

For answers that no listed mistake explains: which argument is ignored, which part is wrong,
by what factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.comparing import Leaf, Misfit, close, fit, matches, orders
from autograder.evidence import Record, Runner, call_plainly, call_reference
from autograder.exercises.base import Exercise, Measurement, RandomExercise, WrongVersion
from descentlab.calls import Call, Given, run

MATCH = 10
"""A wrong version's numbers may be off by ten tolerances: it is run from the same inputs, and
listed mistakes differ by a hundred."""


def recognize(exercise: Exercise, records: Sequence[Record]) -> tuple[WrongVersion, ...]:
    """The listed mistakes (else the pairs) that give these numbers on every record."""
    telling = [r for r in records if r.label != "float32"] or list(records)
    calls = [frozen(record.call) for record in telling]
    with np.errstate(all="ignore"):
        for versions in (exercise.singles, exercise.pairs):
            found = tuple(
                version
                for version in versions
                if all(
                    _gives(exercise, version, call, record)
                    for call, record in zip(calls, telling, strict=True)
                )
            )
            if found:
                return found
    return ()


def _gives(exercise: Exercise, version: WrongVersion, call: Call, record: Record) -> bool:
    """Whether a wrong version gives the answer's value for a record's call."""
    predicted = predict(version, call)
    return predicted is not None and _same(
        predicted, record.outcome.value, exercise.returns, record.tolerance
    )


def frozen(call: Call) -> Call:
    """The call with arrays that can't be written into: many versions can share them."""
    return Call(
        tuple(_frozen(arg) for arg in call.args),
        {name: _frozen(value) for name, value in call.kwargs.items()},
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    elif isinstance(value, (list, tuple)):
        parts = [_frozen(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    elif isinstance(value, Given):
        return value.function
    return value


def predict(version: WrongVersion, call: Call) -> Any:
    """What a wrong version gives for a frozen call; None when it raises."""
    try:
        return version.function(*call.args, **call.kwargs)
    except ValueError:  # it writes into its arguments: then it gets copies
        return _predict_on_copies(version, call)
    except Exception:  # a wrong version may fail on its own, as its writer's does
        return None


def _predict_on_copies(version: WrongVersion, call: Call) -> Any:
    try:
        return call_plainly(version.function, call)
    except Exception:  # as above
        return None


def _same(predicted: Any, value: Any, names: Any, tolerance: float) -> bool:
    return matches(value, predicted, names, MATCH * tolerance)


def recognize_misfit(exercise: Exercise, record: Record) -> tuple[WrongVersion, ...]:
    """The listed mistakes whose result has the same wrong structure as the answer's.

    They also asked a function argument as often as the answer did, for the same shapes.
    """
    found = []
    for version in exercise.singles:
        outcome = run(version.function, record.call)
        misfit = fit(outcome.value, record.expected, exercise.returns, record.tolerance)
        alike = outcome.fault is None and isinstance(misfit, Misfit) and misfit == record.misfit
        if alike and _asked_shapes(outcome.asked) == _asked_shapes(record.asked):
            found.append(version)
    return tuple(found)


def _asked_shapes(asked: Sequence[tuple[str, tuple]]) -> list:
    return [
        (name, [a.shape if isinstance(a, np.ndarray) else None for a in arguments])
        for name, arguments in asked
    ]


def reordered(exercise: Exercise, records: Sequence[Record]) -> bool:
    """Whether the results are right but returned in another order."""
    return bool(records) and all(
        any(
            _same(record.expected, other, exercise.returns, record.tolerance)
            for other in orders(record.outcome.value, record.expected)
        )
        for record in records
    )


@dataclass(frozen=True)
class Ignored:
    """An argument that acts on the right result and not on the answer's: `fault` says how."""

    fault: str
    argument: str
    part: str


REORDERED, NEGATED, DOUBLED = "reordered", "negated", "doubled"

PROBES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    REORDERED: lambda array: 0.9 * np.roll(array, 1),
    NEGATED: np.negative,
    DOUBLED: lambda array: 2 * array,
}
"""What is done to an argument, to see whether the answer notices."""

FOUND_BY = {"ignored_argument": REORDERED, "sign_ignored": NEGATED, "size_ignored": DOUBLED}
"""Fault -> the probe that finds it."""

OTHERS = 4
"""Records that are looked at before an argument is said to be ignored."""


def _nine_tenths(number: float) -> float:
    return 0.9 * number


def ignored_argument(
    exercise: Exercise, runner: Runner, record: Record, others: Sequence[Record]
) -> Ignored | None:
    """Which argument the answer doesn't use as the rule does: change one after the other.

    Where it does use it in one of the other records, this one shows a wrong branch at most.
    """
    found = _ignored_here(exercise, runner, record)
    looked_at = sorted(others, key=lambda other: not other.right)[:OTHERS]
    if found and any(_acts(exercise, runner, other, found) for other in looked_at):
        return None
    return found


def _ignored_here(exercise: Exercise, runner: Runner, record: Record) -> Ignored | None:
    for position, (name, value) in enumerate(record.outcome.arguments.items()):
        if not isinstance(value, (float, np.ndarray)) or np.asarray(value).dtype.kind != "f":
            continue
        key = position if position < len(record.call.args) else name
        probes = PROBES if isinstance(value, np.ndarray) else {REORDERED: _nine_tenths}
        seen = {
            probe: _unmoved(exercise, runner, record, record.call.replaced(key, change(value)))
            for probe, change in probes.items()
            if not (probe == NEGATED and name in exercise.unsigned)
        }
        told = {probe: part for probe, part in seen.items() if part is not None}
        unmoved = told.get(REORDERED)
        if unmoved and told.get(DOUBLED, unmoved) == unmoved:
            return Ignored("ignored_argument", name, unmoved)
        if told.get(NEGATED):
            return Ignored("sign_ignored", name, told[NEGATED])
        if told.get(DOUBLED):
            return Ignored("size_ignored", name, told[DOUBLED])
    return None


def _unmoved(exercise: Exercise, runner: Runner, record: Record, call: Call) -> str | None:
    """A wrong part that stays for another call though the right one moves; "" if there is none,
    None where it can't be told."""
    try:
        expected = call_reference(exercise, call)
    except Exception:  # the changed input may leave the exercise's domain
        return None
    outcome = runner(call)
    right = fit(expected, record.expected, exercise.returns, record.tolerance)
    mine = fit(outcome.value, record.expected, exercise.returns, record.tolerance)
    if outcome.fault or isinstance(right, Misfit) or isinstance(mine, Misfit):
        return None
    telling = ""
    for before, now, leaf in zip(record.leaves, mine, right, strict=True):
        if not np.isfinite(leaf.value).all() or leaf.right or before.right:
            continue
        if close(now.value, before.value, record.tolerance):
            return before.name
        telling = "moves"
    return "" if telling else None


def _acts(exercise: Exercise, runner: Runner, record: Record, ignored: Ignored) -> bool:
    """Whether here the argument does move the part that it was found to leave as it is."""
    names = list(record.outcome.arguments)
    if ignored.argument not in names:
        return False
    position, value = names.index(ignored.argument), record.outcome.arguments[ignored.argument]
    key = position if position < len(record.call.args) else ignored.argument
    change = PROBES[FOUND_BY[ignored.fault]] if isinstance(value, np.ndarray) else _nine_tenths
    outcome = runner(record.call.replaced(key, change(value)))
    mine = fit(outcome.value, record.expected, exercise.returns, record.tolerance)
    if outcome.fault or isinstance(mine, Misfit):
        return False
    return any(
        before.name == ignored.part and not close(now.value, before.value, record.tolerance)
        for before, now in zip(record.leaves, mine, strict=True)
    )


def factor(records: Sequence[Record], name: str) -> float | None:
    """The one number by which a part is too large everywhere, or None."""
    ratios = [_ratio(leaf.value, leaf.expected) for leaf in _leaves(records, name)]
    return _constant(ratios)


def step_factor(records: Sequence[Record], name: str) -> float | None:
    """The same for the way from the first argument to the part: the length of a step."""
    ratios = []
    for record in records:
        start = record.call.args[0] if record.call.args else None
        for leaf in record.leaves:
            if leaf.name == name:
                if not isinstance(start, np.ndarray) or start.shape != leaf.expected.shape:
                    return None
                moved = np.abs(leaf.value - start)[leaf.expected == start]
                if moved.size and moved.max() > record.tolerance * max(1.0, np.abs(start).max()):
                    return None  # what has to stay doesn't
                ratios.append(_ratio(leaf.value - start, leaf.expected - start))
    return _constant(ratios)


def _leaves(records: Sequence[Record], name: str) -> list[Leaf]:
    return [leaf for record in records for leaf in record.leaves if leaf.name == name]


def _ratio(value: np.ndarray, expected: np.ndarray) -> np.ndarray:
    seen = np.abs(expected) > 1e-3
    with np.errstate(all="ignore"):
        return np.asarray(value, float)[seen] / np.asarray(expected, float)[seen]


def _constant(ratios: list[np.ndarray]) -> float | None:
    """One number if all ratios are the same and not 1; a factor below 1e-6 is none."""
    every = np.concatenate([r.ravel() for r in ratios]) if ratios else np.array([])
    if every.size < 3 or not np.isfinite(every).all():
        return None
    middle = float(np.median(every))
    same = np.abs(every - middle).max() <= 1e-5 * max(1.0, abs(middle))
    return middle if same and abs(middle) > 1e-6 and abs(middle - 1) > 1e-5 else None


def measure_version(
    exercise: RandomExercise, version: WrongVersion, records: Sequence[Record]
) -> list[Measurement] | None:
    """The measurements of a wrong version on the calls of these records; None if it fails."""
    redone = []
    for record in records:
        outcome = run(version.function, record.call)
        leaves = fit(outcome.value, record.expected, exercise.returns, record.tolerance)
        if outcome.fault or isinstance(leaves, Misfit):
            return None
        redone.append(replace(record, outcome=outcome, leaves=tuple(leaves)))
    with np.errstate(all="ignore"):
        return exercise.measure(redone)


def recognize_random(
    exercise: RandomExercise, records: Sequence[Record], seen: Sequence[Measurement]
) -> tuple[WrongVersion, ...]:
    """The listed mistakes (else the pairs) that no measurement tells from the answer."""
    looks = [(records, seen)]
    if exercise.first_look:
        few = records[: exercise.first_look]
        with np.errstate(all="ignore"):
            looks.insert(0, (few, exercise.measure(few)))
    for versions in (exercise.singles, exercise.pairs):
        found = tuple(
            version
            for version in versions
            if all(_alike(measure_version(exercise, version, part), own) for part, own in looks)
        )
        if found:
            return found
    return ()


def _alike(own: Sequence[Measurement] | None, seen: Sequence[Measurement]) -> bool:
    return (
        own is not None
        and len(own) == len(seen)
        and all(a.name == b.name and a.agrees(b) for a, b in zip(own, seen, strict=True))
    )


FEW_DIGITS = 2e-3
"""What rounding to three digits or float16 leaves; listed mistakes are off by far more."""


def few_digits(records: Sequence[Record]) -> bool:
    """Whether all numbers are right but for their last digits."""
    return all(
        np.abs(leaf.value - leaf.expected).max(initial=0.0) <= FEW_DIGITS * _size(record, leaf)
        for record in records
        for leaf in record.leaves
    )


def _size(record: Record, leaf: Leaf) -> float:
    """The largest number of a part, or of its way from the first argument, if that is smaller."""
    most = np.abs(leaf.expected).max(initial=0.0)
    start = record.call.args[0] if record.call.args else None
    if isinstance(start, np.ndarray) and start.shape == leaf.expected.shape:
        most = min(most, np.abs(leaf.expected - start).max(initial=0.0))
    return float(most)


def some_entries(records: Sequence[Record], part: str) -> str | None:
    """Say which entries of a part are wrong in every record, where it is always the same.

    Returns
    -------
    {"first", "last", "all_but_first"} or None
        Entries along the first axis.
    """
    seen = [
        (leaf, record.tolerance * max(1.0, np.abs(leaf.expected).max(initial=0.0)))
        for record in records
        for leaf in record.leaves
        if leaf.name == part and leaf.expected.ndim and len(leaf.expected) > 1
    ]
    if len(seen) < 2:
        return None
    off = [np.abs(leaf.value - leaf.expected) > slack for leaf, slack in seen]
    if all(o[0].any() and not o[1:].any() for o in off):
        return "first"
    if all(o[-1].any() and not o[:-1].any() for o in off):
        return "last"
    if all(o[1:].any() and not o[0].any() for o in off):
        return "all_but_first"
    return None
