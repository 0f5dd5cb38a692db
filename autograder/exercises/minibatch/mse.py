"""`mse`. L = 1/B Σ_i Σ_k (ŷ_ik − y_ik)²."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from autograder.exercises.minibatch.measuring import TOPIC
from descentlab.text import N_

SQUARES = "np.sum((y_hat - y) ** 2, axis=1)"
MEAN = "np.mean(squared_error)"


def trials(rng):
    """More and fewer examples than outputs, one example, one output."""

    def pair(shape, dtype=np.float64):
        return [rng.normal(size=shape).astype(dtype) for _ in range(2)]

    small = np.array([[2.0, 1.0], [0.5, 3.0], [1.0, -1.0]])
    return [
        single("example", small + rng.integers(1, 3), np.array([[1.0, 2.0], [0.5, 1], [-1.0, 0]])),
        single("usual", *pair((7, 4))),
        single("usual", *pair((3, 5))),
        single("usual", *pair((1, 4))),
        single("usual", *pair((6, 1))),
        single("float32", *pair((5, 3), np.float32), tolerance=FLOAT32_TOLERANCE),
    ]


MISTAKES = (
    elsewhere(
        "mean_over_everything",
        N_("mean over outputs, too"),
        N_(
            "This is the mean over all entries, as PyTorch's mse_loss and scikit-learn compute it: "
            "right there, and smaller by the number of outputs. Here the squared errors of one "
            "example are summed, and the mean goes over the examples."
        ),
        (SQUARES, "(y_hat - y) ** 2"),
        where=N_("1/B Σ_i **Σ_k** (ŷ − y)²"),
    ),
    slip(
        "not_averaged",
        N_("sum over the batch"),
        N_(
            "You add up the examples of the batch. Then the loss, and with it each step, grows "
            "with the batch size: take the mean over the examples."
        ),
        (MEAN, "np.sum(squared_error)"),
        where=N_("**1/B** Σ_i Σ_k (ŷ − y)²"),
    ),
    elsewhere(
        "half",
        N_("with a factor ½"),
        N_(
            "There is a ½ in your loss. Many books put it there, so that the 2 of the derivative "
            "goes away. The formula of this lesson has none."
        ),
        (MEAN, f"{MEAN} / 2"),
        where=N_("**1/B** Σ_i Σ_k (ŷ − y)²"),
    ),
    slip(
        "root_taken",
        N_("root of the mean"),
        N_(
            "You take the root at the end: that is the RMSE, in the unit of y. Asked for is the "
            "mean squared error itself."
        ),
        (MEAN, f"np.sqrt({MEAN})"),
        where=N_("1/B Σ_i Σ_k (ŷ − y)², **no root**"),
    ),
    slip(
        "axes_swapped",
        N_("mean over outputs, sum over examples"),
        N_(
            "You sum over the examples and take the mean over the outputs. It is the other way "
            "round: rows are examples, and B of them share the loss."
        ),
        ("axis=1", "axis=0"),
        where=N_("**1/B Σ_i** Σ_k (ŷ − y)²"),
    ),
    slip(
        "absolute_values",
        N_("absolute error"),
        N_(
            "You sum absolute errors. The squared error counts an error of 2 four times as much "
            "as one of 1."
        ),
        ("(y_hat - y) ** 2", "np.abs(y_hat - y)"),
        where=N_("(ŷ − y)**²**"),
    ),
    slip(
        "mean_absolute",
        N_("mean absolute error"),
        N_(
            "This is the mean of all absolute errors, the MAE. The squared error counts an error "
            "of 2 four times as much as one of 1, and here it is summed over the outputs."
        ),
        (SQUARES, "np.abs(y_hat - y)"),
        where=N_("(ŷ − y)**²**"),
        pairs=False,
    ),
    slip(
        "not_squared",
        N_("square forgotten"),
        N_(
            "The errors are added without a square, so those above and those below cancel: the "
            "loss can be 0, or negative, for a bad prediction."
        ),
        ("(y_hat - y) ** 2", "(y_hat - y)"),
        where=N_("(ŷ − y)**²**"),
    ),
    slip(
        "squared_after_sum",
        N_("squared after the sum"),
        N_(
            "You sum the errors of an example and square the sum, so errors of one example cancel "
            "one another. Square each one first."
        ),
        (SQUARES, "np.sum(y_hat - y, axis=1) ** 2"),
        where=N_("Σ_k **(ŷ − y)²**"),
    ),
    slip(
        "squares_subtracted",
        N_("difference of squares"),
        N_("You subtract the squares, ŷ² − y². It is the square of the difference."),
        ("(y_hat - y) ** 2", "y_hat**2 - y**2"),
        where=N_("**(ŷ − y)²**"),
    ),
    slip(
        "plus_for_minus",
        N_("sum for the difference"),
        N_("ŷ and y are added. The error is their difference."),
        ("y_hat - y", "y_hat + y"),
        where=N_("(ŷ **−** y)²"),
    ),
    slip(
        "mean_of_norms",
        N_("mean of the distances"),
        N_(
            "You take the root for each example, which gives its distance, and the mean of those. "
            "The squares themselves are averaged."
        ),
        (SQUARES, f"np.sqrt({SQUARES})"),
        where=N_("1/B Σ_i **Σ_k (ŷ − y)²**"),
    ),
    slip(
        "per_example",
        N_("one number per example"),
        N_(
            "One number for each example came back. The loss of a batch is a single number, their "
            "mean."
        ),
        (f"float({MEAN})", "squared_error"),
        where=N_("**1/B Σ_i** Σ_k (ŷ − y)²"),
        pairs=False,
    ),
    slip(
        "averaged_twice",
        N_("divided by B twice"),
        N_("The mean over the examples divides by B already; you divide by it once more."),
        (MEAN, f"{MEAN} / len(y)"),
        where=N_("**1/B** Σ_i Σ_k (ŷ − y)²"),
        pairs=False,
    ),
    slip(
        "first_example_only",
        N_("return inside the loop"),
        N_(
            "Only the first example is in your loss, divided by the number of all. Does the return "
            "stand inside the loop?"
        ),
        (MEAN, "squared_error[0] / len(y)"),
        where=N_("1/B **Σ_i** Σ_k (ŷ − y)²"),
        pairs=False,
    ),
    slip(
        "one_less",
        N_("divided by B − 1"),
        N_(
            "You divide by B − 1, as for the variance of a sample. A mean over B examples is "
            "divided by B."
        ),
        (MEAN, "np.sum(squared_error) / (len(y) - 1)"),
        where=N_("1/**B** Σ_i Σ_k (ŷ − y)²"),
    ),
)

EXERCISE = Exercise(
    name="mse",
    topic=TOPIC,
    points=10,
    returns="loss",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("Rows are examples, columns are outputs. Which of the two is summed, which averaged?"),
        N_(
            "On paper: errors [[1, 2], [0, 1]]. The first example has 1 + 4 = 5, the second 1; "
            "the loss is their mean, 3. np.sum takes an axis."
        ),
    ),
    praise=N_(
        "Copy every example of a batch once: what happens to this loss, and what would to a sum?"
    ),
)
