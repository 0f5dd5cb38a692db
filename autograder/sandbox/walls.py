"""The walls round the zygote: what is in sight inside them, and how bubblewrap builds them.

In sight: the interpreter, the packages of an allow-list, `descentlab`, `data`. Everything else
isn't there: the autograder, solutions, the repository, the home folder, the network.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import descentlab

PACKAGES = (
    *("numpy", "scipy", "matplotlib", "ipython", "matplotlib-inline"),
    *("ipywidgets", "anywidget", "tqdm"),
)
"""What a lesson may import, with all that these need."""

BUBBLEWRAP, NONE = "bubblewrap", "none"
ZYGOTE = Path(__file__).with_name("zygote.py")
LOADED = ("zygote.py", "confine.py", "cells.py")
SITE = "/site"

DEVICES = ("null", "random", "urandom")
"""No /dev/zero: memory that is shared through it belongs to no process. No terminals."""

NOT_SHOWN = ("_course/solutions", "_course/lessons", "locale")
"""Folders of `descentlab`; translations hold the judge's sentences, too."""

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    **ONE_THREAD,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PATH": "/nowhere",
    "TQDM_DISABLE": "1",
}


@dataclass(frozen=True)
class Place:
    """Something of this machine, and where it is seen inside the walls."""

    real: Path
    seen: str


def allowed_packages(stated: dict) -> tuple[str, ...]:
    """The distributions that a course.toml allows besides the usual: `[packages] allowed = []`.

    Raises
    ------
    ValueError
        It isn't a list of names.
    """
    names = stated.get("packages", {}).get("allowed", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f'[packages] allowed must be a list of names, ["pandas"]; it is {names!r}')
    return tuple(names)


def command(descriptor: int, level: str, packages: tuple[str, ...] = ()) -> list[str]:
    """The command that starts a zygote on an inherited socket.

    Parameters
    ----------
    descriptor : the socket's number
    level : {"bubblewrap", "none"}
    packages : distributions that lessons of this class need besides PACKAGES
    """
    python = [str(interpreter()), "-I", "-S", "-c"]
    if level == NONE:
        paths = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
        paths.append(str(Path(descentlab.__file__).resolve().parent.parent))
        return [*python, start(list(dict.fromkeys(paths)), ZYGOTE), str(descriptor)]
    inside = [*python, start([SITE], Path("/zygote", ZYGOTE.name)), str(descriptor)]
    return [bubblewrap() or "bwrap", *walls(packages), *inside]


def start(paths: list[str], file: Path) -> str:
    """Run a file with these folders behind the standard library, and nothing else, on the path."""
    return (
        f"import runpy, sys; sys.path[:] = [p for p in sys.path if p] + {paths!r}; "
        f"runpy.run_path({str(file)!r}, run_name='__main__')"
    )


def walls(packages: tuple[str, ...] = ()) -> list[str]:
    """Bubblewrap's arguments."""
    words = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv"]
    if os.geteuid() != 0:
        words += ["--unshare-user"]
    for name, value in ENVIRONMENT.items():
        words += ["--setenv", name, value]
    for name in ("LANGUAGE", "TZ"):
        if name in os.environ:
            words += ["--setenv", name, os.environ[name]]
    outside, site = list(system()), list(in_site((*PACKAGES, *packages)))
    for folder in parents([*outside, *site]):
        words += ["--perms", "0755", "--dir", str(folder)]
    for place in outside:
        if place.real.is_symlink():
            words += ["--symlink", os.readlink(place.real), place.seen]
        elif place.real.exists():
            words += ["--ro-bind", str(place.real), place.seen]
    for folder in hidden():
        words += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    words += ["--proc", "/proc", "--tmpfs", "/tmp", "--perms", "0755", "--dir", "/zygote"]
    words += ["--perms", "0755", "--tmpfs", "/dev", "--dir", "/dev/shm"]
    for name in DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    words += ["--remount-ro", "/dev"]
    for name in LOADED:
        words += ["--ro-bind", str(ZYGOTE.with_name(name)), f"/zygote/{name}"]
    for place in (*site, *font_cache()):
        words += ["--ro-bind", str(place.real), place.seen]
    for name in NOT_SHOWN:
        if (Path(descentlab.__file__).parent / name).is_dir():
            hides = f"{SITE}/descentlab/{name}"
            words += ["--perms", "0755", "--tmpfs", hides, "--remount-ro", hides]
    return [*words, "--remount-ro", "/", "--chdir", "/tmp", "--"]


def font_cache() -> Iterator[Place]:
    """What Matplotlib knows of this machine's fonts, which takes it long to find out.

    It is read while the zygote warms up; rooms have another /tmp.
    """
    stated = os.environ.get("MPLCONFIGDIR")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(stated) if stated else Path(cache, "matplotlib")
    with contextlib.suppress(OSError):
        for file in sorted(folder.glob("fontlist-v*.json")):
            yield Place(file, f"{ENVIRONMENT['MPLCONFIGDIR']}/{file.name}")


def parents(places: list[Place]) -> list[Path]:
    """The folders that have to be there before; bubblewrap would make them for root alone."""
    return sorted({folder for place in places for folder in Path(place.seen).parents} - {Path("/")})


def interpreter() -> Path:
    """The Python that this environment was made from."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def system() -> Iterator[Place]:
    """The interpreter, and the system's shared libraries."""
    for name in ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64"):
        yield Place(Path(name), name)
    for name in ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"):
        yield Place(Path(name), name)
    prefix = Path(sys.base_prefix).resolve()
    if prefix == Path("/usr"):
        yield Place(interpreter(), str(interpreter()))
    else:
        for folder in (prefix / "lib", prefix / "lib64"):
            yield Place(folder, str(folder))
        yield Place(interpreter(), str(interpreter()))


def hidden() -> Iterator[Path]:
    """Folders of packages inside what is shown: only what is on the list may be seen of them."""
    prefix = Path(sys.base_prefix).resolve()
    roots = (prefix, Path("/usr")) if prefix != Path("/usr") else (prefix,)
    for root in roots:
        for pattern in ("lib*/python3*/site-packages", "lib*/python3*/dist-packages"):
            for folder in sorted(root.glob(pattern)):
                if not folder.is_symlink() and (root != Path("/usr") or "local" not in str(folder)):
                    yield folder


def in_site(packages: tuple[str, ...]) -> Iterator[Place]:
    """The allow-listed packages with all that they need, `descentlab` and its data."""
    seen = set()
    for name in sorted(closure(packages)):
        for path in top_level(metadata.distribution(name)):
            if path.name not in seen and path.exists():
                seen.add(path.name)
                yield Place(path.resolve(), f"{SITE}/{path.name}")
    package = Path(descentlab.__file__).resolve().parent
    yield Place(package, f"{SITE}/descentlab")
    if not (package / "_course").is_dir():
        yield Place(package.parent / "data", f"{SITE}/data")


def closure(packages: tuple[str, ...]) -> set[str]:
    """The distributions of these names that are installed, and all that they require."""
    found: set[str] = set()
    waiting = list(packages)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += [
            re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0]
            for line in required
            if "extra ==" not in line
        ]
    return found - {"descentlab"}


def top_level(distribution: metadata.Distribution) -> list[Path]:
    """The folders and modules that a distribution puts into site-packages.

    From the text of its RECORD, where it has one: `files` makes a path of each of thousands.
    """
    record = distribution.read_text("RECORD")
    files = record.splitlines() if record else map(str, distribution.files or ())
    names = {re.split("[/,]", file.lstrip('"'), maxsplit=1)[0] for file in files}
    kept = sorted(names - {"", ".", "..", "__pycache__"})
    return [Path(distribution.locate_file(name)) for name in kept]


def bubblewrap() -> str | None:
    """Where bubblewrap is, None where it isn't installed."""
    return shutil.which("bwrap")
