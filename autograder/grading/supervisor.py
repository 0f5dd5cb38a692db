"""Watches over one submission: which cell runs, how long, and who may be asked for a verdict.

It holds no answers. It opens one judging session for each check cell, for the exercise that the
lesson's source names, passes frames between the student's process and the oracle, and ends what
overruns. A cell that ends the process loses its own points: a new room goes on from the state
before it.
"""

from __future__ import annotations

import contextlib
import math
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.limits import MEGABYTE
from autograder.sandbox.rooms import Gone, Room, Silence, Zygote, is_inside
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
from descentlab.text import N_, _
from descentlab.wire import Link, WireError, header_of, to_bytes

ORACLE_SECONDS = 60
"""For a verdict of the oracle; the slowest takes a second."""

ROOMS = 30
"""Rooms for one submission: after so many cells that end the process, the rest isn't run."""

SLOW = re.compile(r"^(?:from|import)[ ]+(scipy[.\w]*)", re.MULTILINE)
"""What a lesson may import that takes long: 0.3 s, and 8 ms more for each room from then on."""

MOST_FILES, MOST_FILE = 1000, 16 * MEGABYTE
"""Further files that a submission may bring, and bytes in one of them."""

MOST_JUNK = 1000
"""Frames out of turn in one cell, after which its room is closed."""

MOST_OUTPUTS = 16
"""What a whole submission may show, in multiples of what one cell may."""

FLAGS = {
    "out_of_turn": N_("It sent messages to the grader by itself, out of turn."),
    "offered_twice": N_("A check cell asked for more than one verdict; the first one counts."),
    "forged": N_("It sent something to the grader that isn't an answer."),
    "other_process": N_("A process that it started tried to speak to the grader."),
    "not_repeatable": N_("A cell that ran well ended the program when it was run again."),
    "memory": N_("It needed more memory than a submission may use."),
    "ended": N_("{count} of its cells ended the whole program, or were stopped."),
    "outputs": N_("It showed more than a submission may; the rest isn't kept."),
    "not_handed": N_(
        "Files that were handed in with it are too large, too many, or have names "
        "that lead elsewhere; its cells didn't see them: {names}."
    ),
}
"""What is noticed while a submission runs -> the sentence for the teacher."""


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
    """What came of a submission; `flags` are sentences for the teacher."""

    cells: list[CellResult] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def flag(self, what: str, **seen: Any) -> None:
        """Note something of FLAGS once."""
        sentence = _(FLAGS[what]).format(**seen)
        if sentence not in self.flags:
            self.flags.append(sentence)


class Oracle:
    """The judge's process, and the link to it."""

    def __init__(self) -> None:
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.oracle", str(theirs.fileno())],
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
        self.tasks, self.seeds = tasks, seeds
        self.report = Report()
        self.files = self._fitting(files)
        lesson = "\n".join(task.source for task in self.tasks if task.role == "setup")
        self.imports = sorted(set(SLOW.findall(lesson)))
        self.most = self.limits.output_kb * 1024
        self.left = MOST_OUTPUTS * self.most
        self.junk = 0
        self.good: list[Task] = []
        self.deadline = math.inf  # the clock starts in the first room
        self.rooms = 0
        self.room: Room | None = None

    def all(self) -> Report:
        try:
            for count, task in enumerate(self.tasks, start=1):
                self.report.cells.append(self._one(task, count))
        finally:
            self._leave()
        ended = sum(c.ended not in ("", "error", "not_run") for c in self.report.cells)
        if ended:
            self.report.flag("ended", count=ended)
        return self.report

    def _fitting(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files that a room takes: names inside the folder, half of the disk together."""
        kept, left_out, room = {}, [], self.limits.disk_mb * MEGABYTE // 2
        for name, content in files.items():
            if is_inside(name) and len(content) <= min(room, MOST_FILE) and len(kept) < MOST_FILES:
                kept[name] = content
                room -= len(content) + 4096
            else:
                left_out.append(name)
        if left_out:
            self.report.flag("not_handed", names=", ".join(map(ascii, left_out[:5])))
        return kept

    def _one(self, task: Task, count: int) -> CellResult:
        result = CellResult(task.index)
        self.junk = 0
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
            if gone.reason in ("memory", "forged"):
                self.report.flag(gone.reason)
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
            self.room, left = self.zygote.room(self.files, self.imports), self.left
            if self.rooms == 1:
                self.deadline = time.monotonic() + self.limits.seconds
            for count, task in enumerate(list(self.good), start=1):
                until = min(time.monotonic() + self.limits.cell_seconds, self.deadline)
                try:
                    self._cell(task, count, CellResult(task.index), until)
                except (Silence, Gone):
                    self.report.flag("not_repeatable")
                    self.good.remove(task)
                    self._leave()
                    break
            self.left = left
        return True

    def _leave(self) -> None:
        if self.room is not None:
            if self.room.strangers:
                self.report.flag("other_process")
            self.room.close()
            self.room = None

    def _cell(self, task: Task, count: int, result: CellResult, until: float) -> None:
        turn = secrets.token_hex(8)
        order = {"op": "run", "turn": turn, "source": task.source, "count": count}
        self.room.send({**order, "check": task.role == "check"}, until)
        while True:
            frame = self.room.receive(until)
            header = self._header(frame)
            op = header.get("op")
            if op in ("done", OFFER) and header.get("turn") != turn:  # of an earlier cell
                self._out_of_turn()
                if op == OFFER:
                    self.room.send({"op": NOT_HERE}, until)
            elif op == "done":
                result.ended = "error" if header.get("ended") else ""
                result.outputs = self._outputs(header, len(frame))
                return
            elif op != OFFER:
                self._out_of_turn()
            elif task.role == "check" and result.verdict is None and result.seed is None:
                self._session(task, frame, result, until)
                self.room.send({"op": RECORDED}, until)
            else:
                if task.role == "check":
                    self.report.flag("offered_twice")
                self.room.send({"op": NOT_HERE}, until)

    def _outputs(self, header: dict[str, Any], size: int) -> list[dict[str, Any]]:
        """What a cell showed, as far as it is within limits; the process itself cuts it before."""
        outputs = header.get("outputs")
        outputs = [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        if outputs and size > min(self.left, 2 * self.most):
            self.report.flag("outputs")
            text = _("[what this cell shows isn't kept: it is too much]")
            return [{"output_type": "stream", "name": "stdout", "text": text + "\n"}]
        self.left -= size if outputs else 0
        return outputs

    def _out_of_turn(self) -> None:
        self.report.flag("out_of_turn")
        self.junk += 1
        if self.junk > MOST_JUNK:
            raise Gone("forged")

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
                if header["broken"]:
                    raise OracleError(header["broken"])
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
        until = min(until, time.monotonic() + self.limits.call_seconds)
        self.room.send_bytes(frame, until)
        while True:
            answer = self.room.receive(until)
            if self._header(answer).get("op") in (ASK, OUTCOME):
                return answer
            self._out_of_turn()

    def _header(self, frame: bytes) -> dict[str, Any]:
        try:
            return header_of(frame)
        except WireError as error:
            raise Gone("forged") from error
