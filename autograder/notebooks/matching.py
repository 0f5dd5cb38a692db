"""Which cell of a submission is which cell of the lesson.

A cell with an answer is found by its grade id, then by its cell id, then by likeness: it defines
what is asked for, or reads nearly as the lesson's stub. The lesson's other cells are found by their
text, then by their cell id. What is left over is the student's own.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from autograder.notebooks.canon import CHECK, EXPERIMENT, FREE_TEXT, TEXT, Place, guesses, squeezed
from autograder.notebooks.reading import Cell
from autograder.notebooks.repairs import Repair, repair

ALIKE = 0.6
"""Share of lines in common from which two texts are taken for versions of one."""

MOST_COMPARED = 2_000
"""Pairs of texts that are compared in one submission; a comparison costs 0.1 ms."""

MOST_LINES = 300
"""A longer text isn't compared."""

MOST_LOOKED_AT = 500_000
"""Characters of copied cells that are parsed to see which of them are answers."""

BY_GRADE_ID, BY_CELL_ID, BY_LIKENESS, BY_TEXT, BY_PLACE = (
    "grade_id",
    "cell_id",
    "likeness",
    "text",
    "place",
)


CALL = "check("
"""What every check says; a cell without it is none, whatever its marks say."""


@dataclass
class Match:
    """What was found for the lesson's cells.

    Attributes
    ----------
    found : dict
        Index of a lesson's cell -> the submission's cell that is taken for it.
    how : dict
        Index of a lesson's cell -> by what it was recognized.
    own : list of Cell
        Everything else that says something, in the submission's order.
    repairs : list of Repair
    """

    found: dict[int, Cell] = field(default_factory=dict)
    how: dict[int, str] = field(default_factory=dict)
    own: list[Cell] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    compared: int = 0
    looked_at: int = 0

    def says_something(self, place: Place, cell: Cell) -> bool:
        """Whether a cell holds an answer; once many were looked at, whether it differs."""
        self.looked_at += len(cell.source)
        if self.looked_at > MOST_LOOKED_AT:
            return squeezed(cell.source) not in ("", place.text)
        return place.answered(cell.source)

    def take(self, place: Place, cell: Cell, how: str) -> None:
        """Take a cell for a cell of the lesson."""
        cell.claimed = True
        self.found[place.index], self.how[place.index] = cell, how

    def alike(self, one: str, other: str) -> float:
        """Return the likeness of two texts, from 0 to 1; 0 once too many were compared."""
        lines = [
            [line.strip() for line in text.splitlines() if line.strip()] for text in (one, other)
        ]
        if max(map(len, lines)) > MOST_LINES or self.compared >= MOST_COMPARED:
            return 0.0
        self.compared += 1
        common = Counter(lines[0]) & Counter(lines[1])
        return 2 * common.total() / max(1, len(lines[0]) + len(lines[1]))

    def is_of(self, lesson: tuple[Place, ...]) -> bool:
        """Whether anything was found that only this lesson's notebook has.

        The rules that a lesson is given and short texts stand in several lessons, and a cell id
        that is a position stands in all of them.
        """
        texts = 0
        for index, how in self.how.items():
            place = lesson[index]
            if how == BY_TEXT and place.role == TEXT and len(place.cell.source) > 80:
                texts += 1
            elif place.marked and how != BY_PLACE:
                return True
        return texts >= 2


def match(lesson: tuple[Place, ...], cells: list[Cell]) -> Match:
    """Find a lesson's cells in a submission; `cells` are marked as claimed."""
    result = Match()
    for step in (
        _by_names,
        _by_text,
        _by_guess,
        _by_cell_id,
        _by_definition,
        _by_place,
        _experiments_by_likeness,
    ):
        step(result, lesson, cells)
    known = {"", *(place.text for place in lesson)}
    free = (cell for cell in cells if not cell.claimed)
    result.own = [cell for cell in free if squeezed(cell.source) not in known]
    return result


def _by_names(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find the marked cells by grade id, then by cell id."""
    graded, named = _listed(cells, "grade_id"), _listed(cells, "id")
    for how, listed in ((BY_GRADE_ID, graded), (BY_CELL_ID, named)):
        for place in lesson:
            if not place.marked or place.index in result.found:
                continue
            candidates = [c for c in listed.get(place.name, []) if not c.claimed]
            if place.role == CHECK:
                candidates = [c for c in candidates if CALL in c.source or not c.source.strip()]
                for copy in candidates[1:]:
                    copy.claimed = True
            if not candidates:
                continue
            checks = graded.get(f"{place.name}__check") or named.get(f"{place.name}__check")
            check = checks[0].index if checks else len(cells)
            result.take(place, _counting(result, place, candidates, check), how)
            if len(candidates) > 1:
                kind = "copied" if place.answers else "check_copied"
                result.repairs.append(repair(kind, place.name, count=len(candidates)))


def _listed(cells: list[Cell], field_name: str) -> dict[str, list[Cell]]:
    listed: dict[str, list[Cell]] = {}
    for cell in cells:
        if name := getattr(cell, field_name):
            listed.setdefault(name, []).append(cell)
    return listed


def _counting(result: Match, place: Place, candidates: list[Cell], check: int) -> Cell:
    """Return the one of several cells that counts: the lesson's own, unless nothing is in it."""
    own = [c for c in candidates if c.id == place.name and not _is_blank(result, place, c)]
    return _best(result, place, own or candidates, check)


def _best(result: Match, place: Place, candidates: list[Cell], check: int) -> Cell:
    """Return the last one above the check with an answer, or what comes nearest to that."""
    if len(candidates) == 1:
        return candidates[0]
    return max(
        candidates, key=lambda c: (not _is_blank(result, place, c), c.index < check, c.index)
    )


def _is_blank(result: Match, place: Place, cell: Cell) -> bool:
    if place.role == CHECK:
        return squeezed(cell.source) != place.text
    return not result.says_something(place, cell)


def _by_text(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find the lesson's unmarked cells, and its checks, by their text."""
    texts: dict[str, list[Cell]] = {}
    for cell in cells:
        if not cell.claimed:
            texts.setdefault(squeezed(cell.source), []).append(cell)
    for place in lesson:
        if place.index in result.found or place.answers:
            continue
        same = texts.get(place.text)
        if not same:
            continue
        cell = next((c for c in same if c.id == place.name), same[0])
        same.remove(cell)
        result.take(place, cell, BY_TEXT)


def _by_guess(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find the cells in which a learner guesses, by the guess's name."""
    asking = {name: p for p in lesson for name in guesses(p.cell.source) if p.role == EXPERIMENT}
    for cell in cells:
        if cell.claimed or "my_guess_" not in cell.source:
            continue
        for name in guesses(cell.source):
            place = asking.get(name)
            if place is not None and place.index not in result.found:
                result.take(place, cell, BY_LIKENESS)
                break


def _by_cell_id(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find the lesson's unmarked cells that were changed by their cell id."""
    named = _listed([cell for cell in cells if not cell.claimed and not cell.grade_id], "id")
    for place in lesson:
        if not place.marked and place.index not in result.found and place.name in named:
            result.take(place, named[place.name][0], BY_CELL_ID)


def _by_definition(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find answers whose cells lost every mark, by what they define."""
    for place in lesson:
        if place.index in result.found or not place.exercise or place.role == CHECK:
            continue
        defines = re.compile(
            rf"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+{place.name}[ \t]*\(|{place.name}[ \t]*=(?!=))",
            re.MULTILINE,
        )
        free = [c for c in cells if not c.claimed and place.name in c.source]
        free = [cell for cell in free if defines.search(cell.source)]
        if free:
            check = _after(result, lesson, place, len(cells))
            result.take(place, _best(result, place, free, check), BY_LIKENESS)


def _after(result: Match, lesson: tuple[Place, ...], place: Place, otherwise: int) -> int:
    """Return where the check of an answer stands in the submission."""
    checks = [p for p in lesson if p.role == CHECK and p.exercise == place.exercise]
    found = [result.found[check.index].index for check in checks if check.index in result.found]
    return found[0] if found else otherwise


def _by_place(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find answers between the lesson's cells that stood before and after them.

    Code must read nearly as the stub. Nothing in a free text tells where it belongs, so there the
    longest text at the place is taken.
    """
    for place in lesson:
        if place.index in result.found or not place.answers:
            continue
        start, end = _gap(result, place, len(lesson), len(cells))
        free = [cell for cell in cells[start:end] if not cell.claimed and cell.source.strip()]
        if place.role == FREE_TEXT:
            free = [cell for cell in free if cell.kind != "code"]
            if free:
                best = max(free, key=lambda c: len(c.source))
                result.take(place, best, BY_PLACE)
            continue
        stub = place.text
        scored = [(result.alike(stub, squeezed(c.source)), c.index, c) for c in free]
        if scored and max(scored)[0] >= ALIKE:
            result.take(place, max(scored)[2], BY_LIKENESS)


def _gap(result: Match, place: Place, last: int, most: int) -> tuple[int, int]:
    """Return where in the submission a missing cell would stand, as a slice of its cells."""
    before = (result.found.get(i) for i in range(place.index - 1, -1, -1))
    after = (result.found.get(i) for i in range(place.index + 1, last))
    left = next((cell.index + 1 for cell in before if cell is not None), 0)
    right = next((cell.index for cell in after if cell is not None), most)
    return left, right


def _experiments_by_likeness(result: Match, lesson: tuple[Place, ...], cells: list[Cell]) -> None:
    """Find experiments that were changed and lost their ids: they must not run as own cells."""
    missing = [p for p in lesson if p.role == EXPERIMENT and p.index not in result.found]
    free = [cell for cell in cells if not cell.claimed and cell.kind == "code"]
    for place in missing:
        source = place.text
        scored = [(result.alike(source, squeezed(c.source)), -c.index, c) for c in free]
        if scored and max(scored)[0] >= ALIKE:
            cell = max(scored)[2]
            free.remove(cell)
            result.take(place, cell, BY_LIKENESS)
