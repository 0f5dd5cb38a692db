"""Processes that grade side by side on this machine; one that dies is replaced, its job goes on.

A worker holds an `Engine`. Its oracle is its child and ends with it. The first workers share a
zygote, which is the grader's; the others, and one that loses it, start one of their own.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from autograder.grading.engine import TRIES, Engine, Job, failed
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import Zygote
from autograder.sandbox.walls import ZYGOTE
from descentlab.text import _

PR_SET_PDEATHSIG = 1

SHARE = 8
"""Workers that share a zygote: it makes one room after the other, 5 ms each."""

LOOK_SECONDS = 0.25
LOST_SECONDS = 120
SLACK_SECONDS = 120
"""On top of a submission's own limit, before a worker that doesn't answer is replaced."""


def default_jobs() -> int:
    """Workers when nobody says how many: one for each core that this process may use."""
    return max(1, len(os.sched_getaffinity(0)))


@dataclass
class _Worker:
    process: Any
    link: Connection
    job: Job | None = None
    tries: int = 0
    since: float = 0.0


class LocalWorkers:
    """Worker processes of this machine.

    They are forked at once, so make them before anything starts a thread.

    Parameters
    ----------
    count : int
        How many.
    zygote : Zygote or None
        For the first `SHARE` of them; the others start one of their own, as all do for None.
    """

    def __init__(self, count: int, zygote: Zygote | None = None) -> None:
        bury_walls()
        gc.freeze()  # or each worker's first collection would copy all that they share
        self.zygote = zygote
        self.workers = [_start(zygote if number < SHARE else None) for number in range(count)]

    def __enter__(self) -> LocalWorkers:
        return self

    def __exit__(self, *_) -> None:
        for worker in self.workers:
            worker.link.close()
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()

    def run(
        self, jobs: Iterable[Job], heed: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Job, dict[str, Any]]]:
        """Grade jobs; yield each with its result, in the order in which they are done.

        Parameters
        ----------
        jobs : iterable of Job
            They are drawn one by one, when a worker is free.
        heed : callable
            Is called several times a second; what it raises ends the run.
        """
        stream, again = iter(jobs), deque()
        while True:
            heed()
            self._feed(stream, again)
            busy = [worker for worker in self.workers if worker.job is not None]
            if not busy:
                return
            wait([w.link for w in busy] + [w.process.sentinel for w in busy], timeout=LOOK_SECONDS)
            for worker in busy:
                yield from self._look(worker, stream, again)

    def _feed(self, stream: Iterator[Job], again: deque) -> None:
        for worker in self.workers:
            if worker.job is not None:
                continue
            job, tries = again.popleft() if again else (next(stream, None), 0)
            if job is None:
                return
            worker.job, worker.tries, worker.since = job, tries + 1, time.monotonic()
            with contextlib.suppress(OSError):  # a worker that died is found by its sentinel
                worker.link.send(job)

    def _look(
        self, worker: _Worker, stream: Iterator[Job], again: deque
    ) -> Iterator[tuple[Job, dict[str, Any]]]:
        """What a worker has to say; a dead or silent one is replaced."""
        job = worker.job
        result = None
        with contextlib.suppress(OSError, EOFError):
            if worker.link.poll():
                result = worker.link.recv()
        if result is not None:
            worker.job = None
            try:
                self._feed(stream, again)  # before the caller writes the result down
            finally:
                yield job, result  # whatever the next job stumbled over
            return
        late = time.monotonic() - worker.since > Limits.of(job.limits).seconds + SLACK_SECONDS
        if worker.process.is_alive() and not late:
            return
        tries = worker.tries
        worker.process.kill()
        worker.process.join()
        worker.link.close()
        fresh = _start(self.zygote)
        worker.process, worker.link, worker.job = fresh.process, fresh.link, None
        if tries < TRIES and not late:
            again.append((job, tries))
        else:
            yield job, failed(job, _("the worker ended, or didn't answer any more"))


def lost_walls(older: float = LOST_SECONDS) -> list[int]:
    """Bubblewraps whose parent was killed while they started: they wait for it for ever.

    Parameters
    ----------
    older : float
        Seconds since they were started; younger ones may still be at it.
    """
    found, now = [], time.clock_gettime(time.CLOCK_BOOTTIME)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            if (folder / "comm").read_text() != "bwrap\n" or folder.stat().st_uid != os.geteuid():
                continue
            words = (folder / "cmdline").read_bytes().split(b"\0")
            born = (folder / "stat").read_text().rpartition(")")[2].split()[19]
            age = now - int(born) / os.sysconf("SC_CLK_TCK")
            alone = not (folder / "task" / folder.name / "children").read_text()
            if bytes(ZYGOTE) in words and alone and age > older:
                found.append(int(folder.name))
    return found


def bury_walls() -> None:
    """End what runs that were killed left behind."""
    for pid in lost_walls():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _start(zygote: Zygote | None) -> _Worker:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    arguments = (theirs, ours, os.getpid(), zygote)
    process = context.Process(target=_work, args=arguments, daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(link: Connection, other: Connection, parent: int, zygote: Zygote | None) -> None:
    """What a worker does until the grader closes its end."""
    other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader says when to stop
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    engine = Engine(zygote)
    engine.warm()
    try:
        while True:
            link.send(engine.grade(link.recv()))
    except (EOFError, OSError):
        engine.close()
