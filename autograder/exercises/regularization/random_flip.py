"""`random_flip`: which images came back mirrored, and whether each was drawn on its own."""

import numpy as np

from autograder.exercises.base import RandomExercise, draw, single, slip
from autograder.exercises.regularization.inputs import TOPIC, decoded, images
from autograder.exercises.regularization.measures import (
    exactly,
    fixed_count,
    neighbours_alike,
    own_draws,
    plain,
    pooled_share,
    share,
    with_edges,
)
from descentlab.calls import Seeded
from descentlab.text import N_

SMALL = (401, 419, 431, 443, 457, 467)
"""One certain number of flips has a chance of at most 1/√(2πn · 0.18): 0.02 in each of the large
calls, 0.05 in each of the small ones, 6e-12 in all of them."""

TINY, TIMES = 3, 24
"""So many images in so many calls: that one place is never mirrored has a chance of 1e-14."""


def trials(rng):
    """Wide images and high ones, rarely and often flipped, at shares that are no tenths; small
    calls; and for an answer that gets these right: p = 0 and 1, one image, very few,
    and p left out."""
    low, high = draw(rng, 0.24, 0.26), draw(rng, 0.74, 0.76)

    def case(label, n, height, width, p):
        return single(label, images(rng, n, height, width), Seeded(int(rng.integers(2**63))), p=p)

    n = int(rng.integers(1900, 2200))
    usual = [
        case("usual", n, 3, 4, low),
        case("usual", n + 50, 5, 2, high),
        *(case("small", size, 2, 3, high) for size in SMALL),
    ]
    edges = [
        case("small", 6, 2, 3, 0.0),
        case("small", 6, 2, 3, 1.0),
        case("small", 1, 3, 2, 1.0),
        *(case("small", TINY, 2, 3, high) for _time in range(TIMES)),
    ]
    without = single("small", images(rng, 5, 2, 3), Seeded(int(rng.integers(2**63))))
    return with_edges(usual, [plain(trial) for trial in (*edges, without)], measure)


def measure(records):
    """What became of each image: mirrored, left alone, or something that isn't asked for."""
    many = [record for record in records if len(record.call.args[0]) >= min(SMALL)]
    mirrored = [_mirrored(record) for record in many]
    rates = np.array([record.call.kwargs["p"] for record in many])
    found = []
    for number, record in enumerate(many[:2]):
        found += _one_call(f"call {number + 1}", record, mirrored[number])
    if len(many) > 2:  # a first look at one call can't tell
        expected = rates * [flips.size for flips in mirrored]
        draws = sum(own_draws(flips) for flips in mirrored)
        found += [
            fixed_count([np.count_nonzero(flips) for flips in mirrored], expected),
            pooled_share("share mirrored in all calls", mirrored, rates, "share", draws),
            _halves(mirrored, rates, draws),
        ]
    return found + _edges([record for record in records if len(record.call.args[0]) < min(SMALL)])


def _edges(records):
    """p = 0 and p = 1 leave nothing to chance, and over many calls each place has its turn."""
    if not records:
        return []
    sure = [record for record in records if record.call.kwargs.get("p") in (0.0, 1.0)]
    kept = [(_mirrored(record) == record.call.kwargs["p"]).all() for record in sure]
    same = [_same(r.value, r.call.args[0]).all() for r in sure if not r.call.kwargs["p"]]
    tiny = [record for record in records if len(record.call.args[0]) == TINY]
    flips = np.array([_mirrored(record) for record in tiny])
    left = np.array([_same(record.value, record.call.args[0]) for record in tiny])
    never = np.count_nonzero(~flips.any(axis=0)) + np.count_nonzero(~(flips | left))
    return [
        exactly("calls with p = 0 or 1 that went as they must", np.mean(kept), 1.0, "sure"),
        exactly("calls with p = 0 that changed nothing", np.mean(same), 1.0, "sure"),
        exactly(f"places never mirrored in {TIMES} calls", never, 0.0, "left_out"),
    ]


def _halves(mirrored, rates, draws):
    """How often an image and the one half a batch away are both mirrored or both not."""
    pairs = [(flips[: flips.size // 2], flips[-(flips.size // 2) :]) for flips in mirrored]
    hits = [one == other for one, other in pairs]
    alike = rates**2 + (1 - rates) ** 2
    return pooled_share("halves alike in all calls", hits, alike, "together", draws / 2)


def _mirrored(record):
    return _same(record.value, record.call.args[0][:, :, ::-1])


def _one_call(call, record, mirrored):
    x, p = record.call.args[0], record.call.kwargs["p"]
    out = np.asarray(record.value, dtype=float)
    left = _same(out, x)
    upside_down, turned = _same(out, x[:, ::-1]), _same(out, x[:, ::-1, ::-1])
    _found, image, _row, _column = decoded(out, x)
    own = np.arange(len(x))[:, None, None]
    foreign = (image != own).any(axis=(1, 2))
    last_first = foreign & (image == own[::-1]).all(axis=(1, 2))
    other = ~(left | mirrored | upside_down | turned | foreign)
    draws = own_draws(left)
    alike = p**2 + (1 - p) ** 2
    return [
        share(f"{call}: share with pixels of another image", foreign, 0.0, "foreign"),
        share(f"{call}: share in the place of the last to first", last_first, 0.0, "foreign"),
        share(f"{call}: share upside down", upside_down, 0.0, "kind"),
        share(f"{call}: share turned by 180°", turned, 0.0, "kind"),
        share(f"{call}: share flipped in part", other, 0.0, "kind"),
        # n independent images: sqrt(p(1 - p)/n)
        share(f"{call}: share mirrored", mirrored, p, "share", draws),
        share(f"{call}: share left as it was", left, 1 - p, "share", draws),
        exactly(
            f"{call}: all mirrored or all not", float(left.all() or mirrored.all()), 0.0, "together"
        ),
        # two of them are both mirrored or both not
        neighbours_alike(f"{call}: neighbours alike", left, alike, "together"),
    ]


def _same(out, images):
    return (np.asarray(out) == images).all(axis=(1, 2))


FLIP = "rng.random(len(images)) < p"
MIRRORED = "images[:, :, ::-1]"
CHOSEN = "flip[:, None, None], mirrored, images"


def _overwritten(images, rng, p=0.5):
    out = images.copy()
    width = images.shape[2]
    for i in range(len(images)):
        if rng.random() < p:
            for column in range(width):
                out[i, :, column] = out[i, :, width - 1 - column]
    return out


MISTAKES = (
    slip(
        "whole_batch",
        N_("one decision for the whole batch"),
        N_(
            "All images are mirrored, or none is, as with one decision for the whole batch. Each "
            "image has a draw of its own."
        ),
        (FLIP, "np.full(len(images), rng.random() < p)"),
        where=N_("**each image** with probability p"),
        pairs=False,
    ),
    slip(
        "vertical",
        N_("upside down"),
        N_(
            "You reverse the rows, so that images stand on their heads. Left to right is along the "
            "last axis: (N, H, W)."
        ),
        (MIRRORED, "images[:, ::-1, :]"),
        where=N_("images[n, h, **w**]"),
    ),
    slip(
        "batch_reversed",
        N_("images put in another order"),
        N_(
            "You reverse the first axis: images change places, and none is mirrored. The labels no "
            "longer fit."
        ),
        (MIRRORED, "images[::-1, :, :]"),
        where=N_("images[n, h, **w**]"),
    ),
    slip(
        "turned",
        N_("turned by 180°"),
        N_("You reverse rows and columns: that turns an image, a 6 becomes a 9. Columns only."),
        (MIRRORED, "images[:, ::-1, ::-1]"),
        where=N_("images[n, h, **w**]"),
    ),
    slip(
        "p_inverted",
        N_("mirrored with probability 1 − p"),
        N_(
            "You mirror with probability 1 − p. Either the comparison is the wrong way round (how "
            "often is a number that is uniform on 0 … 1 below p?), or the choice after it."
        ),
        (FLIP, "rng.random(len(images)) >= p"),
        where=N_("mirrored with **probability p**"),
    ),
    slip(
        "half",
        N_("one in two whatever p is"),
        N_("Half of the images are mirrored whatever p is: what are your draws compared with?"),
        (FLIP, "rng.random(len(images)) < 0.5"),
        where=N_("mirrored with **probability p**"),
        pairs=False,
    ),
    slip(
        "normal_draws",
        N_("normal numbers compared with p"),
        N_(
            "You compare normally distributed numbers with p. They are below p with another "
            "probability than p; numbers that are uniform on 0 … 1 are below it with just that."
        ),
        (FLIP, "rng.normal(size=len(images)) < p"),
        where=N_("with **probability p**"),
        pairs=False,
    ),
    slip(
        "per_row",
        N_("each row on its own"),
        N_("You draw for each row of an image, which tears it apart. One draw mirrors all rows."),
        (FLIP, "rng.random(images.shape[:2]) < p"),
        (CHOSEN, "flip[:, :, None], mirrored, images"),
        where=N_("**each image** with probability p"),
        pairs=False,
    ),
    slip(
        "per_pixel",
        N_("each pixel on its own"),
        N_("You draw for each pixel, which tears the image apart. One draw is for all its pixels."),
        (FLIP, "rng.random(images.shape) < p"),
        (CHOSEN, "flip, mirrored, images"),
        where=N_("**each image** with probability p"),
        pairs=False,
    ),
    slip(
        "overwritten",
        N_("columns overwritten that were still needed"),
        N_(
            "Your mirrored images are the same from both sides: the loop writes into the columns "
            "that it still has to read. Read from the old image, write into a new one."
        ),
        _overwritten,
        where=N_("out[n, h, w] = **images**[n, h, W − 1 − w]"),
    ),
    slip(
        "fixed_count",
        N_("always the same number mirrored"),
        N_(
            "In every call exactly the share p is mirrored. Each image is drawn on its own, so the "
            "number varies from call to call, and the share is right on average."
        ),
        (FLIP, "rng.permutation(len(images)) < int(p * len(images))"),
        where=N_("each image with **probability** p"),
        pairs=False,
    ),
)

PROPERTIES = {
    "fixed_count": (
        N_("always the same number mirrored"),
        N_(
            "In every call the same share is mirrored. Each image is drawn on its own, so the "
            "number varies from call to call."
        ),
    ),
    "share": (
        N_("wrong share mirrored"),
        N_(
            "Not the share p of the images is mirrored, with the rest left alone. What do you "
            "draw for an image, and what do you compare it with?"
        ),
    ),
    "kind": (
        N_("not mirrored left to right"),
        N_(
            "Some images come back neither mirrored left to right nor as they were. Which axis of "
            "(N, H, W) runs from left to right?"
        ),
    ),
    "foreign": (
        N_("pixels of other images"),
        N_("Some images come back with pixels that aren't their own. Mirror within each image."),
    ),
    "together": (
        N_("images not drawn on their own"),
        N_(
            "Whether an image is mirrored goes with what becomes of others: of its neighbours, or "
            "of the one half a batch away. Each needs a draw of its own."
        ),
    ),
    "sure": (
        N_("not sure at p = 0 or 1"),
        N_(
            "With p = 0 no image is to be mirrored, with p = 1 every one, be it the only one. "
            "Yours do something else there."
        ),
    ),
    "left_out": (
        N_("a place that is never mirrored"),
        N_(
            "In two dozen calls with three images, one place of the batch never was mirrored. Does "
            "a loop leave out the first or the last?"
        ),
    ),
}

EXERCISE = RandomExercise(
    name="random_flip",
    topic=TOPIC,
    points=6,
    returns="images",
    trials=trials,
    measure=measure,
    first_look=1,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_("How many random numbers do you need for N images? Each decides about one image."),
        N_("Reversing an axis is a slice: a[::-1]. Which of the three axes is it?"),
        N_(
            "np.where chooses between two arrays. N decisions must be given the shape (N, 1, 1) "
            "first, so that each holds for a whole image."
        ),
    ),
    praise=N_("Which of the ten digits would you not want to mirror?"),
)
