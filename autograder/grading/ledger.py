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
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.grading.objects import Damaged, Objects, Seal
from autograder.grading.records import (
    Result,
    Submission,
    is_alive,
    open_base,
    this_process,
    to_submission,
)
from autograder.notebooks.errors import ClassError

FOLDER = ".ledger"

QUEUED, LEASED, GRADED, ATTENTION = "queued", "leased", "graded", "attention"


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
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.objects = Objects(self.folder / "objects")
            self.seal = Seal(self.folder / "key")
            self.base = open_base(self.file)
        except (OSError, sqlite3.Error) as error:
            raise ClassError(
                f"The ledger {self.file} can't be used ({error}). It records every submission; "
                "make room on the disk, give yourself the right to write there, or put a copy back "
                "in its place, then try again."
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
                self.base.execute("COMMIT")
            finally:
                if self.base.in_transaction:  # SQLite has ended it already where the disk is full
                    self.base.execute("ROLLBACK")
        except (OSError, sqlite3.Error) as error:
            raise ClassError(
                f"The ledger {self.file} can't be written ({error}). Nothing was lost: make room "
                "on the disk, or close what else holds it, then run the command again."
            ) from error

    def ask(self, question: str, *values: Any) -> list[tuple]:
        """What the base answers; ClassError where it can't be read."""
        try:
            return self.base.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise ClassError(
                f"The ledger {self.file} can't be read ({error}). Put a copy back in its place; or "
                f"move the folder {self.folder} away, and `autograder grade` makes a new one from "
                "what lies in submitted/."
            ) from error

    # What was handed in

    def receive(
        self,
        student: str,
        lesson: str,
        files: Mapping[str, bytes],
        handed_in: str | None = None,
        *,
        counts: bool = True,
    ) -> Submission:
        """Take a submission; one that is here already is the same submission.

        Parameters
        ----------
        files : name -> content
            The notebook and what lies beside it.
        counts : bool
            False for an earlier attempt: it is kept, and what counts stays what it was.
        """
        hashes = self._keep(student, files)
        whole = hashlib.sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()
        known = self._find(student, lesson, whole)
        if known is not None and self._stands(known, counts):
            return known
        with self.change() as base:
            known = self._find(student, lesson, whole)
            if known is None:
                self.seal.make()
                received = datetime.now(UTC).isoformat(timespec="seconds")
                receipt = self.seal.of(student, lesson, whole, received)
                row = (student, lesson, whole, received, handed_in, receipt)
                base.execute(
                    "INSERT INTO submissions (student, lesson, sha256, received, handed_in,"
                    " receipt, files, attempt) SELECT ?, ?, ?, ?, ?, ?, ?, COUNT(*) + 1"
                    " FROM submissions WHERE student = ? AND lesson = ?",
                    (*row, json.dumps(hashes), student, lesson),
                )
                known = self._find(student, lesson, whole)
            keep = "submission = excluded.submission" if counts else "submission = submission"
            base.execute(
                "INSERT INTO current (student, lesson, submission) VALUES (?, ?, ?)"
                f" ON CONFLICT (student, lesson) DO UPDATE SET {keep}",
                (student, lesson, known.id),
            )
        return known

    def content(self, submission: Submission, name: str) -> bytes:
        """A file of a submission; ClassError if it isn't what was handed in."""
        try:
            return self.objects.get(submission.files[name])
        except (OSError, Damaged) as error:
            raise ClassError(
                f"{name} of {submission.student}, as kept in {self.objects.folder}, isn't there or "
                f"isn't what was handed in ({error}). If it still lies in submitted/, run "
                "`autograder grade` again; otherwise collect it again."
            ) from error

    def current(self, lesson: str) -> dict[str, Submission]:
        """What counts now: student -> the last submission, in the students' order."""
        rows = self.ask(
            "SELECT s.* FROM submissions s JOIN current c ON c.submission = s.id"
            " WHERE c.lesson = ? ORDER BY s.student",
            lesson,
        )
        return {row[1]: to_submission(row) for row in rows}

    def attempts(self, student: str, lesson: str) -> list[Submission]:
        """All that a student handed in for a lesson, the first one first."""
        rows = self.ask(
            "SELECT * FROM submissions WHERE student = ? AND lesson = ? ORDER BY attempt",
            student,
            lesson,
        )
        return [to_submission(row) for row in rows]

    def verify(self, receipt: str, submission: Submission) -> bool:
        """Whether a receipt is the one that was given for a submission."""
        s = submission
        try:
            right = self.seal.of(s.student, s.lesson, s.sha256, s.received)
        except OSError as error:
            raise ClassError(
                f"Receipts can't be checked without the class's key ({error}). Put a copy of it "
                "back in its place."
            ) from error
        return hmac.compare_digest(receipt.encode(), right.encode())

    # What is to be done

    def enqueue(
        self, submission: Submission, source: str, engine: str, *, beyond: int | None = None
    ) -> None:
        """Queue a submission for grading, unless it is queued, leased or done.

        Parameters
        ----------
        beyond : int, optional
            The newest result that the caller knows of, 0 for none: what is done is queued again
            unless somebody has recorded a newer one.
        """
        job = (submission.id, source, engine)
        with self.change() as base:
            base.execute(
                "INSERT OR IGNORE INTO jobs (submission, source, engine, state)"
                " VALUES (?, ?, ?, ?)",
                (*job, QUEUED),
            )
            if beyond is not None:
                base.execute(
                    "UPDATE jobs SET state = ? WHERE submission = ? AND source = ? AND engine = ?"
                    " AND state IN (?, ?)"
                    " AND NOT EXISTS (SELECT 1 FROM results WHERE submission = ? AND id > ?)",
                    (QUEUED, *job, GRADED, ATTENTION, submission.id, beyond),
                )

    def holder(self, submission: Submission, source: str, engine: str) -> str:
        """Who has leased a job and lives; empty if nobody."""
        rows = self.ask(
            "SELECT holder, since FROM jobs WHERE submission = ? AND source = ? AND engine = ?"
            " AND state = ?",
            *(submission.id, source, engine, LEASED),
        )
        return rows[0][0] if rows and is_alive(*rows[0]) else ""

    def release_leases(self, source: str, engine: str, *, own: bool = False) -> int:
        """Queue again what a run that is no more had leased; return how many.

        Parameters
        ----------
        own : bool
            Also what this process holds, from a run that ended by an exception.
        """
        mine = this_process() if own else None
        with self.change() as base:
            held = base.execute(
                "SELECT submission, holder, since FROM jobs"
                " WHERE state = ? AND source = ? AND engine = ?",
                (LEASED, source, engine),
            ).fetchall()
            gone = [
                submission
                for submission, holder, since in held
                if holder == mine or not is_alive(holder, since)
            ]
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
                (LEASED, this_process(), time.time(), submission.id, source, engine, QUEUED),
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

    def jobs(self, lesson: str) -> dict[str, str]:
        """Where the last job of what counts now stands, by student; a lapsed lease is queued."""
        rows = self.ask(
            "SELECT c.student, j.state, j.holder, j.since FROM current c JOIN jobs j ON j.rowid ="
            " (SELECT MAX(rowid) FROM jobs WHERE submission = c.submission)"
            " WHERE c.lesson = ? ORDER BY c.student",
            lesson,
        )
        return {
            student: QUEUED if state == LEASED and not is_alive(*by) else state
            for student, state, *by in rows
        }

    def lessons(self) -> list[str]:
        """All lessons for which something was handed in, in order."""
        return [row[0] for row in self.ask("SELECT DISTINCT lesson FROM current ORDER BY lesson")]

    # What came of it

    def results(self, lesson: str, *, proposed: bool = False) -> dict[str, Result]:
        """The newest result of what counts now, by student; or the newest proposed one."""
        rows = self.ask(
            "SELECT s.*, r.id, r.source, r.engine, r.state, r.made, r.points FROM current c"
            " JOIN submissions s ON s.id = c.submission JOIN results r ON r.id ="
            " (SELECT MAX(id) FROM results WHERE submission = s.id AND proposed = ?)"
            " WHERE c.lesson = ? ORDER BY s.student",
            proposed,
            lesson,
        )
        found = {}
        for row in rows:
            number, source, engine, state, made, points = row[9:]
            submission = to_submission(row[:9])
            result = Result(number, submission, source, engine, state, made, points)
            found[submission.student] = result
        return found

    def counts(self, result: Result) -> bool:
        """Whether this is the newest result of what counts now."""
        submission = result.submission
        return bool(
            self.ask(
                "SELECT 1 FROM current WHERE student = ? AND lesson = ? AND submission = ? AND ? ="
                " (SELECT MAX(id) FROM results WHERE submission = ? AND proposed = 0)",
                *(submission.student, submission.lesson, submission.id),
                *(result.id, submission.id),
            )
        )

    def accept(self, results: Iterable[Result]) -> None:
        """Let proposed results count."""
        with self.change() as base:
            base.executemany(
                "UPDATE results SET proposed = 0 WHERE id = ?", [(r.id,) for r in results]
            )

    def payload(self, result: Result) -> dict[str, Any]:
        """The whole of a result."""
        ((packed,),) = self.ask("SELECT result FROM results WHERE id = ?", result.id)
        return json.loads(zlib.decompress(packed))

    def published(self, lesson: str) -> dict[str, int]:
        """Which result stands in the gradebook: student -> its number."""
        return dict(
            self.ask(
                "SELECT student, published FROM current WHERE lesson = ? AND published IS NOT NULL",
                lesson,
            )
        )

    def mark_published(self, result: Result) -> None:
        """Note that a result stands in the gradebook."""
        with self.change() as base:
            base.execute(
                "UPDATE current SET published = ? WHERE student = ? AND lesson = ?",
                (result.id, result.submission.student, result.submission.lesson),
            )

    # Inside

    def _keep(self, student: str, files: Mapping[str, bytes]) -> dict[str, str]:
        """Keep the contents; return name -> hash."""
        try:
            for name in (student, *files):
                name.encode()
            return {name: self.objects.put(content) for name, content in files.items()}
        except OSError as error:
            raise ClassError(
                f"A submission of {student} can't be kept in {self.objects.folder} ({error}). Make "
                "room on the disk and run the command again; nothing was lost."
            ) from error
        except UnicodeEncodeError as error:
            raise ClassError(
                f"{error.object!r} is no name that can be written down. Rename that folder or file "
                "in submitted/, then run the command again."
            ) from error

    def _stands(self, submission: Submission, counts: bool) -> bool:
        """Whether nothing would change by receiving a submission again."""
        who = (submission.student, submission.lesson)
        rows = self.ask("SELECT submission FROM current WHERE student = ? AND lesson = ?", *who)
        return bool(rows) and (not counts or rows[0][0] == submission.id)

    def _find(self, student: str, lesson: str, sha: str) -> Submission | None:
        which = "student = ? AND lesson = ? AND sha256 = ?"
        rows = self.ask(f"SELECT * FROM submissions WHERE {which}", student, lesson, sha)
        return to_submission(rows[0]) if rows else None
