"""What grading is asked for, and what came of it, student by student."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.grading.ledger import GRADED
from autograder.grading.publish import Move


@dataclass(frozen=True)
class Settings:
    """How to grade.

    Attributes
    ----------
    jobs : int or None
        Workers on this machine; one for each core when not given.
    student : str or None
        Only this one.
    regrade : bool
        Grade again and say whose score would move; `apply` writes it.
    unsandboxed : bool
        Run student code without walls.
    scheduler : str or None
        A Dask scheduler's address; the jobs then run on its workers.
    full : bool
        Run experiments, too.
    """

    jobs: int | None = None
    student: str | None = None
    regrade: bool = False
    apply: bool = False
    unsandboxed: bool = False
    scheduler: str | None = None
    full: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one student's submission.

    Attributes
    ----------
    student : str
    points : float or None
        By machine; None where nothing could be graded.
    attention : str
        Why nothing could be graded, and what to do; empty when it was.
    flags, repairs : list of str
        What the teacher should know of it; what was put right.
    fresh : bool
        Graded in this run.
    seconds : float
        What grading took.
    """

    student: str
    points: float | None = None
    attention: str = ""
    flags: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    fresh: bool = True
    seconds: float = 0.0

    @classmethod
    def of(cls, student: str, result: dict[str, Any], *, fresh: bool) -> Outcome:
        """What the engine's result comes to."""
        if result["state"] != GRADED:
            return cls(student, attention=result["attention"], fresh=fresh)
        return cls(
            student,
            points=sum(cell["points"] for cell in result["cells"]),
            flags=result["flags"],
            repairs=[repair["text"] for repair in result["repairs"]],
            fresh=fresh,
            seconds=result["seconds"],
        )


@dataclass
class ClassRun:
    """What came of a run.

    Attributes
    ----------
    outcomes : list of Outcome
        One for each student who handed something in, in order.
    moves : list of Move
        For a regrade: whose score changes, or would change, by how much.
    applied : bool
        Whether the moves stand in the gradebook.
    outdated : list of str
        Students whose result comes from an older lesson or judge.
    """

    lesson: str
    isolation: str
    outcomes: list[Outcome] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    applied: bool = True
    outdated: list[str] = field(default_factory=list)

    @property
    def attention(self) -> list[Outcome]:
        """Who needs a person."""
        return [outcome for outcome in self.outcomes if outcome.attention]

    def to_json(self) -> dict[str, Any]:
        """The run as plain lists, strings and numbers."""
        return asdict(self)


Progress = Callable[[str, int, int], None]
"""Called with the student who is done, how many are done, and how many there are to do."""


def nothing(student: str, done: int, of: int) -> None:
    """Report no progress."""
