"""`random_erase`: where each square lies, how large it is, and what stands in it."""

import numpy as np

from autograder.exercises.base import RandomExercise, elsewhere, single, slip
from autograder.exercises.regularization.inputs import TOPIC, images
from autograder.exercises.regularization.measures import exactly, places, share
from descentlab.calls import Seeded
from descentlab.text import N_


def trials(rng):
    """A wide image and a high one, no square of which fits a divisor's number of times."""

    def case(n, height, width, size):
        x = images(rng, n, height, width)
        return single("usual", x, size, Seeded(int(rng.integers(2**63))))

    n = int(rng.integers(560, 640))
    return [case(n, 5, 7, 2), case(n + 20, 7, 5, 3)]


def measure(records):
    """What changed in each image: how many pixels, in how high and wide a box, where, to what."""
    found = []
    for number, record in enumerate(records, start=1):
        found += _one_call(f"call {number}", record)
    return found


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
        ("height of what is erased", heights, size, "size"),
        ("width of what is erased", widths, size, "size"),
        ("pixels erased", counts, size**2, "size"),
        ("value in the square", inside, 0.0, "filling"),
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


ROWS = "rows = rng.integers(0, height - size + 1, size=n)"
COLUMNS = "columns = rng.integers(0, width - size + 1, size=n)"
SQUARE = "out[i, rows[i] : rows[i] + size, columns[i] : columns[i] + size]"
RANGE = N_("corner uniform on **0 … H − size**, **0 … W − size**")


def _cutout(images, size, rng):
    n, height, width = images.shape
    out = images.copy()
    for i in range(n):
        top = rng.integers(height) - size // 2
        left = rng.integers(width) - size // 2
        out[i, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 0
    return out


MISTAKES = (
    slip(
        "whole_batch",
        N_("one square for the whole batch"),
        N_(
            "The square lies at the same place in all images. Each image has a place of its own; "
            "how many numbers do you draw?"
        ),
        (ROWS, "rows = np.full(n, rng.integers(0, height - size + 1))"),
        (COLUMNS, "columns = np.full(n, rng.integers(0, width - size + 1))"),
        where=N_("one square **per image**"),
    ),
    slip(
        "hangs_over",
        N_("square hangs over the edge"),
        N_(
            "The corner may lie anywhere, so some squares hang over the right or lower edge and "
            "are cut off there. Where must the corner end, so that the whole square is inside?"
        ),
        (ROWS, "rows = rng.integers(0, height, size=n)"),
        (COLUMNS, "columns = rng.integers(0, width, size=n)"),
        where=RANGE,
    ),
    elsewhere(
        "cutout",
        N_("Cutout: centre anywhere"),
        N_(
            "You draw the square's centre anywhere in the image and cut off what hangs over: that "
            "is Cutout as DeVries and Taylor wrote it. Here the square lies wholly inside."
        ),
        _cutout,
        where=N_("**wholly inside**"),
    ),
    slip(
        "end_excluded",
        N_("last place never drawn"),
        N_(
            "The square never touches the right or lower edge: the last place never comes. "
            "rng.integers(low, high) stops before high, and rounding down does the same."
        ),
        (ROWS, "rows = rng.integers(0, height - size, size=n)"),
        (COLUMNS, "columns = rng.integers(0, width - size, size=n)"),
        where=RANGE,
    ),
    slip(
        "start_excluded",
        N_("row and column 0 never drawn"),
        N_("Your places begin at 1: the square never touches the upper or left edge."),
        (ROWS, "rows = rng.integers(1, height - size + 1, size=n)"),
        (COLUMNS, "columns = rng.integers(1, width - size + 1, size=n)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "rounded",
        N_("ends drawn half as often"),
        N_(
            "The first and the last place come half as often as the others, as when a uniform "
            "number is rounded to the nearest. All are equally likely; rng.integers draws so."
        ),
        (ROWS, "rows = np.rint(rng.uniform(0, height - size, size=n)).astype(int)"),
        (COLUMNS, "columns = np.rint(rng.uniform(0, width - size, size=n)).astype(int)"),
        where=N_("corner **uniform** on 0 … H − size, 0 … W − size"),
        pairs=False,
    ),
    slip(
        "sides_swapped",
        N_("height and width swapped"),
        N_(
            "Rows are drawn from the width and columns from the height: where the image isn't "
            "square, squares hang over one edge and never reach the other. (N, H, W): rows first."
        ),
        (ROWS, "rows = rng.integers(0, width - size + 1, size=n)"),
        (COLUMNS, "columns = rng.integers(0, height - size + 1, size=n)"),
        where=RANGE,
    ),
    slip(
        "same_offset",
        N_("row = column"),
        N_(
            "The row of the square also is its column, so squares lie on the diagonal. Draw for "
            "each."
        ),
        (ROWS, "rows = rng.integers(0, min(height, width) - size + 1, size=n)"),
        (COLUMNS, "columns = rows"),
        where=N_("a random **place**"),
        pairs=False,
    ),
    slip(
        "one_larger",
        N_("square one pixel too large"),
        N_(
            "The square has size + 1 rows and columns, where it fits. A slice a : b has b − a "
            "entries."
        ),
        (SQUARE, "out[i, rows[i] : rows[i] + size + 1, columns[i] : columns[i] + size + 1]"),
        where=N_("a square of side **size**"),
    ),
    slip(
        "one_smaller",
        N_("square one pixel too small"),
        N_("The square has size − 1 rows and columns. A slice a : b has b − a entries."),
        (SQUARE, "out[i, rows[i] : rows[i] + size - 1, columns[i] : columns[i] + size - 1]"),
        where=N_("a square of side **size**"),
        pairs=False,
    ),
    slip(
        "whole_rows",
        N_("whole rows erased"),
        N_("Whole rows are erased, from edge to edge. A square ends at its columns, too."),
        (SQUARE, "out[i, rows[i] : rows[i] + size]"),
        where=N_("a **square**"),
        pairs=False,
    ),
    slip(
        "rest_erased",
        N_("all but the square erased"),
        N_("The square is what is left, and everything round it is zero. It is the other way."),
        ("out = images.copy()", "out = np.zeros_like(images)"),
        (
            f"{SQUARE} = 0",
            f"{SQUARE} = images[i, rows[i] : rows[i] + size, columns[i] : columns[i] + size]",
        ),
        where=N_("**the square** becomes zero"),
        pairs=False,
    ),
    slip(
        "ones",
        N_("ones for zeros"),
        N_("The square is filled with 1. It is to become 0."),
        (f"{SQUARE} = 0", f"{SQUARE} = 1"),
        where=N_("a square of **zeros**"),
    ),
    elsewhere(
        "mean_filled",
        N_("filled with the mean"),
        N_("You fill the square with the image's mean, as some do. Here it is filled with zeros."),
        (f"{SQUARE} = 0", f"{SQUARE} = images[i].mean()"),
        where=N_("a square of **zeros**"),
        pairs=False,
    ),
    elsewhere(
        "noise_filled",
        N_("filled with noise"),
        N_(
            "You fill the square with random numbers, as the paper on Random Erasing does. Here it "
            "is filled with zeros."
        ),
        (f"{SQUARE} = 0", f"{SQUARE} = rng.random((size, size))"),
        where=N_("a square of **zeros**"),
        pairs=False,
    ),
)

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
        N_("Neighbouring images are erased at the same place. Each has a place of its own."),
    ),
    "tied": (
        N_("row and column tied"),
        N_("The square's row and its column go together. Draw each on its own."),
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
