"""`color_jitter`: each image's shift along the pixels' principal axes, divided by eigenvalues,
must be three independent draws from N(0, std²). The sign of an axis is free: α is symmetric."""

from itertools import combinations

import numpy as np

from autograder.exercises.base import Measurement, RandomExercise, draw, single
from autograder.exercises.regularization.color_mistakes import MISTAKES
from autograder.exercises.regularization.inputs import TOPIC, tolerance
from autograder.exercises.regularization.measures import (
    correlation,
    exactly,
    likeness,
    plain,
    relative_mean,
    share,
    with_edges,
)
from descentlab.calls import Seeded
from descentlab.text import N_

WITHIN_ONE, BEYOND_TWO = 0.6826894921370859, 0.04550026389635842
"""The normal distribution's share within one standard deviation, and beyond two."""

FEW = 100
"""Fewer images say nothing about what was drawn."""

ROUNDING = 1e-5
"""Of pixels up to 10 in float32, against shifts of about 0.3."""


def trials(rng):
    """A few pixels first (a covariance over the wrong axis would be huge), then many images. For
    an answer that gets these right: std = 0, and a single image."""

    def case(label, n, height, width, std, dtype=np.float64):
        x = _coloured(rng, n, height, width).astype(dtype)
        seeded = Seeded(int(rng.integers(2**63)))
        return single(label, x, std, seeded, tolerance=tolerance(dtype))

    n = int(rng.integers(560, 620))
    usual = [
        case("small", 4, 3, 5, draw(rng, 0.25, 0.35)),
        case("usual", n, 3, 4, draw(rng, 0.25, 0.35)),
        case("float32", n - 40, 5, 2, draw(rng, 1.35, 1.6), np.float32),
    ]
    edges = [case("small", 3, 4, 3, 0.0), case("small", 1, 5, 4, draw(rng, 0.25, 0.35))]
    return with_edges(usual, [plain(trial) for trial in edges], measure)


def _coloured(rng, n, height, width):
    """Images whose colours vary along three slanted axes, by clearly different variances: less
    between images than within them, so that neither can be taken for all, nor for the other."""
    root = np.sqrt([0.7, 1.9, 6.0])
    turn = np.eye(3)
    for first, second in combinations(range(3), 2):
        angle = rng.uniform(0.5, 0.9)
        plane = np.eye(3)
        plane[[first, second], [first, second]] = np.cos(angle)
        plane[first, second], plane[second, first] = -np.sin(angle), np.sin(angle)
        turn = turn @ plane
    mean = np.array([0.9, -0.5, 1.3]) + rng.uniform(-0.1, 0.1, size=3)
    between, within = rng.normal(size=(n, 1, 1, 3)), rng.normal(size=(n, height, width, 3))
    return mean + ((0.3**0.5 * between + 0.7**0.5 * within) * root) @ turn.T


def measure(records):
    """Whether images move as wholes, and what was drawn for each of their axes."""
    found = [_moved_as_wholes(f"call {i}", record) for i, record in enumerate(records, start=1)]
    drawn = []
    for number, record in enumerate(records[1:], start=2):
        std = record.call.args[1]
        if not std:
            found.append(exactly("std = 0 moves nothing", np.abs(_shift(record)).max(), 0, "still"))
        if len(record.call.args[0]) < FEW:
            continue
        alpha = _alpha(record)
        found += _draws(f"call {number}", alpha, std)
        drawn.append(np.abs(alpha.ravel()) / std)
    size = np.concatenate(drawn)
    power = float(np.sqrt(np.mean(size**2)))
    shared = 1 if any(m.value > 0.999 for m in found if m.property == "together") else size.size / 3
    return [
        *found,
        # n normal numbers: 1/√(2n)
        Measurement(
            "root mean square of the draws over std",
            power,
            1.0,
            np.sqrt(0.5 / size.size),
            "std",
            power / np.sqrt(shared),
        ),
        share("draws within one std", size < 1, WITHIN_ONE, "shape"),
        share("draws beyond two std", size > 2, BEYOND_TWO, "shape"),
    ]


def _shift(record):
    x = record.call.args[0]
    return np.asarray(record.value, dtype=float) - x


def _moved_as_wholes(call, record):
    shift = _shift(record)
    own = shift - shift.mean(axis=(1, 2), keepdims=True)
    whole = np.sqrt(np.mean(shift**2))
    ratio = np.sqrt(np.mean(own**2)) / whole if whole else 0.0
    name = f"{call}: pixels moved apart, relative to the shift"
    return exactly(name, ratio, 0.0, "apart", ratio / np.sqrt(len(shift)), ROUNDING)


def _alpha(record):
    """The draws: what each image moved along each axis, over the axis's eigenvalue."""
    x = record.call.args[0]
    eigenvalues, axes = np.linalg.eigh(np.cov(x.reshape(-1, 3).astype(float), rowvar=False))
    alpha = _shift(record).mean(axis=(1, 2)) @ axes / eigenvalues
    return np.where(np.abs(alpha) < ROUNDING * record.call.args[1], 0.0, alpha)


def _draws(call, alpha, std):
    n = len(alpha)
    following = likeness(
        f"{call}: images go with their neighbours",
        alpha[:-1] / std,
        alpha[1:] / std,
        "together",
        3 * n,
    )
    draws = 1 if following.value > 0.999 else n
    half = n // 2
    halves = likeness(
        f"{call}: first and second half", alpha[:half] / std, alpha[-half:] / std, "together", draws
    )
    # three draws that are 0 in six digits have a chance below 1e-17
    still = np.count_nonzero(np.all(np.abs(alpha) < ROUNDING * std, axis=1))
    # where an axis isn't used at all, one draw near 0 looks like that, and nothing is left out
    left_out = 0 < still <= 2 and alpha.any(axis=0).all()
    left_out = exactly(f"{call}: images left out", float(left_out), 0.0, "left_out")
    found = [left_out, following, halves]
    for axis, values in enumerate(alpha.T):
        name = f"{call}: mean of the draws over their size, axis {axis}"
        found.append(relative_mean(name, values, "mean", draws))
    for axis, values in enumerate(alpha.T):
        found.append(
            # n normal numbers: std/√(2n)
            Measurement(
                f"{call}: standard deviation of the draws, axis {axis}",
                float(values.std()),
                std,
                std / np.sqrt(2 * n),
                "std",
                values.std() / np.sqrt(n) + ROUNDING,
            )
        )
    for one, two in combinations(range(3), 2):
        tied = correlation(
            f"{call}: axis {one} goes with axis {two}", alpha[:, one], alpha[:, two], "tied"
        )
        # the sign of an axis is free
        found.append(Measurement(tied.name, abs(tied.value), 0.0, tied.error, "tied", tied.spread))
    return found


PROPERTIES = {
    "apart": (
        N_("pixels of an image moved differently"),
        N_(
            "The pixels of one image don't all move by the same colour. One shift is drawn for an "
            "image, added to all its pixels, and nothing is clipped."
        ),
    ),
    "together": (
        N_("images not drawn on their own"),
        N_(
            "The shift of one image tells that of another: of its neighbour, or of the one half a "
            "batch away. Each image has draws of its own."
        ),
    ),
    "left_out": (
        N_("an image that isn't moved"),
        N_("One image comes back as it was. Does a loop leave out the first or the last?"),
    ),
    "still": (
        N_("moved at std = 0"),
        N_("With std = 0 all draws are 0, and the images come back as they were."),
    ),
    "mean": (
        N_("colours move on the whole"),
        N_("On average over many images the shift ought to be 0, and yours isn't."),
    ),
    "std": (
        N_("shifts of another size"),
        N_(
            "Along the pixels' axes your shifts don't have the right size. Divided by its "
            "eigenvalue, a shift along an axis has the standard deviation std: compare covariance, "
            "eigenvalues, axes and draws one by one."
        ),
    ),
    "tied": (
        N_("axes tied together"),
        N_(
            "The shifts along two axes go together. Either they share a draw, or the directions "
            "aren't the axes of the pixels' covariance: eigenvectors stand in the *columns* of "
            "what NumPy returns."
        ),
    ),
    "shape": (
        N_("draws aren't Gaussian"),
        N_("The draws have the right size, and they don't follow the bell curve N(0, std²)."),
    ),
}

EXERCISE = RandomExercise(
    name="color_jitter",
    topic=TOPIC,
    points=9,
    returns="images",
    trials=trials,
    measure=measure,
    first_look=2,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_(
            "List all pixels of all images as rows of three colours; their covariance is a 3 × 3 "
            "matrix. np.cov takes rows for variables unless told otherwise."
        ),
        N_(
            "np.linalg.eigh gives the eigenvalues, and the axes as columns. Three draws per image, "
            "each times its eigenvalue: how far to go along each axis."
        ),
        N_(
            "If all colours varied along (1, 1, 1)/√3 alone, with variance 2, an image with "
            "α = 0.1 would move by 0.2 along it: it gets brighter, and its hue stays."
        ),
    ),
    praise=N_("Why along these axes, and not by a number of its own for red, green and blue?"),
)
