"""More mistakes in σ = √(1/t Σ g_i²): its weights, its first value, its 0, what is returned."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

MEAN = "(state.t * state.sigma**2 + grad**2) / t"
RMS = f"np.sqrt({MEAN})"
GUARD = "np.where(sigma > 0, sigma, 1.0)"
STATE = "RmsState(sigma, t)"

COUNT_MISTAKES = (
    slip(
        "sum_over_count",
        N_("root of the sum, divided by t"),
        N_(
            "You take the root of σ² + g² and divide it by t. The division belongs under the root, "
            "and the old σ² is a mean: it stands for all gradients before this one."
        ),
        (RMS, "(np.sqrt(state.sigma**2 + grad**2) / t)"),
        where=N_("σ = √(**1/t Σ** g_i²)"),
        pairs=False,
    ),
    slip(
        "count_outside_root",
        N_("1/t outside the root"),
        N_(
            "Under your root stands the sum of all squares, and t divides the finished root. A "
            "root *mean* square: first the mean, then the root."
        ),
        (RMS, "(np.sqrt(state.t * state.sigma**2 + grad**2) / t)"),
        where=N_("σ = √(**1/t** Σ g_i²)"),
        pairs=False,
    ),
    slip(
        "count_squared",
        N_("old count squared"),
        N_(
            "You square the old count together with σ. The sum of the squares before is t times "
            "σ²; only σ is squared."
        ),
        ("state.t * state.sigma**2", "(state.t * state.sigma) ** 2"),
        where=N_("σ = √(1/t **Σ** g_i²)"),
        pairs=False,
    ),
    slip(
        "sum_squared_over_count",
        N_("σ taken for a plain mean"),
        N_(
            "You go on from t·σ as from a sum, and divide by t outside the root. σ is the root of "
            "a mean: the sum that it holds is t·σ², a sum of squares."
        ),
        (RMS, "(np.sqrt((state.t * state.sigma) ** 2 + grad**2) / t)"),
        where=N_("σ = √(1/t **Σ g_i²**)"),
        pairs=False,
    ),
    slip(
        "roots_added",
        N_("roots added"),
        N_(
            "You take a root of each part and add the roots. The root comes last: it is taken of "
            "the sum."
        ),
        (RMS, "(np.sqrt(state.t / t) * state.sigma + np.abs(grad) / np.sqrt(t))"),
        where=N_("σ = **√(**1/t Σ g_i²**)**"),
        pairs=False,
    ),
    slip(
        "both_counts_small_but_first",
        N_("both counts one too small, but at first"),
        N_(
            "From the second step on you take state.t as if it had counted this gradient. It "
            "counts the updates done: the old σ² is a mean of state.t squares, and this one makes "
            "one more."
        ),
        (MEAN, "(((state.t - 1) * state.sigma**2 + grad**2) / state.t if state.t else grad**2)"),
        where=N_("σ = √(**1/t Σ** g_i²), t with this one"),
        pairs=False,
    ),
    slip(
        "mean_gradient_squared",
        N_("square of the mean gradient"),
        N_(
            "You square the mean of the gradient's entries, so all parameters get the same σ. Each "
            "keeps its own, made of its own gradients."
        ),
        ("grad**2", "np.mean(grad) ** 2"),
        where=N_("σ, **one for each parameter**"),
        pairs=False,
    ),
    slip(
        "weights_crossed",
        N_("weights exchanged"),
        N_(
            "The old σ² goes in once and the new square with the old count. It is the other way "
            "round: σ² stands for many, g² for one."
        ),
        (MEAN, "(state.sigma**2 + state.t * grad**2) / t"),
        where=N_("σ = √(1/t **Σ g_i²**)"),
        pairs=False,
    ),
    slip(
        "divided_by_old_count_but_first",
        N_("divided by the old count, but at first"),
        N_(
            "From the second step on you divide by the number of gradients before this one. This "
            "one is in the sum, so it is in the count."
        ),
        ("grad**2) / t", "grad**2) / max(state.t, 1)"),
        where=N_("σ = √(**1/t** Σ g_i²), t with this one"),
        pairs=False,
    ),
    elsewhere(
        "mean_that_forgets_after_first",
        N_("decaying mean, as ONN's RMSprop"),
        N_(
            "This is RMSprop's σ as ALR and ONN have it, with a fixed 0.9: |g| at first, then a "
            "mean that forgets. Here all gradients so far have the same weight."
        ),
        (MEAN, "(0.9 * state.sigma**2 + 0.1 * grad**2 if state.t else grad**2)"),
        where=N_("σ = √(**1/t Σ** g_i²)"),
        pairs=False,
    ),
    slip(
        "largest_so_far",
        N_("largest gradient so far"),
        N_(
            "Your σ is the larger of the old σ and |g|. It is a mean over all gradients: it can "
            "fall, too."
        ),
        (RMS, "np.maximum(state.sigma, np.abs(grad))"),
        where=N_("σ = √(**1/t Σ** g_i²)"),
        pairs=False,
    ),
    slip(
        "first_sigma_signed",
        N_("first σ with the gradient's sign"),
        N_(
            "Your first σ is g itself, as ONN writes it for RMSprop (σ⁰ = g⁰). Then g/σ is 1 for "
            "every parameter, and one whose slope is negative goes uphill. A size has no sign."
        ),
        (RMS, f"({RMS} if state.t else grad)"),
        (GUARD, "np.where(sigma != 0, sigma, 1.0)"),
        where=N_("σ = **√(**1/t Σ g_i²**)**"),
        pairs=False,
    ),
    slip(
        "mean_over_axis",
        N_("mean over the first axis in σ"),
        N_(
            "You average the squares over the first axis, as if that were a batch. It is an axis "
            "of the parameters: each keeps its own σ."
        ),
        ("grad**2", "np.mean(grad**2, axis=0)"),
        where=N_("σ, **one for each parameter**"),
        pairs=False,
    ),
    slip(
        "deviation_for_size",
        N_("standard deviation over the parameters"),
        N_(
            "You subtract the mean over all parameters before you square. σ measures each "
            "parameter's own gradients, from 0."
        ),
        ("grad**2", "(grad - np.mean(grad)) ** 2"),
        where=N_("σ = √(1/t Σ **g_i²**)"),
        pairs=False,
    ),
    slip(
        "old_sigma_stays_at_start",
        N_("step with the old σ, none where it is 0"),
        N_(
            "You divide by the σ that came in. This gradient belongs into it before the step is "
            "taken."
        ),
        (GUARD, "np.where(state.sigma > 0, state.sigma, np.inf)"),
        where=N_("σ with **this** gradient"),
        pairs=False,
    ),
    slip(
        "one_at_zero",
        N_("0/0 taken as 1"),
        N_(
            "Where all gradients so far were 0 you take g/σ as 1, and the parameter moves by a "
            "whole rate. There is no slope: it stays."
        ),
        (" * grad\n", " * np.where(sigma > 0, grad, 1.0)\n"),
        where=N_("0/**0**, taken as 0"),
        pairs=False,
    ),
    slip(
        "sign_in_step",
        N_("sign of the gradient in the step"),
        N_(
            "The step has the sign of the gradient alone. σ sizes the step; the gradient itself "
            "stands above it."
        ),
        (" * grad\n", " * np.sign(grad)\n"),
        where=N_("1/σ · **g**"),
        pairs=False,
    ),
    slip(
        "gradient_missing_not_at_zero",
        N_("gradient missing in the step"),
        N_("You divide by σ, and the gradient is nowhere above it. σ says how far, g which way."),
        (" * grad\n", " * (sigma > 0)\n"),
        where=N_("1/σ · **g**"),
        pairs=False,
    ),
    slip(
        "sum_returned",
        N_("root of the sum returned"),
        N_(
            "What you return as σ is the root of the *sum* of all squares, √t times too large; the "
            "next call takes it for the root of their mean."
        ),
        (STATE, "RmsState(sigma * t**0.5, t)"),
        where=N_("return θ, (**σ**, t)"),
        pairs=False,
    ),
    slip(
        "t_counted_twice",
        N_("t counted twice in the state"),
        N_(
            "The t that you return is two more than the one that came in. This gradient makes it "
            "one more."
        ),
        (STATE, "RmsState(sigma, t + 1)"),
        where=N_("return θ, (σ, **t**)"),
        pairs=False,
    ),
    elsewhere(
        "eps_added_large",
        N_("large ε beside σ"),
        N_(
            "You add 0.01 to σ in the denominator. This rule has no ε: it divides by σ, and only "
            "where σ is 0 there is something to settle."
        ),
        (GUARD, "(sigma + 1e-2)"),
        where=N_("g/**σ**"),
        pairs=False,
    ),
    elsewhere(
        "floor_under_sigma",
        N_("floor under σ"),
        N_(
            "You keep 0 away with a floor: what you divide by never gets smaller than about 0.01. "
            "A small σ is to divide, too; only where it is 0 there is something to settle."
        ),
        (GUARD, "np.maximum(sigma, 1e-2)"),
        where=N_("g/**σ**"),
        pairs=False,
    ),
    elsewhere(
        "one_added",
        N_("1 beside σ"),
        N_("You add 1 to σ in the denominator. This rule divides by σ itself."),
        (GUARD, "(sigma + 1)"),
        where=N_("g/**σ**"),
        pairs=False,
    ),
    elsewhere(
        "eps_under_root",
        N_("ε under a root beside σ²"),
        N_(
            "You divide by √(σ² + ε) with an ε that is large enough to be seen in the steps. This "
            "rule has none: it divides by σ, and only where σ is 0 there is something to settle."
        ),
        (GUARD, "np.sqrt(sigma**2 + 1e-4)"),
        where=N_("g/**σ**"),
        pairs=False,
    ),
)
