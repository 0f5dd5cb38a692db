"""`heavy_ball_step`. SL2: θ − η∇f + β(θ − θ_prev)."""

import numpy as np

from autograder.exercises.base import Exercise, elsewhere, rule_trials, slip
from autograder.exercises.momentum.inputs import TOPIC, hyper, slopes, velocity
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

BALL = "theta - lr * grad + beta * (theta - theta_prev)"
BALL_RETURN = "return theta_next, theta"


def _nesterov_sequence(theta, grad, theta_prev, *, lr, beta=0.9):
    arrived = theta - lr * grad
    return arrived + beta * (arrived - theta_prev), arrived


def _previous_as_velocity(theta, grad, theta_prev, *, lr, beta=0.9):
    v = beta * theta_prev + lr * grad
    return theta - v, v


MISTAKES = (
    slip(
        "forgot_memory",
        N_("last step forgotten"),
        N_("Only the gradient moves θ. The share β of the last step, θ − θ_prev, is missing."),
        (" + beta * (theta - theta_prev)", ""),
        where=N_("θ − η∇ **+ β(θ − θ_prev)**"),
    ),
    slip(
        "memory_reversed",
        N_("last step reversed"),
        N_(
            "The last step goes in backwards: θ_prev − θ points to where the ball came from. From "
            "the old place to the new one it is the other way round."
        ),
        ("+ beta", "- beta"),
        where=N_("θ − η∇ + β(**θ − θ_prev**)"),
    ),
    slip(
        "no_beta",
        N_("β missing"),
        N_("The last step is repeated whole, as if β were 1: nothing ever slows the ball."),
        ("beta * (theta", "(theta"),
        where=N_("θ − η∇ + **β**(θ − θ_prev)"),
    ),
    slip(
        "beta_swapped",
        N_("β and 1 − β swapped"),
        N_("The last step goes in with 1 − β. β is the share that is repeated."),
        ("beta * (theta", "(1 - beta) * (theta"),
        where=N_("θ − η∇ + **β**(θ − θ_prev)"),
    ),
    slip(
        "gradient_sign",
        N_("sign of the gradient"),
        N_("The gradient is added: that goes uphill. The way down is against it."),
        ("theta - lr * grad", "theta + lr * grad"),
        where=N_("θ **−** η∇ + β(θ − θ_prev)"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The gradient is subtracted whole: η is missing in front of it."),
        ("lr * grad", "grad"),
        where=N_("θ − **η**∇ + β(θ − θ_prev)"),
    ),
    slip(
        "lr_on_memory",
        N_("η on the last step, too"),
        N_(
            "η multiplies the last step as well. The last step already is a length on the map; "
            "only β scales it."
        ),
        ("beta * (theta", "lr * beta * (theta"),
        where=N_("θ − η∇ + **β**(θ − θ_prev)"),
    ),
    slip(
        "bracket_missing",
        N_("brackets forgotten"),
        N_(
            "β multiplies θ and θ_prev is subtracted whole: brackets are missing. The share β is "
            "taken of the difference."
        ),
        ("beta * (theta - theta_prev)", "beta * theta - theta_prev"),
        where=N_("θ − η∇ + β**(**θ − θ_prev**)**"),
    ),
    slip(
        "start_from_previous",
        N_("step from θ_prev"),
        N_(
            "The step starts from θ_prev, the place before the last one. It starts from where the "
            "ball is now, θ."
        ),
        ("theta - lr", "theta_prev - lr"),
        where=N_("**θ** − η∇ + β(θ − θ_prev)"),
    ),
    slip(
        "start_missing",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one plus that step."),
        ("theta - lr * grad", "-lr * grad"),
        where=N_("**θ** − η∇ + β(θ − θ_prev)"),
    ),
    slip(
        "remembers_nothing_new",
        N_("old θ_prev returned"),
        N_(
            "As memory you return the θ_prev that came in, so the next step still "
            "looks back to it. What has to be remembered is the θ you stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta_prev"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "remembers_next",
        N_("new θ returned twice"),
        N_(
            "As memory you return the new θ, so next time θ − θ_prev is 0 and the ball has no "
            "speed. What has to be remembered is the θ you stepped from. (θ −= … changes the array "
            "itself, and every other name of it.)"
        ),
        (BALL_RETURN, "return theta_next, theta_next"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "remembers_velocity",
        N_("a velocity returned as memory"),
        N_(
            "As memory you return a difference, a velocity. This rule remembers "
            "a place: the θ you stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta_next - theta"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "remembers_last_difference",
        N_("the last step returned as memory"),
        N_(
            "As memory you return the last step, θ − θ_prev. This rule "
            "remembers a place: the θ you stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta - theta_prev"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "gradient_damped",
        N_("gradient weighted by 1 − β"),
        N_("The gradient goes in with 1 − β besides η, as in a running mean. Here η is all."),
        ("lr * grad", "(1 - beta) * lr * grad"),
        where=N_("θ − **η**∇ + β(θ − θ_prev)"),
    ),
    slip(
        "beta_on_everything",
        N_("β times the whole step"),
        N_("β multiplies the gradient's part too. Only the last step is damped."),
        (BALL, "theta + beta * (theta - theta_prev - lr * grad)"),
        where=N_("θ − η∇ + **β(θ − θ_prev)**"),
    ),
    slip(
        "lr_on_everything",
        N_("η before the whole bracket"),
        N_(
            "Your brackets put the last step under η and its minus: it is scaled by η besides β, "
            "and goes in backwards. η and the minus belong to the gradient alone."
        ),
        (BALL, "theta - lr * (grad + beta * (theta - theta_prev))"),
        where=N_("θ − **η∇** + β(θ − θ_prev)"),
        pairs=False,
    ),
    slip(
        "difference_after_step",
        N_("difference taken after the gradient step"),
        N_(
            "You take the difference to θ_prev when θ has made its gradient step already, so this "
            "gradient acts once more, with β. The last step is θ − θ_prev with the θ that came in."
        ),
        (BALL, "theta - lr * grad + beta * (theta - lr * grad - theta_prev)"),
        where=N_("θ − η∇ + β(**θ** − θ_prev)"),
        pairs=False,
    ),
    slip(
        "place_for_last_step",
        N_("β times θ_prev added"),
        N_(
            "You add β times θ_prev itself. That is a place on the map, no step: the last step is "
            "the difference θ − θ_prev."
        ),
        ("(theta - theta_prev)", "theta_prev"),
        where=N_("θ − η∇ + β(**θ −** θ_prev)"),
        pairs=False,
    ),
    slip(
        "place_subtracted",
        N_("β times θ_prev subtracted"),
        N_(
            "You subtract β times θ_prev itself. That is a place on the map, no step: the last "
            "step is the difference θ − θ_prev."
        ),
        ("+ beta * (theta - theta_prev)", "- beta * theta_prev"),
        where=N_("θ − η∇ + β(**θ −** θ_prev)"),
        pairs=False,
    ),
    slip(
        "beta_squared",
        N_("β acts twice"),
        N_("The last step is multiplied by β twice. β is the share of it that is repeated."),
        ("beta * (theta", "beta * beta * (theta"),
        where=N_("θ − η∇ + **β**(θ − θ_prev)"),
        pairs=False,
    ),
    slip(
        "lr_and_beta_exchanged",
        N_("η and β exchanged"),
        N_("η and β have changed places: η scales the gradient, β the last step."),
        (BALL, "theta - beta * grad + lr * (theta - theta_prev)"),
        where=N_("θ − **η**∇ + **β**(θ − θ_prev)"),
        pairs=False,
    ),
    slip(
        "applied_twice",
        N_("two steps in one call"),
        N_("You take a second step from the new θ with the same gradient. One call is one step."),
        (
            BALL_RETURN,
            "return theta_next - lr * grad + beta * (theta_next - theta), theta_next",
        ),
        where=N_("return **θ_next**, **θ**"),
        pairs=False,
    ),
    slip(
        "remembers_step_back",
        N_("a velocity returned as memory, uphill"),
        N_(
            "As memory you return a difference, a velocity. This rule remembers a place: the θ you "
            "stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta - theta_next"),
        where=N_("return θ_next, **θ**"),
        pairs=False,
    ),
    elsewhere(
        "nesterov_sequence",
        N_("Nesterov's two sequences"),
        N_(
            "This is Nesterov's method with two sequences: a gradient step arrives at x, the ball "
            "rolls on from there by β(x − x_prev), and x is remembered. SL2's heavy ball takes "
            "both from θ, and remembers θ."
        ),
        _nesterov_sequence,
        where=N_("θ − η∇ + β(**θ** − θ_prev)"),
    ),
    elsewhere(
        "momentum_form",
        N_("θ_prev taken for a velocity"),
        N_(
            "This is momentum_step, with θ_prev taken for a velocity. Here θ_prev is a place, the "
            "θ before the last step; the velocity is hidden in θ − θ_prev."
        ),
        _previous_as_velocity,
        where=N_("θ − η∇ + β(**θ − θ_prev**)"),
    ),
    *whole_gradient("lr * grad"),
)

EXERCISE = Exercise(
    name="heavy_ball_step",
    topic=TOPIC,
    points=18,
    returns=("theta", "theta_prev"),
    trials=rule_trials(hyper("beta"), velocity, np.copy, grads=slopes),
    mistakes=MISTAKES,
    parts={"theta": 0.6, "theta_prev": 0.4},
    hints=(
        N_("The velocity is hidden in two places: θ − θ_prev is the last step."),
        N_("What will the next call need as θ_prev? The place from which you stepped just now."),
        N_(
            "On paper, with θ = 1, θ_prev = 1.5, grad = 2, lr = 0.1, beta = 0.8: the gradient "
            "moves θ by −0.2, the last step was −0.5, and β of it is −0.4. The new θ is 0.4."
        ),
    ),
    praise=N_("Where is the velocity of momentum_step in these two numbers?"),
)
