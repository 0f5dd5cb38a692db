"""A made-up class that goes through one lesson, from the release to the report."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.grading.classroom import ClassDirectory
from autograder.grading.feedback import feedback
from autograder.grading.grade import Settings, grade
from autograder.grading.init import init_class
from autograder.grading.release import release
from autograder.grading.report import write_report
from autograder.grading.results import RIGHT, STOPPED, UNANSWERED, WRONG, ClassResults, collect
from autograder.notebooks import fill
from autograder.notebooks.build import replace_file, to_text
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook
from autograder.sandbox.walls import bubblewrap

MARKER = ".descentlab-demo"
LESSON = "03_momentum"
SEED = 7
STUDENTS = (
    "amara", "ben", "chiara", "daiki", "elif", "femi", "greta", "hyun-woo", "ines", "jakub",
    "kavya", "leila", "mateo", "nadia", "oskar", "priya", "quentin", "rosa", "sven", "tomoko",
    "umar", "vera", "wei", "yusuf",
)  # fmt: skip
OWN_WORDS = (
    "The velocity adds up what the gradients have in common and lets the rest cancel. "
    "With beta = 0.9 about ten old gradients still count, so it also overshoots."
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Demo:
    """What came of it.

    Attributes
    ----------
    page : Path
        The report.
    isolation : str
        The level that the students' code ran on.
    results : ClassResults
    planted, named : int
        How many mistakes were written into the notebooks, and how many the judge named rightly.
    surprises : list of str
        A sentence for every answer that was judged otherwise than it was meant.
    """

    page: Path
    isolation: str
    results: ClassResults
    planted: int
    named: int
    surprises: list[str]


def run_demo(
    folder: Path,
    progress: Progress = lambda step, done, of: None,
    students: tuple[str, ...] = STUDENTS,
) -> Demo:
    """Take a class of made-up students through a lesson.

    Parameters
    ----------
    folder : Path
        The class directory to make. One that an earlier demo made is deleted first.
    progress : callable
        Called with the step's name, how many students are done and how many there are.
    students : tuple of str
        Who is in the class; four at least, so that every kind is there.

    Raises
    ------
    ClassError
        The folder holds something that no demo made.
    """
    _clear_away(folder)
    init_class(folder)
    (folder / MARKER).write_text("Made by `autograder demo`, which may delete this folder.\n")
    course = ClassDirectory.at(folder)
    release(course, LESSON)
    class_answers = _hand_in(course, students)
    run = grade(
        course,
        LESSON,
        Settings(unsandboxed=bubblewrap() is None),  # made-up students mean no harm
        lambda student, done, of: progress("grading", done, of),
    )
    feedback(course, LESSON, lambda student, done, of: progress("feedback", done, of))
    progress("report", 0, 1)
    results = collect(course, LESSON)
    page = write_report(course, results)
    progress("report", 1, 1)
    planted = [p for answers in class_answers.values() for p in answers.values() if p.mistake]
    surprises = compare(class_answers, results)
    wrong_names = sum(surprise.planted.mistake != "" for surprise in surprises)
    told = [str(surprise) for surprise in surprises]
    return Demo(page, run.isolation, results, len(planted), len(planted) - wrong_names, told)


@dataclass(frozen=True)
class Surprise:
    """An answer that was judged otherwise than it was meant."""

    student: str
    item: str
    planted: fill.Planted
    judged: str

    def __str__(self) -> str:
        meant = self.planted.mistake or self.planted.kind
        return f"{self.student}, {self.item}: planted {meant}, judged {self.judged}."


def compare(
    class_answers: dict[str, dict[str, fill.Planted]], results: ClassResults
) -> list[Surprise]:
    """Return where the verdicts differ from what was planted."""
    states = {fill.RIGHT: RIGHT, fill.UNANSWERED: UNANSWERED, fill.ENDLESS: STOPPED}
    judged = {result.student: result.answers for result in results.results}
    surprises = []
    for student, answers in class_answers.items():
        for item, planted in answers.items():
            answer = judged.get(student, {}).get(item)
            if answer is None:
                surprises.append(Surprise(student, item, planted, "not at all"))
                continue
            expected = (states.get(planted.kind, WRONG), planted.mistake)
            named = answer.mistake if planted.mistake else ""
            if (answer.state, named) != expected:
                got = answer.mistake or answer.state
                surprises.append(Surprise(student, item, planted, got))
    return surprises


def mixed_answers(
    lesson, solution, names: tuple[str, ...], students: tuple[str, ...], seed: int
) -> dict[str, dict[str, fill.Planted]]:
    """Draw what each student answers: the same mix for the same seed.

    About half of the answers are right, a third are listed mistakes, the common ones more often
    (they are listed first), the rest is left open. One student hands in an untouched notebook, two
    have an endless loop in one function.
    """
    rng = np.random.default_rng(seed)
    stubs = dict(marked_cells(lesson))
    functions = [name for name in names if stubs[name].source.startswith("def ")]
    class_answers = {}
    for student in students:
        chances = rng.dirichlet([5, 3, 1])
        answers = {}
        for name in names:
            kind = rng.choice([fill.RIGHT, fill.MISTAKEN, fill.UNANSWERED], p=chances)
            answers[name] = fill.Planted(fill.UNANSWERED)
            if kind == fill.RIGHT:
                answers[name] = fill.right(name, solution)
            elif kind == fill.MISTAKEN:
                known = fill.mistakes(name)
                share = 0.6 ** np.arange(len(known))
                answers[name] = known[rng.choice(len(known), p=share / share.sum())]
        class_answers[student] = answers
    untouched, *loops = rng.choice(students, size=3, replace=False)
    class_answers[untouched] = {name: fill.Planted(fill.UNANSWERED) for name in names}
    for student, name in zip(loops, rng.permutation(functions)[:2], strict=True):
        class_answers[student][name] = fill.endless(name, lesson)
    return class_answers


def _hand_in(
    course: ClassDirectory, students: tuple[str, ...]
) -> dict[str, dict[str, fill.Planted]]:
    """Write every student's notebook to ``submitted/``; return what is in them."""
    lesson = read_notebook(lesson_file(course.root, LESSON))
    solution = read_notebook(solution_file(course.root, LESSON))
    cells = marked_cells(lesson)
    names = tuple(name for name, cell in cells if not cell.metadata.nbgrader["grade"])
    texts = [name for name, cell in cells if cell.cell_type == "markdown"]
    class_answers = mixed_answers(lesson, solution, names, students, SEED)
    for number, (student, answers) in enumerate(class_answers.items()):
        notebook = fill.filled(lesson, answers)
        wrote = any(planted.source for planted in answers.values()) and number % 3
        for name, cell in marked_cells(notebook):
            if name in texts and wrote:
                cell.source = f"{cell.source.rpartition('*Your')[0].strip()}\n\n{OWN_WORDS}"
        replace_file(course.submission(student, LESSON) / f"{LESSON}.ipynb", to_text(notebook))
    return class_answers


def _clear_away(folder: Path) -> None:
    """Delete what an earlier demo made, and nothing else."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MARKER).is_file():
        raise ClassError(
            f"{folder} was not made by a demo, so a demo will not delete it. Name another folder "
            "with `--course DIR`."
        )
    shutil.rmtree(folder)
