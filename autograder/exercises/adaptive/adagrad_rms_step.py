"""`adagrad_rms_step`. ONN: σ = √(1/t Σ g_i²);  η_t = η/√t;  θ ← θ − η_t/σ · g."""

from autograder.exercises.adaptive.inputs import TOPIC, WITH_STATE, rms_trials
from autograder.exercises.adaptive.sigma import MEAN, SIGMA_MISTAKES
from autograder.exercises.adaptive.step_slips import HALVED
from autograder.exercises.base import Exercise, elsewhere, slip
from descentlab.text import N_

RATE = "lr_t = lr / t**0.5"
STEP = "theta - lr_t / divisor * grad"

MISTAKES = (
    elsewhere(
        "constant_rate",
        N_("η constant, as rms_step"),
        N_(
            "This is rms_step: η stays what it is, and the rate can grow again when the slope gets "
            "gentle. Adagrad's η shrinks with the root of the number of steps."
        ),
        (RATE, "lr_t = lr"),
        where=N_("η_t = η**/√t**"),
    ),
    slip(
        "rate_without_root",
        N_("step divided by t, not √t"),
        N_(
            "Your steps shrink as 1/t: the root of t is missing, or √t is in twice, in the rate "
            "and in what you divide by. With a mean in σ, √t stands in the rate alone."
        ),
        (RATE, "lr_t = lr / t"),
        where=N_("η_t = η/**√**t"),
    ),
    slip(
        "rate_count_one_too_many",
        N_("√(t + 1) with the new t"),
        N_(
            "The count in your rate is one too large. ONN counts from 0 and writes √(t + 1); here "
            "t has counted this gradient already."
        ),
        (RATE, "lr_t = lr / (t + 1) ** 0.5"),
        where=N_("η_t = η/√**t**"),
    ),
    slip(
        "rate_with_old_count",
        N_("√t with the old t"),
        N_(
            "Your rate uses the count from before this gradient, which is 0 at the first step. "
            "This one counts."
        ),
        (RATE, "lr_t = lr / np.sqrt(state.t)"),
        where=N_("η_t = η/√**t**, t with this one"),
    ),
    slip(
        "rate_grows",
        N_("η times √t"),
        N_("Your rate grows with the root of t. A decay makes it smaller."),
        (RATE, "lr_t = lr * t**0.5"),
        where=N_("η_t = η **/** √t"),
    ),
    slip(
        "rate_under_root",
        N_("η under the root, too"),
        N_("η stands under the root beside t, so only its root acts. The root is t's alone."),
        (RATE, "lr_t = (lr / t) ** 0.5"),
        where=N_("η_t = **η**/√t"),
    ),
    slip(
        "rate_with_old_count_but_first",
        N_("√t with the old t, but at first"),
        N_(
            "From the second step on your rate uses the count from before this gradient. This one "
            "counts."
        ),
        (RATE, "lr_t = lr / max(state.t, 1) ** 0.5"),
        where=N_("η_t = η/√**t**, t with this one"),
        pairs=False,
    ),
    slip(
        "rate_over_next_count",
        N_("η/(1 + t)"),
        N_("Your rate is η/(1 + t). ONN's decay is by the root of the number of steps, √t."),
        (RATE, "lr_t = lr / (1 + t)"),
        where=N_("η_t = η/**√t**"),
        pairs=False,
    ),
    slip(
        "half_for_root",
        N_("** 1 / 2 for the root"),
        HALVED,
        (RATE, "lr_t = lr / (t ** 1 / 2)"),
        where=N_("η_t = η/**√**t"),
        pairs=False,
    ),
    slip(
        "half_in_fraction",
        N_("** 1 / 2 for the root"),
        HALVED,
        (RATE, "lr_t = lr / t ** 1 / 2"),
        where=N_("η_t = η/**√**t"),
        pairs=False,
    ),
    slip(
        "second_root",
        N_("a second root in the step"),
        N_("The step divides by the root of σ. σ is a root already."),
        (STEP, "theta - lr_t / np.sqrt(divisor) * grad"),
        where=N_("θ ← θ − η_t/**σ** · g"),
        pairs=False,
    ),
    elsewhere(
        "root_of_sum_remembered",
        N_("adagrad_step's sum in σ"),
        N_(
            "Your θ goes where adagrad_step goes, with the root of the *sum* in σ and a constant "
            "η. That path is right; ONN writes it with a mean in σ and a rate that decays, and so "
            "must the σ that you return."
        ),
        (MEAN, "state.sigma**2 + grad**2"),
        (RATE, "lr_t = lr"),
        where=N_("σ = √(**1/t** Σ g_i²);  η_t = η**/√t**"),
    ),
    elsewhere(
        "sum_of_squares_remembered",
        N_("adagrad_step's s for σ"),
        N_(
            "This is adagrad_step: you take in and hand on the sum of the squares, with a constant "
            "η. The path is right; here the state holds σ, a root *mean* square, and the rate "
            "decays."
        ),
        (MEAN, "state.sigma + grad**2"),
        (RATE, "lr_t = lr"),
        ("RmsState(sigma, t)", "RmsState(sigma**2, t)"),
        where=N_("σ = **√**(**1/t** Σ g_i²);  η_t = η**/√t**"),
        pairs=False,
    ),
    *SIGMA_MISTAKES,
    slip(
        "sign",
        N_("sign of the step"),
        N_("The step is added to θ: that goes uphill. The gradient points up."),
        (STEP, "theta + lr_t / divisor * grad"),
        where=N_("θ ← θ **−** η_t/σ · g"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("Your rate is 1/√t: η is nowhere in your step."),
        (RATE, "lr_t = 1 / t**0.5"),
        where=N_("η_t = **η**/√t"),
    ),
    slip(
        "gradient_missing",
        N_("gradient missing in the step"),
        N_("You subtract η_t/σ, and the gradient is nowhere in it. σ says how far, g which way."),
        (STEP, "theta - lr_t / divisor"),
        where=N_("θ ← θ − η_t/σ · **g**"),
    ),
    slip(
        "not_divided",
        N_("σ not used in the step"),
        N_("σ is renewed, and the step doesn't use it: θ moves by η_t·g, the same rate for all."),
        (STEP, "theta - lr_t * grad"),
        where=N_("θ ← θ − η_t**/σ** · g"),
    ),
    slip(
        "multiplied_by_sigma",
        N_("multiplied by σ, not divided"),
        N_("You multiply by σ: steep parameters take still longer steps. Steep is to mean small."),
        (STEP, "theta - lr_t * sigma * grad"),
        where=N_("θ ← θ − η_t **/** σ · g"),
    ),
    slip(
        "divided_by_square",
        N_("divided by σ²"),
        N_("The step divides by σ². σ once has the gradient's unit, and one is enough."),
        (STEP, "theta - lr_t / divisor**2 * grad"),
        where=N_("θ ← θ − η_t/**σ** · g"),
    ),
    slip(
        "stops_for_all",
        N_("one σ of 0 stops all"),
        N_(
            "As soon as one parameter's σ is 0, none of them moves. Only that parameter stays; the "
            "others take their step."
        ),
        (STEP, f"({STEP} if np.all(sigma > 0) else theta)"),
        where=N_("0/**0**, taken as 0, entry by entry"),
        pairs=False,
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("σ is renewed, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {STEP}\n", ""),
        where=N_("θ ← **θ − η_t/σ · g**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (STEP, "-lr_t / divisor * grad"),
        where=N_("θ ← **θ** − η_t/σ · g"),
    ),
    slip(
        "theta_divided",
        N_("θ divided, too"),
        N_(
            "Your brackets put θ above the fraction as well: θ itself is divided by σ. Only the "
            "step is."
        ),
        (STEP, "(theta - lr_t * grad) / divisor"),
        where=N_("θ ← **θ** − η_t/σ · g"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="adagrad_rms_step",
    topic=TOPIC,
    points=10,
    returns=("theta", ("sigma", "t")),
    trials=rms_trials,
    mistakes=MISTAKES,
    parts=WITH_STATE,
    hints=(
        N_("σ is the one of rms_step. New is only the rate: it gets smaller from step to step."),
        N_("η_t = η/√t, and t has counted this gradient already: at the first step it is 1."),
        N_(
            "On paper, with σ = 1, t = 3, grad = 1, lr = 0.5: all four squares are 1, so σ "
            "stays 1. The new t is 4, the rate 0.5/2, and the step 0.25."
        ),
    ),
    praise=N_("What is σ√t? Run it beside adagrad_step with eps = 0."),
)
