"""The walls round student code, tried from inside a real room."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from autograder.grading.engine import Engine, Job
from autograder.notebooks.build import to_text
from autograder.notebooks.canon import canonical
from autograder.notebooks.source import lessons_in, solution_file
from autograder.sandbox import confine
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import FIRST_USER, Gone, SandboxError, Silence, Zygote, is_root
from tests.inside import Inside, source_of_facts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("bwrap") is None and not os.environ.get("CI"),
        reason="bubblewrap isn't installed, so there are no walls to try",
    ),
]

ABSTRACT = f"\0descentlab-test-{os.getpid()}"
KNOWN = "A student's end of a judging session"
"""Stands in descentlab, so it has to be found: the search in memory does search."""


@pytest.fixture(scope="module")
def zygote():
    zygote = Zygote(Limits())
    room = zygote.room()  # it is warm then
    zygote.alone = below(zygote.process.pid) - {room.first, *below(room.first)}
    room.close()
    yield zygote
    zygote.close()


@pytest.fixture
def limited(zygote):
    """Open a room with limits of its own."""

    def limited(**limits):
        zygote.limits = Limits(**limits)
        return Inside(zygote)

    before = zygote.limits
    yield limited
    zygote.limits = before


@pytest.fixture(scope="module")
def asked(root):
    """What nothing in a room may show: lines of every reference module and of the solutions."""
    needles = ["### BEGIN SOLUTION", "### END SOLUTION"]
    for file in sorted((root / "autograder" / "reference").glob("*.py")):
        doc = file.read_text().split('"""')[1].strip()
        needles += [line for line in doc.splitlines()[:1] if len(line) > 20]
    for file in sorted((root / "autograder").glob("judging.py")):
        needles.append(file.read_text().split('"""')[1].splitlines()[0])
    lessons = lessons_in(root)
    unseen = ["autograder", "solutions", "gradebook", "submitted", "/.git/", *lessons]
    return {
        "needles": needles,
        "known": KNOWN,
        "unseen": unseen,
        "abstract": ABSTRACT,
    }


def check_facts(facts):
    seen = [n for n in facts["names"] if not n.startswith(("/usr/lib", "/usr/share"))]
    assert [n for n in seen if "/site-packages/" in n or "/lib/python" not in n] == []
    assert facts["in files"] == []
    assert facts["count"] > 1000
    assert facts["writable"] == ["/dev/shm", "/tmp", "/tmp/lesson"]
    assert facts["proc"] == []

    assert facts["in objects"] == 0
    assert facts["in memory"] == 0
    assert facts["control"] > 0, "the search finds nothing at all"
    assert facts["blocks"] > 500
    assert facts["modules"] == []

    assert facts["descriptors"] == ["null", "null", "null", "socket"]
    assert 0 not in facts["ids"]
    assert len(set(facts["ids"])) == 1
    assert set(facts["groups"]) <= {65534}
    assert facts["capabilities"] == [0] * 6
    assert facts["seccomp"] == 2
    assert facts["no new privileges"] == 1
    assert facts["allowed"] == []
    assert set(facts["sockets"]) <= {socket.AF_UNIX}
    assert facts["abstract"] == "ECONNREFUSED"


def test_nothing_of_the_answers_is_in_a_room(zygote, asked):
    with socket.socket(socket.AF_UNIX) as listening, Inside(zygote) as inside:
        listening.bind(ABSTRACT)
        listening.listen()
        check_facts(inside.run(source_of_facts(**asked)))


def test_the_walls_stand_for_an_ordinary_user_too(asked, root):
    """The same where the grader isn't root; as root by a user namespace in which we are not."""
    if os.geteuid() != 0:
        pytest.skip("these tests are run by an ordinary user already")
    ordinary = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if subprocess.run([*ordinary, "true"], capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    command = [*ordinary, sys.executable, "-m", "tests.inside"]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(ABSTRACT + "2")
        listening.listen()
        text = json.dumps({**asked, "abstract": ABSTRACT + "2"})
        ran = subprocess.run(command, input=text, capture_output=True, text=True, cwd=root)
    assert ran.returncode == 0, ran.stderr
    facts = json.loads(ran.stdout)
    assert facts["ids"][0] == 65534
    check_facts(facts)


# Limits.


def test_memory_ends_in_a_memory_error(limited):
    with limited(memory_mb=1200) as inside:
        assert (
            inside.run(
                """
            try:
                block = bytearray(1200 * 2**20)
                print("true")
            except MemoryError:
                print("false")
            """
            )
            is False
        )


def test_memory_of_all_processes_together_ends_the_room(limited):
    with limited(memory_mb=1200, room_mb=700) as inside, pytest.raises(Gone, match="memory"):
        inside.run(
            """
            import os, time
            for i in range(4):
                if os.fork() == 0:
                    block = bytearray(b"x") * (300 * 2**20)
                    time.sleep(60)
            time.sleep(60)
            """
        )


def test_processes_files_disk_and_descriptors_are_limited(limited):
    with limited(processes=12, file_mb=2, disk_mb=8) as inside:
        facts = inside.run(
            """
            import errno, json, os, time
            made, facts = [], {}
            try:
                for i in range(100):
                    pid = os.fork()
                    if pid == 0:
                        time.sleep(60)
                    made.append(pid)
            except OSError as error:
                facts["fork"] = [errno.errorcode[error.errno], len(made)]
            for pid in made:
                os.kill(pid, 9); os.waitpid(pid, 0)
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            try:
                open("large", "wb").write(bytes(3 * 2**20))
            except OSError as error:
                facts["file"] = errno.errorcode[error.errno]
            for folder in ("/tmp", "/dev/shm"):
                try:
                    for i in range(100):
                        open(f"{folder}/{i}", "wb").write(bytes(2**20))
                except OSError as error:
                    facts[folder] = [errno.errorcode[error.errno], i < 9]
                    os.unlink(f"{folder}/0")
                try:
                    for i in range(100_000):
                        open(f"{folder}/n{i}", "w").close()
                except OSError as error:
                    facts[folder + " files"] = errno.errorcode[error.errno]
            try:
                kept = []
                while True:
                    kept.append(os.dup(0))
            except OSError as error:
                for fd in kept: os.close(fd)
                facts["descriptors"] = errno.errorcode[error.errno]
            import gc
            gc.collect()
            print(json.dumps(facts))
            """
        )
    why, count = facts.pop("fork")
    assert why == "EAGAIN"
    assert 8 <= count < 12
    assert facts == {
        "file": "EFBIG",
        "/tmp": ["ENOSPC", True],
        "/tmp files": "ENOSPC",
        "/dev/shm": ["ENOSPC", True],
        "/dev/shm files": "ENOSPC",
        "descriptors": "EMFILE",
    }


def test_processor_time_ends_the_process(limited):
    with limited(cpu_seconds=1) as inside, pytest.raises(Gone):
        inside.run("while True: pass", seconds=20)


def test_wall_clock_is_the_supervisors(limited):
    with limited() as inside, pytest.raises(Silence):
        inside.run("import time; time.sleep(60)", seconds=0.5)


def test_a_room_that_never_reads_is_given_up(zygote):
    with Inside(zygote) as inside:
        inside.start("import time\nwhile True: time.sleep(60)")
        start = time.monotonic()
        with pytest.raises(Silence):
            inside.room.send_bytes(bytes(50_000_000), start + 0.5)
        assert time.monotonic() - start < 5


def test_what_a_cell_shows_is_cut_off(limited):
    with limited(output_kb=10) as inside:
        inside.start("for i in range(1000): print('ä' * 1000)\nimport sys; print('x' * 9**6)")
        assert len(json.dumps(inside.outputs())) < 11 * 1024


# Siblings, and what is left behind.

LEAVE = """
import os, socket
for folder in ("/tmp", "/dev/shm"):
    open(f"{folder}/left-here", "w").write("answers")
for folder in ("/", "/dev", "/proc", "/etc", "/usr", "/site", "/zygote", "/site/descentlab"):
    try: open(f"{folder}/left-here", "w").write("answers")
    except OSError: pass
one = socket.socket(socket.AF_UNIX); one.bind("\\0sibling"); one.listen()
two = socket.socket(socket.AF_UNIX); two.bind("/tmp/sibling"); two.listen()
print(os.getpid())
"""
LOOK = """
import json, os, socket
facts = {"files": [], "sockets": [], "signals": []}
for folder, _, names in os.walk("/"):
    facts["files"] += [folder for name in names if name == "left-here"]
for name in ("\\0sibling", "/tmp/sibling"):
    try:
        socket.socket(socket.AF_UNIX).connect(name); facts["sockets"].append(name)
    except OSError: pass
for pid in range(1, 3000):
    if pid in (os.getpid(), 1): continue
    try: os.kill(pid, 0); facts["signals"].append(pid)
    except ProcessLookupError: pass
print(json.dumps(facts))
"""


def test_a_sibling_is_neither_seen_nor_heard(zygote):
    nothing = {"files": [], "sockets": [], "signals": []}
    with Inside(zygote) as one, Inside(zygote) as other:
        one.run(LEAVE)
        assert other.run(LOOK) == nothing
    with Inside(zygote) as later:
        assert later.run(LOOK) == nothing


def test_rooms_of_two_graders_have_users_of_their_own(zygote):
    """The kernel counts processes by user: one's fork bomb must not stop another's fork."""
    if not is_root():
        pytest.skip("only root can give rooms users of their own")
    with Inside(zygote) as one, Inside(zygote) as other:
        users = [room.run("import os; print(os.getuid())") for room in (one, other)]
    assert len(set(users)) == 2
    assert min(users) > FIRST_USER


def below(pid):
    """The processes that descend from one."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    entry.joinpath("stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:
                continue
    found, new = set(), {pid}
    while new:
        found |= new
        new = {p for p, parent in parents.items() if parent in found} - found
    return found


def settled(pid, wanted):
    """The processes below one, once they are as wanted or two seconds have gone by."""
    until = time.monotonic() + 2
    while (now := below(pid)) != wanted and time.monotonic() < until:
        time.sleep(0.02)
    return now


DETACH = """
import os, signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for i in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        while True: time.sleep(1)
print(1)
"""


def test_nothing_outlives_a_room(zygote):
    mounts = Path("/proc/self/mountinfo").read_text()
    pid = zygote.process.pid
    assert settled(pid, zygote.alone) == zygote.alone
    with Inside(zygote) as inside:
        inside.run(DETACH)
        until = time.monotonic() + 5
        while len(now := below(pid)) < len(zygote.alone) + 5 and time.monotonic() < until:
            time.sleep(0.02)
        assert len(now) >= len(zygote.alone) + 5
    assert settled(pid, zygote.alone) == zygote.alone
    assert Path("/proc/self/mountinfo").read_text() == mounts


def test_nothing_outlives_a_zygote():
    zygote = Zygote(Limits())
    pid = zygote.process.pid
    inside = Inside(zygote)
    inside.run(DETACH)
    processes = below(pid)
    zygote.close()
    inside.room.close()
    until = time.monotonic() + 3
    while any(Path(f"/proc/{p}").exists() for p in processes) and time.monotonic() < until:
        time.sleep(0.02)
    assert [p for p in processes if Path(f"/proc/{p}").exists()] == []


def test_a_zygote_that_can_not_start_says_why(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.walls.walls", lambda packages: ["--no-such-option"])
    with closing(Zygote(Limits())) as zygote, pytest.raises(SandboxError, match="no-such-option"):
        zygote.room()


@pytest.mark.parametrize("machine", confine.MACHINES)
def test_the_filter_of_system_calls_is_sound(machine):
    """Each jump stays inside, the default is to allow, and each listed call has its line."""
    lines = confine.program(machine)
    jumps = (confine.EQUAL, confine.GREATER, confine.BITS)
    for place, (what, so, not_so, _number) in enumerate(lines):
        if what in jumps:
            assert place + 1 + max(so, not_so) < len(lines)
    assert lines[-1] == (confine.BACK, 0, 0, confine.ALLOW)
    column = confine.MACHINES[machine][0]
    compared = {number for what, _so, _not, number in lines if what == confine.EQUAL}
    assert compared >= {pair[column] for pair in confine.DENIED.values()} - {None}


def test_files_that_lead_elsewhere_are_refused(zygote):
    for name in ("../x", "/x", "a/../../x", "a\0b", "", "\ud800"):
        with pytest.raises(ValueError, match="can't be called"):
            zygote.room({name: b"1"})


def test_without_walls_the_result_says_so_and_nothing_is_left(root):
    lesson = lessons_in(root)[0]
    folders = set(Path(tempfile.gettempdir()).glob("descentlab-room-*"))
    notebook = json.loads(solution_file(root, lesson).read_text())
    cell = {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].insert(0, {**cell, "source": DETACH})
    engine = Engine()
    try:
        lesson_text = to_text(canonical(root, lesson))
        job = Job("someone", lesson, lesson_text, json.dumps(notebook).encode(), level="none")
        result = engine.grade(job)
        assert result["isolation"] == "none"
        assert all(cell["points"] == cell["max_points"] for cell in result["cells"])
        assert len(settled(engine.zygote.process.pid, {engine.zygote.process.pid})) == 1
    finally:
        engine.close()
    assert set(Path(tempfile.gettempdir()).glob("descentlab-room-*")) == folders
