"""What in a student's code a teacher should look at: read from its syntax, nothing is run.

A flag is no verdict. An answer that reaches beyond its exercise is judged like any other.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from autograder.notebooks.canon import SETUP, Place, parsed, squeezed
from descentlab.text import N_, _, printable

FOR_ANSWERS = frozenset(
    "__future__ collections copy dataclasses functools itertools math numbers numpy operator "
    "statistics typing".split()
)
"""What an answer may import; more than any exercise needs."""

FOR_OWN_CELLS = FOR_ANSWERS | frozenset(
    "descentlab matplotlib mpl_toolkits IPython ipywidgets pandas pprint random string textwrap "
    "time timeit tqdm warnings".split()
)

INWARD = frozenset("numpy.ctypeslib numpy.f2py numpy.testing IPython.core functools.gc".split())
"""Parts of allowed packages that reach into the interpreter."""

BUILTINS = frozenset(
    "eval exec compile open __import__ globals locals vars breakpoint get_ipython memoryview "
    "__builtins__ __loader__ __spec__ setattr delattr exit quit input".split()
)
HOOKS = frozenset(
    "__eq__ __ne__ __array__ __array_ufunc__ __array_function__ __array_interface__ __float__ "
    "__index__ __class__ __del__ __reduce__ __reduce_ex__ __getattribute__ "
    "__instancecheck__".split()
)
HARMLESS = frozenset("__init__ __name__ __doc__ __call__ __repr__ __len__ __main__".split())
INNER = re.compile(r"__\w+__")
FRAMES = frozenset(
    "f_back f_globals f_locals f_builtins f_code tb_frame tb_next gi_frame cr_frame "
    "ag_frame".split()
)
SHELL = re.compile(
    r"(?:\w+ *= *)?!|%%?(?:bash|sh|script|system|sx|run|perl|ruby|cython|load_ext|writefile|html|"
    r"javascript|js|python\d?|pypy)\b",
    re.IGNORECASE,
)
TIMED = re.compile(
    r"^([ \t]*)(?:\w[\w., ]*=[ \t]*)?%{1,2}(?:time|timeit|prun|capture)\b"
    r"(?:[ \t]+-\S+(?:[ \t]+\d+)?)*[ \t]*",
    re.MULTILINE,
)
"""A magic that runs the Python behind it."""

STATES = ("State", "Cache")
MOST_FLAGS = 12
MOST_READ = 300_000
"""Characters of a student's code that are looked through; a lesson's answers have 10,000."""

SENTENCES = {
    "import": N_("{cell} imports {what}, which no answer needs."),
    "bench": N_("{cell} reaches for {what} of the lesson's bench; an answer is written by hand."),
    "builtin": N_("{cell} uses {what}, which reaches out of the exercise."),
    "inner": N_("{cell} reaches for {what}, which belongs to Python's inside."),
    "hook": N_("{cell} defines {what}: an object of this kind can make believe that it is equal."),
    "patch": N_("{cell} changes {what}, which isn't its own."),
    "shell": N_("{cell} runs a command outside of Python: {what}."),
    "long": N_("There is more code than was looked through: {what} characters."),
    "own": N_("a cell of the student's own ({cell})"),
}


def flags(
    lesson: tuple[Place, ...], answers: list[tuple[str, str]], own: list[tuple[str, str]]
) -> list[str]:
    """Return what a teacher should look at.

    Parameters
    ----------
    lesson : tuple of Place
    answers, own : list of (str, str)
        Name and text of the cells with answers, and of the student's other code cells.

    Returns
    -------
    list of str
        One sentence each, a dozen at most.
    """
    bench = _bench(tuple(p.cell.source for p in lesson if p.role == SETUP))
    stubs = {p.name: _names(p.cell.source) for p in lesson if p.answers}
    unchanged = {p.name: p.text for p in lesson if p.answers}
    found = []
    size = sum(len(text) for _name, text in (*answers, *own))
    if size > MOST_READ:
        found.append(("", "long", f"{size:,}"))
        answers, own = _first(answers, MOST_READ), _first(own, MOST_READ // 2)
    for name, text in answers:
        if squeezed(text) == unchanged.get(name):
            continue
        reach = bench - stubs.get(name, set()) - {name}
        found += [(name, *seen) for seen in _reaches(text, FOR_ANSWERS, reach)]
    for name, text in own:
        shown = _(SENTENCES["own"]).format(cell=name)
        found += [(shown, *seen) for seen in _reaches(text, FOR_OWN_CELLS, frozenset())]
    told = (
        _(SENTENCES[kind]).format(cell=cell, what=printable(what)) for cell, kind, what in found
    )
    return list(dict.fromkeys(told))[:MOST_FLAGS]


def _first(texts: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return the first texts, as many as have so many characters together."""
    sums = accumulate(len(text) for _name, text in texts)
    return [entry for entry, size in zip(texts, sums, strict=True) if size <= most]


@cache
def _bench(setups: tuple[str, ...]) -> frozenset[str]:
    """Return what the lesson imports that could do an exercise's work."""
    names = set()
    for source in setups:
        tree = parsed(source)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom) and _package(node.module) in (
                "descentlab",
                "scipy",
            ):
                names |= {alias.asname or alias.name for alias in node.names}
    return frozenset(name for name in names if not name.endswith(STATES))


def _package(module: str | None) -> str:
    return (module or ".").partition(".")[0]


def _names(source: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", source))


def _reaches(
    text: str, allowed: frozenset[str], bench: frozenset[str]
) -> Iterator[tuple[str, str]]:
    yield from _commands(text)
    tree = parsed(TIMED.sub(r"\1", text) if "%" in text else text)
    if tree is None:
        return
    for node in ast.walk(tree):
        yield from _imports(node, allowed)
        if isinstance(node, ast.Name):
            if node.id in BUILTINS:
                yield "builtin", f"{node.id}()" if node.id.isalpha() else node.id
            elif node.id in bench or node.id == "descentlab":
                kind = "bench" if isinstance(node.ctx, ast.Load) else "patch"
                yield kind, node.id
        elif isinstance(node, ast.Attribute):
            yield from _attribute(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value in FRAMES or (_is_inner(node.value) and len(node.value) < 40):
                yield "inner", repr(node.value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name in HOOKS:
                yield "hook", node.name
            elif node.name in bench or node.name == "check":
                yield "patch", node.name


def _is_inner(name: str) -> bool:
    return bool(INNER.fullmatch(name)) and name not in HARMLESS


def _imports(node: ast.AST, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        modules = [node.module or "."]
        modules += [f"{node.module}.{alias.name}" for alias in node.names if node.module]
        modules = [modules[0], *(m for m in modules[1:] if m in INWARD)]
    else:
        return
    for module in modules:
        inward = any(module == part or module.startswith(f"{part}.") for part in INWARD)
        if inward or _package(module) not in allowed:
            yield "import", module[:60]


def _attribute(node: ast.Attribute) -> Iterator[tuple[str, str]]:
    if node.attr in FRAMES or _is_inner(node.attr) or node.attr in ("ctypes", "ctypeslib"):
        yield "inner", node.attr
    elif isinstance(node.ctx, ast.Store | ast.Del):
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id in ("np", "numpy", "plt", "descentlab"):
            yield "patch", f"{owner.id}.{node.attr}"


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield the commands to a shell, and cell magics that run something else than Python."""
    for line in text.splitlines():
        bare = line.strip()
        if SHELL.match(bare):
            yield "shell", bare[:60]
