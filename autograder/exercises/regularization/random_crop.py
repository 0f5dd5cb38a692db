"""`random_crop`: where each window was cut out, and what stands round the image."""

import numpy as np

from autograder.exercises.base import RandomExercise, single, slip
from autograder.exercises.regularization.inputs import TOPIC, decoded, images
from autograder.exercises.regularization.measures import places, share
from descentlab.calls import Seeded
from descentlab.text import N_


def trials(rng):
    """A wide image and a high one; the middle pixel of a window always is one of the image's."""

    def case(n, height, width, padding):
        x = images(rng, n, height, width)
        return single("usual", x, padding, Seeded(int(rng.integers(2**63))))

    n = int(rng.integers(560, 640))
    return [case(n, 5, 7, 2), case(n + 20, 6, 4, 1)]


def measure(records):
    """The offset of each window, told by its middle pixel, and whether the rest is as it must."""
    found = []
    for number, record in enumerate(records, start=1):
        found += _one_call(f"call {number}", record)
    return found


def _one_call(call, record):
    x, padding = record.call.args[:2]
    out = np.asarray(record.value, dtype=float)
    n, height, width = x.shape
    known, image, row, column = decoded(out[:, height // 2, width // 2], x)
    rows, columns = row - height // 2 + padding, column - width // 2 + padding
    own, moved_up = known & (image == np.arange(n)), image == np.arange(n) - padding
    look = _Look(x, out, np.flatnonzero(own), rows[own] - padding, columns[own] - padding)
    right = look.filled_with("zeros")
    wrong = _Look(x, out, look.which[~right], look.down[~right], look.right[~right])
    found = [
        share(f"{call}: share of other images", known & ~own, 0.0, "foreign"),
        share(f"{call}: share of the image {padding} before", known & moved_up, 0.0, "foreign"),
        share(f"{call}: share that is a window", _spread(n, look.which, right), 1.0, "window"),
    ]
    for filling in ("wrapped", "edge", "mirror"):
        name = f"{call}: share with {filling} for zeros"
        found.append(
            share(name, _spread(n, wrong.which, wrong.filled_with(filling)), 0.0, "window")
        )
    if np.count_nonzero(known) < 2:
        known = np.ones(n, dtype=bool)
    return found + places(call, rows[known], columns[known], 2 * padding, 2 * padding)


class _Look:
    """Some images beside the windows that their offsets say: `down` rows and `right` columns."""

    def __init__(self, x, out, which, down, right):
        self.x, self.out, self.which, self.down, self.right = x, out, which, down, right

    def filled_with(self, filling):
        """Whether each window is the image's part, with this round it."""
        if not self.which.size:
            return np.zeros(0, dtype=bool)
        _n, height, width = self.x.shape
        rows, row_inside = _filled(self.down, height, filling)
        columns, column_inside = _filled(self.right, width, filling)
        parts = self.x[self.which[:, None, None], rows[:, :, None], columns[:, None, :]]
        if filling == "zeros":
            parts = parts * (row_inside[:, :, None] & column_inside[:, None, :])
        return (parts == self.out[self.which]).all(axis=(1, 2))


def _filled(offset, size, filling):
    """The image's row for each row of a window, and whether it is inside the image."""
    index = offset[:, None] + np.arange(size)
    inside = (index >= 0) & (index < size)
    if filling == "wrapped":
        return index % size, inside
    if filling == "mirror":
        index = np.abs(index)
        index = np.where(index < size, index, 2 * (size - 1) - index)
    return np.clip(index, 0, size - 1), inside


def _spread(n, which, hits):
    every = np.zeros(n, dtype=bool)
    every[which] = hits
    return every


PAD = "np.pad(images, ((0, 0), (padding, padding), (padding, padding)))"
ROWS = "rows = rng.integers(0, 2 * padding + 1, size=n)"
COLUMNS = "columns = rng.integers(0, 2 * padding + 1, size=n)"
ZEROS = N_("**zeros** all round")
RANGE = N_("offsets uniform on **0 … 2 · padding**")
OFFSETS = "offsets = rng.integers(0, 2 * padding + 1, size=n)"

MISTAKES = (
    slip(
        "whole_batch",
        N_("one window for the whole batch"),
        N_(
            "All images are cut at the same place. Each image has offsets of its own; how many "
            "numbers do you draw?"
        ),
        (ROWS, "rows = np.full(n, rng.integers(0, 2 * padding + 1))"),
        (COLUMNS, "columns = np.full(n, rng.integers(0, 2 * padding + 1))"),
        where=N_("**one crop per image**"),
    ),
    slip(
        "same_offset",
        N_("row offset = column offset"),
        N_(
            "Row and column offset always are the same number, so windows move along the diagonal. "
            "Draw for each."
        ),
        (COLUMNS, "columns = rows"),
        where=N_("row and column offsets **independent**"),
    ),
    slip(
        "end_excluded",
        N_("last offset never drawn"),
        N_(
            "The offset 2 · padding never comes. rng.integers(low, high) stops before high, and "
            "rounding down a uniform number does the same."
        ),
        (ROWS, "rows = rng.integers(0, 2 * padding, size=n)"),
        (COLUMNS, "columns = rng.integers(0, 2 * padding, size=n)"),
        where=RANGE,
    ),
    slip(
        "start_excluded",
        N_("offset 0 never drawn"),
        N_("Your offsets begin at 1: the window never lies at the very top or left."),
        (ROWS, "rows = rng.integers(1, 2 * padding + 1, size=n)"),
        (COLUMNS, "columns = rng.integers(1, 2 * padding + 1, size=n)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "half_range",
        N_("offsets up to padding only"),
        N_(
            "Your offsets end at padding, where the window lies in the middle: images move one "
            "way only, down and to the right. There is room on both sides."
        ),
        (ROWS, "rows = rng.integers(0, padding + 1, size=n)"),
        (COLUMNS, "columns = rng.integers(0, padding + 1, size=n)"),
        where=RANGE,
    ),
    slip(
        "half_range_excluded",
        N_("offsets below padding only"),
        N_(
            "Your offsets end before padding: images move one way only, down and to the right. "
            "There is room on both sides, and rng.integers(low, high) stops before high."
        ),
        (ROWS, "rows = rng.integers(0, padding, size=n)"),
        (COLUMNS, "columns = rng.integers(0, padding, size=n)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "rounded",
        N_("ends drawn half as often"),
        N_(
            "The first and the last offset come half as often as the others, as when a uniform "
            "number is rounded to the nearest. All are equally likely; rng.integers draws so."
        ),
        (ROWS, "rows = np.rint(rng.uniform(0, 2 * padding, size=n)).astype(int)"),
        (COLUMNS, "columns = np.rint(rng.uniform(0, 2 * padding, size=n)).astype(int)"),
        where=N_("offsets **uniform** on 0 … 2 · padding"),
        pairs=False,
    ),
    slip(
        "only_rows",
        N_("moved up and down only"),
        N_("Images move up and down and never sideways. Both offsets are drawn."),
        (COLUMNS, "columns = np.full(n, padding)"),
        where=N_("row **and column** offsets"),
        pairs=False,
    ),
    slip(
        "only_columns",
        N_("moved sideways only"),
        N_("Images move sideways and never up or down. Both offsets are drawn."),
        (ROWS, "rows = np.full(n, padding)"),
        where=N_("**row and** column offsets"),
        pairs=False,
    ),
    slip(
        "wrapped",
        N_("wrapped round the edge"),
        N_(
            "What leaves the image on one side comes in on the other, as np.roll does it. Zeros "
            "come in."
        ),
        (PAD, f'{PAD[:-1]}, mode="wrap")'),
        where=ZEROS,
    ),
    slip(
        "edge_repeated",
        N_("edge repeated for zeros"),
        N_("The image's edge is repeated outwards. What is put round it is zeros."),
        (PAD, f'{PAD[:-1]}, mode="edge")'),
        where=ZEROS,
    ),
    slip(
        "mirror_padded",
        N_("mirrored for zeros"),
        N_("The image is mirrored outwards. What is put round it is zeros."),
        (PAD, f'{PAD[:-1]}, mode="reflect")'),
        where=ZEROS,
        pairs=False,
    ),
    slip(
        "ones_padded",
        N_("another number for zeros"),
        N_("What you put round the image isn't zeros."),
        (PAD, f"{PAD[:-1]}, constant_values=1)"),
        where=ZEROS,
        pairs=False,
    ),
    slip(
        "batch_padded",
        N_("images put round the batch, too"),
        N_(
            "You pad all three axes: black images come in at the front of the batch, and each "
            "image lands at another's place. Rows and columns are padded, the first axis isn't."
        ),
        (PAD, "np.pad(images, padding)"),
        where=N_("(N, **H, W**)"),
    ),
)

PROPERTIES = {
    "foreign": (
        N_("pixels of other images"),
        N_("Some windows show another image than the one at that place. Cut each from its own."),
    ),
    "window": (
        N_("not a window of the padded image"),
        N_(
            "What comes back isn't always the image, shifted as a whole, with zeros where it has "
            "left the frame."
        ),
    ),
    "uniform": (
        N_("offsets not equally likely"),
        N_(
            "Some offsets come more often than others. Each of 0 … 2 · padding is equally likely, "
            "for rows and for columns."
        ),
    ),
    "outside": (
        N_("moved too far"),
        N_("Some images are moved by more than padding."),
    ),
    "together": (
        N_("images not drawn on their own"),
        N_("Neighbouring images are moved together. Each has offsets of its own."),
    ),
    "tied": (
        N_("row and column offset tied"),
        N_("Row and column offset go together. Draw each on its own."),
    ),
}

EXERCISE = RandomExercise(
    name="random_crop",
    topic=TOPIC,
    points=9,
    returns="images",
    trials=trials,
    measure=measure,
    first_look=1,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_(
            "After padding, an image has 2 · padding rows more than the window. At how many "
            "places can the window begin?"
        ),
        N_("np.pad takes a pair for each axis: how much before, how much after. Three axes."),
        N_(
            "With padding = 1 there are three row offsets and three column offsets, nine windows, "
            "each as likely as the others. At (1, 1) the image stays where it was."
        ),
    ),
    praise=N_("How many different images did one become, with padding 4?"),
)
