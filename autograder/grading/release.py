"""Releasing a lesson to a class: the learner's notebook, the policy, the gradebook's entry."""

import ast
from datetime import UTC, datetime

from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException

from autograder.grading.classroom import ClassDirectory, write_policy
from autograder.grading.logs import Log, quiet
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file, solution_file
from autograder.notebooks.submission import NotANotebook, marked_cells, read_notebook


def release(course: ClassDirectory, asked: str) -> str:
    """Write ``lessons/LESSON/`` for the students and enter the lesson into the gradebook.

    Parameters
    ----------
    course : ClassDirectory
    asked : str
        A lesson of ``solutions/``, by its name or its topic.

    Returns
    -------
    str
        The lesson's name.

    Raises
    ------
    ClassError
        There is no such lesson, its notebook is damaged, the gradebook can't be read, or students
        have handed in another version of it. What was released before stays.
    """
    lesson = course.lesson(asked)
    policy = course.policy
    _refuse_other_cells(course, lesson)
    with course.switched("release_directory", ".", lesson) as into:
        converter = GenerateAssignment(coursedir=into, config=course.config)
        log = Log.of(converter)
        try:
            with quiet():
                converter.start()
        except NbGraderException as error:
            raise ClassError(f"{lesson} could not be released: {log.reason()}") from error
        write_policy(course.root / into.release_directory / lesson, policy)
    return lesson


def given_away(course: ClassDirectory, lesson: str) -> list[str]:
    """Say which rules this lesson gives out that are homework elsewhere and not due yet.

    Returns
    -------
    list of str
        A sentence for each such lesson.
    """
    notebook = read_notebook(solution_file(course.root, lesson))
    given = {
        node.name
        for cell in notebook.cells
        if "given" in cell.metadata.get("tags", [])
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.FunctionDef)
    }
    warnings = []
    with course.gradebook() as book:
        for assignment in book.assignments:
            due = assignment.duedate
            if assignment.name == lesson or (due and due < datetime.now(UTC).replace(tzinfo=None)):
                continue
            asked = {
                cell.name for notebook in assignment.notebooks for cell in notebook.solution_cells
            }
            names = sorted(given & asked)
            if names:
                when = f"is due on {due:%Y-%m-%d %H:%M} (UTC)" if due else "has no due date"
                warnings.append(
                    f"{lesson} gives out {', '.join(names)}, which {assignment.name} asks for, "
                    f"and that {when}. Release {lesson} after it, or set its date in formgrader."
                )
    return warnings


def is_released(course: ClassDirectory, lesson: str) -> bool:
    """Whether the gradebook knows the lesson and its notebook lies in ``lessons/``."""
    with course.gradebook() as book:
        try:
            book.find_notebook(lesson, lesson)
        except MissingEntry:
            return False
    return lesson_file(course.root, lesson).is_file()


def _refuse_other_cells(course: ClassDirectory, lesson: str) -> None:
    """Refuse a release whose graded cells differ from those that were already handed in."""
    source = solution_file(course.root, lesson)
    try:
        now = {name for name, cell in marked_cells(read_notebook(source)) if _counts(cell)}
    except NotANotebook as error:
        raise ClassError(f"{source} {error} Build it again with `autograder build`.") from error
    with course.gradebook() as book:
        try:
            known = book.find_notebook(lesson, lesson)
        except MissingEntry:
            return
        before = {cell.name for cell in known.grade_cells}
        handed_in = len(known.submissions)
    if handed_in and before != now:
        changed = ", ".join(sorted(before ^ now))
        raise ClassError(
            f"{lesson} can't be released again: {handed_in} submissions were graded with other "
            f"cells ({changed}). Release the changed lesson in a new class directory, or bring the "
            "old cells back."
        )


def _counts(cell) -> bool:
    return bool(cell.metadata["nbgrader"].get("grade"))
