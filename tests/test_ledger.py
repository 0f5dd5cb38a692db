"""The ledger: nothing that was taken in is lost, whoever kills, fills or tampers with what."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.grading.ledger import ATTENTION, GRADED, LEASED, QUEUED, Ledger
from autograder.grading.objects import STALE_SECONDS
from autograder.notebooks.errors import ClassError

LESSON, KEY = "03_momentum", ("lesson-1", "engine-1")
GRADED_RESULT = {"state": GRADED, "cells": [{"points": 22.0}, {"points": 0.5}]}


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path) as opened:
        yield opened


def files(text):
    return {f"{LESSON}.ipynb": text.encode(), "data/x.csv": b"1,2\n"}


def started(code, *arguments):
    """Another Python with a ledger and these tests' words."""
    head = (
        "import os, random, sys\nfrom pathlib import Path\n"
        "from autograder.grading.ledger import Ledger\n"
        f"LESSON, KEY, GRADED = {LESSON!r}, {KEY!r}, {GRADED_RESULT!r}\n"
    )
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


# What was handed in


def test_a_submission_comes_back_as_it_was(ledger):
    taken = ledger.receive("ada", LESSON, files("a"), "2026-11-01 10:00:00 UTC")
    assert {name: ledger.content(taken, name) for name in taken.files} == files("a")
    assert taken.attempt == 1
    assert taken.handed_in == "2026-11-01 10:00:00 UTC"
    assert ledger.current(LESSON) == {"ada": taken}


def test_the_same_again_is_the_same_submission(ledger):
    first = ledger.receive("ada", LESSON, files("a"))
    assert ledger.receive("ada", LESSON, files("a"), "2026-11-02") == first
    assert ledger.attempts("ada", LESSON) == [first]


def test_a_name_counts_as_much_as_a_content(ledger):
    first = ledger.receive("ada", LESSON, {"a": b"1", "b": b"2"})
    second = ledger.receive("ada", LESSON, {"a": b"2", "b": b"1"})
    assert first.sha256 != second.sha256


def test_the_last_one_counts_and_all_are_kept(ledger):
    first, second = (ledger.receive("ada", LESSON, files(text)) for text in "ab")
    assert ledger.current(LESSON)["ada"] == second
    assert ledger.attempts("ada", LESSON) == [first, second]
    assert [s.attempt for s in (first, second)] == [1, 2]
    assert ledger.receive("ada", LESSON, files("a")) == first
    assert ledger.current(LESSON)["ada"] == first, "handed in again, it counts again"


def test_an_earlier_attempt_is_kept_and_doesn_t_count(ledger):
    last = ledger.receive("ada", LESSON, files("b"))
    first = ledger.receive("ada", LESSON, files("a"), counts=False)
    assert ledger.current(LESSON)["ada"] == last
    assert ledger.attempts("ada", LESSON) == [last, first]


def test_students_with_the_same_file_have_a_submission_each(ledger):
    one, other = (ledger.receive(name, LESSON, files("a")) for name in ("ada", "王小明"))
    assert one.id != other.id
    assert one.sha256 == other.sha256
    assert list(ledger.current(LESSON)) == ["ada", "王小明"]
    assert ledger.lessons() == [LESSON]


def test_a_name_that_can_t_be_written_down_is_refused(ledger):
    with pytest.raises(ClassError, match="no name that can be written"):
        ledger.receive("a\udcff", LESSON, files("a"))
    with pytest.raises(ClassError, match="no name that can be written"):
        ledger.receive("ada", LESSON, {"x\udcff": b""})
    assert ledger.current(LESSON) == {}


def test_only_its_owner_reads_a_new_ledger(ledger):
    ledger.receive("ada", LESSON, files("a"))
    assert ledger.folder.stat().st_mode & 0o077 == 0
    assert (ledger.folder / "key").stat().st_mode & 0o077 == 0


# Receipts


def test_a_receipt_is_for_one_student_one_lesson_one_submission(ledger):
    mine = ledger.receive("ada", LESSON, files("a"))
    assert ledger.verify(mine.receipt, mine)
    for other in (
        ledger.receive("ben", LESSON, files("a")),
        ledger.receive("ada", "02_minibatch", files("a")),
        ledger.receive("ada", LESSON, files("b")),
    ):
        assert not ledger.verify(mine.receipt, other)
    for forged in ("", mine.sha256, mine.receipt[:-1], mine.receipt.upper(), "é"):
        assert not ledger.verify(forged, mine)


def test_another_class_s_receipt_is_worth_nothing(ledger, tmp_path):
    mine = ledger.receive("ada", LESSON, files("a"))
    with Ledger(tmp_path / "other") as other:
        theirs = other.receive("ada", LESSON, files("a"))
        assert not other.verify(mine.receipt, theirs)


def test_the_words_of_a_receipt_can_t_be_shifted(ledger):
    one = ledger.receive("a", "b\nc", files("a"))
    other = ledger.receive("a\nb", "c", files("a"))
    assert one.receipt != other.receipt


def test_a_receipt_outlives_the_program(tmp_path):
    with Ledger(tmp_path) as first:
        mine = first.receive("ada", LESSON, files("a"))
    with Ledger(tmp_path) as again:
        assert again.verify(mine.receipt, again.current(LESSON)["ada"])


def test_without_the_key_nothing_is_verified(ledger):
    mine = ledger.receive("ada", LESSON, files("a"))
    (ledger.folder / "key").unlink()
    with pytest.raises(ClassError, match="key"):
        ledger.verify(mine.receipt, mine)


# Tampering


@pytest.mark.parametrize("how", ["changed", "cut", "deleted", "replaced"])
def test_a_tampered_content_is_seen_and_collecting_again_heals_it(ledger, how):
    taken = ledger.receive("ada", LESSON, files("a" * 1000))
    other = ledger.receive("ben", LESSON, files("b"))
    name = f"{LESSON}.ipynb"
    file = ledger.objects.file(taken.files[name])
    if how == "changed":
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    elif how == "cut":
        os.truncate(file, 5)
    elif how == "deleted":
        file.unlink()
    else:
        shutil.copyfile(ledger.objects.file(other.files[name]), file)
    with pytest.raises(ClassError, match=r"ada.*isn't what was handed in.*again"):
        ledger.content(taken, name)
    assert ledger.receive("ada", LESSON, files("a" * 1000)) == taken
    assert ledger.content(taken, name) == b"a" * 1000


def test_a_file_that_is_no_ledger_is_told(tmp_path):
    (tmp_path / ".ledger").mkdir()
    (tmp_path / ".ledger" / "ledger.db").write_bytes(b"no database at all " * 100)
    with pytest.raises(ClassError, match="can't be used"):
        Ledger(tmp_path)


def test_a_damaged_ledger_is_told(tmp_path):
    with Ledger(tmp_path) as first:
        for n in range(200):
            first.receive(f"s{n}", LESSON, {"x": b"1"})
        first.base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / ".ledger" / "ledger.db"
    content = file.read_bytes()
    file.write_bytes(content[:8192] + bytes(len(content) - 8192))
    with pytest.raises(ClassError, match="can't be"), Ledger(tmp_path) as again:
        again.current(LESSON)


def test_a_newer_ledger_is_left_alone(tmp_path):
    with Ledger(tmp_path) as first:
        first.base.execute("PRAGMA user_version = 99")
    with pytest.raises(ClassError, match="newer version"):
        Ledger(tmp_path)


def test_what_a_killed_program_left_is_cleared_away(tmp_path):
    drafts = tmp_path / ".ledger" / "objects" / "drafts"
    drafts.mkdir(parents=True)
    for name, age in (("old", STALE_SECONDS + 60), ("new", 0)):
        (drafts / name).write_bytes(b"half")
        os.utime(drafts / name, (time.time() - age,) * 2)
    with Ledger(tmp_path):
        assert [path.name for path in drafts.iterdir()] == ["new"]


# Jobs and results


def test_a_job_goes_from_queued_to_leased_to_graded(ledger):
    taken = ledger.receive("ada", LESSON, files("a"))
    assert not ledger.lease(taken, *KEY), "it isn't queued yet"
    ledger.enqueue(taken, *KEY)
    assert ledger.jobs(LESSON) == {"ada": QUEUED}
    assert ledger.lease(taken, *KEY)
    assert not ledger.lease(taken, *KEY), "it is taken"
    assert ledger.jobs(LESSON) == {"ada": LEASED}
    result = ledger.finish(taken, *KEY, GRADED_RESULT)
    assert result.points == 22.5
    assert ledger.jobs(LESSON) == {"ada": GRADED}
    assert ledger.payload(result) == GRADED_RESULT
    assert ledger.results(LESSON) == {"ada": result}
    ledger.enqueue(taken, *KEY)
    assert not ledger.lease(taken, *KEY), "it is done"


def test_a_result_is_published_once_it_is_marked(ledger):
    taken = ledger.receive("ada", LESSON, files("a"))
    first = ledger.finish(taken, *KEY, GRADED_RESULT)
    assert ledger.published(LESSON) == {}
    ledger.mark_published(first)
    assert ledger.published(LESSON) == {"ada": first.id}
    second = ledger.finish(taken, *KEY, GRADED_RESULT)
    assert ledger.results(LESSON)["ada"] == second
    assert ledger.published(LESSON)["ada"] == first.id, "the new one isn't published yet"


def test_a_proposed_result_waits_until_it_is_accepted(ledger):
    taken = ledger.receive("ada", LESSON, files("a"))
    first = ledger.finish(taken, *KEY, GRADED_RESULT)
    second = ledger.finish(taken, *KEY, {**GRADED_RESULT, "cells": []}, proposed=True)
    assert ledger.results(LESSON)["ada"].id == first.id
    assert ledger.results(LESSON, proposed=True)["ada"].id == second.id
    ledger.accept([second])
    assert ledger.results(LESSON)["ada"].id == second.id


def test_a_new_submission_has_no_result_and_no_job(ledger):
    taken = ledger.receive("ada", LESSON, files("a"))
    ledger.enqueue(taken, *KEY)
    ledger.finish(taken, *KEY, {"state": ATTENTION, "attention": "why"})
    assert ledger.jobs(LESSON) == {"ada": ATTENTION}
    ledger.receive("ada", LESSON, files("b"))
    assert ledger.results(LESSON) == {}
    assert ledger.jobs(LESSON) == {}


def test_a_lease_ends_with_its_holder(ledger, tmp_path):
    taken = ledger.receive("ada", LESSON, files("a"))
    ledger.enqueue(taken, *KEY)
    other = started(
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "ledger.lease(ledger.current(LESSON)['ada'], *KEY)\n"
        "print('leased', flush=True)\nimport time; time.sleep(60)\n",
        tmp_path,
    )
    assert other.stdout.readline() == "leased\n"
    assert ledger.release_leases(*KEY) == 0
    assert ledger.jobs(LESSON) == {"ada": LEASED}
    other.kill()
    other.wait()
    other.stdout.close()
    assert ledger.jobs(LESSON) == {"ada": QUEUED}
    assert ledger.release_leases(*KEY) == 1
    assert ledger.lease(taken, *KEY)


def test_another_machine_s_lease_is_believed_for_a_while(ledger):
    taken = ledger.receive("ada", LESSON, files("a"))
    ledger.enqueue(taken, *KEY)
    ledger.lease(taken, *KEY)
    for since, left in ((time.time() - 60, 0), (time.time() - 100_000, 1)):
        with ledger.change() as base:
            base.execute("UPDATE jobs SET holder = '1:1:elsewhere', since = ?", (since,))
        assert ledger.release_leases(*KEY) == left


def test_a_change_that_fails_changes_nothing(ledger):
    def fail():
        with ledger.change() as base:
            base.execute("INSERT INTO current (student, lesson, submission) VALUES ('a', 'b', 1)")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ledger.lessons() == []
    ledger.receive("ada", LESSON, files("a"))


def test_a_ledger_that_somebody_holds_is_waited_for_then_told(ledger, tmp_path):
    ledger.base.execute("PRAGMA busy_timeout = 200")
    holder = sqlite3.connect(ledger.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(ClassError, match="locked"):
        ledger.receive("ada", LESSON, files("a"))
    assert ledger.current(LESSON) == {}, "who reads isn't held up"
    holder.execute("ROLLBACK")
    holder.close()
    assert ledger.receive("ada", LESSON, files("a")).attempt == 1


# Several programs, killed programs, full disks


RACE = """
ledger = Ledger(Path(sys.argv[1]))
for n in range(40):
    ledger.receive(f"s{n % 8}", LESSON, {"x": str(n // 2).encode()})
for submission in ledger.current(LESSON).values():
    ledger.enqueue(submission, *KEY)
    if ledger.lease(submission, *KEY):
        print(submission.id, flush=True)
"""


def test_several_programs_take_in_and_lease_at_once(tmp_path):
    racers = [started(RACE, tmp_path) for _ in range(3)]
    leased = [line.strip() for racer in racers for line in racer.communicate()[0].splitlines()]
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert sorted(leased) == sorted(set(leased)), "a job was leased twice"
    with Ledger(tmp_path) as ledger:
        for student in ledger.current(LESSON):
            tries = [s.attempt for s in ledger.attempts(student, LESSON)]
            assert tries == list(range(1, len(tries) + 1))
        assert sum(len(ledger.attempts(f"s{n}", LESSON)) for n in range(8)) == 40


MILL = """
ledger = Ledger(Path(sys.argv[1]))
start = int(sys.argv[2])
for n in range(start, start + 10_000):
    ledger.release_leases(*KEY)
    text = f"{n} ".encode() * random.randrange(1, 20_000)
    taken = ledger.receive(f"s{n % 5}", LESSON, {"x": text})
    os.write(1, f"received {taken.student} {taken.receipt}\\n".encode())
    ledger.enqueue(taken, *KEY)
    assert ledger.lease(taken, *KEY)
    result = ledger.finish(taken, *KEY, {**GRADED, "n": n})
    os.write(1, f"finished {taken.id} {result.id}\\n".encode())
    ledger.mark_published(result)
"""


def check_whole(ledger, received, finished):
    """All that was said to be done is there, and nothing is half there."""
    assert ledger.base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept = {}
    for number in range(5):
        attempts = ledger.attempts(f"s{number}", LESSON)
        assert [s.attempt for s in attempts] == list(range(1, len(attempts) + 1))
        for taken in attempts:
            assert ledger.verify(taken.receipt, taken)
            assert len(ledger.content(taken, "x")) > 0
            kept[taken.receipt] = taken.student
    assert set(received.items()) <= set(kept.items())
    rows = dict(ledger.base.execute("SELECT id, submission FROM results").fetchall())
    assert set(finished.items()) <= set(rows.items())
    for result in ledger.results(LESSON).values():
        assert ledger.payload(result)["state"] == GRADED


@pytest.mark.slow
def test_killed_at_any_moment_nothing_that_was_said_is_lost(tmp_path):
    random.seed(20)
    received, finished = {}, {}
    for turn in range(20):
        mill = started(MILL, tmp_path, turn * 10_000)
        mill.stdout.readline() if turn % 2 else None
        time.sleep(random.uniform(0.0, 0.5) + (0.0 if turn % 2 else 0.25))
        os.kill(mill.pid, signal.SIGKILL)
        for line in mill.communicate()[0].splitlines():
            what, *words = line.split()
            if what == "received" and len(words) == 2:
                received[words[1]] = words[0]
            elif what == "finished" and len(words) == 2:
                finished[int(words[1])] = int(words[0])
        if not (tmp_path / ".ledger" / "ledger.db").exists():
            continue
        with Ledger(tmp_path) as ledger:
            check_whole(ledger, received, finished)
            ledger.release_leases(*KEY)
            assert LEASED not in ledger.jobs(LESSON).values()
    assert len(finished) > 20


@pytest.fixture
def small_disk(tmp_path):
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing(small_disk):
    filler = small_disk / "filler"
    filler.write_bytes(bytes(500_000))
    received, finished = {}, {}

    def fill(ledger):
        for n in range(10_000):
            taken = ledger.receive(f"s{n % 5}", LESSON, {"x": os.urandom(20_000)})
            received[taken.receipt] = taken.student
            result = ledger.finish(taken, *KEY, {**GRADED_RESULT, "n": os.urandom(900).hex()})
            finished[result.id] = taken.id

    with Ledger(small_disk) as ledger:
        with pytest.raises(ClassError, match=r"[Mm]ake room"):
            fill(ledger)
        assert len(received) > 10
        check_whole(ledger, received, finished)
        filler.unlink()
        for n in range(5):
            taken = ledger.receive(f"s{n}", LESSON, {"x": b"with room again" + bytes([n])})
            received[taken.receipt] = taken.student
        check_whole(ledger, received, finished)
    with Ledger(small_disk) as again:
        check_whole(again, received, finished)
        assert not list((small_disk / ".ledger" / "objects" / "drafts").iterdir())


def test_a_disk_that_fills_in_a_transaction_leaves_the_ledger_usable(small_disk):
    with Ledger(small_disk) as ledger:
        taken = ledger.receive("s0", LESSON, {"x": b"1"})
        big = {**GRADED_RESULT, "n": os.urandom(4_000_000).hex()}
        with pytest.raises(ClassError, match=r"[Mm]ake room"):
            ledger.finish(taken, *KEY, big)
        assert not ledger.base.in_transaction
        check_whole(ledger, {taken.receipt: "s0"}, {})


def test_a_folder_that_can_t_be_written_is_told(tmp_path):
    Path(tmp_path / "file").write_text("")
    with pytest.raises(ClassError, match="can't be used"):
        Ledger(tmp_path / "file")


def test_results_are_json_and_small(ledger):
    taken = ledger.receive("ada", LESSON, files("a"))
    result = ledger.finish(taken, *KEY, {**GRADED_RESULT, "text": "x" * 1_000_000})
    ((stored,),) = ledger.ask("SELECT LENGTH(result) FROM results")
    assert stored < 10_000
    assert json.dumps(ledger.payload(result))
