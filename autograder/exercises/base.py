"""What an exercise is made of: calls, trials, mistakes, hints and points.

An exercise that asks for a function says what to call the answer with (`trials`). The judge
calls the answer and the reference with the same arguments; a mistake is a function that can be
called in the same way. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from autograder import reference
from autograder.exercises.slips import Slip, compile_edits, overlapping, rename
from descentlab.calls import Call, Given

FLOAT64_TOLERANCE = 1e-9
"""Rounding in another algebraic form is about 1e-15 of the numbers that are added; the inputs
are of size 1, no rule amplifies them a thousandfold, and a listed mistake differs by far more
than a hundred tolerances."""

FLOAT32_TOLERANCE = 1e-4
"""The same with float32's unit, 1.2e-7, and the same reserve of three digits."""


CallStream = Generator[Call, Any, None]


@dataclass(frozen=True)
class Trial:
    """A few calls in a row. `calls()` yields calls and is sent what the answer returned,
    so that a rule goes on from the answer's own state.

    `label` is one of: example (small round numbers, to be shown), usual, fresh (state zero),
    shape (arrays of another rank), small (few numbers, for what must hold exactly), float32.
    """

    label: str
    calls: Callable[[], CallStream]
    tolerance: float = FLOAT64_TOLERANCE


def single(label: str, *args, tolerance: float = FLOAT64_TOLERANCE, **kwargs) -> Trial:
    """A trial of one call."""

    def calls() -> CallStream:
        yield Call(args, kwargs)

    return Trial(label, calls, tolerance)


@dataclass(frozen=True)
class Mistake:
    """A classic wrong version, with what to tell whoever wrote it.

    Attributes
    ----------
    id : what `verdict.mistake` says
    title : a few words, for the teacher's report
    message : what the learner reads: what the answer does, and what to look at; no solution
    where : the formula with the place in **bold**, or ""
    slip : the wrong version: edits of the reference, or a whole function
    elsewhere : right in another school's convention
    pairs : whether it may come together with another slip
    """

    id: str
    title: str
    message: str
    slip: Slip
    where: str = ""
    elsewhere: bool = False
    pairs: bool = True


def slip(id: str, title: str, message: str, *edits, where: str = "", **flags) -> Mistake:
    """A mistake: `(old, new)` edits of the reference's body, or one whole wrong function."""
    return Mistake(id, title, message, Slip.of(edits), where, **flags)


def elsewhere(id: str, title: str, message: str, *edits, where: str = "", **flags) -> Mistake:
    """Another school's convention: right there, named as such here."""
    return slip(id, title, message, *edits, where=where, elsewhere=True, **flags)


@dataclass(frozen=True)
class WrongVersion:
    """A mistake, or two at once, ready to be called."""

    mistakes: tuple[Mistake, ...]
    function: Callable
    source_text: str

    @property
    def id(self) -> str:
        return "+".join(mistake.id for mistake in self.mistakes)

    @property
    def title(self) -> str:
        return " + ".join(mistake.title for mistake in self.mistakes)

    def source(self) -> str:
        """Python text that defines a function of the exercise's name."""
        return self.source_text


class Loose(str):
    """The name of a result whose axes of length 1 don't count, as `keepdims` makes them."""

    __slots__ = ()
    loose = True


@dataclass(frozen=True)
class Exercise:
    """One function that a learner writes.

    Attributes
    ----------
    name : the function's name, which is the exercise's
    topic : the lesson's, without its number
    points : of the lesson's 100
    returns : names of what is returned, nested as the result is, e.g. ("theta", ("m", "v", "t"))
    trials : rng -> list of `Trial`; fresh inputs at every call
    mistakes : listed mistakes, most common first
    hints : two or three, each a bit more of a help, none the solution
    praise : one sentence after success that opens a door
    parts : share of the points for each top-level result, or empty: all or nothing
    unsigned : arguments that have no negative (a curvature), so that none is tried on them
    """

    name: str
    topic: str
    points: float
    returns: Any
    trials: Callable[[np.random.Generator], list[Trial]]
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, ...] = ()
    praise: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)
    unsigned: tuple[str, ...] = ()

    is_question = False
    is_random = False

    @property
    def reference(self) -> Callable:
        return reference.find(self.name)

    def solution_source(self) -> str:
        """What `solution()` shows: the answer as the lesson's cell would hold it."""
        return reference.given(self.name)

    @cached_property
    def singles(self) -> tuple[WrongVersion, ...]:
        """Every listed mistake as a wrong version."""
        return tuple(self._wrong((mistake,)) for mistake in self.mistakes)

    @cached_property
    def pairs(self) -> tuple[WrongVersion, ...]:
        """Every two listed slips that can be made at once (they edit different places)."""
        slips = [m for m in self.mistakes if m.slip.edits and m.pairs]
        body = reference.body(self.name)
        return tuple(
            self._wrong(two)
            for two in combinations(slips, 2)
            if not overlapping(body, two[0].slip, two[1].slip)
        )

    def _wrong(self, mistakes: tuple[Mistake, ...]) -> WrongVersion:
        whole = mistakes[0].slip.function
        if whole is not None:
            return WrongVersion(mistakes, whole, rename(whole, self.name))
        edits = [edit for mistake in mistakes for edit in mistake.slip.edits]
        function, text = compile_edits(self.name, edits)
        return WrongVersion(mistakes, function, text)


@dataclass(frozen=True)
class Measurement:
    """One number that says whether a random answer has a property.

    `error` is the standard error of `value` if the answer is right, `spread` the one at the
    value seen (they differ where noise grows with size); 0 for a count that must be exact.
    `property` names the sentence in `RandomExercise.properties`.
    """

    name: str
    value: float
    expected: float
    error: float
    property: str
    spread: float | None = None

    def holds(self) -> bool:
        return bool(abs(self.value - self.expected) <= Z * self.error + EXACT)

    def agrees(self, other: Measurement) -> bool:
        """Whether two answers can't be told apart by this measurement."""
        own = self.error if self.spread is None else self.spread
        theirs = other.error if other.spread is None else other.spread
        return bool(abs(self.value - other.value) <= Z * np.hypot(own, theirs) + EXACT)


Z = 7.0
"""Standard errors that a right answer may be off: 2.6e-12 two-sided for a normal error, so that
a hundred measurements fail a right answer with a chance below 1e-9."""

EXACT = 1e-9
"""Reserve for rounding where a measurement has no random error."""


@dataclass(frozen=True)
class RandomExercise(Exercise):
    """A function that draws from `rng`: judged by properties, never by one seed's numbers.

    Attributes
    ----------
    measure : list of records (`.call`, `.value`, `.asked`, `.label`) -> list of `Measurement`; the
        values have the reference's structure and shapes when it is called
    properties : id -> (title, message) of what is told when a measurement of it fails and no
        listed mistake is recognized
    first_look : so many of the first records rule most wrong versions out, and `measure` works on
        them alone: only versions that agree there are run on the rest; 0: no first look
    """

    measure: Callable[[list], list[Measurement]] = None
    properties: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    first_look: int = 0

    is_random = True


def draw(rng: np.random.Generator, low: float, high: float, digits: int = 3) -> float:
    """A hyperparameter between `low` and `high` that is no round number anybody would guess."""
    value = float(np.round(rng.uniform(low, high), digits))
    return value + 10.0**-digits if value in (0.0, 0.5, 1.0, 0.9, 0.99) else value


def rule_trials(
    hyper: Callable[[np.random.Generator], dict],
    state: Callable[[np.random.Generator, tuple], Any] | None = None,
    zero: Callable[[np.ndarray], Any] | None = None,
    *,
    as_function: bool = False,
    grads: Callable[[np.random.Generator, tuple], np.ndarray] | None = None,
) -> Callable[[np.random.Generator], list[Trial]]:
    """Trials of an update rule `rule(theta, grad, state, *, ...) -> (theta, state)`.

    Parameters
    ----------
    hyper : rng -> keyword arguments, none of them at its default, 0, 1 or 1/2
    state : (rng, shape) -> a state in the middle of a training; None for a rule without memory
    zero : theta -> the state before the first update
    as_function : the rule asks for `grad_fn` in place of `grad`
    grads : (rng, shape) -> a gradient; standard normal when it is not given
    """
    grads = grads or (lambda rng, shape: rng.normal(size=shape))

    def walk(rng, shape, steps, *, fresh=False, dtype=np.float64, digits=None):
        def cast(value):
            if isinstance(value, np.ndarray):
                value = value if digits is None else _round_away(value, digits)
                return value.astype(dtype)
            if isinstance(value, tuple):
                parts = [cast(part) for part in value]
                return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
            return value

        def calls() -> CallStream:
            theta = cast(rng.normal(size=shape))
            memory = None
            if state is not None:
                memory = zero(theta) if fresh else cast(state(rng, shape))
            keywords = hyper(rng)
            if digits is not None:
                keywords = {k: np.round(v, digits).item() for k, v in keywords.items()}
            for _step in range(steps):
                slope = grad_function(rng, shape, dtype) if as_function else None
                grad = Given(slope) if as_function else cast(grads(rng, shape))
                if state is None:
                    theta = yield Call((theta, grad), keywords)
                else:
                    theta, memory = yield Call((theta, grad, memory), keywords)

        return calls

    def trials(rng: np.random.Generator) -> list[Trial]:
        found = [
            Trial("example", walk(rng, (2,), 1, digits=2)),
            Trial("usual", walk(rng, (7,), 4)),
            Trial("shape", walk(rng, (3, 5), 3)),
            Trial("shape", walk(rng, (2, 3, 4), 2)),
            Trial("float32", walk(rng, (6,), 2, dtype=np.float32), FLOAT32_TOLERANCE),
        ]
        if state is not None:
            found.insert(2, Trial("fresh", walk(rng, (5,), 3, fresh=True)))
        return found

    return trials


def grad_function(rng: np.random.Generator, shape: tuple, dtype=np.float64) -> Callable:
    """A gradient that bends, so that where it is asked for can be seen in its value."""
    scale = rng.uniform(0.5, 1.5, size=shape).astype(dtype)
    shift = rng.normal(size=shape).astype(dtype)

    def grad_fn(theta):
        return scale * theta + np.sin(2 * theta + shift)

    grad_fn.__qualname__ = "grad_fn"  # what Python calls it in an error that a learner reads
    return grad_fn


def _round_away(values: np.ndarray, digits: int) -> np.ndarray:
    """Rounded numbers, none of them 0: an example in which nothing drops out by chance."""
    rounded = np.round(values, digits)
    return np.where(np.abs(rounded) < 0.1, rounded + 0.1 + 10.0**-digits, rounded)


def flat_names(returns: Any) -> Iterable[str]:
    """The leaves of `Exercise.returns` in order."""
    if isinstance(returns, str):
        return (returns,)
    return tuple(name for part in returns for name in flat_names(part))
