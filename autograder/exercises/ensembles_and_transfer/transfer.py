"""`fine_tune_step`: what was learned elsewhere, moved a little."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, Trial, draw, single, slip
from autograder.exercises.ensembles_and_transfer.averages import TOPIC
from descentlab.calls import Call
from descentlab.text import N_


def fine_tune_trials(rng):
    def mask(shape):
        size = int(np.prod(shape))
        return (rng.permutation(size) % 3 > 0).reshape(shape)

    def walk(label, shape, steps, dtype=np.float64, default=False, rates=(0.2, 0.8), **more):
        def calls():
            theta = rng.normal(size=shape).astype(dtype)
            trainable = mask(shape)
            keywords = {"lr": draw(rng, *rates), "trainable": trainable}
            if not default:
                keywords["scale"] = draw(rng, 0.15, 0.45)
            for _step in range(steps):
                theta = yield Call((theta, rng.normal(size=shape).astype(dtype)), keywords)

        return Trial(label, calls, **more)

    theta, grad = np.round(rng.uniform(0.3, 2.0, (2, 2)), 1)
    return [
        single(
            "example", theta, grad, lr=0.3, trainable=np.array([True, False]),
            scale=draw(rng, 0.15, 0.45, 1),
        ),
        walk("usual", (7,), 3),
        walk("usual", (5,), 2, default=True),
        walk("usual", (6,), 1, rates=(0.06, 0.12)),
        walk("shape", (3, 5), 2),
        walk("shape", (2, 3, 4), 1),
        walk("float32", (6,), 2, np.float32, tolerance=FLOAT32_TOLERANCE),
    ]  # fmt: skip


FINE_TUNE = Exercise(
    name="fine_tune_step",
    topic=TOPIC,
    points=18,
    returns="theta",
    trials=fine_tune_trials,
    mistakes=(
        slip(
            "mask_inverted",
            N_("mask the wrong way round"),
            N_("The frozen entries move and the trainable ones stay: True means *may move*."),
            ("(trainable, moved, theta)", "(trainable, theta, moved)"),
            where=N_("where **trainable**: moved, else θ"),
        ),
        slip(
            "mask_ignored",
            N_("mask ignored"),
            N_("All entries move; the frozen ones must stay just as they are."),
            ("np.where(trainable, moved, theta)", "moved"),
        ),
        slip(
            "frozen_to_zero",
            N_("frozen entries set to 0"),
            N_("Frozen entries come back as 0. They keep their value: it is their step that is 0."),
            ("(trainable, moved, theta)", "(trainable, moved, 0 * theta)"),
            where=N_("else **θ**"),
        ),
        slip(
            "only_trainable_returned",
            N_("only the trainable entries returned"),
            N_("Only the entries that may move come back. θ keeps its shape."),
            ("np.where(trainable, moved, theta)", "moved[trainable]"),
        ),
        slip(
            "scale_missing",
            N_("scale missing"),
            N_(
                "The step has the whole learning rate: scale is missing. CS7 means a tenth of the "
                "original rate, not a rate of 0.1."
            ),
            ("lr * scale * grad", "lr * grad"),
            where=N_("θ − α · **scale** · ∇"),
        ),
        slip(
            "scale_for_rate",
            N_("scale taken for the learning rate"),
            N_(
                "The rate is scale itself; lr has no effect. CS7's note *lr = 0.1* reads so, and "
                "means a tenth of the original rate."
            ),
            ("lr * scale * grad", "scale * grad"),
            where=N_("θ − **α** · scale · ∇"),
        ),
        slip(
            "divided_by_scale",
            N_("divided by scale"),
            N_("The rate is divided by scale: fine-tuning takes smaller steps, not larger ones."),
            ("lr * scale * grad", "lr / scale * grad"),
            where=N_("θ − α **·** scale · ∇"),
        ),
        slip(
            "step_sign",
            N_("sign of the step"),
            N_("The gradient is added: that goes uphill."),
            ("theta - lr", "theta + lr"),
            where=N_("θ **−** α · scale · ∇"),
        ),
        slip(
            "frozen_scaled",
            N_("frozen entries moved a little"),
            N_(
                "Trainable entries take the whole step and frozen ones a scaled one. Frozen is "
                "frozen, and what may move does so with lr · scale."
            ),
            lambda theta, grad, *, lr, trainable, scale=0.1: (
                theta - lr * np.where(trainable, 1.0, scale) * grad
            ),
        ),
        slip(
            "trainable_scaled_only",
            N_("frozen entries at the whole rate"),
            N_(
                "Trainable entries take the scaled step and frozen ones the whole step. Frozen "
                "means: no step at all."
            ),
            lambda theta, grad, *, lr, trainable, scale=0.1: (
                theta - lr * np.where(trainable, scale, 1.0) * grad
            ),
        ),
        slip(
            "theta_scaled",
            N_("θ scaled, too"),
            N_("scale multiplies θ as well: brackets are too wide. It belongs to the step alone."),
            ("theta - lr * scale * grad", "scale * (theta - lr * grad)"),
            where=N_("θ − α · **scale** · ∇"),
        ),
        slip(
            "rates_added",
            N_("lr + scale"),
            N_("lr and scale are added. The rate is a part of lr: their product."),
            ("lr * scale * grad", "(lr + scale) * grad"),
            where=N_("θ − α **·** scale · ∇"),
        ),
        slip(
            "scale_taken_off",
            N_("1 − scale for scale"),
            N_("The rate is lr · (1 − scale). scale is what stays of it, not what goes."),
            ("lr * scale * grad", "lr * (1 - scale) * grad"),
            where=N_("θ − α · **scale** · ∇"),
        ),
        slip(
            "scale_twice",
            N_("scale twice"),
            N_("scale acts twice, so the steps are much too small."),
            ("lr * scale * grad", "lr * scale * scale * grad"),
        ),
        slip(
            "returned_step",
            N_("the step returned for θ"),
            N_("What comes back is the step; θ has to move by it."),
            ("theta - lr * scale * grad", "-lr * scale * grad"),
            ("(trainable, moved, theta)", "(trainable, moved, 0 * theta)"),
        ),
        slip(
            "whole_numbers_turned",
            N_("~ of whole numbers"),
            N_(
                "The mask was made into whole numbers before ~ turned it round: ~1 is −2 and ~0 is "
                "−1, so all entries move, and uphill. True means *may move*."
            ),
            lambda theta, grad, *, lr, trainable, scale=0.1: (
                theta - lr * scale * grad * ~trainable.astype(int)
            ),
            where=N_("where **trainable**: moved, else θ"),
        ),
    ),
    hints=(
        N_("First the step for everybody, with the smaller rate; then decide who takes it."),
        N_("np.where(mask, a, b) takes a where the mask is True and b elsewhere."),
    ),
    praise=N_("With scale = 1 and all trainable: which rule of lesson 00 is this?"),
)
