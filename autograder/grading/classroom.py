"""A class directory: where its folders lie, its configuration, its policy and its gradebook."""

import json
import os
import shutil
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import sqlalchemy
from nbgrader.api import Gradebook, InvalidEntry
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.grading.logs import quiet
from autograder.notebooks.errors import ClassError, LessonError
from autograder.notebooks.source import resolve

CONFIG = "nbgrader_config.py"
POLICY = "course.toml"


@dataclass(frozen=True)
class ClassDirectory:
    """A folder with ``nbgrader_config.py``, ``solutions/``, ``lessons/`` and what a class adds."""

    root: Path
    db_url: str | None = None

    @classmethod
    def at(cls, folder: Path, db_url: str | None = None) -> "ClassDirectory":
        """Return the class directory in a folder.

        Parameters
        ----------
        folder : Path
        db_url : str, optional
            The gradebook, as nbgrader takes it; what nbgrader_config.py says when not given.

        Raises
        ------
        ClassError
            The folder isn't there or isn't a class directory.
        """
        root = folder.resolve()
        if not (root / CONFIG).is_file():
            raise ClassError(
                f"{root} is not a class directory: it holds no {CONFIG}. Go to one, name one with "
                f"`--course DIR`, or make one with `autograder init DIR`."
            )
        return cls(root, db_url)

    @cached_property
    def config(self) -> Config:
        """The traitlets configuration that nbgrader would read here."""
        try:
            return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        except Exception as error:  # whatever a teacher's own Python raises
            raise ClassError(
                f"{self.root / CONFIG} can't be read: {type(error).__name__}: {error}. "
                f"Correct it, or move it away and bring it back with `autograder init {self.root}`."
            ) from error

    def nbgrader(self, **settings) -> CourseDirectory:
        """Return nbgrader's own course directory for this one; `settings` are its traits."""
        if self.db_url:
            settings = {"db_url": self.db_url, **settings}
        return CourseDirectory(config=self.config, root=str(self.root), **settings)

    def lesson(self, asked: str) -> str:
        """Return the name of the lesson that is meant; ClassError if there is none."""
        try:
            return resolve(self.root, asked, ".ipynb")
        except LessonError as error:
            raise ClassError(str(error)) from error

    @property
    def policy(self) -> dict[str, str]:
        """When this class may see hints and solutions: ``{"solution": ..., "hints": ...}``.

        Each is ``"always"``, ``"never"`` or ``"after YYYY-MM-DD"``, as course.toml says, and
        ``"always"`` where it says nothing.
        """
        file = self.root / POLICY
        stated = {}
        if file.is_file():
            try:
                stated = tomllib.loads(file.read_text(encoding="utf-8")).get("policy", {})
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ClassError(f"{file} isn't TOML: {error}. Correct that line.") from error
        unknown = sorted(set(stated) - {"solution", "hints"})
        if unknown:
            raise ClassError(f"{file}: [policy] knows solution and hints, not {unknown[0]!r}.")
        return {key: _when(stated.get(key, "always"), key, file) for key in ("solution", "hints")}

    def students(self, lesson: str) -> list[str]:
        """Return who has handed something in for a lesson, in order."""
        folders = self._step("submitted_directory").glob(f"*/{lesson}")
        return sorted(folder.parent.name for folder in folders if folder.is_dir())

    def submission(self, student: str, lesson: str) -> Path:
        """Return the folder that a student handed in."""
        return self._step("submitted_directory") / student / lesson

    def autograded(self, student: str, lesson: str) -> Path:
        """Return where nbgrader keeps the graded notebook of a student."""
        return self._step("autograded_directory") / student / lesson / f"{lesson}.ipynb"

    def feedback(self, student: str, lesson: str) -> Path:
        """Return where the feedback page of a student lies."""
        return self._step("feedback_directory") / student / lesson / f"{lesson}.html"

    def report(self, lesson: str) -> Path:
        """Return the folder of a lesson's class report."""
        return self.root / "report" / lesson

    def _step(self, name: str) -> Path:
        return self.root / getattr(self.nbgrader(), name)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open the gradebook; a new one is made as a whole or not at all.

        Raises
        ------
        ClassError
            It can't be read, or another program holds it.
        """
        course = self.nbgrader()
        put_scripts_on_path()
        with usable(course.db_url), readable(course.db_url), quiet():
            file = sqlite_file(course.db_url)
            if file is not None and not file.exists():
                create_gradebook(file, course.course_id)
            book = Gradebook(course.db_url, course.course_id)
        try:
            with readable(course.db_url), quiet():
                yield book
        finally:
            book.close()

    @contextmanager
    def switched(self, step: str, student: str, lesson: str) -> Iterator[CourseDirectory]:
        """Let nbgrader write one student's result elsewhere, and put it in place when it is whole.

        Parameters
        ----------
        step : {"release_directory", "autograded_directory", "feedback_directory"}
            What is written.
        student : str
            ``"."`` for a release, which has none.

        Yields
        ------
        CourseDirectory
            To hand to an nbgrader converter. An exception leaves the old result as it was.
        """
        target = self._step(step) / student / lesson
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self.root))
        try:
            yield self.nbgrader(
                **{step: draft.name, "assignment_id": lesson, "student_id": student}
            )
            replace_folder(draft / student / lesson, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _when(stated: object, key: str, file: Path) -> str:
    """Return a policy's word if it is one of the three."""
    if stated in ("always", "never"):
        return stated
    if isinstance(stated, str) and stated.startswith("after "):
        try:
            return f"after {date.fromisoformat(stated.removeprefix('after ').strip())}"
        except ValueError:
            pass  # the sentence below says what a date looks like
    raise ClassError(
        f'{file}: {key} must be "always", "never" or "after 2026-12-01" (a date), got {stated!r}.'
    )


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, None for another kind of database."""
    parsed = sqlalchemy.make_url(url)
    return Path(parsed.database) if parsed.drivername == "sqlite" and parsed.database else None


HELD = ("locked", "lock timeout", "deadlock")
"""What databases say, somewhere in their sentence, when another program is in the way."""

NO_ROOM = ("disk is full", "no space left", "disk i/o error", "readonly", "read-only")
"""What they say when they may read and can't write."""


@contextmanager
def usable(url: str) -> Iterator[None]:
    """Say in a sentence what is wrong with a URL, while a database is opened for the first time."""
    try:
        sqlalchemy.make_url(url)
        yield
    except ImportError as error:
        raise ClassError(
            f"The gradebook's database needs a driver that isn't installed ({error}). For "
            "PostgreSQL: `pip install 'descentlab[postgres]'`, and a URL that begins with "
            "postgresql+psycopg://."
        ) from error
    except sqlalchemy.exc.ArgumentError as error:
        raise ClassError(
            f"The gradebook's URL can't be used ({error}). It looks like "
            "postgresql+psycopg://USER@HOST/NAME or sqlite:////FOLDER/gradebook.db."
        ) from error


@contextmanager
def readable(url: str, waited: float | None = None) -> Iterator[None]:
    """Turn a database's errors into one sentence with the remedy.

    Parameters
    ----------
    url : str
    waited : float, optional
        Seconds that another program was waited for.
    """
    file = sqlite_file(url)
    where = file or sqlalchemy.make_url(url).render_as_string(hide_password=True)
    try:
        try:
            yield
        except InvalidEntry as error:  # nbgrader wraps whatever its statements meet
            if isinstance(error.__context__, sqlalchemy.exc.OperationalError):
                raise error.__context__ from error
            raise
    except sqlalchemy.exc.OperationalError as error:
        said = " ".join(str(error.orig).split())
        raise ClassError(_refused(where, said, waited, on_server=file is None)) from error
    except sqlalchemy.exc.ArgumentError:
        raise  # not the database's fault: `usable`
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise ClassError(_unreadable(where, getattr(error, "orig", error))) from error


def _refused(where: object, said: str, waited: float | None, *, on_server: bool) -> str:
    """Why a gradebook can't be used now; nothing is wrong with it."""
    if any(word in said.lower() for word in HELD):
        time = "" if waited is None else f" for {waited:.0f} seconds"
        return (
            f"The gradebook {where} is held by another program{time}. Close formgrader or the "
            "other grading run, then start again; nothing was lost."
        )
    if any(word in said.lower() for word in NO_ROOM):
        return (
            f"The gradebook {where} can't be written ({said}). Make room on its disk, or give "
            "yourself the right to write it, then start again; nothing was lost."
        )
    if on_server:
        return (
            f"The gradebook {where} can't be reached ({said}). Start its server, or correct its "
            "address, user or password, then start again; nothing was lost."
        )
    if "unable to open" in said:
        return (
            f"The gradebook {where} can't be opened ({said}). Make the folder that it is to lie "
            "in, or give yourself the right to read and write there, then start again."
        )
    return _unreadable(where, said)


def _unreadable(where: object, error: object) -> str:
    return (
        f"The gradebook {where} can't be read ({error}). Put a copy back in its place, or move it "
        "away: `autograder release LESSON` and `autograder grade LESSON` make a new one from the "
        "submissions, without the marks that were given by hand."
    )


def put_scripts_on_path() -> None:
    """Let nbgrader find the command `alembic`, which it asks for a new database's version.

    A virtual environment that isn't activated doesn't have its commands on the PATH.
    """
    scripts = sysconfig.get_path("scripts")
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])


def create_gradebook(file: Path, course_id: str) -> None:
    """Make an empty gradebook; nothing is left behind when that fails."""
    put_scripts_on_path()
    draft = file.with_name(f".{file.name}.draft")
    try:
        Gradebook(f"sqlite:///{draft}", course_id).close()
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def replace_folder(new: Path, target: Path) -> None:
    """Put a folder in the place of another, which is deleted after the new one stands."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = new.parent / f"{new.name}.old"
    if target.exists():
        os.replace(target, old)
    os.replace(new, target)
    shutil.rmtree(old, ignore_errors=True)


def write_policy(folder: Path, policy: dict[str, str]) -> None:
    """Write the policy beside a notebook, where `descentlab.checking` looks for it."""
    text = json.dumps(policy, indent=2) + "\n"
    (folder / "policy.json").write_text(text, encoding="utf-8")
