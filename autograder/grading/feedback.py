"""Feedback pages: nbgrader's own template, one exporter and one query for the whole class.

A page shows the verdict cards, what the student's cells showed, marks and comments given by hand,
what was put right in the notebook, and the receipt. All that a student wrote was made safe when the
autograded notebook was written.
"""

from __future__ import annotations

import html
import os
import time
from collections.abc import Iterator

from nbconvert.exporters import HTMLExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode, v4
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.converters import GenerateFeedback

from autograder.grading.classroom import ClassDirectory
from autograder.grading.ledger import GRADED, Ledger, Result
from autograder.grading.logs import Log, quiet
from autograder.grading.outcomes import Outcome, Progress, nothing
from autograder.notebooks.build import replace_file
from autograder.notebooks.errors import ClassError
from autograder.notebooks.sanitize import safe_markdown
from autograder.notebooks.submission import NotANotebook, read_notebook
from descentlab.text import _

MOST_SECONDS = 3.0
"""For the colours of one page's code, which are ready in a tenth of a second for any lesson. They
take minutes for texts that were made for it."""


def feedback(
    course: ClassDirectory, asked: str, progress: Progress = nothing, *, student: str | None = None
) -> list[Outcome]:
    """Write the feedback page of every student whose submission of a lesson was graded.

    Parameters
    ----------
    course : ClassDirectory
    asked : str
        The lesson, by its name or its topic.
    progress : callable
        Called with the student, how many are done, and how many there are.
    student : str, optional
        Only this one.

    Returns
    -------
    list of Outcome
        One for each student; `attention` says why there is no page.

    Raises
    ------
    ClassError
        The lesson isn't there, nobody handed it in, or the gradebook can't be read.
    """
    lesson = course.lesson(asked)
    students = course.students(lesson)
    if not students:
        raise ClassError(f"Nobody has handed in {lesson} yet, so there is nothing to write.")
    if student is not None and student not in students:
        raise ClassError(
            f"{student} handed in nothing for {lesson}, so there is no page to write. Check the "
            "name; `autograder status` lists who did."
        )
    students = students if student is None else [student]
    outcomes = []
    with course.gradebook() as book, Ledger(course.root) as ledger, quiet():
        pages = _Pages(course, lesson, book)
        results = ledger.results(lesson)
        for count, one in enumerate(students, start=1):
            problem = pages.write(one, results.get(one), ledger)
            outcomes.append(Outcome(one, attention=problem))
            progress(one, count, len(students))
    return outcomes


class _Pages:
    """Writes the pages of one lesson."""

    def __init__(self, course: ClassDirectory, lesson: str, book: Gradebook) -> None:
        self.course, self.lesson, self.book = course, lesson, book
        converter = GenerateFeedback(coursedir=course.nbgrader(), config=course.config)
        Log.of(converter)
        self.colours = _Colours(pygments_lexer="python")
        self.exporter = HTMLExporter(
            config=converter.config, filters={"highlight_code": self.colours}
        )
        self.exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)

    def write(self, student: str, result: Result | None, ledger: Ledger) -> str:
        """Write one page; return why there is none, or nothing."""
        try:
            notebook = read_notebook(self.course.autograded(student, self.lesson))
            marks = self.book.find_submission_notebook(self.lesson, self.lesson, student)
        except (NotANotebook, MissingEntry):
            return f"was not graded yet; `autograder grade {self.lesson}` comes first."
        _enter(notebook, marks)
        lines = list(_front(result, ledger))
        if lines:
            notebook.cells.insert(0, v4.new_markdown_cell("\n".join(lines)))
        penalty = marks.late_submission_penalty or 0
        told = {
            "notebook": self.lesson,
            "assignment": self.lesson,
            "student": student,
            "score": marks.score - penalty,
            "max_score": marks.max_score,
            "late_penalty": penalty,
        }
        self.colours.spent = 0.0
        page, _resources = self.exporter.from_notebook_node(notebook, {"nbgrader": told})
        target = self.course.feedback(student, self.lesson)
        try:
            replace_file(target, page)
            os.chmod(target, 0o644)
        except OSError as error:
            raise ClassError(
                f"{target} can't be written ({error.strerror}). Pages so far are whole; make room "
                "and run the command again."
            ) from error
        return ""


class _Colours(Highlight2HTML):
    """Code in colours, as long as there is time for it."""

    spent = 0.0

    def __call__(self, source: str, language: str | None = None, metadata: dict | None = None):
        """The HTML of a cell's code."""
        if self.spent > MOST_SECONDS:
            return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'
        start = time.monotonic()
        try:
            return super().__call__(source, language=language, metadata=metadata)
        finally:
            self.spent += time.monotonic() - start


def _enter(notebook: NotebookNode, marks: SubmittedNotebook) -> None:
    """Put scores and comments into the cells' metadata, where nbgrader's template looks."""
    grades = {grade.name: grade for grade in marks.grades}
    comments = {comment.name: comment for comment in marks.comments}
    for cell in notebook.cells:
        if utils.is_solution(cell):
            comment = comments.get(cell.metadata.nbgrader["grade_id"])
            cell.metadata.nbgrader["comment"] = comment.comment if comment else None
        if utils.is_grade(cell):
            grade = grades.get(cell.metadata.nbgrader["grade_id"])
            cell.metadata.nbgrader["score"] = grade.score if grade else 0.0
            cell.metadata.nbgrader["points"] = cell.metadata.nbgrader["points"]


def _front(result: Result | None, ledger: Ledger) -> Iterator[str]:
    """What is said before the notebook: what was put right, and the receipt.

    A sentence may hold words of the student's file, so it is made safe, too.
    """
    if result is None:
        return
    payload = ledger.payload(result)
    if result.state != GRADED:
        yield _("**What was handed in last can't be graded. This page is of what came before.**")
        yield _safe(payload["attention"])
        yield ""
    if payload["repairs"]:
        yield _("**What was put right in this notebook before it was graded**")
        yield ""
        yield from (f"- {_safe(repair['text'])}" for repair in payload["repairs"])
        yield ""
    submission = result.submission
    yield _("Handed in as attempt {attempt}, recorded at {time} (UTC).").format(
        attempt=submission.attempt, time=submission.received
    )
    yield ""
    yield _("SHA-256 of what was handed in: `{sha}`. Receipt: `{receipt}`.").format(
        sha=submission.sha256, receipt=submission.receipt
    )


def _safe(sentence: str) -> str:
    """A sentence on one line, without anything that a browser would do."""
    return safe_markdown(" ".join(sentence.split()))
