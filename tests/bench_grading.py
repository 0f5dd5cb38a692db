"""`make bench`, the rows about grading a class: beside nbgrader, what the engine costs, growth."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grading import demo
from autograder.grading.classroom import ClassDirectory
from autograder.grading.engine import Engine, Job
from autograder.grading.grade import Settings, grade
from autograder.grading.init import init_class
from autograder.grading.release import release
from autograder.grading.results import collect
from autograder.notebooks import fill
from autograder.notebooks.build import replace_file, to_text
from autograder.notebooks.canon import canonical
from autograder.notebooks.source import lesson_file, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook

CONSOLE = Console(width=110)
LESSON = "03_momentum"
CLASS = 40
GROWTH = (40, 400, 2000)
HOSTILE = (
    "import os\nos._exit(0)",
    "import os\nos.kill(os.getpid(), 9)",
    "while True:\n    pass",
    "x = [bytearray(10**8) for _ in range(1000)]",
    "while True:\n    print('x' * 100_000)",
)
"""What one student in twenty has in the cell of an answer."""


def make_class(
    root: Path, students: int, *, hostile: bool = False, seed: int = 1
) -> ClassDirectory:
    """A class whose students gave right answers, listed mistakes, and none."""
    init_class(root)
    if hostile:  # the endless ones shall not outlast the others
        (root / "course.toml").write_text("[limits]\ncell_seconds = 3\n")
    course = ClassDirectory.at(root)
    release(course, LESSON)
    lesson = read_notebook(lesson_file(course.root, LESSON))
    solution = read_notebook(solution_file(course.root, LESSON))
    cells = [(n, c) for n, c in marked_cells(lesson) if not c.metadata.nbgrader["grade"]]
    names = tuple(name for name, _cell in cells)
    ids = tuple(f"s{number:04d}" for number in range(students))
    answers = demo.mixed_answers(lesson, solution, names, ids, seed)
    for number, (student, planted) in enumerate(answers.items()):
        kept = {n: p for n, p in planted.items() if p.kind != fill.ENDLESS}
        notebook = fill.filled(lesson, kept)
        if hostile and number % 20 == 7:
            (cell,) = [c for n, c in marked_cells(notebook) if n == "heavy_ball_step"]
            cell.source = HOSTILE[number // 20 % len(HOSTILE)]
        replace_file(course.submission(student, LESSON) / f"{LESSON}.ipynb", to_text(notebook))
    return course


def timed(command: list[str], course: ClassDirectory) -> float:
    """Seconds of a command as a whole process, in a class directory."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    start = time.perf_counter()
    subprocess.run(
        command, cwd=course.root, env={**os.environ, "PATH": path}, check=True, capture_output=True
    )
    return time.perf_counter() - start


def points(course: ClassDirectory) -> dict[str, float]:
    """Every student's points."""
    return {result.student: result.total for result in collect(course, LESSON).results}


def beside_nbgrader(folder: Path) -> None:
    """A class of 40 by both commands, each as whole processes; the scores must be the same."""
    ours = make_class(folder / "ours", CLASS)
    theirs = folder / "theirs"
    shutil.copytree(ours.root, theirs)
    plain = ClassDirectory.at(theirs)
    run = [str(Path(sys.executable).with_name("autograder")), "grade", LESSON]
    two = timed([*run, "--jobs", "2"], ours)
    again = timed([*run, "--jobs", "2"], ours)
    single = folder / "single"
    shutil.copytree(theirs, single)
    one = timed([*run, "--jobs", "1"], ClassDirectory.at(single))
    nbgrader = timed([sys.executable, "-m", "nbgrader", "autograde", LESSON], plain)
    same = points(ours) == points(plain) == points(ClassDirectory.at(single))
    table = Table(title=f"A class of {CLASS} through {LESSON}, whole commands, seconds")
    table.add_column("command")
    for heading in ("seconds", "a submission", "times nbgrader's throughput"):
        table.add_column(heading, justify="right")
    for name, spent in (
        ("nbgrader autograde", nbgrader),
        ("autograder grade --jobs 1", one),
        ("autograder grade --jobs 2 (goal ≥ 15)", two),
        ("the same again, nothing new", again),
    ):
        table.add_row(
            name, f"{spent:.1f}", f"{1e3 * spent / CLASS:.0f} ms", f"{nbgrader / spent:.1f}"
        )
    CONSOLE.print(table)
    verdict = "the same score for each student" if same else "SCORES DIFFER"
    CONSOLE.print(f"{verdict} by all three; one worker takes {one / two:.2f} times as long as two.")


def overhead(_folder: Path) -> None:
    """What the engine adds to running the very same cells in a process that is warm already."""
    root = Path(__file__).parents[1]
    text = to_text(canonical(root, LESSON))
    notebook = solution_file(root, LESSON).read_bytes()
    plain, engine = [], []
    with closing(Engine()) as whole, warm_shell() as run_cells:
        for _round in range(12):
            start = time.perf_counter()
            result = whole.grade(Job("student", LESSON, text, notebook))
            engine.append(time.perf_counter() - start)
            plain.append(run_cells())
    checks = len(result["cells"])
    ours, theirs = (1e3 * statistics.median(spent[2:]) for spent in (engine, plain))
    CONSOLE.print(
        f"One right submission of {LESSON}, warm: {ours:.0f} ms by the engine, {theirs:.0f} ms for "
        f"just running its solution and check cells in a warm process with the judge in it: "
        f"{ours - theirs:.0f} ms more, {checks} checks among its cells (goal: 20 ms a submission "
        f"and 4 ms a checkpoint, here {20 + 4 * 2 * checks} ms)."
    )


@contextmanager
def warm_shell() -> Iterator:
    """Runs the cells of the solution in this process's IPython; yields what times them."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    notebook = read_notebook(solution_file(Path(__file__).parents[1], LESSON))
    cells = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and "experiment" not in cell.metadata.get("tags", [])
    ]
    shell = InteractiveShell.instance()

    def run() -> float:
        start = time.perf_counter()
        with capture_output():
            for source in cells:
                shell.run_cell(source)
        return time.perf_counter() - start

    yield run
    InteractiveShell.clear_instance()


def growth(folder: Path, sizes: tuple[int, ...] = GROWTH) -> None:
    """From 40 submissions to 2,000, one in twenty hostile: time each, and the grader's memory."""
    table = Table(title=f"Growth: {LESSON}, one submission in twenty hostile, two workers")
    table.add_column("submissions")
    for heading in ("seconds", "ms each", "grader, MB", "workers, MB", "graded", "attention"):
        table.add_column(heading, justify="right")
    for size in sizes:
        course = make_class(folder / f"class-{size}", size, hostile=True)
        script = (
            f"import sys\nfrom tests.bench_grading import measured\nmeasured({str(course.root)!r})"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[1],
        )  # fmt: skip
        seconds, own, most, graded, attention = done.stdout.split()[-5:]
        each = f"{1e3 * float(seconds) / size:.0f}"
        table.add_row(f"{size:,}", seconds, each, own, most, graded, attention)
        shutil.rmtree(course.root)
    CONSOLE.print(table)


def measured(root: str) -> None:
    """Grade a class in this process and print seconds, memory and counts; for `growth`."""
    start = time.perf_counter()
    workers = _Watch()
    run = grade(ClassDirectory.at(Path(root)), LESSON, Settings(jobs=2))
    seconds = time.perf_counter() - start
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    attention = len(run.attention)
    graded = len(run.outcomes) - attention
    print(f"{seconds:.1f} {own:.0f} {workers.stop():.0f} {graded} {attention}")


class _Watch(threading.Thread):
    """The largest memory of this process's direct children, looked at now and then."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self.ended = 0.0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.ended.wait(0.5):
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for pid in children:
                try:
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                except (OSError, IndexError):
                    continue
                self.most = max(self.most, pages * os.sysconf("SC_PAGE_SIZE") / 2**20)

    def stop(self) -> float:
        self.ended.set()
        return self.most


def main(parts: list[str] | None = None, sizes: tuple[int, ...] = GROWTH) -> None:
    """All three, each in a folder of its own."""
    jobs = {"beside": beside_nbgrader, "overhead": overhead, "growth": growth}
    for name in parts or jobs:
        with tempfile.TemporaryDirectory(prefix="descentlab-bench-") as folder:
            jobs[name](Path(folder)) if name != "growth" else growth(Path(folder), sizes)


if __name__ == "__main__":
    main(sys.argv[1:])
