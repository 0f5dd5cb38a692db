"""Contents by their hash, written once as a whole, and the seal that makes a receipt."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import time
import zlib
from pathlib import Path

KEY_BYTES = 32
STALE_SECONDS = 3600
"""A draft this old was left by a program that was killed."""


class Damaged(ValueError):
    """A content isn't what was kept under its hash."""


class Objects:
    """Contents in files that bear their SHA-256.

    Parameters
    ----------
    folder : Path
        Is made, for its owner's eyes only; drafts that a killed program left there are deleted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts = folder / "drafts"
        self.drafts.mkdir(parents=True, exist_ok=True)
        for draft in self.drafts.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - draft.stat().st_mtime > STALE_SECONDS:
                    draft.unlink()

    def file(self, sha: str) -> Path:
        """Where the content with a hash lies."""
        return self.folder / sha[:2] / sha

    def put(self, content: bytes) -> str:
        """Keep a content; return its hash. One that was damaged is written anew.

        Raises
        ------
        OSError
            There is no room. Nothing is left half-written.
        """
        sha = hashlib.sha256(content).hexdigest()
        with contextlib.suppress(OSError, Damaged):
            self.get(sha)
            return sha
        file = self.file(sha)
        file.parent.mkdir(exist_ok=True)
        write_whole(file, zlib.compress(content, 3), self.drafts)
        return sha

    def get(self, sha: str) -> bytes:
        """Return the content with a hash; OSError if it isn't there, Damaged if it was changed."""
        try:
            content = zlib.decompress(self.file(sha).read_bytes())
        except zlib.error as error:
            raise Damaged(str(error)) from error
        if hashlib.sha256(content).hexdigest() != sha:
            raise Damaged("its content isn't what its name says")
        return content


class Seal:
    """A class's own key: who doesn't have it can't make a receipt.

    Parameters
    ----------
    file : Path
        Where the key lies.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def make(self) -> None:
        """Make the key if there is none yet; call it while nobody else can."""
        if not self.file.is_file():
            write_whole(self.file, secrets.token_bytes(KEY_BYTES), self.file.parent)

    def of(self, *words: str) -> str:
        """What the key makes of some words.

        Raises
        ------
        OSError
            The key can't be read.
        """
        text = json.dumps(words).encode()
        return hmac.new(self.file.read_bytes(), text, hashlib.sha256).hexdigest()


def write_whole(file: Path, content: bytes, drafts: Path) -> None:
    """Write a file that only its owner may read, as a whole or not at all.

    Its name outlives a power cut once something else is written for good on the same disk: the
    ledger's next transaction does that.

    Parameters
    ----------
    drafts : Path
        A folder on the same disk.
    """
    draft = drafts / f".{file.name[:40]}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, file)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
