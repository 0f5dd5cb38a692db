"""`dropout_forward`: inverted dropout, judged by what share is off, how the rest is scaled, and
whether each unit is drawn on its own."""

import numpy as np

from autograder.exercises.base import RandomExercise, draw, single
from autograder.exercises.regularization.dropout_mistakes import MISTAKES
from autograder.exercises.regularization.inputs import TOPIC, parameters, tolerance
from autograder.exercises.regularization.measures import (
    exactly,
    fixed_count,
    group_variance,
    neighbours_alike,
    share,
)
from descentlab.calls import Seeded
from descentlab.text import N_

SMALL = (433, 461, 487)
"""One certain number of units off has a chance of at most 1/√(2πn · 0.17): in the four large calls
0.015, 0.015, 0.018 and 0.018, in the small ones 0.047 each, in all of them 8e-12."""

ROUNDING = 1e-6
"""Of numbers up to 5 in float32: a mask may be kept so whatever the type of x is."""


def trials(rng):
    """Two tables, one longer and one wider; three axes in float32; one axis; small calls."""

    def case(label, p, *shape, dtype=np.float64):
        x = parameters(rng, shape).astype(dtype)
        seeded = Seeded(int(rng.integers(2**63)))
        return single(label, x, p, seeded, tolerance=tolerance(dtype))

    low, high = draw(rng, 0.22, 0.31), draw(rng, 0.69, 0.78)
    rows = int(rng.integers(100, 130))
    return [
        case("usual", low, rows, 43),
        case("usual", high, 47, rows),
        case("float32", high, 7, 11, 38, dtype=np.float32),
        case("shape", low, 3001),
        *(case("small", p, n) for p, n in zip((low, high, low), SMALL, strict=True)),
    ]


def measure(records):
    """Shares and scales of the mask and of the output, each by itself, and how they go together."""
    large = [record for record in records if record.label != "small"]
    found = [
        measurement
        for number, record in enumerate(large, start=1)
        for measurement in _one_call(f"call {number}", record)
    ]
    if len(records) == len(large):
        return found  # a first look at a few calls can't tell
    off = [np.count_nonzero(np.asarray(record.value[1]) == 0) for record in records]
    expected = np.array([record.call.args[0].size * record.call.args[1] for record in records])
    found.append(fixed_count(off, expected))
    return found


def _one_call(call, record):
    x, p = record.call.args[:2]
    out, mask = (np.asarray(part, dtype=float) for part in record.value)
    ratio = out / x  # no entry of x is below 0.2
    on, kept = mask != 0, ratio != 0
    together = []
    if mask.ndim == 2:
        together = [
            group_variance(f"{call}: variance over rows", on, 1, 1 - p, "independent"),
            group_variance(f"{call}: variance over columns", on, 0, 1 - p, "independent"),
        ]
    # units that go together count as one draw
    draws = on.size / max([1.0, *(m.value for m in together)])
    if on.all() or not on.any():
        draws = 1
    # two neighbours are both on or both off
    alike = p**2 + (1 - p) ** 2
    return [
        # n independent entries: sqrt(p(1 - p)/n)
        share(f"{call}: share of the mask that is on", on, 1 - p, "share", draws),
        share(f"{call}: share of the output that is on", kept, 1 - p, "share", draws),
        share(f"{call}: mask and output agree on what is on", on == kept, 1.0, "pattern"),
        *_scale(f"{call}: mask where it is on", mask[on], p),
        *_scale(f"{call}: output / x where it is on", ratio[kept], p),
        *together,
        exactly(f"{call}: all on or all off", float(on.all() or not on.any()), 0.0, "independent"),
        neighbours_alike(f"{call}: neighbours alike", on.ravel(), alike, "independent", draws / 2),
    ]


def _scale(name, values, p):
    """Mean and standard deviation of what is kept: one number, 1/(1 − p)."""
    values = values if values.size else np.zeros(1)
    with np.errstate(all="ignore"):
        mean, std = np.mean(values), np.std(values)
    root = np.sqrt(values.size)
    return (
        exactly(f"{name}, mean", mean, 1 / (1 - p), "scale", std / root, ROUNDING),
        exactly(f"{name}, spread", std, 0.0, "scale", std / root, ROUNDING),
    )


PROPERTIES = {
    "share": (
        N_("wrong share switched off"),
        N_(
            "Not the right share of the units is off. Each is off with probability p: what do you "
            "draw, and what do you compare it with?"
        ),
    ),
    "scale": (
        N_("wrong scale"),
        N_(
            "What stays isn't scaled as it should be. With the share 1 − p on, one number for all "
            "of them brings the expected output back to x; the mask holds it, and the output is x "
            "times the mask."
        ),
    ),
    "pattern": (
        N_("output and mask differ"),
        N_("The output is off in other places than the mask says. out = x ⊙ mask, entry by entry."),
    ),
    "independent": (
        N_("units not drawn on their own"),
        N_(
            "The share is right, and units go on and off together, by row, by column or with their "
            "neighbours. Each entry of x needs a draw of its own."
        ),
    ),
    "fixed_count": (
        N_("always the same number off"),
        N_(
            "The same number of units is off in every call. Each unit is drawn on its own, so that "
            "number varies."
        ),
    ),
}

EXERCISE = RandomExercise(
    name="dropout_forward",
    topic=TOPIC,
    points=11,
    returns=("out", "mask"),
    trials=trials,
    measure=measure,
    first_look=1,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_("rng.random(shape) is uniform on 0 … 1. How often is one of its numbers below p?"),
        N_(
            "On average the share 1 − p of x comes through. By what must it be divided, so that "
            "the expected output is x again?"
        ),
        N_(
            "With p = 0.75 a unit is off three times of four; the fourth time it comes out four "
            "times as large. The mask holds 0s and 4s, the output is x times the mask."
        ),
    ),
    praise=N_("At test time nothing is to be done: why is that worth a division in training?"),
)
