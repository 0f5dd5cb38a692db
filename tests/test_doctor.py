"""`autograder doctor` and `autograder status`: what they say is so, and a missing wall is seen."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from autograder.grading import doctor, probes
from autograder.grading.classroom import ClassDirectory
from autograder.grading.doctor import examine, judge_limits, judge_walls
from autograder.grading.init import init_class
from autograder.grading.ledger import ATTENTION, GRADED, Ledger
from autograder.grading.release import release
from autograder.grading.status import print_status, status
from autograder.notebooks.errors import ClassError
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import SandboxError, Zygote
from autograder.sandbox.walls import NONE, bubblewrap

LESSON, KEY = "03_momentum", ("lesson-1", "engine-1")

walled = pytest.mark.skipif(
    bubblewrap() is None and not os.environ.get("CI"),
    reason="no bubblewrap on this machine; install the package bubblewrap",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class directory that only tests that change nothing in it may use."""
    course = ClassDirectory.at(init_class(tmp_path_factory.mktemp("classes") / "made").root)
    release(course, LESSON)
    return course.root


@pytest.fixture
def room(made, tmp_path):
    """A class directory to be changed."""
    shutil.copytree(made, tmp_path / "room")
    return ClassDirectory.at(tmp_path / "room")


@pytest.fixture
def no_walls(monkeypatch):
    """Let the doctor look at the class alone, which takes no time."""
    monkeypatch.setattr(doctor, "bubblewrap", lambda: None)


def by_name(findings):
    return {finding.name: finding for finding in findings}


# The walls of this machine


@walled
@pytest.mark.slow
def test_on_this_machine_every_wall_stands(made):
    findings = by_name(examine(ClassDirectory.at(made)))
    for name in ("bubblewrap", "room", "network", "processes", "answers", "descriptors", "user"):
        assert findings[name].state == "ok", findings[name].text
    assert findings["filter"].details["Seccomp"] == "2"
    assert findings["limits hold"].state == "ok", findings["limits hold"].text
    assert all(findings["limits hold"].details.values())
    assert len(findings["limits hold"].details) == 8


@pytest.fixture(scope="module")
def open_door():
    """A zygote without walls."""
    zygote = Zygote(Limits(), NONE)
    yield zygote
    zygote.close()


def test_a_process_without_walls_is_found_out(open_door, made):
    """The same look round, from a process that isn't behind walls."""
    secret = made / "gradebook.db"
    seen = probes.look_around(open_door, [secret])
    found = by_name(judge_walls(seen))
    assert {name for name, finding in found.items() if finding.state == "missing"} >= {
        "network", "processes", "answers", "user",
    }  # fmt: skip
    assert found["filter"].state == "warning"
    assert str(secret) in found["answers"].text
    assert "tell the authors" in found["network"].text


def test_limits_that_aren_t_set_are_found_out(open_door, monkeypatch):
    """Limits of which the kernel hears nothing: each trial goes through."""
    zygote, small = open_door, replace(Limits(), memory_mb=1024, processes=4, file_mb=1, disk_mb=2)
    monkeypatch.setattr(zygote, "limits", small)
    monkeypatch.setattr(Limits, "rlimits", lambda _: {"RLIMIT_NPROC": 0})
    head = "MEMORY, PROCESSES, FILE, DISK = 1 << 30, 4, 1, 2\n"
    for name, (source, _) in probes.TRIALS.items():
        answer = probes.ask(zygote, head + source)
        assert (name, answer.error) == (name, "")


def test_one_loose_limit_is_named():
    (finding,) = judge_limits({"memory": True, "disk": False, "output": False})
    assert finding.state == "missing"
    assert "disk, output" in finding.text


@pytest.mark.parametrize(
    ("change", "name"),
    [({"ip": True}, "network"), ({"abstract": True}, "network"), ({"proc": ["1"]}, "processes"),
     ({"package": True}, "answers"), ({"seen": ["/x"]}, "answers"), ({"open": 2}, "descriptors"),
     ({"unshare": 0}, "filter")],
)  # fmt: skip
def test_each_gap_is_told_by_its_name(change, name):
    whole = {"ip": False, "abstract": False, "proc": [], "package": False, "seen": [],
             "open": 1, "unshare": 1, "user": 5, "folder": "/tmp"}  # fmt: skip
    none = {"CapEff": "0", "CapPrm": "0", "CapBnd": "0", "NoNewPrivs": "1", "Seccomp": "2"}
    user = str(doctor.FIRST_USER)
    none["Uid"] = "\t".join([user] * 4)
    tight = by_name(judge_walls(probes.Answer(json.dumps(whole), status=none)))
    assert {finding.state for finding in tight.values()} == {"ok"}
    loose = by_name(judge_walls(probes.Answer(json.dumps(whole | change), status=none)))
    assert [found for found in loose if loose[found].state != "ok"] == [name]
    for key, value in (("CapEff", "1"), ("NoNewPrivs", "0"), ("Uid", "0\t0\t0\t0")):
        worse = by_name(judge_walls(probes.Answer(json.dumps(whole), status=none | {key: value})))
        assert worse["user"].state == "missing"


def test_a_probe_that_dies_is_no_wall(made):
    (finding,) = judge_walls(probes.Answer(ended="crashed", status={}))
    assert finding.state == "missing"
    assert "crashed" in finding.text


def test_without_bubblewrap_the_remedy_is_told(no_walls):
    findings = by_name(examine())
    assert findings["bubblewrap"].state == "missing"
    assert "apt install bubblewrap" in findings["bubblewrap"].text
    assert "room" not in findings


def test_where_no_room_opens_the_remedy_is_told(monkeypatch):
    def refuse(limits):
        raise SandboxError("bwrap: No permissions to create new namespace")

    monkeypatch.setattr(doctor, "bubblewrap", lambda: "/bin/true")
    monkeypatch.setattr(doctor, "Zygote", refuse)
    finding = by_name(examine())["room"]
    assert finding.state == "missing"
    assert "--unsandboxed" in finding.text
    assert "No permissions" in finding.text


# The class directory


def test_a_class_s_limits_are_shown(room, no_walls):
    (room.root / "course.toml").write_text("[limits]\nseconds = 77.0\n")
    finding = by_name(examine(room))["limits"]
    assert finding.state == "ok"
    assert finding.details["seconds"] == 77.0
    assert finding.details["file_mb"] == Limits().file_mb
    assert "states seconds" in finding.text


@pytest.mark.parametrize(
    "text", ["[limits]\nsecond = 1\n", "[limits]\nseconds = -1\n", "=", "limits = 3"]
)
def test_wrong_limits_are_told(room, no_walls, text):
    (room.root / "course.toml").write_text(text)
    finding = by_name(examine(room))["limits"]
    assert finding.state == "missing"
    assert "course.toml" in finding.text


def test_a_class_directory_s_files(room, no_walls):
    findings = by_name(examine(room))
    assert findings["gradebook"].state == "ok"
    assert "1 lessons" in findings["gradebook"].text
    assert findings["ledger"].state == "ok"
    assert not (room.root / ".ledger").exists(), "looking makes none"
    with Ledger(room.root) as ledger:
        ledger.receive("ada", LESSON, {"x": b"1"})
    assert by_name(examine(room))["ledger"].details == {LESSON: 1}


def test_what_can_t_be_read_is_told(room, no_walls):
    (room.root / "gradebook.db").write_bytes(b"no database " * 100)
    (room.root / ".ledger").mkdir()
    (room.root / ".ledger" / "ledger.db").write_bytes(b"no database " * 100)
    findings = by_name(examine(room))
    assert findings["gradebook"].state == findings["ledger"].state == "missing"
    (room.root / "gradebook.db").unlink()
    finding = by_name(examine(room))["gradebook"]
    assert finding.state == "warning"
    assert "autograder release" in finding.text
    assert not (room.root / "gradebook.db").exists(), "looking makes none"


def test_findings_are_plain_json(room, no_walls):
    findings = examine(room)
    told = json.loads(json.dumps([finding.to_json() for finding in findings]))
    assert {finding["state"] for finding in told} <= {"ok", "warning", "missing"}
    assert all(finding["text"] for finding in told)
    assert {"PostgreSQL", "Dask", "versions", "system"} <= {finding["name"] for finding in told}


# Status


def hand_in(room, *students, name=f"{LESSON}.ipynb"):
    for student in students:
        folder = room.submission(student, LESSON)
        folder.mkdir(parents=True)
        (folder / name).write_text("{}")


def result(state, **more):
    return {"state": state, "attention": "", "cells": [], **more}


def test_nothing_yet(room):
    (row,) = status(room, "momentum")
    assert row.to_json() == {
        "lesson": LESSON, "handed_in": 0, "new": 0, "queued": 0, "leased": 0, "graded": 0,
        "published": 0, "attention": {}, "by_hand": {},
    }  # fmt: skip
    assert not (room.root / ".ledger").exists(), "looking makes none"
    assert [row.lesson for row in status(room)] == [LESSON], "it was released"


def test_each_student_is_counted_where_they_are(room):
    hand_in(room, "ada", "ben", "cleo", "dan", "eve", "finn")
    hand_in(room, "gus", name="work.ipynb")
    with Ledger(room.root) as ledger:
        taken = {s: ledger.receive(s, LESSON, {"x": s.encode()}) for s in ("ada", "ben", "cleo")}
        taken |= {s: ledger.receive(s, LESSON, {"x": s.encode()}) for s in ("dan", "eve")}
        for student in ("ada", "ben", "cleo", "dan", "eve"):
            ledger.enqueue(taken[student], *KEY)
        ledger.lease(taken["ben"], *KEY)
        for student in ("cleo", "dan"):
            done = ledger.finish(taken[student], *KEY, result(GRADED))
        ledger.mark_published(done)
        ledger.finish(taken["eve"], *KEY, result(ATTENTION, attention="it isn't JSON."))
        (row,) = status(room, LESSON)
    assert (row.handed_in, row.new, row.queued, row.leased) == (7, 1, 1, 1)
    assert (row.graded, row.published) == (2, 1)
    assert set(row.attention) == {"eve", "gus"}
    assert row.attention["eve"] == "it isn't JSON."
    assert "rename it to 03_momentum.ipynb" in row.attention["gus"]
    assert row.handed_in == row.new + row.queued + row.leased + row.graded + len(row.attention)


def test_a_submission_that_is_gone_needs_attention(room):
    with Ledger(room.root) as ledger:
        ledger.receive("ada", LESSON, {"x": b"1"})
    (row,) = status(room)
    assert "Collect it again" in row.attention["ada"]


def test_what_waits_for_a_mark_by_hand(room):
    marks = (("ada", True, None), ("ben", True, 3.0), ("cleo", False, None))
    with room.gradebook() as book:
        for student, waits, marked in marks:
            book.add_student(student)
            book.add_submission(LESSON, student)
            grade = book.find_grade("momentum__why", LESSON, LESSON, student)
            grade.needs_manual_grade, grade.manual_score = waits, marked
        book.db.commit()
    (row,) = status(room, LESSON)
    assert row.by_hand == {"ada": 1}


def test_a_ledger_that_can_t_be_read_is_told(room):
    (room.root / ".ledger").mkdir()
    (room.root / ".ledger" / "ledger.db").write_bytes(b"no database " * 100)
    with pytest.raises(ClassError):
        status(room)


def test_the_table_names_who_needs_attention(room, capsys):
    hand_in(room, "gus", name="work.ipynb")
    print_status(status(room), Console(width=120))
    said = capsys.readouterr().out
    assert "handed in" in said
    assert "gus" in said
    print_status([], Console())
    assert "autograder release" in capsys.readouterr().out


def test_the_class_directory_is_left_as_it_is(room):
    hand_in(room, "ada")

    def everything():
        return {p: p.read_bytes() for p in Path(room.root).rglob("*") if p.is_file()}

    before = everything()
    status(room)
    assert everything() == before
