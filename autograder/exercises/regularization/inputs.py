"""What the penalties are called with."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, FLOAT64_TOLERANCE, draw, single

TOPIC = "regularization"
PARTS = {"penalty": 0.5, "grad": 0.5}


def tolerance(dtype):
    """What two ways of the same sum may differ by in this type."""
    return FLOAT32_TOLERANCE if np.dtype(dtype) == np.float32 else FLOAT64_TOLERANCE


def parameters(rng, shape):
    """Parameters none of which is near 0, where signs would be settled by rounding."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 1.9, size=shape)


def images(rng, n, height, width):
    """Images of which no two pixels are equal and none is 0 or 1, so that each can be told."""
    first = int(rng.integers(2, 60))
    return np.arange(first, first + n * height * width, dtype=float).reshape(n, height, width)


def decoded(values, x):
    """Which pixel of which image a value was: found, image, row, column."""
    index = np.rint(values - x.flat[0]).astype(int)
    found = (index >= 0) & (index < x.size) & (values == index + x.flat[0])
    return found, *np.unravel_index(np.where(found, index, 0), x.shape)


def penalty_trials(*ranges):
    """Trials of `penalty(theta, ...)` with one strength drawn from each range.

    In the second the parameters' sum is negative, in the third some rest at 0.
    """

    def trials(rng):
        def strengths(digits=3):
            return [draw(rng, low, high, digits) for low, high in ranges]

        falling = parameters(rng, (7,))
        falling *= -np.sign(falling.sum())
        resting = parameters(rng, (6,))
        resting[rng.permutation(6)[:2]] = 0.0
        return [
            single("example", np.round(parameters(rng, (2,)), 1), *strengths(digits=1)),
            single("usual", falling, *strengths()),
            single("usual", resting, *strengths()),
            single("shape", parameters(rng, (3, 5)), *strengths()),
            single(
                "float32",
                parameters(rng, (6,)).astype(np.float32),
                *strengths(),
                tolerance=FLOAT32_TOLERANCE,
            ),
            single("shape", parameters(rng, (2, 3, 4)), *strengths()),
        ]

    return trials
