"""The judge judged: `make mutants`.

Every listed mistake, every pair, every mechanical mutation of the reference and the right variants
of `tests/variants/` go through the judge. The table says how many wrong versions were killed and
named, and how many right answers were rejected. A surviving mutant counts as equivalent only when
it agrees with the reference on 10,000 inputs of another generator; each is listed.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module, util
from multiprocessing import get_context
from types import FunctionType

import numpy as np
from rich.console import Console
from rich.table import Table

from autograder import exercises, judge, reference
from autograder.comparing import Misfit, fit
from autograder.evidence import call_plainly, gather
from autograder.exercises.base import EXACT, Exercise, RandomExercise, Z
from autograder.exercises.slips import compile_text
from descentlab.calls import run
from tests.mutation import mutants

EQUIVALENT_INPUTS = 10_000
SEEDS = 2
"""Fresh seeds a wrong version is judged with: it must be killed with each of them."""


@dataclass
class Row:
    """What came of one exercise."""

    name: str
    listed: int = 0
    listed_killed: int = 0
    listed_named: int = 0
    pairs: int = 0
    pairs_killed: int = 0
    pairs_named: int = 0
    mutants: int = 0
    mutants_killed: int = 0
    judgements: int = 0
    rejected: int = 0
    equivalent: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)


def functions(topic: str) -> list[Exercise]:
    """The exercises of a topic that ask for a function."""
    return [exercise for exercise in exercises.lesson(topic) if not exercise.is_question]


def variants(topic: str) -> dict[str, tuple]:
    """Right answers in other forms: name -> functions."""
    name = f"tests.variants.{topic}"
    return import_module(name).VARIANTS if util.find_spec(name) else {}


def examine(task: tuple[str, int, int, int]) -> Row:
    """Put one exercise's wrong versions and right variants through the judge."""
    name, seed, most, repeats = task
    exercise = exercises.find(name)
    rng = np.random.default_rng(seed)
    row = Row(name)
    for version in exercise.singles:
        row.listed += 1
        killed, named = _judged(name, version.function, version.id, rng)
        row.listed_killed += killed
        row.listed_named += named
        _note(row, version.id, killed, named)
    for version in _some(exercise.pairs, most, rng):
        killed, named = _judged(name, version.function, version.id, rng)
        if not killed and _equivalent(exercise, version.function, rng):
            row.equivalent.append(f"{version.id}: the two slips undo each other")
            continue
        row.pairs += 1
        row.pairs_killed += killed
        row.pairs_named += named or _same_as_named(exercise, version, rng)
        _note(row, version.id, killed, True)
    for label, text in _some(list(mutants(reference.source(name))), most, rng):
        function = compile_text(name, text)
        killed, _named = _judged(name, function, "", rng)
        if not killed and _equivalent(exercise, function, rng):
            row.equivalent.append(f"{label}: same results on {EQUIVALENT_INPUTS} inputs")
            continue
        row.mutants += 1
        row.mutants_killed += killed
        _note(row, label, killed, True)
    for variant in (exercise.reference, *variants(exercise.topic).get(name, ())):
        for _repeat in range(repeats):
            verdict = judge(name, variant, seed=_seed(rng))
            row.judgements += 1
            row.rejected += not verdict.passed
            if not verdict.passed:
                row.false.append(f"{_label(variant)}: {verdict.mistake} (seed {verdict.seed})")
    return row


def _judged(name: str, function: FunctionType, id: str, rng) -> tuple[bool, bool]:
    verdicts = [judge(name, function, seed=_seed(rng)) for _ in range(SEEDS)]
    return (
        all(not verdict.passed for verdict in verdicts),
        all(id in (verdict.mistake, *verdict.findings) for verdict in verdicts),
    )


def _same_as_named(exercise: Exercise, version, rng) -> bool:
    """Whether the judge named another listed version that does just the same."""
    verdict = judge(exercise.name, version.function, seed=_seed(rng))
    every = {other.id: other for other in (*exercise.singles, *exercise.pairs)}
    other = every.get(verdict.mistake)
    return other is not None and _agree(exercise, version.function, other.function, rng, inputs=200)


def _equivalent(exercise: Exercise, function, rng) -> bool:
    """Whether a version does what the reference does: the same numbers, or, where it draws in
    another order, results that no property tells apart."""
    if _agree(exercise, function, exercise.reference, rng, EQUIVALENT_INPUTS):
        return True
    return exercise.is_random and _alike(exercise, function, rng, EQUIVALENT_INPUTS)


def _alike(exercise: RandomExercise, function, rng, inputs: int) -> bool:
    """Whether two random functions have the same properties, each measured over all inputs.

    The mean of n measurements is √n times as sharp as one that the judge takes.
    """
    sums: dict[str, np.ndarray] = {}
    done = rounds = 0
    while done < inputs:
        seed, rounds = _seed(rng), rounds + 1
        both = [
            gather(exercise, partial(run, answer), np.random.default_rng(seed))
            for answer in (function, exercise.reference)
        ]
        if any(evidence.broken for evidence in both):
            return False
        done += len(both[0].records)
        with np.errstate(all="ignore"):
            mine, theirs = (exercise.measure(evidence.sound) for evidence in both)
        for one, other in zip(mine, theirs, strict=True):
            apart = (one.value - other.value) / max(other.error, EXACT)
            sums[one.name] = sums.get(one.name, 0.0) + apart
    return all(abs(total) <= Z * np.sqrt(2 * rounds) for total in sums.values())


def _agree(exercise: Exercise, one, two, rng, inputs: int) -> bool:
    """Whether two functions give the same on many inputs; random ones by the same seeds."""
    done = 0
    while done < inputs:
        for trial in exercise.trials(rng):
            stream = trial.calls()
            call = next(stream)
            while True:
                call = _jittered(call, rng) if not exercise.is_random else call
                try:
                    expected = call_plainly(two, call)
                except Exception:  # a wrong version may fail; then the other must fail, too
                    if run(one, call).fault != "exception":
                        return False
                    break
                got = run(one, call)
                leaves = fit(got.value, expected, exercise.returns, trial.tolerance)
                if got.fault or got.changed or isinstance(leaves, Misfit):
                    return False
                if not all(leaf.right for leaf in leaves):
                    return False
                done += 1
                try:
                    call = stream.send(expected)
                except (StopIteration, TypeError, ValueError, AttributeError):
                    break
                if done >= inputs:
                    return True
    return True


def _jittered(call, rng):
    """Another input near a trial's: floats and arrays of floats are scaled down a bit."""
    for name, value in [*enumerate(call.args), *call.kwargs.items()]:
        if isinstance(value, float):
            call = call.replaced(name, value * float(rng.uniform(0.7, 1.0)))
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            scale = rng.uniform(0.7, 1.0, size=value.shape).astype(value.dtype)
            call = call.replaced(name, value * scale)
    return call


def _some(every, most: int, rng) -> list:
    every = list(every)
    if not most or len(every) <= most:
        return every
    chosen = rng.choice(len(every), size=most, replace=False)
    return [every[i] for i in sorted(chosen)]


def _seed(rng) -> int:
    return int(rng.integers(2**62))


def _note(row: Row, id: str, killed: bool, named: bool) -> None:
    if not killed:
        row.alive.append(id)
    elif not named:
        row.unnamed.append(id)


def _label(function) -> str:
    return getattr(function, "__qualname__", repr(function))


def survey(topics, *, seed: int, most: int, repeats: int, jobs: int) -> list[Row]:
    """One row an exercise, in the course's order."""
    names = [exercise.name for topic in topics for exercise in functions(topic)]
    tasks = [(name, seed + i, most, repeats) for i, name in enumerate(names)]
    if jobs == 1:
        return [examine(task) for task in tasks]
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # read by the spawned processes: a core for each
    with get_context("spawn").Pool(jobs) as pool:
        return pool.map(examine, tasks, chunksize=1)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 when a wrong answer passed or a right one was rejected."""
    parser = argparse.ArgumentParser(description="Run wrong and right answers through the judge.")
    parser.add_argument("topics", nargs="*", help="topics to examine; all of them by default")
    parser.add_argument("--most", type=int, default=0, help="pairs and mutations an exercise")
    parser.add_argument("--judgements", type=int, default=10_000, help="of right answers, in all")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    topics = chosen.topics or reference.TOPICS
    seed = chosen.seed if chosen.seed is not None else int(np.random.SeedSequence().entropy % 2**40)
    right = sum(
        1 + len(variants(e.topic).get(e.name, ())) for topic in topics for e in functions(topic)
    )
    repeats = -(-chosen.judgements // max(1, right))
    rows = survey(topics, seed=seed, most=chosen.most, repeats=repeats, jobs=chosen.jobs)
    _print(rows, seed)
    return int(any(row.alive or row.rejected or row.unnamed for row in rows))


def _print(rows: list[Row], seed: int) -> None:
    console = Console(width=120)
    table = Table(title=f"The judge judged (seed {seed})")
    table.add_column("exercise")
    for heading in ("listed", "killed", "named", "pairs", "killed", "named", "mutations", "killed",
                    "equivalent", "right", "rejected"):  # fmt: skip
        table.add_column(heading, justify="right")
    fields = ("listed", "listed_killed", "listed_named", "pairs", "pairs_killed", "pairs_named",
              "mutants", "mutants_killed")  # fmt: skip
    for row in rows:
        counts = [str(getattr(row, name)) for name in fields]
        table.add_row(
            row.name, *counts, str(len(row.equivalent)), str(row.judgements), str(row.rejected)
        )
    total = {name: sum(getattr(row, name) for row in rows) for name in fields}
    table.add_section()
    table.add_row(
        "all",
        *(str(total[name]) for name in fields),
        str(sum(len(row.equivalent) for row in rows)),
        str(sum(row.judgements for row in rows)),
        str(sum(row.rejected for row in rows)),
    )
    console.print(table)
    wrong = total["listed"] + total["pairs"] + total["mutants"]
    killed = total["listed_killed"] + total["pairs_killed"] + total["mutants_killed"]
    console.print(
        f"{killed} of {wrong} wrong versions killed ({100 * killed / max(1, wrong):.2f} %); "
        f"{100 * total['listed_named'] / max(1, total['listed']):.1f} % of listed mistakes and "
        f"{100 * total['pairs_named'] / max(1, total['pairs']):.1f} % of pairs named; "
        f"{sum(row.rejected for row in rows)} of {sum(row.judgements for row in rows)} right "
        "answers rejected."
    )
    for heading, entries in (
        ("Equivalent to the right answer (not counted as wrong)", "equivalent"),
        ("Wrong and not killed", "alive"),
        ("Listed and not named", "unnamed"),
        ("Right and rejected", "false"),
    ):
        listed = [(row.name, text) for row in rows for text in getattr(row, entries)]
        if listed:
            console.print(f"\n[bold]{heading}[/bold]")
            for name, text in listed:
                console.print(f"  {name}: {text}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
