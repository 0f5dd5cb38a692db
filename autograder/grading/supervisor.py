"""Watches over one submission: which cell runs, how long, and who may be asked for a verdict.

It holds no answers. It opens one judging session for each check cell, for the exercise that the
lesson's source names, passes frames between the student's process and the oracle, and ends what
overruns. A cell that ends the process loses its own points: a new room goes on from the state
before it.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.rooms import Gone, Room, Silence, Zygote
from descentlab.answering import (
    ASK,
    GONE,
    JUDGE,
    NOT_HERE,
    OFFER,
    OUTCOME,
    RECORDED,
    VERDICT,
)
from descentlab.wire import Link, WireError, header_of, to_bytes

ORACLE_SECONDS = 60
"""For a verdict of the oracle; the slowest takes a second."""

ROOMS = 6
"""Rooms for one submission: after so many cells that end the process, the rest isn't run."""


class OracleError(RuntimeError):
    """The oracle died or doesn't answer: the engine's fault, never a student's."""


@dataclass(frozen=True)
class Task:
    """One code cell to run.

    Attributes
    ----------
    index : of the cell in the notebook
    role : "setup", "solution", "check" or "own"
    name : the exercise or question that a check cell checks
    source : what is run
    """

    index: int
    role: str
    name: str
    source: str


@dataclass
class CellResult:
    """What came of one cell.

    Attributes
    ----------
    index : of the cell in the notebook
    ended : "" where it ran to its end, else "error", "timed_out", "crashed", "memory", "forged"
        or "not_run"
    outputs : what it showed, as the student's process says: not to be trusted
    verdict : what the oracle says, for a check cell; None where nothing was judged
    seed : of the judging session
    """

    index: int
    ended: str = ""
    outputs: list[dict[str, Any]] = field(default_factory=list)
    verdict: dict[str, Any] | None = None
    seed: int | None = None


@dataclass
class Report:
    """What came of a submission; `flags` are words for the teacher."""

    cells: list[CellResult] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def flag(self, word: str) -> None:
        """Note something once."""
        if word not in self.flags:
            self.flags.append(word)


class Oracle:
    """The judge's process, and the link to it."""

    def __init__(self) -> None:
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "autograder.oracle", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self.end.settimeout(ORACLE_SECONDS)
        self.link = Link(self.end)

    def send_bytes(self, frame: bytes) -> None:
        """Send a frame."""
        with self._alive():
            self.link.send_bytes(frame)

    def receive(self) -> bytes:
        """Wait for a frame."""
        with self._alive():
            return self.link.receive()

    def close(self) -> None:
        """End the process."""
        self.end.close()
        self.process.kill()
        self.process.wait()

    @contextlib.contextmanager
    def _alive(self):
        try:
            yield
        except (OSError, EOFError, WireError) as error:
            raise OracleError(f"the oracle doesn't answer ({error})") from error


class Supervisor:
    """Runs submissions one after the other, in rooms of one zygote, judged by one oracle."""

    def __init__(self, zygote: Zygote, oracle: Oracle) -> None:
        self.zygote, self.oracle = zygote, oracle
        self.limits = zygote.limits

    def run(
        self,
        tasks: Iterable[Task],
        files: Mapping[str, bytes] | None = None,
        seeds: Mapping[str, int] | None = None,
    ) -> Report:
        """Run a submission's cells in order.

        Parameters
        ----------
        tasks : list of Task
        files : name -> content
            The student's own files.
        seeds : name -> seed
            Of judging sessions that are to be repeated; a secret one is drawn for all others.
        """
        return _Run(self, list(tasks), files or {}, seeds or {}).all()


class _Run:
    """One submission."""

    def __init__(self, supervisor, tasks, files, seeds) -> None:
        self.zygote, self.oracle = supervisor.zygote, supervisor.oracle
        self.limits = supervisor.limits
        self.tasks, self.files, self.seeds = tasks, files, seeds
        self.report = Report()
        self.good: list[Task] = []
        self.deadline = time.monotonic() + self.limits.seconds
        self.rooms = 0
        self.room: Room | None = None

    def all(self) -> Report:
        try:
            for count, task in enumerate(self.tasks, start=1):
                self.report.cells.append(self._one(task, count))
        finally:
            self._leave()
        return self.report

    def _one(self, task: Task, count: int) -> CellResult:
        result = CellResult(task.index)
        if time.monotonic() > self.deadline or not self._enter():
            result.ended = "not_run"
            return result
        until = min(time.monotonic() + self.limits.cell_seconds, self.deadline)
        try:
            self._cell(task, count, result, until)
        except Silence:
            result.ended = "timed_out"
        except Gone as gone:
            result.ended = gone.reason
        if result.ended in ("", "error"):
            if task.role != "check":
                self.good.append(task)
        else:
            self._leave()
        return result

    def _enter(self) -> bool:
        """Have a room in the state before this cell; False where there were too many already."""
        while self.room is None:
            if self.rooms >= ROOMS:
                return False
            self.rooms += 1
            self.room = self.zygote.room(self.files)
            for count, task in enumerate(list(self.good), start=1):
                until = min(time.monotonic() + self.limits.cell_seconds, self.deadline)
                try:
                    self._cell(task, count, CellResult(task.index), until)
                except (Silence, Gone):
                    self.report.flag("not_repeatable")
                    self.good.remove(task)
                    self._leave()
                    break
        return True

    def _leave(self) -> None:
        if self.room is not None:
            if self.room.strangers:
                self.report.flag("other_process")
            self.room.close()
            self.room = None

    def _cell(self, task: Task, count: int, result: CellResult, until: float) -> None:
        self.room.send({"op": "run", "source": task.source, "count": count})
        while True:
            frame = self.room.receive(until)
            header = self._header(frame)
            op = header.get("op")
            if op == "done":
                outputs = header.get("outputs")
                result.ended = "error" if header.get("ended") else ""
                result.outputs = outputs if isinstance(outputs, list) else []
                return
            if op != OFFER:
                self.report.flag("out_of_turn")
            elif task.role == "check" and result.verdict is None and result.seed is None:
                self._session(task, frame, result, until)
                self.room.send({"op": RECORDED})
            else:
                if task.role == "check":
                    self.report.flag("offered_twice")
                self.room.send({"op": NOT_HERE})

    def _session(self, task: Task, offer: bytes, result: CellResult, until: float) -> None:
        """Pass frames between the two until there is a verdict; then raise what ended the room."""
        result.seed = self.seeds.get(task.name, secrets.randbits(63))
        header = {"op": JUDGE, "name": task.name, "seed": result.seed}
        self.oracle.send_bytes(to_bytes(header))
        self.oracle.send_bytes(offer)
        ended: Silence | Gone | None = None
        while True:
            frame = self.oracle.receive()
            header = header_of(frame)
            if header["op"] == VERDICT:
                result.verdict = header["verdict"]
                if header["why"]:
                    self.report.flag("forged")
                    ended = ended or Gone("forged")
                break
            if ended is None:
                try:
                    self.oracle.send_bytes(self._asked(frame, until))
                    continue
                except (Silence, Gone) as stop:
                    ended = stop
            fault = "timed_out" if isinstance(ended, Silence) else "crashed"
            self.oracle.send_bytes(to_bytes({"op": GONE, "fault": fault}))
        if ended is not None:
            raise ended

    def _asked(self, frame: bytes, until: float) -> bytes:
        """Hand a call (or a function's value) to the student's process; return what it answers."""
        self.room.send_bytes(frame)
        until = min(until, time.monotonic() + self.limits.call_seconds)
        while True:
            answer = self.room.receive(until)
            if self._header(answer).get("op") in (ASK, OUTCOME):
                return answer
            self.report.flag("out_of_turn")

    def _header(self, frame: bytes) -> dict[str, Any]:
        try:
            return header_of(frame)
        except WireError as error:
            raise Gone("forged") from error
