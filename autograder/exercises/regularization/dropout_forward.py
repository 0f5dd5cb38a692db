"""`dropout_forward`: inverted dropout, judged by what share is off, how the rest is scaled, and
whether each unit is drawn on its own."""

from dataclasses import replace

import numpy as np

from autograder.exercises.base import RandomExercise, draw, single
from autograder.exercises.regularization.dropout_mistakes import MISTAKES
from autograder.exercises.regularization.inputs import TOPIC, parameters, tolerance
from autograder.exercises.regularization.measures import (
    exactly,
    fixed_count,
    group_variance,
    halves_alike,
    neighbours_alike,
    plain,
    pooled_share,
    share,
    with_edges,
)
from descentlab.calls import Seeded
from descentlab.text import N_

SMALL = (433, 461, 487)
"""One certain number of units off has a chance of at most 1/√(2πn · 0.18): in the four large calls
0.015, 0.015, 0.018 and 0.018, in the small ones 0.046 each, in all of them 7e-12."""

ROUNDING = 1e-6
"""Of numbers up to 5 in float32: a mask may be kept so whatever the type of x is."""


def trials(rng):
    """Two tables, one longer and one wider; three axes in float32; one axis; small calls. Shares
    that are no tenths. For an answer that gets these right: p = 0, and an x with zeros in it."""

    def case(label, p, *shape, dtype=np.float64):
        x = parameters(rng, shape).astype(dtype)
        seeded = Seeded(int(rng.integers(2**63)))
        return single(label, x, p, seeded, tolerance=tolerance(dtype))

    low, high = draw(rng, 0.24, 0.26), draw(rng, 0.74, 0.76)
    rows = int(rng.integers(100, 130))
    usual = [
        case("usual", low, rows, 43),
        case("usual", high, 47, rows),
        case("float32", high, 7, 11, 38, dtype=np.float32),
        case("shape", low, 3001),
        *(case("small", p, n) for p, n in zip((low, high, low), SMALL, strict=True)),
    ]
    rectified = np.maximum(parameters(rng, (61, 43)), 0)
    edges = [
        case("small", 0.0, 6, 5),
        single("small", rectified, low, Seeded(int(rng.integers(2**63)))),
    ]
    return with_edges(usual, [plain(trial) for trial in edges], measure)


def measure(records):
    """Shares and scales of the mask and of the output, each by itself, and how they go together."""
    edges = [record for record in records if _is_edge(record)]
    usual = [record for record in records if not _is_edge(record)]
    large = [record for record in usual if record.label != "small"]
    found, draws, wider = [], [], 1.0
    for number, record in enumerate(large, start=1):
        measured, independent = _one_call(f"call {number}", record)
        found += measured
        draws.append(independent)
        wider = max(wider, _wider(record, independent))
    if len(usual) == len(large):
        return found  # a first look at a few calls can't tell
    on = [np.asarray(record.value[1]) != 0 for record in usual]
    rates = np.array([1 - record.call.args[1] for record in usual])
    off = [np.count_nonzero(~hits) for hits in on]
    found.append(fixed_count(off, (1 - rates) * [hits.size for hits in on]))
    for name, few in (("few", rates > 0.5), ("many", rates < 0.5)):
        hits = [h for h, chosen in zip(on, few, strict=True) if chosen]
        name = f"share on in all calls with {name} off"
        pooled = pooled_share(name, hits, rates[few], "share", min(draws))
        found.append(replace(pooled, error=wider * pooled.error))
    return found + _edges(edges)


def _wider(record, draws):
    """Units that go together miss the share by more, with nothing wrong about the share itself."""
    return np.sqrt(np.size(record.value[1]) / draws) if draws > 1 else 1.0


def _is_edge(record):
    return record.call.args[1] == 0 or np.any(record.call.args[0] == 0)


def _edges(records):
    """With p = 0 all stays; and a mask doesn't depend on what it is applied to."""
    if not records:
        return []
    found = []
    for record in records:
        x, p = record.call.args[:2]
        out, mask = (np.asarray(part, dtype=float) for part in record.value)
        fits = np.allclose(out, x * mask, rtol=ROUNDING, atol=ROUNDING, equal_nan=True)
        if p == 0:
            same = np.allclose(mask, 1, rtol=0, atol=ROUNDING) and fits
            found.append(exactly("p = 0 leaves all as it was", float(same), 1.0, "all_on"))
            continue
        on = np.isclose(mask, 1 / (1 - p), rtol=ROUNDING)
        hits = on[x == 0]
        draws = 1 if hits.all() or not hits.any() else None
        found += [
            exactly("output is x times the mask where x is 0", float(fits), 1.0, "pattern"),
            share("share of the mask that is on where x is 0", hits, 1 - p, "zeros", draws),
        ]
    return found


def _one_call(call, record):
    """What is measured in a large call, and how many independent draws its mask shows."""
    x, p = record.call.args[:2]
    out, mask = (np.asarray(part, dtype=float) for part in record.value)
    ratio = out / x  # no entry of x is below 0.2
    on, kept = mask != 0, ratio != 0
    together = _groups(call, on, p) if mask.ndim == 2 else []
    variances = [m.value for m in together if m.error]
    if mask.ndim > 2:
        # one mask for several examples: its columns are all on or all off
        table = on.reshape(len(on), -1)
        variances.append(group_variance(call, table, 0, 1 - p, "independent").value)
    # units that go together count as one draw
    draws = on.size / np.exp(max([0.0, *variances]))
    if on.all() or not on.any():
        draws = 1
    # two of them are both on or both off
    alike = p**2 + (1 - p) ** 2
    flat = on.ravel()
    # n independent entries: sqrt(p(1 - p)/n)
    shares = (
        share(f"{call}: share of the mask that is on", on, 1 - p, "share", draws),
        share(f"{call}: share of the output that is on", kept, 1 - p, "share", draws),
    )
    return [
        *(replace(m, error=_wider(record, draws) * m.error) for m in shares),
        share(f"{call}: mask and output agree on what is on", on == kept, 1.0, "pattern"),
        *_scale(f"{call}: mask where it is on", mask[on], p),
        *_scale(f"{call}: output / x where it is on", ratio[kept], p),
        *together,
        exactly(f"{call}: all on or all off", float(on.all() or not on.any()), 0.0, "independent"),
        neighbours_alike(f"{call}: neighbours alike", flat, alike, "independent", draws / 2),
        halves_alike(f"{call}: halves alike", flat, alike, "independent", draws / 2),
    ], draws


def _groups(call, on, p):
    """Rows and columns of a mask: how much their counts vary, and whether one is never drawn.

    All rows, or all columns, have one count with a chance of 1e-30: 43 of them at least, each with
    a chance of at most 1/√(2π · 43 · 0.18) = 0.15 to agree with the first. With p about 3/4 a row
    of 100 or a column of 47 is all on with a chance below 5e-28.
    """
    found = []
    for name, axis in (("rows", 1), ("columns", 0)):
        counts = on.sum(axis=axis)
        same = float(counts.min() == counts.max() and 0 < counts[0] < on.shape[axis])
        found += [
            exactly(f"{call}: all {name} with one count", same, 0.0, "fixed_per_group"),
            group_variance(f"{call}: variance over {name}", on, axis, 1 - p, "independent"),
        ]
        if p > 0.5:
            whole = counts == on.shape[axis]
            few = float(0 < np.count_nonzero(whole) <= 2)
            found.append(exactly(f"{call}: {name} that are never off", few, 0.0, "left_out"))
    return found


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
    "fixed_per_group": (
        N_("the same number off in every row or column"),
        N_(
            "The same number of units is off in every row, or in every column. Each unit is drawn "
            "on its own, so that number varies."
        ),
    ),
    "left_out": (
        N_("a row or column that is never switched off"),
        N_(
            "One row or column of the mask is on from end to end. Does a loop leave out the first "
            "or the last?"
        ),
    ),
    "all_on": (
        N_("not right for p = 0"),
        N_("With p = 0 nothing is switched off: the mask is 1 everywhere, and out is x."),
    ),
    "zeros": (
        N_("mask depends on x"),
        N_(
            "Where x is 0 your mask isn't on with probability 1 − p, as it is elsewhere. It looks "
            "as if it were read off the output, and 0 stays 0 whatever the mask says. The draws "
            "make the mask, and the mask makes the output."
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
