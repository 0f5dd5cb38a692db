"""`batchnorm_forward`: a batch made to its own scale."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    Loose,
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
    narrow_columns = batch(rng, 33, 3) * np.array([0.1, 1.0, 0.2])  # σ² below ε
    narrow = [part.astype(np.float32) for part in (batch(rng, 8, 3), *scales(rng, 3))]
    return [
        single("example", x, gamma, beta, eps=draw(rng, 0.1, 0.4, 1)),
        one("usual", 7, 4, eps=eps()),
        one("usual", 4, 6, eps=eps()),
        one("usual", 9, 2),
        single("usual", narrow_columns, *scales(rng, 3), eps=eps()),
        one("usual", 6, 1, eps=eps()),
        single("float32", *narrow, eps=eps(), tolerance=FLOAT32_TOLERANCE),
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
    returns=("out", ("x_hat", Loose("inv_std"), "gamma")),
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
            "second_moment",
            N_("mean of squares for the variance"),
            N_("For σ² you take the mean of x². The variance is that of x − μ."),
            ("np.var(x, axis=0)", "np.mean(x**2, axis=0)"),
            where=N_("σ² = mean((x **− μ**)²)"),
        ),
        slip(
            "mean_not_squared",
            N_("μ for μ²"),
            N_("You take the mean of x² less μ. From the mean of the squares goes μ²."),
            ("np.var(x, axis=0)", "np.abs(np.mean(x**2, axis=0) - mean)"),
            where=N_("σ² = mean(x²) − μ**²**"),
        ),
        slip(
            "sum_of_squares",
            N_("sum for mean in the variance"),
            N_("The squares of x − μ are added up. The variance is their mean."),
            ("np.var(x, axis=0)", "np.sum((x - mean) ** 2, axis=0)"),
            where=N_("σ² = **mean**((x − μ)²)"),
        ),
        slip(
            "one_variance",
            N_("one variance for all columns"),
            N_("The mean is each column's own, the variance is that of the whole array."),
            ("np.var(x, axis=0)", "np.full(x.shape[1], np.var(x), dtype=x.dtype)"),
            where=N_("σ²: over the batch, **one per column**"),
        ),
        slip(
            "mean_after_division",
            N_("x/σ − μ"),
            N_("x is divided first and the mean is taken off after: brackets are missing."),
            ("(x - mean) * inv_std", "x * inv_std - mean"),
            where=N_("**(x − μ)**/√(σ² + ε)"),
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
            "cached_output",
            N_("the output in the cache for x̂"),
            N_("The output is right. It stands in the cache, too, where x̂ belongs."),
            ("BatchNormCache(x_hat,", "BatchNormCache(out,"),
            where=N_("BatchNormCache(**x̂**, inv_std, γ)"),
        ),
        slip(
            "cached_without_eps",
            N_("ε missing in the cache"),
            N_("The output is right. inv_std in the cache is 1/σ: it lacks ε."),
            ("x_hat, inv_std, gamma)", "x_hat, 1 / np.sqrt(var), gamma)"),
            where=N_("BatchNormCache(x̂, **1/√(σ² + ε)**, γ)"),
        ),
        slip(
            "cached_mean",
            N_("the mean in the cache"),
            N_("The output is right. In the cache μ stands where 1/√(σ² + ε) belongs."),
            ("x_hat, inv_std, gamma)", "x_hat, mean, gamma)"),
            where=N_("BatchNormCache(x̂, **1/√(σ² + ε)**, γ)"),
        ),
        slip(
            "cached_beta",
            N_("β in the cache for γ"),
            N_("The output is right. In the cache β stands where γ belongs."),
            ("x_hat, inv_std, gamma)", "x_hat, inv_std, beta)"),
            where=N_("BatchNormCache(x̂, inv_std, **γ**)"),
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
        slip(
            "beta_subtracted",
            N_("β subtracted"),
            N_("β is taken away from the output; it is added."),
            ("gamma * x_hat + beta", "gamma * x_hat - beta"),
            where=N_("γ x̂ **+** β"),
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
