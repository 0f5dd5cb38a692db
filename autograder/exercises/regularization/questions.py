"""The lesson's questions: two errata, dropout's scale, curves, and the pattern behind it all."""

from autograder.exercises.questions import Choice, Number
from autograder.exercises.regularization.inputs import TOPIC
from descentlab.text import N_

QUESTIONS = (
    Number(
        name="decay_as_penalty",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** SL2 says that multiplying by w is the same as the penalty "
            "(1 − w)/2 ‖θ‖². Your `weight_decay_step` is gradient descent with the rate αw on "
            "L + λ/2 ‖θ‖². For α = 0.1 and w = 0.8, what is λ?"
        ),
        value=2.5,
        replies=(
            (
                0.2,
                N_(
                    "That is SL2's 1 − w. It holds at learning rate 1 and for decay before the "
                    "step. Here the penalty's gradient is multiplied by the rate, too."
                ),
            ),
            (
                2.0,
                N_(
                    "That is (1 − w)/α: right for decay *before* the step, wθ − α∇L. After it, w "
                    "shrinks the gradient's part as well, and the rate is αw."
                ),
            ),
            (
                0.25,
                N_("That is (1 − w)/w. The rate that multiplies the penalty's gradient is αw."),
            ),
            (
                0.02,
                N_("You multiply by α. To shrink θ by 0.2 in steps of rate 0.08, λ must be large."),
            ),
            (
                0.016,
                N_(
                    "You multiply by αw. What λ makes αw · λ the share 1 − w that every parameter "
                    "loses in a step?"
                ),
            ),
        ),
        hint=N_(
            "Write both steps out for one parameter: w(θ − αg) and θ − αw(g + λθ). They agree in g "
            "already. What must λ be, so that they agree in θ?"
        ),
        reply=N_(
            "(1 − w)/(αw). So λ changes whenever α does: tune w and α together, or use a penalty. "
            "With Adam neither is the other; that is what AdamW is about."
        ),
    ),
    Choice(
        name="scaled_twice",
        topic=TOPIC,
        points=2,
        text=N_(
            "A network was trained with your `dropout_forward`, p = 0.4. At test time somebody "
            "follows SL2 and multiplies the outputs by 1 − p. What does the next layer get, "
            "compared with the average in training?"
        ),
        choices={
            "A": (
                N_("The same: that is what the factor is for."),
                N_(
                    "It would be, had training not scaled. dropout_forward divides by 1 − p, so "
                    "its average is x already."
                ),
            ),
            "B": (
                N_("1/0.6 of it, because all units are on now."),
                N_(
                    "That happens to SL2's form when the factor is *forgotten*. Here the division "
                    "in training has made up for the units that are off."
                ),
            ),
            "C": (
                N_("0.6 of it: the scale counts twice."),
                N_(
                    "Either training divides or test time multiplies. In PyTorch training does, "
                    "and eval() does nothing."
                ),
            ),
            "D": (
                N_("0.4 of it, the share that was off."),
                N_("p itself is no factor anywhere: what is on is 1 − p, and so is the scale."),
            ),
        },
        key="C",
    ),
    Choice(
        name="reading_curves",
        topic=TOPIC,
        points=2,
        text=N_(
            "After 40 epochs the training loss is 0.01 and still falls (99.9 % right). The "
            "validation loss was lowest after epoch 12 and has doubled since (80 % right). What do "
            "you see, and what do you do first?"
        ),
        choices={
            "A": (
                N_(
                    "Overfitting: go back to the weights of epoch 12, and train again with "
                    "augmentation, dropout or weight decay."
                ),
                N_(
                    "SL2's order: first make sure that the network *can* overfit, then add tricks "
                    "until the gap closes. Early stopping costs least."
                ),
            ),
            "B": (
                N_("Underfitting: the network is too small, take a larger one."),
                N_(
                    "A network that gets 99.9 % of its training set right is large enough for it. "
                    "Underfitting shows as a high *training* loss."
                ),
            ),
            "C": (
                N_("The learning rate is too large: divide it by ten."),
                N_(
                    "Then the training loss would bounce or rise. It falls smoothly; what it "
                    "learns is the training set."
                ),
            ),
            "D": (
                N_("It hasn't converged: train until the training loss stands still."),
                N_(
                    "The training loss isn't what you want to be low. The other one has been "
                    "rising for 28 epochs."
                ),
            ),
        },
        key="A",
    ),
    Choice(
        name="common_pattern",
        topic=TOPIC,
        points=2,
        text=N_(
            "CS7 sees one **common pattern** in many regularizers: noise in training, averaged out "
            "at test time. Which of these does *not* follow it?"
        ),
        choices={
            "A": (
                N_("Dropout"),
                N_(
                    "It does: random units off in training, and at test time all of them on, at "
                    "their average."
                ),
            ),
            "B": (
                N_("Batch normalization"),
                N_(
                    "It does, if not on purpose: in training an example meets random others in "
                    "its batch, at test time running averages stand for them."
                ),
            ),
            "C": (
                N_("Random crops, with a fixed set of crops averaged at test time"),
                N_("It does, and so literally that you have written both halves of it."),
            ),
            "D": (
                N_("Weight decay"),
                N_(
                    "Nothing in it is random: it pulls every weight towards 0 in training, and "
                    "test time knows nothing of it."
                ),
            ),
        },
        key="D",
    ),
    Choice(
        name="l2_not_used",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** CS7 notes that “L2 isn't used in neural networks (?)”. What would "
            "you answer to that question mark?"
        ),
        choices={
            "A": (
                N_("Right: dropout and augmentation have replaced it."),
                N_(
                    "They came on top of it. Look at published training recipes: nearly all of "
                    "them name a weight decay, 1e-4 or so."
                ),
            ),
            "B": (
                N_("It is used, and mostly goes by the name of weight decay."),
                N_(
                    "With plain gradient descent the two are one. With Adam they part, and AdamW "
                    "keeps the decay and drops the penalty."
                ),
            ),
            "C": (
                N_("Right: networks aren't convex, and L2 only works on convex losses."),
                N_(
                    "SL2 says that L2 makes a *convex* loss strongly convex. It pulls weights "
                    "towards 0 on any loss."
                ),
            ),
            "D": (
                N_("It is used in the last layer only, where the model is linear."),
                N_("Every layer's weights can be decayed; biases are often left out."),
            ),
        },
        key="B",
    ),
)
