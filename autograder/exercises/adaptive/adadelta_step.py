"""`adadelta_step`. Zeiler: Δ = −√(d + ε)/√(s + ε) · g, two decaying means and their ratio."""

from autograder.exercises.adaptive.delta import DELTA, DELTA_MISTAKES, STATE
from autograder.exercises.adaptive.inputs import EPS, TOPIC, WITH_STATE, hyper, squares
from autograder.exercises.base import Exercise, elsewhere, rule_trials, slip
from descentlab.states import AdadeltaState
from descentlab.text import N_

SQUARES = "s = rho * state.s + (1 - rho) * grad**2"
UPDATES = "d = rho * state.d + (1 - rho) * delta**2"
THETA = "theta + lr * delta"

MISTAKES = (
    # what s collects
    slip(
        "s_forgot_past",
        N_("old s forgotten"),
        N_("Your s is made of this gradient alone. The share ρ of the old s belongs in."),
        (SQUARES, "s = (1 - rho) * grad**2"),
        where=N_("s ← **ρs** + (1 − ρ)g²"),
    ),
    slip(
        "s_swapped",
        N_("ρ and 1 − ρ swapped in s"),
        N_("The old s goes in with 1 − ρ, the new square with ρ. ρ is the share that stays."),
        (SQUARES, "s = (1 - rho) * state.s + rho * grad**2"),
        where=N_("s ← **ρ**s + **(1 − ρ)**g²"),
    ),
    slip(
        "both_swapped",
        N_("ρ and 1 − ρ swapped"),
        N_(
            "In both means the old value goes in with 1 − ρ and the new one with ρ. ρ is the share "
            "that stays."
        ),
        (SQUARES, "s = (1 - rho) * state.s + rho * grad**2"),
        (UPDATES, "d = (1 - rho) * state.d + rho * delta**2"),
        where=N_("s ← **ρ**s + **(1 − ρ)**g²;  d ← **ρ**d + **(1 − ρ)**Δ²"),
    ),
    slip(
        "s_weight_missing",
        N_("1 − ρ missing in s"),
        N_("The new square goes into s whole: a decaying sum, 1/(1 − ρ) times too large."),
        ("(1 - rho) * grad**2", "grad**2"),
        where=N_("s ← ρs + **(1 − ρ)**g²"),
    ),
    slip(
        "s_never_decays",
        N_("s never decays"),
        N_("The old s goes in whole, so s only grows. ρ says what share of it stays."),
        ("rho * state.s", "state.s"),
        where=N_("s ← **ρ**s + (1 − ρ)g²"),
    ),
    slip(
        "adagrad_sum",
        N_("Adagrad's sum in s"),
        N_("s adds up all squares, as Adagrad's. Here it is a mean that forgets."),
        (SQUARES, "s = state.s + grad**2"),
        where=N_("s ← **ρ**s + **(1 − ρ)**g²"),
    ),
    slip(
        "gradient_not_squared",
        N_("gradient not squared in s"),
        N_("The gradient goes into s as it is, with its sign. s is a mean of squares."),
        ("(1 - rho) * grad**2", "(1 - rho) * grad"),
        where=N_("s ← ρs + (1 − ρ)g**²**"),
    ),
    slip(
        "one_s_for_all",
        N_("one s for all parameters"),
        N_("You average the squares over all parameters. Each parameter keeps its own s."),
        ("(1 - rho) * grad**2", "(1 - rho) * np.mean(grad**2)"),
        where=N_("s ← ρs + (1 − ρ)**g²**, entry by entry"),
    ),
    slip(
        "s_not_returned",
        N_("old s returned"),
        N_("The s that you return is the one that came in."),
        (STATE, "AdadeltaState(state.s, d)"),
        where=N_("return θ, (**s**, d)"),
    ),
    slip(
        "old_s_in_step",
        N_("step with the old s"),
        N_("Under the fraction you use the s that came in. This gradient belongs into it first."),
        ("np.sqrt(s + eps)", "np.sqrt(state.s + eps)"),
        where=N_("Δ = −√(d + ε)/√(**s** + ε) · g, the new s"),
    ),
    # the ratio
    slip(
        "ratio_inverted",
        N_("ratio upside down"),
        N_(
            "The root of s stands above, the root of d below. Look at the units: a size of steps "
            "over a size of gradients, times a gradient, is a step."
        ),
        (DELTA, "-np.sqrt(s + eps) / np.sqrt(state.d + eps) * grad"),
        where=N_("Δ = −√(**d** + ε)/√(**s** + ε) · g"),
    ),
    slip(
        "rmsprop_step",
        N_("root of d missing"),
        N_(
            "Your step is RMSprop's: nothing stands above the root of s. What AdaDelta adds is the "
            "size of the recent steps."
        ),
        ("-np.sqrt(state.d + eps) / ", "-1 / "),
        where=N_("Δ = −**√(d + ε)**/√(s + ε) · g"),
    ),
    slip(
        "not_divided",
        N_("root of s missing"),
        N_("Nothing divides your step: the size of the gradients is missing under it."),
        (" / np.sqrt(s + eps)", ""),
        where=N_("Δ = −√(d + ε)**/√(s + ε)** · g"),
    ),
    slip(
        "roots_missing",
        N_("both roots missing"),
        N_("You divide d + ε by s + ε as they are. Both hold squares, and a step is none."),
        (DELTA, "-(state.d + eps) / (s + eps) * grad"),
        where=N_("Δ = −**√**(d + ε)/**√**(s + ε) · g"),
    ),
    slip(
        "upper_root_missing",
        N_("root over d missing"),
        N_("d + ε stands above without its root. d holds squares, and a step is none."),
        ("np.sqrt(state.d + eps)", "(state.d + eps)"),
        where=N_("Δ = −**√**(d + ε)/√(s + ε) · g"),
    ),
    slip(
        "lower_root_missing",
        N_("root over s missing"),
        N_("You divide by s + ε without the root. s holds squares, and g is none."),
        ("np.sqrt(s + eps)", "(s + eps)"),
        where=N_("Δ = −√(d + ε)/**√**(s + ε) · g"),
    ),
    slip(
        "gradient_missing",
        N_("gradient missing in Δ"),
        N_("Δ is a ratio of sizes alone. They say how far; which way is the gradient's to say."),
        (" * grad\n", "\n"),
        where=N_("Δ = −√(d + ε)/√(s + ε) · **g**"),
    ),
    slip(
        "upper_eps_missing",
        N_("ε missing with d"),
        N_(
            "The ε beside d is missing. d is 0 before the first step, so your Δ is 0, so d stays "
            "0: you never leave the start."
        ),
        ("state.d + eps", "state.d"),
        where=N_("Δ = −√(d **+ ε**)/√(s + ε) · g"),
    ),
    slip(
        "lower_eps_missing",
        N_("ε missing with s"),
        N_("The ε beside s is missing, and nothing keeps the denominator from 0."),
        ("np.sqrt(s + eps)", "np.sqrt(s)"),
        where=N_("Δ = −√(d + ε)/√(s **+ ε**) · g"),
    ),
    slip(
        "eps_missing",
        N_("ε missing"),
        N_(
            "Neither root has its ε, or a fixed number stands in its place. Above, ε is what makes "
            "the first step possible; below, it keeps the denominator from 0."
        ),
        (DELTA, "-np.sqrt(state.d) / np.sqrt(s) * grad"),
        where=N_("Δ = −√(d **+ ε**)/√(s **+ ε**) · g"),
    ),
    elsewhere(
        "eps_outside",
        N_("ε outside both roots"),
        N_(
            "ε stands outside your roots, √d + ε over √s + ε, as CS7 has it for RMSprop. Zeiler "
            "puts it inside both, so the first steps start from √ε, not from ε."
        ),
        (DELTA, "-(np.sqrt(state.d) + eps) / (np.sqrt(s) + eps) * grad"),
        where=N_("Δ = −√(d **+ ε**)/√(s **+ ε**) · g"),
    ),
    slip(
        "upper_eps_outside",
        N_("ε outside the upper root"),
        N_("Above the fraction ε stands outside the root. In Zeiler's rule both roots hold an ε."),
        ("np.sqrt(state.d + eps)", "(np.sqrt(state.d) + eps)"),
        where=N_("Δ = −√(d **+ ε**)/√(s + ε) · g"),
    ),
    slip(
        "lower_eps_outside",
        N_("ε outside the lower root"),
        N_("Under the fraction ε stands outside the root. In Zeiler's rule both roots hold an ε."),
        ("np.sqrt(s + eps)", "(np.sqrt(s) + eps)"),
        where=N_("Δ = −√(d + ε)/√(s **+ ε**) · g"),
    ),
    # what d collects
    slip(
        "d_with_lr",
        N_("d collects lr · Δ"),
        N_(
            "Your d remembers the step with lr in it. d collects Δ itself; lr only scales what θ "
            "gets."
        ),
        ("delta**2", "(lr * delta) ** 2"),
        where=N_("d ← ρd + (1 − ρ)**Δ**²"),
    ),
    slip(
        "d_from_gradient",
        N_("d collects gradients"),
        N_("The gradient's square goes into d, as into s. d collects the squares of the steps, Δ."),
        ("delta**2", "grad**2"),
        where=N_("d ← ρd + (1 − ρ)**Δ**²"),
    ),
    slip(
        "d_from_theta",
        N_("d collects θ"),
        N_("θ's square goes into d. d collects the squares of the *steps*, Δ."),
        ("delta**2", "theta**2"),
        where=N_("d ← ρd + (1 − ρ)**Δ**²"),
    ),
    slip(
        "delta_not_squared",
        N_("Δ not squared in d"),
        N_("Δ goes into d as it is, with its sign. d is a mean of squares."),
        ("delta**2", "delta"),
        where=N_("d ← ρd + (1 − ρ)Δ**²**"),
    ),
    slip(
        "d_forgot_past",
        N_("old d forgotten"),
        N_("Your d is made of this step alone. The share ρ of the old d belongs in."),
        ("d = rho * state.d + ", "d = "),
        where=N_("d ← **ρd** + (1 − ρ)Δ²"),
    ),
    slip(
        "d_swapped",
        N_("ρ and 1 − ρ swapped in d"),
        N_("The old d goes in with 1 − ρ, the new square with ρ. ρ is the share that stays."),
        (UPDATES, "d = (1 - rho) * state.d + rho * delta**2"),
        where=N_("d ← **ρ**d + **(1 − ρ)**Δ²"),
    ),
    slip(
        "d_weight_missing",
        N_("1 − ρ missing in d"),
        N_("Δ² goes into d whole: a decaying sum, 1/(1 − ρ) times too large."),
        ("(1 - rho) * delta**2", "delta**2"),
        where=N_("d ← ρd + **(1 − ρ)**Δ²"),
    ),
    slip(
        "weights_missing",
        N_("1 − ρ missing in both means"),
        N_("Both squares go in whole: decaying sums, where the rule has means."),
        ("(1 - rho) * grad**2", "grad**2"),
        ("(1 - rho) * delta**2", "delta**2"),
        where=N_("s ← ρs + **(1 − ρ)**g²;  d ← ρd + **(1 − ρ)**Δ²"),
    ),
    slip(
        "d_never_decays",
        N_("d never decays"),
        N_("The old d goes in whole, so d only grows. ρ says what share of it stays."),
        ("d = rho * state.d", "d = state.d"),
        where=N_("d ← **ρ**d + (1 − ρ)Δ²"),
    ),
    slip(
        "d_not_renewed",
        N_("old d returned"),
        N_("The d that you return is the one that came in, so the steps never learn their size."),
        (STATE, "AdadeltaState(s, state.d)"),
        where=N_("return θ, (s, **d**)"),
    ),
    slip(
        "new_d_in_step",
        N_("step made with the new d"),
        N_(
            "You renew d first and make the step with it. The d under the root is the one from "
            "before this step: this Δ isn't known yet."
        ),
        (THETA, "theta - lr * np.sqrt(d + eps) / np.sqrt(s + eps) * grad"),
        where=N_("Δ = −√(**d** + ε)/√(s + ε) · g, the old d"),
    ),
    slip(
        "d_with_gradient_before_step",
        N_("d renewed with g² before the step"),
        N_(
            "You renew d beside s, with the gradient's square, and step with it: the ratio is "
            "then nearly 1. d collects Δ², so its turn comes after Δ."
        ),
        (
            f"delta = {DELTA}\n{UPDATES}",
            "d = rho * state.d + (1 - rho) * grad**2\n"
            "delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * grad",
        ),
        where=N_("Δ = −√(**d** + ε)/√(s + ε) · g;  d ← ρd + (1 − ρ)**Δ**²"),
        pairs=False,
    ),
    # the step and what is returned
    slip(
        "sign",
        N_("sign of the step"),
        N_(
            "Your step goes uphill. One minus is needed in all: here it stands in Δ, and Δ is "
            "added."
        ),
        (THETA, "theta - lr * delta"),
        where=N_("Δ = **−**√(d + ε)/√(s + ε) · g;  θ ← θ **+** lr · Δ"),
    ),
    elsewhere(
        "lr_missing",
        N_("no learning rate, as Zeiler"),
        N_(
            "You add Δ whole. That is Zeiler's paper, which has no learning rate: lr = 1. Here lr "
            "scales the step, as in the libraries."
        ),
        (THETA, "theta + delta"),
        where=N_("θ ← θ + **lr** · Δ"),
    ),
    slip(
        "lr_twice",
        N_("lr twice"),
        N_("lr is in Δ and once more in the last line. It scales what θ gets, once."),
        (DELTA, f"lr * {DELTA}"),
        where=N_("Δ = −**√(d + ε)**/√(s + ε) · g;  θ ← θ + **lr** · Δ"),
    ),
    slip(
        "lr_for_d",
        N_("lr in place of the root of d"),
        N_("lr stands where the root of d belongs and not in the last line: that is RMSprop."),
        (THETA, "theta - lr * grad / np.sqrt(s + eps)"),
        where=N_("Δ = −**√(d + ε)**/√(s + ε) · g"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("s and d are renewed, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {THETA}\n", ""),
        where=N_("θ ← **θ + lr · Δ**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (THETA, "lr * delta"),
        where=N_("θ ← **θ** + lr · Δ"),
    ),
    slip(
        "state_swapped",
        N_("state in another order"),
        N_("s and d change places in the state that you return. It is AdadeltaState(s, d)."),
        (STATE, "AdadeltaState(d, s)"),
        where=N_("return θ, **(s, d)**"),
    ),
    slip(
        "delta_stored",
        N_("Δ returned as d"),
        N_("As d you return this step's Δ. d is the mean of the squares of all recent ones."),
        (STATE, "AdadeltaState(s, delta)"),
        where=N_("return θ, (s, **d**)"),
    ),
    *DELTA_MISTAKES,
)


def state(rng, shape):
    """Both means in the middle of a training."""
    return AdadeltaState(squares(rng, shape), squares(rng, shape))


EXERCISE = Exercise(
    name="adadelta_step",
    topic=TOPIC,
    points=16,
    returns=("theta", ("s", "d")),
    trials=rule_trials(hyper((0.2, 0.48), EPS, rho=(0.58, 0.85)), state, AdadeltaState.zeros),
    mistakes=MISTAKES,
    parts=WITH_STATE,
    hints=(
        N_("Four lines, in this order: s, then Δ, then d, then θ. Only Δ goes into d."),
        N_(
            "Δ is the gradient, divided by the size of recent gradients and multiplied by the "
            "size of recent steps. A size is √(mean of squares + ε); its mean of steps is from "
            "before this one."
        ),
        N_(
            "On paper, with s = 0, d = 3, grad = 4, rho = 0.5, eps = 1: the new s is 8, Δ is "
            "−√4/√9 · 4 = −8/3, and the new d is 1.5 + 0.5 · 64/9. With lr = 0.5, θ moves by "
            "−4/3."
        ),
    ),
    praise=N_("What is Δ's unit? And which unit has α · g/√s in RMSprop?"),
)
