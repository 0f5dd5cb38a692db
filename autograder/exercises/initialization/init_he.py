"""`init_he`. W[ℓ] ~ N(0, 2/n_in),  b[ℓ] = 0."""

import numpy as np

from autograder.exercises.base import RandomExercise, elsewhere, slip
from autograder.exercises.initialization.measuring import (
    PROPERTIES,
    TOPIC,
    measured_by,
    random_trials,
)
from autograder.exercises.initialization.slips import DRAWN, LAYOUT
from descentlab.text import N_

STD = "np.sqrt(2 / n_in)"

MISTAKES = (
    slip(
        "root_forgotten",
        N_("variance for the standard deviation"),
        N_("You draw with 2/n_in, the variance, as standard deviation. rng.normal wants its root."),
        (STD, "2 / n_in"),
        where=N_("σ = **√**(2/n_in)"),
    ),
    slip(
        "root_of_two_only",
        N_("root of the 2 only"),
        N_(
            "The root covers the 2 and not n_in: you draw with √2/n_in. It goes over the whole "
            "fraction."
        ),
        (STD, "np.sqrt(2) / n_in"),
        where=N_("σ = √(2/**n_in**)"),
    ),
    slip(
        "root_of_fan_in_only",
        N_("root of n_in only"),
        N_(
            "The root covers n_in and not the 2: you draw with 2/√n_in. It goes over the whole "
            "fraction."
        ),
        (STD, "2 / np.sqrt(n_in)"),
        where=N_("σ = √(**2**/n_in)"),
        pairs=False,
    ),
    elsewhere(
        "fan_out",
        N_("fan-out for fan-in"),
        N_(
            "This is √(2/n_out), He's rule with fan-out (PyTorch: mode='fan_out'). It keeps the "
            "size of the gradient on its way back. Here the signal on its way forwards is kept, "
            "and that depends on how many inputs a unit sums up."
        ),
        ("2 / n_in", "2 / n_out"),
        where=N_("σ = √(2/**n_in**)"),
    ),
    slip(
        "xavier_rule",
        N_("Xavier's rule"),
        N_(
            "This is √(2/(n_in + n_out)), Xavier's rule. KK names the two in one breath; He's "
            "looks at the inputs of the layer alone."
        ),
        ("2 / n_in", "2 / (n_in + n_out)"),
        where=N_("σ = √(2/**n_in**)"),
    ),
    elsewhere(
        "fan_average",
        N_("mean of fan-in and fan-out"),
        N_(
            "You divide 2 by the mean of n_in and n_out, as variance scaling with fan_avg does in "
            "Keras. He's rule looks at what one unit sums up, n_in."
        ),
        ("2 / n_in", "4 / (n_in + n_out)"),
        where=N_("σ = √(2/**n_in**)"),
    ),
    slip(
        "bias_as_input",
        N_("the bias counted as an input"),
        N_(
            "You divide by n_in + 1. The bias starts at 0 and adds nothing to what a unit sums up; "
            "the inputs alone count."
        ),
        ("2 / n_in", "2 / (n_in + 1)"),
        where=N_("σ = √(2/**n_in**)"),
        pairs=False,
    ),
    elsewhere(
        "two_forgotten",
        N_("1/n_in, without the 2"),
        N_(
            "√(1/n_in) is LeCun's rule, right for activations that are nearly linear around 0. "
            "ReLU switches half of the units off, and so halves the mean square: the 2 makes up "
            "for it."
        ),
        ("2 / n_in", "1 / n_in"),
        where=N_("σ = √(**2**/n_in)"),
    ),
    slip(
        "multiplied",
        N_("times n_in"),
        N_(
            "Your width grows with n_in: √(2 · n_in). The more inputs a unit sums up, the smaller "
            "each weight must be."
        ),
        ("2 / n_in", "2 * n_in"),
        where=N_("σ = √(2**/**n_in)"),
    ),
    slip(
        "first_fan_in",
        N_("the network's input size for all layers"),
        N_(
            "You take n_0, the size of the network's input, for every layer. n_in is what comes "
            "into the layer itself."
        ),
        ("2 / n_in", "2 / layer_sizes[0]"),
        where=N_("σ = √(2/**n_in**)"),
    ),
    slip(
        "number_of_weights",
        N_("number of weights for n_in"),
        N_("You divide by n_in · n_out, the number of weights. What counts is what one unit sums."),
        ("2 / n_in", "2 / (n_in * n_out)"),
        where=N_("σ = √(2/**n_in**)"),
    ),
    slip(
        "six_in_normal",
        N_("the uniform form's 6 in a normal"),
        N_(
            "√(6/n_in) is the *edge* of the uniform form. You use it as the standard deviation of "
            "a normal one, which makes the weights √3 too wide."
        ),
        ("2 / n_in", "6 / n_in"),
        where=N_("σ = √(**2**/n_in)"),
    ),
    elsewhere(
        "kaiming_uniform",
        N_("the uniform form"),
        N_(
            "This is the uniform form, between ±√(6/n_in) (PyTorch: kaiming_uniform_). It has the "
            "same standard deviation and is as right. This exercise asks for the normal form."
        ),
        ("rng.normal(0, std, size=", "rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, size="),
        where=N_("W ~ **N(0,** σ²**)**"),
    ),
    elsewhere(
        "pytorch_linear_biases",
        N_("PyTorch's default for Linear"),
        N_(
            "Weights and biases uniform between ±1/√n_in: this is what PyTorch's Linear starts "
            "with. Here the weights are normal, with σ = √(2/n_in), and the biases start at 0."
        ),
        (
            "rng.normal(0, std, size=",
            "rng.uniform(-1 / np.sqrt(n_in), 1 / np.sqrt(n_in), size=",
        ),
        ("np.zeros(n_out)", "rng.uniform(-1 / np.sqrt(n_in), 1 / np.sqrt(n_in), size=n_out)"),
        where=N_("W ~ **N(0,** σ²**)**,  b = **0**"),
        pairs=False,
    ),
    elsewhere(
        "pytorch_linear",
        N_("PyTorch's default for Linear"),
        N_(
            "Uniform between ±1/√n_in: this is what PyTorch's Linear starts with. Its standard "
            "deviation is √(1/(3 n_in)), less than half of He's, and deep ReLU networks fade with "
            "it."
        ),
        (
            "rng.normal(0, std, size=",
            "rng.uniform(-1 / np.sqrt(n_in), 1 / np.sqrt(n_in), size=",
        ),
        where=N_("W ~ **N(0, 2/n_in)**"),
        pairs=False,
    ),
    elsewhere(
        "torch_default",
        N_("PyTorch's default"),
        N_(
            "You draw uniformly between ±1/√n_in, as PyTorch fills a Linear layer when it isn't "
            "told otherwise. Those weights are √6 narrower than He's, and not normal."
        ),
        ("rng.normal(0, std, size=", "rng.uniform(-1 / np.sqrt(n_in), 1 / np.sqrt(n_in), size="),
        where=N_("W ~ **N(0,** σ²**)**"),
        pairs=False,
    ),
    slip(
        "upside_down",
        N_("fraction upside down"),
        N_(
            "The fraction under your root stands on its head, so the weights get wider the more "
            "inputs there are. A unit that sums up more needs narrower ones."
        ),
        ("2 / n_in", "n_in / 2"),
        where=N_("σ = √(**2/n_in**)"),
        pairs=False,
    ),
    *DRAWN,
    *LAYOUT,
)

EXERCISE = RandomExercise(
    name="init_he",
    topic=TOPIC,
    points=16,
    returns="params",
    trials=random_trials(),
    mistakes=MISTAKES,
    first_look=1,
    measure=measured_by(lambda call, n_in, n_out: np.sqrt(2 / n_in)),
    properties=PROPERTIES,
    hints=(
        N_("init_xavier with another std. Which of the two sizes of a layer does He's rule need?"),
        N_(
            "A unit sums n_in products. For independent terms variances add, so each weight may "
            "have 1/n_in of the variance, and ReLU asks for twice that."
        ),
        N_(
            "On paper: n_in = 50. 2/50 = 0.04 is the variance; rng.normal takes the standard "
            "deviation, 0.2."
        ),
    ),
    praise=N_("Twenty layers of ReLU with these weights: what will signal_scale show?"),
)
