"""Mistakes in `dropout_forward`: the draw, the scale, and what is returned."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

KEEP = "rng.random(x.shape) >= p"
SCALED = "keep.astype(x.dtype) / (1 - p)"
RETURN = "return x * mask, mask"

PER_ROW = N_(
    "You draw once for a whole row, so all units of an example are off together. Each entry of x "
    "has a draw of its own: what shape must the random numbers have?"
)
PER_COLUMN = N_(
    "You draw once for a whole column, so a unit is off for all examples of the batch or for none. "
    "Each entry of x has a draw of its own: what shape must the random numbers have?"
)

ONE_DRAW = N_(
    "All units are on, or all are off. rng.random draws as many numbers as you ask for: each entry "
    "of x has a draw of its own."
)

MISTAKES = (
    elsewhere(
        "keep_probability",
        N_("p as the probability to keep"),
        N_(
            "You keep each unit with probability p and scale by 1/p: so do Srivastava's paper, "
            "CS231n's code and TensorFlow 1. Here, in SL2 and in PyTorch, p is the probability to "
            "switch a unit *off*."
        ),
        (KEEP, "rng.random(x.shape) < p"),
        (SCALED, "keep.astype(x.dtype) / p"),
        where=N_("mask = 1/(**1 − p**) with probability **1 − p**"),
    ),
    slip(
        "mask_inverted",
        N_("mask inverted"),
        N_(
            "You switch off what should stay and keep what should go: the share that is off is "
            "1 − p. Which way round is the comparison?"
        ),
        (KEEP, "rng.random(x.shape) < p"),
        where=N_("mask = 1/(1 − p) with probability **1 − p**"),
    ),
    elsewhere(
        "unscaled",
        N_("no scaling in training"),
        N_(
            "You switch units off and leave the others as they are: that is SL2's dropout, which "
            "scales at test time. Here it is inverted dropout: what stays is scaled up at once, "
            "so that the expected output is x."
        ),
        (SCALED, "keep.astype(x.dtype)"),
        where=N_("mask = **1/(1 − p)** with probability 1 − p"),
    ),
    slip(
        "scale_swapped",
        N_("divided by p"),
        N_(
            "The right share is on, and it is divided by p. What is the expected output then? "
            "Multiply the share that stays by its scale: that must be 1."
        ),
        (SCALED, "keep.astype(x.dtype) / p"),
        where=N_("mask = 1/(**1 − p**) with probability 1 − p"),
    ),
    slip(
        "scaled_down",
        N_("multiplied by 1 − p"),
        N_(
            "What stays is multiplied by 1 − p, so the output shrinks twice: by the units that are "
            "off and by the scale. The scale makes up for what is off."
        ),
        (SCALED, "keep.astype(x.dtype) * (1 - p)"),
        where=N_("mask = 1**/**(1 − p) with probability 1 − p"),
    ),
    slip(
        "scaled_by_p",
        N_("multiplied by p"),
        N_(
            "What stays is multiplied by p. The scale makes up for the share that is off: the "
            "expected output must be x."
        ),
        (SCALED, "keep.astype(x.dtype) * p"),
        where=N_("mask = **1/(1 − p)** with probability 1 − p"),
    ),
    slip(
        "mask_without_scale",
        N_("mask returned without its scale"),
        N_(
            "The mask that you return holds only on and off; dropout_backward gets nothing else, "
            "so the scale must be in it."
        ),
        (RETURN, "return x * mask, keep.astype(x.dtype)"),
        where=N_("return out, **mask** (with 1/(1 − p) in it)"),
    ),
    slip(
        "output_without_scale",
        N_("output without the scale"),
        N_("The output is made without the scale that is in the mask. out = x ⊙ mask."),
        (RETURN, "return x * keep, mask"),
        where=N_("out = x ⊙ **mask**"),
    ),
    slip(
        "scaled_twice",
        N_("output scaled twice"),
        N_(
            "The mask carries the scale already, and the output is divided by 1 − p once more. "
            "out = x ⊙ mask, nothing else."
        ),
        (RETURN, "return x * mask / (1 - p), mask"),
        where=N_("out = **x ⊙ mask**"),
    ),
    slip(
        "mask_not_applied",
        N_("mask not applied"),
        N_("The output is x as it came in: nothing is switched off. out = x ⊙ mask."),
        (RETURN, "return x.copy(), mask"),
        where=N_("out = x **⊙ mask**"),
    ),
    slip(
        "dropped_returned",
        N_("what is off returned as the mask"),
        N_(
            "As the mask you return the units that are off; dropout_backward needs those that are "
            "on, with their scale."
        ),
        (RETURN, "return x * mask, (~keep).astype(x.dtype)"),
        where=N_("return out, **mask**"),
        pairs=False,
    ),
    slip(
        "returned_swapped",
        N_("results in another order"),
        N_("You return the mask first. It is (out, mask)."),
        (RETURN, "return mask, x * mask"),
        where=N_("return **out, mask**"),
        pairs=False,
    ),
    slip(
        "two_masks",
        N_("two draws in one call"),
        N_(
            "The mask that you return isn't the one that the output was made with: you draw "
            "twice. Draw once and keep it."
        ),
        (RETURN, "return x * (rng.random(x.shape) >= p) / (1 - p), mask"),
        where=N_("out = x ⊙ **mask**"),
        pairs=False,
    ),
    slip(
        "normal_draws",
        N_("normal numbers compared with p"),
        N_(
            "You compare normally distributed numbers with p. They are below p with another "
            "probability than p; numbers that are uniform on 0 … 1 are below it with just that."
        ),
        (KEEP, "rng.normal(size=x.shape) >= p"),
        where=N_("with **probability** 1 − p"),
        pairs=False,
    ),
    slip(
        "half",
        N_("half of the units whatever p is"),
        N_(
            "Half of the units are off whatever p is. The scale knows p and the draw doesn't: "
            "what are your random numbers compared with?"
        ),
        (KEEP, "rng.random(x.shape) >= 0.5"),
        where=N_("with probability **1 − p**"),
        pairs=False,
    ),
    elsewhere(
        "gaussian",
        N_("Gaussian dropout"),
        N_(
            "Your mask is random noise round 1, and nothing is switched off: that is Gaussian "
            "dropout. Here a unit is on, with the scale 1/(1 − p), or off."
        ),
        (SCALED, "1 + rng.normal(0, (p / (1 - p)) ** 0.5, x.shape)"),
        where=N_("mask = **1/(1 − p)** with probability 1 − p, **else 0**"),
        pairs=False,
    ),
    slip(
        "fixed_count",
        N_("always the same number off"),
        N_(
            "In every call exactly the share p is off. Each unit is drawn on its own, so the "
            "number that is off varies from call to call, and the share is right on average."
        ),
        (KEEP, "rng.permutation(x.size).reshape(x.shape) >= int(p * x.size)"),
        where=N_("each unit with **probability** 1 − p"),
        pairs=False,
    ),
    slip(
        "fixed_per_row",
        N_("always the same number off in a row"),
        N_(
            "In every row exactly the share p is off. Each unit is drawn on its own, so the number "
            "that is off varies from row to row, and the share is right on average."
        ),
        (
            KEEP,
            "rng.permuted(np.arange(x.size).reshape(x.shape) % x.shape[-1], axis=-1)"
            " >= int(p * x.shape[-1])",
        ),
        where=N_("each unit with **probability** 1 − p"),
        pairs=False,
    ),
    slip(
        "one_draw",
        N_("one draw for everything"),
        ONE_DRAW,
        (KEEP, "np.full(x.shape, rng.random() >= p)"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "mask_one_draw",
        N_("one draw for everything"),
        ONE_DRAW,
        (KEEP, "np.asarray(rng.random() >= p)"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "per_row",
        N_("one draw for a row"),
        PER_ROW,
        (KEEP, "rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p + 0 * x"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "mask_per_row",
        N_("one draw for a row"),
        PER_ROW,
        (KEEP, "rng.random((len(x), 1)) >= p"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "per_column",
        N_("one draw for a column"),
        PER_COLUMN,
        (KEEP, "rng.random(x.shape[-1]) >= p + 0 * x"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
    slip(
        "mask_per_column",
        N_("one draw for a column"),
        PER_COLUMN,
        (KEEP, "rng.random(x.shape[-1]) >= p"),
        where=N_("each entry of x **on its own**"),
        pairs=False,
    ),
)
