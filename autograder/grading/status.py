"""Where a class stands: what was handed in, what is graded, what needs a person. Writes nothing."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    GradeCell,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from rich.console import Console
from rich.table import Table
from sqlalchemy import func
from sqlalchemy.orm import aliased

from autograder.grading.classroom import ClassDirectory, sqlite_file
from autograder.grading.collecting import read_submission
from autograder.grading.ledger import ATTENTION, FOLDER, GRADED, LEASED, QUEUED, Ledger, Result

NUMBERS = ("handed_in", "new", "queued", "leased", "graded", "published")


@dataclass(frozen=True)
class Row:
    """Where one lesson stands.

    Attributes
    ----------
    lesson : str
    handed_in : int
        Students who handed something in.
    new : int
        Of these, students whose submission no grading run has seen yet.
    queued, leased : int
        Waiting for a worker; in a worker's hands.
    graded : int
        What counts now has a result.
    published : int
        That result stands in the gradebook.
    attention : dict
        Student -> the sentence.
    by_hand : dict
        Student -> how many answers wait for a mark.
    """

    lesson: str
    handed_in: int = 0
    new: int = 0
    queued: int = 0
    leased: int = 0
    graded: int = 0
    published: int = 0
    attention: dict[str, str] = field(default_factory=dict)
    by_hand: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain numbers and strings."""
        return asdict(self)


def status(course: ClassDirectory, lesson: str | None = None) -> list[Row]:
    """Return where each lesson stands, or one.

    Parameters
    ----------
    lesson : str, optional
        By its name or its topic; all lessons that were handed in or released if none.

    Raises
    ------
    ClassError
        The lesson isn't there, or the ledger or the gradebook can't be read.
    """
    with ExitStack() as stack:
        ledger = None
        if (course.root / FOLDER / "ledger.db").is_file():
            ledger = stack.enter_context(Ledger(course.root))
        waiting, released = _by_hand(course)
        if lesson is not None:
            names = [course.lesson(lesson)]
        else:
            known = ledger.lessons() if ledger is not None else []
            names = sorted({*known, *released, *_in_folders(course)})
        return [_row(course, ledger, name, waiting.get(name, {})) for name in names]


def _row(
    course: ClassDirectory, ledger: Ledger | None, lesson: str, by_hand: dict[str, int]
) -> Row:
    students = set(course.students(lesson))
    results: dict[str, Result] = {}
    jobs: dict[str, str] = {}
    published: dict[str, int] = {}
    attention: dict[str, str] = {}
    if ledger is not None:
        students |= set(ledger.current(lesson))
        results, jobs = ledger.results(lesson), ledger.jobs(lesson)
        published = ledger.published(lesson)
    for student, result in results.items():
        if result.state == ATTENTION:
            attention[student] = str(ledger.payload(result).get("attention", ""))
    for student in sorted(students - set(attention)):
        if sentence := _unreadable(course, student, lesson):
            attention[student] = sentence
    graded = [student for student, result in results.items() if result.state == GRADED]
    return Row(
        lesson=lesson,
        handed_in=len(students),
        new=len(students - set(results) - set(jobs) - set(attention)),
        queued=sum(state == QUEUED for state in jobs.values()),
        leased=sum(state == LEASED for state in jobs.values()),
        graded=len(graded),
        published=sum(published.get(student) == results[student].id for student in graded),
        attention=dict(sorted(attention.items())),
        by_hand=by_hand,
    )


def _unreadable(course: ClassDirectory, student: str, lesson: str) -> str:
    """Why a submission can't even be read; empty where it can."""
    folder = course.submission(student, lesson)
    try:
        if stat.S_ISREG(os.lstat(folder / f"{lesson}.ipynb").st_mode):
            return ""
    except OSError:
        if not os.path.lexists(folder):
            return f"{folder} is gone; what was handed in is kept in the ledger. Collect it again."
    return " ".join(read_submission(course, student, lesson)[1])


def _in_folders(course: ClassDirectory) -> set[str]:
    submitted = course.submission("STUDENT", "LESSON").parent.parent
    folders = (path for path in submitted.glob("*/*") if not path.name.startswith("."))
    return {path.name for path in folders if path.is_dir() and not path.parent.is_symlink()}


def _by_hand(course: ClassDirectory) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Lesson -> student -> answers that wait for a mark; and the lessons of the gradebook."""
    file = sqlite_file(course.nbgrader().db_url)
    if file is not None and not file.is_file():
        return {}, []
    waiting: dict[str, dict[str, int]] = {}
    with course.gradebook() as book:
        written = aliased(SolutionCell, flat=True)  # a cell that is answer and mark in one
        question = (
            book.db.query(Assignment.name, Student.id, func.count(Grade.id))
            .select_from(Grade)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(GradeCell, Grade.cell_id == GradeCell.id)
            .join(
                written,
                (written.notebook_id == GradeCell.notebook_id) & (written.name == GradeCell.name),
            )
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(Student, SubmittedAssignment.student_id == Student.id)
            .filter(Grade.needs_manual_grade, Grade.manual_score.is_(None))
            .group_by(Assignment.name, Student.id)
            .order_by(Assignment.name, Student.id)
        )
        for lesson, student, count in question:
            waiting.setdefault(lesson, {})[student] = count
        released = [name for (name,) in book.db.query(Assignment.name)]
    return waiting, released


def print_status(rows: list[Row], console: Console) -> None:
    """Print a table, and a sentence for whoever needs attention."""
    if not rows:
        console.print("Nothing was released or handed in yet: autograder release LESSON")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("lesson")
    for name in (*NUMBERS, "attention", "by_hand"):
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        numbers = [getattr(row, name) for name in NUMBERS]
        marks = sum(row.by_hand.values())
        table.add_row(row.lesson, *map(str, [*numbers, len(row.attention), marks]))
    console.print(table)
    for row in rows:
        for student, sentence in row.attention.items():
            text = f"{row.lesson}, {student}: {sentence}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
