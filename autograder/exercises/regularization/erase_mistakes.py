"""Mistakes in `random_erase`: where the square lies, how large it is, what it holds."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

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


def _every_image(images, size, rng):
    n, height, width = images.shape
    out = images.copy()
    for _i in range(n):
        row, column = rng.integers(height - size + 1), rng.integers(width - size + 1)
        out[:, row : row + size, column : column + size] = 0
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
        N_("ends drawn too rarely"),
        N_(
            "The first and the last place come too rarely, as when a uniform number is rounded to "
            "the nearest, or two draws are added. All are equally likely; rng.integers draws so."
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
        pairs=False,
    ),
    slip(
        "larger_inside",
        N_("square one pixel too large"),
        N_(
            "The square has size + 1 rows and columns. A slice a : b has b − a entries, and the "
            "last place that fits is H − size."
        ),
        (ROWS, "rows = rng.integers(0, height - size, size=n)"),
        (COLUMNS, "columns = rng.integers(0, width - size, size=n)"),
        (SQUARE, "out[i, rows[i] : rows[i] + size + 1, columns[i] : columns[i] + size + 1]"),
        where=N_("a square of side **size**"),
        pairs=False,
    ),
    slip(
        "pushed_in",
        N_("pushed back from the edge"),
        N_(
            "A place beyond the last one that fits is pushed back to it, so the last place comes "
            "far too often. Draw from the places that fit."
        ),
        (ROWS, "rows = np.minimum(rng.integers(0, height, size=n), height - size)"),
        (COLUMNS, "columns = np.minimum(rng.integers(0, width, size=n), width - size)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "centre_pushed_in",
        N_("pushed back from the edge"),
        N_(
            "A square whose centre lies near an edge is pushed back inside, so the places at the "
            "edges come far too often. Draw from the places that fit."
        ),
        (
            ROWS,
            "rows = np.clip(rng.integers(0, height, size=n) - size // 2, 0, height - size)",
        ),
        (
            COLUMNS,
            "columns = np.clip(rng.integers(0, width, size=n) - size // 2, 0, width - size)",
        ),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "height_for_both",
        N_("height for both directions"),
        N_("Your columns are drawn from the height, too. (N, H, W): columns end at W − size."),
        (COLUMNS, "columns = rng.integers(0, height - size + 1, size=n)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "width_for_both",
        N_("width for both directions"),
        N_("Your rows are drawn from the width, too. (N, H, W): rows end at H − size."),
        (ROWS, "rows = rng.integers(0, width - size + 1, size=n)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "every_image",
        N_("each square erased in all images"),
        N_(
            "Each square that you draw is erased in every image of the batch, until little is "
            "left. The first index of what you set to 0 is the image's own."
        ),
        _every_image,
        where=N_("one square **per image**"),
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
        "whole_columns",
        N_("whole columns erased"),
        N_("Whole columns are erased, from edge to edge. A square ends at its rows, too."),
        (SQUARE, "out[i, :, columns[i] : columns[i] + size]"),
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
