"""`random_crop`: where each window was cut out, and what stands round the image."""

import numpy as np

from autograder.exercises.base import RandomExercise, single
from autograder.exercises.regularization.crop_mistakes import MISTAKES
from autograder.exercises.regularization.inputs import TOPIC, decoded, images
from autograder.exercises.regularization.measures import exactly, places, plain, share, with_edges
from descentlab.calls import Seeded
from descentlab.text import N_

FEW, TIMES = 2, 14
"""So many images in so many calls: that one place isn't moved has a chance of 1/81 in each."""


def trials(rng):
    """A wide image and a high one; the middle pixel of a window always is one of the image's. For
    an answer that gets these right: no padding, one image, and very few."""

    def case(n, height, width, padding):
        x = images(rng, n, height, width)
        return single("usual", x, padding, Seeded(int(rng.integers(2**63))))

    n = int(rng.integers(760, 820))
    usual = [case(n, 5, 7, 2), case(n + 20, 6, 5, 1)]
    edges = [
        case(3, 4, 6, 0),
        case(1, 7, 5, 2),
        *(case(FEW, 9, 10, 4) for _time in range(TIMES)),  # fewer images than rows of zeros
    ]
    return with_edges(usual, [plain(trial) for trial in edges], measure)


def measure(records):
    """The offset of each window, told by its middle pixel, and whether the rest is as it must."""
    found = []
    many = [record for record in records if len(record.call.args[0]) > 10]
    for number, record in enumerate(many, start=1):
        found += _one_call(f"call {number}", record)
    return found + _edges([record for record in records if len(record.call.args[0]) <= 10])


def _edges(records):
    """Without padding nothing moves; over many calls each place of the batch has its turn."""
    if not records:
        return []
    unpadded = [record for record in records if record.call.args[1] == 0]
    same = [np.array_equal(record.value, record.call.args[0]) for record in unpadded]
    rest = [record for record in records if record.call.args[1]]
    windows = [_windows(record) for record in rest]
    moved = np.array(
        [
            ~np.all(np.asarray(record.value) == record.call.args[0], axis=(1, 2))
            for record in rest
            if len(record.call.args[0]) == FEW
        ]
    )
    never = np.count_nonzero(~moved.any(axis=0))
    return [
        exactly("calls without padding that changed nothing", np.mean(same), 1.0, "unpadded"),
        exactly("share of windows in small calls", np.mean(np.concatenate(windows)), 1.0, "few"),
        exactly(f"places never moved in {TIMES} calls", never, 0.0, "left_out"),
    ]


def _windows(record):
    """For each image whether what came back is one of its windows."""
    x, padding = record.call.args[:2]
    out = np.asarray(record.value, dtype=float)
    known, image, row, column = _middle(x, out)
    right = known & (image == np.arange(len(x)))
    down, across = row - x.shape[1] // 2, column - x.shape[2] // 2
    near = (abs(down) <= padding) & (abs(across) <= padding)
    return right & near & _Look(x, out, np.arange(len(x)), down, across).filled_with("zeros")


def _middle(x, out):
    return decoded(out[:, x.shape[1] // 2, x.shape[2] // 2], x)


def _one_call(call, record):
    x, padding = record.call.args[:2]
    out = np.asarray(record.value, dtype=float)
    n, height, width = x.shape
    known, image, row, column = _middle(x, out)
    rows, columns = row - height // 2 + padding, column - width // 2 + padding
    own, moved_up = known & (image == np.arange(n)), image == np.arange(n) - padding
    far = own & ((rows < 0) | (rows > 2 * padding) | (columns < 0) | (columns > 2 * padding))
    look = _Look(x, out, np.flatnonzero(own), rows[own] - padding, columns[own] - padding)
    right = look.filled_with("zeros")
    wrong = _Look(x, out, look.which[~right], look.down[~right], look.right[~right])
    found = [
        share(f"{call}: share of other images", known & ~own, 0.0, "foreign"),
        share(f"{call}: share of the image {padding} before", known & moved_up, 0.0, "foreign"),
        share(f"{call}: share moved too far", far, 0.0, "outside"),
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
        N_(
            "An image's offsets go with those of others: one is the same for the whole batch, or "
            "what one image draws tells what another does. Each has a row offset and a column "
            "offset of its own."
        ),
    ),
    "tied": (
        N_("row and column offset tied"),
        N_("Row and column offset go together. Draw each on its own."),
    ),
    "never": (
        N_("a window that never comes"),
        N_(
            "Each row offset and each column offset comes, and one pair of them never does. All "
            "(2 · padding + 1)² windows are equally likely, the image where it was among them."
        ),
    ),
    "unpadded": (
        N_("changed without padding"),
        N_("With padding = 0 there is one window, the image itself. Yours is something else."),
    ),
    "few": (
        N_("not right for few images"),
        N_(
            "For many images your windows are right. For one or two of them something comes back "
            "that is no window of the padded image."
        ),
    ),
    "left_out": (
        N_("a place that is never moved"),
        N_(
            "In many calls with two images, one place of the batch never was moved. Does a loop "
            "leave out the first or the last?"
        ),
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
