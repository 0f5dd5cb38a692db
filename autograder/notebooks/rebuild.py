"""A submission put onto the lesson: the lesson's cells, the student's text in them, and no more.

Everything that decides about points comes from the lesson's source: order, checks, points, tags.
What a notebook that was handed in says about itself is compared, reported, and dropped.
"""

from copy import deepcopy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode, v4

from autograder.notebooks.canon import (
    CHECK,
    EXPERIMENT,
    FREE_TEXT,
    OWN,
    SETUP,
    SOLUTION,
    Place,
    canonical,
    parsed,
    places,
    squeezed,
)
from autograder.notebooks.matching import BY_CELL_ID, BY_LIKENESS, Match, match
from autograder.notebooks.reaching import flags
from autograder.notebooks.reading import MOST_TEXT, Cell, read_cells
from autograder.notebooks.repairs import Repair, Unrebuildable, repair
from autograder.notebooks.sanitize import (
    MOST_MARKDOWN,
    safe_attachments,
    safe_markdown,
    safe_outputs,
)
from autograder.notebooks.submission import NotANotebook
from descentlab.text import _

__all__ = ["NotANotebook", "Rebuilt", "Repair", "Step", "Unrebuildable", "canonical", "rebuild"]

MOST_OWN = 2_000
"""Cells of the student's own that are kept; a lesson has about a hundred cells."""

MOST_WORDS = 100_000
"""Characters of the student's own text cells together."""

MOST_PICTURES = 8_000_000
"""Bytes of outputs that a whole notebook's experiments keep."""


@dataclass(frozen=True)
class Step:
    """One code cell of a rebuilt notebook.

    Attributes
    ----------
    index : int
        Of the cell in `Rebuilt.notebook.cells`.
    role : {"setup", "solution", "check", "own", "experiment"}
        "setup" is the lesson's own code that runs, "own" the student's further code; an
        "experiment" isn't run.
    name : str
        The exercise or question of a "solution" or "check", else ``""``.
    """

    index: int
    role: str
    name: str


@dataclass(frozen=True)
class Rebuilt:
    """A submission as it is graded.

    Attributes
    ----------
    notebook : NotebookNode
        The lesson's cells in the lesson's order, the student's text in those that ask for it, the
        student's further cells behind the cell that they followed, with the ids own-1, own-2, ...
        The only outputs are text and pictures of experiments.
    steps : tuple of Step
        The code cells in order.
    repairs : tuple of Repair
        What was put right, for student and teacher.
    flags : tuple of str
        What the teacher should look at.
    """

    notebook: NotebookNode
    steps: tuple[Step, ...]
    repairs: tuple[Repair, ...]
    flags: tuple[str, ...]


def rebuild(canonical: NotebookNode, submitted: bytes) -> Rebuilt:
    """Put a submission onto its lesson.

    Parameters
    ----------
    canonical : NotebookNode
        The lesson as it is released (`canonical`); it isn't changed.
    submitted : bytes
        The file as it was handed in.

    Raises
    ------
    NotANotebook
        It can't be read.
    Unrebuildable
        It is too large, or a notebook of something else.
    """
    cells, read = read_cells(submitted)
    lesson = places(canonical)
    matched = match(lesson, cells)
    if not matched.is_of(lesson):
        raise Unrebuildable(_another(cells))
    own, dropped = _own_cells(lesson, matched, cells)
    answers = {p.index: matched.found[p.index] for p in lesson if p.answers and _read(matched, p)}
    repairs = [*read, *matched.repairs, *dropped, *_repairs(lesson, matched)]
    notebook, roles = _assembled(canonical, lesson, matched, own, repairs)
    steps = _steps(notebook, roles)
    flagged = flags(
        lesson,
        [(lesson[i].name, cell.source) for i, cell in answers.items() if lesson[i].exercise],
        [
            (notebook.cells[s.index].id, notebook.cells[s.index].source)
            for s in steps
            if s.role == OWN
        ],
    )
    return Rebuilt(notebook, steps, tuple(dict.fromkeys(repairs)), tuple(flagged))


def _another(cells: list[Cell]) -> str:
    """Return what to say of a notebook that holds nothing of the lesson."""
    names = sorted({c.grade_id for c in cells if c.grade_id and not c.grade_id.endswith("__check")})
    if names:
        return _(
            "This is a notebook of another lesson: it answers {names}. Hand in the notebook of "
            "this lesson."
        ).format(names=", ".join(names[:4]))
    return _(
        "This notebook has none of the lesson's cells. Hand in the notebook of this lesson, with "
        "your answers in the lesson's own cells."
    )


def _read(matched: Match, place: Place) -> bool:
    """Whether the student's text goes into a cell of the lesson."""
    cell = matched.found.get(place.index)
    return cell is not None and cell.length <= MOST_TEXT


def _own_cells(
    lesson: tuple[Place, ...], matched: Match, cells: list[Cell]
) -> tuple[dict[int, list[Cell]], list[Repair]]:
    """Return the student's further cells by the index of the lesson's cell that they follow.

    Those before the lesson's first cell follow -1. Lines added to a cell of the lesson that runs
    are such a cell as well: behind a setup cell, before a check.
    """
    by_cell = {id(cell): index for index, cell in matched.found.items()}
    own, repairs, count, words, after = {}, [], 0, 0, -1
    extra = {id(cell) for cell in matched.own}
    for cell in cells:
        if id(cell) in by_cell:
            after = by_cell[id(cell)]
            found = _added(lesson[after], cell)
            behind = after - 1 if lesson[after].role == CHECK else after
        else:
            found, behind = (cell if id(cell) in extra else None), after
        if found is None:
            continue
        if found.length > MOST_TEXT:
            size = {"count": found.length, "most": MOST_TEXT}
            repairs.append(repair("too_long", f"#{cell.index + 1}", **size))
            continue
        words += len(found.source) if found.kind != "code" else 0
        if words > MOST_WORDS and found.kind != "code":
            repairs.append(repair("texts_dropped", most=MOST_WORDS))
            continue
        count += 1
        if count <= MOST_OWN:
            own.setdefault(behind, []).append(found)
    if count > MOST_OWN:
        repairs.append(repair("too_many", count=count, most=MOST_OWN))
    return own, repairs


def _added(place: Place, cell: Cell) -> Cell | None:
    """Return the lines that were added to a setup cell or a check, as a cell."""
    if place.role not in (SETUP, CHECK) or squeezed(cell.source) == place.text:
        return None
    if cell.length > MOST_TEXT:
        return None
    kept = iter(place.cell.source.splitlines())
    wanted, lines = next(kept, None), []
    for line in cell.source.splitlines():
        if wanted is not None and line.rstrip() == wanted.rstrip():
            wanted = next(kept, None)
        elif place.role != CHECK or not line.startswith("check("):
            lines.append(line)
    complete = place.role == CHECK or wanted is None
    text = "\n".join(lines).strip("\n")
    tree = parsed(text) if complete else None
    if tree is None or not tree.body:
        return None
    return Cell(index=cell.index, kind="code", source=text, claimed=True)


def _repairs(lesson: tuple[Place, ...], matched: Match) -> list[Repair]:
    repairs, lost, retyped = [], [], []
    for place in lesson:
        cell = matched.found.get(place.index)
        if cell is None:
            repairs += _missing(place)
            continue
        repairs += _changed(place, cell)
        how = matched.how[place.index]
        if place.answers and how == BY_LIKENESS:
            retyped.append(place.name)
        elif place.answers and how == BY_CELL_ID and not cell.grade_id:
            lost.append(place.name)
        if place.answers and (cell.kind == "code") != (place.cell.cell_type == "code"):
            repairs.append(repair("converted", place.name))
        if place.answers and cell.length > MOST_TEXT:
            size = {"count": cell.length, "most": MOST_TEXT}
            repairs.append(repair("too_long", place.name, **size))
        elif place.role == FREE_TEXT and cell.length > MOST_MARKDOWN:
            size = {"count": cell.length, "most": MOST_MARKDOWN}
            repairs.append(repair("text_cut", place.name, **size))
    for kind, names in (("retyped", retyped), ("metadata_lost", lost)):
        if len(names) > 1:
            repairs.append(repair(f"{kind}_all", kind=kind, cells=", ".join(names)))
        else:
            repairs += [repair(kind, name) for name in names]
    order = [matched.found[p.index].index for p in lesson if p.index in matched.found]
    if order != sorted(order):
        repairs.append(repair("reordered"))
    return repairs


def _missing(place: Place) -> list[Repair]:
    if place.answers:
        return [repair("deleted", place.name)]
    if place.role == CHECK:
        return [repair("check_deleted", place.name, kind="deleted")]
    if place.role == SETUP:
        line = place.first_line
        return [repair("setup_deleted", place.name, kind="deleted", line=line)]
    return []


def _changed(place: Place, cell: Cell) -> list[Repair]:
    """Return what was changed in a cell of the lesson that isn't the student's to change."""
    repairs = []
    if place.marked and cell.marks:
        own = place.cell.metadata.nbgrader
        what = [
            key
            for key in ("points", "grade", "solution", "locked", "task")
            if key in cell.marks and cell.marks[key] != own.get(key, False)
        ]
        what += ["tags"] if cell.tags else []
        if what and cell.grade_id == place.name:
            repairs.append(repair("metadata_changed", place.name, what=", ".join(what)))
    if place.role not in (SETUP, CHECK) or squeezed(cell.source) == place.text:
        return repairs
    added = _added(place, cell) is not None
    kind = f"{place.role}_extended" if added else f"{place.role}_changed"
    return [*repairs, repair(kind, place.name, line=place.first_line)]


def _assembled(
    canonical: NotebookNode,
    lesson: tuple[Place, ...],
    matched: Match,
    own: dict[int, list[Cell]],
    repairs: list[Repair],
) -> tuple[NotebookNode, list[str]]:
    """Return the notebook, and each cell's role; what pictures don't fit is added to `repairs`."""
    taken = {place.cell.get("id") for place in lesson}
    ids = (name for i in range(1, 10**9) if (name := f"own-{i}") not in taken)
    made = [(_own_cell(cell, next(ids)), OWN) for cell in own.get(-1, [])]
    room = MOST_PICTURES
    for place in lesson:
        cell = _bare(place.cell)
        found = matched.found.get(place.index)
        if found is not None and place.role == EXPERIMENT and found.outputs:
            outputs = [o for o in safe_outputs(found.outputs) if o.output_type != "error"]
            size = len(str(outputs))
            if size <= room:
                room, cell.outputs = room - size, outputs
            elif (full := repair("pictures_dropped", size=MOST_PICTURES // 10**6)) not in repairs:
                repairs.append(full)
        elif _read(matched, place) and place.role == SOLUTION:
            cell.source = found.source
        elif _read(matched, place) and place.role == FREE_TEXT:
            _put_text(cell, found, place)
        made.append((cell, place.role))
        made += [(_own_cell(cell, next(ids)), OWN) for cell in own.get(place.index, [])]
    notebook = nbformat.from_dict({**canonical, "cells": []})
    notebook.metadata = deepcopy(canonical.metadata)
    notebook.cells = [cell for cell, _role in made]
    return notebook, [role for _cell, role in made]


def _bare(cell: NotebookNode) -> NotebookNode:
    """Return a copy of a cell of the lesson, without outputs."""
    copy = NotebookNode()
    dict.update(copy, cell)  # the values are text, but for the metadata
    dict.__setitem__(copy, "metadata", deepcopy(cell.metadata) if cell.metadata else NotebookNode())
    if copy.cell_type == "code":
        copy.outputs, copy.execution_count = [], None
    return copy


def _put_text(cell: NotebookNode, found: Cell, place: Place) -> None:
    """Put a student's free text into its cell; a text that says nothing leaves the lesson's."""
    pictures = safe_attachments(found.attachments)
    if pictures:
        cell.attachments = nbformat.from_dict(pictures)
    if pictures or place.answered(found.source):
        cell.source = safe_markdown(found.source, pictures)


def _own_cell(cell: Cell, name: str) -> NotebookNode:
    """Return a cell of the student's own: text, and pictures in a text cell."""
    if cell.kind == "code":
        made = v4.new_code_cell(cell.source)
    else:
        pictures = safe_attachments(cell.attachments)
        made = v4.new_markdown_cell(safe_markdown(cell.source, pictures))
        if pictures:
            made.attachments = nbformat.from_dict(pictures)
    made["id"] = name
    return made


def _steps(notebook: NotebookNode, roles: list[str]) -> tuple[Step, ...]:
    steps = []
    for index, (cell, role) in enumerate(zip(notebook.cells, roles, strict=True)):
        if cell.cell_type == "code":
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            steps.append(Step(index, role, name.removesuffix("__check") if name else ""))
    return tuple(steps)
