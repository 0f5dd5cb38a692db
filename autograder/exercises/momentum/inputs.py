"""What all four momentum rules are called with."""

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
