"""A newer version of a lesson put round a learner's answers.

The learner's own file is trusted more than a submission: texts, pictures and outputs stay as they
are. What was changed in the lesson's own cells is not kept, as nothing tells it from the older
lesson's text; the caller keeps a copy of the old file.
"""

import ast
import re
from copy import deepcopy

import nbformat
from nbformat import NotebookNode, v4

from autograder.notebooks.canon import (
    EXPERIMENT,
    FREE_TEXT,
    GUESS,
    SOLUTION,
    Place,
    guesses,
    parsed,
    places,
    squeezed,
)
from autograder.notebooks.clear import TEXT_STUB
from autograder.notebooks.matching import ALIKE, BY_CELL_ID, Match, match
from autograder.notebooks.reading import MOST_TEXT, Cell, read_cells
from autograder.notebooks.rebuild import Repair, Unrebuildable
from descentlab.text import N_, _

OF_A_LESSON = re.compile(r"cell-\d{3,}")
"""The ids that a lesson's unmarked cells get when it is built; JupyterLab makes others."""

SENTENCES = {
    "signature": N_("The lesson now asks for {now}; your answer is {yours}. Look at it again."),
    "gone": N_("The lesson doesn't ask for {cell} any more. Your answer is kept as your own cell."),
}


def update(new_lesson: NotebookNode, own: bytes) -> tuple[NotebookNode, list[Repair]]:
    """Return a new version of a lesson with what a learner wrote into the old one.

    Parameters
    ----------
    new_lesson : NotebookNode
        The lesson as it is released now.
    own : bytes
        The learner's file.

    Returns
    -------
    notebook : NotebookNode
        Answers, free texts, guesses and the learner's own cells are in it, and the outputs of
        cells whose text is the same.
    repairs : list of Repair
        What the learner should know.

    Raises
    ------
    NotANotebook, Unrebuildable
        The file can't be read, is of another lesson, or is too large. Leave it as it is then.
    """
    cells, repairs = read_cells(own)
    if any(cell.length > MOST_TEXT for cell in cells):
        raise Unrebuildable(
            _(
                "A cell of this notebook is longer than {most} characters, so nothing was changed. "
                "Shorten the cell and try again."
            ).format(most=MOST_TEXT)
        )
    lesson = places(new_lesson)
    matched = match(lesson, cells)
    if not matched.is_of(lesson):
        raise Unrebuildable(_("This isn't a notebook of this lesson, so it was left as it is."))
    own_cells, gone = _own_cells(lesson, matched, cells)
    notebook = _assembled(new_lesson, lesson, matched, own_cells, _guessed(cells))
    repairs = [*repairs, *matched.repairs, *gone, *_signatures(lesson, matched)]
    return notebook, list(dict.fromkeys(repairs))


def _told(kind: str, cell: str, **seen: str) -> Repair:
    return Repair(kind, cell, _(SENTENCES[kind]).format(cell=cell, **seen))


def _own_cells(
    lesson: tuple[Place, ...], matched: Match, cells: list[Cell]
) -> tuple[dict[int, list[Cell]], list[Repair]]:
    """Return the learner's own cells by the index of the new lesson's cell that they follow."""
    own, gone, after = {}, [], -1
    extra = {id(cell) for cell in matched.own}
    by_cell = {id(cell): index for index, cell in matched.found.items()}
    for cell in cells:
        if id(cell) in by_cell:
            index = by_cell[id(cell)]
            if _is_the_same(lesson[index], cell, matched):
                after = index
        elif id(cell) in extra and not _is_the_lessons(cell):
            own.setdefault(after, []).append(cell)
            if cell.grade_id and cell.grade_id not in {place.name for place in lesson}:
                gone.append(_told("gone", cell.grade_id))
    return own, gone


def _is_the_same(place: Place, cell: Cell, matched: Match) -> bool:
    """Whether a cell of the old lesson is this one; an id that is a position doesn't tell."""
    if place.marked or matched.how[place.index] != BY_CELL_ID:
        return True
    return matched.alike(place.text, squeezed(cell.source)) >= ALIKE


def _is_the_lessons(cell: Cell) -> bool:
    """Whether a cell that the new lesson doesn't have was the old lesson's, and no answer."""
    if OF_A_LESSON.fullmatch(cell.id) or cell.grade_id.endswith("__check"):
        return True
    if not cell.grade_id or cell.source.strip() == TEXT_STUB:
        return cell.source.strip() == TEXT_STUB
    blank = v4.new_code_cell() if cell.kind == "code" else v4.new_markdown_cell()
    role = SOLUTION if cell.kind == "code" else FREE_TEXT
    return not Place(0, role, cell.grade_id, blank).answered(cell.source)


def _guessed(cells: list[Cell]) -> dict[str, str]:
    """Return every guess that was made: name -> value, as it was typed."""
    made = {}
    for cell in cells:
        for name, rest in guesses(cell.source).items():
            value = _value(rest)
            if value not in ("", "None"):
                made[name] = value
    return made


def _value(rest: str) -> str:
    """Return what stands behind an equals sign, without a comment."""
    try:
        line = ast.parse(f"x = {rest}").body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return ""
    return ast.get_source_segment(f"x = {rest}", line.value) or ""


def _assembled(
    new_lesson: NotebookNode,
    lesson: tuple[Place, ...],
    matched: Match,
    own: dict[int, list[Cell]],
    guessed: dict[str, str],
) -> NotebookNode:
    taken = {place.cell.get("id", "") for place in lesson}
    made = [_own_cell(cell, taken) for cell in own.get(-1, [])]
    for place in lesson:
        cell = deepcopy(place.cell)
        _fill(cell, place, matched.found.get(place.index), guessed)
        made.append(cell)
        made += [_own_cell(cell, taken) for cell in own.get(place.index, [])]
    notebook = nbformat.from_dict({**new_lesson, "cells": []})
    notebook.metadata = deepcopy(new_lesson.metadata)
    notebook.cells = made
    return _valid(notebook)


def _fill(cell: NotebookNode, place: Place, found: Cell | None, guessed: dict[str, str]) -> None:
    """Put into one of the lesson's cells what the learner had in it."""
    if place.role == EXPERIMENT and guessed:
        cell.source = GUESS.sub(lambda line: _with_guess(line, guessed), cell.source)
    if found is None:
        return
    if place.answers and (place.answered(found.source) or found.attachments):
        cell.source = found.source
        if found.attachments and place.role == FREE_TEXT:
            cell.attachments = nbformat.from_dict(found.attachments)
    if place.cell.cell_type == "code" and squeezed(found.source) == squeezed(cell.source):
        cell.outputs = nbformat.from_dict(found.outputs)


def _with_guess(line: re.Match, guessed: dict[str, str]) -> str:
    name, rest = line.groups()
    if name not in guessed:
        return line[0]
    _old, mark, comment = rest.partition("  #")
    return f"{name} = {guessed[name]}{mark}{comment}"


def _own_cell(cell: Cell, taken: set[str]) -> NotebookNode:
    """Return a cell of the learner's own under its own id, or a new one if that is taken."""
    made = {
        "code": v4.new_code_cell,
        "markdown": v4.new_markdown_cell,
        "raw": v4.new_raw_cell,
    }[cell.kind](cell.source)
    name = cell.id
    for number in range(1, 10**6):
        if name and name not in taken:
            break
        name = f"own-{number}"
    taken.add(name)
    made["id"] = name
    if cell.kind == "code":
        made.outputs = nbformat.from_dict(cell.outputs)
    elif cell.attachments:
        made.attachments = nbformat.from_dict(cell.attachments)
    return made


def _valid(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook; outputs and pictures that break the format are left out."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError:
        for cell in notebook.cells:
            cell.pop("attachments", None)
            if cell.cell_type == "code":
                cell.outputs = []
        nbformat.validate(notebook)
    return notebook


def _signatures(lesson: tuple[Place, ...], matched: Match) -> list[Repair]:
    """Say where the lesson asks for other arguments than the answer has."""
    changed = []
    for place in lesson:
        found = matched.found.get(place.index)
        if place.role != SOLUTION or found is None or not place.answered(found.source):
            continue
        now, yours = (_signature(text, place.name) for text in (place.cell.source, found.source))
        if now and yours and now != yours:
            changed.append(_told("signature", place.name, now=f"`{now}`", yours=f"`{yours}`"))
    return changed


def _signature(text: str, name: str) -> str:
    tree = parsed(text)
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return f"{name}({ast.unparse(node.args)})"
    return ""
