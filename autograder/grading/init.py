"""Making a class directory from the course that is installed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.grading.classroom import CONFIG, POLICY, create_gradebook
from autograder.notebooks.errors import ClassError
from autograder.sandbox.limits import Limits
from descentlab.places import course_folder

COURSE_TOML = """\
# What this class may see while it works. `autograder release LESSON` hands it on with the lesson.
# Each is "always", "never", or "after 2026-12-01" (a date, from the day after on).
[policy]
solution = "always"
hints = "always"

# What a student's code may use while it is graded; `autograder doctor` shows what holds here.
[limits]
{limits}

# Python packages that answers may import besides NumPy, SciPy, Matplotlib and what the course uses.
[packages]
allowed = []
"""
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "policy.json", ".*")


@dataclass(frozen=True)
class Made:
    """What `init_class` did: the files that are new, and those that were there before."""

    root: Path
    new: tuple[Path, ...]
    left_alone: tuple[Path, ...]


def init_class(folder: Path) -> Made:
    """Make a class directory: lessons, solutions, configuration, policy and gradebook.

    Parameters
    ----------
    folder : Path
        Is made if it isn't there. Files that are in it stay as they are.

    Raises
    ------
    ClassError
        The folder can't be written, or is a file. Nothing is left half-made.
    """
    root = folder.resolve()
    if root.exists() and not root.is_dir():
        raise ClassError(f"{root} is a file; name a folder, new or existing, for the class.")
    parent = next(p for p in [root, *root.parents] if p.is_dir())
    try:
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=parent))
    except OSError as error:
        raise ClassError(f"{root} can't be made: {error.strerror}. Choose another.") from error
    try:
        _write_all(draft)
        return _move(draft, root)
    except OSError as error:
        raise ClassError(f"{root} can't be filled: {error}. Nothing was changed.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_all(draft: Path) -> None:
    """Write a whole class directory."""
    for name in ("solutions", "lessons"):
        shutil.copytree(course_folder(name), draft / name, ignore=LEFT_OUT)
    shutil.copyfile(course_folder("lessons").parent / CONFIG, draft / CONFIG)
    limits = "\n".join(f"# {name} = {value}" for name, value in asdict(Limits()).items())
    (draft / POLICY).write_text(COURSE_TOML.format(limits=limits), encoding="utf-8")
    create_gradebook(draft / "gradebook.db", "descentlab")


def _move(draft: Path, root: Path) -> Made:
    """Move what isn't there yet; take it all back when one file can't be moved."""
    new, left_alone = [], []
    try:
        for file in _files(draft):
            target = root / file.relative_to(draft)
            if target.exists():
                left_alone.append(target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)
            new.append(target)
    except OSError:
        for target in new:
            target.unlink(missing_ok=True)
        raise
    return Made(root, tuple(new), tuple(left_alone))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
