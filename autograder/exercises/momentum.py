"""Momentum: four notations of one idea, their mistakes, and the lesson's questions."""

import numpy as np

from autograder.exercises.base import Exercise, draw, elsewhere, rule_trials, slip
from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

TOPIC = "momentum"
PARTS = {"theta": 0.6, "v": 0.4}


def _velocity(rng, shape):
    return rng.normal(size=shape)


def _hyper(memory):
    """Keyword arguments: lr, and the share of the past under its own name."""

    def hyper(rng):
        return {"lr": draw(rng, 0.05, 0.45), memory: draw(rng, 0.58, 0.85)}

    return hyper


# --- momentum_step: v ← βv + α∇L;  θ ← θ − v -------------------------------------------------

VELOCITY = "beta * v + lr * grad"
STEP = "theta - v"

MOMENTUM_MISTAKES = (
    slip(
        "forgot_old_velocity",
        N_("old velocity forgotten"),
        N_(
            "Your new velocity is α·grad alone, as if β were 0: the ball has no memory. What is "
            "left of the old velocity belongs into the new one."
        ),
        (VELOCITY, "lr * grad"),
        where=N_("v ← **βv** + α∇L"),
    ),
    slip(
        "velocity_never_decays",
        N_("velocity never decays"),
        N_(
            "The old velocity goes in whole, as if β were 1, so it can only pile up. β says what "
            "share of it stays."
        ),
        ("beta * v + ", "v + "),
        where=N_("v ← **β**v + α∇L"),
    ),
    slip(
        "beta_swapped",
        N_("β and 1 − β swapped"),
        N_(
            "You keep the share 1 − β of the old velocity, so a large β forgets quickly. In this "
            "rule β is the share that stays."
        ),
        ("beta * v + ", "(1 - beta) * v + "),
        where=N_("v ← **β**v + α∇L"),
    ),
    slip(
        "mean_inside",
        N_("gradient weighted by 1 − β"),
        N_(
            "You weight the gradient by 1 − β, as in a running mean. In this rule the gradient "
            "goes in with α alone, and the velocity is a sum."
        ),
        ("lr * grad", "(1 - beta) * lr * grad"),
        where=N_("v ← βv + **α**∇L"),
    ),
    slip(
        "beta_on_everything",
        N_("β times the whole sum"),
        N_(
            "β multiplies the new gradient as well as the old velocity. Only what comes from the "
            "past is damped; look at where the brackets stand."
        ),
        (VELOCITY, "beta * (v + lr * grad)"),
        where=N_("v ← **βv** + α∇L"),
    ),
    slip(
        "lr_on_everything",
        N_("α times the whole sum"),
        N_(
            "α multiplies the old velocity too, so the memory shrinks by αβ a step. The old "
            "velocity already holds the α it was built with."
        ),
        (VELOCITY, "lr * (beta * v + grad)"),
        where=N_("v ← βv + **α∇L**"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_(
            "The gradient goes into the velocity whole and nothing scales it afterwards: α is "
            "nowhere in your step."
        ),
        ("lr * grad", "grad"),
        where=N_("v ← βv + **α**∇L"),
    ),
    slip(
        "lr_twice",
        N_("learning rate twice"),
        N_(
            "α is in the velocity and once more in the step, so every step is α times too small. "
            "One of the two is enough; KK has it inside v."
        ),
        (STEP, "theta - lr * v"),
        where=N_("θ ← θ − **v**"),
    ),
    slip(
        "gradient_sign",
        N_("sign of the gradient"),
        N_(
            "The gradient goes into the velocity with a minus and the step subtracts the velocity: "
            "two minus signs, and the ball is pushed uphill."
        ),
        ("beta * v + lr * grad", "beta * v - lr * grad"),
        where=N_("v ← βv **+** α∇L"),
    ),
    slip(
        "memory_sign",
        N_("sign of the old velocity"),
        N_(
            "The old velocity goes in with a minus: the ball turns round at every step. What it "
            "had is kept, not reversed."
        ),
        ("beta * v + lr", "-beta * v + lr"),
        where=N_("v ← **+βv** + α∇L"),
    ),
    slip(
        "step_sign",
        N_("sign of the step"),
        N_(
            "The velocity is right and the step adds it: that climbs. With this v, which points "
            "along the gradient, the way down is the other one."
        ),
        (STEP, "theta + v"),
        where=N_("θ ← θ **−** v"),
    ),
    slip(
        "old_velocity_in_step",
        N_("step with the old velocity"),
        N_(
            "You step along the velocity that came in and renew it afterwards, so every gradient "
            "acts one step late. First the new v, then the step with it."
        ),
        (f"v = {VELOCITY}\ntheta = {STEP}", f"theta = {STEP}\nv = {VELOCITY}"),
        where=N_("θ ← θ − **v** (the new one)"),
    ),
    slip(
        "velocity_not_returned",
        N_("old velocity returned"),
        N_(
            "The step is right. The velocity that you return is the one that came in: at the next "
            "step the ball has forgotten this one."
        ),
        ("v = beta", "new_v = beta"),
        (STEP, "theta - new_v"),
        where=N_("return θ, **v** (the new one)"),
    ),
    slip(
        "velocity_unused",
        N_("plain gradient step"),
        N_(
            "The velocity is renewed as it should be, and the step doesn't use it: θ moves by "
            "α·grad, as plain gradient descent does."
        ),
        (STEP, "theta - lr * grad"),
        where=N_("θ ← θ − **v**"),
    ),
    slip(
        "beta_in_step",
        N_("step damped by β"),
        N_(
            "The step goes along βv. β has done its work when the velocity was made; the step is "
            "the velocity itself."
        ),
        (STEP, "theta - beta * v"),
        where=N_("θ ← θ − **v**"),
    ),
    slip(
        "gradient_twice",
        N_("gradient added once more"),
        N_(
            "The step subtracts the velocity and α·grad besides. The gradient is in the velocity "
            "already."
        ),
        (STEP, "theta - v - lr * grad"),
        where=N_("θ ← θ − **v**"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("The velocity is right, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {STEP}\n", ""),
        where=N_("θ ← **θ − v**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_(
            "What you return as θ is the step alone. The new θ is the old one, moved by that step."
        ),
        (STEP, "-v"),
        where=N_("θ ← **θ** − v"),
    ),
    elsewhere(
        "pytorch_form",
        N_("PyTorch's and CS231n's form"),
        N_(
            "This is the rule as PyTorch and CS231n write it: v ← βv + ∇L, θ ← θ − αv. It walks "
            "the same path as long as α stays constant. KK keeps α inside v; here, too."
        ),
        ("lr * grad", "grad"),
        (STEP, "theta - lr * v"),
        where=N_("v ← βv + **α**∇L,  θ ← θ − **v**"),
    ),
    elsewhere(
        "running_mean_form",
        N_("running mean of gradients"),
        N_(
            "This is momentum with a running mean: v ← βv + (1 − β)∇L, θ ← θ − αv, as in Andrew "
            "Ng's course and inside Adam. Its steps are 1 − β times as long. KK's v is a sum and "
            "holds α."
        ),
        ("lr * grad", "(1 - beta) * grad"),
        (STEP, "theta - lr * v"),
        where=N_("v ← βv + **α**∇L,  θ ← θ − **v**"),
    ),
    elsewhere(
        "onn_form",
        N_("ONN's form, v downhill"),
        N_(
            "This is the rule as ONN writes it: v ← λv − η∇, θ ← θ + v. Its velocity points "
            "downhill. KK's points along the gradient and is subtracted; the state you return "
            "must be KK's."
        ),
        ("beta * v + lr * grad", "beta * v - lr * grad"),
        (STEP, "theta + v"),
        where=N_("v ← βv **+** α∇L,  θ ← θ **−** v"),
    ),
    elsewhere(
        "nesterov_form",
        N_("Nesterov's step"),
        N_(
            "This is Nesterov momentum as deep learning libraries write it: after v is renewed, "
            "the step goes along βv + α∇L. That is a later exercise of this lesson; plain "
            "momentum steps along v."
        ),
        (STEP, "theta - (beta * v + lr * grad)"),
        where=N_("θ ← θ − **v**"),
    ),
)

# --- heavy_ball_step: θ − η∇f + β(θ − θ_prev) -------------------------------------------------

BALL = "theta - lr * grad + beta * (theta - theta_prev)"
BALL_RETURN = "return theta_next, theta"

HEAVY_BALL_MISTAKES = (
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

# --- running_sum_step: v ← ρv + ∇f;  θ ← θ − αv -----------------------------------------------

SUM = "rho * v + grad"
SUM_STEP = "theta - lr * v"

RUNNING_SUM_MISTAKES = (
    slip(
        "forgot_old_velocity",
        N_("old velocity forgotten"),
        N_(
            "Your new v is the gradient alone, as if ρ were 0. The share ρ of the old v belongs in."
        ),
        (SUM, "grad"),
        where=N_("v ← **ρv** + ∇"),
    ),
    slip(
        "velocity_never_decays",
        N_("velocity never decays"),
        N_("The old v goes in whole, as if ρ were 1: the sum never forgets anything."),
        ("rho * v + ", "v + "),
        where=N_("v ← **ρ**v + ∇"),
    ),
    slip(
        "rho_swapped",
        N_("ρ and 1 − ρ swapped"),
        N_("You keep the share 1 − ρ of the old v. ρ is the share that stays."),
        ("rho * v + ", "(1 - rho) * v + "),
        where=N_("v ← **ρ**v + ∇"),
    ),
    slip(
        "rho_on_everything",
        N_("ρ times the whole sum"),
        N_("ρ multiplies the new gradient as well. Only what comes from the past is damped."),
        (SUM, "rho * (v + grad)"),
        where=N_("v ← **ρv** + ∇"),
    ),
    slip(
        "memory_sign",
        N_("sign of the old velocity"),
        N_("The old v goes in with a minus: the ball turns round at every step."),
        ("rho * v + ", "-rho * v + "),
        where=N_("v ← **+ρv** + ∇"),
    ),
    slip(
        "gradient_sign",
        N_("sign of the gradient"),
        N_(
            "The gradient goes into v with a minus and the step subtracts v: two minus signs, and "
            "that climbs."
        ),
        (SUM, "rho * v - grad"),
        where=N_("v ← ρv **+** ∇"),
    ),
    slip(
        "step_sign",
        N_("sign of the step"),
        N_(
            "v is right and the step adds it: that climbs. CS7 wonders about this sign, too; with "
            "v ← ρv + ∇ it is x −= αv."
        ),
        (SUM_STEP, "theta + lr * v"),
        where=N_("θ ← θ **−** αv"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The step subtracts v whole: α is missing."),
        (SUM_STEP, "theta - v"),
        where=N_("θ ← θ − **α**v"),
    ),
    slip(
        "lr_twice",
        N_("learning rate twice"),
        N_("α is in the sum and once more in the step. Here it belongs to the step alone."),
        (SUM, "rho * v + lr * grad"),
        where=N_("v ← ρv + **∇**"),
    ),
    slip(
        "old_velocity_in_step",
        N_("step with the old velocity"),
        N_("You step along the v that came in and renew it afterwards. First v, then the step."),
        (f"v = {SUM}\ntheta = {SUM_STEP}", f"theta = {SUM_STEP}\nv = {SUM}"),
        where=N_("θ ← θ − α**v** (the new one)"),
    ),
    slip(
        "velocity_not_returned",
        N_("old velocity returned"),
        N_("The step is right; the v that you return is the one that came in."),
        ("v = rho", "new_v = rho"),
        (SUM_STEP, "theta - lr * new_v"),
        where=N_("return θ, **v** (the new one)"),
    ),
    slip(
        "velocity_unused",
        N_("plain gradient step"),
        N_("v is renewed, and the step doesn't use it: θ moves by α·grad alone."),
        (SUM_STEP, "theta - lr * grad"),
        where=N_("θ ← θ − α**v**"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("v is right, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {SUM_STEP}\n", ""),
        where=N_("θ ← **θ − αv**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (SUM_STEP, "-lr * v"),
        where=N_("θ ← **θ** − αv"),
    ),
    elsewhere(
        "kk_form",
        N_("KK's form, α inside v"),
        N_(
            "This is the rule as KK writes it, with α inside v: your momentum_step. At constant α "
            "it walks the same path. CS7 keeps α out of the sum; the v you return must be CS7's."
        ),
        (SUM, "rho * v + lr * grad"),
        (SUM_STEP, "theta - v"),
        where=N_("v ← ρv + **∇**,  θ ← θ − **α**v"),
    ),
    elsewhere(
        "running_mean_form",
        N_("running mean of gradients"),
        N_(
            "This is a running mean, v ← ρv + (1 − ρ)∇, as inside Adam (and as CS7's words say, "
            "not its code). The rule here is a sum: 1/(1 − ρ) times as large."
        ),
        (SUM, "rho * v + (1 - rho) * grad"),
        where=N_("v ← ρv + **∇**"),
    ),
    elsewhere(
        "nesterov_form",
        N_("Nesterov's step"),
        N_(
            "This is Nesterov momentum as PyTorch writes it: the step goes along ρv + ∇ with the "
            "new v. Plain momentum steps along v."
        ),
        (SUM_STEP, "theta - lr * (rho * v + grad)"),
        where=N_("θ ← θ − α**v**"),
    ),
)

# --- nesterov_step: v ← βv + α∇L(θ − βv);  θ ← θ − v ------------------------------------------

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


NESTEROV_MISTAKES = (
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

EXERCISES = (
    Exercise(
        name="momentum_step",
        topic=TOPIC,
        points=22,
        returns=("theta", "v"),
        trials=rule_trials(_hyper("beta"), _velocity, np.zeros_like),
        mistakes=MOMENTUM_MISTAKES,
        parts=PARTS,
        hints=(
            N_("Two lines: the first makes the new velocity out of the old one and the gradient."),
            N_(
                "How much of the old velocity stays? β of it. How much of the gradient comes in? "
                "α of it. The step uses the velocity that you have just made."
            ),
            N_(
                "On paper, with v = 0.5, grad = 2, lr = 0.1, beta = 0.8: the new v is 0.4 + 0.2 = "
                "0.6, and θ moves down by 0.6. Which operations gave 0.4 and 0.2?"
            ),
        ),
        praise=N_("Set β = 0: which rule of lesson 00 is this?"),
    ),
    Exercise(
        name="heavy_ball_step",
        topic=TOPIC,
        points=18,
        returns=("theta", "theta_prev"),
        trials=rule_trials(_hyper("beta"), _velocity, np.copy),
        mistakes=HEAVY_BALL_MISTAKES,
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
    ),
    Exercise(
        name="running_sum_step",
        topic=TOPIC,
        points=18,
        returns=("theta", "v"),
        trials=rule_trials(_hyper("rho"), _velocity, np.zeros_like),
        mistakes=RUNNING_SUM_MISTAKES,
        parts=PARTS,
        hints=(
            N_("The same two lines as momentum_step; only α stands in the other one."),
            N_("v knows nothing of α: it is a sum of gradients, each ρ times the weight of the next."),
            N_(
                "On paper, with v = 5, grad = 2, rho = 0.8, lr = 0.1: the new v is 4 + 2 = 6, and "
                "θ moves down by 0.6."
            ),
        ),
        praise=N_("Halve α in the middle of a run: which of your rules notices at once?"),
    ),
    Exercise(
        name="nesterov_step",
        topic=TOPIC,
        points=26,
        returns=("theta", "v"),
        trials=rule_trials(_hyper("beta"), _velocity, np.zeros_like, as_function=True),
        mistakes=NESTEROV_MISTAKES,
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
    ),
    Choice(
        name="how_momentum_works",
        topic=TOPIC,
        points=2,
        text=N_("**KK's checkpoint:** how does momentum work?"),
        choices={
            "A": (
                N_("It divides the learning rate by the size of the gradients so far."),
                N_("That is Adagrad, in the next lesson. Momentum has one rate for all parameters."),
            ),
            "B": (
                N_(
                    "It adds up past gradients with decaying weight; what agrees grows, what "
                    "alternates cancels."
                ),
                N_("In the valley: along the floor gradients agree, across it they alternate."),
            ),
            "C": (
                N_("It averages θ over the last steps and returns the mean."),
                N_("Averaging θ is Polyak averaging, in lesson 09. Momentum averages gradients."),
            ),
            "D": (
                N_("It makes the learning rate larger with every step."),
                N_(
                    "α stays what it is. On a constant slope the steps grow, yes, but towards "
                    "α/(1 − β) times the gradient, and no further."
                ),
            ),
        },
        key="B",
    ),
    Number(
        name="terminal_step",
        topic=TOPIC,
        points=2,
        text=N_(
            "On a long slope the gradient is always 0.2. With α = 0.1 and β = 0.8 in "
            "`momentum_step`, how long does each step become in the end?"
        ),
        value=0.1,
        replies=(
            (0.02, N_("That is the first step, α · 0.2. The velocity is still growing then.")),
            (0.025, N_("That is α · 0.2 / β. The sum 1 + β + β² + … is 1/(1 − β).")),
            (1.0, N_("α is missing: 0.2/(1 − β) is the running sum of CS7. KK's step holds α.")),
            (0.2, N_("That is the gradient itself. The step has α in it, and the sum of the past.")),
            (0.5, N_("That is α/(1 − β), the effective rate. The step is that times the gradient.")),
        ),
        hint=N_(
            "In the end v no longer changes: v = βv + α · 0.2. Solve that for v, or run the rule."
        ),
        reply=N_("Five gradients' worth in one step: 1/(1 − 0.8) = 5."),
    ),
    Choice(
        name="friction",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** KK and CS7 call β (ρ) a friction. What happens to a rolling ball "
            "when you *raise* β from 0.9 to 0.99?"
        ),
        choices={
            "A": (
                N_("It is braked more: friction went up."),
                N_(
                    "The name would say so. Look at v ← βv + …: with 0.99 the ball keeps 99 % of "
                    "its speed instead of 90 %."
                ),
            ),
            "B": (
                N_("Nothing changes but the first step."),
                N_("The first step, from v = 0, is the one thing that doesn't change."),
            ),
            "C": (
                N_("It is braked less, and rolls about ten times as far: friction is 1 − β."),
                N_("1/(1 − β) went from 10 to 100."),
            ),
            "D": (
                N_("It is braked less, about 10 % less."),
                N_(
                    "β itself grew by 10 %. What counts is what is lost at each step, 1 − β, and "
                    "that fell to a tenth."
                ),
            ),
        },
        key="C",
    ),
    Number(
        name="running_mean",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** CS7 calls the velocity a *running mean of gradients*. Feed "
            "`running_sum_step` a constant gradient of 1 with ρ = 0.9. To what number does v "
            "settle?"
        ),
        value=10.0,
        replies=(
            (1.0, N_("A mean of ones would be 1. Run it: v ← 0.9 v + 1 doesn't stop there.")),
            (0.1, N_("That is 1 − ρ. What number v satisfies v = 0.9 v + 1?")),
            (0.9, N_("That is ρ. What number v satisfies v = 0.9 v + 1?")),
            (1.9, N_("That is v after the second step. It goes on growing.")),
        ),
        hint=N_("When v has settled it no longer changes: v = 0.9 v + 1."),
        reply=N_("A decaying sum, 1/(1 − ρ) times as large as a mean."),
    ),
    Choice(
        name="rate_changes",
        topic=TOPIC,
        points=2,
        text=N_(
            "In the middle of a run α is halved. Which notation takes a step of half the length "
            "*at once*?"
        ),
        choices={
            "A": (
                N_("KK's, v ← βv + α∇L, θ ← θ − v"),
                N_("Its v still holds gradients weighted with the old α; they fade in time."),
            ),
            "B": (
                N_("SL2's heavy ball, θ − η∇ + β(θ − θ_prev)"),
                N_("Its last step was made with the old rate, and β of that is repeated."),
            ),
            "C": (
                N_("ONN's, v ← λv − η∇, θ ← θ + v"),
                N_("ONN's v is KK's with the other sign: the old rate is inside."),
            ),
            "D": (
                N_("CS7's running sum, v ← ρv + ∇, θ ← θ − αv"),
                N_("Its v holds gradients only, and α scales all of them, old and new."),
            ),
        },
        key="D",
    ),
)
