"""Wrong versions made from the right one: small edits of the reference's text.

A formula is typed once, in `autograder.reference`. A mistake names what changes in it, so a
wrong version differs from the right one in just that, and two mistakes can be made at once.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograder import reference

Edit = tuple[str, str]


@dataclass(frozen=True)
class Slip:
    """Edits `(old, new)` of a reference's body, or one whole wrong function."""

    edits: tuple[Edit, ...] = ()
    function: Callable | None = None

    @classmethod
    def of(cls, parts: Sequence) -> Slip:
        if len(parts) == 1 and callable(parts[0]):
            return cls(function=parts[0])
        return cls(edits=tuple(parts))


@dataclass(frozen=True)
class Change:
    """An edit at its place in a body, without what stays the same at its two ends."""

    start: int
    end: int
    new: str

    def touches(self, other: Change) -> bool:
        """Whether both change the same place; an insertion also meets what it stands next to."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


def locate(body: str, edit: Edit) -> Change:
    """Where in the body an edit applies.

    Raises
    ------
    ValueError
        If the text to replace stands there not at all or more than once.
    """
    old, new = edit
    count = body.count(old)
    if count != 1:
        raise ValueError(
            f"the edit {old!r} stands {count} times in the reference's body, it must stand "
            f"there once; lengthen it or correct it:\n{body}"
        )
    before, after = _tokens(old), _tokens(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    start = body.index(old) + len("".join(before[:head]))
    end = body.index(old) + len("".join(before[: len(before) - tail]))
    return Change(start, end, "".join(after[head : len(after) - tail]))


def overlapping(body: str, one: Slip, two: Slip) -> bool:
    """Whether two slips touch the same place."""
    others = [locate(body, edit) for edit in two.edits]
    return any(locate(body, edit).touches(other) for edit in one.edits for other in others)


def apply_edits(body: str, edits: Sequence[Edit]) -> str:
    """The body with all edits applied at the places they have in the original."""
    changes = sorted((locate(body, edit) for edit in edits), key=lambda change: change.start)
    for change, following in pairwise(changes):
        if change.touches(following):
            raise ValueError(f"edits overlap in the reference's body: {edits!r}")
    for change in reversed(changes):
        body = body[: change.start] + change.new + body[change.end :]
    return body


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)


def _common(one: list[str], two: list[str]) -> int:
    """How many tokens two lists share at their beginning."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )


def compile_edits(name: str, edits: Sequence[Edit]) -> tuple[Callable, str]:
    """The reference `name` with edits applied: the function, and its text."""
    text = f"{reference.header(name)}\n" + textwrap.indent(
        apply_edits(reference.body(name), edits), "    "
    )
    return compile_text(name, text), text


def compile_text(name: str, text: str) -> Callable:
    """The function `name` that a text defines, with the names its reference sees."""
    scope = dict(reference.find(name).__globals__)
    exec(compile(text, f"<wrong version of {name}>", "exec"), scope)  # the package's own text
    return scope[name]


def rename(function: Callable, name: str) -> str:
    """The text of a function under another name."""
    text = textwrap.dedent(inspect.getsource(function))
    return re.sub(rf"\bdef {function.__name__}\b", f"def {name}", text, count=1)
