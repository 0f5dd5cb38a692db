"""Mistakes in `color_jitter`: in the covariance, its axes and eigenvalues, the draws, the shift."""

import numpy as np

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

COVARIANCE = "np.cov(images.reshape(-1, 3), rowvar=False)"
ALPHA = "rng.normal(0, std, size=(len(images), 3))"
SHIFT = "(alpha * eigenvalues) @ axes.T"
RETURN = "return images + shift[:, None, None, :].astype(images.dtype)"

SUM = N_("Σ_j α_j **λ_j** p_j")
AXES = N_("Σ_j α_j λ_j **p_j**")
DRAWS = N_("Σ_j **α_j** λ_j p_j, one draw per image and axis")
PIXELS = N_("the covariance of **all pixels in images**")


def _per_image(images, std, rng):
    own = images - images.mean(axis=(1, 2), keepdims=True)
    pixels = images.shape[1] * images.shape[2]
    eigenvalues, axes = np.linalg.eigh(np.einsum("nhwi,nhwj->nij", own, own) / (pixels - 1))
    alpha = rng.normal(0, std, size=(len(images), 3))
    shift = np.einsum("nij,nj->ni", axes, alpha * eigenvalues)
    return images + shift[:, None, None, :].astype(images.dtype)


def _per_pixel(images, std, rng):
    covariance = np.cov(images.reshape(-1, 3), rowvar=False)
    eigenvalues, axes = np.linalg.eigh(covariance)
    alpha = rng.normal(0, std, size=images.shape)
    return images + ((alpha * eigenvalues) @ axes.T).astype(images.dtype)


MISTAKES = (
    slip(
        "eigenvalues_missing",
        N_("eigenvalues missing"),
        N_(
            "You go equally far along all three axes, which is no other than noise for red, green "
            "and blue, each on its own. The eigenvalue says how much the pixels vary along an "
            "axis: an image moves far where they vary much."
        ),
        (SHIFT, "alpha @ axes.T"),
        where=SUM,
        pairs=False,
    ),
    elsewhere(
        "roots_of_eigenvalues",
        N_("roots of the eigenvalues"),
        N_(
            "You multiply by the root of the eigenvalue, the standard deviation along the axis: "
            "some libraries do, and it has the pixels' unit. Krizhevsky's formula, which CS7 "
            "means, has the eigenvalue itself."
        ),
        (SHIFT, "(alpha * np.sqrt(eigenvalues)) @ axes.T"),
        where=SUM,
    ),
    slip(
        "singular_values",
        N_("singular values for eigenvalues"),
        N_(
            "You multiply by the singular values of the pixels' table. Squared and divided by the "
            "number of pixels they are the eigenvalues of the covariance."
        ),
        (SHIFT, "(alpha * np.sqrt(eigenvalues * (images.size / 3 - 1))) @ axes.T"),
        where=SUM,
        pairs=False,
    ),
    slip(
        "shares_of_variance",
        N_("eigenvalues made to sum to 1"),
        N_("You divide the eigenvalues by their sum. They are used as they are."),
        (SHIFT, "(alpha * eigenvalues / eigenvalues.sum()) @ axes.T"),
        where=SUM,
        pairs=False,
    ),
    slip(
        "shares_of_largest",
        N_("eigenvalues divided by the largest"),
        N_("You divide the eigenvalues by the largest of them. They are used as they are."),
        (SHIFT, "(alpha * eigenvalues / eigenvalues.max()) @ axes.T"),
        where=SUM,
        pairs=False,
    ),
    slip(
        "axes_as_rows",
        N_("axes taken from the rows"),
        N_(
            "You take the rows of the matrix for axes. np.linalg.eigh puts the eigenvectors into "
            "the columns: is a transpose missing, or one too many?"
        ),
        (SHIFT, "(alpha * eigenvalues) @ axes"),
        where=AXES,
    ),
    slip(
        "out_of_step",
        N_("eigenvalues and axes out of step"),
        N_(
            "The eigenvalues are in another order than the axes: the largest goes with the axis of "
            "the smallest. Whoever sorts one must sort the other."
        ),
        (SHIFT, "(alpha * eigenvalues[::-1]) @ axes.T"),
        where=SUM,
    ),
    slip(
        "largest_only",
        N_("first axis only"),
        N_("You move along the axis of the largest eigenvalue alone. All three count."),
        (SHIFT, "(alpha * eigenvalues * [0, 0, 1]) @ axes.T"),
        where=N_("**Σ_j** α_j λ_j p_j"),
        pairs=False,
    ),
    slip(
        "mean_not_removed",
        N_("mean colour not taken away"),
        N_(
            "You take the pixels' products without taking their mean colour away: the first axis "
            "then points to the mean colour. A covariance is about the differences from the mean."
        ),
        (COVARIANCE, "np.einsum('nhwi,nhwj->ij', images, images) / (images.size / 3)"),
        where=N_("the **covariance** of all pixels"),
    ),
    slip(
        "not_divided",
        N_("sum for covariance"),
        N_(
            "You add up the pixels' products and don't divide by their number: the eigenvalues are "
            "thousands of times too large, and grow with every image."
        ),
        (COVARIANCE, f"{COVARIANCE} * (images.size / 3 - 1)"),
        where=N_("the **covariance** of all pixels"),
        pairs=False,
    ),
    slip(
        "correlation",
        N_("correlation for covariance"),
        N_(
            "You take the correlation matrix: each colour divided by its standard deviation. "
            "The covariance keeps the pixels' own units."
        ),
        (COVARIANCE, "np.corrcoef(images.reshape(-1, 3), rowvar=False)"),
        where=N_("the **covariance** of all pixels"),
        pairs=False,
    ),
    slip(
        "divided_by_images",
        N_("divided by the number of images"),
        N_(
            "The sum of products is divided by the number of images. It was a sum over pixels: "
            "divide by how many there are of them."
        ),
        (COVARIANCE, f"{COVARIANCE} * (images.shape[1] * images.shape[2])"),
        where=N_("the **covariance** of all pixels"),
        pairs=False,
    ),
    slip(
        "one_mean",
        N_("one mean for all colours"),
        N_(
            "You take one number away from red, green and blue alike, the mean of everything. Each "
            "colour has a mean of its own: which axis is averaged over?"
        ),
        (
            COVARIANCE,
            "np.einsum('nhwi,nhwj->ij', images - images.mean(), images - images.mean())"
            " / (images.size / 3)",
        ),
        where=N_("the **covariance** of all pixels"),
        pairs=False,
    ),
    slip(
        "mean_colours",
        N_("covariance of the images' mean colours"),
        N_(
            "You take the covariance of the images' mean colours. How colours vary within an image "
            "counts, too: all pixels of all images go in."
        ),
        (COVARIANCE, "np.cov(images.mean(axis=(1, 2)), rowvar=False)"),
        where=PIXELS,
        pairs=False,
    ),
    slip(
        "colours_apart",
        N_("variances without covariances"),
        N_(
            "You keep the variance of each colour and drop how the colours vary together: your "
            "axes are red, green and blue themselves."
        ),
        (COVARIANCE, f"np.diag(np.diag({COVARIANCE}))"),
        where=N_("the **covariance** of all pixels"),
        pairs=False,
    ),
    slip(
        "deviations_for_covariance",
        N_("standard deviations for the covariance"),
        N_(
            "You use the standard deviation of each colour by itself. The axes of the covariance "
            "say how colours vary together, and its eigenvalues are variances."
        ),
        (COVARIANCE, "np.diag(images.reshape(-1, 3).std(axis=0))"),
        where=N_("the **covariance** of all pixels"),
        pairs=False,
    ),
    slip(
        "colours_mixed_up",
        N_("colours mixed up by reshape"),
        N_(
            "reshape(3, -1) doesn't put red, green and blue into three rows: it cuts the list of "
            "numbers into three parts, whatever they are. The colours are the last axis."
        ),
        (COVARIANCE, "np.cov(images.reshape(3, -1))"),
        where=N_("(N, H, W, **3**)"),
        pairs=False,
    ),
    slip(
        "per_image",
        N_("axes of each image"),
        N_(
            "You take axes and eigenvalues from each image by itself. They are those of all pixels "
            "in images, and the same for every image."
        ),
        _per_image,
        where=PIXELS,
    ),
    slip(
        "whole_batch",
        N_("one shift for the whole batch"),
        N_("All images are shifted by the same colour. Each has three draws of its own."),
        (ALPHA, "rng.normal(0, std, size=(1, 3))"),
        where=DRAWS,
        pairs=False,
    ),
    slip(
        "one_draw_per_image",
        N_("one draw for all axes"),
        N_("An image's three axes share a draw. Each axis has one of its own."),
        (ALPHA, "rng.normal(0, std, size=(len(images), 1))"),
        where=DRAWS,
    ),
    slip(
        "per_pixel",
        N_("a shift for every pixel"),
        N_(
            "Every pixel has draws of its own: that is coloured noise. Under another light all "
            "pixels of an image change together."
        ),
        _per_pixel,
        where=DRAWS,
    ),
    slip(
        "variance_for_std",
        N_("std squared"),
        N_(
            "The draws have the standard deviation std². In N(0, std²) the second number is the "
            "variance; rng.normal asks for the standard deviation."
        ),
        (ALPHA, "rng.normal(0, std**2, size=(len(images), 3))"),
        where=N_("α ~ **N(0, std²)**"),
    ),
    slip(
        "root_of_std",
        N_("root of std"),
        N_(
            "The draws have the standard deviation √std, as if std were a variance. rng.normal "
            "asks for the standard deviation, and that is what you were given."
        ),
        (ALPHA, "rng.normal(0, std**0.5, size=(len(images), 3))"),
        where=N_("α ~ **N(0, std²)**"),
        pairs=False,
    ),
    slip(
        "std_ignored",
        N_("std not used"),
        N_("The draws have the standard deviation 1 whatever std is."),
        (ALPHA, "rng.normal(0, 1, size=(len(images), 3))"),
        where=N_("α ~ **N(0, std²)**"),
        pairs=False,
    ),
    slip(
        "std_as_mean",
        N_("std in the place of the mean"),
        N_("The draws have the mean std and the standard deviation 1. Look at the arguments."),
        (ALPHA, "rng.normal(std, size=(len(images), 3))"),
        where=N_("α ~ **N(0, std²)**"),
        pairs=False,
    ),
    slip(
        "uniform",
        N_("uniform draws"),
        N_("Your draws are uniform between −std and std. They are to be normal, N(0, std²)."),
        (ALPHA, "rng.uniform(-std, std, size=(len(images), 3))"),
        where=N_("α ~ **N(0, std²)**"),
        pairs=False,
    ),
    slip(
        "clipped",
        N_("cut off at 0 and 1"),
        N_(
            "What falls below 0 or rises above 1 is cut off. Nothing is clipped here: the images "
            "need not lie between 0 and 1."
        ),
        (RETURN, "return np.clip(images + shift[:, None, None, :].astype(images.dtype), 0, 1)"),
        where=N_("pixel + Σ_j α_j λ_j p_j, **no clipping**"),
        pairs=False,
    ),
    slip(
        "multiplied",
        N_("pixels multiplied"),
        N_("You scale the pixels by the shift. It is added, the same to every pixel of an image."),
        (RETURN, "return images + images * shift[:, None, None, :].astype(images.dtype)"),
        where=N_("pixel **+** Σ_j α_j λ_j p_j"),
        pairs=False,
    ),
    slip(
        "shift_alone",
        N_("shift without the image"),
        N_("You return the shift alone. The images are what it is added to."),
        (
            RETURN,
            "return np.broadcast_to(shift[:, None, None, :].astype(images.dtype), images.shape)",
        ),
        where=N_("**pixel +** Σ_j α_j λ_j p_j"),
        pairs=False,
    ),
    slip(
        "mean_removed",
        N_("mean colour lost"),
        N_(
            "The mean colour is missing in what you return: it was taken away for the covariance "
            "and never put back. Shift the images, not their differences from the mean."
        ),
        (
            RETURN,
            "return images - images.mean(axis=(0, 1, 2)) "
            "+ shift[:, None, None, :].astype(images.dtype)",
        ),
        where=N_("**pixel** + Σ_j α_j λ_j p_j"),
    ),
)
