"""The rows of nbgrader's gradebook that grading reads and writes: few statements, no decisions.

What a row means stands in `nbgrader.api`; its tables are used here without the objects, because an
object asks the database again for each of its relations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import (
    Boolean,
    Connection,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from autograder.notebooks.errors import ClassError

ASSIGNMENTS: Table = Assignment.__table__
NOTEBOOKS: Table = Notebook.__table__
CELLS: Table = BaseCell.__table__
GRADED: Table = GradeCell.__table__
SOURCES: Table = SourceCell.__table__
STUDENTS: Table = Student.__table__
SUBMISSIONS: Table = SubmittedAssignment.__table__
SUBMITTED: Table = SubmittedNotebook.__table__
GRADES: Table = Grade.__table__
COMMENTS: Table = Comment.__table__


@dataclass(frozen=True)
class KnownLesson:
    """What the gradebook knows of a released lesson.

    Attributes
    ----------
    graded : dict
        Grade id -> the cell's id in the gradebook and the points it is worth.
    answers, tasks : dict
        Grade id -> the cell's id, for solution cells and for nbgrader's tasks.
    sources : dict
        Grade id -> the checksum of the released text.
    """

    assignment_id: str
    notebook_id: str
    duedate: datetime | None
    graded: dict[str, tuple[str, float]]
    answers: dict[str, str]
    tasks: dict[str, str]
    sources: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """A student's submission of a lesson in the gradebook; None where a row isn't there yet."""

    student: str | None = None
    submission_id: str | None = None
    timestamp: datetime | None = None
    extension: timedelta | None = None
    notebook_id: str | None = None
    penalty: float | None = None
    is_new: bool = False


def known_lesson(db: Connection, lesson: str, root: Path) -> KnownLesson:
    """Read what a whole class has in common.

    Raises
    ------
    ClassError
        The lesson was not released, or it has notebooks besides its own.
    """
    found = _notebooks(db, lesson) if sqlalchemy.inspect(db).has_table(ASSIGNMENTS.name) else []
    if not found:
        raise ClassError(
            f"{lesson} was not released in {root}, so the gradebook doesn't know its points. "
            f"Release it first: `autograder release {lesson}`."
        )
    others = sorted(row.name for row in found if row.name != lesson)
    if others:
        raise ClassError(
            f"{lesson} has other notebooks in the gradebook besides its own: {', '.join(others)}. "
            "A lesson is graded as one notebook; keep the others in a lesson of their own."
        )
    (row,) = found
    cells = db.execute(
        select(CELLS.c.id, CELLS.c.name, CELLS.c.type, GRADED.c.max_score)
        .select_from(CELLS.outerjoin(GRADED, GRADED.c.id == CELLS.c.id))
        .where(CELLS.c.notebook_id == row.notebook_id)
    ).all()
    sources = db.execute(
        select(SOURCES.c.name, SOURCES.c.checksum).where(SOURCES.c.notebook_id == row.notebook_id)
    )
    return KnownLesson(
        row.assignment_id,
        row.notebook_id,
        row.duedate,
        {cell.name: (cell.id, cell.max_score) for cell in cells if cell.type == "GradeCell"},
        {cell.name: cell.id for cell in cells if cell.type == "SolutionCell"},
        {cell.name: cell.id for cell in cells if cell.type == "TaskCell"},
        {source.name: source.checksum for source in sources},
    )


def _notebooks(db: Connection, lesson: str) -> list:
    return db.execute(
        select(
            ASSIGNMENTS.c.id.label("assignment_id"),
            ASSIGNMENTS.c.duedate,
            NOTEBOOKS.c.id.label("notebook_id"),
            NOTEBOOKS.c.name,
        )
        .join_from(ASSIGNMENTS, NOTEBOOKS)
        .where(ASSIGNMENTS.c.name == lesson)
    ).all()


def find_entry(db: Connection, student: str, known: KnownLesson) -> Entry:
    """Return what the gradebook has of a student in a lesson."""
    submission = and_(
        SUBMISSIONS.c.student_id == STUDENTS.c.id,
        SUBMISSIONS.c.assignment_id == known.assignment_id,
    )
    notebook = and_(
        SUBMITTED.c.assignment_id == SUBMISSIONS.c.id,
        SUBMITTED.c.notebook_id == known.notebook_id,
    )
    row = db.execute(
        select(
            STUDENTS.c.id,
            SUBMISSIONS.c.id,
            SUBMISSIONS.c.timestamp,
            SUBMISSIONS.c.extension,
            SUBMITTED.c.id,
            SUBMITTED.c.late_submission_penalty,
        )
        .select_from(STUDENTS.outerjoin(SUBMISSIONS, submission).outerjoin(SUBMITTED, notebook))
        .where(STUDENTS.c.id == student)
    ).one_or_none()
    return Entry(*row) if row else Entry()


def enter_submission(
    db: Connection, student: str, timestamp: datetime | None, known: KnownLesson
) -> Entry:
    """Make the rows of a submission that aren't there yet.

    Parameters
    ----------
    timestamp : datetime or None
        UTC, without a zone; None keeps what is there.
    """
    entry = find_entry(db, student, known)
    if entry.student is None:
        db.execute(insert(STUDENTS), {"id": student})
    if entry.submission_id is None:
        entry = replace(entry, submission_id=new_uuid(), timestamp=timestamp)
        row = {"id": entry.submission_id, "assignment_id": known.assignment_id}
        db.execute(insert(SUBMISSIONS), row | {"student_id": student, "timestamp": timestamp})
    elif timestamp not in (None, entry.timestamp):
        entry = replace(entry, timestamp=timestamp)
        mine = SUBMISSIONS.c.id == entry.submission_id
        db.execute(update(SUBMISSIONS).where(mine).values(timestamp=timestamp))
    if entry.notebook_id is None:
        entry = replace(entry, notebook_id=new_uuid(), is_new=True)
        row = {"id": entry.notebook_id, "assignment_id": entry.submission_id}
        db.execute(insert(SUBMITTED), row | {"notebook_id": known.notebook_id})
    return replace(entry, student=student)


def enter_scores(
    db: Connection, entry: Entry, auto: Mapping[str, float | None], known: KnownLesson
) -> None:
    """Enter scores by machine; None waits for a mark by hand, and one that was given stays.

    A mark by hand is looked at again after a regrade, as nbgrader has it; the database itself sees
    to that, so that a mark that is given in this moment counts, too.
    """
    there = _cells_of(db, GRADES, entry)
    tasks = dict.fromkeys(known.tasks.values())  # always marked by hand
    new = {cell: score for cell, score in {**tasks, **auto}.items() if cell not in there}
    _insert(
        db,
        GRADES,
        entry,
        {c: {"auto_score": s, "needs_manual_grade": s is None} for c, s in new.items()},
    )
    old = [
        {"of_cell": cell, "auto": score, "open": score is None}
        for cell, score in auto.items()
        if cell in there
    ]
    if old:
        by_hand = GRADES.c.manual_score.is_not(None)
        statement = _of_cell(GRADES, entry).values(
            auto_score=bindparam("auto"),
            needs_manual_grade=or_(by_hand, bindparam("open", type_=Boolean)),
        )
        db.execute(statement, old)


def enter_remarks(db: Connection, entry: Entry, remarks: Mapping[str, str | None]) -> None:
    """Enter the machine's remarks on cells; a teacher's comments stay."""
    there = _cells_of(db, COMMENTS, entry)
    new = {c: {"auto_comment": text} for c, text in remarks.items() if c not in there}
    _insert(db, COMMENTS, entry, new)
    old = [{"of_cell": cell, "text": text} for cell, text in remarks.items() if cell in there]
    if old:
        db.execute(_of_cell(COMMENTS, entry).values(auto_comment=bindparam("text")), old)


def enter_penalty(db: Connection, entry: Entry, penalty: float | None) -> None:
    """Enter a late penalty, points; None takes an earlier one back."""
    if penalty != entry.penalty:
        mine = SUBMITTED.c.id == entry.notebook_id
        db.execute(update(SUBMITTED).where(mine).values(late_submission_penalty=penalty))


def scores(db: Connection, entry: Entry) -> dict[str, tuple[float | None, ...]]:
    """Return cell id -> score by machine, mark by hand, extra credit."""
    columns = (GRADES.c.cell_id, GRADES.c.auto_score, GRADES.c.manual_score, GRADES.c.extra_credit)
    rows = db.execute(select(*columns).where(GRADES.c.notebook_id == entry.notebook_id))
    return {cell: (auto, manual, extra) for cell, auto, manual, extra in rows}


def total(db: Connection, entry: Entry) -> float:
    """Return a submission's points as the database adds them up."""
    mine = Grade.notebook_id == entry.notebook_id
    return db.execute(select(func.coalesce(func.sum(Grade.score), 0.0)).where(mine)).scalar_one()


def seconds_late(
    known: KnownLesson, timestamp: datetime | None, extension: timedelta | None
) -> float:
    """Return how long after the due date a submission came, 0 if it came in time or has none."""
    if timestamp is None or known.duedate is None:
        return 0.0
    return max(0.0, (timestamp - known.duedate - (extension or timedelta())).total_seconds())


def _cells_of(db: Connection, table: Table, entry: Entry) -> set[str]:
    """Return which cells have a row already."""
    if entry.is_new:
        return set()
    return set(db.scalars(select(table.c.cell_id).where(table.c.notebook_id == entry.notebook_id)))


def _insert(db: Connection, table: Table, entry: Entry, new: Mapping[str, dict]) -> None:
    """Insert rows, one for each cell id."""
    if new:
        notebook = {"notebook_id": entry.notebook_id}
        db.execute(insert(table), [notebook | {"cell_id": c} | row for c, row in new.items()])


def _of_cell(table: Table, entry: Entry):
    mine = and_(table.c.notebook_id == entry.notebook_id, table.c.cell_id == bindparam("of_cell"))
    return update(table).where(mine)
