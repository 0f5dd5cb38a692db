"""The one writer: a graded submission goes into nbgrader's gradebook and `autograded/`.

The rows are those that `nbgrader autograde` would have written, by fewer statements: what the class
has in common is read once, and a submission is one transaction. Its file is put in place right
before the transaction ends, so publishing it again after a crash comes to the same.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines
from nbgrader import utils
from nbgrader.converters import Autograde
from sqlalchemy import Connection

from autograder.grading import rows
from autograder.grading.classroom import ClassDirectory
from autograder.grading.database import Collision, open_engine, reading, writing
from autograder.grading.drafts import Files
from autograder.grading.late import Penalties
from autograder.grading.logs import Log
from autograder.notebooks.errors import ClassError, Refused
from autograder.notebooks.submission import marked_cells

NO_ANSWER = "No response."
"""What nbgrader remarks on a cell that still holds the lesson's own text."""

LONGEST_NAME = 128
"""Characters: PostgreSQL holds nbgrader to it."""

NOBODY = rows.Entry()

ROUNDING = 1e-9
"""Points: a sum of parts may miss a cell's maximum by this much."""


class Unpublishable(Refused, ValueError):
    """One student's result can't be entered; nothing of it was, and other students' can."""


@dataclass(frozen=True)
class Move:
    """A student whose score would change.

    Attributes
    ----------
    old : float or None
        Points in the gradebook now, after a late penalty; None when nothing was graded yet.
    new : float
        Points after publishing.
    """

    student: str
    old: float | None
    new: float


@dataclass(frozen=True)
class _Marks:
    """What a result says, in the gradebook's terms: cell id -> score by machine, and remark."""

    scores: dict[str, float | None]
    remarks: dict[str, str | None]
    notebook: NotebookNode


class Publisher:
    """Writes the results of one lesson of one class; open it once for a run, and close it.

    Parameters
    ----------
    course : ClassDirectory
    lesson : str
        The lesson's name; it was released.
    db_url : str, optional
        The gradebook, as any URL that nbgrader takes; the class's own when not given.

    Raises
    ------
    ClassError
        The lesson was not released, or the gradebook can't be read.
    """

    def __init__(self, course: ClassDirectory, lesson: str, db_url: str | None = None):
        self._lesson = lesson
        self._grader = Autograde(coursedir=course.nbgrader(), config=course.config)
        Log.of(self._grader)
        self._penalties = Penalties.of(self._grader)
        self._files = Files(
            course.autograded("STUDENT", lesson).parents[2],
            lesson,
            mode=int(str(self._grader.permissions), 8),
            shared=self._grader.coursedir.groupshared,
        )
        self._files.sweep()
        self._engine = open_engine(db_url or self._grader.coursedir.db_url)
        with reading(self._engine) as db:
            self._known = rows.known_lesson(db, lesson, course.root)

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *exc_info) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the gradebook."""
        self._engine.dispose()

    def publish(self, student: str, result: dict, *, timestamp: datetime | None) -> None:
        """Enter one student's result; scores and comments given by hand stay.

        Parameters
        ----------
        student : str
            Is added to the gradebook when it doesn't know the student.
        result : dict
            The grading result of a submission; its state is ``"graded"``.
        timestamp : datetime or None
            When it was handed in; UTC when it names no zone. None when that isn't known: the
            gradebook then keeps what it has, as nbgrader does.

        Raises
        ------
        Unpublishable
            The result contradicts itself, or the gradebook can't hold the student's name.
        ClassError
            The gradebook is held by another program for too long, can't be written, or knows other
            cells; or the disk is full. An earlier result still stands in the gradebook.
        """
        _refuse_name(student)
        marks = self._read(student, result)
        at = utils.parse_utc(timestamp)
        with self._files.drafts(nbformat.v4.writes(marks.notebook) + "\n", _stamp(at)) as (
            notebook,
            stamp,
        ):
            try:
                self._commit(student, marks, at, notebook, stamp)
            except Collision:  # somebody added the same student in the same moment
                self._commit(student, marks, at, notebook, stamp)

    def preview(
        self, student: str, result: dict, *, timestamp: datetime | None = None
    ) -> tuple[float | None, float]:
        """Return a student's score now and after publishing a result; nothing is written.

        Parameters
        ----------
        student, result, timestamp
            As for `publish`.

        Returns
        -------
        (float or None, float)
            Points of the lesson, marks by hand and a late penalty included; None when the
            gradebook has no result of the student yet.
        """
        marks = self._read(student, result)
        with reading(self._engine) as db:
            entry = rows.find_entry(db, student, self._known)
            found = rows.scores(db, entry) if entry.notebook_id else {}
        before = sum(_score(*score) for score in found.values())
        none = (None, None, None)
        after = sum(
            _score(marks.scores.get(cell, auto), manual, extra)
            for cell in {**found, **marks.scores}
            for auto, manual, extra in [found.get(cell, none)]
        )
        at = utils.parse_utc(timestamp) or entry.timestamp
        late = rows.seconds_late(self._known, at, entry.extension)
        penalty = self._penalties.penalty(student, after, late, entry.penalty)
        graded = any(score[:2] != (None, None) for score in found.values())
        old = max(0.0, before - (entry.penalty or 0.0)) if graded else None
        return old, max(0.0, after - (penalty or 0.0))

    def moves(self, results: Iterable[tuple[str, dict]]) -> Iterator[Move]:
        """Yield whose score would change by publishing these results; nothing is written."""
        for student, result in results:
            old, new = self.preview(student, result)
            if old is None or abs(new - old) > ROUNDING:
                yield Move(student, old, new)

    # --- what a result says

    def _read(self, student: str, result: dict) -> _Marks:
        """Read a result as `SaveAutoGrades` reads a notebook; its points count, not its outputs."""
        if result.get("state") != "graded":
            raise Unpublishable(
                f"{student}: a result in the state {result.get('state')!r} has no points to enter; "
                "only graded ones are published."
            )
        notebook = rejoin_lines(nbformat.from_dict(result["notebook"]))
        cells = marked_cells(notebook)
        self._refuse_other_cells(cells)
        points = {cell["grade_id"]: cell for cell in result["cells"]}
        marks = _Marks({}, {}, notebook)
        for name, cell in cells:
            source = self._known.sources.get(name)
            if source is not None:
                cell.metadata.nbgrader["checksum"] = source
            if utils.is_grade(cell):
                cell_id, most = self._known.graded[name]
                by_hand = utils.is_solution(cell) or cell.cell_type != "code"
                marks.scores[cell_id] = (
                    utils.determine_grade(cell)[0]
                    if by_hand
                    else _points(student, name, points.get(name), most)
                )
            if utils.is_solution(cell):
                untouched = source == utils.compute_checksum(cell)
                marks.remarks[self._known.answers[name]] = NO_ANSWER if untouched else None
            if utils.is_task(cell):
                marks.remarks[self._known.tasks[name]] = None
        return marks

    def _refuse_other_cells(self, cells: list) -> None:
        """Refuse cells that aren't the released lesson's; the gradebook has no place for them."""
        for here, known in (
            ([name for name, cell in cells if utils.is_grade(cell)], self._known.graded),
            ([name for name, cell in cells if utils.is_solution(cell)], self._known.answers),
            ([name for name, cell in cells if utils.is_task(cell)], self._known.tasks),
        ):
            if sorted(here) != sorted(known):
                others = {name for name in here if here.count(name) > 1} | set(here) ^ set(known)
                raise ClassError(
                    f"{self._lesson} has other cells than the gradebook knows "
                    f"({', '.join(sorted(others))}): it was changed after its release. Release it "
                    f"again with `autograder release {self._lesson}`, or bring the old cells back."
                )

    # --- writing

    def _commit(
        self, student: str, marks: _Marks, at: datetime | None, notebook: Path, stamp: Path | None
    ) -> None:
        with writing(self._engine) as db:
            self._refuse_stranger(db, student)
            entry = rows.enter_submission(db, student, at, self._known)
            rows.enter_scores(db, entry, marks.scores, self._known)
            rows.enter_remarks(db, entry, marks.remarks)
            self._enter_penalty(db, student, entry)
            self._files.put(student, notebook, stamp)

    def _enter_penalty(self, db: Connection, student: str, entry: rows.Entry) -> None:
        late = rows.seconds_late(self._known, entry.timestamp, entry.extension)
        score = rows.total(db, entry) if late > 0 else 0.0
        penalty = self._penalties.penalty(student, score, late, entry.penalty)
        rows.enter_penalty(db, entry, penalty)

    def _refuse_stranger(self, db: Connection, student: str) -> None:
        """Heed a class's own setting that its students are entered by hand."""
        if not self._grader.create_student and rows.find_entry(db, student, self._known) == NOBODY:
            raise Unpublishable(
                f"{student} isn't in the gradebook, and nbgrader_config.py has "
                f"Autograde.create_student = False. Add the student: `nbgrader db student add`."
            )


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at.isoformat(sep=' ', timespec='microseconds')} UTC"


def _score(auto: float | None, manual: float | None, extra: float | None) -> float:
    """Return what `nbgrader.api.Grade.score` is: a mark by hand goes before the machine's."""
    base = auto if manual is None else manual
    return 0.0 if base is None else base + (extra or 0.0)


def _points(student: str, name: str, cell: dict | None, most: float) -> float:
    """Return the points of a checked cell, 0 to `most`."""
    if cell is None:
        raise Unpublishable(f"{student}: the result has no verdict for {name}. Grade again.")
    points = cell["points"]
    if float(cell["max_points"]) != most:
        raise ClassError(
            f"{name} is worth {cell['max_points']} points in the lesson and {most} in the "
            "gradebook: the lesson was changed after its release. Release it again."
        )
    if not math.isfinite(points) or not -ROUNDING <= points <= most + ROUNDING:
        raise Unpublishable(
            f"{student}: the result gives {points} points for {name}, which has 0 to {most}. "
            "Grade again."
        )
    return min(max(0.0, float(points)), most)


def _refuse_name(student: str) -> None:
    """Refuse a name that is no folder's, or that not every database can hold."""
    fits = 0 < len(student) <= LONGEST_NAME and student.isprintable()
    if not fits or Path(student).name != student or student == "..":
        raise Unpublishable(
            f"{student!r} can't be a student's name in the gradebook: a name has 1 to "
            f"{LONGEST_NAME} printable characters and no slash. Rename the folder in submitted/."
        )
