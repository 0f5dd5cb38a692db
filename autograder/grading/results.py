"""Who got what, and which mistake it was: read from the gradebook and the autograded notebooks."""

from collections import Counter
from dataclasses import dataclass
from statistics import mean, median

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from autograder.grading.classroom import ClassDirectory
from autograder.grading.ledger import Ledger
from autograder.grading.ledger import Result as Recorded
from autograder.grading.submitted import read_submission
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file
from autograder.notebooks.submission import NotANotebook, marked_cells, read_notebook

VERDICT = "application/vnd.descentlab.verdict+json"

RIGHT, WRONG, UNANSWERED, STOPPED, BY_HAND = "right", "wrong", "unanswered", "stopped", "by hand"


@dataclass(frozen=True)
class Item:
    """One thing in a lesson that earns points: an exercise, a question or a free text."""

    name: str
    points: float
    by_hand: bool
    is_question: bool


@dataclass(frozen=True)
class Answer:
    """What one student got for one item.

    Attributes
    ----------
    state : {"right", "wrong", "unanswered", "stopped", "by hand"}
    points : float or None
        From the gradebook, marks given by hand included; None while a mark is still to be given.
    mistake, title : str
        The mistake's identifier and what it is called; empty where none was recognized.
    doubtful : bool
        The gradebook has points that no verdict explains.
    """

    state: str
    points: float | None
    mistake: str = ""
    title: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Result:
    """One student's answers to all items, in the lesson's order, and the total."""

    student: str
    answers: dict[str, Answer]
    total: float

    @property
    def to_mark(self) -> int:
        """How many free texts still wait for a mark."""
        return sum(answer.points is None for answer in self.answers.values())


@dataclass(frozen=True)
class ClassResults:
    """A whole class in one lesson.

    Attributes
    ----------
    attention : dict
        Student -> why the submission was not graded, and what to do.
    """

    lesson: str
    items: tuple[Item, ...]
    results: tuple[Result, ...]
    attention: dict[str, str]

    @property
    def points(self) -> float:
        """The points of the whole lesson."""
        return sum(item.points for item in self.items)

    @property
    def totals(self) -> list[float]:
        """The students' totals, in the students' order."""
        return [result.total for result in self.results]

    @property
    def mean(self) -> float:
        """Mean of the totals, 0 without results."""
        return mean(self.totals) if self.results else 0.0

    @property
    def median(self) -> float:
        """Median of the totals, 0 without results."""
        return median(self.totals) if self.results else 0.0

    @property
    def to_mark(self) -> int:
        """How many free texts of the class still wait for a mark."""
        return sum(result.to_mark for result in self.results)

    @property
    def doubtful(self) -> list[tuple[str, str]]:
        """Student and item wherever points stand that no verdict explains."""
        return [
            (result.student, name)
            for result in self.results
            for name, answer in result.answers.items()
            if answer.doubtful
        ]

    def mistakes(self, item: str) -> list[tuple[str, int]]:
        """Return what went wrong in an item and how often, the most common first.

        What wasn't answered is no mistake and isn't counted.
        """
        answers = [result.answers[item] for result in self.results]
        counted = Counter(answer.title for answer in answers if answer.state in (WRONG, STOPPED))
        return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))

    def count(self, item: str, state: str) -> int:
        """Return how many students are in a state with an item."""
        return sum(result.answers[item].state == state for result in self.results)


def collect(course: ClassDirectory, asked: str) -> ClassResults:
    """Read a class's results in one lesson.

    Raises
    ------
    ClassError
        The lesson isn't there, was not released or graded, or the gradebook can't be read.
    """
    lesson = course.lesson(asked)
    items = _items(course, lesson)
    results, attention = [], {}
    with course.gradebook() as book, Ledger(course.root) as ledger:
        recorded = ledger.results(lesson)
        for student in course.students(lesson):
            refused = _refused(course, ledger, lesson, student, recorded.get(student))
            if refused:
                attention[student] = refused
            result = _result(course, book, lesson, student, items)
            if result:
                results.append(result)
            elif not refused:
                attention[student] = f"was not graded yet: `autograder grade {lesson}`."
    if not results and not attention:
        raise ClassError(f"Nobody has handed in {lesson} yet, so there is nothing to report.")
    return ClassResults(lesson, items, tuple(results), attention)


def _refused(
    course: ClassDirectory, ledger: Ledger, lesson: str, student: str, recorded: Recorded | None
) -> str:
    """Why the engine couldn't grade what a student handed in last; empty if it could."""
    if recorded is not None:
        return ledger.payload(recorded)["attention"]
    files, problems, _handed_in = read_submission(course, student, lesson)
    return "" if f"{lesson}.ipynb" in files else " ".join(problems)


def _items(course: ClassDirectory, lesson: str) -> tuple[Item, ...]:
    file = lesson_file(course.root, lesson)
    try:
        notebook = read_notebook(file)
    except NotANotebook as error:
        raise ClassError(f"{file} {error} Run `autograder release {lesson}` again.") from error
    return tuple(
        Item(
            name=name.removesuffix("__check"),
            points=cell.metadata.nbgrader["points"],
            by_hand=bool(cell.metadata.nbgrader.get("solution")),
            is_question=cell.source.startswith('check("'),
        )
        for name, cell in marked_cells(notebook)
        if cell.metadata.nbgrader.get("grade")
    )


def _cell(item: Item) -> str:
    return item.name if item.by_hand else f"{item.name}__check"


def _result(
    course: ClassDirectory, book: Gradebook, lesson: str, student: str, items: tuple[Item, ...]
) -> Result | None:
    """Return a student's result, None if there is none."""
    try:
        graded = dict(marked_cells(read_notebook(course.autograded(student, lesson))))
        marks = book.find_submission_notebook(lesson, lesson, student)
    except (NotANotebook, MissingEntry):
        return None
    grades = {grade.name: grade for grade in marks.grades}
    answers = {}
    for item in items:
        grade, cell = grades.get(_cell(item)), graded.get(_cell(item))
        marked = grade is not None and grade.manual_score is not None
        waiting = grade is None or (grade.needs_manual_grade and not marked)
        points = None if waiting and item.by_hand else (grade.score if grade else 0.0)
        if item.by_hand:
            state = UNANSWERED if points == 0 and not marked else BY_HAND
            answers[item.name] = Answer(state, points)
        else:
            answers[item.name] = _answer(cell, graded.get(item.name), points, marked)
    return Result(student, answers, marks.score)


def _answer(
    cell: NotebookNode | None, written: NotebookNode | None, points: float, marked: bool
) -> Answer:
    """Return what a check cell's output says; a student's code may have written it, so in parts."""
    outputs = cell.get("outputs", []) if cell is not None else []
    for output in outputs:
        verdict = output.get("data", {}).get(VERDICT)
        if isinstance(verdict, dict):
            break
    else:
        return _without_verdict(outputs, written, points, marked)
    stated = verdict.get("points")
    fits = isinstance(stated, int | float) and abs(points - stated) <= 1e-6
    doubtful = not (fits or marked)
    if verdict.get("passed") is True:
        return Answer(RIGHT, points, doubtful=doubtful)
    mistake = _short(verdict.get("mistake") or "unrecognized")
    title = _short(verdict.get("title") or "Wrong, no listed mistake")
    state = {"unanswered": UNANSWERED, "timed_out": STOPPED}.get(mistake, WRONG)
    return Answer(state, points, mistake, title, doubtful)


def _short(text: object) -> str:
    return str(text)[:120]


def _without_verdict(
    outputs: list[NotebookNode], written: NotebookNode | None, points: float, marked: bool
) -> Answer:
    """Return what became of a check that never came to a verdict.

    `written` is the cell with the answer: an error there is why the check had nothing to check.
    """
    error = _error(outputs)
    if error is None:
        title = "No verdict: the check printed none"
        return Answer(WRONG, points, "no_verdict", title, doubtful=points > 0 and not marked)
    if error in ("CellTimeoutError", "KeyboardInterrupt"):
        return Answer(STOPPED, points, "timed_out", "Stopped: it ran too long")
    cause = _error(written.get("outputs", [])) if written is not None else None
    if cause:
        return Answer(WRONG, points, f"error_{cause}", f"The answer's cell stopped with {cause}")
    return Answer(WRONG, points, f"error_{error}", f"The check stopped with {error}")


def _error(outputs: list[NotebookNode]) -> str | None:
    """Return the name of the error that a cell ended with."""
    names = [o.get("ename", "Error") for o in outputs if o.get("output_type") == "error"]
    return _short(names[0]) if names else None
