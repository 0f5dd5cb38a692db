"""A verdict: what the judge says of one answer, and what a card shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Example:
    """One small case: what went in, and for each result what was expected and what came.

    `inputs` holds `(name, text)`, `rows` holds `(name, expected, yours)`.
    """

    inputs: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one answer.

    Attributes
    ----------
    exercise : the exercise's name
    passed : whether everything is right
    points, max_points : of the lesson's 100
    mistake : identifier of what was recognized, a listed mistake ("beta_swapped"), two at once
        ("beta_swapped+sign") or a general one ("returned_nothing"); None where nothing was,
        or where the answer is right
    message : what the learner reads
    title : the mistake in a few words, for tables
    where : the formula with the place in **bold**, or ""
    elsewhere : the answer is right in another convention
    example : one small case, or None
    findings : identifiers of everything that was seen, the mistake first
    notes : sentences that cost no points (a widened dtype, warnings of the answer's code)
    seed : gives the same inputs again
    """

    exercise: str
    passed: bool
    points: float
    max_points: float
    mistake: str | None = None
    message: str = ""
    title: str = ""
    where: str = ""
    elsewhere: bool = False
    example: Example | None = None
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int | None = None

    @property
    def unanswered(self) -> bool:
        """Whether the exercise still is as it was given out."""
        return self.mistake == "unanswered"

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain lists, strings and numbers."""
        return asdict(self)
