"""`weight_decay_step`. SL2: after the step, multiply by w: θ ← w · (θ − α∇L)."""

import numpy as np

from autograder.exercises.base import Exercise, draw, elsewhere, rule_trials, slip
from autograder.exercises.regularization.inputs import TOPIC
from descentlab.text import N_

BODY = "w * (theta - lr * grad)"


def hyper(rng):
    """The learning rate, and what is left of a parameter."""
    return {"lr": draw(rng, 0.05, 0.45), "w": draw(rng, 0.62, 0.88)}


def grads(rng, shape):
    """Slopes, some of them 0, as units that are off have them: their parameters shrink, too."""
    return rng.normal(size=shape) * (rng.permutation(np.prod(shape)).reshape(shape) % 4 > 0)


EXERCISE = Exercise(
    name="weight_decay_step",
    topic=TOPIC,
    points=5,
    returns="theta",
    trials=rule_trials(hyper, grads=grads),
    mistakes=(
        elsewhere(
            "decay_before",
            N_("decay before the step"),
            N_(
                "You shrink θ and step afterwards: wθ − α∇L, as PyTorch's SGD does it with "
                "λ = (1 − w)/α. SL2 shrinks what comes out of the step, so w acts on the "
                "gradient's part too. Where do the brackets stand?"
            ),
            (BODY, "w * theta - lr * grad"),
            where=N_("θ ← w · **(**θ − α∇L**)**"),
        ),
        slip(
            "decay_forgotten",
            N_("no decay"),
            N_("This is plain gradient descent, as if w were 1: nothing shrinks."),
            (BODY, "theta - lr * grad"),
            where=N_("θ ← **w ·** (θ − α∇L)"),
        ),
        slip(
            "step_forgotten",
            N_("no step"),
            N_("θ only shrinks; the gradient isn't in your step."),
            (BODY, "w * theta"),
            where=N_("θ ← w · (θ **− α∇L**)"),
        ),
        slip(
            "one_minus_w",
            N_("1 − w for w"),
            N_(
                "You keep the share 1 − w of every parameter, which is little. w is what is left "
                "of it, a number just below 1."
            ),
            (BODY, "(1 - w) * (theta - lr * grad)"),
            where=N_("θ ← **w** · (θ − α∇L)"),
        ),
        elsewhere(
            "rate_of_decay",
            N_("w as the share that is lost"),
            N_(
                "You shrink θ by the share w and step afterwards, (1 − w)θ − α∇L: Loshchilov and "
                "Hutter write decoupled weight decay so, and their number is small. Here w is "
                "what is left, and it multiplies the result of the step."
            ),
            (BODY, "(1 - w) * theta - lr * grad"),
            where=N_("θ ← **w · (**θ − α∇L**)**"),
        ),
        elsewhere(
            "penalty_strength",
            N_("w as a penalty's strength"),
            N_(
                "You use w as the λ of a penalty, θ − α(∇L + wθ): so PyTorch's weight_decay works, "
                "and AdamW's, which for plain gradient descent is the same. Here w is no strength "
                "but a factor just below 1."
            ),
            (BODY, "theta - lr * (grad + w * theta)"),
            where=N_("θ ← **w ·** (θ − α∇L)"),
        ),
        elsewhere(
            "penalty_of_sl2",
            N_("SL2's penalty in the gradient"),
            N_(
                "You add the gradient of (1 − w)/2 ‖θ‖² to the loss's: the penalty that SL2 calls "
                "equal to its rule. It isn't: α multiplies it as well. Write the rule itself."
            ),
            (BODY, "theta - lr * (grad + (1 - w) * theta)"),
            where=N_("θ ← **w ·** (θ − α∇L)"),
        ),
        slip(
            "decay_scaled_by_lr",
            N_("α in the decay"),
            N_(
                "You multiply by 1 − αw, so the decay depends on the learning rate. SL2's factor "
                "is w itself."
            ),
            (BODY, "(1 - lr * w) * (theta - lr * grad)"),
            where=N_("θ ← **w** · (θ − α∇L)"),
        ),
        slip(
            "only_step_shrunk",
            N_("only the gradient shrunk"),
            N_("w multiplies the gradient alone, so it acts as a smaller learning rate."),
            (BODY, "theta - w * lr * grad"),
            where=N_("θ ← **w · (θ** − α∇L**)**"),
        ),
        slip(
            "subtracted",
            N_("w subtracted"),
            N_("You subtract w: every parameter moves down by the same amount. It is a factor."),
            (BODY, "theta - lr * grad - w"),
            where=N_("θ ← **w ·** (θ − α∇L)"),
        ),
        slip(
            "divided",
            N_("divided by w"),
            N_("You divide by w, which is below 1: the parameters grow."),
            (BODY, "(theta - lr * grad) / w"),
            where=N_("θ ← w **·** (θ − α∇L)"),
        ),
        slip(
            "decayed_twice",
            N_("decay twice"),
            N_("w multiplies θ before the step and everything after it: θ shrinks twice."),
            (BODY, "w * (w * theta - lr * grad)"),
            where=N_("θ ← w · (**θ** − α∇L)"),
        ),
        slip(
            "sign",
            N_("sign of the step"),
            N_("The gradient is added: that goes uphill. The way down is against it."),
            (BODY, "w * (theta + lr * grad)"),
            where=N_("θ ← w · (θ **−** α∇L)"),
        ),
        slip(
            "lr_missing",
            N_("learning rate missing"),
            N_("The gradient is subtracted whole: α is missing in front of it."),
            (BODY, "w * (theta - grad)"),
            where=N_("θ ← w · (θ − **α**∇L)"),
        ),
        slip(
            "returned_step",
            N_("the step returned for θ"),
            N_("What you return is the step alone. The new θ is the old one, moved and shrunk."),
            (BODY, "w * -lr * grad"),
            where=N_("θ ← w · (**θ** − α∇L)"),
        ),
        slip(
            "share_lost_scaled_by_lr",
            N_("α in what is lost"),
            N_(
                "You multiply by 1 − α(1 − w), so the decay depends on the learning rate. SL2's "
                "factor is w itself."
            ),
            (BODY, "(1 - lr * (1 - w)) * (theta - lr * grad)"),
            where=N_("θ ← **w** · (θ − α∇L)"),
            pairs=False,
        ),
    ),
    hints=(
        N_("Two things in a row: the step that you know, then one multiplication."),
        N_("Everything that comes out of the step is multiplied by w: mind the brackets."),
        N_(
            "On paper, with θ = 1, grad = 2, lr = 0.25, w = 0.8: the step ends at 0.5, and what "
            "is left of that is 0.4."
        ),
    ),
    praise=N_("Which penalty is this rule, and why does its λ hold α? See the question below."),
)
