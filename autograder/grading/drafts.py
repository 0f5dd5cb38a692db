"""The files of `autograded/`: written aside, then switched, so that none is ever half there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.notebooks.errors import ClassError

TIMESTAMP = "timestamp.txt"
"""The file beside a submission in which nbgrader keeps when it was handed in."""


@dataclass(frozen=True)
class Files:
    """Where the graded notebooks of a lesson lie.

    Attributes
    ----------
    folder : Path
        ``autograded/``; drafts lie in it, too, so that they are on the same disk.
    lesson : str
    mode : int
        The permissions of a file.
    shared : bool
        Whether the group may write, nbgrader's `CourseDirectory.groupshared`.
    """

    folder: Path
    lesson: str
    mode: int
    shared: bool

    @contextmanager
    def drafts(self, *texts: str | None) -> Iterator[list[Path | None]]:
        """Write texts aside, and clean up after; None stays None.

        Raises
        ------
        ClassError
            The disk is full, or isn't ours to write.
        """
        drafts: list[Path | None] = []
        try:
            with _on_disk(self.folder):
                for text in texts:
                    drafts.append(None if text is None else self._draft(text))
            yield drafts
        finally:
            for draft in drafts:
                if draft:
                    draft.unlink(missing_ok=True)

    def _draft(self, text: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".draft-{os.getpid()}-", dir=self.folder)
        try:
            with open(number, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(number)
            os.chmod(name, self.mode)
        except BaseException:
            os.unlink(name)
            raise
        return Path(name)

    def put(self, student: str, notebook: Path, stamp: Path | None) -> None:
        """Switch a student's files; the time last: until then, nbgrader knows the rest is old."""
        folder = self.folder / student / self.lesson
        with _on_disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            os.replace(notebook, folder / f"{self.lesson}.ipynb")
            if stamp:
                os.replace(stamp, folder / TIMESTAMP)
            else:
                (folder / TIMESTAMP).unlink(missing_ok=True)
            if self.shared:
                for shared in (self.folder, folder.parent, folder):
                    _share(shared)

    def sweep(self) -> None:
        """Delete the drafts of writers that were killed; one that lives may still need its own."""
        for left in self.folder.glob(".draft-*-*"):
            try:
                os.kill(int(left.name.split("-")[1]), 0)
            except ProcessLookupError:
                left.unlink(missing_ok=True)
            except (PermissionError, ValueError):
                continue  # another user's, who is alive, or no draft of ours


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    """Turn a full or protected disk into a sentence."""
    try:
        yield
    except OSError as error:
        raise ClassError(
            f"{error.filename or folder} can't be written ({error.strerror}). Make room on that "
            "disk, or give yourself the right to write there, then start again; nothing was lost."
        ) from error


def _share(folder: Path) -> None:
    mode = folder.stat().st_mode
    if mode & 0o2770 != 0o2770:
        with suppress(PermissionError):  # it belongs to a colleague, who has shared it or not
            folder.chmod((mode | 0o2770) & 0o2777)
