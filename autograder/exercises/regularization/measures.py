"""What the random exercises of this lesson measure: shares of yes and no, and dependence."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.exercises.base import Measurement, Trial
from descentlab.calls import Call

SHARE_RESERVE = 1.1
"""A share of few draws that is far from 1/2 has a longer tail than a normal number. With this, the
largest chance of all shares in this lesson is 3e-12 (exact binomial: 280 draws, 1/6)."""

VARIANCE_RESERVE = 1.35
"""The same for the logarithm of a sample variance. With 43 groups or more, 7 · 1.35 standard errors
below its mean have a chance below 3e-12, above it one that is far smaller (chi-square)."""

POOLED_RESERVE = 1.05
"""The same for a share of 6,000 draws or more at 1/4: below 3e-12 (exact binomial)."""

SMALLEST = 1e-3
"""Stands for a variance of 0, of which there is no logarithm."""


@dataclass(frozen=True)
class Seen:
    """A call and what came back, with what `measure` asks of a record."""

    label: str
    call: Call
    value: Any


def with_edges(usual, edges, measure):
    """The `usual` trials, and in the last of them the calls `edges`, if all was right so far.

    An answer that is wrong throughout is to hear of that, and not of what it does with no padding.
    """
    seen = []

    def followed(trial, last):
        def calls():
            call = next(trial.calls())
            value = yield call
            seen.append(Seen(trial.label, call, value))
            if last and len(seen) == len(usual):
                with np.errstate(all="ignore"):
                    right = all(m.holds() for m in measure(seen))
                yield from (edge for edge in edges if right)

        return replace(trial, calls=calls)

    return [followed(trial, trial is usual[-1]) for trial in usual]


def plain(trial: Trial) -> Call:
    """The one call of a trial that `single` made."""
    return next(trial.calls())


def share(name, hits, expected, property, draws=None):
    """The share of True, an exact count where `expected` is 0 or 1.

    The standard error of n independent entries is √(expected · (1 − expected)/n). For the spread
    at the share seen, `draws` says how many are independent (all when it isn't given), and one hit
    and one miss are added to them, so that 0 of n isn't certain.
    """
    n = hits.size
    draws = draws or n
    value = float(np.mean(hits))
    padded = (value * draws + 1) / (draws + 2)
    return Measurement(
        name,
        value,
        expected,
        SHARE_RESERVE * float(np.sqrt(expected * (1 - expected) / n)),
        property,
        float(np.sqrt(padded * (1 - padded) / draws)),
    )


def exactly(name, value, expected, property, spread=0.0, rounding=0.0):
    """A number without a random error in a right answer, but for float rounding."""
    spread = float(np.nan_to_num(spread, posinf=1e6)) + rounding
    value = float(np.nan_to_num(value, nan=1e6, posinf=1e6, neginf=-1e6))
    return Measurement(name, value, expected, rounding, property, spread)


def correlation(name, one, two, property):
    """How far two series that ought to be independent go together: r = 0 ± 1/√n."""
    r = _cosine(one - one.mean(), two - two.mean(), one @ one + two @ two)
    error = 1 / np.sqrt(one.size)
    return Measurement(name, r, 0.0, error, property, (1 - r * r) * error)


def likeness(name, one, two, property, draws):
    """The same for neighbours, 1 where all are one number; each column is centred on its own."""
    whole = np.sum(one**2) + np.sum(two**2)
    one, two = one - one.mean(axis=0), two - two.mean(axis=0)
    if whole and np.sum(one**2) + np.sum(two**2) <= ROUNDED_OFF * whole:
        r = 1.0
    else:
        r = _cosine(one.ravel(), two.ravel(), whole)
    spread = (1 - r * r) / np.sqrt(draws)
    return Measurement(name, r, 0.0, 1 / np.sqrt(one.size), property, spread)


def relative_mean(name, values, property, draws):
    """The mean of n numbers over their root mean square: 0 ± 1/√n."""
    rms = np.sqrt(np.mean(values**2))
    value = float(values.mean() / rms) if rms else 0.0
    return Measurement(name, value, 0.0, 1 / np.sqrt(values.size), property, 1 / np.sqrt(draws))


ROUNDED_OFF = 1e-10
"""Power that is left of equal numbers in float32, as a share of theirs: about 1e-13."""


def _cosine(one, two, whole):
    """Σab/√(Σa²Σb²), or 0 where what is left of `whole` is rounding."""
    size = float(np.sqrt((one @ one) * (two @ two)))
    return float(one @ two) / size if size > ROUNDED_OFF * whole else 0.0


def group_variance(name, hits, axis, rate, property):
    """The variance of the groups' counts over the one that independent entries have: log 1.

    A group is what the other axis of a table lists: with axis = 1 a row. With g groups the
    standard error of the logarithm is √(2/(g − 1)), whatever the variance.
    """
    counts = hits.sum(axis=axis)
    ratio = float(counts.var(ddof=1) / (hits.shape[axis] * rate * (1 - rate)))
    error = VARIANCE_RESERVE * float(np.sqrt(2 / (counts.size - 1)))
    return Measurement(name, np.log(max(ratio, SMALLEST)), 0.0, error, property, error)


def pooled_share(name, hits, expected, property, draws=None):
    """The share of True over many calls, each with its own expected share.

    With n_i draws at e_i in call i the standard error is √(Σ n_i e_i (1 − e_i)) / Σ n_i. `draws`
    says how many are independent.
    """
    n = np.array([h.size for h in hits])
    rates = np.asarray(expected)
    value = sum(np.count_nonzero(h) for h in hits) / n.sum() - (n * rates).sum() / n.sum()
    error = POOLED_RESERVE * np.sqrt((n * rates * (1 - rates)).sum()) / n.sum()
    spread = 0.5 / np.sqrt(draws or n.sum())
    return Measurement(name, float(value), 0.0, float(error), property, float(spread))


def neighbours_alike(name, values, expected, property, draws=None):
    """How often two neighbours (0 and 1, 2 and 3, ...) have the same value."""
    even = len(values) // 2 * 2
    return share(name, values[0:even:2] == values[1:even:2], expected, property, draws)


def halves_alike(name, values, expected, property, draws=None):
    """How often an entry of the first half has the value of the one in its place in the second."""
    half = len(values) // 2
    return share(name, values[:half] == values[-half:], expected, property, draws)


def own_draws(values):
    """How many independent draws a series shows: 1 where all entries are the same."""
    return 1 if np.all(values == values[0]) else len(values)


def fixed_count(hits, expected):
    """1 where every call hit just the expected number, rounded down, up or to the nearest.

    Independent draws give one number with a chance of at most 1/√(2πn · rate · (1 − rate)). The
    exercise makes calls enough that the product of these, three times over, is below 1e-9.
    """
    always = any(np.array_equal(rounded(expected), hits) for rounded in ROUNDINGS)
    return Measurement("the same share in every call", float(always), 0.0, 0.0, "fixed_count")


ROUNDINGS = (np.floor, np.rint, np.ceil)


def places(call, rows, columns, last_row, last_column):
    """Whether places are uniform on 0 ... last in each direction, and drawn one by one."""
    sides = (("row", rows, last_row), ("column", columns, last_column))
    draws = min(own_draws(rows), own_draws(columns))
    found = _outside(call, sides)
    for axis, values, last in sides:
        own = own_draws(values)
        found += [
            share(f"{call}: {axis} {place}", values == place, 1 / (last + 1), "uniform", own)
            for place in range(last + 1)
        ]
    pooled = np.concatenate([_extremeness(values, last) for _axis, values, last in sides])
    # independent, mean 0 and variance 1: 1/√n; bounded by 2, so close to normal
    error = 1 / np.sqrt(pooled.size)
    spread = max(float(pooled.std()), 0.1) * error if draws > 1 else 1.0
    found += [
        Measurement(f"{call}: ends too often", pooled.mean(), 0.0, error, "uniform", spread),
        *_one_by_one(call, sides),
        correlation(f"{call}: row goes with column", rows, columns, "tied"),
        _never(call, rows, columns, last_row, last_column),
    ]
    return found


def _outside(call, sides):
    """Exact: no place beyond the ends, and no direction in which all have one place."""
    found = []
    for axis, values, last in sides:
        outside = (values < 0) | (values > last)
        found.append(share(f"{call}: {axis} outside", outside, 0.0, "outside", own_draws(values)))
    alone = sum(own_draws(values) == 1 for _axis, values, _last in sides) == 1
    for axis, values, last in sides:
        one = own_draws(values) == 1
        found.append(exactly(f"{call}: one {axis} for all", float(one), 0.0, "together"))
        away = float(one and alone and abs(values[0] - last / 2) > 0.5)
        found.append(exactly(f"{call}: that {axis} isn't the middle", away, 0.0, "together"))
    return found


def _one_by_one(call, sides):
    """Neighbours, halves, and one direction's place beside the other's of the next."""
    found = []
    for axis, values, last in sides:
        alike = f"{call}: neighbours with the same {axis}"
        found.append(neighbours_alike(alike, values, 1 / (last + 1), "together"))
        half = len(values) // 2
        name = f"{call}: first half's {axis} goes with the second's"
        found.append(correlation(name, values[:half], values[-half:], "together"))
    (_one, rows, _), (_other, columns, _) = sides
    return [
        *found,
        correlation(f"{call}: row goes with the next column", rows[:-1], columns[1:], "together"),
        correlation(f"{call}: column goes with the next row", columns[:-1], rows[1:], "together"),
    ]


def _never(call, rows, columns, last_row, last_column):
    """How many places never came. With k places, n draws leave one out with a chance of at most
    k (1 − 1/k)^n: the exercises have 25 places at most and 760 images at least, which makes 9e-13.
    """
    inside = (rows >= 0) & (rows <= last_row) & (columns >= 0) & (columns <= last_column)
    came = np.unique(rows[inside] * (last_column + 1) + columns[inside]).size
    never = (last_row + 1) * (last_column + 1) - came
    spread = np.sqrt(never) if never > 2 else 0.0
    return exactly(f"{call}: places that never came", never, 0.0, "never", spread)


def _extremeness(values, last):
    """Squared distance from the middle, standardized for uniform places on 0 ... last."""
    every = (np.arange(last + 1) - last / 2) ** 2
    return ((values - last / 2) ** 2 - every.mean()) / every.std()
