"""The same jobs on more than one machine: through a Dask scheduler, extra `cluster`.

Each Dask worker holds an engine of its own, with walls of its own. A job goes out with all that it
needs and its result comes back, so the workers need no common disk. Dask tries a job again when a
worker is lost.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from autograder.grading.engine import TRIES, Engine, Job, failed
from autograder.notebooks.errors import ClassError
from descentlab.text import _

AHEAD = 200
"""Jobs that are sent out before the first comes back, so that a large class needs little memory."""

CONNECT_SECONDS = 20

_engines: dict[int, Engine] = {}


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
            from distributed import Client
        except ModuleNotFoundError as error:
            raise ClassError(
                "A class is graded on a cluster with Dask, which isn't installed here. Install "
                "it: pip install 'descentlab[teach,cluster]'"
            ) from error
        try:
            self.client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClassError(
                f"The Dask scheduler {scheduler} doesn't answer ({error}). Start it with "
                "`dask scheduler`, and workers with `dask worker ADDRESS --nthreads 1`."
            ) from error

    def __enter__(self) -> DaskWorkers:
        return self

    def __exit__(self, *_) -> None:
        self.client.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, dict[str, Any]]]:
        """Grade jobs; yield each with its result, in the order in which they are done."""
        from distributed import as_completed

        stream, waiting = iter(jobs), {}
        finished = as_completed()

        def send() -> None:
            job = next(stream, None)
            if job is not None:
                future = self.client.submit(grade_here, job, pure=False, retries=TRIES)
                waiting[future.key] = job
                finished.add(future)

        for _number in range(AHEAD):
            send()
        for future in finished:
            job = waiting.pop(future.key)
            try:
                result = future.result()
            except Exception as error:  # whatever went wrong on another machine
                result = failed(job, _("on the cluster: {error}").format(error=error))
            future.release()
            yield job, result
            send()


def grade_here(job: Job) -> dict[str, Any]:
    """Grade a job with this process's own engine; a Dask worker's thread calls it."""
    engine = _engines.setdefault(os.getpid(), Engine())
    return engine.grade(job)
