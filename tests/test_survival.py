"""Whoever kills, holds, fills or interrupts what: graded again, the class is as undisturbed."""

import contextlib
import os
import random
import re
import signal
import threading
import time
from contextlib import closing

import pytest
from nbformat.v4 import new_code_cell

from autograder.grading.engine import Engine, Job
from autograder.grading.ledger import LEASED, Ledger
from autograder.grading.terms import Terms
from autograder.notebooks.build import to_text
from autograder.notebooks.source import lesson_file
from autograder.notebooks.submission import read_notebook
from autograder.sandbox.walls import BUBBLEWRAP, NONE
from tests import killable
from tests.gradebooks import fill_up, small_disk
from tests.killable import GRADE, LESSON, Starter, copied, entries, hand_in, kinds_of_students

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

SEED = 2026
ROUNDS = 10
STUDENTS = 12
BLAMED = "The grading engine itself failed"


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    starter = Starter(tmp_path_factory.mktemp("runs") / "said")
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    return killable.new_class(tmp_path_factory.mktemp("survival") / "pristine")


@pytest.fixture(scope="module")
def undisturbed(pristine, start, tmp_path_factory):
    """What the class comes to, and how long that takes."""
    course = copied(pristine, tmp_path_factory.mktemp("undisturbed") / "room")
    run = start(course, *GRADE).wait()
    assert finished(run), run.complained
    return killable.state(course), run.seconds


@pytest.fixture
def room(pristine, tmp_path):
    return copied(pristine, tmp_path / "room")


def finished(run):
    """Whether a run says that it is done: all graded but the one who handed in no notebook."""
    assert "Traceback" not in run.complained, run.complained
    if run.code == 2 or BLAMED in run.said:
        return False
    assert run.code == 1, run.said
    assert f"{STUDENTS - 1} of {STUDENTS} graded" in run.said
    assert re.findall(r"^(\w+) needs attention", run.said, re.M) == ["scribbler"]
    return True


def until_done(start, room):
    """Run the same command until it says that it is done."""
    for _ in range(4):
        if finished(run := start(room, *GRADE).wait()):
            return run
    pytest.fail(f"it never said that it was done: {run.said} {run.complained}")


def assert_same(room, undisturbed, but=()):
    now = killable.state(room)
    assert now["ledger"] == undisturbed[0]["ledger"]
    assert now["files"] == undisturbed[0]["files"]
    assert now["rows"] == undisturbed[0]["rows"]
    assert now["ledger"]["twice"] == []
    assert now["ledger"]["not published"] == set()


def test_the_undisturbed_class_holds_all_kinds(undisturbed):
    seen = undisturbed[0]["ledger"]
    points = {student: points for student, (_state, points) in seen["results"].items()}
    assert len(points) == STUDENTS
    assert points["right"] == 94
    assert points["untouched"] == points["endless"] == points["wrong0"] == 0
    assert 0 < points["exits"] < 94
    assert points["last"] < 94
    assert seen["jobs"]["scribbler"] == "attention"


# --- kill -9


WALLS = ("zygote", "walls" if killable.WALLS else "zygote")
HURRY = 0.25
"""The longest pause before a kill, as a share of what a whole run takes."""


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_killed_five_times_and_run_again(turn, room, start, undisturbed):
    """Fifty in all: graders, workers, oracles, and zygotes or the walls round them."""
    dice = random.Random(SEED + turn)
    order = ["grader", "grader", "worker", "oracle", dice.choice(WALLS)]
    dice.shuffle(order)
    run, seen, killed = None, {}, []
    for part in order:
        if run is None or killable.born(run.pid) is None:
            run = start(room, *GRADE)
        part, pid = find(run, part, dice.uniform(0.0, HURRY * undisturbed[1]), dice)
        seen |= killable.below(run.pid)
        killed.append(f"{part} at {time.monotonic() - run.began:.2f} s")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if part == "grader":
            run.wait()
            run = None
    if run is not None:
        run.wait()
    print(f"seed {SEED + turn}: {', '.join(killed)}")
    assert killable.left_over(seen) == {}
    until_done(start, room)
    assert_same(room, undisturbed)


def find(run, part, pause, dice):
    """Wait, then find a process of a run; the grader, where the run is too near its end."""
    time.sleep(pause)
    while killable.born(run.pid):
        if part == "grader":
            break
        if pids := killable.parts(run).get(part):
            return part, dice.choice(pids)
        time.sleep(0.005)  # it has none yet
    return "grader", run.pid


# --- Ctrl-C


@pytest.mark.parametrize("turn", range(4))
def test_ctrl_c_ends_with_a_sentence(turn, room, start, undisturbed):
    """As a terminal sends it: to the grader and to all its workers."""
    dice = random.Random(SEED + turn)
    run = start(room, *GRADE)
    seen = {}
    if turn:
        while killable.born(run.pid) and not killable.parts(run).get("zygote"):
            time.sleep(0.005)
        time.sleep(dice.uniform(0.0, 0.5 * undisturbed[1]))
        seen = killable.below(run.pid)
    else:
        time.sleep(0.05)  # while it still gets ready
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGINT)
    run.wait()
    print(f"seed {SEED + turn}: {run.code} after {run.seconds:.2f} s: {run.complained}")
    assert "Traceback" not in run.complained + run.said
    if "Stopped after" in run.complained:
        assert run.code == 130
        assert len(run.complained.strip().splitlines()) == 1
    else:  # it had not begun, or it was done
        assert run.code == 130 if run.seconds < 1 else finished(run)
    assert killable.left_over(seen) == {}
    until_done(start, room)
    assert_same(room, undisturbed)


# --- the disk, the gradebook


def test_a_full_disk(pristine, start, undisturbed, tmp_path):
    """Full at once; then with room for a part of what is written, twice."""
    with small_disk(tmp_path / "disk", 64 * 1024):
        room = copied(pristine, tmp_path / "disk" / "room")
        for kilobytes in (0, 60, 300):
            fill_up(room.root)
            with (room.root / "filler").open("r+b") as filler:
                filler.truncate(filler.seek(0, os.SEEK_END) - 1024 * kilobytes)
            run = start(room, *GRADE).wait()
            assert run.code == 2, run.said
            assert "Traceback" not in run.complained
            assert re.search("No space left|is full", run.complained), run.complained
            assert "ake room on" in run.complained
            assert len(run.complained.strip().splitlines()) == 1
            (room.root / "filler").unlink()
        until_done(start, room)
        assert_same(room, undisturbed)


def test_a_gradebook_that_is_held_for_a_while_is_waited_for(room, start, undisturbed):
    run = start(room, *GRADE)
    while killable.born(run.pid) and not killable.parts(run).get("zygote"):
        time.sleep(0.005)
    with killable.held(room):
        time.sleep(0.7 * undisturbed[1])
    assert finished(run.wait()), run.complained
    assert_same(room, undisturbed)


def test_a_gradebook_that_is_held_too_long_is_told_and_nothing_is_lost(room, start, undisturbed):
    run = start(room, *GRADE, wait=0.5)
    while killable.born(run.pid) and not killable.parts(run).get("zygote"):
        time.sleep(0.005)
    with killable.held(room):
        run.wait()
        assert run.code == 2
        assert re.search("held by another program.*nothing was lost", run.complained)
        assert len(run.complained.strip().splitlines()) == 1
    until_done(start, room)
    assert_same(room, undisturbed)


# --- several at once


def test_two_graders_share_a_class(room, start, undisturbed, tmp_path):
    other = Starter(tmp_path / "other")
    other(room, "receipt", "nobody", LESSON).wait()  # it is ready now
    try:
        runs = [start(room, *GRADE), other(room, *GRADE)]
        assert all(finished(run.wait()) for run in runs)
    finally:
        other.close()
    fresh = [int(re.search(r"Graded in this run: (\d+)", run.said)[1]) for run in runs]
    print(f"fresh: {fresh}")
    assert sum(fresh) in (STUDENTS, STUDENTS + 1)  # what needs attention may be tried by both
    assert min(fresh) > 1
    assert_same(room, undisturbed)


def test_one_of_two_graders_is_killed(room, start, undisturbed, tmp_path):
    """The other takes over what it had leased."""
    other = Starter(tmp_path / "other")
    other(room, "receipt", "nobody", LESSON).wait()
    try:
        victim, run = other(room, *GRADE), start(room, *GRADE)
        while killable.born(victim.pid) and not leased(room):
            time.sleep(0.005)
        victim.kill()
        victim.wait()
        assert finished(run.wait())
    finally:
        other.close()
    assert_same(room, undisturbed)


def leased(room):
    with Ledger(room.root) as ledger:
        return {student for student, at in ledger.jobs(LESSON).items() if at == LEASED}


def test_what_is_handed_in_meanwhile_is_graded_in_the_same_run(room, start, undisturbed):
    """One who was graded already hands in again, so does one who is being graded; one is new."""
    kinds = kinds_of_students(room.root)
    run = start(room, *GRADE)
    while "endless" not in leased(room):
        assert killable.born(run.pid)
        time.sleep(0.005)
    hand_in(room, "endless", kinds["right"], day=2)  # its loop is running now
    while not (room.root / "autograded" / "broken").exists():
        assert killable.born(run.pid)
        time.sleep(0.005)
    hand_in(room, "broken", kinds["right"], day=2)
    hand_in(room, "zoe", kinds["wrong1"])
    run.wait()
    assert f"{STUDENTS} of {STUDENTS + 1} graded" in run.said, run.said + run.complained
    seen = entries(room)
    assert seen["twice"] == []
    assert seen["not published"] == set()
    points = {student: points for student, (_state, points) in seen["results"].items()}
    before = undisturbed[0]["ledger"]["results"]
    assert points["endless"] == points["broken"] == 94
    assert points["zoe"] == before["wrong1"][1]
    with Ledger(room.root) as ledger:
        assert (
            len(ledger.attempts("endless", LESSON)) == len(ledger.attempts("broken", LESSON)) == 2
        )
    with room.gradebook() as book:
        for student in ("endless", "broken"):
            marks = book.find_submission(LESSON, student)
            assert (marks.score, marks.timestamp.day) == (94, 2)


def test_a_submission_that_overtakes_stays(room, start):
    """A run that is late with an older submission doesn't write it over the newer one's result."""
    kinds = kinds_of_students(room.root)
    with Ledger(room.root) as ledger:
        first, second = (
            ledger.receive("ada", LESSON, {f"{LESSON}.ipynb": kinds[kind].encode()})
            for kind in ("wrong0", "right")
        )
        late = ledger.finish(first, "source", "engine", {"state": "graded", "cells": []})
        assert not ledger.counts(late)
        newer = ledger.finish(second, "source", "engine", {"state": "graded", "cells": []})
        assert ledger.counts(newer)


# --- the walls fall


@pytest.mark.parametrize("part", ["walls", "zygote"] if killable.WALLS else ["zygote"])
def test_walls_that_fall_in_the_last_cell_are_not_the_student_s_fault(room, part):
    """No later cell needs a room then; who ended the process has to be asked for."""
    lesson = read_notebook(lesson_file(room.root, LESSON))
    lesson.cells.append(new_code_cell("import time\ntime.sleep(3)"))
    level = BUBBLEWRAP if killable.WALLS else NONE
    terms = Terms.of(room, LESSON, level)
    job = Job("ada", LESSON, notebook=to_text(lesson).encode(), **vars(terms))
    with closing(Engine()) as engine:
        first, results = [], []
        thread = threading.Thread(target=lambda: results.append(engine.grade(job)))
        thread.start()
        while not (first and killable.rooms(os.getpid())) and thread.is_alive():
            time.sleep(0.01)
            first = killable.parts_of(os.getpid()).get(part, [])
        time.sleep(1.5)  # the cells before it are done by now
        os.kill(min(first), signal.SIGKILL)
        thread.join()
    (result,) = results
    assert result["state"] == "graded"
    assert result["flags"] == []
    assert result["notebook"].cells[-1].outputs == []
