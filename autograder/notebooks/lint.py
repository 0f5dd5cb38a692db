"""What a student should know before handing a notebook in: what would be put right, what is
unanswered, and what isn't Python."""

import ast
from pathlib import Path

from nbformat import NotebookNode

from autograder.notebooks.canon import (
    FREE_TEXT,
    OWN,
    SOLUTION,
    Place,
    canonical,
    parsed,
    places,
    tree_of,
)
from autograder.notebooks.errors import ClassError, LessonError
from autograder.notebooks.rebuild import NotANotebook, Rebuilt, Unrebuildable, rebuild
from autograder.notebooks.repairs import Repair
from autograder.notebooks.source import resolve
from descentlab.places import course_folder
from descentlab.text import N_, _, ngettext

REFUSED, SYNTAX, UNDEFINED, UNANSWERED = "refused", "syntax", "undefined", "unanswered"

SENTENCES = {
    SYNTAX: N_("{cell}, line {line}: this isn't Python ({why}). Nothing in the cell can run."),
    UNDEFINED: N_("{cell}: no cell defines `{name}`, which the check asks for."),
    UNANSWERED: N_("{cell} isn't answered yet."),
}
HEADINGS = {
    REFUSED: N_("This can't be graded:"),
    SYNTAX: N_("Correct this first:"),
    UNANSWERED: N_("Not answered yet:"),
    "": N_("This would be put right when it is graded:"),
}


def lint(lesson: NotebookNode, submitted: bytes) -> list[Repair]:
    """Return what grading would find in a notebook before it runs it.

    Parameters
    ----------
    lesson : NotebookNode
        The lesson as it is released.
    submitted : bytes
        The notebook's file.

    Returns
    -------
    list of Repair
        Kinds "refused" (nothing else then), "syntax", "undefined", "unanswered", and those of
        `autograder.notebooks.repairs`.
    """
    try:
        rebuilt = rebuild(lesson, submitted)
    except (NotANotebook, Unrebuildable) as error:
        return [Repair(REFUSED, "", str(error))]
    asked = places(lesson)
    return [*_unreadable(rebuilt), *_undefined(rebuilt, asked), *rebuilt.repairs] + [
        _finding(UNANSWERED, place.name)
        for place, text in _answers(rebuilt, asked)
        if not place.answered(text)
    ]


def lint_file(file: Path) -> list[Repair]:
    """Return what grading would find in a notebook's file, a lesson of this course by its name."""
    root = course_folder("solutions").parent
    try:
        return lint(canonical(root, resolve(root, file.stem, ".ipynb")), file.read_bytes())
    except (LessonError, ClassError) as error:
        return [Repair(REFUSED, "", str(error))]


def ready(findings: list[Repair]) -> bool:
    """Whether nothing stands in the way of full points: all is answered, and can run."""
    return not {REFUSED, SYNTAX, UNDEFINED, UNANSWERED} & {finding.kind for finding in findings}


def report(findings: list[Repair]) -> str:
    """Return the findings as text for a terminal, the gravest first."""
    groups: dict[str, list[Repair]] = {key: [] for key in HEADINGS}
    for finding in findings:
        kind = SYNTAX if finding.kind == UNDEFINED else finding.kind
        groups[kind if kind in groups else ""].append(finding)
    parts = []
    for key, heading in HEADINGS.items():
        found = groups[key]
        if found and key == UNANSWERED:
            parts += [_(heading), f"  {', '.join(finding.cell for finding in found)}", ""]
        elif found:
            parts += [_(heading), *(f"  {finding.text}" for finding in found), ""]
    if not findings:
        return _("Nothing to put right: the notebook can be handed in.")
    if not groups[REFUSED]:
        open_answers = len(groups[UNANSWERED])
        if not open_answers and not groups[SYNTAX]:
            parts.append(_("It can be handed in as it is."))
        elif open_answers:
            parts.append(
                ngettext(
                    "It can be handed in; {count} answer is open and gives no points.",
                    "It can be handed in; {count} answers are open and give no points.",
                    open_answers,
                ).format(count=open_answers)
            )
    return "\n".join(parts).rstrip()


def _finding(kind: str, cell: str, **seen: object) -> Repair:
    return Repair(kind, cell, _(SENTENCES[kind]).format(cell=cell, **seen))


def _answers(rebuilt: Rebuilt, lesson: tuple[Place, ...]) -> list[tuple[Place, str]]:
    """Return the cells that ask for an answer, each with what stands in it."""
    texts = {cell.id: cell.source for cell in rebuilt.notebook.cells}
    asked = [place for place in lesson if place.role in (SOLUTION, FREE_TEXT)]
    return [(place, texts[place.cell.id]) for place in asked]


def _unreadable(rebuilt: Rebuilt) -> list[Repair]:
    """Return the cells of the student's that aren't Python."""
    found = []
    for step in rebuilt.steps:
        cell = rebuilt.notebook.cells[step.index]
        if step.role not in (SOLUTION, OWN):
            continue
        try:
            tree_of(cell.source)
        except SyntaxError as error:
            name = step.name or _first_words(cell.source)
            found.append(_finding(SYNTAX, name, line=error.lineno or 1, why=error.msg))
    return found


def _first_words(source: str) -> str:
    """Return how a cell begins, since one of the student's own has no name that he knows."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return f"`{line[:40]}`"


def _undefined(rebuilt: Rebuilt, lesson: tuple[Place, ...]) -> list[Repair]:
    """Return the exercises whose name no cell defines, though their cells are answered."""
    sources = [rebuilt.notebook.cells[s.index].source for s in rebuilt.steps if s.role != "check"]
    trees = [parsed(source) for source in sources]
    if None in trees:  # whatever isn't Python may have meant to define it
        return []
    defined = {name for tree in trees for name in _defines(tree)}
    return [
        _finding(UNDEFINED, place.name, name=place.exercise)
        for place, text in _answers(rebuilt, lesson)
        if place.role == SOLUTION and place.answered(text) and place.exercise not in defined
    ]


def _defines(tree: ast.Module) -> set[str]:
    """Return every name that a cell binds."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return names
