"""`random_flip`: which images came back mirrored, and whether each was drawn on its own."""

import numpy as np

from autograder.exercises.base import RandomExercise, draw, single, slip
from autograder.exercises.regularization.inputs import TOPIC, decoded, images
from autograder.exercises.regularization.measures import (
    fixed_count,
    neighbours_alike,
    own_draws,
    share,
)
from descentlab.calls import Seeded
from descentlab.text import N_

SMALL = (401, 419, 431, 443, 457, 467)
"""One certain number of flips has a chance of at most 1/√(2πn · 0.17): 0.03 in each of the large
calls, 0.05 in each of the small ones, 1e-11 in all of them."""


def trials(rng):
    """Wide images and high ones, rarely and often flipped; small calls."""
    low, high = draw(rng, 0.22, 0.31), draw(rng, 0.69, 0.78)

    def case(label, n, height, width, p):
        return single(label, images(rng, n, height, width), Seeded(int(rng.integers(2**63))), p=p)

    n = int(rng.integers(1200, 1500))
    return [
        case("usual", n, 3, 4, low),
        case("usual", n + 50, 5, 2, high),
        *(case("small", n, 2, 3, high) for n in SMALL),
    ]


def measure(records):
    """What became of each image: mirrored, left alone, or something that isn't asked for."""
    mirrored = [_same(r.value, r.call.args[0][:, :, ::-1]) for r in records]
    pairs = zip(mirrored, records, strict=True)
    expected = np.array([flips.size * r.call.kwargs["p"] for flips, r in pairs])
    found = []
    for number, record in enumerate(records[:2]):
        found += _one_call(f"call {number + 1}", record, mirrored[number])
    if len(records) > 2:  # a first look at one call can't tell
        found.append(fixed_count([np.count_nonzero(flips) for flips in mirrored], expected))
    return found


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
    return [
        share(f"{call}: share with pixels of another image", foreign, 0.0, "foreign"),
        share(f"{call}: share in the place of the last to first", last_first, 0.0, "foreign"),
        share(f"{call}: share upside down", upside_down, 0.0, "kind"),
        share(f"{call}: share turned by 180°", turned, 0.0, "kind"),
        share(f"{call}: share flipped in part", other, 0.0, "kind"),
        # n independent images: sqrt(p(1 - p)/n)
        share(f"{call}: share mirrored", mirrored, p, "share", draws),
        share(f"{call}: share left as it was", left, 1 - p, "share", draws),
        # two neighbours are both mirrored or both not
        neighbours_alike(f"{call}: neighbours alike", left, p**2 + (1 - p) ** 2, "together"),
    ]


def _same(out, images):
    return (np.asarray(out) == images).all(axis=(1, 2))


FLIP = "rng.random(len(images)) < p"
MIRRORED = "images[:, :, ::-1]"
CHOSEN = "flip[:, None, None], mirrored, images"

MISTAKES = (
    slip(
        "whole_batch",
        N_("one decision for the whole batch"),
        N_(
            "All images are mirrored, or none is: one decision for the whole batch. Each image has "
            "a draw of its own."
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
        N_("Neighbouring images are mirrored together. Each needs a draw of its own."),
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
