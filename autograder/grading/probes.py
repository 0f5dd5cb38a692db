"""Small programs that try, from inside a real room, what a hostile notebook would."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import Gone, Silence, Zygote
from descentlab.wire import header_of

SECONDS = 20.0
"""For a probe; each takes a second or two at most."""

LOOK_AROUND = """
import ctypes, importlib.util, json, os, socket
def can(step):
    try:
        return step() or True
    except Exception:
        return False
def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as end:
        end.settimeout(1)
        end.connect(address)
    return True
libc = ctypes.CDLL(None, use_errno=True)
libc.unshare(0x10000000)
refused = ctypes.get_errno()
print(json.dumps({
    "ip": can(lambda: connect(socket.AF_INET, ("127.0.0.1", PORT))),
    "abstract": can(lambda: connect(socket.AF_UNIX, NAME)),
    "proc": (can(lambda: [os.listdir("/proc")]) or [[]])[0],
    "package": importlib.util.find_spec("autograder") is not None,
    "seen": [path for path in PATHS if os.path.lexists(path)],
    "unshare": refused,
    "user": os.getuid(),
    "folder": os.getcwd(),
    "open": sum(can(lambda n=n: os.fstat(n)) is not False for n in range(3, 256)),
}))
"""

TRIALS = {
    "memory": ("bytearray(MEMORY)", MemoryError),
    "processes": (
        "import os, signal\nfor n in range(PROCESSES + 8):\n"
        "    if os.fork() == 0:\n        signal.pause()\n",
        OSError,
    ),
    "file": (
        "with open('large', 'wb') as file:\n    for n in range(FILE + 1):\n"
        "        file.write(bytes(1 << 20))\n",
        OSError,
    ),
    "disk": (
        "for n in range(DISK + 1):\n    with open(f'part{n}', 'wb') as file:\n"
        "        file.write(bytes(1 << 20))\n",
        OSError,
    ),
}
"""What is tried -> the program, and the error that ends it where the limit holds."""


@dataclass(frozen=True)
class Answer:
    """What came of a probe.

    Attributes
    ----------
    text : str
        What it printed.
    ended : str
        Empty, "error", "timed_out", "crashed" or "memory".
    error : str
        The name of the error that it ended with.
    status : dict
        What the kernel says of its process (/proc/PID/status).
    """

    text: str = ""
    ended: str = ""
    error: str = ""
    status: dict[str, str] | None = None

    def found(self) -> dict[str, Any]:
        """What it printed, as JSON; nothing where that can't be read."""
        with contextlib.suppress(ValueError):
            return dict(json.loads(self.text))
        return {}


def ask(zygote: Zygote, source: str, limits: Limits | None = None) -> Answer:
    """Run a program in a room of its own; SandboxError where no room opens."""
    usual = zygote.limits
    zygote.limits = limits or usual
    try:
        room = zygote.room()
    finally:
        zygote.limits = usual
    until = time.monotonic() + SECONDS
    status = _status(room.student)
    try:
        room.send({"op": "run", "turn": "1", "check": False, "source": source, "count": 1}, until)
        while True:
            header = header_of(room.receive(until))
            if header.get("op") == "done":
                return _answer(header, status)
    except Silence:
        return Answer(ended="timed_out", status=status)
    except Gone as gone:
        return Answer(ended=gone.reason, status=status)
    finally:
        room.close()


def _answer(header: dict[str, Any], status: dict[str, str]) -> Answer:
    outputs = header.get("outputs") or []
    text = "".join(str(o.get("text", "")) for o in outputs if o.get("output_type") == "stream")
    errors = [str(o.get("ename")) for o in outputs if o.get("output_type") == "error"]
    return Answer(text, str(header.get("ended", "")), (errors or [""])[0], status)


def _status(pid: int) -> dict[str, str]:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {}


def look_around(zygote: Zygote, secrets: list[Path]) -> Answer:
    """What a student's process sees of this machine.

    Parameters
    ----------
    secrets : list of Path
        Files that it must not see. A file of our own in the folder for temporary files, a port of
        127.0.0.1 and an abstract socket are added.
    """
    with _listening() as (port, name), tempfile.NamedTemporaryFile() as canary:
        paths = [str(path) for path in [*secrets, Path(canary.name)]]
        head = f"PORT, NAME, PATHS = {port!r}, {name!r}, {paths!r}\n"
        return ask(zygote, head + LOOK_AROUND)


@contextlib.contextmanager
def _listening() -> Iterator[tuple[int, str]]:
    name = f"\0descentlab-doctor-{os.getpid()}"
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        unix.bind(name)
        unix.listen()
        yield tcp.getsockname()[1], name


def try_limits(zygote: Zygote) -> dict[str, bool]:
    """Which limits hold, each tried in a room of its own; the slow ones at a lower number."""
    limits = zygote.limits
    numbers = {
        "MEMORY": limits.memory_mb << 20,
        "PROCESSES": limits.processes,
        "FILE": limits.file_mb,
        "DISK": limits.disk_mb,
    }
    head = "".join(f"{name} = {number}\n" for name, number in numbers.items())
    held = {}
    for name, (source, error) in TRIALS.items():
        roomy = replace(limits, output_kb=max(limits.output_kb, 64))
        answer = ask(zygote, head + source, roomy)
        kinds = [error.__name__, *(kind.__name__ for kind in error.__subclasses__())]
        held[name] = answer.error in kinds
    shown = ask(zygote, f"print('x' * {limits.output_kb * 2048})")
    held["output"] = 0 < len(shown.text) <= limits.output_kb * 1024 + 200
    busy = ask(zygote, "while True:\n    pass", replace(limits, cpu_seconds=1, seconds=15.0))
    held["processor time"] = busy.ended == "crashed"
    sleeping = "import time\ntime.sleep(60)"
    slept = ask(zygote, sleeping, replace(limits, seconds=0.5))
    held["wall clock"] = slept.ended == "timed_out"
    much = f"import numpy\nx = numpy.ones(40_000_000)\n{sleeping}"
    large = ask(zygote, much, replace(limits, room_mb=200, seconds=15.0))
    held["memory of all processes"] = large.ended == "memory"
    return held
