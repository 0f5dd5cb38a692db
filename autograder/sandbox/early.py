"""A zygote that warms up while its caller imports the grader: each takes a second of a core."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import SandboxError, Zygote
from autograder.sandbox.walls import BUBBLEWRAP, allowed_packages


def started(level: str = BUBBLEWRAP, packages: tuple[str, ...] = ()) -> Zygote | None:
    """A zygote; None where none can be started, and whoever needs one will say why."""
    try:
        return Zygote(Limits(), level, packages)
    except SandboxError:
        return None


@contextmanager
def warming(policy: Path) -> Iterator[Zygote | None]:
    """A zygote for a class directory, by its course.toml; what is wrong there is told later."""
    try:
        packages = allowed_packages(tomllib.loads(policy.read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError, TypeError):
        packages = ()
    zygote = started(BUBBLEWRAP, packages) if (policy.parent / "submitted").is_dir() else None
    with closing(zygote) if zygote else nullcontext():
        yield zygote
