"""A class on a Dask cluster: the same scores as on one machine, and nobody left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from autograder.grading import cluster
from autograder.grading.cluster import grade_here
from autograder.grading.engine import Job
from autograder.grading.grade import grade
from autograder.grading.outcomes import Settings
from autograder.notebooks.errors import ClassError
from tests import killable
from tests.killable import LESSON, WALLS, copied, state

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

if not os.environ.get("CI"):  # there it has to be installed
    pytest.importorskip("distributed", reason="Dask isn't installed: the extra `cluster`")

SECONDS = 60
QUIET = {**os.environ, "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "1m", "PYTHONWARNINGS": "ignore"}


def dask(folder, *words):
    """A process of Dask's own command."""
    log = (folder / f"{words[0]}.log").open("a")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=folder,
            env=QUIET,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A scheduler and workers on this machine, as a teacher would start them."""

    def __init__(self, folder):
        self.folder, self.workers = folder, []
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        options = ["--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = dask(folder, "scheduler", *options)

    def add_worker(self):
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60"]
        worker = dask(self.folder, "worker", self.address, *options)
        self.workers.append(worker)
        return worker

    def wait_for(self, count):
        from distributed import Client

        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            if count:
                client.wait_for_workers(count, timeout=SECONDS)

    def close(self):
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def two(tmp_path):
    """A cluster with two workers."""
    made = Cluster(tmp_path)
    try:
        made.add_worker(), made.add_worker()
        made.wait_for(2)
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    return killable.new_class(tmp_path_factory.mktemp("cluster") / "pristine")


@pytest.fixture(scope="module")
def local(pristine, tmp_path_factory):
    """What the class comes to on this machine."""
    room = copied(pristine, tmp_path_factory.mktemp("local") / "room")
    grade(room, LESSON, Settings(unsandboxed=not WALLS))
    return state(room)


@pytest.fixture
def room(pristine, tmp_path):
    return copied(pristine, tmp_path / "room")


def on(address, **more):
    return Settings(scheduler=address, unsandboxed=not WALLS, **more)


def assert_same(room, local):
    now = state(room)
    assert now["ledger"] == local["ledger"]
    assert now["rows"] == local["rows"]
    assert set(now["files"]) == set(local["files"])


def test_a_worker_is_killed_and_the_scores_are_the_same(two, room, local):
    """Its engine ends with it: no oracle and no walls are left behind."""
    victim, other = two.workers
    engines = {}

    def kill(student, done, of):
        if done == 2:
            engines.update(killable.below(victim.pid))
            victim.kill()

    run = grade(room, LESSON, on(two.address), kill)
    assert engines, "it had no engine"
    assert killable.left_over(engines) == {}
    assert [outcome.student for outcome in run.attention] == ["scribbler"]
    assert_same(room, local)
    engines = killable.below(other.pid)
    assert engines
    other.terminate()
    other.wait()
    assert killable.left_over(engines) == {}


def test_several_threads_of_a_worker_take_turns(pristine, monkeypatch):
    """Two submissions at once in one engine would be told each other's verdicts."""
    busy, most = [], []

    class Counting:
        def grade(self, job):
            busy.append(job)
            most.append(len(busy))
            time.sleep(0.02)
            busy.pop()
            return {"student": job.student}

    monkeypatch.setattr(cluster, "_own", [Counting()])
    jobs = [Job(str(number), LESSON, "", b"") for number in range(8)]
    threads = [threading.Thread(target=grade_here, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_a_scheduler_that_doesn_t_answer_is_told(room, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    for address in (f"tcp://127.0.0.1:{free_port()}", "nonsense://x:1"):
        with pytest.raises(ClassError, match=r"doesn't answer .*`dask scheduler`") as told:
            grade(room, LESSON, on(address))
        assert "\n" not in str(told.value)


def test_a_scheduler_without_workers_and_one_that_dies_are_told(room, tmp_path, monkeypatch):
    """What is graded stays; the next run, here, does the rest."""
    monkeypatch.setattr(cluster, "ALONE_SECONDS", 1)
    made = Cluster(tmp_path)
    try:
        made.wait_for(0)
        with pytest.raises(ClassError, match=r"no worker for 1 seconds.*nothing was lost"):
            grade(room, LESSON, on(made.address))
        monkeypatch.setattr(cluster, "ALONE_SECONDS", 60)
        made.add_worker()
        made.wait_for(1)

        def kill(student, done, of):
            made.scheduler.kill()

        with pytest.raises(ClassError, match=r"was lost; nothing was lost"):
            grade(room, LESSON, on(made.address), kill)
    finally:
        made.close()
    run = grade(room, LESSON, Settings(unsandboxed=not WALLS))
    fresh = sum(outcome.fresh for outcome in run.outcomes)
    assert 0 < fresh < len(run.outcomes)
    assert [outcome.student for outcome in run.attention] == ["scribbler"]


def test_a_worker_with_another_judge_is_refused(two, room, monkeypatch):
    monkeypatch.setattr(cluster, "engine_version", lambda: "newer")
    with pytest.raises(ClassError, match="another version of the autograder"):
        grade(room, LESSON, on(two.address))
    assert state(room)["ledger"]["results"] == {}


def test_without_dask_the_sentence_says_what_to_install(room, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClassError, match=r"pip install 'descentlab\[teach,cluster\]'"):
        grade(room, LESSON, on("tcp://127.0.0.1:1"))
