"""`rms_step`. ALR: σ = √(1/t Σ g_i²);  θ ← θ − η/σ · g."""

from autograder.exercises.adaptive.inputs import TOPIC, WITH_STATE, rms_trials
from autograder.exercises.adaptive.sigma import SIGMA_MISTAKES
from autograder.exercises.base import Exercise, elsewhere, slip
from descentlab.text import N_

STEP = "theta - lr / divisor * grad"

MISTAKES = (
    *SIGMA_MISTAKES,
    slip(
        "sign",
        N_("sign of the step"),
        N_("The step is added to θ: that goes uphill. The gradient points up."),
        (STEP, "theta + lr / divisor * grad"),
        where=N_("θ ← θ **−** η/σ · g"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The scaled gradient is subtracted whole: η is nowhere in your step."),
        (STEP, "theta - grad / divisor"),
        where=N_("θ ← θ − **η**/σ · g"),
    ),
    slip(
        "gradient_missing",
        N_("gradient missing in the step"),
        N_("You subtract η/σ, and the gradient is nowhere in it. σ says how far, g which way."),
        (STEP, "theta - lr / divisor"),
        where=N_("θ ← θ − η/σ · **g**"),
    ),
    slip(
        "not_divided",
        N_("plain gradient step"),
        N_("σ is renewed, and the step doesn't use it: θ moves by η·g, as plain gradient descent."),
        (STEP, "theta - lr * grad"),
        where=N_("θ ← θ − η**/σ** · g"),
    ),
    slip(
        "multiplied_by_sigma",
        N_("multiplied by σ, not divided"),
        N_("You multiply by σ: steep parameters take still longer steps. Steep is to mean small."),
        (STEP, "theta - lr * sigma * grad"),
        where=N_("θ ← θ − η **/** σ · g"),
    ),
    slip(
        "divided_by_square",
        N_("divided by σ²"),
        N_("The step divides by σ². σ once has the gradient's unit, and one is enough."),
        (STEP, "theta - lr / divisor**2 * grad"),
        where=N_("θ ← θ − η/**σ** · g"),
    ),
    slip(
        "second_root",
        N_("a second root in the step"),
        N_("The step divides by the root of σ. σ is a root already."),
        (STEP, "theta - lr / np.sqrt(divisor) * grad"),
        where=N_("θ ← θ − η/**σ** · g"),
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
        where=N_("θ ← **θ − η/σ · g**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (STEP, "-lr / divisor * grad"),
        where=N_("θ ← **θ** − η/σ · g"),
    ),
    elsewhere(
        "decaying_rate",
        N_("η/√t, as true Adagrad"),
        N_(
            "Your rate shrinks as η/√t: that is Adagrad as ONN writes it, the next exercise. "
            "ALR's η here is constant."
        ),
        (STEP, "theta - lr / t**0.5 / divisor * grad"),
        where=N_("θ ← θ − **η**/σ · g"),
    ),
    slip(
        "rate_over_t",
        N_("η divided by t"),
        N_("Your rate shrinks as η/t. ALR's η here is constant: only σ changes the step."),
        (STEP, "theta - lr / t / divisor * grad"),
        where=N_("θ ← θ − **η**/σ · g"),
    ),
    slip(
        "theta_divided",
        N_("θ divided, too"),
        N_(
            "Your brackets put θ above the fraction as well: θ itself is divided by σ. Only the "
            "step is."
        ),
        (STEP, "(theta - lr * grad) / divisor"),
        where=N_("θ ← **θ** − η/σ · g"),
        pairs=False,
    ),
    slip(
        "decaying_rate_next_count",
        N_("η/√(t + 1)"),
        N_(
            "Your rate shrinks as η/√(t + 1). ALR's η here is constant: only σ changes the step. "
            "(ONN's Adagrad has such a rate; there t counts from 0.)"
        ),
        (STEP, "theta - lr / (t + 1) ** 0.5 / divisor * grad"),
        where=N_("θ ← θ − **η**/σ · g"),
        pairs=False,
    ),
    slip(
        "rate_grows",
        N_("η times √t"),
        N_("Your rate grows with the root of t. ALR's η here is constant."),
        (STEP, "theta - lr * t**0.5 / divisor * grad"),
        where=N_("θ ← θ − **η**/σ · g"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="rms_step",
    topic=TOPIC,
    points=13,
    returns=("theta", ("sigma", "t")),
    trials=rms_trials,
    mistakes=MISTAKES,
    parts=WITH_STATE,
    hints=(
        N_(
            "The state holds the root of a mean, and a mean alone can't be continued. From σ "
            "and t you can get the *sum* of all squares so far."
        ),
        N_(
            "σ² · t is that sum, with the old t. Add g², divide by the new count, take the "
            "root. Where σ comes out as 0 all gradients were 0, this one, too: θ stays there."
        ),
        N_(
            "On paper, with σ = 1, t = 1, grad = 7: the sum of squares is 1 + 49 = 50, the "
            "mean of two is 25, and σ is 5. With lr = 0.5 the step is 0.5/5 · 7 = 0.7."
        ),
    ),
    praise=N_("η/σ can grow again here. What happens when a long flat stretch has made σ small?"),
)
