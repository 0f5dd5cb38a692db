"""`running_sum_step`. CS7: v ← ρv + ∇f;  θ ← θ − αv."""

import numpy as np

from autograder.exercises.base import Exercise, elsewhere, rule_trials, slip
from autograder.exercises.momentum.inputs import PARTS, TOPIC, hyper, slopes, velocity
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

SUM = "rho * v + grad"
SUM_STEP = "theta - lr * v"

MISTAKES = (
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
            "The step adds v: that climbs. CS7 wonders about this sign, too; with "
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
        N_("The v that you return is the one that came in."),
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
        N_("v is renewed, and θ comes back as it went in. Who takes the step?"),
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
    slip(
        "velocity_with_lr",
        N_("α·v returned as v"),
        N_(
            "θ goes where it should. What you return as v has α in it, as KK's velocity; CS7's v "
            "is a sum of gradients alone, and the next step multiplies by α again."
        ),
        ("return theta, v", "return theta, lr * v"),
        where=N_("return θ, **v**"),
        pairs=False,
    ),
    slip(
        "velocity_twice",
        N_("v renewed twice"),
        N_(
            "v is renewed twice in one call, so the gradient goes in twice and ρ acts twice. One "
            "call is one step."
        ),
        (SUM, f"rho * ({SUM}) + grad"),
        where=N_("v ← **ρv + ∇**, once"),
        pairs=False,
    ),
    slip(
        "applied_twice",
        N_("two steps in one call"),
        N_(
            "You renew v and move θ, and then do both once more with the same gradient. One call "
            "is one step."
        ),
        ("return theta, v", f"v = {SUM}\ntheta = {SUM_STEP}\nreturn theta, v"),
        where=N_("v ← ρv + ∇,  θ ← θ − αv, **once**"),
        pairs=False,
    ),
    slip(
        "rho_squared",
        N_("ρ acts twice"),
        N_("The old v is multiplied by ρ twice. ρ is the share of it that stays."),
        ("rho * v + ", "rho * rho * v + "),
        where=N_("v ← **ρ**v + ∇"),
        pairs=False,
    ),
    slip(
        "rho_on_gradient",
        N_("ρ on the gradient"),
        N_("ρ multiplies the new gradient and not the old v. What comes from the past is damped."),
        (SUM, "v + rho * grad"),
        where=N_("v ← **ρv** + ∇"),
        pairs=False,
    ),
    slip(
        "rho_in_step",
        N_("step damped by ρ"),
        N_("The step goes along ρv. ρ has done its work when v was made."),
        (SUM_STEP, "theta - lr * rho * v"),
        where=N_("θ ← θ − α**v**"),
        pairs=False,
    ),
    slip(
        "lr_on_gradient_only",
        N_("α on the gradient only"),
        N_(
            "In your step α scales the new gradient, and ρ times the old v goes in without it. "
            "CS7's v holds no α, so α scales all of it."
        ),
        (f"v = {SUM}\ntheta = {SUM_STEP}", f"theta = theta - lr * grad - rho * v\nv = {SUM}"),
        where=N_("θ ← θ − **α**v"),
        pairs=False,
    ),
    elsewhere(
        "downhill_form",
        N_("v pointing downhill"),
        N_(
            "Your v points downhill: v ← ρv − ∇, θ ← θ + αv. It walks the same path; CS7's v, "
            "which you are to return, is the sum of the gradients themselves, and is subtracted."
        ),
        (SUM, "rho * v - grad"),
        (SUM_STEP, "theta + lr * v"),
        where=N_("v ← ρv **+** ∇,  θ ← θ **−** αv"),
        pairs=False,
    ),
    elsewhere(
        "onn_form",
        N_("ONN's form, v downhill with α inside"),
        N_(
            "This is the rule as ONN writes it: v ← λv − η∇, θ ← θ + v, pointing downhill and with "
            "the rate inside. At constant α it walks the same path. CS7's v is the sum of the "
            "gradients themselves."
        ),
        (SUM, "rho * v - lr * grad"),
        (SUM_STEP, "theta + v"),
        where=N_("v ← ρv **+ ∇**,  θ ← θ **− α**v"),
        pairs=False,
    ),
    *whole_gradient("rho * v + grad"),
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

EXERCISE = Exercise(
    name="running_sum_step",
    topic=TOPIC,
    points=18,
    returns=("theta", "v"),
    trials=rule_trials(hyper("rho"), velocity, np.zeros_like, grads=slopes),
    mistakes=MISTAKES,
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
)
