"""`dropout_backward`: the same mask on the way back, dx = dout ⊙ mask."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    draw,
    single,
    slip,
)
from autograder.exercises.regularization.inputs import TOPIC, parameters
from descentlab.text import N_


def backward_trials(rng):
    """Gradients and masks: some units off, the others scaled by 1/(1 − p)."""

    def case(shape):
        size = int(np.prod(shape))
        off = rng.permutation(size) < max(1, size // 3)
        scale = 1 / (1 - draw(rng, 0.25, 0.75))
        return parameters(rng, shape), np.where(off, 0.0, scale).reshape(shape)

    dout, _mask = case((3,))
    single_precision = [part.astype(np.float32) for part in case((6,))]
    return [
        single("example", np.round(dout, 1), rng.permutation([0.0, 2.5, 2.5])),
        single("usual", *case((8,))),
        single("usual", parameters(rng, (4,)), np.ones(4)),  # p = 0: nothing is off
        single("shape", *case((3, 5))),
        single("shape", *case((2, 3, 4))),
        single("float32", *single_precision, tolerance=FLOAT32_TOLERANCE),
    ]


BACK = "dout * mask"

EXERCISE = Exercise(
    name="dropout_backward",
    topic=TOPIC,
    points=4,
    returns="dx",
    trials=backward_trials,
    mistakes=(
        slip(
            "mask_ignored",
            N_("mask ignored"),
            N_(
                "The gradient comes back as it went in. A unit that was off had no part in the "
                "loss: which gradient does it get?"
            ),
            (BACK, "dout.copy()"),
            where=N_("dx = dout **⊙ mask**"),
        ),
        slip(
            "scale_lost",
            N_("scale lost on the way back"),
            N_(
                "The right units get a gradient, and it isn't scaled. In the forward pass a unit "
                "that stayed was multiplied by its mask; the gradient is, too."
            ),
            (BACK, "dout * (mask > 0)"),
            where=N_("dx = dout ⊙ **mask**"),
        ),
        slip(
            "scaled_twice",
            N_("scaled twice"),
            N_(
                "The mask carries the scale already, and you apply it once more. One "
                "multiplication is all."
            ),
            (BACK, "dout * mask**2"),
            where=N_("dx = dout ⊙ **mask**"),
        ),
        slip(
            "mask_inverted",
            N_("mask inverted"),
            N_("The units that were off get the gradient, and those that stayed get none."),
            (BACK, "dout * (mask == 0)"),
            where=N_("dx = dout ⊙ **mask**"),
        ),
        slip(
            "scaled_and_inverted",
            N_("mask inverted"),
            N_("The units that were off get the scaled gradient, and those that stayed get none."),
            (BACK, "dout * (mask == 0) * mask.max()"),
            where=N_("dx = dout ⊙ **mask**"),
            pairs=False,
        ),
        slip(
            "scale_everywhere",
            N_("scaled, and nothing switched off"),
            N_(
                "Every entry is multiplied by the scale, those of the units that were off, too. "
                "They had no part in the loss: which gradient do they get?"
            ),
            (BACK, "dout * mask.max()"),
            where=N_("dx = dout ⊙ **mask**"),
            pairs=False,
        ),
        slip(
            "added",
            N_("mask added"),
            N_("You add the mask to the gradient. Forward, x was multiplied by it."),
            (BACK, "dout + mask"),
            where=N_("dx = dout **⊙** mask"),
            pairs=False,
        ),
        slip(
            "one_minus_mask",
            N_("1 − mask for the mask"),
            N_(
                "You multiply by 1 − mask, as if the mask said who is off. It says who is on, "
                "with the scale."
            ),
            (BACK, "dout * (1 - mask)"),
            where=N_("dx = dout ⊙ **mask**"),
        ),
        slip(
            "divided",
            N_("divided by the mask"),
            N_(
                "You divide by the mask: where a unit was off that is a division by 0. Going back "
                "doesn't undo the forward pass, it multiplies by the same numbers."
            ),
            (BACK, "dout / mask"),
            where=N_("dx = dout **⊙** mask"),
        ),
        slip(
            "divided_where_on",
            N_("divided by the scale"),
            N_(
                "Where a unit stayed you divide by its mask. Going back doesn't undo the forward "
                "pass, it multiplies by the same numbers."
            ),
            (BACK, "dout * (mask > 0) / np.where(mask > 0, mask, 1)"),
            where=N_("dx = dout **⊙** mask"),
            pairs=False,
        ),
        slip(
            "mask_returned",
            N_("the mask returned"),
            N_("What you return is the mask; the gradient that came in isn't in it."),
            (BACK, "mask.copy()"),
            where=N_("dx = **dout ⊙** mask"),
        ),
        slip(
            "sign",
            N_("wrong sign"),
            N_("The gradient comes back with the opposite sign. out = x ⊙ mask has no minus."),
            (BACK, "-dout * mask"),
            where=N_("dx = **+**dout ⊙ mask"),
        ),
        slip(
            "averaged",
            N_("divided by the mean of the mask"),
            N_(
                "You divide by the mean of the mask to keep the size of the gradient. The scale is "
                "in the mask; nothing more is needed."
            ),
            (BACK, "dout * mask / mask.mean()"),
            where=N_("dx = dout ⊙ **mask**"),
        ),
    ),
    hints=(
        N_("Forward, each entry was multiplied by one number. What is the slope of that?"),
        N_("All that the forward pass drew and scaled is in mask. No p and no rng are needed."),
    ),
    praise=N_("This is why dropout_forward returned its mask: a new one would be another network."),
)
