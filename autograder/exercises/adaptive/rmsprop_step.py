"""`rmsprop_step`. KK: s ← βs + (1 − β) g ⊙ g;  θ ← θ − α g/√(s + ε)."""

import numpy as np

from autograder.exercises.adaptive.inputs import EPS, LR, TOPIC, WITH_S, hyper, root_trials, squares
from autograder.exercises.adaptive.root import ROOT, ROOT_MISTAKES, STEP
from autograder.exercises.base import Exercise, elsewhere, slip
from descentlab.text import N_

MEAN = "beta * s + (1 - beta) * grad**2"

MISTAKES = (
    slip(
        "beta_swapped",
        N_("β and 1 − β swapped"),
        N_(
            "The old s goes in with 1 − β and the new square with β, so a large β forgets quickly. "
            "β is the share of the old mean that stays."
        ),
        (MEAN, "(1 - beta) * s + beta * grad**2"),
        where=N_("s ← **β**s + **(1 − β)** g ⊙ g"),
    ),
    slip(
        "forgot_past",
        N_("old s forgotten"),
        N_("Your s is made of this gradient alone. The share β of the old s belongs in."),
        ("beta * s + ", ""),
        where=N_("s ← **βs** + (1 − β) g ⊙ g"),
    ),
    slip(
        "s_never_decays",
        N_("s never decays"),
        N_("The old s goes in whole: it only grows, which is the flaw RMSprop was to mend."),
        ("beta * s", "s"),
        where=N_("s ← **β**s + (1 − β) g ⊙ g"),
    ),
    slip(
        "weight_missing",
        N_("1 − β missing"),
        N_(
            "The new square goes in whole, so s is a decaying sum, 1/(1 − β) times as large as "
            "the mean that the rule asks for."
        ),
        ("(1 - beta) * grad", "grad"),
        where=N_("s ← βs + **(1 − β)** g ⊙ g"),
    ),
    slip(
        "beta_on_both",
        N_("β on both parts"),
        N_("β weighs the old s and the new square alike. The two weights of a mean add up to 1."),
        ("(1 - beta) * grad", "beta * grad"),
        where=N_("s ← βs + **(1 − β)** g ⊙ g"),
    ),
    slip(
        "weight_on_both",
        N_("1 − β on both parts"),
        N_("1 − β weighs the old s and the new square alike. The two weights add up to 1."),
        ("beta * s", "(1 - beta) * s"),
        where=N_("s ← **β**s + (1 − β) g ⊙ g"),
    ),
    slip(
        "weight_squared",
        N_("1 − β inside the square"),
        N_("You square 1 − β together with the gradient. Only the gradient is squared."),
        ("(1 - beta) * grad**2", "((1 - beta) * grad) ** 2"),
        where=N_("s ← βs + (1 − β) **g ⊙ g**"),
    ),
    slip(
        "square_of_mean",
        N_("square of the mean"),
        N_(
            "You average first and square afterwards. Each gradient is squared on its own, and "
            "the mean is taken of the squares."
        ),
        (MEAN, "(beta * s + (1 - beta) * grad) ** 2"),
        where=N_("s ← βs + (1 − β) **g ⊙ g**"),
    ),
    slip(
        "memory_sign",
        N_("sign of the old s"),
        N_("The old s goes in with a minus, and the number under the root may fall below 0."),
        ("beta * s +", "-beta * s +"),
        where=N_("s ← **+βs** + (1 − β) g ⊙ g"),
    ),
    slip(
        "old_s_in_step",
        N_("step with the old s"),
        N_("You step with the s that came in and renew it afterwards. First s, then the step."),
        (f"s = {MEAN}\n", ""),
        ("return theta, s", f"s = {MEAN}\nreturn theta, s"),
        where=N_("θ ← θ − α g/√(**s** + ε), the new s"),
    ),
    slip(
        "s_never_renewed",
        N_("s never renewed"),
        N_("s stays what it was: this gradient's square never goes in."),
        (f"s = {MEAN}\n", ""),
        where=N_("s ← **βs + (1 − β) g ⊙ g**"),
    ),
    slip(
        "mean_in_step",
        N_("gradient damped in the step, too"),
        N_("1 − β stands in the step as well. It has done its work when s was made."),
        ("lr * grad", "lr * (1 - beta) * grad"),
        where=N_("θ ← θ − α **g**/√(s + ε)"),
    ),
    elsewhere(
        "adagrad_form",
        N_("Adagrad's sum"),
        N_(
            "This is Adagrad: s adds up all squares and never forgets. RMSprop keeps the share β "
            "of the old s and takes the rest from the new square."
        ),
        (MEAN, "s + grad**2"),
        where=N_("s ← **β**s + **(1 − β)** g ⊙ g"),
    ),
    elsewhere(
        "starts_with_gradient",
        N_("first s is the first square"),
        N_(
            "Where s is 0 you start with g² whole, as ALR and ONN do with σ⁰ = |g⁰|. KK starts "
            "from s = 0 and makes no exception for the first step."
        ),
        (MEAN, f"np.where(s == 0, grad**2, {MEAN})"),
        where=N_("s ← **βs + (1 − β) g ⊙ g**, the first step, too"),
    ),
    elsewhere(
        "sigma_form",
        N_("σ remembered, not s"),
        N_(
            "This is the rule as ALR and ONN write it: what it remembers is the root, σ. KK "
            "remembers the mean of the squares, s, and takes the root only in the step."
        ),
        ("beta * s +", "beta * s**2 +"),
        ("return theta, s", "return theta, np.sqrt(s)"),
        where=N_("s ← β**s** + (1 − β) g ⊙ g"),
    ),
    elsewhere(
        "sigma_form_no_eps",
        N_("ALR's form: σ remembered, no ε"),
        N_(
            "This is the rule of ALR and ONN: σ ← √(ασ² + (1 − α)g²), a step by η/σ, and no ε. KK "
            "remembers the mean of the squares, s, and has ε under the root."
        ),
        ("beta * s +", "beta * s**2 +"),
        (ROOT, "np.sqrt(s)"),
        ("return theta, s", "return theta, np.sqrt(s)"),
        where=N_("s ← β**s** + (1 − β) g ⊙ g;  θ ← θ − α g/√(s **+ ε**)"),
    ),
    slip(
        "applied_twice",
        N_("two steps in one call"),
        N_("You renew s and move θ, and then do both once more. One call is one step."),
        ("return theta, s", f"s = {MEAN}\ntheta = {STEP}\nreturn theta, s"),
        where=N_("s ← βs + (1 − β) g ⊙ g;  θ ← θ − α g/√(s + ε), **once**"),
        pairs=False,
    ),
    slip(
        "s_twice",
        N_("s renewed twice"),
        N_("s is renewed twice in one call, so β acts twice and the square goes in twice."),
        (MEAN, f"beta * ({MEAN}) + (1 - beta) * grad**2"),
        where=N_("s ← **βs + (1 − β) g ⊙ g**, once"),
        pairs=False,
    ),
    slip(
        "fixed_weight",
        N_("0.1 for 1 − β"),
        N_(
            "The new square goes in with a fixed 0.1, which is 1 − β for β = 0.9 only, and the old "
            "s with the β that is passed in."
        ),
        ("(1 - beta) * grad", "0.1 * grad"),
        where=N_("s ← βs + **(1 − β)** g ⊙ g"),
        pairs=False,
    ),
    slip(
        "fixed_share",
        N_("0.9 for β"),
        N_("The old s keeps a fixed share of 0.9. The share is the β that is passed in."),
        ("beta * s", "0.9 * s"),
        where=N_("s ← **β**s + (1 − β) g ⊙ g"),
        pairs=False,
    ),
    slip(
        "beta_on_everything",
        N_("β times the whole sum"),
        N_("β multiplies the new square besides its 1 − β: look at where the brackets stand."),
        (MEAN, "beta * (s + (1 - beta) * grad**2)"),
        where=N_("s ← **βs** + (1 − β) g ⊙ g"),
        pairs=False,
    ),
    *ROOT_MISTAKES,
)

EXERCISE = Exercise(
    name="rmsprop_step",
    topic=TOPIC,
    points=10,
    returns=("theta", "s"),
    trials=root_trials(hyper(LR, EPS, beta=(0.58, 0.85)), squares, np.zeros_like, lambda s, _m: s),
    mistakes=MISTAKES,
    parts=WITH_S,
    hints=(
        N_("Only one line differs from adagrad_step: s forgets."),
        N_("A mean of old and new: the share β of the old s, and what is left to 1 of g²."),
        N_(
            "On paper, with s = 3, grad = 2, beta = 0.75: the new s is 2.25 + 0.25 · 4 = 3.25. "
            "With eps = 0.75 the root is 2, and with lr = 0.5 the step is 0.5 · 2/2."
        ),
    ),
    praise=N_("How many gradients does s remember at β = 0.9? And at 0.999?"),
)
