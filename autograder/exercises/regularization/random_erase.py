"""`random_erase`: where each square lies, how large it is, and what stands in it."""

import numpy as np

from autograder.exercises.base import RandomExercise, single
from autograder.exercises.regularization.erase_mistakes import MISTAKES
from autograder.exercises.regularization.inputs import TOPIC, images
from autograder.exercises.regularization.measures import exactly, places, plain, share, with_edges
from descentlab.calls import Seeded
from descentlab.text import N_


def trials(rng):
    """A wide image and a high one, no square of which fits a divisor's number of times. For an
    answer that gets these right: squares as high or as wide as the image, and single pixels."""

    def case(n, height, width, size):
        x = images(rng, n, height, width)
        return single("usual", x, size, Seeded(int(rng.integers(2**63))))

    n = int(rng.integers(760, 820))
    usual = [case(n, 5, 7, 2), case(n + 20, 7, 5, 3)]
    edges = [
        case(3, 4, 6, 4),
        case(3, 6, 3, 3),
        case(2, 4, 4, 4),
        case(4, 3, 5, 1),
        case(1, 5, 6, 2),
    ]
    return with_edges(usual, [plain(trial) for trial in edges], measure)


def measure(records):
    """What changed in each image: how many pixels, in how high and wide a box, where, to what."""
    found = []
    many = [record for record in records if len(record.call.args[0]) > 10]
    for number, record in enumerate(many, start=1):
        found += _one_call(f"call {number}", record)
    few = [_one_square(record) for record in records if len(record.call.args[0]) <= 10]
    if few:
        found.append(exactly("squares at the limits of size", np.mean(few), 1.0, "limits"))
    return found


def _one_square(record):
    """Whether each image lost one square of the right size, to zeros."""
    x, size = record.call.args[:2]
    changed = np.asarray(record.value, dtype=float) != x
    _tops, heights = _extent(changed.any(axis=2))
    _lefts, widths = _extent(changed.any(axis=1))
    whole = (heights == size) & (widths == size) & (changed.sum(axis=(1, 2)) == size**2)
    return bool(whole.all()) and not np.any(np.asarray(record.value)[changed])


def _one_call(call, record):
    x, size = record.call.args[:2]
    out = np.asarray(record.value, dtype=float)
    _n, height, width = x.shape
    changed = out != x
    touched = changed.any(axis=(1, 2))
    tops, heights = _extent(changed.any(axis=2))
    lefts, widths = _extent(changed.any(axis=1))
    counts = changed.sum(axis=(1, 2))
    inside = out[changed] if changed.any() else np.full(1, -1.0)
    found = [share(f"{call}: share of images erased", touched, 1.0, "untouched")]
    for name, values, expected, property in (
        ("value in the square", inside, 0.0, "filling"),
        ("height of what is erased", heights, size, "size"),
        ("width of what is erased", widths, size, "size"),
        ("pixels erased", counts, size**2, "size"),
    ):
        error = values.std() / np.sqrt(values.size)
        found += [
            exactly(f"{call}: {name}, mean", values.mean(), expected, property, error),
            exactly(f"{call}: {name}, spread", values.std(), 0.0, property, error),
        ]
    if np.count_nonzero(touched) < 2:
        touched = np.ones_like(touched)
    return found + places(call, tops[touched], lefts[touched], height - size, width - size)


def _extent(lines):
    """First marked line of each image, and how many lines from there to the last one."""
    first = lines.argmax(axis=1)
    last = lines.shape[1] - 1 - lines[:, ::-1].argmax(axis=1)
    return first, np.where(lines.any(axis=1), last - first + 1, 0)


PROPERTIES = {
    "untouched": (
        N_("images left whole"),
        N_("Some images come back whole. Each has one square erased."),
    ),
    "size": (
        N_("not one square of the right size"),
        N_(
            "What is erased isn't one square of side size in each image. Does it hang over an "
            "edge, does it have a row too many, are there two?"
        ),
    ),
    "filling": (
        N_("not filled with zeros"),
        N_("What stands in the square isn't zero."),
    ),
    "uniform": (
        N_("places not equally likely"),
        N_(
            "Some places come more often than others. The upper left corner is uniform on all "
            "places at which the square is wholly inside."
        ),
    ),
    "outside": (
        N_("square too near the edge"),
        N_("Some squares begin where a whole one has no room."),
    ),
    "together": (
        N_("images not drawn on their own"),
        N_(
            "An image's place goes with that of others: its row or its column is the same for the "
            "whole batch, or what one image draws tells what another does. Each has a row and a "
            "column of its own."
        ),
    ),
    "tied": (
        N_("row and column tied"),
        N_("The square's row and its column go together. Draw each on its own."),
    ),
    "never": (
        N_("a place that never comes"),
        N_(
            "Each row and each column comes, and one pair of them never does. All places at which "
            "the square is wholly inside are equally likely."
        ),
    ),
    "limits": (
        N_("not right at the limits of size"),
        N_(
            "In between your squares are right. For size = 1, for a square as high or as wide as "
            "the image, or for a single image they aren't."
        ),
    ),
}

EXERCISE = RandomExercise(
    name="random_erase",
    topic=TOPIC,
    points=7,
    returns="images",
    trials=trials,
    measure=measure,
    first_look=1,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_("In a row of 5 pixels, where can a square of side 2 begin? Count the places."),
        N_("Copy the images first, draw N rows and N columns, then set one square per image to 0."),
        N_("The last corner that fits is H − size, and rng.integers stops *before* its end."),
    ),
    praise=N_("What must a network learn that may find any part of a digit missing?"),
)
