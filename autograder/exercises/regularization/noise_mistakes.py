"""Mistakes in `add_noise`: the size of the noise, how many draws, and what it is added to."""

from autograder.exercises.base import slip
from descentlab.text import N_

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
