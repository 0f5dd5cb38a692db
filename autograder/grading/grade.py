"""Grading a class: what was handed in goes through the engine into the gradebook.

Killed at any moment and started again, it goes on from the ledger: what is recorded stays, what was
half done is done again, and a result stands in the gradebook once. Several runs at once share the
work by leases. What is handed in while a run goes on is graded in its next round.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from typing import Any

from nbgrader.utils import parse_utc

from autograder.grading.classroom import ClassDirectory
from autograder.grading.engine import Job, engine_version
from autograder.grading.ledger import GRADED, Ledger, Result, Submission
from autograder.grading.outcomes import ClassRun, Outcome, Progress, Settings, nothing
from autograder.grading.publish import Publisher, Unpublishable
from autograder.grading.stopping import Stop, Stopped
from autograder.grading.submitted import read_submission
from autograder.grading.terms import Terms, isolation, job_of
from autograder.grading.workers import SLACK_SECONDS, LocalWorkers, default_jobs
from autograder.notebooks.errors import ClassError, Interrupted
from autograder.sandbox.early import started
from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import Zygote

LOOK_SECONDS = 0.2
"""Between two looks at what another run has leased."""


def grade(
    course: ClassDirectory,
    asked: str,
    settings: Settings | None = None,
    progress: Progress = nothing,
    zygote: Zygote | None = None,
) -> ClassRun:
    """Grade what was handed in for a lesson and wasn't graded yet.

    Parameters
    ----------
    zygote : Zygote, optional
        One that warms up already.

    Raises
    ------
    ClassError
        The lesson isn't there or wasn't released, nobody handed anything in, no walls can be
        built here, or the gradebook or the ledger can't be used. Nothing is lost then.
    Interrupted
        Somebody pressed Ctrl-C.
    """
    settings = settings or Settings()
    lesson = course.lesson(asked)
    level = isolation(unsandboxed=settings.unsandboxed)
    with ExitStack() as stack:
        stop = stack.enter_context(Stop())
        with Publisher(course, lesson):  # before the workers start, to refuse what can't be
            students = _students(course, lesson, settings.student)
        work = _Work(course, lesson, settings, level, stop)
        workers = stack.enter_context(work.workers(zygote, stack))
        work.publisher = stack.enter_context(Publisher(course, lesson))
        work.ledger = stack.enter_context(Ledger(course.root))
        try:
            return work.run(students, workers, progress)
        except Stopped:
            raise Interrupted(
                f"Stopped after {work.done} of {work.total} submissions. Nothing was lost: what is "
                "graded stays, and the same command goes on with the rest."
            ) from None


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


class _Work:
    """One run over a class."""

    publisher: Publisher
    ledger: Ledger

    def __init__(
        self, course: ClassDirectory, lesson: str, settings: Settings, level: str, stop: Stop
    ) -> None:
        self.course, self.lesson, self.settings, self.stop = course, lesson, settings, stop
        self.terms = Terms.of(course, lesson, level)
        self.result = ClassRun(lesson, level, applied=settings.apply or not settings.regrade)
        self.outcomes: dict[str, Outcome] = {}
        self.seen: dict[str, tuple] = {}
        self.leased: dict[str, Submission] = {}
        self.outdated: set[str] = set()
        self.done = self.total = 0

    @cached_property
    def key(self) -> tuple[str, str]:
        """What a result depends on besides the submission: the lesson's text, the engine."""
        return self.terms.source(full=self.settings.full), engine_version()

    def workers(self, zygote: Zygote | None, stack: ExitStack):
        """Who grades: processes here, or a Dask cluster."""
        if self.settings.scheduler:
            from autograder.grading.cluster import DaskWorkers

            return DaskWorkers(self.settings.scheduler)
        if zygote is None and (zygote := started(self.terms.level, self.terms.packages)):
            stack.callback(zygote.close)
        return LocalWorkers(self.settings.jobs or default_jobs(), zygote)

    def run(self, students: list[str], workers: Any, progress: Progress) -> ClassRun:
        """Take in, grade, publish; again for what another run had, or came in meanwhile."""
        self.ledger.release_leases(*self.key, own=True)
        again, looking = False, students
        while looking:
            held = self._round(looking, workers, progress, again=again)
            again, looking = True, self._when_free(held) or self._changed()
        if self.settings.regrade:
            self._propose()
        self.result.outdated = sorted(self.outdated)
        self.result.outcomes = [self.outcomes[student] for student in sorted(self.outcomes)]
        return self.result

    # --- rounds

    def _round(
        self, students: list[str], workers: Any, progress: Progress, *, again: bool
    ) -> list[Submission]:
        """Go over these students once; return what another run has leased."""
        held: list[Submission] = []
        self.total += len(students)
        jobs = self._jobs(students, held, again=again)
        for job, payload in workers.run(jobs, self.stop.heed):
            self.outcomes[job.student] = self._record(self.leased.pop(job.student), payload)
            self.done += 1
            progress(job.student, self.done, self.total)
        return held

    def _jobs(self, students: list[str], held: list[Submission], *, again: bool) -> Iterator[Job]:
        """Take in one after the other, and lease what is due; what another run has is `held`."""
        before, (results, proposed, published) = self.ledger.current(self.lesson), self._known()
        for student in students:
            self.total -= 1
            submission = self._take_in(student)
            if submission is None:
                continue
            if student in before and before[student].id != submission.id:
                results, proposed, published = self._known()  # an earlier one may count again
            result, proposal = (_of(submission, found) for found in (results, proposed))
            if not self._is_due(result, proposal, again=again):
                if result is not None:
                    stands = published.get(student) == result.id
                    self.outcomes[student] = self._kept(result, stands=stands)
                continue
            newest = max(r.id if r else 0 for r in (result, proposal))
            self.ledger.enqueue(submission, *self.key, beyond=newest)
            if not self.ledger.lease(submission, *self.key):
                held.append(submission)
                continue
            try:
                job = job_of(self.ledger, submission, self.terms, full=self.settings.full)
            except ClassError as error:  # its copy was damaged; the others' weren't
                self.outcomes[student] = Outcome(student, attention=str(error))
                continue
            self.total += 1
            self.leased[student] = submission
            yield job

    def _known(self) -> tuple[dict[str, Result], dict[str, Result], dict[str, int]]:
        """What the ledger knows of what counts now: results, proposed ones, what is published."""
        return (
            self.ledger.results(self.lesson),
            self.ledger.results(self.lesson, proposed=True),
            self.ledger.published(self.lesson),
        )

    def _take_in(self, student: str) -> Submission | None:
        """Receive what lies in submitted/; None where it is no submission."""
        self.stop.heed()
        self.seen[student] = self._look(student)
        files, problems, handed_in = read_submission(self.course, student, self.lesson)
        if f"{self.lesson}.ipynb" in files:
            return self.ledger.receive(student, self.lesson, files, handed_in)
        self.outcomes[student] = Outcome(student, attention=" ".join(problems))
        return None

    def _look(self, student: str) -> tuple:
        """What changes when another notebook is put into a student's folder."""
        folder = self.course.submission(student, self.lesson)
        found = []
        for path in (folder, folder / f"{self.lesson}.ipynb"):
            with contextlib.suppress(OSError):
                stat = path.lstat()
                found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return tuple(found)

    def _changed(self) -> list[str]:
        """Who handed something in since this run looked."""
        only = self.settings.student
        students = [only] if only else self.course.students(self.lesson)
        return [student for student in students if self._look(student) != self.seen.get(student)]

    def _when_free(self, held: list[Submission]) -> list[str]:
        """Wait until another run is done with some of these, or has ended; return whose."""
        patience = Limits.of(self.terms.limits).seconds + SLACK_SECONDS
        until = time.monotonic() + patience
        while held:
            self.ledger.release_leases(*self.key)
            free = [s.student for s in held if not self.ledger.holder(s, *self.key)]
            if free:
                return [s.student for s in held]
            if time.monotonic() > until:
                break
            self.stop.heed()
            time.sleep(LOOK_SECONDS)
        for submission in held:
            self.outcomes[submission.student] = Outcome(
                submission.student,
                attention="another grading run has had it for "
                f"{patience / 60:.0f} minutes and doesn't answer. End that run, then grade again.",
            )
        return []

    def _is_due(self, result: Result | None, proposal: Result | None, *, again: bool) -> bool:
        """Whether a submission is to be graded in this round."""
        if self.settings.regrade:
            if self._stands(proposal, again=again):
                return False
            return not (self.settings.apply and self._stands(result, again=again))
        if result is not None and result.state == GRADED:
            if not self._is_current(result):
                self.outdated.add(result.student)
            return False
        return not self._stands(result, again=again)

    def _is_current(self, result: Result) -> bool:
        return (result.source, result.engine) == self.key

    def _stands(self, result: Result | None, *, again: bool) -> bool:
        """Whether grading again would tell nothing new; what needed attention is tried once."""
        return result is not None and self._is_current(result) and (again or result.state == GRADED)

    # --- results

    def _kept(self, result: Result, *, stands: bool) -> Outcome:
        """An earlier result; it is published now where a run was killed before it could be."""
        payload = self.ledger.payload(result)
        if result.state == GRADED and not stands and self.result.applied:
            problem = self._publish(result, payload)
            if problem:
                return Outcome(result.student, attention=problem, fresh=False)
        return Outcome.of(result.student, payload, fresh=False)

    def _record(self, submission: Submission, payload: dict[str, Any]) -> Outcome:
        """Write down what came of a job, then put it into the gradebook."""
        proposed = self.settings.regrade
        result = self.ledger.finish(submission, *self.key, payload, proposed=proposed)
        if payload["state"] == GRADED and not proposed:
            problem = self._publish(result, payload)
            if problem:
                return Outcome(submission.student, attention=problem)
        return Outcome.of(submission.student, payload, fresh=True)

    def _publish(self, result: Result, payload: dict[str, Any]) -> str:
        """Put a result into the gradebook; return why that isn't possible, or nothing.

        Where another run has taken in a newer submission, that one's result goes there instead.
        """
        stated = result.submission.handed_in
        at = parse_utc(stated) if stated else None
        with open(self.ledger.folder / "publish.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.ledger.counts(result):
                return ""
            try:
                self.publisher.publish(result.student, payload, timestamp=at)
            except Unpublishable as error:
                return str(error)
            self.ledger.mark_published(result)
        return ""

    def _propose(self) -> None:
        """Say who moves; write it where that is asked for."""
        earlier = self.ledger.results(self.lesson)
        found = self.ledger.results(self.lesson, proposed=True)
        results = [r for r in found.values() if r.student in self.seen and self._is_current(r)]
        graded = [result for result in results if result.state == GRADED]
        for result in results:
            if result.student not in self.outcomes:
                payload = self.ledger.payload(result)
                self.outcomes[result.student] = Outcome.of(result.student, payload, fresh=False)
        pairs = ((result.student, self.ledger.payload(result)) for result in graded)
        self.result.moves = list(self.publisher.moves(pairs))
        if not self.settings.apply:
            return
        self.ledger.accept(  # what can't be graded now doesn't undo what was
            r for r in results if r.state == GRADED or not _is_graded(earlier.get(r.student))
        )
        for result in graded:
            self.stop.heed()
            problem = self._publish(result, self.ledger.payload(result))
            if problem:
                self.outcomes[result.student] = Outcome(result.student, attention=problem)


def _of(submission: Submission, results: dict[str, Result]) -> Result | None:
    """The result of this very submission, if it is among a class's newest."""
    found = results.get(submission.student)
    return found if found is not None and found.submission.id == submission.id else None


def _is_graded(result: Result | None) -> bool:
    return result is not None and result.state == GRADED
