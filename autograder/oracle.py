"""The judge behind a socket: it sends inputs, gets raw arrays back, and keeps the verdict.

It runs in a process of its own, knows the reference, and never sees a student's code, only what the
code gave back. The supervisor opens a session for the exercise that the lesson's source names.
"""

from __future__ import annotations

import contextlib
import hashlib
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from autograder import exercises, findings, wording
from autograder.judging import judge, judge_calls
from descentlab.answering import (
    ASK,
    CALL,
    GONE,
    JUDGE,
    OUTCOME,
    TOLD,
    VERDICT,
    outcome_of,
    text_of,
)
from descentlab.calls import TIME_LIMIT, Call, Given, Outcome, Seeded, hand_over, run
from descentlab.text import _
from descentlab.verdicts import Verdict
from descentlab.wire import Link, WireError, header_of, to_bytes, values_of

MOST_ASKED = 10_000
"""How often one call may ask for a function's value; the exercises need a few dozen."""

MOST_NUMBERS = 10_000
"""Numbers in the arguments of one such question, whose product of matrices is the square of that;
the exercises' have a few hundred."""

MOST_KEPT = 4_000_000
"""Numbers in all questions of one call, which are kept to be judged."""

JUDGE_SECONDS = 10.0
"""Processor time for one verdict; the slowest takes a second. What an answer returns may be so
large that looking at it takes minutes."""


class Overrun(BaseException):
    """A verdict takes too long; not an Exception, so that the judge's own care passes it on."""


def serve(link: Link) -> None:
    """Judge one session after the other until the supervisor closes its end."""
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            header = header_of(link.receive())
            if header.get("op") == JUDGE:
                link.send({"op": VERDICT, **_session(link, header)})
                link.forget()  # half of a frame, where the session ended in the middle of one


def _session(link: Link, opened: dict[str, Any]) -> dict[str, Any]:
    """One answer to one exercise; what the student's process offers comes as the next frame."""
    frame = link.receive()
    name, seed = opened["name"], int(opened["seed"])
    try:
        with _bounded():
            verdict = _judged(link, name, seed, frame, header_of(frame))
    except WireError as error:
        return {"verdict": None, "why": str(error)[:300], "broken": ""}
    except (EOFError, ConnectionError):  # the supervisor is gone
        raise
    except (Exception, Overrun) as error:
        if isinstance(error, Overrun) and _is_quick(name, seed):
            return {"verdict": _too_much(name, seed).to_json(), "why": "", "broken": ""}
        traceback.print_exc()  # the judge's own fault; the next session goes on
        broken = f"the judge of {name} failed: {error!r}"
        return {"verdict": None, "why": "", "broken": broken[:300]}
    return {"verdict": verdict.to_json(), "why": "", "broken": ""}


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Raise Overrun where this process computes too long; waiting doesn't count."""

    def stop(_signal, _frame):
        raise Overrun

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, JUDGE_SECONDS, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _is_quick(name: str, seed: int) -> bool:
    """Whether the judge gets through with the right answer, on the same inputs."""
    try:
        with _bounded():
            exercise = exercises.find(name)
            if exercise.is_question:
                return not judge(name, None).passed
            return judge_calls(exercise, partial(run, exercise.reference), seed).passed
    except (Exception, Overrun):
        return False


def _too_much(name: str, seed: int) -> Verdict:
    """The verdict where looking at what an answer returned takes too long."""
    text = _("{name} returned so much that it can't be looked at. Look at the shapes.")
    return Verdict(
        exercise=name,
        passed=False,
        points=0.0,
        max_points=float(exercises.find(name).points),
        mistake="wrong_numbers",
        message=text.format(name=name),
        title=findings.title("wrong_numbers"),
        findings=("wrong_numbers",),
        seed=seed,
    )


def _judged(link: Link, name: str, seed: int, frame: bytes, offered: dict[str, Any]) -> Verdict:
    exercise = exercises.find(name)
    if exercise.is_question or not offered.get("callable") or offered.get("question"):
        values = values_of(frame, offered)
        return replace(judge(name, values[0] if values else None, seed=seed), seed=seed)
    verdict = judge_calls(exercise, Elsewhere(link, seed), seed)
    notes = wording.changed_defaults(exercise, _defaults(offered.get("defaults")))
    return replace(verdict, notes=verdict.notes + notes)


def _defaults(claimed: Any) -> dict[str, str]:
    if not isinstance(claimed, dict):
        return {}
    return {name: text_of(text)[:100] for name, text in list(claimed.items())[:50]}


class Elsewhere:
    """Calls an answer that lives in another process; `judge_calls` takes it for a runner."""

    def __init__(self, link: Link, seed: int) -> None:
        self.link = link
        self.seed = seed
        self.ended = ""

    def __call__(self, call: Call) -> Outcome:
        if self.ended:
            return Outcome(fault=self.ended)
        keywords = list(call.kwargs)
        values = [self._outward(value) for value in (*call.args, *call.kwargs.values())]
        count = len(call.args)
        self.link.send_bytes(_call_frame(values[:count], values[count:], keywords))
        asked = Asked()
        functions = {
            value.name: value.function
            for value in (*call.args, *call.kwargs.values())
            if isinstance(value, Given)
        }
        while True:
            frame = self.link.receive()
            header = header_of(frame)
            if header.get("op") == ASK:
                self.link.send_bytes(_told(functions, frame, header, asked))
            elif header.get("op") == OUTCOME:
                return outcome_of(frame, header, call, tuple(asked.calls))
            elif header.get("op") == GONE:
                self.ended = header["fault"]
                return Outcome(fault=self.ended)

    def _outward(self, value: Any) -> Any:
        """A generator's seed is hashed: it tells nothing of the seed that the inputs come from."""
        if isinstance(value, Seeded):
            digest = hashlib.sha256(f"{self.seed}:{value.seed}".encode()).digest()
            return Seeded(int.from_bytes(digest[:8], "little") >> 1)
        return value


def _call_frame(args: list[Any], kwargs: list[Any], keywords: list[str]) -> bytes:
    header = {"op": CALL, "keywords": keywords, "count": len(args), "limit": TIME_LIMIT}
    return to_bytes(header, (*args, *kwargs))


@dataclass
class Asked:
    """What an answer asked the exercise's functions for, in one call."""

    calls: list[tuple[str, tuple]] = field(default_factory=list)
    numbers: int = 0

    def takes(self, arguments: tuple) -> bool:
        """Whether another question may be answered and kept."""
        count = sum(np.size(argument) for argument in arguments)
        self.numbers += count
        few = len(self.calls) < MOST_ASKED and self.numbers <= MOST_KEPT
        return few and count <= MOST_NUMBERS


def _told(functions: dict[str, Callable], frame: bytes, header: dict, asked: Asked) -> bytes:
    """The value of a function that the exercise hands in, for the arguments that were sent."""
    name = str(header.get("name"))
    arguments = tuple(values_of(frame, header))
    if name not in functions:
        raise WireError("it asked for a function that wasn't handed in")
    try:  # wrong arguments raise here what they raise in a notebook
        if not asked.takes(arguments):
            raise RuntimeError(f"{name} was called too often, or with too many numbers")
        asked.calls.append((name, tuple(hand_over(argument) for argument in arguments)))
        with np.errstate(all="ignore"):
            value = functions[name](*arguments)
    except Exception as error:
        kind = type(error).__name__
        return to_bytes({"op": TOLD, "raised": [kind, str(error)[:500]]})
    return to_bytes({"op": TOLD}, (value,))


MOST_MEMORY = 8 * 1024**3
"""Bytes of address space; more is a MemoryError for one answer, and no harm to the machine."""


def main() -> None:
    """Serve on the socket whose descriptor is the first argument."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(hard, MOST_MEMORY)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    serve(Link(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
