"""`init_constant`. W[ℓ] = value,  b[ℓ] = 0."""

import numpy as np

from autograder.exercises.base import Exercise, draw, single, slip
from autograder.exercises.initialization.measuring import TOPIC
from autograder.exercises.initialization.slips import LAYOUT
from descentlab.text import N_

FULL = "np.full((n_in, n_out), float(value))"


def trials(rng):
    """Values below 0 and above 1, networks of one to four layers, a last layer of one unit.

    float32 holds the values as they are, so that weights in float32 are right, too. The example has
    two layers: with one, a list of W and b would have as many parts as a list of two layers.
    """
    several = ([4, 3, 5, 2], [3, 7, 1], [6, 4], [2, 5, 3, 4, 6])
    return [
        single("example", [2, 3, 1], float(rng.integers(1, 4)) / 4 + 0.125),
        *(
            single("usual", sizes, float(np.float32(sign * draw(rng, 1.1, 1.9))))
            for sizes, sign in zip(several, (1, -1, 1, -1), strict=True)
        ),
    ]


MISTAKES = (
    slip(
        "biases_too",
        N_("biases at the value, too"),
        N_(
            "The biases are set to value, too. Only the weights are; biases start at 0 in every "
            "initialization of this lesson."
        ),
        ("np.zeros(n_out)", "np.full(n_out, float(value))"),
        where=N_("b = **0**"),
    ),
    slip(
        "value_ignored",
        N_("weights all 1"),
        N_("Every weight is 1, whatever value says. The number to use is passed in."),
        (FULL, "np.ones((n_in, n_out))"),
        where=N_("W = **value**"),
        pairs=False,
    ),
    slip(
        "weights_zero",
        N_("weights all 0"),
        N_(
            "Every weight is 0, whatever value says. That is one constant among many; the number "
            "to use is passed in."
        ),
        (FULL, "np.zeros((n_in, n_out))"),
        where=N_("W = **value**"),
        pairs=False,
    ),
    slip(
        "transposed",
        N_("W transposed"),
        N_(
            "Your W has the shape (n_out, n_in). Here an example is a row and a layer computes "
            "h @ W, so the rows of W belong to what comes in."
        ),
        ("(n_in, n_out), float", "(n_out, n_in), float"),
        where=N_("W of shape **(n_in, n_out)**"),
    ),
    slip(
        "diagonal_only",
        N_("value on the diagonal only"),
        N_(
            "value stands on the diagonal of W and 0 everywhere else. Here every weight is the "
            "same number, those off the diagonal as well."
        ),
        (FULL, "float(value) * np.eye(n_in, n_out)"),
        where=N_("**every** W_ij = value"),
    ),
    slip(
        "divided_by_fan_in",
        N_("value divided by n_in"),
        N_(
            "You divide value by the number of inputs. Scaling with the size of a layer comes in "
            "the next exercises; here it is value as it stands."
        ),
        ("float(value)", "float(value) / n_in"),
        where=N_("W = **value**"),
    ),
    slip(
        "fractions_cut",
        N_("value made a whole number"),
        N_(
            "value loses its fraction on the way: an integer array, or int(...), can't hold it. "
            "Weights are floats."
        ),
        ("float(value)", "int(value)"),
        where=N_("W = **value**"),
    ),
    *LAYOUT,
)

EXERCISE = Exercise(
    name="init_constant",
    topic=TOPIC,
    points=8,
    returns="params",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_(
            "layer_sizes = [4, 3, 2] is a network of two layers: one from 4 to 3, one from 3 to "
            "2. A loop over neighbouring numbers visits them."
        ),
        N_(
            "np.full(shape, value) makes an array of one number, np.zeros(n) a vector of zeros. "
            "Collect a tuple (W, b) for each layer in a list."
        ),
    ),
    praise=N_(
        "Compute two units of a hidden layer with these weights: how could they ever come to "
        "differ?"
    ),
)
