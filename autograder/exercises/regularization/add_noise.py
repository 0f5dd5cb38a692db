"""`add_noise`: what was added is N(0, std²), one draw for each pixel, and nothing is cut off."""

from dataclasses import replace

import numpy as np

from autograder.exercises.base import Measurement, RandomExercise, draw, single, slip
from autograder.exercises.regularization.inputs import TOPIC, tolerance
from autograder.exercises.regularization.measures import likeness, relative_mean, share
from descentlab.calls import Seeded
from descentlab.text import N_

WITHIN_ONE, BEYOND_TWO = 0.6826894921370859, 0.04550026389635842
"""The normal distribution's share within one standard deviation, and beyond two."""


def trials(rng):
    """Pictures with black and white in them; a wide table of other numbers, in float32."""

    def seeded():
        return Seeded(int(rng.integers(2**63)))

    n = int(rng.integers(34, 40))
    pictures = np.clip(rng.uniform(-0.2, 1.2, size=(n, 13, 17)), 0, 1)
    table = rng.normal(size=(n + 23, 131)).astype(np.float32)
    return [
        single("usual", pictures, draw(rng, 0.2, 0.36), seeded()),
        single("float32", table, draw(rng, 1.4, 1.9), seeded(), tolerance=tolerance(table.dtype)),
    ]


def measure(records):
    """Size, shape and independence of what was added to each pixel."""
    found = []
    for number, record in enumerate(records, start=1):
        found += _one_call(f"call {number}", record)
    x, out = records[0].call.args[0], np.asarray(records[0].value, dtype=float)
    return [
        *found,
        share("black pixels that became darker", out[x == 0] < 0, 0.5, "cut_off"),
        share("white pixels that became brighter", out[x == 1] > 1, 0.5, "cut_off"),
    ]


def _one_call(call, record):
    x, std = record.call.args[:2]
    noise = np.asarray(record.value, dtype=float) - x
    n = noise.size
    draws, alike = n, []
    for axis, length in enumerate(noise.shape):
        first, second = (np.delete(noise, at, axis=axis).ravel() for at in (-1, 0))
        name = f"{call}: neighbours along axis {axis}"
        alike.append(likeness(name, first, second, "together", n))
        # an axis along which all is one draw adds none
        if alike[-1].value > 0.99:
            draws = draws / length
    half = n // 2
    halves = likeness(
        f"{call}: first and second half",
        noise.ravel()[:half],
        noise.ravel()[-half:],
        "together",
        draws,
    )
    size = np.abs(noise)
    return [
        *(replace(m, spread=(1 - m.value**2) / np.sqrt(draws)) for m in alike),
        halves,
        relative_mean(f"{call}: mean of the noise, over its size", noise, "mean", draws),
        # n normal numbers: std/√(2n)
        Measurement(
            f"{call}: standard deviation of the noise",
            float(noise.std()),
            std,
            std / np.sqrt(2 * n),
            "std",
            noise.std() / np.sqrt(draws),
        ),
        share(f"{call}: share within one std", size < std, WITHIN_ONE, "shape", draws),
        share(f"{call}: share beyond two std", size > 2 * std, BEYOND_TWO, "shape", draws),
        share(f"{call}: share above 0", noise > 0, 0.5, "mean", draws),
    ]


NOISE = "rng.normal(0, std, size=images.shape)"
ADDED = "return images + noise.astype(images.dtype)"
FROM = N_("images + **N(0, std²)**")
EACH = N_("one draw **per pixel**")

MISTAKES = (
    slip(
        "variance_for_std",
        N_("std squared"),
        N_(
            "The noise has the standard deviation std². In N(0, std²) the second number is the "
            "variance; which of the two does rng.normal ask for?"
        ),
        (NOISE, "rng.normal(0, std**2, size=images.shape)"),
        where=FROM,
    ),
    slip(
        "root_of_std",
        N_("root of std"),
        N_(
            "The noise has the standard deviation √std, as if std were a variance. rng.normal "
            "asks for the standard deviation, and that is what you were given."
        ),
        (NOISE, "rng.normal(0, std**0.5, size=images.shape)"),
        where=FROM,
    ),
    slip(
        "std_ignored",
        N_("std not used"),
        N_("The noise has the standard deviation 1 whatever std is."),
        (NOISE, "rng.normal(0, 1, size=images.shape)"),
        where=FROM,
    ),
    slip(
        "std_as_mean",
        N_("std in the place of the mean"),
        N_(
            "The noise has the mean std and the standard deviation 1. rng.normal's first argument "
            "is the mean."
        ),
        (NOISE, "rng.normal(std, size=images.shape)"),
        where=FROM,
        pairs=False,
    ),
    slip(
        "same_for_all_images",
        N_("one noise for all images"),
        N_(
            "All images get the same noise: a pattern that the network can learn. Each pixel of "
            "each image has a draw of its own."
        ),
        (NOISE, "rng.normal(0, std, size=images.shape[1:])"),
        where=EACH,
    ),
    slip(
        "one_per_image",
        N_("one number per image"),
        N_("All pixels of an image are moved by the same number: it only gets brighter or darker."),
        (NOISE, "rng.normal(0, std, size=(len(images),) + (1,) * (images.ndim - 1))"),
        where=EACH,
        pairs=False,
    ),
    slip(
        "one_number",
        N_("one number for everything"),
        N_(
            "All pixels of all images are moved by the same number. rng.normal draws as many as "
            "you ask for: what must size be?"
        ),
        (NOISE, "rng.normal(0, std, size=(1,) * images.ndim)"),
        where=EACH,
        pairs=False,
    ),
    slip(
        "one_per_column",
        N_("one number per column"),
        N_("Each column of pixels is moved by one number, in all rows and images."),
        (NOISE, "rng.normal(0, std, size=images.shape[-1])"),
        where=EACH,
        pairs=False,
    ),
    slip(
        "uniform",
        N_("uniform between −std and std"),
        N_(
            "Your noise is uniform between −std and std: no pixel moves by more than std. Gaussian "
            "noise is bell shaped, and one pixel in three moves further."
        ),
        (NOISE, "rng.uniform(-std, std, size=images.shape)"),
        where=FROM,
    ),
    slip(
        "uniform_upwards",
        N_("uniform between 0 and std"),
        N_(
            "Your noise is uniform between 0 and std, so images get brighter on the whole. It is "
            "to be Gaussian, with the mean 0."
        ),
        (NOISE, "rng.uniform(0, std, size=images.shape)"),
        where=FROM,
        pairs=False,
    ),
    slip(
        "upwards",
        N_("size of the noise only"),
        N_("The noise is never negative: images only get brighter. Is abs in your line?"),
        (NOISE, f"np.abs({NOISE})"),
        where=FROM,
        pairs=False,
    ),
    slip(
        "relative_std",
        N_("std in units of the images' own"),
        N_(
            "You multiply std by the standard deviation of the images. std is in the unit of a "
            "pixel already."
        ),
        (NOISE, "rng.normal(0, std * images.std(), size=images.shape)"),
        where=FROM,
        pairs=False,
    ),
    slip(
        "multiplied",
        N_("noise times the pixel"),
        N_(
            "The noise is multiplied by the pixel, so black ones stay black. It is added to each "
            "pixel as it is."
        ),
        (ADDED, "return images + images * noise.astype(images.dtype)"),
        where=N_("images **+** N(0, std²)"),
    ),
    slip(
        "clipped",
        N_("cut off at 0 and 1"),
        N_(
            "What falls below 0 or rises above 1 is cut off, so the noise isn't Gaussian any more "
            "and its mean isn't 0 at the ends. Nothing is clipped here."
        ),
        (ADDED, "return np.clip(images + noise.astype(images.dtype), 0, 1)"),
        where=N_("images + N(0, std²), **no clipping**"),
    ),
    slip(
        "clipped_below",
        N_("cut off at 0"),
        N_("What falls below 0 is cut off: black pixels only get brighter. Nothing is clipped."),
        (ADDED, "return np.maximum(images + noise.astype(images.dtype), 0)"),
        where=N_("images + N(0, std²), **no clipping**"),
    ),
    slip(
        "clipped_to_range",
        N_("cut off at the images' own range"),
        N_(
            "What falls below the darkest pixel or rises above the brightest is cut off. Nothing "
            "is clipped here."
        ),
        (
            ADDED,
            "return np.clip(images + noise.astype(images.dtype), images.min(), images.max())",
        ),
        where=N_("images + N(0, std²), **no clipping**"),
        pairs=False,
    ),
    slip(
        "whole_numbers",
        N_("fractions cut off"),
        N_("What you return are whole numbers: the fractions are cut off. Is there an int?"),
        (ADDED, "return (images + noise.astype(images.dtype)).astype(int)"),
        where=N_("**images + N(0, std²)**"),
        pairs=False,
    ),
    slip(
        "one_per_row",
        N_("one number per row"),
        N_("All pixels of a row are moved by the same number, so images get stripes."),
        (NOISE, "rng.normal(0, std, size=(*images.shape[:-1], 1))"),
        where=EACH,
        pairs=False,
    ),
    slip(
        "noise_alone",
        N_("noise without the image"),
        N_("You return the noise alone. The images are what it is added to."),
        (ADDED, "return noise.astype(images.dtype)"),
        where=N_("**images +** N(0, std²)"),
        pairs=False,
    ),
)

PROPERTIES = {
    "mean": (
        N_("noise without the mean 0"),
        N_("What you add isn't 0 on average: images get brighter or darker on the whole."),
    ),
    "std": (
        N_("noise of another size"),
        N_("The standard deviation of what you add isn't std."),
    ),
    "shape": (
        N_("noise isn't Gaussian"),
        N_(
            "Mean and standard deviation are right, and the noise isn't Gaussian: other shares of "
            "it lie within one std and beyond two than the bell curve has."
        ),
    ),
    "together": (
        N_("pixels not drawn on their own"),
        N_("Neighbouring pixels or images get the same noise. Each pixel has a draw of its own."),
    ),
    "cut_off": (
        N_("noise cut off"),
        N_("Black pixels ought to get darker as often as brighter, and white ones too."),
    ),
}

EXERCISE = RandomExercise(
    name="add_noise",
    topic=TOPIC,
    points=4,
    returns="images",
    trials=trials,
    measure=measure,
    first_look=1,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_("rng.normal(mean, standard deviation, size): which three do you need?"),
        N_("As many draws as there are pixels, so size is the shape of the images."),
    ),
    praise=N_("How does this differ from the noise that mini-batches put into the gradient?"),
)
