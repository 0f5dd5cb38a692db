"""`reinit_last_layer`: what was learned elsewhere, taken along under a new head."""

from itertools import pairwise

import numpy as np

from autograder.exercises.base import Measurement, RandomExercise, single, slip
from autograder.exercises.ensembles_and_transfer.averages import TOPIC
from autograder.exercises.initialization.measuring import PROPERTIES, Layer, measure_layers
from descentlab.calls import Seeded
from descentlab.text import N_, _


def params(rng, sizes, dtype=np.float64):
    """A network that has learned: its weights' scale is no initializer's, its biases aren't 0."""
    return [
        (
            rng.normal(0.3, 1.7, size=(n_in, n_out)).astype(dtype),
            rng.normal(0.4, 0.3, size=n_out).astype(dtype),
        )
        for n_in, n_out in pairwise(sizes)
    ]


def reinit_trials(rng):
    """31,000 new weights: a head on two, three and one layers, on three inputs, in float32.

    With three inputs one more or less is seen in the spread.
    """

    def one(label, sizes, classes, dtype=np.float64):
        seed = Seeded(int(rng.integers(2**63)))
        return single(label, params(rng, sizes, dtype), classes, seed)

    return [
        one("usual", [5, 130, 40], 80),
        one("usual", [6, 4, 210, 30], 52),
        one("usual", [36, 12], 90),
        one("usual", [8, 3, 6], 1700),
        one("float32", [5, 61, 17], 26, np.float32),
    ]


def measure_reinit(records):
    """The kept layers number by number; the new ones as in `init_he`, with its bounds."""
    changed, renewed, fresh = [], [], []
    changed_layers = 0
    for number, record in enumerate(records):
        old = record.call.args[0]
        for mine, theirs in zip(record.value[:-1], old[:-1], strict=True):
            hits = [_differ(new, was) for new, was in zip(mine, theirs, strict=True)]
            changed += hits
            changed_layers += any(hit.any() for hit in hits)
        W, b = (np.asarray(part, float) for part in record.value[-1])
        fresh.append(Layer(number, len(old) - 1, W, b, np.sqrt(2 / len(W))))
        columns = min(W.shape[1], old[-1][0].shape[1])
        renewed.append((W[:, :columns] == old[-1][0][:, :columns]).ravel())
    copies = sum(bool(record.outcome.shared) for record in records)
    return [
        Measurement(_("kept layers that differ"), changed_layers, 0, 0, "kept"),
        _share(_("share of kept numbers that differ"), changed, "kept"),
        _share(_("share of new weights that are the old ones"), renewed, "renewed"),
        Measurement(_("networks with the old arrays themselves"), copies, 0, 0, "copied"),
        *measure_layers(fresh),
        *(half for layer in fresh for half in _halves(layer)),
        _scaled(fresh),
    ]


def _differ(new, was):
    return (np.abs(np.subtract(new, was, dtype=float)) > 1e-9).ravel()


def _share(name, hits, property):
    """An exact share; between two answers it may differ as drawn ones do."""
    every = np.concatenate(hits) if hits else np.zeros(1)
    value = every.mean()
    return Measurement(name, value, 0, 0, property, np.sqrt(value * (1 - value) / every.size))


def _halves(layer):
    """Correlation of the upper half of W with the lower, and of the left with the right: 1/√k.

    Draws that are used twice, or once more with a minus, are seen in it.
    """
    for name, z in (
        (_("correlation of the upper and lower half of {layer}"), layer.z),
        (_("correlation of the left and right half of {layer}"), layer.z.T),
    ):
        k = len(z) // 2
        one, two = z[:k].ravel(), z[k : 2 * k].ravel()
        size = np.sqrt(np.vdot(one, one) * np.vdot(two, two))
        r = np.vdot(one, two) / size if size else 0.0
        error = one.size**-0.5
        named = name.format(layer=layer.name)
        yield Measurement(named, r, 0, error, "independent", layer.crowding * error)


def _scaled(layers):
    """Layers with just the spread that is asked for, beyond two: nobody draws that by chance.

    A layer of n weights lies within 1e-6 of it with a chance of 1e-6 · 2√(n/π), at most 1.2e-4
    here (n = 10,920); three of five do so with 10 · (1.2e-4)³ = 2e-11.
    """
    hits = sum(
        min(abs(layer.rms / layer.std - 1), abs(layer.W.std() / layer.std - 1)) < 1e-6
        for layer in layers
    )
    name = _("layers that were scaled to σ exactly, beyond two")
    return Measurement(name, max(hits - 2, 0), 0, 0, "independent")


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


def _old_columns(params, num_classes, rng):
    *kept, (W, b) = _with_std(params, num_classes, rng, lambda n_in: np.sqrt(2 / n_in))
    same = min(num_classes, params[-1][0].shape[1])
    W[:, :same] = params[-1][0][:, :same]
    return [*kept, (W, b)]


def _fan_in_of_network(params, num_classes, rng):
    return _with_std(params, num_classes, rng, lambda n_in: np.sqrt(2 / len(params[0][0])))


def _old_fan_out(params, num_classes, rng):
    return _with_std(params, num_classes, rng, lambda n_in: np.sqrt(2 / len(params[-1][1])))


PROPERTY_TEXTS = {
    **PROPERTIES,
    "kept": (
        N_("earlier layers changed"),
        N_("The layers before the last one don't come back as they went in. They are kept."),
    ),
    "renewed": (
        N_("old weights in the last layer"),
        N_("In the last layer there still are weights of the old one. All of it is drawn anew."),
    ),
    "copied": (
        N_("the old arrays themselves"),
        N_(
            "The new network holds the old network's arrays themselves, under a second name. Copy "
            "what you keep."
        ),
    ),
    "biases": (
        N_("new biases not zero"),
        N_("The new layer's biases aren't 0: a new layer begins without any preference."),
    ),
    "width": (
        N_("spread of the new weights"),
        N_("The spread of the new weights isn't He's, √(2/n_in) with n_in the rows of W."),
    ),
    "centre": (N_("mean of the new weights"), N_("The new weights don't lie round 0.")),
    "form": (
        N_("distribution of the new weights"),
        N_("The new weights have the right spread and aren't normally distributed."),
    ),
}

REINIT = RandomExercise(
    name="reinit_last_layer",
    topic=TOPIC,
    points=20,
    returns="params",
    trials=reinit_trials,
    measure=measure_reinit,
    first_look=1,
    properties=PROPERTY_TEXTS,
    mistakes=(
        slip(
            "not_copied",
            N_("the old arrays themselves"),
            N_(
                "The kept layers are the old network's arrays themselves, under a second name: "
                "training the new network in place would change the old one. A list or a slice "
                "copies the list, not the arrays in it."
            ),
            ("(W.copy(), b.copy())", "(W, b)"),
            where=N_("**copies** of W, b of all layers but the last"),
        ),
        slip(
            "old_columns_kept",
            N_("old columns kept"),
            N_(
                "The first columns of the new W are those of the old one. They speak for the old "
                "classes: the whole last layer is drawn anew."
            ),
            _old_columns,
        ),
        slip(
            "kept_biases_zero",
            N_("kept biases set to 0"),
            N_("The kept weights come with biases of 0. What was learned is both, W and b."),
            ("b.copy()", "np.zeros_like(b)"),
            where=N_("copies of W **and b**"),
        ),
        slip(
            "fan_in_of_network",
            N_("n_in of the first layer"),
            N_(
                "The spread uses the network's number of inputs. He's n_in is that of the layer "
                "that is drawn: the rows of the last W."
            ),
            _fan_in_of_network,
            where=N_("std = √(2/**n_in**)"),
        ),
        slip(
            "old_fan_out",
            N_("old number of classes for n_in"),
            N_("The spread uses the old number of classes. He's is √(2/n_in): what comes *in*."),
            _old_fan_out,
            where=N_("std = √(2/**n_in**)"),
        ),
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
            "small_fixed",
            N_("spread 0.01"),
            N_(
                "The new weights have the spread 0.01, whatever n_in is, as in older recipes. "
                "He's grows when fewer inputs come in."
            ),
            ("np.sqrt(2 / n_in)", "0.01"),
            where=N_("std = **√(2/n_in)**"),
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
