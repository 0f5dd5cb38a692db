"""Where the lessons' sources lie, and how one is read."""

from difflib import get_close_matches
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.notebooks.errors import LessonError


def topic_of(lesson: str) -> str:
    """Return the topic of a lesson: ``"momentum"`` of ``"03_momentum"``."""
    number, separator, topic = lesson.partition("_")
    return topic if separator and number.isdigit() else lesson


def source_file(course: Path, lesson: str) -> Path:
    """Return where the source of a lesson lies in a class directory."""
    return course / "solutions" / lesson / f"{lesson}.py"


def solution_file(course: Path, lesson: str) -> Path:
    """Return where the teacher's notebook of a lesson lies."""
    return course / "solutions" / lesson / f"{lesson}.ipynb"


def lesson_file(course: Path, lesson: str) -> Path:
    """Return where the learner's notebook of a lesson lies."""
    return course / "lessons" / lesson / f"{lesson}.ipynb"


def lessons_in(course: Path, suffix: str = ".py") -> list[str]:
    """Return the names of the lessons in ``solutions/``, in order.

    Parameters
    ----------
    course : Path
        A class directory, the repository for instance.
    suffix : {".py", ".ipynb"}
        What must be there: the source, or the teacher's notebook.
    """
    folders = (course / "solutions").glob("*")
    return sorted(f.name for f in folders if (f / f"{f.name}{suffix}").is_file())


def resolve(course: Path, asked: str, suffix: str = ".py") -> str:
    """Return the lesson that is meant by its name or its topic: 03_momentum by ``"momentum"``.

    Raises
    ------
    LessonError
        There is no such lesson; the text names those that there are, and the nearest one.
    """
    known = lessons_in(course, suffix)
    for lesson in known:
        if asked in (lesson, topic_of(lesson)):
            return lesson
    folder = course / "solutions"
    if not known:
        raise LessonError(
            f"There is no lesson {asked!r}: no folder in {folder} holds a lesson ({suffix} file). "
            "`autograder init` fills a class directory with the course's lessons."
        )
    near = get_close_matches(asked, known + [topic_of(lesson) for lesson in known], n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise LessonError(
        f"There is no lesson {asked!r} in {folder}. Lessons there: {', '.join(known)}.{guess}"
    )


def read_source(path: Path) -> NotebookNode:
    """Read a lesson's source, py:percent text, as a notebook."""
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    if not notebook.cells:
        raise LessonError(f"{path} holds no cells; a cell begins with a line `# %%`.")
    for cell in notebook.cells:  # jupytext also notes how the text was spaced
        kept = {key: cell.metadata[key] for key in ("nbgrader", "tags") if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
    return notebook
