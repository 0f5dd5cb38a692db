"""`gd_step`. KK, SL2, ONN: θ ← θ − α∇L."""

from autograder.exercises.base import Exercise, draw, elsewhere, rule_trials, single, slip
from descentlab.text import N_

STEP = "theta - lr * grad"


def hyper(rng):
    return {"lr": draw(rng, 0.05, 0.45)}


def trials(rng):
    """Those of every rule; and slopes far from size 1, where a limit on the step shows, in arrays
    with an axis of one entry."""

    def sized(shape, size):
        return single("usual", rng.normal(size=shape), size * rng.normal(size=shape), **hyper(rng))

    return [*rule_trials(hyper)(rng), sized((1, 6), 40.0), sized((4, 1), 0.05)]


MISTAKES = (
    slip(
        "uphill",
        N_("sign of the step"),
        N_("The step is added to θ. The gradient points uphill; the way down is against it."),
        (STEP, "theta + lr * grad"),
        where=N_("θ ← θ **−** α∇L"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The gradient is subtracted whole: α is nowhere in your step."),
        (STEP, "theta - grad"),
        where=N_("θ ← θ − **α**∇L"),
    ),
    slip(
        "theta_missing",
        N_("the step returned for θ"),
        N_("What you return is the step alone. The new θ is the old one, moved by that step."),
        (STEP, "-lr * grad"),
        where=N_("θ ← **θ** − α∇L"),
    ),
    slip(
        "scaled_gradient_returned",
        N_("α·grad returned for θ"),
        N_("What you return is α times the gradient. It still has to be taken away from θ."),
        (STEP, "lr * grad"),
        where=N_("θ ← **θ −** α∇L"),
    ),
    slip(
        "gradient_missing",
        N_("gradient missing"),
        N_("Every parameter moves down by α, however steep it is there: the gradient is missing."),
        (STEP, "theta - lr"),
        where=N_("θ ← θ − α**∇L**"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("θ comes back as it went in. Who takes the step?"),
        (STEP, "theta"),
        where=N_("θ ← θ **− α∇L**"),
    ),
    slip(
        "divided_by_lr",
        N_("divided by the learning rate"),
        N_(
            "The gradient is divided by α: the smaller α, the longer the step. α is a factor: half "
            "of it makes half the step."
        ),
        (STEP, "theta - grad / lr"),
        where=N_("θ ← θ − **α**∇L"),
    ),
    slip(
        "brackets_first",
        N_("α times everything"),
        N_("α multiplies θ as well: brackets stand round the difference. α belongs to ∇L alone."),
        (STEP, "lr * (theta - grad)"),
        where=N_("θ ← θ − **α∇L**"),
    ),
    slip(
        "difference_times_gradient",
        N_("α taken away from θ"),
        N_(
            "α is taken away from θ and the gradient multiplies the difference: brackets stand "
            "round θ − α. α belongs to ∇L."
        ),
        (STEP, "(theta - lr) * grad"),
        where=N_("θ ← θ − **α∇L**"),
        pairs=False,
    ),
    slip(
        "gradient_first",
        N_("difference reversed"),
        N_("You take θ away from the step. The step is taken away from θ."),
        (STEP, "lr * grad - theta"),
        where=N_("θ ← **θ − α∇L**"),
    ),
    slip(
        "roles_swapped",
        N_("θ and gradient swapped"),
        N_("You start from the gradient and move it by α·θ. It is θ that moves, by α·grad."),
        (STEP, "grad - lr * theta"),
        where=N_("θ ← **θ** − α**∇L**"),
    ),
    slip(
        "proportional_step",
        N_("step in proportion to θ"),
        N_(
            "You multiply θ by 1 − α·grad: the step is a share of θ, so a θ of 0 would never move. "
            "The step is α·grad, whatever θ is."
        ),
        (STEP, "theta * (1 - lr * grad)"),
        where=N_("θ ← θ − **α∇L**"),
    ),
    slip(
        "lr_added",
        N_("α added, not multiplied"),
        N_("θ moves by α and then by the gradient. α scales the gradient: a product."),
        (STEP, "theta - (lr + grad)"),
        where=N_("θ ← θ − **α∇L**"),
    ),
    slip(
        "lr_squared",
        N_("learning rate twice"),
        N_("α stands in your step twice, so every step is α times too short."),
        (STEP, "theta - lr**2 * grad"),
        where=N_("θ ← θ − **α**∇L"),
    ),
    slip(
        "gradient_squared",
        N_("gradient squared"),
        N_("The gradient is squared, and with that its sign is lost: some steps go uphill."),
        (STEP, "theta - lr * grad**2"),
        where=N_("θ ← θ − α**∇L**"),
    ),
    slip(
        "absolute_gradient",
        N_("sign of the gradient lost"),
        N_("You use the gradient's absolute value, so every parameter moves down, uphill or not."),
        (STEP, "theta - lr * np.abs(grad)"),
        where=N_("θ ← θ − α**∇L**"),
    ),
    slip(
        "mean_gradient",
        N_("one mean gradient for all"),
        N_(
            "You average the gradient over all parameters, so all of them move alike. Each "
            "parameter moves by its own slope."
        ),
        (STEP, "theta - lr * np.mean(grad)"),
        where=N_("θ ← θ − α**∇L**, entry by entry"),
    ),
    slip(
        "summed_gradient",
        N_("one summed gradient for all"),
        N_(
            "You add up the gradient over all parameters, so all of them move alike. Each "
            "parameter moves by its own slope."
        ),
        (STEP, "theta - lr * np.sum(grad)"),
        where=N_("θ ← θ − α**∇L**, entry by entry"),
    ),
    slip(
        "divided_by_count",
        N_("divided by the number of parameters"),
        N_(
            "The step is divided by the number of parameters. A mean is taken over examples, and "
            "it is in the loss already."
        ),
        (STEP, "theta - lr * grad / grad.size"),
        where=N_("θ ← θ − **α∇L**"),
    ),
    slip(
        "divided_by_rows",
        N_("divided by the length of the first axis"),
        N_(
            "The step is divided by len(grad), the length of the first axis, as if its rows were "
            "examples. They are parameters; the mean over examples is in the loss already."
        ),
        (STEP, "theta - lr * grad / len(grad)"),
        where=N_("θ ← θ − **α∇L**"),
    ),
    elsewhere(
        "clipped_by_norm",
        N_("gradient cut to length 1"),
        N_(
            "A gradient longer than 1 is cut to length 1 first: gradient clipping, which lesson 07 "
            "brings. Here the step is as long as the slope makes it."
        ),
        (STEP, "theta - lr * grad * min(1, 1 / np.sqrt(np.sum(grad**2)))"),
        where=N_("θ ← θ − α**∇L**"),
    ),
    elsewhere(
        "clipped_by_value",
        N_("gradient cut to ±1"),
        N_(
            "Slopes beyond ±1 are cut to that first: gradient clipping, which lesson 07 brings. "
            "Here the step is as long as the slope makes it."
        ),
        (STEP, "theta - lr * np.clip(grad, -1, 1)"),
        where=N_("θ ← θ − α**∇L**"),
    ),
    elsewhere(
        "sign_descent",
        N_("sign of the gradient only"),
        N_(
            "This is sign descent: every parameter moves by α, steep or flat. Here a steeper slope "
            "makes a longer step."
        ),
        (STEP, "theta - lr * np.sign(grad)"),
        where=N_("θ ← θ − α**∇L**"),
    ),
    elsewhere(
        "normalized_descent",
        N_("gradient made a unit vector"),
        N_(
            "This is normalized gradient descent: the gradient is divided by its length, so every "
            "step is α long. Here a steeper slope makes a longer step."
        ),
        (STEP, "theta - lr * grad / np.sqrt(np.sum(grad**2))"),
        where=N_("θ ← θ − α**∇L**"),
    ),
)

EXERCISE = Exercise(
    name="gd_step",
    topic="gradient_descent",
    points=14,
    returns="theta",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("The gradient points to where the loss grows fastest. You want the other way."),
        N_(
            "On paper, with θ = 3, grad = 2 and lr = 0.1: the step is 0.2 long, and θ becomes 2.8. "
            "Which operations gave 0.2 and 2.8?"
        ),
    ),
    praise=N_("One line, and every rule of this course is a variation on it."),
)
