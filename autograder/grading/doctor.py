"""What this machine offers: walls that are really there, limits that hold, what is installed."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.grading import probes
from autograder.grading.classroom import POLICY, ClassDirectory, sqlite_file
from autograder.grading.database import open_engine, reading
from autograder.grading.ledger import FOLDER, Ledger
from autograder.notebooks.errors import ClassError
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import FIRST_USER, SandboxError, Zygote
from autograder.sandbox.walls import bubblewrap

OK, WARNING, MISSING = "ok", "warning", "missing"
EPERM = 1

NO_USERS = (
    "This machine may not let programs make namespaces of their own: on Ubuntu since 24.04 allow "
    "it for bubblewrap (`sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or an AppArmor "
    "profile); in a container give it the right to (`--security-opt seccomp=unconfined`, or "
    "`--privileged`); macOS and Windows have none, use Linux in a virtual machine. Without walls: "
    "`autograder grade --unsandboxed`, at your own risk."
)
BREACH = "Don't grade strangers' work here; tell the authors, with what this command prints."
VERSIONS = ("descentlab", "nbgrader", "nbformat", "numpy", "scipy", "matplotlib", "ipython")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    state : {"ok", "warning", "missing"}
        "missing": something that grading needs doesn't work.
    text : str
        What was found, and what to do where it isn't right.
    details : dict
        Plain numbers and strings.
    """

    name: str
    state: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain strings and numbers."""
        return asdict(self)


def examine(course: ClassDirectory | None = None) -> list[Finding]:
    """Look at this machine, and at a class directory if one is given.

    Returns
    -------
    list of Finding
        Walls first, then limits, versions, the class's files, extras.
    """
    limits, stated = _limits(course)
    return [
        *_walls(course, limits),
        stated,
        *_versions(),
        *(_class(course) if course is not None else ()),
        *_extras(),
    ]


def _walls(course: ClassDirectory | None, limits: Limits) -> Iterator[Finding]:
    program = bubblewrap()
    if program is None:
        yield Finding(
            "bubblewrap",
            MISSING,
            "isn't installed, so there are no walls round student code, and grading refuses. "
            "Install it: `apt install bubblewrap` (Debian, Ubuntu), `dnf install bubblewrap` "
            "(Fedora).",
        )
        return
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    yield Finding("bubblewrap", OK, f"{said or 'installed'}, {program}", {"version": said})
    zygote = None
    try:
        zygote = Zygote(limits)
        seen = probes.look_around(zygote, _secrets(course))
        yield from judge_walls(seen)
        if seen.found():
            yield from judge_limits(probes.try_limits(zygote))
    except SandboxError as error:
        yield Finding("room", MISSING, f"no room opens: {error} {NO_USERS}")
    finally:
        if zygote is not None:
            zygote.close()


def _secrets(course: ClassDirectory | None) -> list[Path]:
    package = Path(__file__).resolve().parents[1]
    found = [package, package / "reference", package.parent / "solutions", package.parent / ".git"]
    if course is not None:
        names = ("solutions", "submitted", "nbgrader_config.py", FOLDER)
        found += [course.root / name for name in names]
        book = sqlite_file(course.nbgrader().db_url)
        found += [book] if book is not None else []
    return [path for path in found if path.exists()]


def judge_walls(answer: probes.Answer) -> Iterator[Finding]:
    """What a look round a room means."""
    seen, status = answer.found(), answer.status or {}
    if not seen:
        said = " ".join(filter(None, (answer.ended, answer.error, answer.text[:200])))
        yield Finding("room", MISSING, f"opens, but a probe in it didn't answer ({said}). {BREACH}")
        return
    yield Finding("room", OK, "opens; student code runs behind walls (level: bubblewrap).")
    found = {
        "network": (
            not seen["ip"] and not seen["abstract"],
            "closed: neither a port nor an abstract socket of this machine was reached.",
            "isn't closed: a socket of this machine was reached from a room.",
        ),
        "processes": (
            not seen["proc"],
            "other processes are out of sight: /proc is empty.",
            f"/proc shows {len(seen['proc'])} entries in a room.",
        ),
        "answers": (
            not seen["package"] and not seen["seen"],
            "the autograder, the class's files and other people's are out of sight.",
            f"a room sees {', '.join(seen['seen']) or 'the package autograder'}.",
        ),
        "descriptors": (
            seen["open"] <= 1,
            "a room inherits nothing but its socket.",
            f"a room inherits {seen['open']} open files.",
        ),
        "user": (
            _is_unprivileged(status),
            "student code has no capability and can't gain one.",
            f"student code isn't unprivileged: user {status.get('Uid', '?').split()[:1]}, "
            f"capabilities {status.get('CapEff')}.",
        ),
    }
    for name, (holds, good, bad) in found.items():
        yield Finding(name, OK if holds else MISSING, good if holds else f"{bad} {BREACH}")
    filtered = status.get("Seccomp") == "2" and seen["unshare"] == EPERM
    yield Finding(
        "filter",
        OK if filtered else WARNING,
        "the kernel refuses calls that no exercise needs (seccomp)."
        if filtered
        else "isn't set: this machine's kernel or processor isn't known to it "
        f"({platform.machine()}). The other walls stand; grade on x86_64 or aarch64 for this one.",
        {"Seccomp": status.get("Seccomp", ""), "machine": platform.machine()},
    )


def _is_unprivileged(status: dict[str, str]) -> bool:
    users = {int(word) for word in status.get("Uid", "0").split()}
    alone = all(user >= FIRST_USER for user in users) if os.geteuid() == 0 else 0 not in users
    none = all(int(status.get(name, "1"), 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd"))
    return alone and none and status.get("NoNewPrivs") == "1"


def judge_limits(held: dict[str, bool]) -> Iterator[Finding]:
    """Which limits hold."""
    loose = [name for name, holds in held.items() if not holds]
    yield Finding(
        "limits hold",
        MISSING if loose else OK,
        f"not kept in a room: {', '.join(loose)}. {BREACH}"
        if loose
        else f"each was tried in a room: {', '.join(held)}.",
        dict(held),
    )


def _limits(course: ClassDirectory | None) -> tuple[Limits, Finding]:
    """The limits of a class, the usual ones where it states none or states them wrongly."""
    file = course.root / POLICY if course is not None else None
    stated: dict[str, Any] = {}
    try:
        if file is not None and file.is_file():
            stated = tomllib.loads(file.read_text(encoding="utf-8")).get("limits", {})
        limits = Limits.of(stated)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        usual = Limits()
        text = f"{file}: {error}. Correct [limits] there; grading refuses until then."
        return usual, Finding("limits", MISSING, text, asdict(usual))
    numbers = asdict(limits)
    text = ", ".join(f"{name.name} = {numbers[name.name]:g}" for name in fields(limits))
    where = f" [limits] of {file} states {', '.join(stated)}." if stated else ""
    return limits, Finding("limits", OK, f"{text}.{where}", numbers)


def _versions() -> Iterator[Finding]:
    versions = {"python": platform.python_version()}
    for name in VERSIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = ""
    lacking = [name for name, version in versions.items() if not version and name != "descentlab"]
    text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if lacking:
        remedy = f"{', '.join(lacking)} isn't installed: `pip install 'descentlab[teach]'`."
        yield Finding("versions", MISSING, f"{text}; {remedy}", versions)
    else:
        yield Finding("versions", OK, f"{text}.", versions)
    system = f"{platform.system()} {platform.release()} on {platform.machine()}"
    yield Finding(
        "system",
        OK if sys.platform == "linux" else WARNING,
        system if sys.platform == "linux" else f"{system}: the walls need Linux.",
    )


def _class(course: ClassDirectory) -> Iterator[Finding]:
    yield Finding("class directory", OK, str(course.root))
    yield _gradebook(course)
    yield _ledger(course)


def _gradebook(course: ClassDirectory) -> Finding:
    try:
        url = course.nbgrader().db_url
        file = sqlite_file(url)
        if file is not None and not file.is_file():
            text = f"{file} isn't there yet; `autograder release LESSON` makes it."
            return Finding("gradebook", WARNING, text)
        engine = open_engine(url)
        try:
            with reading(engine) as db:
                count = db.exec_driver_sql("SELECT COUNT(*) FROM assignment").scalar()
            kind = engine.url.get_backend_name()
        finally:
            engine.dispose()
    except ClassError as error:
        return Finding("gradebook", MISSING, str(error))
    where = file or kind
    return Finding("gradebook", OK, f"{where}: {count} lessons were released.", {"kind": kind})


def _ledger(course: ClassDirectory) -> Finding:
    if not (course.root / FOLDER / "ledger.db").is_file():
        text = "there is none yet; `autograder collect` and `autograder grade` make it."
        return Finding("ledger", OK, text)
    try:
        with Ledger(course.root) as ledger:
            counts = {lesson: len(ledger.current(lesson)) for lesson in ledger.lessons()}
            ((sound,),) = ledger.ask("PRAGMA quick_check(1)")
            if sound != "ok":
                raise ClassError(f"{ledger.file} is damaged ({sound}). Put a copy in its place.")
    except ClassError as error:
        return Finding("ledger", MISSING, str(error))
    text = ", ".join(f"{count} of {lesson}" for lesson, count in counts.items()) or "none yet"
    return Finding("ledger", OK, f"submissions that count: {text}.", counts)


def _extras() -> Iterator[Finding]:
    for name, module, extra, purpose in (
        ("PostgreSQL", "psycopg", "postgres", "a gradebook that several machines use"),
        ("Dask", "distributed", "cluster", "more than one machine"),
    ):
        there = importlib.util.find_spec(module) is not None
        lacking = f"isn't installed; only {purpose} needs it: `pip install 'descentlab[{extra}]'`."
        yield Finding(name, OK, "installed." if there else lacking, {"installed": there})
