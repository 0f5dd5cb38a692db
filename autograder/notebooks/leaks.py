"""What must not stand in a learner's notebook: an answer, or a way out of the notebook.

An answer is looked for in two ways, in every code cell that isn't tagged `given`: a line of it, and
its body as a syntax tree, whatever the variables are called.
"""

import ast
from collections.abc import Iterator
from functools import cache

from nbformat import NotebookNode

from autograder import exercises, reference

IMPORTS = frozenset(
    "numpy scipy matplotlib descentlab ipywidgets IPython "
    "collections dataclasses functools itertools math time timeit typing".split()
)
"""What a lesson may import. Nothing here opens a connection or a file by its own name."""

READERS = frozenset(
    "open load loadtxt genfromtxt fromfile memmap save savez savetxt tofile savefig imread imsave "
    "eval exec compile __import__ import_module run_line_magic system".split()
)
"""Calls that read or write files, or run what no check can see."""

FEW_NODES = 14
"""A body smaller than this (`return theta - lr * grad` has 13 nodes) is looked for with its own
names only: with any names, half of all arithmetic would look like it."""


def find_leaks(lesson: NotebookNode) -> list[str]:
    """Return everything in a learner's notebook that must not be there.

    Parameters
    ----------
    lesson : NotebookNode
        The learner's notebook, as it is released.

    Returns
    -------
    list of str
        One sentence for each finding, with its cell and what to do; empty for a clean notebook.
    """
    findings = []
    for position, cell in enumerate(lesson.cells):
        given = "given" in cell.metadata.get("tags", [])
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        place = f"cell {position} ({name})" if name else f"cell {position}"
        if cell.cell_type == "code":
            found = _in_code(cell.source, given)
        else:
            found = _in_text(cell.source)
        findings += [f"{place}: {finding}" for finding in found]
    return findings


def _in_code(source: str, given: bool) -> list[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return [
            f"line {error.lineno} isn't plain Python: {error.msg}. A lesson uses no magics and no "
            "shell commands: they would reach outside the notebook."
        ]
    findings = list(dict.fromkeys(_ways_out(tree)))
    return findings if given else findings + _answers(source, tree)


def _in_text(source: str) -> list[str]:
    return [
        f"`{mark}` survives; the model answer would be seen."
        for mark in ("BEGIN SOLUTION", "END SOLUTION")
        if mark in source
    ]


def _answers(source: str, tree: ast.Module) -> list[str]:
    """Return a sentence for each exercise whose answer stands in a cell."""
    findings = []
    lines = {_squeezed(line) for line in source.splitlines()}
    own, any_names = _windows(tree)
    for exercise, answer_lines, shape, small in _known_answers():
        seen = sorted(lines & answer_lines)
        if seen:
            findings.append(
                f"the line `{seen[0]}` is part of the answer to {exercise}; a cell that needs the "
                f"rule gets it by `### GIVEN {exercise}`."
            )
        elif shape and shape in (own if small else any_names):
            findings.append(
                f"the answer to {exercise} stands here under other names; "
                f"use `### GIVEN {exercise}`."
            )
    return findings


@cache
def _known_answers() -> tuple[tuple[str, frozenset[str], str, bool], ...]:
    """Return, for every exercise, its name, its telling lines, its tree, and if it is small."""
    known = []
    for name in exercises.names():
        exercise = exercises.find(name)
        if exercise.is_question:
            line = _squeezed(exercise.solution_source())
            known.append((name, frozenset([line]), "", True))
            continue
        body = reference.body(name)
        statements = ast.parse(f"def f():\n{_indented(body)}").body[0].body
        telling = frozenset(
            _squeezed(line) for line in body.splitlines() if _says_something(line.strip())
        )
        small = _size(statements) < FEW_NODES
        shape = _shape(statements, rename=not small)
        known.append((name, telling, shape, small))
    return tuple(known)


def _windows(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Return the shapes of all runs of statements: with their own names, and with any."""
    lengths = {
        len(ast.parse(f"def f():\n{_indented(reference.body(name))}").body[0].body)
        for name in exercises.names()
        if not exercises.find(name).is_question
    }
    own, any_names = set(), set()
    for block in _blocks(tree):
        for length in lengths:
            for start in range(len(block) - length + 1):
                run = block[start : start + length]
                own.add(_shape(run, rename=False))
                any_names.add(_shape(run, rename=True))
    return own, any_names


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements in a tree: the cell's, each function's, each loop's."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield block


def _shape(statements: list[ast.stmt], *, rename: bool) -> str:
    """Return a text that is equal for equal trees; with `rename`, for trees up to their names."""
    text = "\n".join(ast.dump(statement) for statement in statements)
    if not rename:
        return text
    names: dict[str, str] = {}
    parts = []
    for statement in statements:
        for node in ast.walk(statement):
            label = type(node).__name__
            if isinstance(node, ast.Name):
                label += names.setdefault(node.id, f":{len(names)}")
            elif isinstance(node, ast.arg):
                label += names.setdefault(node.arg, f":{len(names)}")
            elif isinstance(node, ast.Attribute):
                label += f".{node.attr}"
            elif isinstance(node, ast.Constant):
                label += f"={node.value!r}"
            elif isinstance(node, ast.Load | ast.Store):
                continue
            parts.append(f"{label}/{sum(1 for _ in ast.iter_child_nodes(node))}")
    return " ".join(parts)


def _size(statements: list[ast.stmt]) -> int:
    return sum(1 for statement in statements for _ in ast.walk(statement))


def _says_something(line: str) -> bool:
    """Whether a line tells how the answer goes: two operations or calls at least."""
    try:
        tree = ast.parse(line if not line.endswith(":") else f"{line}\n pass")
    except SyntaxError:  # a part of a longer statement
        return len(line) > 12
    telling = ast.BinOp | ast.Call | ast.AugAssign | ast.Compare
    return sum(isinstance(node, telling) for node in ast.walk(tree)) >= 2


def _squeezed(line: str) -> str:
    """Return a line without its comment and without spaces, so that formatting hides nothing."""
    return "".join(line.partition("#")[0].split())


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.splitlines())


def _ways_out(tree: ast.Module) -> Iterator[str]:
    """Yield a sentence for everything that reaches out of the notebook."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            modules = [node.module or "."] if isinstance(node, ast.ImportFrom) else names
            for module in modules:
                if module.partition(".")[0] not in IMPORTS:
                    yield (
                        f"imports {module!r}; a lesson imports only {', '.join(sorted(IMPORTS))}, "
                        "so that it needs no network, no file and no other lesson."
                    )
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in READERS:
                yield f"calls {called}(); data comes from descentlab.load_digits and the like."
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _is_path(node.value):
                yield f"holds the path {node.value!r}; a lesson knows no places on a disk."
            elif "://" in node.value:
                yield f"holds the address {node.value!r}; a lesson runs without a network."


def _is_path(text: str) -> bool:
    starts = text.startswith(("/", "~/", "./", "../")) and len(text) > 2 and text[1] not in " /"
    return (starts and " " not in text) or text[1:3] in (":\\", ":/") or text.endswith(".ipynb")
