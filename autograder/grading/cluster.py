"""The same jobs on more than one machine: through a Dask scheduler, extra `cluster`.

Each Dask worker holds an engine of its own, with walls of its own. A job goes out with all that it
needs and its result comes back, so the workers need no common disk. Dask tries a job again when a
worker is lost.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograder.grading.engine import TRIES, Engine, Job, engine_version, failed
from autograder.notebooks.errors import ClassError
from descentlab.text import _

AHEAD = 200
"""Jobs that are sent out before the first comes back, so that a large class needs little memory."""

CONNECT_SECONDS = 20
LOOK_SECONDS = 0.25
ALONE_SECONDS = 60
"""How long a scheduler may be without any worker before grading stops."""

LOST = "nothing was lost. Run the command again: it goes on with the rest."


class DaskWorkers:
    """The workers of a Dask cluster.

    Parameters
    ----------
    scheduler : str
        Its address, ``"tcp://host:8786"``.

    Raises
    ------
    ClassError
        Dask isn't installed, or the scheduler doesn't answer.
    """

    def __init__(self, scheduler: str) -> None:
        try:
            import dask
            from distributed import Client
        except ModuleNotFoundError as error:
            raise ClassError(
                "A class is graded on a cluster with Dask, which isn't installed here. Install "
                "it: pip install 'descentlab[teach,cluster]'"
            ) from error
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we say it in a sentence
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
        self.address, self.seen = scheduler, time.monotonic()
        try:
            self.client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClassError(
                f"The Dask scheduler {scheduler} doesn't answer ({error}). Start it with "
                "`dask scheduler`, and workers with `dask worker ADDRESS --nthreads 1`."
            ) from error

    def __enter__(self) -> DaskWorkers:
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self.client.close(timeout=5)

    def run(
        self, jobs: Iterable[Job], heed: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Job, dict[str, Any]]]:
        """Grade jobs; yield each with its result, in the order in which they are done.

        Parameters
        ----------
        jobs : iterable of Job
            They are drawn one by one, `AHEAD` of those that are done.
        heed : callable
            Is called several times a second; what it raises ends the run.

        Raises
        ------
        ClassError
            The scheduler or all workers were lost, or a worker has another version of the judge.
        """
        stream, waiting, done = iter(jobs), {}, queue.SimpleQueue()
        self.seen = time.monotonic()

        def send() -> None:
            job = next(stream, None)
            if job is not None:
                future = self.client.submit(grade_here, job, pure=False, retries=TRIES)
                waiting[future.key] = job, future
                future.add_done_callback(done.put)

        for _number in range(AHEAD):
            send()
        while waiting:
            heed()
            try:
                future = done.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._look()
                continue
            job, _kept = waiting.pop(future.key)
            result = self._result(job, future)
            future.release()
            yield job, result
            send()

    def _result(self, job: Job, future: Any) -> dict[str, Any]:
        if future.status in ("cancelled", "lost"):
            raise ClassError(f"The Dask scheduler {self.address} was lost; {LOST}")
        if future.status == "error":
            return failed(job, _("on the cluster: {error}").format(error=future.exception()))
        result = future.result()
        if result["engine"] != engine_version():
            raise ClassError(
                f"A worker of {self.address} judges by another version of the autograder than "
                "this machine has. Install the same version on all of them, then grade again; "
                "nothing of it was recorded."
            )
        return result

    def _look(self) -> None:
        """Raise ClassError where nobody is left who could do the work."""
        if self.client.status in ("closing", "closed"):
            raise ClassError(f"The Dask scheduler {self.address} was lost; {LOST}")
        now = time.monotonic()
        if self.client.scheduler_info().get("workers"):
            self.seen = now
        elif now - self.seen > ALONE_SECONDS:
            raise ClassError(
                f"The Dask scheduler {self.address} has had no worker for {ALONE_SECONDS} seconds. "
                f"Start some with `dask worker {self.address} --nthreads 1`; {LOST}"
            )


_own: list[Engine] = []
_turn = threading.Lock()


def grade_here(job: Job) -> dict[str, Any]:
    """Grade a job with this process's own engine; a Dask worker's thread calls it.

    An engine grades one submission at a time: workers with several threads gain nothing.
    """
    with _turn:
        if not _own:
            _own.append(Engine())
            atexit.register(_own[0].close)
        return _own[0].grade(job)
