"""Mistakes in σ = √(1/t Σ g_i²), which `rms_step` and `adagrad_rms_step` share."""

from autograder.exercises.adaptive.counts import COUNT_MISTAKES, GUARD, MEAN, RMS, STATE
from autograder.exercises.base import elsewhere, slip
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

SIGMA_MISTAKES = (
    slip(
        "sum_not_mean",
        N_("sum for the mean"),
        N_(
            "Your σ is the root of the sum of all squares: it only grows. σ is a root *mean* "
            "square. How many squares does the old σ stand for?"
        ),
        (MEAN, "state.sigma**2 + grad**2"),
        where=N_("σ = √(**1/t** Σ g_i²)"),
    ),
    slip(
        "not_divided_by_count",
        N_("not divided by the count"),
        N_(
            "The sum of all squares stands under your root. A mean is that sum divided by how "
            "many there are, this gradient included."
        ),
        (MEAN, "state.t * state.sigma**2 + grad**2"),
        where=N_("σ = √(**1/t** Σ g_i²)"),
    ),
    slip(
        "old_mean_not_weighted",
        N_("old mean counted once"),
        N_(
            "The old σ² goes in once, as if it stood for a single gradient. It is the mean of "
            "all before this one: what was their sum?"
        ),
        ("state.t * state.sigma**2", "state.sigma**2"),
        where=N_("σ = √(1/t **Σ** g_i²)"),
    ),
    slip(
        "mean_of_two",
        N_("mean of old and new only"),
        N_(
            "You take the mean of two numbers, the old σ² and the new square, so each new "
            "gradient has half the weight. In a mean of all, each has the same weight."
        ),
        (MEAN, "(state.sigma**2 + grad**2) / 2"),
        where=N_("σ = √(**1/t Σ** g_i²)"),
    ),
    slip(
        "mean_of_two_after_first",
        N_("mean of old and new only, but at first"),
        N_(
            "From the second step on you take the mean of two numbers, the old σ² and the new "
            "square. ONN's 1/2 is the second step's; the third has 1/3. In a mean of all, each "
            "gradient has the same weight."
        ),
        (MEAN, "(state.sigma**2 + grad**2) / (2 if state.t else 1)"),
        where=N_("σ = √(**1/t Σ** g_i²)"),
        pairs=False,
    ),
    slip(
        "divided_by_old_count",
        N_("divided by the old count"),
        N_(
            "You divide by the number of gradients before this one. This one is in the sum, so it "
            "is in the count; at the first step the old count is 0."
        ),
        ("grad**2) / t", "grad**2) / state.t"),
        where=N_("σ = √(**1/t** Σ g_i²), t with this one"),
    ),
    slip(
        "count_one_too_many",
        N_("count one too large"),
        N_(
            "You divide by one more than the number of gradients in the sum. state.t counts the "
            "updates done: before the first it is 0."
        ),
        ("grad**2) / t", "grad**2) / (t + 1)"),
        where=N_("σ = √(**1/t** Σ g_i²)"),
    ),
    slip(
        "old_mean_weighted_by_new_count",
        N_("old mean weighted by the new count"),
        N_(
            "You multiply the old σ² by the count that includes this gradient. It is a mean of "
            "one fewer."
        ),
        ("state.t * state.sigma**2", "state.sigma**2 * t"),
        where=N_("σ = √(1/t **Σ** g_i²)"),
    ),
    slip(
        "both_counts_too_large",
        N_("both counts one too large"),
        N_(
            "You count one gradient too many in both places: the old σ² is a mean of state.t "
            "squares, and with this one there is one more."
        ),
        ("(state.t * state.sigma", "(t * state.sigma"),
        ("grad**2) / t", "grad**2) / (t + 1)"),
        where=N_("σ = √(**1/t** Σ g_i²)"),
        pairs=False,
    ),
    slip(
        "both_counts_too_small",
        N_("both counts one too small"),
        N_(
            "You take state.t as if it had counted this gradient. It counts the updates done: 0 "
            "before the first, so your first mean is divided by 0."
        ),
        ("(state.t * state.sigma", "((state.t - 1) * state.sigma"),
        ("grad**2) / t", "grad**2) / state.t"),
        where=N_("σ = √(**1/t** Σ g_i²), t with this one"),
        pairs=False,
    ),
    slip(
        "t_not_counted",
        N_("this gradient not counted"),
        N_(
            "t stays what it was, in the mean and in the state that you return. This gradient "
            "makes it one more; before the first, t is 0."
        ),
        ("t = state.t + 1", "t = state.t"),
        where=N_("**t ← t + 1**"),
    ),
    slip(
        "t_not_returned",
        N_("old t returned"),
        N_("The t that you return is the one that came in."),
        (STATE, "RmsState(sigma, state.t)"),
        where=N_("return θ, (σ, **t**)"),
    ),
    slip(
        "sigma_not_returned",
        N_("old σ returned"),
        N_("The σ that you return is the one that came in."),
        (STATE, "RmsState(state.sigma, t)"),
        where=N_("return θ, (**σ**, t)"),
    ),
    slip(
        "gradient_left_out",
        N_("σ never renewed"),
        N_("σ stays what it was: this gradient never goes in."),
        (RMS, "state.sigma"),
        where=N_("σ = √(1/t Σ **g_i²**), this one included"),
    ),
    slip(
        "forgot_past",
        N_("past gradients forgotten"),
        N_(
            "Your σ is the size of this gradient alone, so every step is equally long whatever "
            "the slope. σ looks back on all gradients so far."
        ),
        (RMS, "np.abs(grad)"),
        where=N_("σ = √(1/t **Σ** g_i²)"),
    ),
    slip(
        "old_sigma_in_step",
        N_("step with the old σ"),
        N_(
            "You divide by the σ that came in. This gradient belongs into it before the step is "
            "taken."
        ),
        (GUARD, "np.where(state.sigma > 0, state.sigma, 1.0)"),
        where=N_("σ with **this** gradient"),
    ),
    slip(
        "old_sigma_at_start",
        N_("step with the old σ, 0 at first"),
        N_(
            "You divide by the σ that came in, which is 0 before the first step. This gradient "
            "belongs into it before the step is taken."
        ),
        (GUARD, "state.sigma"),
        where=N_("σ with **this** gradient"),
    ),
    slip(
        "nan_at_zero",
        N_("0/0 gives NaN"),
        N_(
            "Where all gradients so far were 0, σ is 0, and your step is 0/0: NaN, which "
            "stays for good. A parameter without any slope doesn't move."
        ),
        (GUARD, "sigma"),
        where=N_("0/**0**, taken as 0"),
    ),
    slip(
        "one_stored_at_zero",
        N_("σ of 0 replaced for good"),
        N_(
            "To keep 0 out of the denominator you put another number into σ "
            "and return it: from then on it counts as gradients that there never were."
        ),
        (STATE, "RmsState(divisor, t)"),
        where=N_("return θ, (**σ**, t)"),
    ),
    slip(
        "root_missing",
        N_("root missing"),
        N_(
            "Your σ is the mean of the squares; its root isn't taken. σ has the unit of a gradient."
        ),
        (RMS, f"({MEAN})"),
        where=N_("σ = **√**(1/t Σ g_i²)"),
    ),
    slip(
        "root_of_count_only",
        N_("root over 1/t only"),
        N_(
            "Your root ends after 1/t, and the squares stand outside it (one of ONN's slides "
            "looks like that). It is the root of the whole mean."
        ),
        (RMS, "np.sqrt(1 / t) * (state.t * state.sigma**2 + grad**2)"),
        where=N_("σ = √(1/t **Σ g_i²**)"),
    ),
    slip(
        "sigma_not_squared",
        N_("old σ not squared"),
        N_(
            "The old σ goes into the mean as it is, beside squares. Sizes and squares can't be "
            "added: first make a mean square of it again."
        ),
        ("state.sigma**2", "state.sigma"),
        where=N_("σ = √(1/t Σ g_i**²**)"),
    ),
    slip(
        "gradient_not_squared",
        N_("gradient not squared"),
        N_(
            "This gradient goes into the mean as it is, with its sign. Squares are what is "
            "averaged here: how large, not which way."
        ),
        ("grad**2", "grad"),
        where=N_("σ = √(1/t Σ g_i**²**)"),
    ),
    slip(
        "mean_of_sizes",
        N_("mean of the sizes"),
        N_(
            "Your σ is the mean of the sizes |g|. A root mean square squares first, averages, "
            "and takes the root last; large gradients then weigh more."
        ),
        (RMS, "((state.t * state.sigma + np.abs(grad)) / t)"),
        where=N_("σ = **√**(1/t Σ g_i**²**)"),
    ),
    slip(
        "mean_of_gradients",
        N_("mean of the gradients"),
        N_(
            "Your σ is the mean of the gradients with their signs: up and down cancel, and it "
            "may even be negative. What is averaged here are squares."
        ),
        (RMS, "((state.t * state.sigma + grad) / t)"),
        (GUARD, "np.where(sigma != 0, sigma, 1.0)"),
        where=N_("σ = **√**(1/t Σ g_i**²**)"),
    ),
    slip(
        "mean_square_stored",
        N_("mean square for σ"),
        N_(
            "What you take in and hand on as σ is the mean of the squares. That is a good memory, "
            "too; here the state holds its root."
        ),
        ("state.sigma**2", "state.sigma"),
        (STATE, "RmsState(sigma**2, t)"),
        where=N_("return θ, (**σ**, t)"),
        pairs=False,
    ),
    slip(
        "square_returned",
        N_("σ² returned"),
        N_("What you return as σ is its square. The next call squares it again."),
        (STATE, "RmsState(sigma**2, t)"),
        where=N_("return θ, (**σ**, t)"),
    ),
    slip(
        "one_sigma_for_all",
        N_("one σ for all parameters"),
        N_(
            "You average the squares over all parameters, so all get the same σ. It is a mean "
            "over time; each parameter keeps its own (ALR's *scalar* is meant for each)."
        ),
        ("grad**2", "np.mean(grad**2)"),
        where=N_("σ, **one for each parameter**"),
    ),
    slip(
        "norm_for_all",
        N_("norm of the whole gradient"),
        N_(
            "You add up the squares of all parameters, the norm of the whole gradient, so all get "
            "the same σ. It is a mean over time; each parameter keeps its own."
        ),
        ("grad**2", "np.sum(grad**2)"),
        where=N_("σ, **one for each parameter**"),
    ),
    slip(
        "state_swapped",
        N_("state in another order"),
        N_("σ and t change places in the state that you return. It is RmsState(sigma, t)."),
        (STATE, "RmsState(t, sigma)"),
        where=N_("return θ, **(σ, t)**"),
    ),
    slip(
        "mean_that_forgets",
        N_("decaying mean, as RMSprop"),
        N_(
            "Your mean forgets: the old σ² keeps a fixed share of 0.9. That is RMSprop, the next "
            "idea. Here all gradients so far have the same weight."
        ),
        (MEAN, "0.9 * state.sigma**2 + 0.1 * grad**2"),
        where=N_("σ = √(**1/t Σ** g_i²)"),
    ),
    elsewhere(
        "eps_added",
        N_("ε beside σ"),
        N_(
            "You add an ε to σ in the denominator, which libraries do against 0/0, and yours is "
            "large enough to be seen in the steps. This rule has none: it divides by σ, and only "
            "where σ is 0 there is something to settle."
        ),
        (GUARD, "(sigma + 1e-3)"),
        where=N_("g/**σ**"),
        pairs=False,
    ),
    elsewhere(
        "eps_in_sigma",
        N_("ε inside σ"),
        N_(
            "You put an ε under σ's root and keep it in the state: where all gradients were 0, σ "
            "isn't 0 any more. This rule has no ε."
        ),
        (MEAN, f"{MEAN} + 1e-8"),
        where=N_("σ = √(**1/t Σ g_i²**)"),
        pairs=False,
    ),
    *COUNT_MISTAKES,
    *whole_gradient("grad**2", " * grad\n"),
)
