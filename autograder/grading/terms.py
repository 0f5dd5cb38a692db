"""By which terms a class's submissions of a lesson are graded, and a submission as a job."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from typing import Any

from autograder.grading.classroom import POLICY, ClassDirectory
from autograder.grading.engine import Job
from autograder.grading.ledger import Ledger, Submission
from autograder.notebooks.build import to_text
from autograder.notebooks.canon import canonical
from autograder.notebooks.errors import ClassError
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls import BUBBLEWRAP, NONE, allowed_packages, bubblewrap


def isolation(*, unsandboxed: bool) -> str:
    """The level that student code runs on; ClassError where there are no walls to be had."""
    if unsandboxed:
        return NONE
    if bubblewrap() is None:
        raise ClassError(
            "bubblewrap isn't installed here, so there would be no walls round student code. "
            "Install it (Debian, Ubuntu: `apt install bubblewrap`), see `autograder doctor`, or "
            "accept the risk: `--unsandboxed`."
        )
    return BUBBLEWRAP


@dataclass(frozen=True)
class Terms:
    """What all submissions of a lesson are graded by.

    Attributes
    ----------
    canonical : str
        The lesson as it is released, as a notebook's text.
    limits : dict
        As course.toml states them under ``[limits]``.
    packages : tuple of str
        Distributions that course.toml allows besides the usual, ``[packages] allowed = [...]``.
    level : str
        The isolation level.
    """

    canonical: str
    limits: dict[str, Any]
    packages: tuple[str, ...]
    level: str

    @classmethod
    def of(cls, course: ClassDirectory, lesson: str, level: str) -> Terms:
        """The terms of a class.

        Raises
        ------
        ClassError
            The lesson can't be read, or course.toml states a limit that there isn't.
        """
        file = course.root / POLICY
        try:
            stated = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            limits = stated.get("limits", {})
            Limits.of(limits)
            packages = allowed_packages(stated)
        except (ValueError, AttributeError, TypeError) as error:
            raise ClassError(f"{file}: {error}. Correct it and try again.") from error
        return cls(to_text(canonical(course.root, lesson)), limits, packages, level)

    def source(self, *, full: bool) -> str:
        """What a result depends on besides the submission and the engine, as a hash."""
        return hashlib.sha256(repr((self, full)).encode()).hexdigest()[:16]


def job_of(
    ledger: Ledger,
    submission: Submission,
    terms: Terms,
    *,
    full: bool = False,
    seeds: dict[str, int] | None = None,
) -> Job:
    """What the engine needs to grade a submission, from the ledger's own copy of it."""
    contents = {name: ledger.content(submission, name) for name in submission.files}
    notebook = contents.pop(f"{submission.lesson}.ipynb")
    return Job(
        student=submission.student,
        lesson=submission.lesson,
        notebook=notebook,
        files=contents,
        full=full,
        seeds=seeds or {},
        **vars(terms),
    )
