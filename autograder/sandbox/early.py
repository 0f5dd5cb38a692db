"""Zygotes that warm up while the grader still imports what it needs.

Both take a second or two, and a machine has more than one core. A worker that is forked takes one.
"""

from __future__ import annotations

from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import SandboxError, Zygote
from autograder.sandbox.walls import BUBBLEWRAP

_waiting: list[Zygote] = []


def start(count: int, packages: tuple[str, ...] = ()) -> None:
    """Start zygotes behind walls; where that isn't possible, whoever needs one will say so."""
    try:
        for _ in range(count):
            _waiting.append(Zygote(Limits(), BUBBLEWRAP, packages))
    except SandboxError:
        return


def take() -> Zygote | None:
    """One of them, None when there is none left."""
    return _waiting.pop() if _waiting else None


def let_go() -> None:
    """Close this process's ends of those that wait: they are another process's."""
    while _waiting:
        _waiting.pop().let_go()


def drop() -> None:
    """End those that nobody took."""
    while _waiting:
        _waiting.pop().close()
