"""Reading files that strangers made: folders without following links, archives without believing
what they say about themselves. Nothing is unpacked onto the disk here.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from descentlab.text import printable

MEGABYTE = 1024 * 1024
CHUNK = MEGABYTE

LONGEST_PART, LONGEST_PATH, DEEPEST = 200, 800, 12
"""Bytes of a file's name, bytes of its path, folders above it."""

NAME_BYTES = 300
"""What an entry takes in an archive's list of contents, its name included, at most on average."""

RATIO_FROM = MEGABYTE
"""Smaller files may be packed as tightly as they like."""

REGULAR = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Unreadable(ValueError):
    """A file or an archive that isn't read; the text goes on after its name and gives the cause."""


@dataclass(frozen=True)
class Caps:
    """How much is read.

    Attributes
    ----------
    entries : files in a folder or an archive
    one : bytes of one file
    total : bytes of all files together
    ratio : how many times larger than when it was packed a file may be
    """

    entries: int = 50_000
    one: int = 64 * MEGABYTE
    total: int = 8 * 1024 * MEGABYTE
    ratio: int = 200


CLASS = Caps()
STUDENT = Caps(entries=2_000, total=80 * MEGABYTE)


@dataclass(frozen=True)
class Piece:
    """A file that was found.

    Attributes
    ----------
    path : str
        Where, below the folder or archive, with "/" between its parts.
    size : int
        Bytes, as far as the file says so itself.
    modified : tuple
        Later is larger.
    read : callable
        Returns the content; raises Unreadable.
    """

    path: str
    size: int
    modified: tuple
    read: Callable[[], bytes]


@dataclass
class Contents:
    """What a folder or an archive holds, and what was left out of it: path and why."""

    pieces: list[Piece] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def refused_name(path: str) -> str:
    """Why a file isn't taken under a name; empty where it is."""
    parts = path.split("/")
    if "\\" in path or re.match(r"[A-Za-z]:", path):
        return "its name is one of Windows' paths"
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in path):
        return "its name holds characters that can't be shown"
    if path.startswith("/") or ".." in parts:
        return "its name leads out of the folder"
    if not path or any(part in ("", ".") for part in parts):
        return "its name isn't a file's"
    longest = max(len(part.encode()) for part in parts)
    if longest > LONGEST_PART or len(path.encode()) > LONGEST_PATH or len(parts) > DEEPEST:
        return "its name is too long"
    return ""


# Folders


def in_folder(folder: Path, caps: Caps = CLASS) -> Contents:
    """Find the regular files of a folder.

    Raises
    ------
    Unreadable
        It can't be opened, or holds too many files.
    """
    found = Contents()
    waiting = [""]
    count = 0
    while waiting:
        inner = waiting.pop()
        with _opened(folder, inner) as handle, os.scandir(handle) as entries:
            for entry in entries:
                count += 1
                if count > caps.entries:
                    raise Unreadable(f"holds more than {caps.entries} files.")
                path = f"{inner}/{entry.name}" if inner else entry.name
                why = refused_name(path)
                status = entry.stat(follow_symlinks=False)
                if not why and stat.S_ISDIR(status.st_mode):
                    waiting.append(path)
                elif not why and not stat.S_ISREG(status.st_mode):
                    why = "it is a link or a device, no file"
                elif not why:
                    found.pieces.append(_on_disk(folder, path, status, caps))
                if why:
                    found.skipped.append((shown(path), why))
    found.pieces.sort(key=lambda piece: piece.path)
    found.skipped.sort()
    return found


def _on_disk(folder: Path, path: str, status: os.stat_result, caps: Caps) -> Piece:
    def read() -> bytes:
        inner, _, name = path.rpartition("/")
        try:
            with _opened(folder, inner) as handle:
                file = os.open(name, REGULAR, dir_fd=handle)
                with open(file, "rb") as stream:
                    if not stat.S_ISREG(os.fstat(file).st_mode):
                        raise Unreadable("is no file any more.")
                    return read_all(stream, caps.one)
        except OSError as error:
            raise Unreadable(f"can't be read ({error.strerror}).") from error

    return Piece(path, status.st_size, (status.st_mtime,), read)


@contextmanager
def _opened(folder: Path, inner: str) -> Iterator[int]:
    """A folder below another, no link on the way; the first one may be a link itself."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in inner.split("/") if inner else []:
                below = os.open(part, REGULAR | os.O_DIRECTORY, dir_fd=handle)
                os.close(handle)
                handle = below
            yield handle
        finally:
            os.close(handle)
    except OSError as error:
        raise Unreadable(f"can't be read ({error.strerror}).") from error


def read_all(stream: IO[bytes], most: int) -> bytes:
    """Read a stream to its end; Unreadable where that is further off than `most` bytes."""
    parts, size = [], 0
    while part := stream.read(CHUNK):
        size += len(part)
        if size > most:
            raise Unreadable(f"is larger than {megabytes(most)}.")
        parts.append(part)
    return b"".join(parts)


# Archives


class _Careful:
    """A stream that an archive's list of contents is read from, if it isn't too long."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self.stream, self.most = stream, most
        self.seek, self.tell, self.close = stream.seek, stream.tell, stream.close

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self.stream.read(self.most + 1 if size < 0 else min(size, self.most + 1))
        if len(part) > self.most:
            raise Unreadable("lists too many files.")
        return part


def in_zip(stream: IO[bytes], caps: Caps = CLASS) -> Contents:
    """Find the files of a zip; the stream has to stay open while they are read.

    Raises
    ------
    Unreadable
        It is none, it is broken, or it holds more than the caps allow.
    """
    try:
        archive = zipfile.ZipFile(_Careful(stream, max(caps.entries * NAME_BYTES, CHUNK)))
        entries = archive.infolist()
    except Unreadable:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise Unreadable(f"isn't a zip that can be opened ({error}).") from error
    except Exception as error:  # struct.error, IndexError: whatever zipfile stumbles over
        raise Unreadable(f"is a broken zip ({type(error).__name__}).") from error
    if len(entries) > caps.entries:
        raise Unreadable(f"holds {len(entries)} files; {caps.entries} are the most.")
    found, budget = Contents(), [caps.total]
    by_name: dict[str, Piece] = {}
    for place, entry in enumerate(entries):
        name = _name(entry)
        if entry.is_dir() and not refused_name(name.rstrip("/")):
            continue
        why = _refused(entry, name, caps)
        if why:
            found.skipped.append((shown(name), why))
            continue
        if name in by_name:
            found.skipped.append((name, "the archive holds it twice, and the last one counts"))
        modified = (*entry.date_time, place)
        read = _reader(archive, entry, caps, budget)
        by_name[name] = Piece(name, entry.file_size, modified, read)
    found.pieces = list(by_name.values())
    total = sum(piece.size for piece in found.pieces)
    if total > caps.total:
        raise Unreadable(f"unpacks to {megabytes(total)}; {megabytes(caps.total)} are the most.")
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """An entry's name as it was written: zipfile cuts it at a NUL, and guesses its alphabet."""
    name = entry.orig_filename
    if not entry.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    name = unicodedata.normalize("NFC", name)
    return name.removeprefix("./")


def _refused(entry: zipfile.ZipInfo, name: str, caps: Caps) -> str:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link or a device, no file"
    if why := refused_name(name):
        return why
    if entry.flag_bits & 0x41:
        return "it is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed in a way that is not opened here"
    if entry.file_size > caps.one:
        return f"it unpacks to {megabytes(entry.file_size)}; {megabytes(caps.one)} are the most"
    if entry.file_size > max(RATIO_FROM, caps.ratio * entry.compress_size):
        return f"it unpacks to more than {caps.ratio} times its size, as a zip bomb does"
    return ""


def _reader(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, caps: Caps, budget: list[int]
) -> Callable[[], bytes]:
    """Read an entry whole; what all entries come to together is counted by what was really read."""

    def read() -> bytes:
        try:
            with archive.open(entry) as stream:
                content = read_all(stream, min(caps.one, budget[0]))
        except Unreadable:
            raise
        except Exception as error:  # zlib.error, BadZipFile, EOFError: whatever zipfile stumbles on
            raise Unreadable(f"can't be unpacked ({error}).") from error
        budget[0] -= len(content)
        return content

    return read


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / MEGABYTE:.3g} MB" if size < 1000 * MEGABYTE else f"{size / 2**30:.3g} GB"


def shown(name: str) -> str:
    """A name as a sentence may hold it, in at most 200 characters."""
    text = printable(name)
    return text if len(text) <= 200 else f"{text[:199]}…"
