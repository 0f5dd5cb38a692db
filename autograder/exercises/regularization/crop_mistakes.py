"""Mistakes in `random_crop`: the offsets, and what stands round the image."""

import numpy as np

from autograder.exercises.base import slip
from descentlab.text import N_

PAD = "np.pad(images, ((0, 0), (padding, padding), (padding, padding)))"
ROWS = "rows = rng.integers(0, 2 * padding + 1, size=n)"
COLUMNS = "columns = rng.integers(0, 2 * padding + 1, size=n)"
ZEROS = N_("**zeros** all round")
RANGE = N_("offsets uniform on **0 … 2 · padding**")
OFFSETS = "offsets = rng.integers(0, 2 * padding + 1, size=n)"


def _old_pixels(images, padding, rng):
    n, height, width = images.shape
    out = images.copy()
    for i in range(n):
        down, right = rng.integers(-padding, padding + 1, size=2)
        to = np.s_[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
        at = np.s_[max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)]
        out[i][to] = images[i][at]
    return out


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
        "half_range_up",
        N_("offsets from padding on only"),
        N_(
            "Your offsets begin at padding: images move one way only, up and to the left. There "
            "is room on both sides."
        ),
        (ROWS, "rows = rng.integers(padding, 2 * padding + 1, size=n)"),
        (COLUMNS, "columns = rng.integers(padding, 2 * padding + 1, size=n)"),
        where=RANGE,
        pairs=False,
    ),
    slip(
        "rounded",
        N_("ends drawn too rarely"),
        N_(
            "The first and the last offset come too rarely, as when a uniform number is rounded "
            "to the nearest, or two draws are added. All are equally likely; rng.integers draws so."
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
    slip(
        "old_pixels",
        N_("old pixels left at the edge"),
        N_(
            "The image is moved inside a copy of itself, and where it has moved away its old "
            "pixels still stand. Zeros come in there."
        ),
        _old_pixels,
        where=ZEROS,
    ),
)
