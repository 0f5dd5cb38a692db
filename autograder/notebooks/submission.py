"""A notebook that somebody handed in: whether it is one, and of which lesson."""

import json
import warnings
from collections import Counter
from pathlib import Path

import nbformat
from nbformat import NotebookNode


class NotANotebook(ValueError):
    """A file that can't be read as a notebook; the text goes on after the file's name."""


def read_notebook(file: Path) -> NotebookNode:
    """Read a notebook file.

    Raises
    ------
    NotANotebook
        The file is missing, is no JSON, or is JSON of something else.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotANotebook(f"can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise NotANotebook("isn't a notebook: it isn't text.") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"isn't a notebook: it isn't JSON ({error}).") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise NotANotebook("isn't a notebook: it is JSON, but holds no cells.")
    try:
        notebook = nbformat.v4.reads(text)
        with warnings.catch_warnings(action="ignore"):  # missing cell ids are no reason to refuse
            nbformat.validate(notebook)
    except (nbformat.ValidationError, AttributeError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NotANotebook(f"isn't a notebook of format 4: {reason}") from error
    return notebook


def marked_cells(notebook: NotebookNode) -> list[tuple[str, NotebookNode]]:
    """Return the cells that bear a grade id, each with its id."""
    found = []
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader")
        if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str):
            found.append((marks["grade_id"], cell))
    return found


def refuse_submission(folder: Path, lesson: str, graded: set[str]) -> str | None:
    """Return why a submission can't be graded, or None.

    Parameters
    ----------
    folder : Path
        What a student handed in, ``submitted/STUDENT/LESSON``.
    lesson : str
        The lesson's name.
    graded : set of str
        The grade ids of the lesson's graded cells.
    """
    file = folder / f"{lesson}.ipynb"
    if not file.is_file():
        others = sorted(path.name for path in folder.iterdir())
        held = f"it holds {', '.join(others)}" if others else "it is empty"
        return (
            f"{folder} holds no {file.name}: {held}. Ask for that file; if it is here under "
            f"another name, rename it to {file.name}."
        )
    try:
        notebook = read_notebook(file)
    except NotANotebook as error:
        return f"{file} {error} Ask for the file again, as JupyterLab saved it."
    names = Counter(name for name, _ in marked_cells(notebook))
    if not graded & set(names):
        others = ", ".join(sorted(n for n in names if not n.endswith("__check"))[:4])
        what = f"it answers {others}" if others else "it has none of the lesson's cells"
        return f"{file} isn't a notebook of {lesson}: {what}. Ask for the right file."
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        return (
            f"{file}: {', '.join(twice)} stands there more than once, and nothing tells which one "
            "counts. Ask the student, or delete the copies, then grade again."
        )
    return None
