"""What lies in ``submitted/STUDENT/LESSON``: read with care, and put there in one step."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.grading import reading
from autograder.grading.classroom import ClassDirectory
from autograder.grading.reading import MEGABYTE, Piece, Unreadable, megabytes
from autograder.grading.senders import JUNK
from autograder.notebooks.errors import ClassError

TIMESTAMP, LONGEST_TIME = "timestamp.txt", 200
"""The file in which nbgrader keeps when a submission was handed in; characters read of it."""

NOTEBOOK_BYTES = 64 * MEGABYTE
EXTRA_BYTES = 8 * MEGABYTE
EXTRA_FILES = 100

AT_FDCWD, RENAME_EXCHANGE = -100, 2


def read_submission(
    course: ClassDirectory, student: str, lesson: str
) -> tuple[dict[str, bytes], list[str], str | None]:
    """Read what a student handed in, as it lies in ``submitted/``.

    Returns
    -------
    files : dict
        Path below the folder -> content: the notebook as ``LESSON.ipynb``, and extra files. Regular
        files only; no link is followed.
    problems : list of str
        A sentence for whatever was left out, and where there is no notebook.
    handed_in : str or None
        What nbgrader's timestamp.txt says.
    """
    folder = course.submission(student, lesson)
    name = f"{lesson}.ipynb"
    if reading.refused_name(student) or "/" in student:
        shown = reading.shown(student)
        return {}, [f"submitted/{shown} isn't a student's name: rename that folder."], None
    try:
        if folder.is_symlink():
            raise Unreadable("is a link, which is not followed. Put the folder itself there.")
        found = reading.in_folder(folder, reading.STUDENT)
    except Unreadable as error:
        return {}, [f"{folder} {error}"], None
    problems = [f"{folder / path} was left out: {why}." for path, why in found.skipped]
    pieces = {piece.path: piece for piece in found.pieces if not JUNK.fullmatch(piece.path)}
    stamp = pieces.pop(TIMESTAMP, None)
    handed_in = _stated(stamp, folder, problems) if stamp else None
    files = {}
    notebook = pieces.pop(name, None)
    if notebook is None:
        held = ", ".join(sorted(pieces)[:8]) or "nothing"
        problems.append(
            f"{folder} holds no {name}, it holds {held}. Ask for that file; if it is here under "
            f"another name, rename it to {name}."
        )
    else:
        try:
            files[name] = notebook.read()
        except Unreadable as error:
            problems.append(f"{folder / name} {error} Ask for it again, without its outputs.")
    files |= read_extras(pieces, f"{folder}/", problems)
    return files, problems, handed_in


def read_extras(pieces: Mapping[str, Piece], where: str, problems: list[str]) -> dict[str, bytes]:
    """Read the files beside a notebook, up to `EXTRA_FILES` and `EXTRA_BYTES`.

    Parameters
    ----------
    pieces : path -> file
    where : str
        Stands before a path in a sentence.
    problems : list of str
        Gets a sentence for each file that isn't read, or one for many.
    """
    files, left, beyond = {}, EXTRA_BYTES, []
    folders = {path[:at] for path in pieces for at, char in enumerate(path) if char == "/"}
    for path in sorted(pieces):
        if len(files) == EXTRA_FILES or pieces[path].size > left:
            beyond.append(path)
            continue
        if path in folders:
            problems.append(f"{where}{path} was left out: a folder has the same name.")
            continue
        try:
            content = pieces[path].read()
        except Unreadable as error:
            problems.append(f"{where}{path} {error} It was left out.")
            continue
        if len(content) > left:
            beyond.append(path)
            continue
        left -= len(content)
        files[path] = content
    if beyond:
        problems.append(
            f"{where}{beyond[0]} and {len(beyond) - 1} more were left out: beside a notebook there "
            f"may be {EXTRA_FILES} files with {megabytes(EXTRA_BYTES)} in all."
            if len(beyond) > 1
            else f"{where}{beyond[0]} was left out: beside a notebook there may be {EXTRA_FILES} "
            f"files with {megabytes(EXTRA_BYTES)} in all."
        )
    return files


def _stated(stamp: Piece, folder: Path, problems: list[str]) -> str | None:
    try:
        text = stamp.read().decode()[:LONGEST_TIME].strip()
    except (Unreadable, UnicodeDecodeError):
        problems.append(f"{folder / TIMESTAMP} can't be read. Write the time into it as text.")
        return None
    return text or None


def moment(stated: str | None) -> datetime | None:
    """A time that timestamp.txt states, UTC without a zone; None where it is none."""
    with suppress(ValueError, OverflowError, TypeError):
        return parse_utc(stated) if stated else None
    return None


def put(target: Path, files: Mapping[str, bytes], handed_in: str | None, *, keep: bool) -> str:
    """Put a submission into its place: before, the old one stands there; after, the new one.

    Parameters
    ----------
    target : Path
        ``submitted/STUDENT/LESSON``.
    files : path -> content
    handed_in : str or None
        For nbgrader's timestamp.txt.
    keep : bool
        Keep what stood there before under another name; otherwise it is deleted.

    Returns
    -------
    str
        The name under which it was kept, empty if there was nothing to keep.

    Raises
    ------
    ClassError
        It can't be written; what stood there still does.
    """
    name = target.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        kind = f"before-{time.strftime('%Y%m%d-%H%M%S')}" if keep else "draft"
        draft = target.parent / f".{name}.{kind}-{secrets.token_hex(4)}"
        draft.mkdir()
        try:
            _fill(draft, files, handed_in)
            stood = os.path.lexists(target)
            exchange(draft, target)
        except BaseException:
            _remove(draft)
            raise
        if stood and keep:
            return draft.name
        _remove(draft)
        return ""
    except OSError as error:
        raise ClassError(
            f"{target} can't be written ({error}). What was there before still stands. Make room "
            "on the disk, or give yourself the right to write there, then collect again."
        ) from error


def _fill(folder: Path, files: Mapping[str, bytes], handed_in: str | None) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    if handed_in:
        (folder / TIMESTAMP).write_text(handed_in, encoding="utf-8")


def exchange(new: Path, target: Path) -> None:
    """Put `new` at `target`; what stood there is at `new` afterwards."""
    if not os.path.lexists(target):
        os.rename(new, target)
        return
    with suppress(AttributeError):  # another system, or an old C library
        swap = ctypes.CDLL(None, use_errno=True).renameat2
        if swap(AT_FDCWD, os.fsencode(new), AT_FDCWD, os.fsencode(target), RENAME_EXCHANGE) == 0:
            return
    aside = new.with_name(f"{new.name}.aside")  # a file system that can't: two steps
    os.rename(target, aside)
    try:
        os.rename(new, target)
    except OSError:
        os.rename(aside, target)
        raise
    os.rename(aside, new)


def clear_drafts(target: Path) -> None:
    """Delete what a killed program left beside a submission's folder."""
    for left in target.parent.glob(f".{target.name}.draft-*"):
        _remove(left)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one program at a time collect into a class directory."""
    import fcntl

    with open(folder / "collect.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ClassError(
                "Another program collects into this class directory. Wait for it, then collect "
                "again."
            ) from error
        yield
