"""`reinit_last_layer` and `fine_tune_step`: what was learned elsewhere, taken along."""

from itertools import pairwise

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    Measurement,
    RandomExercise,
    Trial,
    draw,
    single,
    slip,
)
from autograder.exercises.ensembles_and_transfer.averages import TOPIC
from descentlab.calls import Call, Seeded
from descentlab.text import N_


def _seed(rng):
    return Seeded(int(rng.integers(2**63)))


def params(rng, sizes):
    """A network that has learned: its weights' scale is no initializer's, its biases aren't 0."""
    return [
        (rng.normal(0.3, 1.7, size=(n_in, n_out)), rng.normal(0.4, 0.3, size=n_out))
        for n_in, n_out in pairwise(sizes)
    ]


def reinit_trials(rng):
    return [
        single("usual", params(rng, [5, 130, 40]), 70, _seed(rng)),
        single("usual", params(rng, [6, 4, 210, 30]), 50, _seed(rng)),
    ]


def measure_reinit(records):
    """The kept layers exactly; the new one's mean, spread and form.

    For n normal draws of spread σ the standard errors are σ/√n for the mean, σ/√(2n) for the
    spread and √(24/n) for the excess kurtosis.
    """
    found = []
    for number, record in enumerate(records, 1):
        old, _classes, _rng = record.call.args
        kept = max(
            float(np.abs(new - was).max(initial=0.0))
            for layer, before in zip(record.value[:-1], old[:-1], strict=True)
            for new, was in zip(layer, before, strict=True)
        )
        W, b = (np.asarray(part, float) for part in record.value[-1])
        n, fan_in = W.size, W.shape[0]
        target, spread = np.sqrt(2 / fan_in), W.std()
        shape = ((W - W.mean()) ** 4).mean() / max(W.var() ** 2, 1e-300) - 3
        columns = np.unique(W, axis=1).shape[1]
        found += [
            Measurement(f"kept layers, largest change ({number})", kept, 0.0, 0.0, "kept"),
            Measurement(f"new biases, largest ({number})", np.abs(b).max(), 0.0, 0.0, "biases"),
            Measurement(
                f"std of the new weights ({number})", spread, target, target / np.sqrt(2 * n),
                "spread", spread / np.sqrt(2 * n),
            ),
            Measurement(
                f"mean of the new weights ({number})", W.mean(), 0.0, target / np.sqrt(n),
                "mean", spread / np.sqrt(n),
            ),
            Measurement(
                f"excess kurtosis ({number})", shape, 0.0, np.sqrt(24 / n), "form",
                max(np.sqrt(24 / n), abs(shape) * 0.2),
            ),
            Measurement(f"different columns ({number})", columns, W.shape[1], 0.0, "columns"),
        ]  # fmt: skip
    return found


def _fan_out(params, num_classes, rng):
    return _with_std(params, num_classes, rng, lambda n_in: np.sqrt(2 / num_classes))


def _xavier(params, num_classes, rng):
    return _with_std(params, num_classes, rng, lambda n_in: np.sqrt(2 / (n_in + num_classes)))


def _with_std(params, num_classes, rng, std):
    kept = [(W.copy(), b.copy()) for W, b in params[:-1]]
    n_in = len(params[-1][0])
    W = rng.normal(0, std(n_in), size=(n_in, num_classes))
    return [*kept, (W, np.zeros(num_classes))]


def _all_layers(params, num_classes, rng):
    fresh = [
        (rng.normal(0, np.sqrt(2 / len(W)), size=W.shape), np.zeros(len(b))) for W, b in params[:-1]
    ]
    return _with_std([*fresh, params[-1]], num_classes, rng, lambda n_in: np.sqrt(2 / n_in))


def _old_width(params, num_classes, rng):
    kept = [(W.copy(), b.copy()) for W, b in params[:-1]]
    W_old, b_old = params[-1]
    W = rng.normal(0, np.sqrt(2 / len(W_old)), size=W_old.shape)
    return [*kept, (W, np.zeros(len(b_old)))]


def _uniform(params, num_classes, rng):
    kept = [(W.copy(), b.copy()) for W, b in params[:-1]]
    n_in = len(params[-1][0])
    bound = np.sqrt(6 / n_in)
    return [*kept, (rng.uniform(-bound, bound, size=(n_in, num_classes)), np.zeros(num_classes))]


def _appended(params, num_classes, rng):
    kept = [(W.copy(), b.copy()) for W, b in params]
    n_in = len(params[-1][1])
    W = rng.normal(0, np.sqrt(2 / n_in), size=(n_in, num_classes))
    return [*kept, (W, np.zeros(num_classes))]


def _transposed(params, num_classes, rng):
    kept = [(W.copy(), b.copy()) for W, b in params[:-1]]
    n_in = len(params[-1][0])
    W = rng.normal(0, np.sqrt(2 / n_in), size=(num_classes, n_in))
    return [*kept, (W, np.zeros(num_classes))]


REINIT = RandomExercise(
    name="reinit_last_layer",
    topic=TOPIC,
    points=20,
    returns="params",
    trials=reinit_trials,
    measure=measure_reinit,
    properties={
        "kept": (
            N_("earlier layers changed"),
            N_("The layers before the last one don't come back as they went in. They are kept."),
        ),
        "biases": (
            N_("new biases not zero"),
            N_("The new layer's biases aren't 0: a new layer begins without any preference."),
        ),
        "spread": (
            N_("spread of the new weights"),
            N_("The spread of the new weights isn't He's, √(2/n_in) with n_in the rows of W."),
        ),
        "mean": (N_("mean of the new weights"), N_("The new weights don't lie round 0.")),
        "form": (
            N_("distribution of the new weights"),
            N_("The new weights have the right spread and aren't normally distributed."),
        ),
        "columns": (
            N_("equal columns"),
            N_("Several units of the new layer have the same weights: they would learn the same."),
        ),
    },
    mistakes=(
        slip(
            "fan_out",
            N_("fan-out for fan-in"),
            N_("The spread uses the number of classes. He's is √(2/n_in): what comes *in* counts."),
            _fan_out,
            where=N_("std = √(2/**n_in**)"),
        ),
        slip(
            "xavier",
            N_("Xavier's spread"),
            N_("The spread is Xavier's, √(2/(n_in + n_out)). He's is asked for."),
            _xavier,
            where=N_("std = √(2/**n_in**)"),
        ),
        slip(
            "variance_for_std",
            N_("variance for standard deviation"),
            N_("The spread is 2/n_in: that is He's variance. rng.normal takes its root."),
            ("np.sqrt(2 / n_in)", "2 / n_in"),
            where=N_("std = **√**(2/n_in)"),
        ),
        slip(
            "one_for_two",
            N_("1/n_in for 2/n_in"),
            N_("The spread is √(1/n_in), LeCun's: it forgets that ReLU drops half of the signal."),
            ("2 / n_in", "1 / n_in"),
            where=N_("std = √(**2**/n_in)"),
        ),
        slip(
            "standard_normal",
            N_("spread 1"),
            N_("The new weights have the spread 1, whatever n_in is."),
            ("np.sqrt(2 / n_in)", "1.0"),
        ),
        slip(
            "zeros",
            N_("new weights all 0"),
            N_("The new weights are all 0, so every class looks alike at the start."),
            (
                "rng.normal(0, std, size=(n_in, num_classes)).astype(W_old.dtype)",
                "np.zeros((n_in, num_classes))",
            ),
        ),
        slip(
            "biases_kept_random",
            N_("random biases"),
            N_("The new biases are drawn at random. They begin at 0."),
            ("np.zeros(num_classes, dtype=b_old.dtype)", "rng.normal(0, std, size=num_classes)"),
        ),
        slip(
            "all_layers",
            N_("all layers drawn again"),
            N_("Every layer was drawn again. Only the last one is; the rest is what was learned."),
            _all_layers,
        ),
        slip(
            "old_width",
            N_("old number of classes"),
            N_("The new layer has as many units as the old one; it needs num_classes."),
            _old_width,
        ),
        slip(
            "appended",
            N_("a layer added"),
            N_("A new layer was put behind the old last one. It takes the old one's place."),
            _appended,
        ),
        slip(
            "transposed",
            N_("weights transposed"),
            N_("W came back as (n_out, n_in). In this course a W is (n_in, n_out)."),
            _transposed,
        ),
        slip(
            "uniform",
            N_("uniform weights"),
            N_(
                "The new weights are uniform with He's spread; Keras calls it he_uniform. Here "
                "weights are normal."
            ),
            _uniform,
        ),
    ),
    hints=(
        N_("All pairs (W, b) but the last are copied. The last one's W tells you n_in."),
        N_("The new W has n_in rows and num_classes columns, normal, with He's spread; b is 0."),
    ),
    praise=N_("Why is a random last layer no loss when the classes are new?"),
)


def fine_tune_trials(rng):
    def mask(shape):
        size = int(np.prod(shape))
        return (rng.permutation(size) % 3 > 0).reshape(shape)

    def walk(label, shape, steps, dtype=np.float64, default=False, **more):
        def calls():
            theta = rng.normal(size=shape).astype(dtype)
            trainable = mask(shape)
            keywords = {"lr": draw(rng, 0.2, 0.8), "trainable": trainable}
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
        walk("shape", (3, 5), 2),
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
    ),
    hints=(
        N_("First the step for everybody, with the smaller rate; then decide who takes it."),
        N_("np.where(mask, a, b) takes a where the mask is True and b elsewhere."),
    ),
    praise=N_("With scale = 1 and all trainable: which rule of lesson 00 is this?"),
)
