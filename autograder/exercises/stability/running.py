"""`batchnorm_running`: what batch normalization uses at test time."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, draw, elsewhere, single, slip
from autograder.exercises.stability.forward import TOPIC, batch
from descentlab.text import N_


def running_trials(rng):
    def one(label, rows, columns, dtype=np.float64, **more):
        x = batch(rng, rows, columns).astype(dtype)
        mean = rng.normal(size=columns).astype(dtype)
        var = rng.uniform(0.3, 2.0, columns).astype(dtype)
        return single(label, mean, var, x, **more)

    def share():
        return draw(rng, 0.62, 0.86)

    x = np.round(batch(rng, 3, 2), 1)
    start = np.array([0.4, -0.3]), np.array([1.5, 0.7])
    return [
        single("example", *start, x, momentum=draw(rng, 0.6, 0.85, 1)),
        one("usual", 7, 4, momentum=share()),
        one("usual", 4, 6, momentum=share()),
        one("usual", 5, 3),
        one("usual", 6, 1, momentum=share()),
        one("float32", 8, 3, np.float32, momentum=share(), tolerance=FLOAT32_TOLERANCE),
    ]


def _around_old_mean(mean, var, x, momentum=0.9):
    new = np.mean((x - mean) ** 2, axis=0)
    mean = momentum * mean + (1 - momentum) * np.mean(x, axis=0)
    return mean, momentum * var + (1 - momentum) * new


OLD_MEAN = "momentum * mean + (1 - momentum) * np.mean(x, axis=0)"
OLD_VAR = "momentum * var + (1 - momentum) * np.var(x, axis=0)"

RUNNING = Exercise(
    name="batchnorm_running",
    topic=TOPIC,
    points=14,
    returns=("mean", "var"),
    trials=running_trials,
    parts={"mean": 0.5, "var": 0.5},
    mistakes=(
        elsewhere(
            "pytorch_form",
            N_("PyTorch's momentum and variance"),
            N_(
                "This is PyTorch's BatchNorm: its momentum is the share of the new batch, and its "
                "running variance divides by B − 1. Here momentum is the share of the old value, "
                "and the variance is the batch's own."
            ),
            lambda mean, var, x, momentum=0.9: (
                (1 - momentum) * mean + momentum * np.mean(x, axis=0),
                (1 - momentum) * var + momentum * np.var(x, axis=0, ddof=1),
            ),
            where=N_("**momentum** · old + (1 − momentum) · new"),
        ),
        elsewhere(
            "momentum_reversed",
            N_("momentum the other way round"),
            N_(
                "Your momentum is the share of the new batch, as in PyTorch. Here it is the share "
                "of the old value."
            ),
            (OLD_MEAN, "(1 - momentum) * mean + momentum * np.mean(x, axis=0)"),
            (OLD_VAR, "(1 - momentum) * var + momentum * np.var(x, axis=0)"),
            where=N_("**momentum** · old + **(1 − momentum)** · new"),
        ),
        elsewhere(
            "unbiased_variance",
            N_("variance with n − 1"),
            N_(
                "The batch's variance is divided by B − 1, as PyTorch does for test time. Here it "
                "is the same variance as in the forward pass, divided by B."
            ),
            ("np.var(x, axis=0)", "np.var(x, axis=0, ddof=1)"),
        ),
        slip(
            "std_for_variance",
            N_("standard deviation kept"),
            N_("The new value that goes in is the standard deviation. What is kept is a variance."),
            ("np.var(x, axis=0)", "np.std(x, axis=0)"),
        ),
        slip(
            "sum_of_both",
            N_("new values not weighted"),
            N_("The batch's values go in whole: the weight 1 − momentum is missing."),
            ("(1 - momentum) * np.mean", "np.mean"),
            ("(1 - momentum) * np.var", "np.var"),
            where=N_("momentum · old + **(1 − momentum)** · new"),
        ),
        slip(
            "same_weight",
            N_("both weighted by momentum"),
            N_("Old and new values both have the weight momentum; the two weights must sum to 1."),
            ("(1 - momentum) * np.mean", "momentum * np.mean"),
            ("(1 - momentum) * np.var", "momentum * np.var"),
            where=N_("momentum · old + **(1 − momentum)** · new"),
            pairs=False,
        ),
        slip(
            "mean_not_weighted",
            N_("new mean not weighted"),
            N_("The variance is right. The batch's mean goes in whole: 1 − momentum is missing."),
            ("(1 - momentum) * np.mean", "np.mean"),
        ),
        slip(
            "old_dropped",
            N_("old values dropped"),
            N_("What came in as mean and var has no effect: nothing is averaged over batches."),
            ("momentum * mean + ", ""),
            ("momentum * var + ", ""),
            where=N_("**momentum · old** + (1 − momentum) · new"),
        ),
        slip(
            "replaced",
            N_("replaced by the batch's values"),
            N_("You return the mean and variance of this batch alone."),
            (OLD_MEAN, "np.mean(x, axis=0)"),
            (OLD_VAR, "np.var(x, axis=0)"),
        ),
        slip(
            "spread_around_running_mean",
            N_("variance about the running mean"),
            N_(
                "The mean is right. The variance is taken about the running mean; it is the "
                "batch's own, about its own mean."
            ),
            ("np.var(x, axis=0)", "np.mean((x - mean) ** 2, axis=0)"),
            pairs=False,
        ),
        slip(
            "spread_around_old_mean",
            N_("variance about the old running mean"),
            N_(
                "The mean is right. The variance is taken about the mean that came in; it is the "
                "batch's own, about its own mean."
            ),
            _around_old_mean,
        ),
        slip(
            "second_moment",
            N_("mean of squares for the variance"),
            N_("The mean is right. What goes into var is the mean of x², not of (x − μ)²."),
            ("np.var(x, axis=0)", "np.mean(x**2, axis=0)"),
            pairs=False,
        ),
        slip(
            "mean_reversed",
            N_("momentum the other way round in the mean"),
            N_(
                "The variance is right. In the mean momentum is the share of the new batch; it is "
                "the share of the old value."
            ),
            (OLD_MEAN, "(1 - momentum) * mean + momentum * np.mean(x, axis=0)"),
            pairs=False,
        ),
        slip(
            "variance_reversed",
            N_("momentum the other way round in the variance"),
            N_(
                "The mean is right. In the variance momentum is the share of the new batch; it is "
                "the share of the old value."
            ),
            (OLD_VAR, "(1 - momentum) * var + momentum * np.var(x, axis=0)"),
            pairs=False,
        ),
        slip(
            "wrong_axis",
            N_("over features, not over the batch"),
            N_("Mean and variance are taken over all numbers of the batch, not column by column."),
            ("np.mean(x, axis=0)", "np.mean(x)"),
            ("np.var(x, axis=0)", "np.var(x)"),
        ),
    ),
    hints=(
        N_("Two running averages of the same form: a share of the old, the rest of the new."),
        N_("momentum = 0.9 keeps nine tenths of the old value. The new one is this batch's alone."),
    ),
    praise=N_("After how many batches has the start, a mean of 0 and a variance of 1, faded?"),
)
