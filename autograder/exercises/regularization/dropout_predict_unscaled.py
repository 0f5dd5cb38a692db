"""`dropout_predict_unscaled`. SL2: no scaling in training, × (1 − p) at test."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    draw,
    elsewhere,
    single,
    slip,
)
from autograder.exercises.regularization.inputs import TOPIC, parameters
from descentlab.text import N_


def predict_trials(rng):
    """Activations of several shapes, with a small and with a large p, and with p = 0.

    The first have entries enough that an answer that draws can't draw the same twice.
    """
    return [
        single("usual", parameters(rng, (97,)), draw(rng, 0.4, 0.6)),
        single("example", np.round(parameters(rng, (2,)), 1), draw(rng, 0.2, 0.4, 1)),
        single("usual", parameters(rng, (7,)), draw(rng, 0.62, 0.85)),
        single("usual", parameters(rng, (5,)), 0.0),
        single("shape", parameters(rng, (3, 5)), draw(rng, 0.15, 0.38)),
        single("shape", parameters(rng, (2, 3, 4)), draw(rng, 0.62, 0.85)),
        single(
            "float32",
            parameters(rng, (6,)).astype(np.float32),
            draw(rng, 0.15, 0.38),
            tolerance=FLOAT32_TOLERANCE,
        ),
    ]


AT_TEST = "x * (1 - p)"

EXERCISE = Exercise(
    name="dropout_predict_unscaled",
    topic=TOPIC,
    points=3,
    returns="out",
    trials=predict_trials,
    mistakes=(
        elsewhere(
            "keep_probability",
            N_("p as the probability to keep"),
            N_(
                "You multiply by p: right where p is the probability to keep a unit, as in "
                "Srivastava's paper. Here p is the probability to switch it off; what share came "
                "through in training?"
            ),
            (AT_TEST, "x * p"),
            where=N_("out = (**1 − p**) x"),
        ),
        elsewhere(
            "inverted_form",
            N_("nothing done at test time"),
            N_(
                "The output is x as it came in: right after inverted dropout, your "
                "dropout_forward. SL2's training doesn't scale, so test time must."
            ),
            (AT_TEST, "x.copy()"),
            where=N_("out = **(1 − p)** x"),
        ),
        slip(
            "divided",
            N_("divided by 1 − p"),
            N_(
                "You divide by 1 − p. That scales up, as training does in the inverted form; here "
                "all units are on, which is more than in training."
            ),
            (AT_TEST, "x / (1 - p)"),
            where=N_("out = (1 − p) **·** x"),
        ),
        slip(
            "divided_by_p",
            N_("divided by p"),
            N_("You divide by p, and the output grows. All units are on now: scale it down."),
            (AT_TEST, "x / p"),
            where=N_("out = **(1 − p) ·** x"),
        ),
        slip(
            "subtracted",
            N_("p subtracted"),
            N_("You take p from x, whatever the size of x. 1 − p is a factor."),
            (AT_TEST, "x - p"),
            where=N_("out = **(1 − p) ·** x"),
        ),
        slip(
            "raised",
            N_("1 + p for 1 − p"),
            N_("You multiply by 1 + p, which is more than 1. All units are on now: scale it down."),
            (AT_TEST, "x * (1 + p)"),
            where=N_("out = (1 **−** p) x"),
        ),
        slip(
            "brackets_missing",
            N_("brackets missing"),
            N_("You return 1 − px: the product comes before the difference. Brackets are missing."),
            (AT_TEST, "1 - p * x"),
            where=N_("out = **(**1 − p**)** x"),
        ),
        slip(
            "squared",
            N_("scaled twice"),
            N_("You multiply by 1 − p twice. Once brings back the mean of the training."),
            (AT_TEST, "x * (1 - p) ** 2"),
            where=N_("out = **(1 − p)** x"),
        ),
        slip(
            "variance_kept",
            N_("root of 1 − p"),
            N_("You multiply by the root of 1 − p. To keep the mean takes 1 − p itself."),
            (AT_TEST, "x * (1 - p) ** 0.5"),
            where=N_("out = (**1 − p**) x"),
        ),
        slip(
            "sign",
            N_("p − 1 for 1 − p"),
            N_("Your factor is p − 1, which is negative: every output changes its sign."),
            (AT_TEST, "x * (p - 1)"),
            where=N_("out = (**1 − p**) x"),
            pairs=False,
        ),
    ),
    hints=(
        N_("In training a unit was on with probability 1 − p. What was its output on average?"),
        N_("Nothing is drawn at test time: one factor for all."),
    ),
    praise=N_("Use it after your dropout_forward, and the scale counts twice. See the question."),
)
