"""Newer lessons for a learner who has begun: round the answers in ``work/``, with a copy kept."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.grading.classroom import ClassDirectory
from autograder.notebooks.build import replace_file, to_text
from autograder.notebooks.reading import read_cells
from autograder.notebooks.repairs import Repair, Unrebuildable
from autograder.notebooks.submission import NotANotebook, read_notebook
from autograder.notebooks.update import update

SAME, UPDATED, LEFT = "same", "updated", "left"


@dataclass(frozen=True)
class Updated:
    """What became of one notebook in ``work/``.

    Attributes
    ----------
    file : Path
    state : {"same", "updated", "left"}
        "left": it couldn't be brought up to date and was not touched.
    backup : Path or None
        The copy of the file as it was, if it was updated.
    why : str
        Why it was left.
    repairs : tuple of Repair
    """

    file: Path
    state: str
    backup: Path | None = None
    why: str = ""
    repairs: tuple[Repair, ...] = ()


def update_work(course: ClassDirectory, asked: str | None = None) -> list[Updated]:
    """Bring the learner's notebooks up to the lessons in ``lessons/``.

    Parameters
    ----------
    course : ClassDirectory
    asked : str, optional
        One lesson, by its name or its topic; all that are in ``work/`` when not given.

    Returns
    -------
    list of Updated
        One for each notebook that is in both folders, in order.
    """
    wanted = f"{course.lesson(asked)}.ipynb" if asked else "*.ipynb"
    lessons = course.root / "lessons"
    pairs = [
        (source, course.root / "work" / source.relative_to(lessons))
        for source in sorted(lessons.glob(f"*/{wanted}"))
        if source.stem == source.parent.name
    ]
    return [_update_one(source, file) for source, file in pairs if file.is_file()]


def _update_one(source: Path, file: Path) -> Updated:
    try:
        before = file.read_bytes()
        notebook, repairs = update(read_notebook(source), before)
    except OSError as error:
        return Updated(file, LEFT, why=f"{file} can't be read ({error.strerror}).")
    except (NotANotebook, Unrebuildable) as error:
        return Updated(file, LEFT, why=str(error))
    now = [(cell.cell_type, cell.source) for cell in notebook.cells]
    if [(cell.kind, cell.source) for cell in read_cells(before)[0]] == now:
        return Updated(file, SAME)  # other outputs and metadata are no other version
    backup = _backup(file, before)
    if file.read_bytes() != before:
        why = f"{file} was saved by another program just now. Close it there and try again."
        return Updated(file, LEFT, backup, why)
    replace_file(file, to_text(notebook))
    return Updated(file, UPDATED, backup, repairs=tuple(repairs))


def _backup(file: Path, data: bytes) -> Path:
    """Keep a copy beside a file, on the disk before anything else is done; never over another."""
    stamp = f"{datetime.now():%Y-%m-%d-%H%M%S}"
    for number in range(1, 1000):
        more = f"-{number}" if number > 1 else ""
        copy = file.with_name(f"{file.stem}.before-{stamp}{more}.ipynb")
        try:
            with open(copy, "xb") as kept:
                kept.write(data)
                kept.flush()
                os.fsync(kept.fileno())
            return copy
        except FileExistsError:
            continue
    raise FileExistsError(f"{copy} and 998 others are there already; move some of them away.")
