"""What all four momentum rules are called with."""

import numpy as np

from autograder.exercises.base import draw

TOPIC = "momentum"

PARTS = {"theta": 0.6, "v": 0.4}


def velocity(rng, shape):
    """A velocity, or a place, in the middle of a training."""
    return rng.normal(size=shape)


def hyper(memory):
    """Keyword arguments: lr, and the share of the past under its own name."""

    def keywords(rng):
        return {"lr": draw(rng, 0.05, 0.45), memory: draw(rng, 0.58, 0.85)}

    return keywords


def slopes(rng, shape):
    """A gradient with entries of both signs: a lost sign is seen at every step."""
    return both_signs(rng.normal(size=shape), rng)


def both_signs(values, rng):
    """The values, one of them with the other sign where all that aren't 0 have the same."""
    places = np.flatnonzero(values)
    if places.size > 1 and abs(np.sign(values).sum()) == places.size:
        values.flat[rng.choice(places)] *= -1
    return values
