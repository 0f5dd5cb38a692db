"""Grading a class: what was handed in goes through the engine into the gradebook.

Killed at any moment and started again, it goes on from the ledger: what is recorded stays, what was
half done is done again, and a result stands in the gradebook once.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from nbgrader.utils import parse_utc

from autograder.grading.classroom import POLICY, ClassDirectory
from autograder.grading.engine import Job, engine_version
from autograder.grading.ledger import GRADED, Ledger, Result, Submission
from autograder.grading.publish import Move, Publisher, Unpublishable
from autograder.grading.submitted import read_submission
from autograder.grading.workers import LocalWorkers, default_jobs
from autograder.notebooks.build import to_text
from autograder.notebooks.canon import canonical
from autograder.notebooks.errors import ClassError
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls import BUBBLEWRAP, NONE, bubblewrap


@dataclass(frozen=True)
class Outcome:
    """What came of one student's submission.

    Attributes
    ----------
    student : str
    points : float or None
        By machine; None where nothing could be graded.
    attention : str
        Why nothing could be graded, and what to do; empty when it was.
    flags, repairs : list of str
        What the teacher should know of it; what was put right.
    fresh : bool
        Graded in this run.
    seconds : float
        What grading took.
    """

    student: str
    points: float | None = None
    attention: str = ""
    flags: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    fresh: bool = True
    seconds: float = 0.0


@dataclass
class ClassRun:
    """What came of a run.

    Attributes
    ----------
    outcomes : list of Outcome
        One for each student who handed something in, in order.
    moves : list of Move
        For a regrade: whose score changes, or would change, by how much.
    applied : bool
        Whether the moves stand in the gradebook.
    outdated : list of str
        Students whose result comes from an older lesson or judge.
    """

    lesson: str
    isolation: str
    outcomes: list[Outcome] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    applied: bool = True
    outdated: list[str] = field(default_factory=list)

    @property
    def attention(self) -> list[Outcome]:
        """Who needs a person."""
        return [outcome for outcome in self.outcomes if outcome.attention]

    def to_json(self) -> dict[str, Any]:
        """The run as plain lists, strings and numbers."""
        return asdict(self)


Progress = Callable[[str, int, int], None]
"""Called with the student who is done, how many are done, and how many there are to do."""


def nothing(student: str, done: int, of: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Settings:
    """How to grade.

    Attributes
    ----------
    jobs : int or None
        Workers on this machine; one for each core when not given.
    student : str or None
        Only this one.
    regrade : bool
        Grade again and say whose score would move; `apply` writes it.
    unsandboxed : bool
        Run student code without walls.
    scheduler : str or None
        A Dask scheduler's address; the jobs then run on its workers.
    full : bool
        Run experiments, too.
    """

    jobs: int | None = None
    student: str | None = None
    regrade: bool = False
    apply: bool = False
    unsandboxed: bool = False
    scheduler: str | None = None
    full: bool = False


def grade(
    course: ClassDirectory,
    asked: str,
    settings: Settings | None = None,
    progress: Progress = nothing,
) -> ClassRun:
    """Grade what was handed in for a lesson and wasn't graded yet.

    Raises
    ------
    ClassError
        The lesson isn't there or wasn't released, nobody handed anything in, no walls can be
        built here, or the gradebook or the ledger can't be used. Nothing is lost then.
    """
    settings = settings or Settings()
    lesson = course.lesson(asked)
    level = isolation(settings)
    with Publisher(course, lesson):  # opened before the workers start, to refuse what can't be
        students = _students(course, lesson, settings.student)
    with ExitStack() as stack:
        work = _Work(course, lesson, settings, level)
        workers = stack.enter_context(work.workers())
        work.publisher = stack.enter_context(Publisher(course, lesson))
        work.ledger = stack.enter_context(Ledger(course.root))
        return work.run(students, workers, progress)


def isolation(settings: Settings) -> str:
    """The level that student code runs on; ClassError where there are no walls to be had."""
    if settings.unsandboxed:
        return NONE
    if bubblewrap() is None:
        raise ClassError(
            "bubblewrap isn't installed here, so there would be no walls round student code. "
            "Install it (Debian, Ubuntu: `apt install bubblewrap`), see `autograder doctor`, or "
            "accept the risk: `--unsandboxed`."
        )
    return BUBBLEWRAP


def _students(course: ClassDirectory, lesson: str, only: str | None) -> list[str]:
    students = course.students(lesson)
    if only is not None:
        if only not in students:
            raise ClassError(
                f"{only} handed in nothing for {lesson}: {course.submission(only, lesson)} isn't "
                "there. Check the name, or collect again."
            )
        return [only]
    if not students:
        example = course.submission("STUDENT", lesson) / f"{lesson}.ipynb"
        raise ClassError(
            f"Nobody has handed in {lesson} yet. Submissions lie in {example}; "
            "`autograder collect` puts them there."
        )
    return students


@dataclass(frozen=True)
class Terms:
    """What all submissions of a lesson are graded by.

    Attributes
    ----------
    canonical : str
        The lesson as it is released, as a notebook's text.
    limits : dict
        As course.toml states them under ``[limits]``.
    packages : tuple of str
        Distributions that course.toml allows besides the usual, ``[packages] allowed = [...]``.
    level : str
        The isolation level.
    """

    canonical: str
    limits: dict[str, Any]
    packages: tuple[str, ...]
    level: str

    @classmethod
    def of(cls, course: ClassDirectory, lesson: str, level: str) -> Terms:
        """The terms of a class.

        Raises
        ------
        ClassError
            The lesson can't be read, or course.toml states a limit that there isn't.
        """
        file = course.root / POLICY
        try:
            stated = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            limits = stated.get("limits", {})
            Limits.of(limits)
            packages = tuple(str(name) for name in stated.get("packages", {}).get("allowed", ()))
        except (ValueError, AttributeError, TypeError) as error:
            raise ClassError(f"{file}: {error}. Correct it and try again.") from error
        return cls(to_text(canonical(course.root, lesson)), limits, packages, level)


class _Work:
    """One run over a class."""

    publisher: Publisher
    ledger: Ledger

    def __init__(self, course: ClassDirectory, lesson: str, settings: Settings, level: str) -> None:
        self.course, self.lesson, self.settings = course, lesson, settings
        self.terms = Terms.of(course, lesson, level)
        self.result = ClassRun(lesson, level)

    @cached_property
    def key(self) -> tuple[str, str]:
        """What a result depends on besides the submission: the lesson's text, the engine."""
        stated = repr((self.terms, self.settings.full))
        source = hashlib.sha256(stated.encode()).hexdigest()[:16]
        return source, engine_version()

    def workers(self):
        """Who grades: processes here, or a Dask cluster."""
        if self.settings.scheduler:
            from autograder.grading.cluster import DaskWorkers

            return DaskWorkers(self.settings.scheduler)
        return LocalWorkers(self.settings.jobs or default_jobs())

    def run(self, students: list[str], workers: Any, progress: Progress) -> ClassRun:
        """Take in, grade, publish."""
        submissions, outcomes = {}, {}
        for student in students:
            submission, problem = self._receive(student)
            if submission is None:
                outcomes[student] = Outcome(student, attention=problem)
            else:
                submissions[student] = submission
        done = self.ledger.results(self.lesson)
        todo = [s for student, s in submissions.items() if self._is_due(s, done.get(student))]
        for student, result in done.items():
            if student in submissions and submissions[student] not in todo:
                outcomes[student] = self._kept(result)
        waiting = {submission.student: submission for submission in todo}
        for count, (job, payload) in enumerate(workers.run(self._jobs(todo)), start=1):
            outcomes[job.student] = self._record(waiting[job.student], payload)
            progress(job.student, count, len(todo))
        if self.settings.regrade:
            self._propose(submissions, outcomes)
        self.result.outcomes = [outcomes[student] for student in students if student in outcomes]
        return self.result

    def _receive(self, student: str) -> tuple[Submission | None, str]:
        files, problems, handed_in = read_submission(self.course, student, self.lesson)
        if f"{self.lesson}.ipynb" not in files:
            return None, " ".join(problems)
        return self.ledger.receive(student, self.lesson, files, handed_in), ""

    def _is_due(self, submission: Submission, result: Result | None) -> bool:
        """Whether a submission is to be graded in this run."""
        current = result is not None and (result.source, result.engine) == self.key
        if self.settings.regrade:
            proposed = self.ledger.results(self.lesson, proposed=True).get(submission.student)
            waits = proposed is not None and (proposed.source, proposed.engine) == self.key
            return not (self.settings.apply and waits)
        if result is not None and result.state == GRADED:
            if not current:
                self.result.outdated.append(submission.student)
            return False
        return True

    def _kept(self, result: Result) -> Outcome:
        """An earlier result; it is published now where a run was killed before it could be."""
        payload = self.ledger.payload(result)
        stands = self.ledger.published(self.lesson).get(result.student) == result.id
        if result.state == GRADED and not stands and not self.settings.regrade:
            problem = self._publish(result, payload)
            if problem:
                return Outcome(result.student, attention=problem, fresh=False)
        return _outcome(result.student, payload, fresh=False)

    def _jobs(self, todo: Iterable[Submission]) -> Iterator[Job]:
        source, engine = self.key
        for submission in todo:
            self.ledger.enqueue(submission, source, engine)
            self.ledger.lease(submission, source, engine)
            yield job_of(self.ledger, submission, self.terms, full=self.settings.full)

    def _record(self, submission: Submission, payload: dict[str, Any]) -> Outcome:
        """Write down what came of a job, then put it into the gradebook."""
        proposed = self.settings.regrade
        result = self.ledger.finish(submission, *self.key, payload, proposed=proposed)
        if payload["state"] == GRADED and not proposed:
            problem = self._publish(result, payload)
            if problem:
                return Outcome(submission.student, attention=problem)
        return _outcome(submission.student, payload, fresh=True)

    def _publish(self, result: Result, payload: dict[str, Any]) -> str:
        """Put a result into the gradebook; return why that isn't possible, or nothing."""
        stated = result.submission.handed_in
        at = parse_utc(stated) if stated else None
        try:
            self.publisher.publish(result.student, payload, timestamp=at)
        except Unpublishable as error:
            return str(error)
        self.ledger.mark_published(result)
        return ""

    def _propose(self, submissions: dict[str, Submission], outcomes: dict[str, Outcome]) -> None:
        """Say who moves; write it where that is asked for."""
        found = self.ledger.results(self.lesson, proposed=True)
        results = [
            result
            for student, result in found.items()
            if student in submissions and (result.source, result.engine) == self.key
        ]
        graded = [result for result in results if result.state == GRADED]
        pairs = ((result.student, self.ledger.payload(result)) for result in graded)
        self.result.moves = list(self.publisher.moves(pairs))
        self.result.applied = self.settings.apply
        if not self.settings.apply:
            return
        self.ledger.accept(results)
        for result in graded:
            payload = self.ledger.payload(result)
            problem = self._publish(result, payload)
            outcomes[result.student] = (
                Outcome(result.student, attention=problem)
                if problem
                else _outcome(result.student, payload, fresh=True)
            )


def job_of(
    ledger: Ledger,
    submission: Submission,
    terms: Terms,
    *,
    full: bool = False,
    seeds: dict[str, int] | None = None,
) -> Job:
    """What the engine needs to grade a submission, from the ledger's own copy of it."""
    contents = {name: ledger.content(submission, name) for name in submission.files}
    notebook = contents.pop(f"{submission.lesson}.ipynb")
    return Job(
        student=submission.student,
        lesson=submission.lesson,
        notebook=notebook,
        files=contents,
        full=full,
        seeds=seeds or {},
        **vars(terms),
    )


def _outcome(student: str, payload: dict[str, Any], *, fresh: bool) -> Outcome:
    if payload["state"] != GRADED:
        return Outcome(student, attention=payload["attention"], fresh=fresh)
    return Outcome(
        student,
        points=sum(cell["points"] for cell in payload["cells"]),
        flags=payload["flags"],
        repairs=[repair["text"] for repair in payload["repairs"]],
        fresh=fresh,
        seconds=payload["seconds"],
    )
