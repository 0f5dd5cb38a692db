"""`momentum_step`. KK: v ← βv + α∇L;  θ ← θ − v."""

import numpy as np

from autograder.exercises.base import Exercise, elsewhere, rule_trials, slip
from autograder.exercises.momentum.inputs import PARTS, TOPIC, hyper, slopes, velocity
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

VELOCITY = "beta * v + lr * grad"
STEP = "theta - v"

MISTAKES = (
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
            "The step adds the velocity: that climbs. With a v that points along the gradient, "
            "the way down is the other one."
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
            "The velocity that you return is the one that came in: at the next step the ball has "
            "forgotten this one."
        ),
        ("v = beta", "new_v = beta"),
        (STEP, "theta - new_v"),
        where=N_("return θ, **v** (the new one)"),
    ),
    slip(
        "velocity_unused",
        N_("plain gradient step"),
        N_(
            "The velocity is renewed, and the step doesn't use it: θ moves by α·grad, as plain "
            "gradient descent does."
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
        N_("The velocity is renewed, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {STEP}\n", ""),
        where=N_("θ ← **θ − v**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by that step."),
        (STEP, "-v"),
        where=N_("θ ← **θ** − v"),
    ),
    slip(
        "velocity_negated",
        N_("velocity returned with the other sign"),
        N_(
            "The velocity that you return has the other sign. KK's points along the gradient, "
            "uphill, and the next step subtracts it again."
        ),
        ("return theta, v", "return theta, -v"),
        where=N_("return θ, **v**"),
        pairs=False,
    ),
    slip(
        "velocity_without_lr",
        N_("velocity returned without α"),
        N_(
            "θ goes where it should, and the v that you return has no α in it: that is the "
            "running sum of CS7 and PyTorch. KK's v holds α."
        ),
        ("return theta, v", "return theta, v / lr"),
        where=N_("return θ, **v**"),
        pairs=False,
    ),
    slip(
        "gradient_stored",
        N_("α·grad returned as velocity"),
        N_(
            "θ goes where it should. As v you return α·grad alone: what was left of the old "
            "velocity is lost for the next step."
        ),
        ("return theta, v", "return theta, lr * grad"),
        where=N_("return θ, **v**"),
        pairs=False,
    ),
    slip(
        "velocity_twice",
        N_("velocity renewed twice"),
        N_(
            "The velocity is renewed twice in one call, so the gradient goes in twice and β acts "
            "twice. One call is one step."
        ),
        (VELOCITY, f"beta * ({VELOCITY}) + lr * grad"),
        where=N_("v ← **βv + α∇L**, once"),
        pairs=False,
    ),
    slip(
        "applied_twice",
        N_("two steps in one call"),
        N_(
            "You renew v and move θ, and then do both once more with the same gradient. One call "
            "is one step."
        ),
        ("return theta, v", f"v = {VELOCITY}\ntheta = {STEP}\nreturn theta, v"),
        where=N_("v ← βv + α∇L,  θ ← θ − v, **once**"),
        pairs=False,
    ),
    slip(
        "beta_squared",
        N_("β acts twice"),
        N_(
            "The old velocity is multiplied by β twice. Once per step is enough: β is the share "
            "of it that stays."
        ),
        ("beta * v + ", "beta * beta * v + "),
        where=N_("v ← **β**v + α∇L"),
        pairs=False,
    ),
    slip(
        "lr_and_beta_exchanged",
        N_("α and β exchanged"),
        N_(
            "α and β have changed places: α is the share of the new gradient, β of the old "
            "velocity."
        ),
        (VELOCITY, "lr * v + beta * grad"),
        where=N_("v ← **β**v + **α**∇L"),
        pairs=False,
    ),
    *whole_gradient("lr * grad"),
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
    elsewhere(
        "nesterov_downhill",
        N_("Nesterov's step, v downhill"),
        N_(
            "This is Nesterov momentum as CS231n's notes write it: v ← βv − α∇L, and a step by "
            "βv − α∇L with the new v. That is a later exercise of this lesson. Plain momentum "
            "steps along v, and KK's v points along the gradient."
        ),
        (VELOCITY, "beta * v - lr * grad"),
        (STEP, "theta + beta * v - lr * grad"),
        where=N_("v ← βv **+** α∇L,  θ ← θ − **v**"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="momentum_step",
    topic=TOPIC,
    points=22,
    returns=("theta", "v"),
    trials=rule_trials(hyper("beta"), velocity, np.zeros_like, grads=slopes),
    mistakes=MISTAKES,
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
)
