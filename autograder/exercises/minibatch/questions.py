"""The lesson's questions on batches, epochs and losses."""

from autograder.exercises.minibatch.measuring import TOPIC
from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="which_batch",
        topic=TOPIC,
        points=2,
        text=N_(
            "**KK's checkpoint:** batch, mini-batch, SGD (one example at a time): what speaks for "
            "which?"
        ),
        choices={
            "A": (
                N_("Batch is best: only the exact gradient reaches a minimum."),
                N_(
                    "It costs a whole pass through the data for one step. The approximate ones get "
                    "there, too, mostly much sooner."
                ),
            ),
            "B": (
                N_("SGD is best: one example is the cheapest step, so it is fastest in seconds."),
                N_(
                    "Cheapest per step, yes. Per *example* it is the dearest: the hardware takes "
                    "many at once in nearly the same time, and the noise of single examples costs "
                    "steps."
                ),
            ),
            "C": (
                N_("They differ in memory only; the paths are the same."),
                N_(
                    "Look at the picture of the three paths: batch goes straight, mini-batch "
                    "wavers, SGD wanders."
                ),
            ),
            "D": (
                N_(
                    "Batch: exact, slow and hungry for memory. SGD: quick and noisy. Mini-batch: a "
                    "good direction at a small price, and it keeps the hardware busy."
                ),
                N_("So it is used nearly everywhere, and often called SGD all the same."),
            ),
        },
        key="D",
    ),
    Number(
        name="epoch_or_step",
        topic=TOPIC,
        points=2,
        text=N_(
            "ONN's *Corelab 3* trains for 50 epochs with batches of 200. With 1,300 examples, how "
            "many steps (updates of θ) are that?"
        ),
        value=350,
        tolerance=1e-6,
        replies=(
            (50, N_("That is the number of epochs. An epoch has a step for every batch.")),
            (325, N_("That is 6.5 · 50. There is no half step: the rest of 100 is one as well.")),
            (300, N_("You have dropped the rest of 100 examples. It makes a short batch.")),
            (7, N_("That is one epoch. There are 50.")),
            (65000, N_("That many times an example is seen. A step takes in 200 of them.")),
            (10000, N_("That is 200 · 50. How many batches has an epoch?")),
        ),
        hint=N_("How many batches of 200 does it take for 1,300 examples? Each of them is a step."),
        reply=N_("⌈1300/200⌉ = 7 steps an epoch, the last of them with 100 examples."),
    ),
    Choice(
        name="label_or_prediction",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** ONN writes the cross-entropy as −Σ ŷ ln(y). In the usual notation "
            "ŷ is the network's prediction and y the one-hot label. What if you type it in so?"
        ),
        choices={
            "A": (
                N_("The same number: the formula is symmetric."),
                N_("Try ŷ = [0.7, 0.3], y = [1, 0] both ways round: one of them has ln 0 in it."),
            ),
            "B": (
                N_(
                    "ln 0 for every class but the right one: the loss is infinite. In ONN ŷ must "
                    "be the label and y the prediction."
                ),
                N_("The logarithm is of the prediction; the label picks which one counts."),
            ),
            "C": (
                N_("The same number with the other sign."),
                N_("Neither the minus nor the logarithm changes places, only what is inside them."),
            ),
            "D": (
                N_("The entropy of the prediction."),
                N_("That would need the prediction in both places: −Σ ŷ ln ŷ."),
            ),
        },
        key="B",
    ),
    Number(
        name="mse_of_two",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** ONN's table sums over the classes for one example and over the "
            "examples for a batch; each row forgets what the other remembers. Two examples with "
            "three outputs have the errors ŷ − y = [1, 0, −2] and [0, 1, 0]. What does `mse` of "
            "this lesson give?"
        ),
        value=3.0,
        replies=(
            (1.0, N_("That is the mean over all six entries. The outputs are summed here.")),
            (6.0, N_("That is the sum over all. The examples are averaged.")),
            (
                2.0,
                N_("Is it 6 divided by the 3 outputs, or a sum of absolute errors? Neither here."),
            ),
            (1.5, N_("There is a factor ½ in it, or B was divided by twice. Neither is here.")),
            (2.0 / 3.0, N_("That is the mean absolute error. Here errors are squared.")),
            (0.0, N_("Errors of both signs don't cancel: square them first.")),
            (1.732, N_("That is the root of it, the RMSE.")),
            (5.0, N_("That is the first example alone.")),
        ),
        hint=N_("Square, sum each row, take the mean of the two sums."),
        reply=N_("5 and 1, so 3 in the mean: Σ over outputs, 1/B Σ over examples."),
    ),
    Choice(
        name="reading_the_loss",
        topic=TOPIC,
        points=2,
        text=N_(
            "ONN's *Corelab 1* feeds 100 examples of ten classes into a fresh network: the "
            "cross-entropy should be near 2.3. Yours is about 230, and the first steps make it "
            "explode. Where do you look first?"
        ),
        choices={
            "A": (
                N_(
                    "The loss is summed over the batch, and so is its gradient: the mean was "
                    "forgotten, and the step is 100 times too long."
                ),
                N_("230/100 is about ln 10, what a network costs that knows nothing yet."),
            ),
            "B": (
                N_("The network is too small for ten classes."),
                N_(
                    "A network that knows nothing costs ln 10 per example, large or small. What is "
                    "230 in terms of ln 10?"
                ),
            ),
            "C": (
                N_("The labels are wrong."),
                N_(
                    "With a fresh network wrong labels cost as much as right ones, ln 10 per "
                    "example. What is 230 in terms of ln 10?"
                ),
            ),
            "D": (
                N_("The batch is too small; take all the data."),
                N_("A mean over 100 examples is near ln 10 already. More would make 230 larger."),
            ),
        },
        key="A",
    ),
)
