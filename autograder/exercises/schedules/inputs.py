"""What the schedules are called with: a rate, an update's number, and how fast it goes."""

from autograder.exercises.base import draw, single

TOPIC = "schedules"


def rate(rng):
    """A learning rate, large enough that every digit of a share of it is seen."""
    return draw(rng, 0.3, 0.9)


def at(times, label="usual"):
    """One call for each (rate, t): what the keywords are is drawn once, by the caller."""

    def trials(lr, **keywords):
        return [single(label, lr, int(t), **keywords) for t in times]

    return trials
