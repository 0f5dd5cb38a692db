"""`batchnorm_forward` and `batchnorm_running`: a batch's own scale, and what test time uses."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    draw,
    elsewhere,
    single,
    slip,
)
from descentlab.text import N_

TOPIC = "stability"


def batch(rng, rows, columns):
    """A batch whose columns differ in mean and width."""
    return rng.normal(size=(rows, columns)) * rng.uniform(0.5, 2.5, columns) + rng.uniform(
        0.5, 2.0, columns
    ) * np.where(rng.permutation(columns) % 2, -1, 1)


def scales(rng, columns):
    """γ and β, none of them neutral."""
    return rng.uniform(0.4, 0.9, columns), rng.uniform(0.2, 0.8, columns)


def forward_trials(rng):
    def one(label, rows, columns, **more):
        return single(label, batch(rng, rows, columns), *scales(rng, columns), **more)

    def eps():
        return draw(rng, 0.05, 0.4)

    x = np.round(batch(rng, 3, 2), 1)
    gamma, beta = (np.round(values, 1) for values in scales(rng, 2))
    narrow = [part.astype(np.float32) for part in (batch(rng, 8, 3), *scales(rng, 3))]
    return [
        single("example", x, gamma, beta, eps=draw(rng, 0.1, 0.4, 1)),
        one("usual", 7, 4, eps=eps()),
        one("usual", 4, 6, eps=eps()),
        one("usual", 9, 2),
        single("float32", *narrow, eps=eps(), tolerance=FLOAT32_TOLERANCE),
    ]


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
        one("float32", 8, 3, np.float32, momentum=share(), tolerance=FLOAT32_TOLERANCE),
    ]


def _over_everything(x, gamma, beta, eps=1e-5):
    inv_std = 1 / np.sqrt(np.var(x) + eps)
    x_hat = (x - np.mean(x)) * inv_std
    return gamma * x_hat + beta, (x_hat, np.full(x.shape[1], inv_std), gamma)


def _layer_norm(x, gamma, beta, eps=1e-5):
    inv_std = 1 / np.sqrt(np.var(x, axis=1, keepdims=True) + eps)
    x_hat = (x - np.mean(x, axis=1, keepdims=True)) * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)


INV_STD = "1 / np.sqrt(var + eps)"

FORWARD = Exercise(
    name="batchnorm_forward",
    topic=TOPIC,
    points=20,
    returns=("out", ("x_hat", "inv_std", "gamma")),
    trials=forward_trials,
    parts={"out": 0.7, "state": 0.3},
    mistakes=(
        slip(
            "unbiased_variance",
            N_("variance with n − 1"),
            N_(
                "The variance is divided by B − 1. Batch norm divides by B: it describes this "
                "batch, it doesn't estimate another one."
            ),
            ("np.var(x, axis=0)", "np.var(x, axis=0, ddof=1)"),
            where=N_("σ² = Σ(x − μ)²/**B**"),
        ),
        slip(
            "eps_outside",
            N_("ε outside the root"),
            N_("ε is added to the standard deviation, after the root. Here it stands beside σ²."),
            (INV_STD, "1 / (np.sqrt(var) + eps)"),
            where=N_("√(σ² **+ ε**)"),
        ),
        slip(
            "eps_missing",
            N_("ε missing"),
            N_("ε has no effect: without it, a column that never changes is divided by 0."),
            ("var + eps", "var"),
            where=N_("√(σ² **+ ε**)"),
        ),
        slip(
            "variance_for_std",
            N_("divided by the variance"),
            N_("You divide by the variance: the root is missing."),
            (INV_STD, "1 / (var + eps)"),
            where=N_("**√**(σ² + ε)"),
        ),
        slip(
            "mean_kept",
            N_("mean not subtracted"),
            N_("The mean isn't subtracted before the division."),
            ("(x - mean) * inv_std", "x * inv_std"),
            where=N_("(x **− μ**)/√(σ² + ε)"),
        ),
        slip(
            "multiplied",
            N_("multiplied by the standard deviation"),
            N_("The batch is multiplied by its standard deviation where it should be divided."),
            ("(x - mean) * inv_std", "(x - mean) / inv_std"),
            where=N_("(x − μ)**/**√(σ² + ε)"),
        ),
        slip(
            "gamma_missing",
            N_("γ missing"),
            N_("γ has no effect on the output."),
            ("gamma * x_hat", "x_hat"),
            where=N_("**γ** x̂ + β"),
        ),
        slip(
            "beta_missing",
            N_("β missing"),
            N_("β has no effect on the output."),
            ("gamma * x_hat + beta", "gamma * x_hat"),
            where=N_("γ x̂ **+ β**"),
        ),
        slip(
            "beta_inside",
            N_("γ times β, too"),
            N_("γ multiplies β as well: brackets too wide."),
            ("gamma * x_hat + beta", "gamma * (x_hat + beta)"),
            where=N_("**γ x̂** + β"),
        ),
        slip(
            "gamma_beta_swapped",
            N_("γ and β swapped"),
            N_("γ shifts and β scales: the two have changed places."),
            ("gamma * x_hat + beta", "beta * x_hat + gamma"),
            where=N_("**γ** x̂ + **β**"),
        ),
        slip(
            "over_everything",
            N_("one mean for all columns"),
            N_(
                "Mean and variance are taken over the whole array. Each feature, each column, has "
                "its own."
            ),
            _over_everything,
            where=N_("μ, σ²: over the batch, **one per column**"),
        ),
        slip(
            "cached_input",
            N_("x in the cache for x̂"),
            N_("The output is right. In the cache the input x stands where x̂ belongs."),
            ("BatchNormCache(x_hat,", "BatchNormCache(x,"),
            where=N_("BatchNormCache(**x̂**, inv_std, γ)"),
        ),
        slip(
            "cached_centred",
            N_("x − μ in the cache for x̂"),
            N_("The output is right. In the cache stands x − μ, not yet divided, for x̂."),
            ("BatchNormCache(x_hat,", "BatchNormCache(x - mean,"),
            where=N_("BatchNormCache(**x̂**, inv_std, γ)"),
        ),
        slip(
            "cached_std",
            N_("the std in the cache, not its inverse"),
            N_("The output is right. inv_std in the cache is √(σ² + ε); its inverse is wanted."),
            ("x_hat, inv_std, gamma)", "x_hat, 1 / inv_std, gamma)"),
            where=N_("BatchNormCache(x̂, **1/√(σ² + ε)**, γ)"),
        ),
        slip(
            "cached_variance",
            N_("the variance in the cache"),
            N_("The output is right. inv_std in the cache is the variance; 1/√(σ² + ε) is wanted."),
            ("x_hat, inv_std, gamma)", "x_hat, var, gamma)"),
            where=N_("BatchNormCache(x̂, **1/√(σ² + ε)**, γ)"),
        ),
        elsewhere(
            "layer_norm",
            N_("layer normalization"),
            N_(
                "This normalizes each row, over its features: that is layer norm. Batch norm "
                "normalizes each feature, over the rows of the batch."
            ),
            _layer_norm,
            where=N_("μ, σ²: over the **batch**, one per feature"),
        ),
    ),
    hints=(
        N_("Four quantities, one after the other: μ, σ², x̂, out. Along which axis is the batch?"),
        N_("μ and σ² have one number per column: shape (D,). NumPy's var divides by B already."),
        N_("The cache keeps what the way back will need: x̂, 1/√(σ² + ε), and γ, in this order."),
    ),
    praise=N_("Multiply x by 1,000: what happens to the output, and why is that useful?"),
)

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
