"""The `autograder` command in processes that can be killed, and a small class for it.

Importing takes longer than grading a dozen submissions. So one process imports everything once;
each command is a fork of it, a whole `autograder ...` with its own workers, zygotes and oracles.
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.classroom import ClassDirectory
from autograder.grading.init import init_class
from autograder.grading.ledger import GRADED, Ledger
from autograder.grading.release import release
from autograder.grading.workers import lost_walls
from autograder.notebooks import fill
from autograder.notebooks.build import to_text
from autograder.notebooks.source import lesson_file, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook
from tests.gradebooks import all_rows, url_of

LESSON, NAME = "03_momentum", "momentum_step"
WALLS = shutil.which("bwrap") is not None
GRADE = ["grade", LESSON, "--jobs", "2", *([] if WALLS else ["--unsandboxed"])]
LIMITS = "[limits]\ncell_seconds = 4\ncall_seconds = 1.5\n"
ENDED = "import os\nos._exit(0)"
SHOT = "import os\nos.kill(os.getpid(), 9)"
DISKS = "import numpy as np\nnp.ones(10**9)"

STARTER = """
import json, os, secrets, sys, traceback, types
from autograder import cli, oracle
from autograder.grading import classroom, collecting, database, engine, feedback, grade, supervisor
from autograder.grading import ledger, records, replay, report, status, workers
from autograder.grading import release
same = {**vars(secrets), "randbits": lambda bits: 20}  # the same inputs in every run
supervisor.secrets = types.SimpleNamespace(**same)
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        os.setsid()
        for number, name in enumerate(("/dev/null", order["out"], order["err"])):
            opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, number)
            os.close(opened)
        database.WAIT = order["wait"]
        sys.argv = ["autograder", *order["words"]]
        code = 99
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Run:
    """A command that was started; its process can be killed."""

    starter: "Starter"
    pid: int
    out: Path
    err: Path
    code: int | None = None
    began: float = field(default_factory=time.monotonic)

    def wait(self):
        """Wait for the end; return this."""
        if self.code is None:
            self.code = int(self.starter.process.stdout.readline())
        self.seconds = time.monotonic() - self.began
        return self

    def kill(self, number=signal.SIGKILL):
        """Send a signal; nothing where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    @property
    def said(self):
        return self.out.read_text()

    @property
    def complained(self):
        return self.err.read_text()


class Starter:
    """A process that has imported the command."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0
        folder.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
        )

    def __call__(self, course, *words, wait=30.0):
        """Start a command in a class directory."""
        self.count += 1
        out, err = (self.folder / f"{self.count}.{kind}" for kind in ("out", "err"))
        words = [*map(str, words), "--course", str(course.root)]
        order = {"words": words, "out": str(out), "err": str(err), "wait": wait}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Run(self, int(self.process.stdout.readline()), out, err)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


# --- processes of a run


def below(pid):
    """All that descend from a process, with when each was started: numbers are used again."""
    found, waiting = {}, [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{one}/task"):
                text = Path(f"/proc/{one}/task/{task}/children").read_text()
                children = [int(word) for word in text.split()]
                waiting += children
                found |= {child: born(child) for child in children}
    return found


def born(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if stat[0] in "ZX" else stat[19]


def kind(pid):
    """What a process of a run is."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"autograder.oracle" in words:
            return "oracle"
        if words[0].endswith(b"bwrap"):
            return "walls"
        if any(b"zygote.py" in word for word in words):
            return "zygote"  # or a process of a room: they are forks of it
    return None


def parts(run):
    """Worker, oracle, walls and zygote -> process numbers; no process of a room."""
    found = {}
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        found["worker"] = [int(child) for child in children if kind(int(child)) is None]
    for name, pids in parts_of(run.pid).items():
        found.setdefault(name, []).extend(pids)
    return {name: pids for name, pids in found.items() if pids}


def parts_of(holder):
    """The same below one process: the oldest of a zygote's forks is the zygote itself."""
    found = {}
    for pid, at in below(holder).items():
        found.setdefault(kind(pid), []).append((int(at or 0), pid))
    zygotes = sorted(found.pop("zygote", ()))[:1]
    named = {"zygote": zygotes, **found}
    return {name: [pid for _at, pid in pids] for name, pids in named.items() if name}


def rooms(pid):
    """How many processes of rooms descend from a process that holds an engine."""
    return max(0, sum(kind(one) == "zygote" for one in below(pid)) - 1)


def left_over(processes, seconds=20):
    """Those of these processes that still run after some time.

    Not counted is what `bury_walls` is for: a bubblewrap that lost its parent while it started.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        left = {pid: at for pid, at in processes.items() if at and born(pid) == at}
        if not set(left) - set(lost_walls(older=0)):
            return {}
        time.sleep(0.02)
    return {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left}


# --- a class


def kinds_of_students(root):
    """Notebooks of a class: right, wrong, unanswered, endless, killing, broken."""
    lesson, solution = read_notebook(lesson_file(root, LESSON)), solution_file(root, LESSON)
    solution = read_notebook(solution)
    names = [name for name, cell in marked_cells(lesson) if cell.metadata.nbgrader.solution]
    right = {name: fill.right(name, solution) for name in names}

    def but(**answers):
        planted = {n: fill.Planted(fill.MISTAKEN, source) for n, source in answers.items()}
        return to_text(fill.filled(lesson, {**right, **planted}))

    wrong = fill.mistakes(NAME)
    return {
        "broken": but(**{NAME: "def momentum_step(theta):\n    return ("}),
        "endless": to_text(fill.filled(lesson, {NAME: fill.endless(NAME, lesson)})),
        "exits": but(**{NAME: ENDED}),
        "last": but(**{names[-2]: SHOT}),
        "memory": but(heavy_ball_step=DISKS),
        "right": but(),
        "scribbler": "no notebook",
        "shot": but(nesterov_step=SHOT),
        "untouched": to_text(lesson),
        "wrong0": to_text(fill.filled(lesson, {NAME: wrong[0]})),
        "wrong1": to_text(fill.filled(lesson, {**right, NAME: wrong[1]})),
        "wrong2": to_text(fill.filled(lesson, {**right, NAME: wrong[2]})),
    }


def hand_in(course, student, text, day=1):
    """Put a submission into its place in one step, as `collect` does."""
    folder = course.submission(student, LESSON)
    draft = folder.with_name(".draft")
    draft.mkdir(parents=True)
    (draft / f"{LESSON}.ipynb").write_text(text)
    (draft / "timestamp.txt").write_text(f"2026-03-{day:02d} 12:00:00.000000 UTC")
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(draft, folder)


def new_class(root):
    """A class of a dozen, nothing graded yet, with a policy of short limits."""
    init_class(root)
    policy = root / "course.toml"
    text = policy.read_text()
    assert "[limits]\n" in text
    policy.write_text(text.replace("[limits]\n", LIMITS))
    course = ClassDirectory.at(root)
    release(course, LESSON)
    for student, text in kinds_of_students(root).items():
        hand_in(course, student, text)
    return course


def copied(course, folder):
    """A copy of a class directory."""
    shutil.copytree(course.root, folder)
    return ClassDirectory.at(folder)


def state(course):
    """All that a class comes to, without what is drawn at random: numbers and times of rows."""
    return {"rows": all_rows(url_of(course)), "files": files(course), "ledger": entries(course)}


def files(course):
    """What lies in autograded/."""
    folder = course.root / "autograded"
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def entries(course):
    """What the ledger says of a class; a result that was recorded twice, or is lost, is told."""
    with Ledger(course.root) as ledger:
        whole = ledger.base.execute("PRAGMA integrity_check").fetchone()
        twice = ledger.ask(
            "SELECT submission, source, engine, COUNT(*) FROM results WHERE state = ?"
            " GROUP BY submission, source, engine HAVING COUNT(*) > 1",
            GRADED,
        )
        results, published = ledger.results(LESSON), ledger.published(LESSON)
        graded = {student for student, result in results.items() if result.state == GRADED}
        return {
            "whole": whole,
            "twice": twice,
            "current": {s: one.sha256 for s, one in ledger.current(LESSON).items()},
            "jobs": ledger.jobs(LESSON),
            "results": {s: (one.state, one.points) for s, one in results.items()},
            "not published": {s for s in graded if published.get(s) != results[s].id},
        }


@contextlib.contextmanager
def held(course):
    """Another program holds the gradebook."""
    holder = sqlite3.connect(course.root / "gradebook.db", check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield holder
    finally:
        holder.close()
