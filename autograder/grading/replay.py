"""Judging a student's answers again on the very same inputs, from the seeds in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from autograder.grading.classroom import ClassDirectory
from autograder.grading.engine import Engine
from autograder.grading.ledger import GRADED, Ledger
from autograder.grading.terms import Terms, isolation, job_of
from autograder.notebooks.errors import ClassError


@dataclass(frozen=True)
class Replayed:
    """One verdict beside the one that was recorded; `now` and `then` are points and mistake."""

    exercise: str
    seed: int
    then: str
    now: str
    message: str


def replay(
    course: ClassDirectory,
    student: str,
    asked: str,
    exercise: str | None = None,
    *,
    unsandboxed: bool = False,
) -> Iterator[Replayed]:
    """Judge a student's graded answers again.

    Parameters
    ----------
    course : ClassDirectory
    student : str
    asked : str
        The lesson.
    exercise : str, optional
        One exercise or question; all when not given.
    unsandboxed : bool
        Run the answers without walls.

    Raises
    ------
    ClassError
        Nothing of the student's was graded, or not that exercise; or it can't be judged now.
    """
    lesson = course.lesson(asked)
    with Ledger(course.root) as ledger, closing(Engine()) as engine:
        result = ledger.results(lesson).get(student)
        if result is None or result.state != GRADED:
            raise ClassError(f"Nothing of {student} was graded for {lesson} yet.")
        recorded = {
            cell["grade_id"].removesuffix("__check"): cell
            for cell in ledger.payload(result)["cells"]
            if cell["seed"] is not None
        }
        wanted = list(recorded) if exercise is None else [exercise]
        if not set(wanted) <= set(recorded):
            raise ClassError(
                f"{student}'s {exercise} was never judged in {lesson}; judged were "
                f"{', '.join(recorded) or 'none'}."
            )
        seeds = {name: recorded[name]["seed"] for name in wanted}
        terms = Terms.of(course, lesson, isolation(unsandboxed=unsandboxed))
        payload = engine.grade(job_of(ledger, result.submission, terms, seeds=seeds))
    if payload["state"] != GRADED:
        raise ClassError(f"{student}'s {lesson} can't be judged again: {payload['attention']}")
    now = {cell["grade_id"].removesuffix("__check"): cell for cell in payload["cells"]}
    if gone := sorted(set(wanted) - set(now)):
        raise ClassError(
            f"{lesson} doesn't ask for {', '.join(gone)} any more: it was changed after "
            f"{student}'s was graded."
        )
    for name in wanted:
        verdict = now[name]["verdict"] or {}
        message = "" if verdict.get("passed") else verdict.get("message", "")
        yield Replayed(name, seeds[name], _text(recorded[name]), _text(now[name]), message)


def _text(cell: dict) -> str:
    """A cell's points, and its mistake by name."""
    verdict = cell["verdict"] or {}
    mistake = verdict.get("mistake") or cell["reason"]
    return f"{cell['points']:g} points" + (f", {mistake}" if mistake else "")
