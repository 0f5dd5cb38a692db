"""The lesson's questions on initialization."""

from autograder.exercises.initialization.measuring import TOPIC
from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="why_constant",
        topic=TOPIC,
        points=2,
        text=N_(
            "**KK's checkpoint:** what goes wrong when all parameters start at one constant, and "
            "what helps?"
        ),
        choices={
            "A": (
                N_(
                    "The activations grow from layer to layer until they overflow; a smaller "
                    "constant helps."
                ),
                N_(
                    "A large constant does that, too. A small one doesn't, and the network still "
                    "doesn't learn what it could: look at what the units of one layer do."
                ),
            ),
            "B": (
                N_("All gradients are 0, so nothing ever moves; a larger learning rate helps."),
                N_(
                    "With all weights at 0 the hidden layers do stand still. With another constant "
                    "they move, all units of a layer in the same way: that is what is wrong."
                ),
            ),
            "C": (
                N_(
                    "All units of a layer compute the same, get the same gradient and stay the "
                    "same; random weights break the symmetry."
                ),
                N_("A layer of a hundred equal units is worth no more than a layer of one."),
            ),
            "D": (
                N_(
                    "The loss starts higher than with random weights; it takes a few epochs more, "
                    "nothing else."
                ),
                N_(
                    "It often starts lower: large random weights are the ones with a spike at the "
                    "start. More epochs don't help units that always move together."
                ),
            ),
        },
        key="C",
    ),
    Choice(
        name="xavier_or_he",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** KK gives one formula for *Xavier / He initialization*: "
            "N(0, √(2/(n + n_prev))). What is right?"
        ),
        choices={
            "A": (
                N_(
                    "It is Xavier's rule, with the second place read as a standard deviation. He's "
                    "is another one: √(2/n_prev)."
                ),
                N_("Two rules for two kinds of activation: near linear at 0, and ReLU."),
            ),
            "B": (
                N_("It is one rule with two names: He is Xavier's family name."),
                N_(
                    "Xavier is Glorot's first name, He is Kaiming's family name: two people, five "
                    "years and one factor apart."
                ),
            ),
            "C": (
                N_("It is He's rule; Xavier's has no 2."),
                N_(
                    "He's doesn't know n, the number of outputs. Xavier's has both sizes and a 2: "
                    "one over their mean."
                ),
            ),
            "D": (
                N_(
                    "It is Xavier's rule, and the root is a slip: the standard deviation is "
                    "2/(n + n_prev)."
                ),
                N_(
                    "2/(n + n_prev) is the variance. Where N(0, ·) names the standard deviation, "
                    "as KK and NumPy do, the root belongs there."
                ),
            ),
        },
        key="A",
    ),
    Number(
        name="he_by_hand",
        topic=TOPIC,
        points=2,
        text=N_(
            "A ReLU layer has 50 inputs and 200 units. With which standard deviation does "
            "`init_he` draw its weights?"
        ),
        value=0.2,
        replies=(
            (0.04, N_("That is the variance, 2/50. The standard deviation is its root.")),
            (0.1, N_("That is √(2/200), fan-out. What a unit sums up is what comes *in*.")),
            (0.01, N_("That is 2/200: fan-out, and the variance.")),
            (0.0894, N_("That is √(2/250), Xavier's rule. He's looks at the inputs alone.")),
            (0.1414, N_("That is √(1/50). The 2 makes up for the half that ReLU switches off.")),
            (0.0283, N_("That is √2/50. The root goes over the whole fraction.")),
        ),
        hint=N_("Which of 50 and 200 is n_in? The variance is 2/n_in, the deviation its root."),
        reply=N_("The 200 units don't enter: each of them sums up 50 products."),
    ),
    Number(
        name="doublings_to_overflow",
        topic=TOPIC,
        points=2,
        text=N_(
            "SL2 warns of layers that double the signal: 2ⁿ after n of them. A signal of size 1 "
            "goes in, and float32 ends at 3.4 · 10³⁸. After how many layers is it out of range?"
        ),
        value=128,
        tolerance=0.008,
        replies=(
            (
                38,
                N_("That many *tenfoldings*. A doubling is less: log₂ 10 = 3.32 of them make one."),
            ),
            (39, N_("That many *tenfoldings*. A doubling is less: about 3.32 make a tenfolding.")),
            (1024, N_("That is where float64 ends, at 1.8 · 10³⁰⁸.")),
            (32, N_("32 is the number of bits of a float32. Only 8 of them are the exponent.")),
            (24, N_("24 bits hold the digits. How far the exponent reaches is another matter.")),
        ),
        hint=N_("Solve 2ⁿ = 3.4 · 10³⁸ for n: take the logarithm of both sides."),
        reply=N_("Deep networks have that many layers. A factor of 1.1 a layer takes about 930."),
    ),
    Choice(
        name="dead_start",
        topic=TOPIC,
        points=2,
        text=N_(
            "A ReLU network of 20 layers for ten classes doesn't train: the loss stays at 2.303 "
            "for epochs. `signal_scale` of its first weights gives 0.5, 0.26, 0.13, 0.064, … "
            "What is the matter?"
        ),
        choices={
            "A": (
                N_("The learning rate is too large; divide it by ten."),
                N_(
                    "A rate that is too large makes the loss jump or grow. And the numbers above "
                    "were measured before the first step."
                ),
            ),
            "B": (
                N_("The weights are all equal: symmetry."),
                N_(
                    "signal_scale doesn't show symmetry. What does it show here, from layer to "
                    "layer?"
                ),
            ),
            "C": (
                N_("The weights are too wide: the signal explodes, the softmax is saturated."),
                N_(
                    "Then the numbers would grow, and a saturated softmax on wrong classes costs "
                    "far more than 2.303."
                ),
            ),
            "D": (
                N_(
                    "The weights are too narrow: the signal halves in each layer, all classes get "
                    "the same probability, and gradients vanish on the way back."
                ),
                N_(
                    "2.303 is ln 10, the loss of a guess that knows nothing. After 20 layers a "
                    "millionth of the signal is left; with √(2/n_in) it would hold."
                ),
            ),
        },
        key="D",
    ),
)
