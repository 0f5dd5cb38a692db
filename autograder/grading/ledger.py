"""The ledger: what was handed in, what came of it, and what stands in the gradebook.

An SQLite file beside the gradebook, in WAL mode. Submissions are kept by their hash and never
changed; every result is a row of its own. Killed at any moment, a grading run starts again from
here: what was leased and not finished is queued again, what is finished and not yet published is
published.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.notebooks.errors import ClassError

FOLDER = ".ledger"
BUSY_SECONDS = 60

QUEUED, LEASED, GRADED, ATTENTION = "queued", "leased", "graded", "attention"

SCHEMA = """
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, lesson TEXT NOT NULL, sha256 TEXT NOT NULL,
    attempt INTEGER NOT NULL, received TEXT NOT NULL, handed_in TEXT, receipt TEXT NOT NULL,
    files TEXT NOT NULL, UNIQUE (student, lesson, sha256)
);
CREATE TABLE IF NOT EXISTS current (
    student TEXT NOT NULL, lesson TEXT NOT NULL, submission INTEGER NOT NULL,
    published INTEGER, PRIMARY KEY (student, lesson)
);
CREATE TABLE IF NOT EXISTS jobs (
    submission INTEGER NOT NULL, source TEXT NOT NULL, engine TEXT NOT NULL,
    state TEXT NOT NULL, holder TEXT, since REAL, tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (submission, source, engine)
);
CREATE TABLE IF NOT EXISTS results (
    id INTEGER PRIMARY KEY, submission INTEGER NOT NULL, source TEXT NOT NULL,
    engine TEXT NOT NULL, state TEXT NOT NULL, made TEXT NOT NULL, points REAL,
    result BLOB NOT NULL, proposed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS results_of ON results (submission, source, engine);
"""


@dataclass(frozen=True)
class Submission:
    """What a student handed in once.

    Attributes
    ----------
    id : int
    student, lesson : str
    sha256 : str
        Of the notebook and the extra files, names included.
    attempt : int
        1 for the first that this student handed in for the lesson.
    received : str
        When the ledger took it, ISO 8601, UTC.
    handed_in : str or None
        What nbgrader's timestamp.txt said.
    receipt : str
        What proves it to the student: ``Ledger.verify`` checks it.
    files : dict
        Name -> sha256 of its content.
    """

    id: int
    student: str
    lesson: str
    sha256: str
    attempt: int
    received: str
    handed_in: str | None
    receipt: str
    files: dict[str, str]


@dataclass(frozen=True)
class Result:
    """What came of one submission: a row that is never changed."""

    id: int
    submission: Submission
    source: str
    engine: str
    state: str
    made: str
    points: float | None

    @property
    def student(self) -> str:
        """Who handed it in."""
        return self.submission.student


class Ledger:
    """The ledger of one class directory.

    Parameters
    ----------
    root : Path
        The class directory.

    Raises
    ------
    ClassError
        It can't be opened or written.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER
        self.file = self.folder / "ledger.db"
        try:
            (self.folder / "objects").mkdir(parents=True, exist_ok=True)
            self.base = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
            self.base.execute("PRAGMA journal_mode = WAL")
            self.base.execute("PRAGMA synchronous = FULL")
            self.base.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise ClassError(
                f"The ledger {self.file} can't be used ({error}). It records every submission; "
                "make room on the disk, or give yourself the right to write there, then try again."
            ) from error

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_) -> None:
        self.base.close()

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        try:
            self.base.execute("BEGIN IMMEDIATE")
            try:
                yield self.base
            except BaseException:
                self.base.execute("ROLLBACK")
                raise
            self.base.execute("COMMIT")
        except sqlite3.Error as error:
            raise ClassError(
                f"The ledger {self.file} can't be written ({error}). Nothing was lost: make room "
                "on the disk, or close what else holds it, then run the command again."
            ) from error

    # What was handed in

    def receive(
        self, student: str, lesson: str, files: Mapping[str, bytes], handed_in: str | None = None
    ) -> Submission:
        """Take a submission; one that is here already is the same submission.

        Parameters
        ----------
        files : name -> content
            The notebook and what lies beside it.
        """
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        whole = hashlib.sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()
        known = self._find(student, lesson, whole)
        if known is None:
            for name, content in files.items():
                self._store(hashes[name], content)
        with self.change() as base:
            if known is None:
                (count,) = base.execute(
                    "SELECT COUNT(*) FROM submissions WHERE student = ? AND lesson = ?",
                    (student, lesson),
                ).fetchone()
                received = datetime.now(UTC).isoformat(timespec="seconds")
                receipt = self._receipt(student, lesson, whole, received)
                row = (student, lesson, whole, count + 1, received, handed_in, receipt)
                base.execute(
                    "INSERT INTO submissions (student, lesson, sha256, attempt, received,"
                    " handed_in, receipt, files) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, json.dumps(hashes)),
                )
                known = self._find(student, lesson, whole)
            base.execute(
                "INSERT INTO current (student, lesson, submission) VALUES (?, ?, ?)"
                " ON CONFLICT (student, lesson) DO UPDATE SET submission = excluded.submission",
                (student, lesson, known.id),
            )
        return known

    def content(self, submission: Submission, name: str) -> bytes:
        """A file of a submission; ClassError if it isn't what was handed in."""
        sha = submission.files[name]
        file = self._object(sha)
        try:
            content = zlib.decompress(file.read_bytes())
        except (OSError, zlib.error) as error:
            raise ClassError(
                f"{file} can't be read ({error}). Collect {submission.student}'s work again."
            ) from error
        if hashlib.sha256(content).hexdigest() != sha:
            raise ClassError(
                f"{file} was changed after {submission.student} handed it in. Collect it again."
            )
        return content

    def current(self, lesson: str) -> dict[str, Submission]:
        """What counts now: student -> the last submission, in the students' order."""
        rows = self.base.execute(
            "SELECT s.* FROM submissions s JOIN current c ON c.submission = s.id"
            " WHERE c.lesson = ? ORDER BY s.student",
            (lesson,),
        )
        return {row[1]: _submission(row) for row in rows}

    def attempts(self, student: str, lesson: str) -> list[Submission]:
        """All that a student handed in for a lesson, the first one first."""
        rows = self.base.execute(
            "SELECT * FROM submissions WHERE student = ? AND lesson = ? ORDER BY attempt",
            (student, lesson),
        )
        return [_submission(row) for row in rows]

    def verify(self, receipt: str, submission: Submission) -> bool:
        """Whether a receipt is the one that was given for a submission."""
        s = submission
        return hmac.compare_digest(
            receipt, self._receipt(s.student, s.lesson, s.sha256, s.received)
        )

    # What is to be done

    def enqueue(self, submission: Submission, source: str, engine: str) -> None:
        """Queue a submission for grading, unless it is queued, leased or done."""
        with self.change() as base:
            base.execute(
                "INSERT OR IGNORE INTO jobs (submission, source, engine, state)"
                " VALUES (?, ?, ?, ?)",
                (submission.id, source, engine, QUEUED),
            )

    def release_leases(self, source: str, engine: str) -> int:
        """Queue again what a run that is no more had leased; return how many."""
        with self.change() as base:
            held = base.execute(
                "SELECT submission, holder FROM jobs WHERE state = ? AND source = ? AND engine = ?",
                (LEASED, source, engine),
            ).fetchall()
            gone = [submission for submission, holder in held if not _alive(holder)]
            base.executemany(
                "UPDATE jobs SET state = ? WHERE submission = ? AND source = ? AND engine = ?",
                [(QUEUED, submission, source, engine) for submission in gone],
            )
        return len(gone)

    def lease(self, submission: Submission, source: str, engine: str) -> bool:
        """Take a queued job; False if it isn't queued."""
        with self.change() as base:
            taken = base.execute(
                "UPDATE jobs SET state = ?, holder = ?, since = ?, tries = tries + 1"
                " WHERE submission = ? AND source = ? AND engine = ? AND state = ?",
                (LEASED, _me(), time.time(), submission.id, source, engine, QUEUED),
            )
            return taken.rowcount == 1

    def finish(
        self,
        submission: Submission,
        source: str,
        engine: str,
        result: dict[str, Any],
        *,
        proposed: bool = False,
    ) -> Result:
        """Record what came of a job; a proposed result isn't published before it is accepted."""
        packed = zlib.compress(json.dumps(result).encode(), 6)
        points = sum(cell["points"] for cell in result.get("cells", ()))
        made = datetime.now(UTC).isoformat(timespec="seconds")
        with self.change() as base:
            cursor = base.execute(
                "INSERT INTO results (submission, source, engine, state, made, points, result,"
                " proposed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (submission.id, source, engine, result["state"], made, points, packed, proposed),
            )
            base.execute(
                "INSERT INTO jobs (submission, source, engine, state) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET state = excluded.state, holder = NULL",
                (submission.id, source, engine, result["state"]),
            )
        return Result(cursor.lastrowid, submission, source, engine, result["state"], made, points)

    # What came of it

    def results(self, lesson: str, *, proposed: bool = False) -> dict[str, Result]:
        """The newest result of what counts now, by student; or the newest proposed one."""
        rows = self.base.execute(
            "SELECT s.*, r.id, r.source, r.engine, r.state, r.made, r.points FROM current c"
            " JOIN submissions s ON s.id = c.submission JOIN results r ON r.id ="
            " (SELECT MAX(id) FROM results WHERE submission = s.id AND proposed = ?)"
            " WHERE c.lesson = ? ORDER BY s.student",
            (proposed, lesson),
        )
        found = {}
        for row in rows:
            number, source, engine, state, made, points = row[9:]
            submission = _submission(row[:9])
            result = Result(number, submission, source, engine, state, made, points)
            found[submission.student] = result
        return found

    def accept(self, results: Iterable[Result]) -> None:
        """Let proposed results count."""
        with self.change() as base:
            base.executemany(
                "UPDATE results SET proposed = 0 WHERE id = ?", [(r.id,) for r in results]
            )

    def payload(self, result: Result) -> dict[str, Any]:
        """The whole of a result."""
        (packed,) = self.base.execute(
            "SELECT result FROM results WHERE id = ?", (result.id,)
        ).fetchone()
        return json.loads(zlib.decompress(packed))

    def published(self, lesson: str) -> dict[str, int]:
        """Which result stands in the gradebook: student -> its number."""
        rows = self.base.execute(
            "SELECT student, published FROM current WHERE lesson = ? AND published IS NOT NULL",
            (lesson,),
        )
        return dict(rows.fetchall())

    def mark_published(self, result: Result) -> None:
        """Note that a result stands in the gradebook."""
        with self.change() as base:
            base.execute(
                "UPDATE current SET published = ? WHERE student = ? AND lesson = ?",
                (result.id, result.submission.student, result.submission.lesson),
            )

    # Inside

    def _find(self, student: str, lesson: str, sha: str) -> Submission | None:
        row = self.base.execute(
            "SELECT * FROM submissions WHERE student = ? AND lesson = ? AND sha256 = ?",
            (student, lesson, sha),
        ).fetchone()
        return None if row is None else _submission(row)

    def _object(self, sha: str) -> Path:
        return self.folder / "objects" / sha[:2] / sha

    def _store(self, sha: str, content: bytes) -> None:
        """Write a content once, as a whole or not at all."""
        file = self._object(sha)
        if file.is_file():
            return
        draft = file.with_name(f"{sha}.{os.getpid()}.draft")
        try:
            file.parent.mkdir(exist_ok=True)
            with open(draft, "wb") as stream:
                stream.write(zlib.compress(content, 3))
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(draft, file)
        except OSError as error:
            raise ClassError(
                f"A submission can't be kept in {file.parent} ({error}). Make room on the disk and "
                "run the command again; nothing was lost."
            ) from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _receipt(self, student: str, lesson: str, sha: str, received: str) -> str:
        text = "\n".join((student, lesson, sha, received)).encode()
        return hmac.new(self._key(), text, hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        """The class's own key, made once."""
        file = self.folder / "key"
        if not file.is_file():
            draft = self.folder / f"key.{os.getpid()}.draft"
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as stream:
                stream.write(secrets.token_bytes(32))
            with contextlib.suppress(FileExistsError):
                os.link(draft, file)
            draft.unlink()
        return file.read_bytes()


def _submission(row: tuple) -> Submission:
    return Submission(*row[:8], files=json.loads(row[8]))


def _me() -> str:
    """This process, as `_alive` knows it: its number and when it was started."""
    return f"{os.getpid()}:{_born(os.getpid())}"


def _alive(holder: str | None) -> bool:
    """Whether the process that holds a lease still runs on this machine."""
    pid, _, born = (holder or "").partition(":")
    return pid.isdigit() and _born(int(pid)) == born != ""


def _born(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
