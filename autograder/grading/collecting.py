"""Collecting: what students handed in comes into ``submitted/`` and the ledger, and nothing else.

A folder, an archive as LMSs export them, or nbgrader's exchange. Archives are read, never unpacked:
only files with harmless names are written, below ``submitted/STUDENT/LESSON``, in one step each.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nbgrader.api import Student

from autograder.grading import reading
from autograder.grading.attempts import Attempt, Person, Sorted, attempts, sort_out
from autograder.grading.classroom import ClassDirectory, sqlite_file
from autograder.grading.exchange import from_exchange
from autograder.grading.ledger import Ledger
from autograder.grading.reading import Unreadable
from autograder.grading.senders import FOLDER, Roster, Sent
from autograder.grading.submitted import alone, clear_drafts, moment, put, read_submission
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lessons_in

NEW, REPLACED, UNCHANGED, OLDER = "new", "replaced", "unchanged", "older"
REFUSED, UNASSIGNED, LEFT_OUT = "refused", "unassigned", "left out"

SENTENCES = {
    NEW: "collected.",
    REPLACED: "collected; what stood there before is kept in the ledger.",
    UNCHANGED: "is here already, unchanged.",
    OLDER: "was handed in before what is here already, and is kept in the ledger.",
    REFUSED: "not collected.",
    UNASSIGNED: "",
    LEFT_OUT: "left out: the LMS's own notes, or another lesson.",
}

Progress = Callable[[str, int, int], None]

__all__ = ["Collected", "collect", "read_submission"]


@dataclass(frozen=True)
class Collected:
    """What came of one student's files, or of files that are nobody's.

    Attributes
    ----------
    student : str
        Empty where nothing tells whose the files are.
    state : str
        "new", "replaced" (another submission stood there), "unchanged", "older" (what stands there
        was handed in later; this one is kept in the ledger), "refused" (no notebook in it);
        "unassigned" (nobody's files), "left out" (not a student's: the LMS's notes, other lessons).
    attempts : int
        How many attempts the source held; the last one counts.
    handed_in : str or None
    receipt : str
        Proves to the student what was collected.
    files : tuple of str
        What stands in ``submitted/``; for nobody's files, their paths in the source.
    problems : tuple of str
        A sentence for whatever was left out or is to be looked at.
    """

    student: str
    state: str
    attempts: int = 0
    handed_in: str | None = None
    receipt: str = ""
    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def problem(self) -> bool:
        """Whether a person has to do something, because a file or a submission stays out."""
        return self.state in (REFUSED, UNASSIGNED)

    @property
    def source(self) -> str:
        """Files that are nobody's, as one line."""
        more = f" and {len(self.files) - 3} more" if len(self.files) > 3 else ""
        return ", ".join(self.files[:3]) + more

    @property
    def text(self) -> str:
        """What happened, in sentences."""
        return " ".join([SENTENCES[self.state], *self.problems]).strip()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain lists, strings and numbers."""
        return asdict(self)


def nothing(student: str, done: int, of: int) -> None:
    """Report no progress."""


def collect(
    course: ClassDirectory, lesson: str, source: Path | None, progress: Progress = nothing
) -> list[Collected]:
    """Bring submissions of a lesson into ``submitted/`` and the ledger.

    Parameters
    ----------
    course : ClassDirectory
    lesson : str
        A lesson, by its name or its topic.
    source : Path or None
        A folder or a zip; nbgrader's exchange when None.
    progress : callable
        Called with each student, how many are done, and how many there are.

    Returns
    -------
    list of Collected
        One for each student, in order; then what is nobody's.

    Raises
    ------
    ClassError
        The lesson or the source isn't there, the source can't be read, or the class directory
        can't be written. What was collected until then is whole.
    """
    name = course.lesson(lesson)
    with Ledger(course.root) as ledger, alone(ledger.folder):
        opened = _exchange(course, name) if source is None else _source(course, name, source)
        with opened as found:
            people = sorted(found.people.values(), key=lambda person: person.student)
            results = []
            for count, person in enumerate(people, start=1):
                results.append(_take(course, ledger, person, name))
                progress(person.student, count, len(people))
            return results + _nobodys(found)


@contextmanager
def _source(course: ClassDirectory, lesson: str, source: Path) -> Iterator[Sorted]:
    roster, lessons = _roster(course), lessons_in(course.root)
    with ExitStack() as stack:
        try:
            if source.is_dir():
                contents = reading.in_folder(source)
            else:
                file = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                contents = reading.in_zip(stack.enter_context(open(file, "rb")))
        except OSError as error:
            raise ClassError(
                f"{source} can't be read ({error.strerror}). Name the folder or the zip that holds "
                "the submissions, or none for nbgrader's exchange."
            ) from error
        except Unreadable as error:
            raise ClassError(
                f"{source} {error} Nothing was collected from it. Export the submissions again, or "
                "unpack them yourself and name the folder."
            ) from error
        name = source.resolve().name if source.is_dir() else source.stem
        yield sort_out(contents, lesson, roster, lessons, name)


@contextmanager
def _exchange(course: ClassDirectory, lesson: str) -> Iterator[Sorted]:
    drafts = Path(tempfile.mkdtemp(prefix=".draft-", dir=course.root))
    try:
        students, notes = from_exchange(course, lesson, drafts)
        found = Sorted()
        for student in students:
            contents = reading.in_folder(drafts / student / lesson, reading.STUDENT)
            person = found.people[student] = Person(student)
            person.pieces = [
                (Sent(FOLDER, student, "", student, piece.path), piece) for piece in contents.pieces
            ]
        for student, note in notes:
            if student in found.people:
                found.people[student].problems.append(note)
            else:
                found.unassigned.setdefault(note, []).append(student)
        yield found
    finally:
        shutil.rmtree(drafts, ignore_errors=True)


def _roster(course: ClassDirectory) -> Roster:
    """The students whom the gradebook knows, and those who handed something in before."""
    roster = Roster()
    file = sqlite_file(course.nbgrader().db_url)
    if file is None or file.is_file():
        with course.gradebook() as book:
            kept = (Student.id, Student.first_name, Student.last_name, Student.lms_user_id)
            for row in book.db.query(*kept):
                roster.add(*(value or "" for value in row))
    folder = course.submission("STUDENT", "LESSON").parent.parent
    if folder.is_dir():
        roster.ids |= {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    return roster


def _take(course: ClassDirectory, ledger: Ledger, person: Person, lesson: str) -> Collected:
    """Bring in one student's attempts; the last one that has a notebook counts."""
    student, problems = person.student, list(person.problems)
    last: Attempt | None = None
    count = 0
    for attempt in attempts(person, lesson):
        count += 1
        problems += attempt.problems
        if attempt.files:
            if last is not None:
                ledger.receive(student, lesson, last.files, last.handed_in, counts=False)
            last = attempt
    if last is None:
        if not person.pieces and not problems:
            problems = [f"{student} handed in nothing. Ask for {lesson}.ipynb."]
        return Collected(student, REFUSED, count, problems=tuple(problems))
    return _settle(course, ledger, student, lesson, last, count, problems)


def _settle(
    course: ClassDirectory,
    ledger: Ledger,
    student: str,
    lesson: str,
    last: Attempt,
    count: int,
    problems: list[str],
) -> Collected:
    target = course.submission(student, lesson)
    clear_drafts(target)
    result = Collected(student, NEW, count, last.handed_in, files=tuple(last.files))
    keep = False
    if os.path.lexists(target):
        files, missed, stood = read_submission(course, student, lesson)
        if files:
            ledger.receive(student, lesson, files, stood, counts=False)
        result = _compared(result, last, files, stood)
        keep = bool(missed)
    counts = result.state != OLDER
    submission = ledger.receive(student, lesson, last.files, last.handed_in, counts=counts)
    if result.state in (NEW, REPLACED):
        kept = put(target, last.files, last.handed_in, keep=keep)
        if kept:
            problems.append(f"What was in {target} before is kept beside it as {kept}.")
    return replace(result, receipt=submission.receipt, problems=tuple(problems))


def _compared(
    result: Collected, last: Attempt, files: dict[str, bytes], stood: str | None
) -> Collected:
    """What becomes of a submission where another one stands already."""
    new, old = moment(last.handed_in), moment(stood)
    if files == last.files and (last.handed_in is None or new == old):
        return replace(result, state=UNCHANGED, handed_in=stood)
    if new is not None and old is not None and new < old:
        return replace(result, state=OLDER)
    return replace(result, state=REPLACED)


def _nobodys(found: Sorted) -> list[Collected]:
    results = [
        Collected("", UNASSIGNED, files=_shown(paths), problems=(sentence,))
        for sentence, paths in sorted(found.unassigned.items())
    ]
    if found.left_out:
        results.append(Collected("", LEFT_OUT, files=_shown(found.left_out)))
    return results


def _shown(paths: list[str]) -> tuple[str, ...]:
    return tuple(map(reading.printable, sorted(paths)))
