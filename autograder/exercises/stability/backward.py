"""`batchnorm_backward`: the gradient through a mean and a variance."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, draw, single, slip
from autograder.exercises.stability.forward import TOPIC, batch, scales
from descentlab.states import BatchNormCache
from descentlab.text import N_


def backward_trials(rng):
    def one(label, rows, columns, dtype=np.float64, digits=None, **more):
        x = batch(rng, rows, columns)
        gamma, _beta = scales(rng, columns)
        dout = rng.normal(size=(rows, columns)) + rng.uniform(0.3, 0.9, columns)
        inv_std = 1 / np.sqrt(np.var(x, axis=0) + draw(rng, 0.05, 0.4))
        x_hat = (x - np.mean(x, axis=0)) * inv_std
        parts = [dout, x_hat, inv_std, gamma]
        if digits is not None:
            parts = [np.round(part, digits) for part in parts]
            # Rounded, and still a normalized batch: some right formulas rely on a mean of 0.
            parts[1][-1] = -parts[1][:-1].sum(axis=0)
        dout, *cached = (part.astype(dtype) for part in parts)
        return single(label, dout, BatchNormCache(*cached), **more)

    return [
        one("example", 3, 2, digits=2),
        one("usual", 7, 4),
        one("usual", 4, 6),
        one("usual", 9, 2),
        one("usual", 6, 1),
        one("float32", 8, 3, np.float32, tolerance=FLOAT32_TOLERANCE),
    ]


DX = "dx_hat - through_mean - through_var"

BACKWARD = Exercise(
    name="batchnorm_backward",
    topic=TOPIC,
    points=26,
    returns=("dx", "dgamma", "dbeta"),
    trials=backward_trials,
    parts={"dx": 0.6, "dgamma": 0.2, "dbeta": 0.2},
    mistakes=(
        slip(
            "mean_held_fixed",
            N_("way through the mean missing"),
            N_(
                "dgamma and dbeta are right. dx takes μ for a constant: every x moves the mean, "
                "and through it all outputs of its column."
            ),
            (DX, "dx_hat - through_var"),
            where=N_("dx = (dx̂ **− mean(dx̂)** − x̂ mean(dx̂ x̂))/√(σ² + ε)"),
        ),
        slip(
            "variance_held_fixed",
            N_("way through the variance missing"),
            N_(
                "dgamma and dbeta are right. dx takes σ² for a constant: every x moves the "
                "variance, and through it all outputs of its column."
            ),
            (DX, "dx_hat - through_mean"),
            where=N_("dx = (dx̂ − mean(dx̂) **− x̂ mean(dx̂ x̂)**)/√(σ² + ε)"),
        ),
        slip(
            "statistics_held_fixed",
            N_("μ and σ² taken for constants"),
            N_(
                "dgamma and dbeta are right. dx goes straight through, as if μ and σ² didn't "
                "depend on x. That is the gradient of test time."
            ),
            (DX, "dx_hat"),
            where=N_("dx = (dx̂ **− mean(dx̂) − x̂ mean(dx̂ x̂)**)/√(σ² + ε)"),
        ),
        slip(
            "mean_added",
            N_("sign of the way through the mean"),
            N_("dx adds the mean of dx̂ where it has to be taken away."),
            ("dx_hat - through_mean", "dx_hat + through_mean"),
            where=N_("dx̂ **−** mean(dx̂)"),
        ),
        slip(
            "variance_added",
            N_("sign of the way through the variance"),
            N_("dx adds the way through the variance where it has to be taken away."),
            ("- through_var", "+ through_var"),
            where=N_("**−** x̂ mean(dx̂ x̂)"),
        ),
        slip(
            "sums_for_means",
            N_("sums for means in dx"),
            N_("In dx the two ways through μ and σ² are sums over the batch; they are means."),
            ("np.mean(dx_hat, axis=0)", "np.sum(dx_hat, axis=0)"),
            ("np.mean(dx_hat * x_hat, axis=0)", "np.sum(dx_hat * x_hat, axis=0)"),
            where=N_("dx̂ − **mean**(dx̂) − x̂ **mean**(dx̂ x̂)"),
        ),
        slip(
            "not_divided_by_batch",
            N_("1/B missing in dx"),
            N_(
                "dx is B times too large: after B·dx̂ − Σ… the whole is divided by B, the number "
                "of"
                "rows."
            ),
            (") * inv_std", ") * inv_std * len(dout)"),
            where=N_("**1/B** · (B dx̂ − Σdx̂ − x̂ Σdx̂ x̂)/√(σ² + ε)"),
        ),
        slip(
            "columns_counted",
            N_("number of columns for that of rows"),
            N_(
                "dx divides its sums by the number of columns. The mean is over the batch: B is "
                "the number of rows."
            ),
            ("np.mean(dx_hat, axis=0)", "np.sum(dx_hat, axis=0) / dout.shape[1]"),
            (
                "np.mean(dx_hat * x_hat, axis=0)",
                "np.sum(dx_hat * x_hat, axis=0) / dout.shape[1]",
            ),
            where=N_("dx̂ − **mean**(dx̂) − x̂ **mean**(dx̂ x̂)"),
            pairs=False,
        ),
        slip(
            "unbiased_means",
            N_("B − 1 in the way through the variance"),
            N_(
                "The way through the variance is divided by B − 1. The forward pass divides its "
                "variance by B, so its gradient does, too."
            ),
            (
                "np.mean(dx_hat * x_hat, axis=0)",
                "np.sum(dx_hat * x_hat, axis=0) / (len(dout) - 1)",
            ),
            where=N_("x̂ **mean**(dx̂ x̂)"),
        ),
        slip(
            "over_features",
            N_("means over the features in dx"),
            N_("In dx the means run along the rows. They run over the batch, down each column."),
            ("np.mean(dx_hat, axis=0)", "np.mean(dx_hat, axis=1, keepdims=True)"),
            (
                "np.mean(dx_hat * x_hat, axis=0)",
                "np.mean(dx_hat * x_hat, axis=1, keepdims=True)",
            ),
            where=N_("dx̂ − **mean**(dx̂) − x̂ **mean**(dx̂ x̂)"),
            pairs=False,
        ),
        slip(
            "variance_halved",
            N_("half the way through the variance"),
            N_(
                "The way through the variance counts half. The ½ of the root's derivative is "
                "cancelled by the 2 of the square's."
            ),
            ("- through_var", "- through_var / 2"),
            where=N_("− x̂ mean(dx̂ x̂)"),
        ),
        slip(
            "variance_doubled",
            N_("twice the way through the variance"),
            N_(
                "The way through the variance counts twice. The 2 of the square's derivative is "
                "cancelled by the ½ of the root's."
            ),
            ("- through_var", "- 2 * through_var"),
            where=N_("− x̂ mean(dx̂ x̂)"),
        ),
        slip(
            "scale_squared",
            N_("1/√(σ² + ε) twice in dx"),
            N_("dx is divided by σ² + ε: inv_std acts twice, or the root is missing."),
            (") * inv_std", ") * inv_std**2"),
            where=N_("(…)/**√**(σ² + ε)"),
        ),
        slip(
            "x_hat_forgotten",
            N_("x̂ missing in the way through the variance"),
            N_("The way through the variance isn't multiplied by x̂."),
            ("x_hat * np.mean(dx_hat * x_hat, axis=0)", "np.mean(dx_hat * x_hat, axis=0)"),
            where=N_("− **x̂** mean(dx̂ x̂)"),
        ),
        slip(
            "gamma_forgotten",
            N_("γ missing in dx"),
            N_("dgamma and dbeta are right. γ has no effect on dx."),
            ("dout * gamma", "dout"),
            where=N_("dx̂ = **γ** · dout"),
        ),
        slip(
            "scale_forgotten",
            N_("1/√(σ² + ε) missing in dx"),
            N_("dx isn't divided by √(σ² + ε): inv_std is never used."),
            (") * inv_std", ")"),
            where=N_("(…)**/√(σ² + ε)**"),
        ),
        slip(
            "scale_inverted",
            N_("multiplied by √(σ² + ε) in dx"),
            N_("dx is divided by inv_std; that multiplies by √(σ² + ε)."),
            (") * inv_std", ") / inv_std"),
            where=N_("(…)**/√(σ² + ε)**"),
        ),
        slip(
            "dbeta_mean",
            N_("mean for sum in dbeta"),
            N_(
                "dbeta is a mean over the batch. β is added to every row, so the rows' dout add up."
            ),
            ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
            where=N_("dβ = **Σ** dout"),
        ),
        slip(
            "dgamma_mean",
            N_("mean for sum in dgamma"),
            N_("dgamma is a mean over the batch; it is a sum over the rows."),
            ("np.sum(dout * x_hat, axis=0)", "np.mean(dout * x_hat, axis=0)"),
            where=N_("dγ = **Σ** dout · x̂"),
        ),
        slip(
            "dgamma_without_x_hat",
            N_("x̂ missing in dgamma"),
            N_("dgamma is the sum of dout alone. γ multiplies x̂: so must its gradient."),
            ("np.sum(dout * x_hat, axis=0)", "np.sum(dout, axis=0) * 1"),
            where=N_("dγ = Σ dout · **x̂**"),
        ),
        slip(
            "dgamma_with_gamma",
            N_("γ in dgamma"),
            N_("dgamma is multiplied by γ. The derivative of γ x̂ with respect to γ is x̂."),
            ("np.sum(dout * x_hat, axis=0)", "np.sum(dout * gamma * x_hat, axis=0)"),
            where=N_("dγ = Σ dout · x̂"),
        ),
        slip(
            "dbeta_with_gamma",
            N_("γ in dbeta"),
            N_("dbeta is multiplied by γ. β is added when γ has acted already."),
            ("dbeta = np.sum(dout, axis=0)", "dbeta = np.sum(dout * gamma, axis=0)"),
            where=N_("dβ = Σ **dout**"),
        ),
        slip(
            "gamma_twice",
            N_("γ twice in dx"),
            N_("dx is multiplied by γ twice: dx̂ has it already."),
            (") * inv_std", ") * inv_std * gamma"),
            where=N_("dx̂ = dout · **γ**"),
        ),
    ),
    hints=(
        N_(
            "dbeta and dgamma first: each is a sum over the rows, because one β and one γ serve "
            "all rows."
        ),
        N_(
            "Then dx̂ = dout · γ. From x̂ back to x there are three ways: straight, through the "
            "mean, and through the variance. What each takes away is a mean over the batch."
        ),
        N_(
            "Check yourself: the columns of dx sum to 0, since adding a constant to a column "
            "changes nothing. And Σ dx · x̂ is nearly 0, since stretching it changes nearly "
            "nothing."
        ),
    ),
    praise=N_("Every column of dx sums to 0. Which move of the batch changes no output?"),
)
