"""Grading a class by nbgrader's own autograde, one student after the other.

What goes wrong with one student's notebook stays with that student: the others are graded, and an
earlier result of the student stays as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException

from autograder.grading.classroom import ClassDirectory
from autograder.grading.logs import Log, quiet
from autograder.notebooks.errors import ClassError
from autograder.notebooks.submission import refuse_submission


@dataclass(frozen=True)
class Outcome:
    """What came of one student's submission.

    Attributes
    ----------
    student : str
    attention : str
        Why nothing could be graded, and what to do; empty when it was.
    """

    student: str
    attention: str = ""


Progress = Callable[[Outcome], None]


def grade(
    course: ClassDirectory,
    asked: str,
    *,
    timeout: int | None = None,
    progress: Progress = lambda outcome: None,
) -> list[Outcome]:
    """Grade all submissions of a lesson.

    Parameters
    ----------
    course : ClassDirectory
    asked : str
        The lesson, by its name or its topic.
    timeout : int, optional
        Seconds that one cell may run; what nbgrader_config.py says when not given.
    progress : callable
        Called with each student's outcome.

    Returns
    -------
    list of Outcome
        One for each student who handed something in, in order.

    Raises
    ------
    ClassError
        The lesson isn't there or wasn't released, nobody handed anything in, or the gradebook
        can't be read. Nothing was graded then.
    """
    lesson = course.lesson(asked)
    graded = _graded_cells(course, lesson)
    outcomes = []
    for student in _students(course, lesson):
        outcome = Outcome(student, _grade_one(course, lesson, student, graded, timeout))
        outcomes.append(outcome)
        progress(outcome)
    return outcomes


def feedback(
    course: ClassDirectory, asked: str, *, progress: Progress = lambda outcome: None
) -> list[Outcome]:
    """Write the feedback page of every student whose submission of a lesson was graded."""
    lesson = course.lesson(asked)
    outcomes = []
    for student in _students(course, lesson):
        if not course.autograded(student, lesson).is_file():
            outcome = Outcome(student, "was not graded yet; `autograder grade` comes first.")
        else:
            outcome = Outcome(student, _feedback_one(course, lesson, student))
        outcomes.append(outcome)
        progress(outcome)
    return outcomes


def _graded_cells(course: ClassDirectory, lesson: str) -> set[str]:
    with course.gradebook() as book:
        try:
            return {cell.name for cell in book.find_notebook(lesson, lesson).grade_cells}
        except MissingEntry as error:
            raise ClassError(
                f"{lesson} was not released in {course.root}, so the gradebook doesn't know its "
                f"points. Release it first: `autograder release {lesson}`."
            ) from error


def _students(course: ClassDirectory, lesson: str) -> list[str]:
    students = course.students(lesson)
    if not students:
        example = course.submission("STUDENT", lesson) / f"{lesson}.ipynb"
        raise ClassError(
            f"Nobody has handed in {lesson} yet. Submissions lie in {example}; "
            "`nbgrader collect` puts them there."
        )
    return students


def _grade_one(
    course: ClassDirectory, lesson: str, student: str, graded: set[str], timeout: int | None
) -> str:
    """Grade one student; return why that was not possible, or nothing."""
    refused = refuse_submission(course.submission(student, lesson), lesson, graded)
    if refused:
        return refused
    try:
        with course.switched("autograded_directory", student, lesson) as into:
            converter = Autograde(coursedir=into, config=course.config)
            if timeout is not None:
                converter.config.Execute.timeout = timeout
            return _run(converter)
    except _Failed as failed:
        return (
            f"{course.submission(student, lesson)} could not be graded ({failed}). Its earlier "
            "result, if there is one, still stands. Look at the notebook, then grade again."
        )


def _feedback_one(course: ClassDirectory, lesson: str, student: str) -> str:
    try:
        with course.switched("feedback_directory", student, lesson) as into:
            return _run(GenerateFeedback(coursedir=into, config=course.config))
    except _Failed as failed:
        return f"no feedback page could be written ({failed}). Grade the notebook again first."


class _Failed(Exception):
    """nbgrader gave up on one notebook."""


def _run(converter: Autograde | GenerateFeedback) -> str:
    log = Log.of(converter)
    try:
        with quiet():
            converter.start()
    except NbGraderException as error:
        if "database" in str(error):
            raise ClassError(
                f"The gradebook stopped answering ({log.reason()}). Close what else works on it, "
                "formgrader for instance, then grade again; results so far are kept."
            ) from error
        raise _Failed(log.reason()) from error
    return ""
