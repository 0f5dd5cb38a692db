"""`nesterov_step`. SL2, CS7: v ← βv + α∇L(θ − βv);  θ ← θ − v."""

import numpy as np

from autograder.exercises.base import Exercise, elsewhere, rule_trials, slip
from autograder.exercises.momentum.inputs import PARTS, TOPIC, hyper, velocity
from descentlab.text import N_

AHEAD = "theta - beta * v"
NESTEROV_VELOCITY = "beta * v + lr * grad_fn(look_ahead)"
NESTEROV_STEP = "theta = theta - v"


def _pytorch_nesterov(theta, grad_fn, v, *, lr, beta=0.9):
    grad = grad_fn(theta)
    v = beta * v + grad
    return theta - lr * (grad + beta * v), v


def _shifted_nesterov(theta, grad_fn, v, *, lr, beta=0.9):
    grad = grad_fn(theta)
    v = beta * v + lr * grad
    return theta - (lr * grad + beta * v), v


MISTAKES = (
    slip(
        "gradient_at_theta",
        N_("gradient not looked ahead for"),
        N_(
            "You ask for the gradient at θ: that is plain momentum. Nesterov asks for it where "
            "the old velocity alone would take the ball."
        ),
        ("grad_fn(look_ahead)", "grad_fn(theta)"),
        where=N_("v ← βv + α∇L(**θ − βv**)"),
    ),
    slip(
        "looks_back",
        N_("looks back, not ahead"),
        N_(
            "You ask for the gradient at θ + βv. This v is subtracted in the step, so ahead is "
            "the other way."
        ),
        (AHEAD, "theta + beta * v"),
        where=N_("v ← βv + α∇L(θ **−** βv)"),
    ),
    slip(
        "looks_too_far",
        N_("looks ahead by the whole v"),
        N_(
            "You look ahead to θ − v. The part of the old velocity that survives is βv; that is "
            "where the ball would roll without a gradient."
        ),
        (AHEAD, "theta - v"),
        where=N_("v ← βv + α∇L(θ − **β**v)"),
    ),
    slip(
        "look_ahead_with_lr",
        N_("look-ahead scaled by α"),
        N_("You look ahead to θ − αβv. The velocity already holds α: the point is θ − βv."),
        (AHEAD, "theta - lr * beta * v"),
        where=N_("v ← βv + α∇L(θ − **βv**)"),
    ),
    slip(
        "gradient_after_step",
        N_("looks ahead with the new velocity"),
        N_(
            "You first make a whole momentum step and ask for the gradient there. The look-ahead "
            "uses the old velocity alone, θ − βv, and asks only once."
        ),
        (AHEAD, "theta - (beta * v + lr * grad_fn(theta))"),
        where=N_("v ← βv + α∇L(**θ − βv**)"),
        pairs=False,
    ),
    slip(
        "step_from_look_ahead",
        N_("step taken from the look-ahead point"),
        N_(
            "You step from the look-ahead point, so βv is walked twice. The look-ahead is only "
            "for asking; the step starts at θ."
        ),
        (NESTEROV_STEP, "theta = look_ahead - v"),
        where=N_("θ ← **θ** − v"),
    ),
    slip(
        "forgot_old_velocity",
        N_("old velocity forgotten"),
        N_("Your new velocity is α times the gradient alone. What is left of the old one, βv?"),
        (NESTEROV_VELOCITY, "lr * grad_fn(look_ahead)"),
        where=N_("v ← **βv** + α∇L(θ − βv)"),
    ),
    slip(
        "velocity_never_decays",
        N_("velocity never decays"),
        N_("The old velocity goes in whole, as if β were 1."),
        ("v = beta * v + lr", "v = v + lr"),
        where=N_("v ← **β**v + α∇L(θ − βv)"),
    ),
    slip(
        "beta_swapped",
        N_("β and 1 − β swapped"),
        N_("You keep the share 1 − β of the old velocity. β is the share that stays."),
        ("v = beta * v + lr", "v = (1 - beta) * v + lr"),
        where=N_("v ← **β**v + α∇L(θ − βv)"),
    ),
    slip(
        "memory_sign",
        N_("sign of the old velocity"),
        N_("The old velocity goes into the new one with a minus: the ball turns round."),
        ("v = beta * v + lr", "v = -beta * v + lr"),
        where=N_("v ← **+βv** + α∇L(θ − βv)"),
    ),
    slip(
        "gradient_sign",
        N_("sign of the gradient"),
        N_("The gradient goes into v with a minus, and v is subtracted: that climbs."),
        ("+ lr * grad_fn", "- lr * grad_fn"),
        where=N_("v ← βv **+** α∇L(θ − βv)"),
    ),
    slip(
        "step_sign",
        N_("sign of the step"),
        N_("v is right and the step adds it: that climbs."),
        (NESTEROV_STEP, "theta = theta + v"),
        where=N_("θ ← θ **−** v"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The gradient goes into v whole: α is missing."),
        ("lr * grad_fn", "grad_fn"),
        where=N_("v ← βv + **α**∇L(θ − βv)"),
    ),
    slip(
        "lr_twice",
        N_("learning rate twice"),
        N_("α is in the velocity and once more in the step."),
        (NESTEROV_STEP, "theta = theta - lr * v"),
        where=N_("θ ← θ − **v**"),
    ),
    slip(
        "velocity_not_returned",
        N_("old velocity returned"),
        N_("The step is right; the velocity that you return is the one that came in."),
        ("v = beta * v + lr", "new_v = beta * v + lr"),
        (NESTEROV_STEP, "theta = theta - new_v"),
        where=N_("return θ, **v** (the new one)"),
    ),
    slip(
        "old_velocity_in_step",
        N_("step with the old velocity"),
        N_("You step along the velocity that came in and renew it afterwards."),
        (
            f"v = {NESTEROV_VELOCITY}\n{NESTEROV_STEP}",
            f"{NESTEROV_STEP}\nv = {NESTEROV_VELOCITY}",
        ),
        where=N_("θ ← θ − **v** (the new one)"),
    ),
    slip(
        "returned_look_ahead",
        N_("look-ahead point returned for θ"),
        N_("What you return as θ is the point looked ahead to. Nobody stays there."),
        (NESTEROV_STEP, "theta = look_ahead"),
        where=N_("θ ← **θ − v**"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("The velocity is right, and θ comes back as it went in."),
        (f"{NESTEROV_STEP}\n", ""),
        where=N_("θ ← **θ − v**"),
    ),
    elsewhere(
        "running_sum_form",
        N_("α outside the velocity"),
        N_(
            "This is Nesterov with α outside the sum, v ← βv + ∇, θ ← θ − αv, looking ahead by "
            "βv. With that v the point ahead would be θ − αβv; KK's v holds α."
        ),
        ("lr * grad_fn", "grad_fn"),
        (NESTEROV_STEP, "theta = theta - lr * v"),
        where=N_("v ← βv + **α**∇L(θ − βv),  θ ← θ − **v**"),
    ),
    elsewhere(
        "cs231n_sum_form",
        N_("look-ahead with α outside the velocity"),
        N_(
            "This is Nesterov for CS231n's running sum: ∇ at θ − αβv, v ← βv + ∇, θ ← θ − αv. At "
            "constant α it walks the same path. Here v holds α itself."
        ),
        (AHEAD, "theta - lr * beta * v"),
        ("lr * grad_fn", "grad_fn"),
        (NESTEROV_STEP, "theta = theta - lr * v"),
        where=N_("v ← βv + **α**∇L(θ − **βv**),  θ ← θ − **v**"),
    ),
    elsewhere(
        "pytorch_form",
        N_("PyTorch's Nesterov"),
        N_(
            "This is PyTorch's nesterov=True: the gradient at its own variable, v ← βv + ∇, and a "
            "step along ∇ + βv. There the variable is the point looked ahead to. Here θ stays "
            "where the ball is, and grad_fn is asked at θ − βv."
        ),
        _pytorch_nesterov,
        where=N_("v ← βv + α∇L(**θ − βv**),  θ ← θ − **v**"),
    ),
    elsewhere(
        "shifted_form",
        N_("Nesterov in the shifted variable"),
        N_(
            "This is the form of CS231n's notes: the gradient where it stands, then a step along "
            "α∇ + βv with the new v. There the variable is the point looked ahead to. Here θ "
            "stays where the ball is, and grad_fn is asked at θ − βv."
        ),
        _shifted_nesterov,
        where=N_("v ← βv + α∇L(**θ − βv**),  θ ← θ − **v**"),
    ),
    elsewhere(
        "downhill_form",
        N_("velocity pointing downhill"),
        N_(
            "This is Nesterov with a velocity that points downhill: ∇ at θ + βv, v ← βv − α∇, "
            "θ ← θ + v. SL2's x-form turns into it. The v you return must point along the "
            "gradient and be subtracted."
        ),
        (AHEAD, "theta + beta * v"),
        ("+ lr * grad_fn", "- lr * grad_fn"),
        (NESTEROV_STEP, "theta = theta + v"),
        where=N_("v ← βv **+** α∇L(θ **−** βv),  θ ← θ **−** v"),
    ),
)

EXERCISE = Exercise(
    name="nesterov_step",
    topic=TOPIC,
    points=26,
    returns=("theta", "v"),
    trials=rule_trials(hyper("beta"), velocity, np.zeros_like, as_function=True),
    mistakes=MISTAKES,
    parts=PARTS,
    hints=(
        N_("grad_fn is a function: you choose the point at which it is asked. Which one?"),
        N_(
            "Without any gradient the ball would roll from θ to θ − βv. Ask there; everything "
            "else is momentum_step."
        ),
        N_(
            "Three lines: the point ahead, the new v with the gradient from there, the step "
            "from θ (not from the point ahead)."
        ),
    ),
    praise=N_("With a constant gradient this is momentum_step. When does looking ahead pay?"),
)
