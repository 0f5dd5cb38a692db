"""The zygote as its owner sees it, and the rooms that it opens: one a submission."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.sandbox.limits import MEGABYTE, Limits
from autograder.sandbox.walls import BUBBLEWRAP, ENVIRONMENT, ONE_THREAD, bubblewrap, command
from descentlab.wire import Link, WireError, header_of, packets, to_bytes

ROOM_SECONDS = 60
"""For a room to be made: a hundredth, and one or two where its zygote still warms up."""

HOME = "/tmp/lesson"
LOOK = 0.1
"""Seconds between two looks at a room's memory."""

MOST_STRANGERS = 300
"""Packets of a room's other processes, after which it is closed; together 29 MB at most."""

FIRST_USER, USERS = 1_900_000_000, 64
"""Real user numbers of rooms, where the grader is root; nobody else has such a number. Each process
that opens rooms takes its own share of them: the kernel counts processes by user."""


class SandboxError(RuntimeError):
    """The walls can't be built, or the zygote died: the engine's fault, never a student's."""


class Silence(Exception):
    """Nothing came in time."""


class Gone(Exception):
    """The student's process ended, or the room was closed; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Zygote:
    """A process behind walls, soon warm, from which rooms are forked.

    It warms up by itself; the first rooms wait for it. Processes that its owner forks may open
    rooms of it, too, at the same time: each has a socket of its own.

    Parameters
    ----------
    limits : of the rooms; another may be set between two rooms
    level : {"bubblewrap", "none"}
    packages : distributions that lessons of this class need besides the usual

    Raises
    ------
    SandboxError
        It can't be started. Where the walls can't be built, the first room says so.
    """

    def __init__(
        self, limits: Limits, level: str = BUBBLEWRAP, packages: tuple[str, ...] = ()
    ) -> None:
        if level == BUBBLEWRAP and bubblewrap() is None:
            raise SandboxError(
                "bubblewrap isn't installed, so there are no walls round student code. Install it "
                "(Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)."
            )
        self.limits, self.level, self.packages = limits, level, packages
        self.owner, self.rooms = os.getpid(), 0
        self.process: subprocess.Popen | None = None
        try:
            self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the zygote)
            self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise SandboxError(f"a zygote can't be started ({error})") from error
        try:
            with theirs:
                self.process = subprocess.Popen(
                    command(theirs.fileno(), level, packages),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self.errors,
                    cwd="/",
                    process_group=0,  # Ctrl-C is the grader's to heed
                    env=ENVIRONMENT if level == BUBBLEWRAP else {**os.environ, **ONE_THREAD},
                )
            self.control.settimeout(ROOM_SECONDS)
        except OSError as error:
            self.close()
            raise SandboxError(f"bubblewrap can't be started ({error})") from error
        except BaseException:
            self.close()
            raise

    def room(self, files: Mapping[str, bytes] | None = None, imports: Iterable[str] = ()) -> Room:
        """Open a room.

        Parameters
        ----------
        files : name -> content
            The student's own files; they lie in the folder where the notebook runs.
        imports : modules
            What the lesson will ask for, and takes long to import; never what a student names.

        Raises
        ------
        SandboxError
            It can't be made.
        """
        files = files or {}
        for name in files:
            if not is_inside(name):
                raise ValueError(f"a file can't be called {name!r} in a room")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        walls = self.level == BUBBLEWRAP
        root = walls and is_root()
        self.rooms += 1
        order = {
            "walls": walls,
            "root": root,
            "uid": self._user() if root else 65534,
            "disk": self.limits.disk_mb * MEGABYTE,
            "limits": self.limits.rlimits() if walls else self._without_walls(),
            "output": self.limits.output_kb * 1024,
            "files": len(files),
            "imports": list(imports),
            "home": HOME if walls else tempfile.mkdtemp(prefix="descentlab-room-"),
        }
        room = Room(ours, self.limits, walls, "" if walls else order["home"])
        try:
            with theirs:
                socket.send_fds(self.control, [json.dumps(order).encode()], [theirs.fileno()])
            ours.settimeout(ROOM_SECONDS)
            for name, content in files.items():
                room.link.send_bytes(to_bytes({"op": "file", "name": name}) + content)
            room.enter()
        except (OSError, SandboxError) as error:
            room.close()
            raise SandboxError(f"a room can't be made ({error}). {self._said()}") from error
        except BaseException:
            room.close()
            raise
        return room

    def close(self) -> None:
        """End the zygote, and with it whatever still runs behind its walls.

        A process that was forked from its owner only lets go of it. Closed within its first
        moments it may leave a bubblewrap that waits for ever; `workers.bury_walls` finds that.
        """
        self.control.close()
        if self.process is not None and self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        self.errors.close()

    def _user(self) -> int:
        """A user number for the next room, unlike those of rooms that other graders open."""
        return FIRST_USER + os.getpid() % 3_000_000 * USERS + self.rooms % USERS

    def _without_walls(self) -> dict[str, int]:
        limits = self.limits.rlimits()
        del limits["RLIMIT_NPROC"]  # it would count all that the teacher has running
        return limits

    def _said(self) -> str:
        """The last lines that it wrote to its stderr."""
        with contextlib.suppress(OSError, ValueError):
            start = max(0, os.fstat(self.errors.fileno()).st_size - 4000)
            said = os.pread(self.errors.fileno(), 4000, start)  # a seek would move its own place
            lines = said.decode(errors="replace").splitlines()
            return "It said: " + " | ".join(lines[-4:]) if lines else ""
        return ""


class Room:
    """One submission's process, watched: the kernel says who sends, how long, how much memory."""

    def __init__(self, end: socket.socket, limits: Limits, walls: bool, folder: str = "") -> None:
        self.end, self.link = end, Link(end)
        self.limits, self.walls, self.folder = limits, walls, folder
        self.first = self.student = 0
        self.handles: list[int] = []
        self.strangers = 0
        self.started = self.looked = time.monotonic()

    def enter(self) -> None:
        """Learn who the room's first process is, then who the student's is."""
        _header, self.first = self._greeting("room")
        self.handles.append(self._handle(self.first))
        _header, self.student = self._greeting("ready")
        self.handles.append(self._handle(self.student))
        self.started = time.monotonic()

    def send(self, header: dict[str, Any], until: float) -> None:
        """Send a small frame."""
        self.send_bytes(to_bytes(header), until)

    def send_bytes(self, frame: bytes, until: float) -> None:
        """Send a frame; Silence if nobody reads it until then, Gone if nobody is there."""
        for packet in packets(frame):
            left = until - time.monotonic()
            if left <= 0:
                raise Silence
            self.end.settimeout(left)
            try:
                self.end.sendall(packet)
            except TimeoutError as error:
                raise Silence from error
            except OSError as error:
                raise Gone("crashed") from error

    def receive(self, until: float) -> bytes:
        """The next frame of the student's own process; frames of other processes are dropped.

        Parameters
        ----------
        until : when to stop waiting, on the monotonic clock

        Raises
        ------
        Silence
            Nothing came until then.
        Gone
            The process has ended, or uses too much memory.
        """
        while True:
            now = time.monotonic()
            if now >= until:
                raise Silence
            if now - self.looked >= LOOK:
                self.looked = now
                self._look()
            wait = min(until - now, LOOK)
            ready, _, _ = select.select([self.end, self.handles[-1]], [], [], wait)
            if not ready:
                continue
            if self.end not in ready:
                raise Gone("crashed")
            try:
                frame, sender = self.link.receive_packet()
            except (OSError, EOFError) as error:
                raise Gone("crashed") from error
            except WireError as error:
                raise Gone("forged") from error
            if sender != self.student:
                self.strangers += 1
                if self.strangers > MOST_STRANGERS:
                    raise Gone("forged")
            elif frame is not None:
                return frame

    def close(self) -> None:
        """End everything in the room."""
        if not self.walls and self.student:  # the first process ends what the student's left
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self.handles[-1], signal.SIGKILL)
            select.select([self.handles[0]], [], [], 2)
        for handle in self.handles:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        for handle in self.handles:
            os.close(handle)
        self.handles = []
        self.end.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _greeting(self, expected: str) -> tuple[dict[str, Any], int]:
        deadline = time.monotonic() + ROOM_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.end], [], [], left)[0]:
                try:
                    frame, sender = self.link.receive_packet()
                    header = header_of(frame) if frame is not None else {}
                except (OSError, EOFError, WireError) as error:
                    raise SandboxError(f"it ended: {error}") from error
                if header.get("op") == expected:
                    return header, sender
                if header:
                    raise SandboxError(header.get("why", header))
        raise SandboxError(f"not within {ROOM_SECONDS} seconds")

    def _handle(self, pid: int) -> int:
        try:
            return os.pidfd_open(pid)
        except OSError as error:
            raise SandboxError(f"its process can't be watched: {error}") from error

    def _look(self) -> None:
        """Raise Gone where all of the room's processes together hold too much memory."""
        if time.monotonic() - self.started > self.limits.seconds:
            raise Gone("timed_out")
        pids = [self.student, *_below(self.first if self.walls else self.student)]
        most = self.limits.room_mb * MEGABYTE
        if sum(map(_resident, pids)) > most and sum(map(_share, set(pids))) > most:
            raise Gone("memory")


def is_root() -> bool:
    """Whether this is root with all user numbers; in some containers root has only a few."""
    if os.geteuid() != 0:
        return False
    with open("/proc/self/uid_map") as stream:
        spans = [[int(word) for word in line.split()] for line in stream]
    last = FIRST_USER + 3_000_000 * USERS
    return any(start <= FIRST_USER and last < start + count for start, _to, count in spans)


def is_inside(name: str) -> bool:
    """Whether a file's name leads nowhere but into the folder that it is put into."""
    parts = name.split("/")
    try:
        plain = all(part not in ("", ".", "..") and len(part.encode()) < 200 for part in parts)
    except UnicodeEncodeError:  # half a character
        return False
    return plain and "\0" not in name and len(parts) < 20


def _below(pid: int) -> list[int]:
    """All processes that descend from one."""
    found: list[int] = []
    waiting = [pid]
    while waiting and len(found) < 2000:
        with contextlib.suppress(OSError, ValueError):
            one = waiting.pop()
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as stream:
                    children = [int(word) for word in stream.read().split()]
                found += children
                waiting += children
    return found


def _resident(pid: int) -> int:
    """Bytes that a process holds, what it shares with others included."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _share(pid: int) -> int:
    """Bytes that a process holds, what is shared counted by parts."""
    found = 0
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/smaps_rollup") as stream:
        for line in stream:
            if line.startswith(("Pss:", "SwapPss:")):
                found += int(line.split()[1]) * 1024
    return found or _resident(pid)
