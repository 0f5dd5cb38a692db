"""How long a learner waits: each lesson run whole, experiments and all, one after the other.

    python -m tests.times [LESSON ...]

The figures are for a person (and for `make bench`); no test asserts them, as machines differ.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from autograder.notebooks.site import execute
from autograder.notebooks.source import lessons_in, resolve, solution_file
from autograder.notebooks.submission import read_notebook

ROOT = Path(__file__).resolve().parent.parent


def run_times(lessons: Iterable[str] = ()) -> dict[str, float]:
    """Execute solution notebooks, each in a fresh kernel with one thread for linear algebra.

    Parameters
    ----------
    lessons : iterable of str
        Names or topics; all lessons if none.

    Returns
    -------
    dict of str to float
        Seconds for each lesson, the kernel's start included.
    """
    names = [resolve(ROOT, lesson, ".ipynb") for lesson in lessons] or lessons_in(ROOT, ".ipynb")
    seconds = {}
    for name in names:
        notebook = read_notebook(solution_file(ROOT, name))
        start = time.perf_counter()
        execute(notebook, name)
        seconds[name] = time.perf_counter() - start
    return seconds


if __name__ == "__main__":
    measured = run_times(sys.argv[1:])
    for lesson, taken in measured.items():
        print(f"{lesson:<28} {taken:5.1f} s")
    print(f"{'all of them':<28} {sum(measured.values()):5.1f} s")
