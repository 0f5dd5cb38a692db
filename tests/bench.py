"""`make bench`: the figures of the design, as ratios in one run.

The machine is shared and noisy, so whatever is compared runs in turns, and medians are printed.
Nothing here asserts a time.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from importlib import util
from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from autograder import exercises, judge, reference
from descentlab import MLP, AdamState, load_digits, train
from tests import bench_grading, times
from tests.bench_widgets import widgets

CONSOLE = Console(width=110)
ROUNDS = 7
EPOCHS = 10
LAYERS = [64, 64, 64, 10]
BATCH = 100


def timed(job: Callable[[], object]) -> float:
    """Seconds that one run of the job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def in_turns(jobs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each job; the jobs take turns, the first round is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for count in range(rounds + 1):
        for name, job in jobs.items():
            spent = timed(job)
            if count:
                seconds[name].append(spent)
    return {name: statistics.median(spent) for name, spent in seconds.items()}


def checks() -> None:
    """How long a learner waits for a verdict: right answers, listed mistakes, pairs."""
    table = Table(title="check(): median milliseconds a verdict")
    for heading in ("exercise", "kind", "right", "mistake", "two at once", "goal"):
        table.add_column(heading, justify="left" if heading in ("exercise", "kind") else "right")
    worst = {"exact": 0.0, "random": 0.0}
    for name in exercises.names():
        exercise = exercises.find(name)
        if exercise.is_question:
            continue
        answers = {"right": exercise.reference, "mistake": exercise.singles[-1].function}
        if exercise.pairs:
            answers["two"] = exercise.pairs[-1].function
        spent = in_turns({key: _judged(name, answer) for key, answer in answers.items()}, 5)
        kind = "random" if exercise.is_random else "exact"
        worst[kind] = max(worst[kind], *(1e3 * seconds for seconds in spent.values()))
        cells = [f"{1e3 * spent[key]:.1f}" if key in spent else "" for key in ("right", "mistake",
                 "two")]  # fmt: skip
        table.add_row(name, kind, *cells, "300" if exercise.is_random else "50")
    CONSOLE.print(table)
    CONSOLE.print(
        f"Slowest median: {worst['exact']:.0f} ms for exact exercises (goal 50), "
        f"{worst['random']:.0f} ms for random ones (goal 300)."
    )


def _judged(name: str, answer: Callable) -> Callable[[], object]:
    return lambda: judge(name, answer)


def training() -> None:
    """An epoch on digits with the lesson's pure rules, beside scikit-learn and PyTorch."""
    table = Table(title=f"An epoch of Adam on digits, {'-'.join(map(str, LAYERS))}, batch {BATCH}, "
                        "one thread: milliseconds, and times Descent Lab's")  # fmt: skip
    table.add_column("precision")
    for heading in ("Descent Lab", "scikit-learn", "ratio (goal ≥ 2.5)", "PyTorch, eager",
                    "ratio (goal ≥ 3)"):  # fmt: skip
        table.add_column(heading, justify="right")
    for dtype in (np.float32, np.float64):
        digits = load_digits(dtype=dtype)
        jobs = {"ours": _ours(digits), "sklearn": _sklearn(digits)}
        if util.find_spec("torch"):
            jobs["torch"] = _torch(digits)
        spent = {name: 1e3 * s / EPOCHS for name, s in in_turns(jobs).items()}
        cells = [np.dtype(dtype).name, f"{spent['ours']:.2f}"]
        for name in ("sklearn", "torch"):
            if name in spent:
                cells += [f"{spent[name]:.2f}", f"{spent[name] / spent['ours']:.2f}"]
            else:
                cells += ["not installed", ""]
        table.add_row(*cells)
    CONSOLE.print(table)


def _ours(digits) -> Callable[[], None]:
    net = MLP(LAYERS)
    he, adam = reference.find("init_he"), reference.find("adam_step")

    def fit() -> None:
        rng = np.random.default_rng(0)
        theta = net.pack(he(LAYERS, rng)).astype(digits.x_train.dtype)
        train(net, theta, digits.x_train, digits.labels_train, rule=adam,
              state=AdamState.zeros(theta), lr=1e-3, batch_size=BATCH, epochs=EPOCHS,
              rng=rng)  # fmt: skip

    return fit


def _sklearn(digits) -> Callable[[], None]:
    from sklearn.neural_network import MLPClassifier

    def fit() -> None:
        model = MLPClassifier(
            hidden_layer_sizes=LAYERS[1:-1], solver="adam", alpha=0.0, batch_size=BATCH,
            learning_rate_init=1e-3, max_iter=EPOCHS, n_iter_no_change=EPOCHS + 1, tol=0.0,
            random_state=0,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "maximum iterations reached": that is the plan
            model.fit(digits.x_train, digits.labels_train)

    return fit


def _torch(digits) -> Callable[[], None]:
    import torch

    torch.set_num_threads(1)
    x = torch.tensor(digits.x_train)
    labels = torch.tensor(digits.labels_train, dtype=torch.long)

    def fit() -> None:
        torch.manual_seed(0)
        layers: list[torch.nn.Module] = []
        for n_in, n_out in pairwise(LAYERS):
            layers += [torch.nn.Linear(n_in, n_out, dtype=x.dtype), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        loss_fn = torch.nn.CrossEntropyLoss()
        for _epoch in range(EPOCHS):
            order = torch.randperm(len(x))
            for start in range(0, len(x), BATCH):
                batch = order[start : start + BATCH]
                optimizer.zero_grad()
                loss_fn(model(x[batch]), labels[batch]).backward()
                optimizer.step()

    return fit


def grading() -> None:
    """A class beside nbgrader, the engine's overhead, growth to 2,000 submissions."""
    bench_grading.main()


def lessons() -> None:
    """Every lesson, run whole with its solutions, one after the other, one thread."""
    spent = times.run_times()
    slowest = max(spent, key=spent.get)
    for name, seconds in spent.items():
        CONSOLE.print(f"{name:<28} {seconds:5.1f} s")
    CONSOLE.print(
        f"All ten: {sum(spent.values()):.0f} s (goal 180); slowest {slowest}, "
        f"{spent[slowest]:.0f} s (goal 30)."
    )


SECTIONS = {
    "training": training,
    "checks": checks,
    "widgets": widgets,
    "lessons": lessons,
    "grading": grading,
}


def main() -> None:
    """Run all sections, or the ones that are named."""
    parser = argparse.ArgumentParser(description="Measure, as ratios in one run.")
    parser.add_argument("sections", nargs="*", help=", ".join(SECTIONS))
    chosen = parser.parse_args().sections or SECTIONS
    with threadpool_limits(1):  # one thread for everybody
        for name in chosen:
            SECTIONS[name]()


if __name__ == "__main__":
    main()
