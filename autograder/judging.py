"""An answer against the reference: points, and the mistake by its name.

`judge("momentum_step", fn)` draws fresh inputs, calls the answer, compares it with the
reference, and looks for the listed wrong version that gives the learner's own numbers.
"""

from __future__ import annotations

import inspect
import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from autograder import comparing, findings, naming, wording
from autograder.evidence import Evidence, Record, Runner, gather
from autograder.exercises import find
from autograder.exercises.base import Exercise, RandomExercise, WrongVersion
from autograder.exercises.questions import judge_question
from descentlab.calls import TIME_LIMIT, defaults_of, reseeded, run
from descentlab.text import _
from descentlab.verdicts import Example, Verdict


def judge(name: str, answer: Any, *, seed: int | None = None) -> Verdict:
    """Judge an answer.

    Parameters
    ----------
    name : an exercise of the catalogue ("adam_step") or a question ("why_constant")
    answer : the learner's function, or the answer to the question
    seed : the same seed gives the same inputs; a secret one is drawn when it is None

    Returns
    -------
    Verdict

    Raises
    ------
    LookupError
        If there is no exercise of that name; the text names the nearest.
    """
    exercise = find(name)
    if exercise.is_question:
        return judge_question(exercise, answer)
    seed = secrets.randbits(63) if seed is None else seed
    if not callable(answer):
        return Judgement(exercise, seed).failed(
            "not_a_function", name=name, got=comparing.describe(answer)
        )
    verdict = judge_calls(exercise, partial(run, answer), seed)
    notes = wording.changed_defaults(exercise, defaults_of(answer))
    return replace(verdict, notes=verdict.notes + notes)


def judge_calls(exercise: Exercise, runner: Runner, seed: int) -> Verdict:
    """Judge whatever `runner` calls: a function here, or a process behind walls."""
    rng = np.random.default_rng(seed)
    evidence = gather(exercise, runner, rng)
    judgement = Judgement(exercise, seed, evidence, runner)
    if exercise.is_random:
        return judgement.of_random()
    return judgement.of_numbers()


@dataclass
class Judgement:
    """The steps from evidence to a verdict."""

    exercise: Exercise
    seed: int
    evidence: Evidence | None = None
    runner: Runner | None = None

    def of_numbers(self) -> Verdict:
        """The verdict on a deterministic exercise."""
        if self.evidence.wrong or (self.evidence.broken and self.evidence.broken.misfit):
            return (
                self._unstable()
                or self._named()
                or self._named_misfit()
                or self._broken()
                or self._diagnosed()
            )
        return self._broken() or self._changed() or self._unstable() or self._passed()

    def of_random(self) -> Verdict:
        """The verdict on an exercise that draws."""
        broken = self.evidence.broken
        if broken:
            return self._named_misfit() or self._broken()
        return self._changed() or self._measured() or self._drawn() or self._passed()

    def failed(self, fault: str, record: Record | None = None, **seen) -> Verdict:
        """The verdict for a general fault."""
        seen.setdefault("name", self.exercise.name)
        return Verdict(
            exercise=self.exercise.name,
            passed=False,
            points=self._points() if record is not None and record.sound else 0.0,
            max_points=float(self.exercise.points),
            mistake=fault,
            message=findings.sentence(fault, **seen),
            title=findings.title(fault),
            example=None if record is None else self._example(record),
            findings=(fault, *self._also(fault)),
            notes=self._notes(),
            seed=self.seed,
        )

    def _passed(self) -> Verdict:
        points = float(self.exercise.points)
        text = findings.success(f"{points:g}")
        praise = _(self.exercise.praise) if self.exercise.praise else ""
        return Verdict(
            exercise=self.exercise.name,
            passed=True,
            points=points,
            max_points=points,
            message=f"{text}\n{praise}".strip(),
            notes=self._notes(),
            seed=self.seed,
        )

    def _broken(self) -> Verdict | None:
        """A call without a usable value: what ended it."""
        record = self.evidence.broken
        if record is None:
            return None
        outcome, misfit = record.outcome, record.misfit
        if misfit is not None:
            swapped = self._reordered([record])
            if swapped:
                return swapped
            return self.failed(
                misfit.fault, record, part=misfit.name, expected=misfit.expected, got=misfit.got
            )
        raised = outcome.raised
        verdict = self.failed(
            outcome.fault,
            record,
            signature=f"{self.exercise.name}{inspect.signature(self.exercise.reference)}",
            type=raised.type if raised else "",
            text=wording.ended(raised.text) if raised else "",
            line=raised.line if raised and raised.line else _("(not in your own code)"),
            seconds=f"{TIME_LIMIT:g}",
        )
        if outcome.fault == "exception" and any(r.right for r in self.evidence.sound):
            verdict = replace(
                verdict, message=findings.with_shape(verdict.message, wording.inputs_text(record))
            )
        return verdict

    def _changed(self) -> Verdict | None:
        for record in self.evidence.sound:
            if record.outcome.changed:
                return self.failed("changed_argument", argument=", ".join(record.outcome.changed))
        return None

    def _unstable(self) -> Verdict | None:
        """The first call again: a different result means hidden state."""
        first = next(iter(self.evidence.sound), None)
        if first is None:
            return None
        again = self.runner(first.call)
        same = first.agrees(again.value, self.exercise.returns, first.tolerance)
        return None if same else self.failed("hidden_state")

    def _named(self) -> Verdict | None:
        """The listed mistake that gives these numbers."""
        records = [r for r in self.evidence.records if r.outcome.fault is None]
        versions = naming.recognize(self.exercise, records)
        if versions:
            return self._mistaken(versions, self._telling(records))
        return self._reordered(records)

    def _named_misfit(self) -> Verdict | None:
        record = self.evidence.broken
        if record is None or record.misfit is None:
            return None
        versions = naming.recognize_misfit(self.exercise, record)
        return self._mistaken(versions, record) if versions else None

    def _mistaken(
        self, versions: tuple[WrongVersion, ...], record: Record, example: Example | None = None
    ) -> Verdict:
        first = versions[0].mistakes
        if len(versions) > 1:
            message = findings.either([wording.version_text(version) for version in versions])
        else:
            message = wording.version_text(versions[0])
        return Verdict(
            exercise=self.exercise.name,
            passed=False,
            points=self._points(),
            max_points=float(self.exercise.points),
            mistake=versions[0].id,
            message=message,
            title=" + ".join(_(mistake.title) for mistake in first),
            where=_(first[0].where) if len(first) == 1 and first[0].where else "",
            elsewhere=all(m.elsewhere for version in versions for m in version.mistakes),
            example=example or self._example(record),
            findings=tuple(version.id for version in versions),
            notes=self._notes(),
            seed=self.seed,
        )

    def _reordered(self, records: list[Record]) -> Verdict | None:
        if not naming.reordered(self.exercise, records):
            return None
        expected = wording.returns_text(self.exercise.returns)
        return self.failed("wrong_order", records[0], expected=expected)

    def _diagnosed(self) -> Verdict:
        """No listed mistake: what can be said all the same."""
        wrong = self.evidence.wrong
        record = self._telling(wrong)
        bad = [leaf for leaf in record.leaves if not leaf.right]
        part = bad[0].name
        for leaf in bad:
            if leaf.value.dtype.kind in "iu" and leaf.expected.dtype.kind == "f":
                return self.failed("integers", record, part=leaf.name)
            if not leaf.finite:
                return self.failed("not_finite", record, part=leaf.name)
        changed = self._changed()
        if changed:
            return changed
        if any(r.label not in ("shape", "float32") for r in wrong):
            if naming.few_digits(wrong):
                longer = self._proportional(self.evidence.sound, record, part)
                return longer or self.failed("few_digits", record, part=part)
            entries = naming.some_entries(wrong, part)
            if entries:
                return self.failed(f"wrong_{entries}", record, part=part)
        usual = next((r for r in wrong if r.label == "usual"), record)
        others = [r for r in self.evidence.sound if r is not usual and r.label != "float32"]
        ignored = naming.ignored_argument(self.exercise, self.runner, usual, others)
        if ignored:
            return self.failed(ignored.fault, record, argument=ignored.argument, part=ignored.part)
        return (
            self._only_some(wrong)
            or self._proportional(self.evidence.sound, record, part)
            or self._located(record, part)
        )

    def _only_some(self, wrong: list[Record]) -> Verdict | None:
        """Right for some inputs and wrong for others: which."""
        labels = {record.label for record in wrong}
        sound = {record.label for record in self.evidence.sound}
        first = wrong[0]
        if labels == {"float32"}:
            return self.failed("float32", first)
        if labels <= {"shape", "float32"} and "usual" in sound:
            return self.failed("only_this_rank", first, shape=wording.shapes(first))
        if labels == {"fresh"}:
            return self.failed("not_at_first", first)
        fresh = [r for r in self.evidence.sound if r.label == "fresh" and r.step == 0]
        middle = [r for r in self.evidence.sound if r.label in ("example", "usual")]
        if fresh and all(r.right for r in fresh) and not any(r.right for r in middle):
            return self.failed("first_step_only", self._telling(wrong))
        if all(r.step > 0 for r in wrong):
            return self.failed("later_steps", first)
        return None

    def _proportional(self, records: list[Record], record: Record, part: str) -> Verdict | None:
        step = naming.step_factor(records, part)
        if step is not None:
            if abs(step + 1) < 1e-6:
                return self.failed("opposite_direction", record, part=part)
            if step > 0:
                return self.failed("wrong_step_length", record, part=part, factor=f"{step:.6g}")
        times = naming.factor(records, part)
        if times is None:
            return None
        if abs(times + 1) < 1e-6:
            return self.failed("wrong_sign", record, part=part)
        return self.failed("wrong_factor", record, part=part, factor=f"{times:.6g}")

    def _located(self, record: Record, part: str) -> Verdict:
        right = [leaf.name for leaf in record.leaves if leaf.right]
        if right:
            return self.failed("one_part_wrong", record, part=part, right=", ".join(right))
        return self.failed("wrong_numbers", record, part=part)

    def _measured(self) -> Verdict | None:
        """A random answer's properties, and the mistake that has the same ones."""
        exercise: RandomExercise = self.exercise
        records = self.evidence.sound
        with np.errstate(all="ignore"):
            seen = exercise.measure(records)
        broken = [m for m in seen if not m.holds()]
        if not broken:
            return None
        example = Example((), tuple(wording.measured_row(m) for m in broken[:3]))
        versions = naming.recognize_random(exercise, records, seen)
        if versions:
            return self._mistaken(versions, records[0], example)
        drawn = self._drawn()
        if drawn:
            return drawn
        title, message = exercise.properties[broken[0].property]
        return Verdict(
            exercise=exercise.name,
            passed=False,
            points=0.0,
            max_points=float(exercise.points),
            mistake=broken[0].property,
            message=_(message),
            title=_(title),
            example=example,
            findings=tuple(dict.fromkeys(m.property for m in broken)),
            notes=self._notes(),
            seed=self.seed,
        )

    def _drawn(self) -> Verdict | None:
        """Whether the randomness comes from the generator that was passed in, and only there."""
        outcomes = [record.outcome for record in self.evidence.records]
        if any(outcome.global_random for outcome in outcomes):
            return self.failed("global_generator")
        record = self.evidence.sound[0]
        again, other = self.runner(record.call), self.runner(reseeded(record.call))
        if not record.agrees(again.value, self.exercise.returns, 0.0):
            return self.failed("not_from_rng")
        if record.agrees(other.value, self.exercise.returns, 0.0):
            return self.failed("ignores_rng")
        if not any(outcome.rng_moved for outcome in outcomes):
            return self.failed("copies_rng")
        return None

    def _telling(self, records: list[Record]) -> Record:
        """The record to show: a wrong one with small round numbers where there is one."""
        wrong = [r for r in records if not r.right] or records
        return next((r for r in wrong if r.label == "example"), wrong[0])

    def _points(self) -> float:
        """All or nothing, but for exercises with named parts."""
        parts = self.exercise.parts
        evidence = self.evidence
        if not parts or evidence is None or evidence.broken or not evidence.sound:
            return 0.0
        if any(record.outcome.changed for record in evidence.sound):
            return 0.0
        top = wording.top_part(self.exercise.returns)
        wrong = {
            top[leaf.name] for record in evidence.sound for leaf in record.leaves if not leaf.right
        }
        share = sum(parts[name] for name in parts if name not in wrong)
        return float(round(share * self.exercise.points, 6))

    def _also(self, fault: str) -> tuple[str, ...]:
        if self.evidence is None or fault == "changed_argument":
            return ()
        changed = any(record.outcome.changed for record in self.evidence.sound)
        return ("changed_argument",) if changed else ()

    def _example(self, record: Record) -> Example | None:
        inputs = tuple(
            (name, comparing.number_text(value))
            for name, value in wording.flat_arguments(record.outcome.arguments)
        )
        rows = tuple(
            (leaf.name, comparing.number_text(leaf.expected), comparing.number_text(leaf.value))
            for leaf in record.leaves
            if not leaf.right
        )
        return Example(inputs, rows) if inputs and (rows or not record.sound) else None

    def _notes(self) -> tuple[str, ...]:
        if self.evidence is None or not self.evidence.records:
            return ()
        records = self.evidence.records
        notes = []
        for record in records:
            if record.label == "float32" and record.sound:
                notes += [
                    findings.widened(leaf.name, "float32", str(leaf.value.dtype))
                    for leaf in record.leaves
                    if leaf.right
                    and leaf.expected.dtype == np.float32
                    and leaf.value.dtype == np.float64
                ]
        warned = dict.fromkeys(w for record in records for w in record.outcome.warned)
        notes += [findings.warned(text) for text in list(warned)[:3]]
        if records[0].outcome.printed:
            notes.append(findings.printed(records[0].outcome.printed[:400]))
        if not records[0].outcome.interruptible:
            notes.append(findings.cannot_stop())
        return tuple(dict.fromkeys(notes))
