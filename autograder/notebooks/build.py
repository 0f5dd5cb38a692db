"""From a lesson's one source to its two notebooks, the same bytes at every run.

Authors write text, experiments and short marks. The builder puts in what must stand in one place
only: a solution's body and a GIVEN function come from `autograder.reference`, a question's text and
key and all points from `autograder.exercises`.
"""

import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import exercises, reference
from autograder.notebooks.clear import clear
from autograder.notebooks.errors import LessonError
from autograder.notebooks.leaks import find_leaks
from autograder.notebooks.rules import BEGIN, END, GIVEN, QUESTION, check_lesson
from autograder.notebooks.source import (
    lesson_file,
    read_source,
    solution_file,
    source_file,
    topic_of,
)

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}


@dataclass(frozen=True)
class Built:
    """The two notebooks of one lesson."""

    name: str
    solution: NotebookNode
    lesson: NotebookNode


def build_lesson(source: Path) -> Built:
    """Build both notebooks of a lesson.

    Parameters
    ----------
    source : Path
        ``NN_topic.py``, py:percent text.

    Returns
    -------
    Built
        The teacher's notebook, solutions in, and the learner's, cleared of them. No outputs.

    Raises
    ------
    LessonError
        The source breaks a rule of `autograder.notebooks.rules`, or a solution would be seen in
        the learner's notebook. Every finding is listed, each with its cell and the remedy.
    """
    notebook = read_source(source)
    topic = topic_of(source.stem)
    check_lesson(notebook, topic, source)
    for cell in notebook.cells:
        _fill(cell)
    _complete(notebook, topic)
    lesson = clear(notebook)
    leaks = find_leaks(lesson)
    if leaks:
        listed = "\n".join(f"  {leak}" for leak in leaks)
        raise LessonError(f"{source}: the learner's notebook would not be clean.\n{listed}")
    return Built(source.stem, notebook, lesson)


def write_lesson(course: Path, name: str, *, only_check: bool = False) -> list[Path]:
    """Build a lesson and write what differs from what is there.

    Parameters
    ----------
    course : Path
        The class directory, the repository for instance.
    name : str
        The lesson, ``"03_momentum"``.
    only_check : bool
        Write nothing.

    Returns
    -------
    list of Path
        The notebooks that were (or would be) written; empty when both were up to date.
    """
    built = build_lesson(source_file(course, name))
    targets = {
        solution_file(course, name): to_text(built.solution),
        lesson_file(course, name): to_text(built.lesson),
    }
    differing = [
        path
        for path, text in targets.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if not only_check:
        for path in differing:
            replace_file(path, targets[path])
    return differing


def to_text(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file; equal notebooks give equal text."""
    return nbformat.writes(notebook, version=4) + "\n"


def replace_file(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _fill(cell: NotebookNode) -> None:
    """Put into a cell what the author's mark asks for."""
    marks = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "markdown":
        if question := QUESTION.fullmatch(cell.source):
            cell.source = exercises.find(question[1]).markdown().strip()
    elif given := GIVEN.fullmatch(cell.source):
        cell.source = reference.given(given[1]).rstrip()
        cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "given"})
    elif marks.get("solution"):
        exercise = exercises.find(marks["grade_id"])
        if exercise.is_question:
            cell.source = f"{BEGIN}\n{exercise.solution_source().strip()}\n{END}"
        else:
            cell.source = _with_body(cell.source, reference.body(exercise.name))


def _with_body(source: str, body: str) -> str:
    """Put a function's body between the marks, as deep as the first mark stands."""
    before, mark, rest = source.partition(BEGIN)
    after = rest.partition(END)[2]
    indent = before.rpartition("\n")[2]
    return f"{before}{mark}\n{textwrap.indent(body.strip(), indent)}\n{indent}{END}{after}"


def _complete(notebook: NotebookNode, topic: str) -> None:
    """Write the whole nbgrader metadata, stable cell ids, and the kernel."""
    points = {f"{e.name}__check": e.points for e in exercises.lesson(topic)}
    for position, cell in enumerate(notebook.cells):
        marks = cell.metadata.get("nbgrader")
        cell["id"] = f"cell-{position:03d}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if not marks:
            continue
        name = marks["grade_id"]
        graded, solution = bool(marks.get("grade")), bool(marks.get("solution"))
        cell["id"] = name
        cell.metadata["nbgrader"] = {
            "cell_type": cell.cell_type,
            "grade": graded,
            "grade_id": name,
            "locked": not solution,
            "schema_version": 3,
            "solution": solution,
            "task": False,
        }
        if graded:
            worth = points.get(name, marks.get("points"))
            whole = float(worth).is_integer()
            cell.metadata["nbgrader"]["points"] = int(worth) if whole else float(worth)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
