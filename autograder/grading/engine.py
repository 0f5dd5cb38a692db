"""The engine: one submission in, its result out. Knows no database and no class directory.

A result is plain JSON, so that it can come from another process or another machine.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

import descentlab
from autograder.grading.supervisor import (
    CellResult,
    Oracle,
    OracleError,
    Report,
    Supervisor,
    Task,
)
from autograder.notebooks.assemble import with_run
from autograder.notebooks.rebuild import Rebuilt, Unrebuildable, rebuild
from autograder.notebooks.submission import NotANotebook
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import SandboxError, Zygote
from autograder.sandbox.walls import BUBBLEWRAP
from descentlab.text import _

TRIES = 3
"""How often a submission is tried when the engine itself fails."""


@dataclass(frozen=True)
class Job:
    """One submission to grade.

    Attributes
    ----------
    student, lesson : str
    canonical : str
        The lesson as it was released, as a notebook's text.
    notebook : bytes
        What was handed in.
    files : dict
        Name -> content of the student's other files.
    limits : dict
        As `Limits` takes them.
    level : {"bubblewrap", "none"}
    packages : tuple of str
        What lessons of this class may import besides the usual.
    seeds : dict
        Exercise -> seed of a session that is to be repeated.
    full : bool
        Run experiments, too.
    """

    student: str
    lesson: str
    canonical: str
    notebook: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    level: str = BUBBLEWRAP
    packages: tuple[str, ...] = ()
    seeds: dict[str, int] = field(default_factory=dict)
    full: bool = False


class Engine:
    """A zygote and an oracle, warm, for many jobs; both are replaced when they fail.

    Parameters
    ----------
    zygote : Zygote, optional
        One that was started before; else the first job starts one.
    """

    def __init__(self, zygote: Zygote | None = None) -> None:
        self.zygote = zygote
        self.oracle: Oracle | None = None

    def grade(self, job: Job) -> dict[str, Any]:
        """Grade a submission.

        Returns
        -------
        dict
            Keys: state ("graded" or "attention"), attention (why), isolation, engine, cells
            (grade_id, points, max_points, verdict, reason, seed), repairs, flags, notebook,
            seconds.
        """
        start = time.monotonic()
        try:
            rebuilt = rebuild(_read(job.canonical), job.notebook)
        except (NotANotebook, Unrebuildable) as error:
            return attention(job, str(error))
        except Exception as error:  # a notebook that the rebuilder itself stumbles over
            return failed(job, f"{type(error).__name__}: {error}"[:300])
        for left in reversed(range(TRIES)):
            try:
                report = self._run(job, rebuilt)
                break
            except (SandboxError, OracleError) as error:
                self.close()
                if not left:
                    return failed(job, str(error))
            except Exception as error:  # the supervisor's own fault
                self.close()
                return failed(job, f"{type(error).__name__}: {error}"[:300])
        try:
            return self._result(job, rebuilt, report, time.monotonic() - start)
        except Exception as error:  # outputs that the assembling stumbles over
            return failed(job, f"{type(error).__name__}: {error}"[:300])

    def warm(self) -> None:
        """Start the oracle, which takes a while to import what it needs."""
        if self.oracle is None:
            self.oracle = Oracle()

    def close(self) -> None:
        """End both processes."""
        for process in (self.zygote, self.oracle):
            if process is not None:
                process.close()
        self.zygote = self.oracle = None

    def _run(self, job: Job, rebuilt: Rebuilt) -> Report:
        limits, wanted = Limits.of(job.limits), (job.level, job.packages)
        if self.zygote is not None and (self.zygote.level, self.zygote.packages) != wanted:
            self.zygote.close()
            self.zygote = None
        self.warm()
        if self.zygote is None:
            self.zygote = Zygote(limits, *wanted)
        self.zygote.limits = limits
        cells = rebuilt.notebook.cells
        tasks = [
            Task(step.index, step.role, step.name, cells[step.index].source)
            for step in rebuilt.steps
            if job.full or step.role != "experiment"
        ]
        report = Supervisor(self.zygote, self.oracle).run(tasks, job.files, job.seeds)
        if any(ran.ended == "crashed" for ran in report.cells):
            self.zygote.room().close()  # SandboxError where the walls fell, and took it with them
        return report

    def _result(self, job: Job, rebuilt: Rebuilt, report: Report, seconds: float) -> dict[str, Any]:
        names = {step.index: step.name for step in rebuilt.steps if step.role == "check"}
        cells, shown = [], {}
        for ran in report.cells:
            seen = {"ended": ran.ended, "outputs": ran.outputs, "is_check": ran.index in names}
            if seen["is_check"]:
                cell = self._cell(rebuilt.notebook.cells[ran.index], ran)
                cells.append(cell)
                seen |= {"verdict": ran.verdict, "points": cell["points"]}
            shown[ran.index] = seen
        notebook = with_run(rebuilt.notebook, shown)
        return {
            "state": "graded",
            "attention": "",
            "isolation": job.level,
            "engine": engine_version(),
            "cells": cells,
            "repairs": [asdict(repair) for repair in rebuilt.repairs],
            "flags": [*rebuilt.flags, *report.flags],
            "notebook": notebook,
            "seconds": round(seconds, 4),
        }

    def _cell(self, cell: nbformat.NotebookNode, ran: CellResult) -> dict[str, Any]:
        """What one check cell comes to; the most points are the canonical cell's."""
        marks = cell.metadata["nbgrader"]
        most, verdict = float(marks["points"]), ran.verdict
        points = 0.0
        if verdict is not None:
            share = verdict["points"] / verdict["max_points"] if verdict["max_points"] else 0.0
            points = round(most * min(1.0, max(0.0, share)), 6)
        return {
            "grade_id": marks["grade_id"],
            "points": points,
            "max_points": most,
            "verdict": verdict,
            "reason": ran.ended,
            "seed": ran.seed,
        }


def failed(job: Job, why: str) -> dict[str, Any]:
    """The result where the engine itself failed: no points are invented, and none are zeroed."""
    return attention(job, _("The grading engine itself failed: {why}").format(why=why))


def attention(job: Job, text: str) -> dict[str, Any]:
    """The result of a submission that a person has to look at."""
    return {
        "state": "attention",
        "attention": text,
        "isolation": job.level,
        "engine": engine_version(),
        "cells": [],
        "repairs": [],
        "flags": [],
        "notebook": None,
        "seconds": 0.0,
    }


@lru_cache(maxsize=16)
def _read(text: str) -> nbformat.NotebookNode:
    return nbformat.reads(text, as_version=4)


@lru_cache(maxsize=1)
def engine_version() -> str:
    """A hash of all that a verdict depends on: the judge, the exercises, the library."""
    package, library = Path(__file__).parents[1], Path(descentlab.__file__).parent
    files = [*package.glob("*.py"), *library.glob("*.py")]
    for folder in ("exercises", "reference", "sandbox"):
        files += (package / folder).rglob("*.py")
    digest = hashlib.sha256()
    for file in sorted(files):
        if not file.name.startswith(("cli", "console")):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]
