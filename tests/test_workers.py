"""Workers of this machine: nothing that was graded is lost, nothing that was started stays."""

import os
import shutil
import signal
import time
from contextlib import closing

import pytest

from autograder.grading import workers
from autograder.grading.engine import Job
from autograder.grading.workers import LocalWorkers
from autograder.notebooks.errors import ClassError
from autograder.sandbox import early, walls
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import Zygote
from tests.killable import born


class Echo:
    """An engine that says who handed in."""

    def __init__(self, zygote):
        pass

    def warm(self):
        pass

    def grade(self, job):
        return {"graded": job.student}


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_graded_is_told_though_the_next_job_can_not_be_drawn(monkeypatch, count):
    monkeypatch.setattr(workers, "Engine", Echo)  # the workers are forks of this process

    def jobs():
        for student in "abcd":
            yield Job(student, "lesson", "", b"")
        raise ClassError("the disk is full")

    told = []
    with LocalWorkers(count) as made, pytest.raises(ClassError, match="disk is full"):
        told.extend(result["graded"] for _job, result in made.run(jobs()))
    assert len(told) >= 4 - (count - 1)  # what others still had at hand is graded again
    assert set(told) <= set("abcd")


ENDLESS = {"op": "run", "turn": "1", "source": "while True:\n    pass", "count": 1, "check": False}


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("bwrap") is None and not os.environ.get("CI"),
    reason="bubblewrap isn't installed, so there are no walls to try",
)
def test_a_room_ends_with_the_process_that_opened_it():
    """The zygote is shared and lives on; nobody would watch over the room any more."""
    with closing(Zygote(Limits())) as zygote:
        ours, theirs = os.pipe()
        worker = os.fork()
        if worker == 0:
            room = zygote.room()
            room.send(ENDLESS, time.monotonic() + 5)
            os.write(theirs, f"{room.student}".encode())
            signal.pause()
        student = int(os.read(ours, 100))
        at = born(student)
        time.sleep(0.3)
        assert born(student) == at
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        until = time.monotonic() + 10
        while born(student) == at and time.monotonic() < until:
            time.sleep(0.02)
        assert born(student) != at
        zygote.room().close()  # it goes on


class Distribution:
    """An installed package with an odd RECORD."""

    def __init__(self, record, folder):
        self.record, self.folder = record, folder

    def read_text(self, name):
        return self.record if name == "RECORD" else None

    def locate_file(self, name):
        return self.folder / name


def test_only_a_package_s_own_folders_are_shown(tmp_path):
    record = '\nodd/__init__.py,,\n"odd,too.py",,\n./x.py,,\n../../bin/odd,,\n/abs/y.py,,\nz.py,,\n'
    shown = walls.top_level(Distribution(record, tmp_path))
    assert [path.name for path in shown] == ["odd", "z.py"]


@pytest.mark.parametrize("stated", ["scipy", [""], [1], {"scipy": 1}])
def test_packages_that_are_no_list_of_names_are_refused(stated, tmp_path):
    with pytest.raises(ValueError, match="must be a list of names"):
        walls.allowed_packages({"packages": {"allowed": stated}})
    assert walls.allowed_packages({}) == ()
    assert walls.allowed_packages({"packages": {"allowed": ["pandas"]}}) == ("pandas",)
    (tmp_path / "course.toml").write_text("[packages]\nallowed = 3\n")
    with early.warming(tmp_path / "course.toml") as zygote:  # nobody handed in anything
        assert zygote is None
