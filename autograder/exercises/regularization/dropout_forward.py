"""`dropout_forward`: inverted dropout, judged by what share is off, how the rest is scaled, and
whether each unit is drawn on its own."""

import numpy as np

from autograder.exercises.base import RandomExercise, Seeded, draw, elsewhere, single, slip
from autograder.exercises.regularization.inputs import TOPIC, parameters
from autograder.exercises.regularization.measures import (
    exactly,
    fixed_count,
    group_variance,
    neighbours_alike,
    share,
)
from descentlab.text import N_

KEEP = "rng.random(x.shape) >= p"
SCALED = "keep.astype(x.dtype) / (1 - p)"
RETURN = "return x * mask, mask"

SMALL = (433, 461, 487)
"""One certain number of units off has a chance of at most 1/√(2πn · 0.17): in the four large calls
0.015, 0.015, 0.018 and 0.018, in the small ones 0.047 each, in all of them 8e-12."""

ROUNDING = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-13}
"""A few roundings of numbers up to 5."""


def trials(rng):
    """Two tables, one longer and one wider; three axes in float32; one axis; small calls."""

    def case(label, p, *shape, dtype=np.float64):
        x = parameters(rng, shape).astype(dtype)
        return single(label, x, p, Seeded(int(rng.integers(2**63))))

    low, high = draw(rng, 0.22, 0.36), draw(rng, 0.62, 0.78)
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
    rounding = ROUNDING[x.dtype]
    together = []
    if mask.ndim == 2:
        together = [
            group_variance(f"{call}: variance over rows", on, 1, 1 - p, "independent"),
            group_variance(f"{call}: variance over columns", on, 0, 1 - p, "independent"),
        ]
    # units that go together count as one draw
    draws = on.size / max(1.0, *(m.value for m in together)) if together else on.size
    # two neighbours are both on or both off
    alike = p**2 + (1 - p) ** 2
    return [
        # n independent entries: sqrt(p(1 - p)/n)
        share(f"{call}: share of the mask that is on", on, 1 - p, "share", draws),
        share(f"{call}: share of the output that is on", kept, 1 - p, "share", draws),
        share(f"{call}: mask and output agree on what is on", on == kept, 1.0, "pattern"),
        *_scale(f"{call}: mask where it is on", mask[on], p, rounding),
        *_scale(f"{call}: output / x where it is on", ratio[kept], p, rounding),
        *together,
        neighbours_alike(f"{call}: neighbours alike", on.ravel(), alike, "independent", draws / 2),
    ]


def _scale(name, values, p, rounding):
    """Mean and standard deviation of what is kept: one number, 1/(1 − p)."""
    values = values if values.size else np.zeros(1)
    with np.errstate(all="ignore"):
        mean, std = np.mean(values), np.std(values)
    root = np.sqrt(values.size)
    return (
        exactly(f"{name}, mean", mean, 1 / (1 - p), "scale", std / root, rounding),
        exactly(f"{name}, spread", std, 0.0, "scale", std / root, rounding),
    )


PER_ROW = N_(
    "You draw once for a whole row, so all units of an example are off together. Each entry of x "
    "has a draw of its own: what shape must the random numbers have?"
)
PER_COLUMN = N_(
    "You draw once for a whole column, so a unit is off for all examples of the batch or for none. "
    "Each entry of x has a draw of its own: what shape must the random numbers have?"
)

MISTAKES = (
    elsewhere(
        "keep_probability",
        N_("p as the probability to keep"),
        N_(
            "You keep each unit with probability p and scale by 1/p: so do Srivastava's paper, "
            "CS231n's code and TensorFlow 1. Here, in SL2 and in PyTorch, p is the probability to "
            "switch a unit *off*."
        ),
        (KEEP, "rng.random(x.shape) < p"),
        (SCALED, "keep.astype(x.dtype) / p"),
        where=N_("mask = 1/(**1 − p**) with probability **1 − p**"),
    ),
    slip(
        "mask_inverted",
        N_("mask inverted"),
        N_(
            "You switch off what should stay and keep what should go: the share that is off is "
            "1 − p. The scale is right. Which way round is the comparison?"
        ),
        (KEEP, "rng.random(x.shape) < p"),
        where=N_("mask = 1/(1 − p) with probability **1 − p**"),
    ),
    elsewhere(
        "unscaled",
        N_("no scaling in training"),
        N_(
            "You switch units off and leave the others as they are: that is SL2's dropout, which "
            "scales at test time. Here it is inverted dropout: what stays is scaled up at once, "
            "so that the expected output is x."
        ),
        (SCALED, "keep.astype(x.dtype)"),
        where=N_("mask = **1/(1 − p)** with probability 1 − p"),
    ),
    slip(
        "scale_swapped",
        N_("divided by p"),
        N_(
            "The right share is on, and it is divided by p. What is the expected output then? "
            "Multiply the share that stays by its scale: that must be 1."
        ),
        (SCALED, "keep.astype(x.dtype) / p"),
        where=N_("mask = 1/(**1 − p**) with probability 1 − p"),
    ),
    slip(
        "scaled_down",
        N_("multiplied by 1 − p"),
        N_(
            "What stays is multiplied by 1 − p, so the output shrinks twice: by the units that are "
            "off and by the scale. The scale makes up for what is off."
        ),
        (SCALED, "keep.astype(x.dtype) * (1 - p)"),
        where=N_("mask = 1**/**(1 − p) with probability 1 − p"),
    ),
    slip(
        "scaled_by_p",
        N_("multiplied by p"),
        N_(
            "What stays is multiplied by p. The scale makes up for the share that is off: the "
            "expected output must be x."
        ),
        (SCALED, "keep.astype(x.dtype) * p"),
        where=N_("mask = **1/(1 − p)** with probability 1 − p"),
    ),
    slip(
        "mask_without_scale",
        N_("mask returned without its scale"),
        N_(
            "The output is right. The mask that you return holds only on and off; "
            "dropout_backward gets nothing else, so the scale must be in it."
        ),
        (RETURN, "return x * mask, keep.astype(x.dtype)"),
        where=N_("return out, **mask** (with 1/(1 − p) in it)"),
    ),
    slip(
        "output_without_scale",
        N_("output without the scale"),
        N_("The mask is right, and the output is made without its scale. out = x ⊙ mask."),
        (RETURN, "return x * keep, mask"),
        where=N_("out = x ⊙ **mask**"),
    ),
    slip(
        "scaled_twice",
        N_("output scaled twice"),
        N_(
            "The mask carries the scale already, and the output is divided by 1 − p once more. "
            "out = x ⊙ mask, nothing else."
        ),
        (RETURN, "return x * mask / (1 - p), mask"),
        where=N_("out = **x ⊙ mask**"),
    ),
    slip(
        "mask_not_applied",
        N_("mask not applied"),
        N_("The mask is right, and the output is x as it came in: nothing is switched off."),
        (RETURN, "return x.copy(), mask"),
        where=N_("out = x **⊙ mask**"),
    ),
    slip(
        "dropped_returned",
        N_("what is off returned as the mask"),
        N_(
            "The output is right. As the mask you return the units that are off; "
            "dropout_backward needs those that are on, with their scale."
        ),
        (RETURN, "return x * mask, (~keep).astype(x.dtype)"),
        where=N_("return out, **mask**"),
        pairs=False,
    ),
    slip(
        "two_masks",
        N_("two draws in one call"),
        N_(
            "The mask that you return isn't the one that the output was made with: you draw "
            "twice. Draw once and keep it."
        ),
        (RETURN, "return x * (rng.random(x.shape) >= p) / (1 - p), mask"),
        where=N_("out = x ⊙ **mask**"),
        pairs=False,
    ),
    slip(
        "normal_draws",
        N_("normal numbers compared with p"),
        N_(
            "You compare normally distributed numbers with p. They are below p with another "
            "probability than p; numbers that are uniform on 0 … 1 are below it with just that."
        ),
        (KEEP, "rng.normal(size=x.shape) >= p"),
        where=N_("with **probability** 1 − p"),
        pairs=False,
    ),
    slip(
        "half",
        N_("half of the units whatever p is"),
        N_(
            "Half of the units are off whatever p is. The scale knows p and the draw doesn't: "
            "what are your random numbers compared with?"
        ),
        (KEEP, "rng.random(x.shape) >= 0.5"),
        where=N_("with probability **1 − p**"),
        pairs=False,
    ),
    elsewhere(
        "gaussian",
        N_("Gaussian dropout"),
        N_(
            "Your mask is random noise round 1, and nothing is switched off: that is Gaussian "
            "dropout. Here a unit is on, with the scale 1/(1 − p), or off."
        ),
        (SCALED, "1 + rng.normal(0, (p / (1 - p)) ** 0.5, x.shape)"),
        where=N_("mask = **1/(1 − p)** with probability 1 − p, **else 0**"),
        pairs=False,
    ),
    slip(
        "fixed_count",
        N_("always the same number off"),
        N_(
            "In every call exactly the share p is off. Each unit is drawn on its own, so the "
            "number that is off varies from call to call, and the share is right on average."
        ),
        (KEEP, "rng.permutation(x.size).reshape(x.shape) >= int(p * x.size)"),
        where=N_("each unit with **probability** 1 − p"),
        pairs=False,
    ),
    slip(
        "per_row",
        N_("one draw for a row"),
        PER_ROW,
        (KEEP, "rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p + 0 * x"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "mask_per_row",
        N_("one draw for a row"),
        PER_ROW,
        (KEEP, "rng.random((len(x), 1)) >= p"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "per_column",
        N_("one draw for a column"),
        PER_COLUMN,
        (KEEP, "rng.random(x.shape[-1]) >= p + 0 * x"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "mask_per_column",
        N_("one draw for a column"),
        PER_COLUMN,
        (KEEP, "rng.random(x.shape[-1]) >= p"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
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
