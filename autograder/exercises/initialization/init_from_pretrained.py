"""`init_from_pretrained`. The first `keep` layers copied, the rest drawn as He does."""

from itertools import pairwise

import numpy as np

from autograder.exercises.base import Measurement, RandomExercise, single, slip
from autograder.exercises.initialization.measuring import (
    PROPERTIES,
    TOPIC,
    Layer,
    measure_layers,
)
from descentlab.calls import Seeded
from descentlab.text import N_, _

COPIES = "(W.copy(), b.copy())"
KEPT = f"kept = [{COPIES} for W, b in pretrained[:keep]]"
FRESH = "[(W.astype(dtype), b.astype(dtype)) for W, b in fresh]"


def trials(rng):
    """33,000 fresh weights: half of a network kept, a new head, nothing kept, float32, all kept.

    Most shapes would fit in other places, too, so that a wrong layer is seen by its numbers.
    Trained weights are wider than He's, and their biases aren't 0.
    """

    def trained(sizes, dtype=np.float64):
        return [
            (
                rng.normal(0.1, rng.uniform(0.35, 0.6), size=(n_in, n_out)).astype(dtype),
                rng.normal(0.3, 0.5, size=n_out).astype(dtype),
            )
            for n_in, n_out in pairwise(sizes)
        ]

    def size(low, high):
        return int(rng.integers(low, high))

    def trial(label, old, new, keep, dtype=np.float64):
        return single(label, trained(old, dtype), new, keep, Seeded(int(rng.integers(2**63))))

    thin, broad = size(28, 33), size(105, 120)
    wide, body, neck = size(36, 42), size(85, 95), size(118, 128)
    one, two, three = size(60, 66), size(88, 94), size(40, 46)
    return [
        trial("usual", [thin, broad, thin, broad, thin], [thin, broad, thin, broad, thin], 2),
        trial("usual", [wide, body, neck, 9, 5, 3], [wide, body, neck, 26], 1),
        trial("usual", [one, two, 4], [one, two, three], 0),
        trial("float32", [5, 24, 61, 6], [5, 24, 61, 17], 1, np.float32),
        trial("usual", [5, 8, 3], [5, 8, 3], 2),
    ]


def measure(records):
    """What was kept is compared number by number; what is fresh is measured as in `init_he`."""
    kept, old, fresh, repeated = [], [], [], []
    for number, record in enumerate(records):
        pretrained, _sizes, keep = record.call.args[:3]
        for layer, (W, b) in enumerate(record.value):
            W, b = np.asarray(W, float), np.asarray(b, float)
            same_place = pretrained[layer] if layer < len(pretrained) else None
            if layer < keep:
                kept.append((W, b))
                old.append(same_place)
            else:
                fresh.append(Layer(number, layer, W, b, np.sqrt(2 / W.shape[0])))
                if same_place is not None and same_place[0].shape == W.shape:
                    repeated.append((same_place[0] == W).ravel())
    return [
        _share(_("share of kept weights that differ"), _differ(kept, old, 0), "kept"),
        _share(_("share of kept biases that differ"), _differ(kept, old, 1), "kept_biases"),
        _kept_width(kept, old),
        _share(
            _("share of fresh weights that are the old ones"), np.concatenate(repeated), "renewed"
        ),
        Measurement(_("networks with the old arrays themselves"), _shared(records), 0, 0, "copied"),
        *measure_layers(fresh),
    ]


def _differ(kept, old, part):
    return np.concatenate(
        [
            (np.abs(mine[part] - theirs[part]) > 1e-9).ravel()
            for mine, theirs in zip(kept, old, strict=True)
        ]
    )


def _share(name, hits, property):
    """An exact share; between two answers it may differ as drawn ones do."""
    value = hits.mean()
    return Measurement(name, value, 0, 0, property, np.sqrt(value * (1 - value) / hits.size))


def _kept_width(kept, old):
    """RMS of what stands where the kept weights should: exact, and told apart as drawn ones are."""
    mine = np.concatenate([W.ravel() for W, _b in kept])
    right = np.concatenate([W.ravel() for W, _b in old]).astype(float)
    rms = np.sqrt(np.mean(mine**2))
    return Measurement(
        _("RMS of the kept weights"),
        rms,
        np.sqrt(np.mean(right**2)),
        0,
        "kept",
        rms / np.sqrt(2 * mine.size),
    )


def _shared(records):
    return sum(bool(record.outcome.shared) for record in records)


def _also(message):
    return {key: (title, message.get(key, text)) for key, (title, text) in PROPERTIES.items()}


MISTAKES = (
    slip(
        "not_copied",
        N_("the old arrays themselves"),
        N_(
            "In the kept layers stand pretrained arrays themselves, W or b or both, under a second "
            "name: training the new network in place would change the old one. A list or a slice "
            "copies the list, not the arrays in it."
        ),
        (COPIES, "(W, b)"),
        where=N_("**copies** of W, b for ℓ ≤ keep"),
    ),
    slip(
        "one_more_kept",
        N_("one layer too many kept"),
        N_("You keep one layer more than keep says. Count the kept ones: 1, 2, …, keep."),
        ("pretrained[:keep]", "pretrained[: keep + 1]"),
        ("layer_sizes[keep:]", "layer_sizes[keep + 1 :]"),
        where=N_("ℓ **≤ keep**"),
    ),
    slip(
        "one_less_kept",
        N_("one layer too few kept"),
        N_("You keep one layer less than keep says. Count the kept ones: 1, 2, …, keep."),
        ("pretrained[:keep]", "pretrained[: max(keep - 1, 0)]"),
        ("layer_sizes[keep:]", "layer_sizes[max(keep - 1, 0) :]"),
        where=N_("ℓ **≤ keep**"),
    ),
    slip(
        "last_layers_kept",
        N_("last layers kept in place of the first"),
        N_(
            "You keep the last layers and draw the first ones anew. The first layers hold what is "
            "general; the last ones know the old task."
        ),
        ("pretrained[:keep]", "pretrained[len(pretrained) - keep :]"),
        ("layer_sizes[keep:]", "layer_sizes[: len(layer_sizes) - keep]"),
        (f"kept + {FRESH}", f"{FRESH} + kept"),
        where=N_("the **first** keep layers"),
        pairs=False,
    ),
    slip(
        "counted_from_the_end",
        N_("taken from the end"),
        N_(
            "What you put in the first places are the *last* layers of the pretrained network. "
            "Take its first ones, in their own places."
        ),
        ("pretrained[:keep]", "pretrained[len(pretrained) - keep :]"),
        where=N_("the **first** keep layers"),
        pairs=False,
    ),
    slip(
        "everything_kept",
        N_("the old network to its end"),
        N_(
            "After the first keep layers yours goes on as the pretrained network does, in its "
            "depth if not in its very weights. layer_sizes says which layers follow, and they are "
            "drawn anew."
        ),
        ("pretrained[:keep]", "pretrained"),
        ("layer_sizes[keep:]", "layer_sizes[len(pretrained) :]"),
        where=N_("He **after that**"),
        pairs=False,
    ),
    slip(
        "nothing_kept",
        N_("nothing kept"),
        N_("All layers are drawn anew: nothing of the pretrained network is left."),
        ("pretrained[:keep]", "pretrained[:0]"),
        ("layer_sizes[keep:]", "layer_sizes"),
        where=N_("**copies of the pretrained ones** for ℓ ≤ keep"),
        pairs=False,
    ),
    slip(
        "kept_biases_zero",
        N_("kept biases set to 0"),
        N_(
            "The kept weights come with biases of 0. A trained layer is both, its weights and its "
            "biases."
        ),
        ("b.copy()", "np.zeros_like(b)"),
        where=N_("copies of W **and b**"),
    ),
    slip(
        "fresh_xavier",
        N_("rest drawn by Xavier's rule"),
        N_("The rest is drawn by Xavier's rule. It should be He's."),
        ("init_he(", "init_xavier("),
        where=N_("**He** after that"),
    ),
    slip(
        "fresh_zero",
        N_("rest left at 0"),
        N_(
            "The layers after the kept ones are all 0. They have to break the symmetry as any "
            "fresh layer does: draw them as He does."
        ),
        ("init_he(layer_sizes[keep:], rng)", "init_constant(layer_sizes[keep:], 0.0)"),
        where=N_("**He** after that"),
    ),
    slip(
        "fresh_variance",
        N_("variance for the standard deviation"),
        N_(
            "The rest is drawn with 2/n_in, the variance, as standard deviation. rng.normal wants "
            "its root."
        ),
        (
            "init_he(layer_sizes[keep:], rng)",
            "[(W * np.std(W), b) for W, b in init_he(layer_sizes[keep:], rng)]",
        ),
        where=N_("σ = **√**(2/n_in) after that"),
    ),
    slip(
        "fresh_fan_out",
        N_("rest drawn with fan-out"),
        N_("The rest is drawn with √(2/n_out). He's rule in this lesson looks at n_in."),
        (
            "init_he(layer_sizes[keep:], rng)",
            "[(np.ascontiguousarray(W.T), np.zeros(W.shape[0])) "
            "for W, b in init_he(layer_sizes[:keep:-1] + layer_sizes[keep : keep + 1], rng)][::-1]",
        ),
        where=N_("σ = √(2/**n_in**) after that"),
        pairs=False,
    ),
    slip(
        "one_layer_short",
        N_("a layer missing between"),
        N_(
            "There is a layer too few. After the kept ones comes a layer that reads what the last "
            "of them gives: its n_in is layer_sizes[keep]."
        ),
        ("layer_sizes[keep:]", "layer_sizes[keep + 1 :]"),
        pairs=False,
    ),
    slip(
        "only_the_kept",
        N_("only the kept layers returned"),
        N_("Only the kept layers come back. The network has more: draw the rest and append it."),
        (f"kept + {FRESH}", "kept"),
        pairs=False,
    ),
    slip(
        "added_to_a_whole",
        N_("a whole new network appended"),
        N_(
            "You draw a whole new network and put it behind the kept layers: too many layers. "
            "Draw only the layers that come after them."
        ),
        ("layer_sizes[keep:]", "layer_sizes"),
        pairs=False,
    ),
)

EXERCISE = RandomExercise(
    name="init_from_pretrained",
    topic=TOPIC,
    points=18,
    returns="params",
    trials=trials,
    mistakes=MISTAKES,
    first_look=1,
    measure=measure,
    properties={
        "kept": (
            N_("kept layers changed"),
            N_(
                "The weights of the first keep layers aren't those of the pretrained network. They "
                "are taken over as they are."
            ),
        ),
        "kept_biases": (
            N_("kept biases changed"),
            N_(
                "The biases of the first keep layers aren't those of the pretrained network. They "
                "are taken over as the weights are."
            ),
        ),
        "renewed": (
            N_("old weights after the kept ones"),
            N_(
                "After the first keep layers there still are weights of the pretrained network. "
                "From there on all is drawn anew."
            ),
        ),
        "copied": (
            N_("the old arrays themselves"),
            N_(
                "The new network holds the pretrained arrays themselves, under a second name. "
                "Copy what you keep."
            ),
        ),
        **_also(
            {
                "width": N_(
                    "The layers after the kept ones have another standard deviation than He's "
                    "rule gives; the table shows it for some of them."
                ),
                "biases": N_(
                    "The biases of the layers after the kept ones must start at 0; some don't."
                ),
            }
        ),
    },
    hints=(
        N_("Two lists, one behind the other: the layers that you keep, and those that you draw."),
        N_(
            "pretrained[:keep] are the pairs to copy; W.copy() makes an array of its own. Which "
            "sizes do the layers after them have?"
        ),
        N_(
            "With layer_sizes = [4, 3, 2] and keep = 1, the rest is the one layer from 3 to 2. "
            "init_he can draw it if you give it the right part of layer_sizes."
        ),
    ),
    praise=N_("Which layers would you keep if the new pictures looked quite unlike the old ones?"),
)
