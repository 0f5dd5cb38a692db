"""The lesson's questions on stability."""

from autograder.exercises.questions import Choice, Number
from autograder.exercises.stability.clipping import TOPIC
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="clipping_erratum",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** SL2: to clip a gradient, *take the max of its absolute value and "
            "a small constant*. The gradient is 0.001, the constant 5. What would SL2 make "
            "of it?"
        ),
        choices={
            "A": (
                N_("0.001: it is small, so it stays."),
                N_("So it should be, but the max of 0.001 and 5 is another number."),
            ),
            "B": (
                N_("0: nothing is left of it."),
                N_("A max is never smaller than what goes in."),
            ),
            "C": (
                N_("inf: it divides by the constant."),
                N_("Nothing is divided; take the larger of the two numbers."),
            ),
            "D": (
                N_("5: the max makes small gradients huge. It must be the min, the sign kept."),
                N_("With the max, every parameter that is nearly right is thrown far away."),
            ),
        },
        key="D",
    ),
    Choice(
        name="clipping_direction",
        topic=TOPIC,
        points=2,
        text=N_(
            "The gradient is (3, 400) and should not be longer than 5. Which clipping keeps the "
            "way downhill that the gradient points out?"
        ),
        choices={
            "A": (
                N_("By value, limit 5: it gives (3, 5)."),
                N_("That points at 59°, and the gradient at 89.6°: the direction has changed."),
            ),
            "B": (
                N_("By norm, max_norm 5: it gives about (0.04, 5)."),
                N_("One factor for all entries: the direction stays, only the length changes."),
            ),
            "C": (
                N_("Both: clipping never changes directions."),
                N_("By value gives (3, 5). Draw both arrows."),
            ),
            "D": (
                N_("Neither: any clipping turns the gradient."),
                N_("Scaling by one number can't turn an arrow."),
            ),
        },
        key="B",
    ),
    Choice(
        name="batchnorm_test_time",
        topic=TOPIC,
        points=2,
        text=N_(
            "A network with batch norm is asked about a single image. Normalizing it with its own "
            "batch's mean and variance would give…"
        ),
        choices={
            "A": (
                N_("β for every unit, whatever the image shows: a batch of one is its own mean."),
                N_("x − μ is 0 in every column. That is why test time uses running averages."),
            ),
            "B": (
                N_("an error: the variance of one number doesn't exist."),
                N_("The biased variance of one number is 0, and ε keeps the division finite."),
            ),
            "C": (
                N_("the same as with the running averages, only slower."),
                N_("The running averages come from many batches; this one has a single row."),
            ),
            "D": (
                N_("γ for every unit."),
                N_("γ multiplies x̂. What is x̂ when x is its own mean?"),
            ),
        },
        key="A",
    ),
    Number(
        name="running_share",
        topic=TOPIC,
        points=2,
        text=N_(
            "`batchnorm_running` with momentum = 0.9 starts from a mean of 0, and every batch has "
            "mean 2. What is the running mean after two batches?"
        ),
        value=0.38,
        replies=(
            (
                1.98,
                N_("That is PyTorch's momentum: 0.9 for the new batch. Here it is the old one's."),
            ),
            (0.2, N_("That is after one batch. The second one adds a tenth of what is missing.")),
            (0.4, N_("Not quite: the 0.2 of the first batch has lost a tenth by then.")),
            (2.0, N_("That is where it is going; after two batches it is still far from it.")),
        ),
        hint=N_("Twice: new = 0.9 · old + 0.1 · 2. Begin with old = 0."),
        reply=N_("0.9 · 0.2 + 0.2. After 22 batches it is within a tenth of the way to 2."),
    ),
    Choice(
        name="diagnose_spike",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Diagnosis.** The loss falls nicely for 299 steps, jumps at step 300 and is NaN soon "
            "after; the gradient's norm was below 3 all the time, and nearly 10⁹ at that one step. "
            "What helps, and leaves the other steps as they were?"
        ),
        choices={
            "A": (
                N_("A learning rate a thousand times smaller."),
                N_("It would survive the spike, and all the other steps would be too short."),
            ),
            "B": (
                N_("Starting again from another seed."),
                N_("Luck may help once. The next such batch will come."),
            ),
            "C": (
                N_("Clipping by norm at 5: only the one step is changed."),
                N_("The ordinary gradients, of a norm below 3, pass untouched."),
            ),
            "D": (
                N_("Leaving out the step with NaN and going on."),
                N_("θ itself was thrown far away at the jump: no later step brings it back."),
            ),
        },
        key="C",
    ),
)
