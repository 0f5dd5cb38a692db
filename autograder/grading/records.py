"""What the ledger writes down: its tables, its rows, and who holds a job."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

BUSY_SECONDS = 60
VERSION = 1
LEASE_SECONDS = 3600
"""How long another machine's lease is believed; this machine's end with their process."""

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


def open_base(file: Path) -> sqlite3.Connection:
    """Open the ledger's file, made if it isn't there; sqlite3.Error if that can't be done."""
    base = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _prepare(base)
    except BaseException:
        base.close()
        raise
    return base


def _prepare(base: sqlite3.Connection) -> None:
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            base.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:  # SQLite doesn't wait here, whatever its timeout
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
    base.execute("PRAGMA synchronous = FULL")
    ((version,),) = base.execute("PRAGMA user_version")
    if version > VERSION:
        raise sqlite3.DatabaseError("a newer version of the autograder made it; install that")
    if version < VERSION:
        base.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")


def to_submission(row: tuple) -> Submission:
    """A row of the table `submissions`."""
    return Submission(*row[:8], files=json.loads(row[8]))


def this_process() -> str:
    """This process, as `is_alive` knows it: its machine, its number and when it was started."""
    return f"{os.getpid()}:{_born(os.getpid())}:{platform.node()}"


def is_alive(holder: str | None, since: float | None) -> bool:
    """Whether the process that holds a lease still runs, as far as this machine can tell."""
    pid, born, machine = ((holder or "") + "::").split(":")[:3]
    if machine != platform.node():
        return time.time() - (since or 0.0) < LEASE_SECONDS
    return pid.isdigit() and _born(int(pid)) == born


def _born(pid: int) -> str:
    """When a process was started, as its machine counts; "none" where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "none"
