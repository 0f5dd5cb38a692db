"""A lesson's own notebook, the measure of every submission, and what each of its cells is for."""

import ast
import hashlib
import re
import warnings
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.notebooks.clear import clear
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import solution_file
from autograder.notebooks.submission import NotANotebook, read_notebook

TEXT, FREE_TEXT, SETUP, EXPERIMENT, SOLUTION, CHECK, OWN = (
    "text",
    "free_text",
    "setup",
    "experiment",
    "solution",
    "check",
    "own",
)
GUESS = re.compile(r"^(my_guess_\w+)[ \t]*=(?!=)[ \t]*(.*)$", re.MULTILINE)
MOST_PARSED = 100_000
"""Characters of a cell that are parsed; an answer has 2,000."""

MAGIC = re.compile(r"^(\s*)(?:\w[\w., ]*=\s*)?[%!]")


@dataclass(frozen=True)
class Place:
    """One cell of the lesson.

    Attributes
    ----------
    index : int
    role : {"text", "free_text", "setup", "experiment", "solution", "check"}
    name : str
        Its grade id, or its cell id where it isn't marked.
    cell : NotebookNode
        Never changed.
    """

    index: int
    role: str
    name: str
    cell: NotebookNode

    @property
    def answers(self) -> bool:
        """Whether a student's text belongs here."""
        return self.role in (SOLUTION, FREE_TEXT)

    @property
    def marked(self) -> bool:
        """Whether nbgrader knows it."""
        return self.role in (SOLUTION, FREE_TEXT, CHECK)

    @property
    def exercise(self) -> str:
        """The exercise or question of a solution or a check, else ``""``."""
        if self.role not in (SOLUTION, CHECK):
            return ""
        return self.name.removesuffix("__check")

    @cached_property
    def text(self) -> str:
        """The lesson's own text, to be compared."""
        return squeezed(self.cell.source)

    @property
    def first_line(self) -> str:
        """How the cell begins, for a sentence about it."""
        return next((line for line in self.cell.source.splitlines() if line.strip()), "")[:60]

    def answered(self, text: str) -> bool:
        """Whether a text says anything that the lesson's own doesn't."""
        if squeezed(text) in ("", self.text):
            return False
        if self.role == FREE_TEXT:
            return True
        tree = parsed(text)
        return tree is None or any(_says_something(node, self.name) for node in tree.body)


def canonical(course_root: Path, lesson: str) -> NotebookNode:
    """Return a lesson as it is released, made from the teacher's notebook in ``solutions/``.

    What lies in ``lessons/`` doesn't matter, so nobody can change a lesson there.

    Raises
    ------
    ClassError
        The teacher's notebook is missing or can't be read.
    """
    file = solution_file(course_root, lesson)
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        return deepcopy(_cleared(file, digest))
    except (OSError, NotANotebook) as error:
        raise ClassError(
            f"{file} can't be read ({error}). Bring the teacher's notebook back with "
            f"`autograder init {course_root}`."
        ) from error


@lru_cache(maxsize=32)
def _cleared(file: Path, digest: str) -> NotebookNode:
    """The release of a teacher's notebook; `digest` makes a changed file another entry."""
    return clear(read_notebook(file))


def places(lesson: NotebookNode) -> tuple[Place, ...]:
    """Return what each cell of a lesson is for, in order."""
    return tuple(_place(index, cell) for index, cell in enumerate(lesson.cells))


def _place(index: int, cell: NotebookNode) -> Place:
    marks = cell.metadata.get("nbgrader", {})
    name = marks.get("grade_id") or cell.get("id", f"cell-{index:03d}")
    code = cell.cell_type == "code"
    if marks.get("solution"):
        role = SOLUTION if code else FREE_TEXT
    elif marks.get("grade") and code:
        role = CHECK
    elif not code:
        role = TEXT
    else:
        role = EXPERIMENT if "experiment" in cell.metadata.get("tags", []) else SETUP
    return Place(index, role, name, cell)


def squeezed(text: str) -> str:
    """Return a text without spaces at the ends of its lines and without empty lines around it."""
    return "\n".join(map(str.rstrip, text.strip().split("\n")))


def guesses(text: str) -> dict[str, str]:
    """Return the guesses that a cell holds: name -> what stands behind the equals sign."""
    return dict(GUESS.findall(text)) if "my_guess_" in text else {}


def plain(text: str) -> str:
    """Return a cell's text as Python: IPython's magics, `!` and `?` replaced by `pass`."""
    if text.lstrip().startswith("%%"):
        return "pass"
    lines = text.split("\n")
    if "?" in text or "%" in text or "!" in text:
        lines = [_without_magic(line) for line in lines]
    return "\n".join(lines)


def _without_magic(line: str) -> str:
    found = MAGIC.match(line)
    if found:
        return f"{found[1]}pass"
    bare = line.strip()
    if bare[:1] == "?" or (bare[-1:] == "?" and not set(bare) & set("'\"#")):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return line


def parsed(text: str) -> ast.Module | None:
    """Return a cell's syntax tree; None if it isn't Python."""
    try:
        return tree_of(text)
    except SyntaxError:
        return None


def tree_of(text: str) -> ast.Module:
    """Return a cell's syntax tree, or raise SyntaxError, whatever the text is."""
    if len(text) > MOST_PARSED:
        raise SyntaxError("it is too long to be read", ("<cell>", 1, 1, ""))
    for attempt in (text, plain(text)):
        try:
            with warnings.catch_warnings(action="ignore"):  # of invalid escapes, for instance
                return compile(attempt, "<cell>", "exec", FLAGS, dont_inherit=True)
        except SyntaxError as error:
            failed = error
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError("it is nested too deep to be read", ("<cell>", 1, 1, "")) from error
    raise failed


FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def _says_something(node: ast.stmt, name: str) -> bool:
    """Whether a statement is part of an answer: no stub, no docstring, no `pass`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
        return any(_says_something(inner, "") for inner in node.body)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    if isinstance(node, ast.Pass):
        return False
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return getattr(raised, "id", "") != "NotImplementedError"
    if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == [name]:
        value = node.value
        return not (isinstance(value, ast.Constant) and value.value in (None, ...))
    return True
