"""`init_xavier`. W[ℓ] ~ N(0, 2/(n_in + n_out)),  b[ℓ] = 0."""

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

STD = "np.sqrt(2 / (n_in + n_out))"

MISTAKES = (
    slip(
        "root_forgotten",
        N_("variance for the standard deviation"),
        N_(
            "You draw with 2/(n_in + n_out), the variance, as standard deviation. rng.normal "
            "wants its root; without it the signal all but vanishes in one layer."
        ),
        (STD, "2 / (n_in + n_out)"),
        where=N_("σ = **√**(2/(n_in + n_out))"),
    ),
    slip(
        "kk_as_variance",
        N_("KK's root taken for the variance"),
        N_(
            "You read the √(2/(n + n_prev)) in KK's formula as a variance and took the root once "
            "more. KK writes the standard deviation in the second place, as NumPy does."
        ),
        (STD, "np.sqrt(np.sqrt(2 / (n_in + n_out)))"),
        where=N_("σ = √(2/(n_in + n_out)), **one** root"),
    ),
    slip(
        "two_forgotten",
        N_("factor 2 forgotten"),
        N_(
            "Your weights are √2 too narrow: the 2 over the sum is missing. 2/(n_in + n_out) is "
            "one over the *mean* of the two numbers."
        ),
        ("2 / (n_in + n_out)", "1 / (n_in + n_out)"),
        where=N_("σ = √(**2**/(n_in + n_out))"),
    ),
    slip(
        "root_of_two_only",
        N_("root of the 2 only"),
        N_(
            "The root covers the 2 and not n_in + n_out, so your weights are far too narrow. It "
            "goes over the whole fraction."
        ),
        (STD, "np.sqrt(2) / (n_in + n_out)"),
        where=N_("σ = √(2/**(n_in + n_out)**)"),
    ),
    slip(
        "brackets_missing",
        N_("brackets missing"),
        N_(
            "Python reads 2 / n_in + n_out as (2 / n_in) + n_out, so your weights are huge. The "
            "sum is what the 2 is divided by."
        ),
        ("(n_in + n_out)", "n_in + n_out"),
        where=N_("σ = √(2/**(**n_in + n_out**)**)"),
        pairs=False,
    ),
    slip(
        "two_over_mean",
        N_("√2 too wide"),
        N_(
            "Your weights are √2 too wide. Either the root leaves out the 2, or you divide 2 by "
            "the mean of n_in and n_out: it is 2 over their sum, all of it under the root."
        ),
        ("2 / (n_in + n_out)", "4 / (n_in + n_out)"),
        where=N_("σ = √(2/**(n_in + n_out)**)"),
    ),
    slip(
        "he_rule",
        N_("He's rule"),
        N_(
            "This is √(2/n_in), He's rule, which is the next exercise. Xavier's looks at both "
            "sides of the layer, what comes in and what goes out."
        ),
        ("(n_in + n_out)", "n_in"),
        where=N_("σ = √(2/(n_in **+ n_out**))"),
    ),
    elsewhere(
        "fan_in_only",
        N_("1/n_in, the short form"),
        N_(
            "√(1/n_in) is what LeCun proposed, and some courses and Caffe call it Xavier. It "
            "keeps the signal on its way forwards; Glorot's own rule weighs in the gradient's way "
            "back, with n_out."
        ),
        ("2 / (n_in + n_out)", "1 / n_in"),
        where=N_("σ = √(**2**/(n_in **+ n_out**))"),
    ),
    slip(
        "fan_out_only",
        N_("1/n_out"),
        N_("Only n_out is in your width. Both sides of the layer count, n_in as well."),
        ("2 / (n_in + n_out)", "1 / n_out"),
        where=N_("σ = √(2/(**n_in +** n_out))"),
    ),
    slip(
        "fan_out_he",
        N_("2/n_out"),
        N_("Your width is √(2/n_out), without n_in. Both sides of the layer count."),
        ("(n_in + n_out)", "n_out"),
        where=N_("σ = √(2/(**n_in +** n_out))"),
    ),
    slip(
        "product_for_sum",
        N_("product for the sum"),
        N_("You divide by n_in · n_out, the number of weights. It is the sum of the two."),
        ("n_in + n_out", "n_in * n_out"),
        where=N_("σ = √(2/(n_in **+** n_out))"),
    ),
    slip(
        "six_in_normal",
        N_("the uniform form's 6 in a normal"),
        N_(
            "√(6/(n_in + n_out)) is the *edge* of Glorot's uniform form. You use it as the "
            "standard deviation of a normal one, which makes the weights √3 too wide."
        ),
        ("2 / (n_in + n_out)", "6 / (n_in + n_out)"),
        where=N_("σ = √(**2**/(n_in + n_out))"),
    ),
    elsewhere(
        "tanh_gain",
        N_("gain 5/3 for tanh"),
        N_(
            "Your weights are 5/3 too wide: the gain that PyTorch recommends for tanh. Xavier's "
            "own rule, and KK's formula, have none."
        ),
        (STD, "5 / 3 * np.sqrt(2 / (n_in + n_out))"),
        where=N_("σ = √(2/(n_in + n_out))"),
    ),
    slip(
        "network_ends",
        N_("first and last size for all layers"),
        N_(
            "You take the network's first and last size for every layer. n_in and n_out are those "
            "of the layer itself."
        ),
        ("(n_in + n_out)", "(layer_sizes[0] + layer_sizes[-1])"),
        where=N_("σ = √(2/(**n_in + n_out**))"),
    ),
    elsewhere(
        "glorot_uniform",
        N_("Glorot's uniform form"),
        N_(
            "This is Glorot's uniform form, between ±√(6/(n_in + n_out)). It has the same "
            "standard deviation and is as right: PyTorch's xavier_uniform_ and Keras's default. "
            "KK's formula is the normal form; here, too."
        ),
        ("rng.normal(0, std, size=", "rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, size="),
        where=N_("W ~ **N(0,** σ²**)**"),
    ),
    slip(
        "upside_down",
        N_("fraction upside down"),
        N_(
            "The fraction under your root stands on its head, so the weights get wider the more "
            "inputs there are. A unit that sums up more needs narrower ones."
        ),
        ("2 / (n_in + n_out)", "(n_in + n_out) / 2"),
        where=N_("σ = √(**2/(n_in + n_out)**)"),
        pairs=False,
    ),
    *DRAWN,
    *LAYOUT,
)

EXERCISE = RandomExercise(
    name="init_xavier",
    topic=TOPIC,
    points=14,
    returns="params",
    trials=random_trials(),
    mistakes=MISTAKES,
    first_look=1,
    measure=measured_by(lambda call, n_in, n_out: np.sqrt(2 / (n_in + n_out))),
    properties=PROPERTIES,
    hints=(
        N_("init_normal with a std that is worked out for each layer anew."),
        N_(
            "Which sizes does a layer have? layer_sizes[ℓ − 1] comes in, layer_sizes[ℓ] goes out. "
            "Both are in the formula."
        ),
        N_(
            "On paper: a layer from 30 to 20. 2/50 = 0.04 is the variance; what is the standard "
            "deviation, and which of the two does rng.normal take?"
        ),
    ),
    praise=N_("What does √(2/(n_in + n_out)) become when a layer has as many outputs as inputs?"),
)
