"""`nesterov_step`. SL2, CS7: v ← βv + α∇L(θ − βv);  θ ← θ − v."""

import numpy as np

from autograder.exercises.base import Exercise, elsewhere, rule_trials, slip
from autograder.exercises.momentum.inputs import PARTS, TOPIC, hyper, velocity
from autograder.exercises.momentum.whole_gradient import whole_gradient
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


def _shifted_downhill(theta, grad_fn, v, *, lr, beta=0.9):
    new_v = beta * v - lr * grad_fn(theta)
    return theta - beta * v + (1 + beta) * new_v, new_v


def _sl2_nesterov(theta, grad_fn, v, *, lr, beta=0.9):
    last_step = theta - v
    return theta - lr * grad_fn(theta + beta * last_step) + beta * last_step, theta


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
        N_("The step adds v: that climbs."),
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
        N_("The velocity that you return is the one that came in."),
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
        N_("The velocity is renewed, and θ comes back as it went in."),
        (f"{NESTEROV_STEP}\n", ""),
        where=N_("θ ← **θ − v**"),
    ),
    slip(
        "decayed_before_look_ahead",
        N_("look-ahead damped twice"),
        N_(
            "You look ahead to θ − β²v: β acts twice on the old velocity (is v renewed as βv "
            "before, and multiplied again?). The point is θ − βv."
        ),
        (AHEAD, "theta - beta * beta * v"),
        where=N_("v ← βv + α∇L(θ − **β**v)"),
        pairs=False,
    ),
    slip(
        "look_ahead_by_lr",
        N_("look-ahead with α for β"),
        N_("You look ahead to θ − αv. What survives of the old velocity is βv; α scales ∇L."),
        (AHEAD, "theta - lr * v"),
        where=N_("v ← βv + α∇L(θ − **β**v)"),
        pairs=False,
    ),
    slip(
        "look_ahead_swapped",
        N_("look-ahead with 1 − β"),
        N_("You look ahead to θ − (1 − β)v. The share of the old velocity that stays is β."),
        (AHEAD, "theta - (1 - beta) * v"),
        where=N_("v ← βv + α∇L(θ − **β**v)"),
        pairs=False,
    ),
    slip(
        "gradient_of_velocity",
        N_("∇L asked at βv"),
        N_(
            "You ask for the gradient at βv. A velocity is no place on the map: the point is "
            "where it takes the ball from θ."
        ),
        (AHEAD, "beta * v"),
        where=N_("v ← βv + α∇L(**θ −** βv)"),
        pairs=False,
    ),
    slip(
        "look_ahead_outside",
        N_("βv subtracted from the gradient"),
        N_(
            "You ask for the gradient at θ and subtract βv from the answer. βv belongs inside the "
            "brackets of grad_fn: it moves the point at which you ask."
        ),
        ("grad_fn(look_ahead)", "(grad_fn(theta) - beta * v)"),
        where=N_("v ← βv + α∇L**(θ − βv)**"),
        pairs=False,
    ),
    slip(
        "beta_on_everything",
        N_("β times the whole sum"),
        N_("β multiplies the new gradient as well. Only what comes from the past is damped."),
        (NESTEROV_VELOCITY, "beta * (v + lr * grad_fn(look_ahead))"),
        where=N_("v ← **βv** + α∇L(θ − βv)"),
        pairs=False,
    ),
    slip(
        "looks_ahead_twice",
        N_("looks ahead twice"),
        N_(
            "You ask for the gradient ahead, and then step along βv + α∇L with the new v, as "
            "deep learning libraries do, who look ahead that way. One look ahead is enough: with "
            "the gradient from there, the step is v."
        ),
        (NESTEROV_STEP, "theta = theta - (beta * v + lr * grad_fn(look_ahead))"),
        where=N_("θ ← θ − **v**"),
        pairs=False,
    ),
    slip(
        "gradient_stored",
        N_("α∇L returned as velocity"),
        N_(
            "θ goes where it should, first by βv and then by α∇L. As v you return α∇L alone: the "
            "part βv is lost for the next step."
        ),
        ("return theta, v", "return theta, lr * grad_fn(look_ahead)"),
        where=N_("v ← **βv** + α∇L(θ − βv)"),
        pairs=False,
    ),
    slip(
        "mean_inside",
        N_("gradient weighted by 1 − β"),
        N_(
            "You weight the gradient by 1 − β, as in a running mean. In this rule the gradient "
            "goes in with α alone, and the velocity is a sum."
        ),
        ("lr * grad_fn", "(1 - beta) * lr * grad_fn"),
        where=N_("v ← βv + **α**∇L(θ − βv)"),
        pairs=False,
    ),
    slip(
        "lr_and_beta_exchanged",
        N_("α and β exchanged"),
        N_(
            "α and β have changed places: α is the share of the new gradient, β of the old "
            "velocity."
        ),
        (NESTEROV_VELOCITY, "lr * v + beta * grad_fn(look_ahead)"),
        where=N_("v ← **β**v + **α**∇L(θ − βv)"),
        pairs=False,
    ),
    elsewhere(
        "running_mean_form",
        N_("running mean of gradients"),
        N_(
            "Your v is a running mean, v ← βv + (1 − β)∇L, and α stands in the step. Here v is a "
            "sum and holds α."
        ),
        ("lr * grad_fn", "(1 - beta) * grad_fn"),
        (NESTEROV_STEP, "theta = theta - lr * v"),
        where=N_("v ← βv + **α**∇L(θ − βv),  θ ← θ − **v**"),
        pairs=False,
    ),
    elsewhere(
        "sl2_form",
        N_("SL2's form, v taken for the last θ"),
        N_(
            "This is SL2's x-form, with v taken for the θ before the last step. Here v is a "
            "velocity, and the one that you return must be one, too."
        ),
        _sl2_nesterov,
        where=N_("v ← **βv + α∇L(θ − βv)**,  θ ← θ − **v**"),
    ),
    *whole_gradient("lr * grad_fn(look_ahead)", grad="grad_fn(look_ahead)"),
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
    *(
        elsewhere(
            id,
            N_("Nesterov in the shifted variable"),
            N_(
                "This is the form of CS231n's notes: the gradient where it stands, then a step by "
                "α∇ and by β times the new v. There the variable is the point looked ahead to. "
                "Here θ stays where the ball is, and grad_fn is asked at θ − βv."
            ),
            form,
            where=N_("v ← βv + α∇L(**θ − βv**),  θ ← θ − **v**"),
        )
        for id, form in (("shifted_form", _shifted_nesterov), ("shifted_down", _shifted_downhill))
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
