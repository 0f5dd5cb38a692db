"""What the schedules are called with."""

from autograder.exercises.base import Trial, draw, single

TOPIC = "schedules"


def rate(rng):
    """A learning rate, large enough that every digit of a share of it is seen."""
    return draw(rng, 0.3, 0.9)


def updates(label: str, times, lr: float, **keywords) -> list[Trial]:
    """One trial for each update in `times`, with the same rate and keywords.

    The first one of a label is where the judge looks which argument an answer ignores: there
    every argument must act.
    """
    return [single(label, lr, int(t), **keywords) for t in times]
