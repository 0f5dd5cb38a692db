"""`heavy_ball_step`. SL2: θ − η∇f + β(θ − θ_prev)."""

import numpy as np

from autograder.exercises.base import Exercise, rule_trials, slip
from autograder.exercises.momentum.inputs import TOPIC, hyper, velocity
from descentlab.text import N_

BALL = "theta - lr * grad + beta * (theta - theta_prev)"
BALL_RETURN = "return theta_next, theta"

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
            "The step is right. As memory you return the θ_prev that came in, so the next step "
            "still looks back to it. What has to be remembered is the θ you stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta_prev"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "remembers_next",
        N_("new θ returned twice"),
        N_(
            "The step is right. As memory you return the new θ, so next time θ − θ_prev is 0 and "
            "the ball has no speed. What has to be remembered is the θ you stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta_next"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "remembers_velocity",
        N_("a velocity returned as memory"),
        N_(
            "The step is right. As memory you return a difference, a velocity. This rule remembers "
            "a place: the θ you stepped from."
        ),
        (BALL_RETURN, "return theta_next, theta_next - theta"),
        where=N_("return θ_next, **θ**"),
    ),
    slip(
        "remembers_last_difference",
        N_("the last step returned as memory"),
        N_(
            "The step is right. As memory you return the last step, θ − θ_prev. This rule "
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
)

EXERCISE = Exercise(
    name="heavy_ball_step",
    topic=TOPIC,
    points=18,
    returns=("theta", "theta_prev"),
    trials=rule_trials(hyper("beta"), velocity, np.copy),
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
