"""`signal_scale`. h ← activation(h W[ℓ] + b[ℓ]);  scale[ℓ] = std of all entries of h."""

from itertools import pairwise

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from autograder.exercises.initialization.measuring import TOPIC
from descentlab.calls import Given
from descentlab.text import N_

LAYER = "h = activation(h @ W + b)"
APPEND = "scales.append(np.std(h))"


def leaky(slope):
    """An activation that bends everywhere it can be seen: not its own inverse, not idempotent."""

    def activation(h):
        return np.where(h > 0, h, slope * h)

    return activation


def relu(h):
    """Gives zeros, which count as all other entries do."""
    return np.maximum(h, 0)


def squashing(steepness):
    """A tanh that isn't symmetric, so that means and RMS differ from the deviation."""

    def activation(h):
        return np.tanh(steepness * h + 0.4) + 0.3

    return activation


def trials(rng):
    """Biases that aren't 0, one layer and several, a batch of one, both kinds of activation."""

    def params(sizes, dtype=np.float64):
        return [
            (
                (rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)).astype(dtype),
                rng.normal(0.5, 0.5, size=n_out).astype(dtype),
            )
            for n_in, n_out in pairwise(sizes)
        ]

    def batch(count, width):
        return 1.5 * rng.normal(size=(count, width)) + 0.7

    slope, steepness = rng.uniform(0.1, 0.3), rng.uniform(0.6, 0.9)
    small = [(np.array([[2.0, -1.0], [1.0, 3.0]]), np.array([0.5, -1.0]))]
    wide = np.array([[1.0, -2.0, 0.5, 1.5], [0.5, 1.0, -1.0, -0.5]])
    small.append((wide, np.array([0.2, -0.3, 0.1, 0.0])))
    rows = np.array([[1.0, 2.0], [-1.0, 0.5], [0.5, -1.5], [2.0, -0.5], [-1.5, 1.0]])
    example = rows + np.round(rng.uniform(0, 0.4), 1)  # layers, units and rows differ in number
    bend, squash = Given(leaky(slope), "activation"), Given(squashing(steepness), "activation")
    return [
        single("example", small, example, Given(leaky(0.1), "activation")),
        single("usual", params([4, 7, 5, 3]), batch(6, 4), bend),
        single("usual", params([3, 6, 2, 5, 4]), batch(9, 3), squash),
        single("usual", params([5, 4]), batch(3, 5), squash),
        single("usual", params([6, 3, 5]), batch(1, 6), bend),
        single("usual", params([4, 8, 5]), batch(7, 4), Given(relu, "activation")),
        single(
            "float32",
            params([4, 6, 3], np.float32),
            batch(5, 4).astype(np.float32),
            Given(leaky(np.float32(slope)), "activation"),
            tolerance=FLOAT32_TOLERANCE,
        ),
    ]


MISTAKES = (
    slip(
        "no_activation",
        N_("activation forgotten"),
        N_(
            "The signal goes from layer to layer without the activation. What the next layer "
            "receives, and what you measure, is the output after it."
        ),
        (LAYER, "h = h @ W + b"),
        where=N_("h ← **activation**(h W + b)"),
    ),
    slip(
        "always_tanh",
        N_("tanh, whatever activation is"),
        N_(
            "You call np.tanh, whatever is passed in as activation. Then the two rules of this "
            "lesson can't be compared: call the function that you are given."
        ),
        (LAYER, "h = np.tanh(h @ W + b)"),
        where=N_("h ← **activation**(h W + b)"),
    ),
    slip(
        "always_relu",
        N_("ReLU, whatever activation is"),
        N_(
            "You apply ReLU, whatever is passed in as activation. Then the two rules of this "
            "lesson can't be compared: call the function that you are given."
        ),
        (LAYER, "h = np.maximum(h @ W + b, 0)"),
        where=N_("h ← **activation**(h W + b)"),
    ),
    slip(
        "before_activation",
        N_("measured before the activation"),
        N_(
            "You measure h W + b and apply the activation after that. The exercise asks for the "
            "size of what leaves the layer."
        ),
        (
            f"{LAYER}\n    {APPEND}",
            "z = h @ W + b\n    scales.append(np.std(z))\n    h = activation(z)",
        ),
        where=N_("scale = std(**activation(…)**)"),
    ),
    slip(
        "last_layer_linear",
        N_("last layer without activation"),
        N_(
            "Your last layer has no activation. Networks are often built so; here all layers are "
            "measured in the same way, the last one included."
        ),
        (
            LAYER,
            "h = h @ W + b\n    if len(scales) < len(params) - 1:\n        h = activation(h)",
        ),
    ),
    slip(
        "input_counted",
        N_("input counted as a layer"),
        N_(
            "Your first entry is the size of the input. There is one entry a layer, so the first "
            "is that of what leaves the first layer."
        ),
        ("scales = []", "scales = [np.std(x)]"),
    ),
    slip(
        "last_layer_missing",
        N_("last layer missing"),
        N_(
            "There are too few entries: the last layer isn't measured. Does the loop end too "
            "early, or does a return stand inside it?"
        ),
        ("in params:", "in params[:-1]:"),
    ),
    slip(
        "only_the_last",
        N_("only the last layer"),
        N_(
            "One number came back where each layer has its own. What you want to see is how the "
            "size changes on the way."
        ),
        ("np.array(scales)", "np.array(scales[-1:])"),
    ),
    slip(
        "bias_forgotten",
        N_("bias forgotten"),
        N_(
            "The biases aren't added. At the start they are 0 and don't matter; later they do, "
            "and they are in the parameters that are passed in."
        ),
        ("h @ W + b", "h @ W"),
        where=N_("h ← activation(h W **+ b**)"),
    ),
    slip(
        "bias_after",
        N_("bias added after the activation"),
        N_("The bias is added after the activation. It belongs to the sum that goes into it."),
        ("activation(h @ W + b)", "activation(h @ W) + b"),
        where=N_("h ← activation(h W **+ b**)"),
    ),
    slip(
        "activation_first",
        N_("activation before the weights"),
        N_(
            "You apply the activation to what comes in and then the weights, so the input is bent "
            "and the last output isn't. First h W + b, then the activation."
        ),
        ("activation(h @ W + b)", "activation(h) @ W + b"),
        where=N_("h ← **activation(**h W + b**)**"),
    ),
    slip(
        "input_bent",
        N_("activation on the input"),
        N_("The input itself goes through the activation first. It enters the network as it is."),
        ("h = x", "h = activation(x)"),
        where=N_("h ← **x** at the start"),
    ),
    slip(
        "activation_twice",
        N_("activation twice"),
        N_("The activation is applied twice in each layer."),
        ("activation(h @ W + b)", "activation(activation(h @ W + b))"),
        where=N_("h ← **activation**(h W + b)"),
    ),
    slip(
        "variance",
        N_("variance for the standard deviation"),
        N_("You return variances. The standard deviation is the root, in the signal's own unit."),
        ("np.std(h)", "np.var(h)"),
        where=N_("scale = **std** of h"),
    ),
    elsewhere(
        "sample_std",
        N_("sample standard deviation"),
        N_(
            "You divide by one less than the number of entries (ddof=1), as one does to estimate a "
            "population from a sample. Here the entries are all there are: divide by their number."
        ),
        ("np.std(h)", "np.std(h, ddof=1)"),
    ),
    slip(
        "mean_over_units",
        N_("mean of the units' deviations"),
        N_(
            "You take a deviation for each unit and then their mean. Differences between units "
            "get lost that way; take one deviation over all entries."
        ),
        ("np.std(h)", "np.mean(np.std(h, axis=0))"),
        where=N_("scale = std of **all** entries of h"),
    ),
    slip(
        "mean_over_examples",
        N_("mean of the examples' deviations"),
        N_(
            "You take a deviation for each example and then their mean. Take one deviation over "
            "all entries."
        ),
        ("np.std(h)", "np.mean(np.std(h, axis=1))"),
        where=N_("scale = std of **all** entries of h"),
    ),
    slip(
        "one_unit",
        N_("only the first unit"),
        N_("You measure the first unit of each layer alone. All entries of h count."),
        ("np.std(h)", "np.std(h[:, 0])"),
        where=N_("scale = std of **all** entries of h"),
    ),
    slip(
        "root_mean_square",
        N_("root mean square"),
        N_(
            "You take the root of the mean square, which counts the mean of the signal as well. A "
            "standard deviation is taken around the mean."
        ),
        ("np.std(h)", "np.sqrt(np.mean(h**2))"),
        where=N_("scale = **std** of h"),
    ),
    slip(
        "mean_size",
        N_("mean absolute value"),
        N_("You take the mean of |h|. Asked for is the standard deviation."),
        ("np.std(h)", "np.mean(np.abs(h))"),
        where=N_("scale = **std** of h"),
    ),
    slip(
        "mean",
        N_("mean for the standard deviation"),
        N_("You return the mean of h. Asked for is how far its entries spread around that mean."),
        ("np.std(h)", "np.mean(h)"),
        where=N_("scale = **std** of h"),
        pairs=False,
    ),
    slip(
        "largest",
        N_("largest absolute value"),
        N_("You return the largest |h|. One entry decides it; the deviation counts them all."),
        ("np.std(h)", "np.max(np.abs(h))"),
        where=N_("scale = **std** of h"),
    ),
    slip(
        "norm",
        N_("norm for the standard deviation"),
        N_(
            "You return the norm of h, which grows with the number of entries. The deviation "
            "doesn't, so layers of different widths can be compared."
        ),
        ("np.std(h)", "np.linalg.norm(h)"),
        where=N_("scale = **std** of h"),
        pairs=False,
    ),
    slip(
        "nonzero_only",
        N_("zeros left out"),
        N_(
            "You measure the entries that aren't 0. The zeros that an activation makes are part "
            "of the signal: all entries count."
        ),
        ("np.std(h)", "np.std(h[h != 0])"),
        where=N_("std of **all** entries of h"),
        pairs=False,
    ),
    slip(
        "bent_for_the_note_only",
        N_("activation not passed on"),
        N_(
            "What you measure went through the activation, and what the next layer receives "
            "didn't. One h is meant: the output after the activation is the next layer's input."
        ),
        (LAYER, "h = h @ W + b"),
        ("np.std(h)", "np.std(activation(h))"),
        where=N_("**h** ← activation(h W + b)"),
        pairs=False,
    ),
    slip(
        "bias_subtracted",
        N_("bias subtracted"),
        N_("The bias is subtracted. It is added to what the weights give."),
        (LAYER, "h = activation(h @ W - b)"),
        where=N_("h ← activation(h W **+** b)"),
        pairs=False,
    ),
    slip(
        "weights_measured",
        N_("weights measured, not the signal"),
        N_(
            "You measure the weights of each layer. What counts here is what they do: the size of "
            "the signal h that leaves the layer."
        ),
        ("np.std(h)", "np.std(W)"),
        where=N_("scale = std of **h**"),
        pairs=False,
    ),
    slip(
        "units_of_last_layer",
        N_("each unit of the last layer"),
        N_("You return one deviation for each unit of the last layer. One a layer is asked for."),
        ("np.array(scales)", "np.std(h, axis=0)"),
        pairs=False,
    ),
    slip(
        "growth_per_layer",
        N_("growth from layer to layer"),
        N_(
            "You divide each layer's deviation by that of the layer before. That is the growth; "
            "asked for is the size itself, whose entries are not divided by anything."
        ),
        (LAYER, "before = np.std(h)\n    h = activation(h @ W + b)"),
        ("np.std(h)", "np.std(h) / before"),
        pairs=False,
    ),
    slip(
        "relative_to_input",
        N_("divided by the input's deviation"),
        N_(
            "You divide by the deviation of the input. That would be a growth; the exercise asks "
            "for the size itself."
        ),
        ("np.std(h)", "np.std(h) / np.std(x)"),
    ),
)

EXERCISE = Exercise(
    name="signal_scale",
    topic=TOPIC,
    points=16,
    returns="scales",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_(
            "It is a forward pass with a notebook: h starts as x, each layer turns it into a new "
            "h, and you note how large that is."
        ),
        N_("One line for the layer, activation(h @ W + b); one for the note, np.std of all of h."),
        N_(
            "For L layers, L numbers, in an array. Is the first the size of what leaves the first "
            "layer, and the last that of what leaves the last?"
        ),
    ),
    praise=N_("If every layer doubles the signal, after how many layers does float32 overflow?"),
)
