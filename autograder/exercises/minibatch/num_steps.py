"""`num_steps`. ⌈n/B⌉ · epochs."""

from autograder.exercises.base import Exercise, elsewhere, single, slip
from autograder.exercises.minibatch.measuring import TOPIC
from descentlab.text import N_

PER_EPOCH = "int(np.ceil(n / batch_size))"
RESULT = "steps_per_epoch * epochs"


def trials(rng):
    """A small and a large rest, one example, none, a batch of everything, of more than that, of
    one."""

    def integer(low, high):
        return int(rng.integers(low, high))

    batch, times = integer(30, 60), integer(4, 9)
    whole = batch * times
    small, large = integer(2, batch // 4), integer(3 * batch // 4, batch - 2)
    n = integer(20, 40)
    return [
        single("example", 10, 4, 3),
        single("usual", whole + small, batch, integer(3, 8)),
        single("usual", whole + large, batch, integer(3, 8)),
        single("usual", whole, batch, integer(3, 8)),
        single("usual", whole + 1, batch, integer(3, 8)),
        single("usual", whole + batch - 1, batch, integer(3, 8)),
        single("usual", n, n, integer(3, 8)),
        single("usual", n, n + integer(5, 30), integer(3, 8)),
        single("usual", n, 1, integer(3, 8)),
        single("usual", whole + small, batch, 1),
    ]


MISTAKES = (
    elsewhere(
        "rest_dropped",
        N_("short last batch dropped"),
        N_(
            "You round down: the rest of the data makes no step. PyTorch's drop_last=True does "
            "that. Here the short last batch is a step as well."
        ),
        (PER_EPOCH, "n // batch_size"),
        where=N_("**⌈**n/B**⌉** · epochs"),
    ),
    slip(
        "rounded",
        N_("rounded to the nearest"),
        N_(
            "You round to the nearest number. A rest, however small, still is a batch of its own, "
            "so it is always rounded up."
        ),
        ("np.ceil", "np.round"),
        where=N_("**⌈**n/B**⌉** · epochs"),
    ),
    slip(
        "half_rounded_up",
        N_("rounded to the nearest, a half up"),
        N_(
            "You round to the nearest number, a half up. A rest, however small, still is a batch "
            "of its own, so it is always rounded up."
        ),
        (PER_EPOCH, "int(n / batch_size + 0.5)"),
        where=N_("**⌈**n/B**⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "always_one_more",
        N_("one more, even without a rest"),
        N_(
            "You round down and add 1. That is right as long as there is a rest; when B divides n "
            "there is none, and you count a batch of nothing."
        ),
        (PER_EPOCH, "n // batch_size + 1"),
        where=N_("**⌈n/B⌉** · epochs"),
    ),
    slip(
        "at_least_one",
        N_("rounded down, at least 1"),
        N_(
            "You round down, and make it at least 1. That saves the case of a batch larger than "
            "the data; every other rest still gets lost."
        ),
        (PER_EPOCH, "max(1, n // batch_size)"),
        where=N_("**⌈**n/B**⌉** · epochs"),
    ),
    slip(
        "rounded_at_the_end",
        N_("rounded up after all epochs"),
        N_(
            "You multiply first and round up at the end, as if the next epoch could fill the last "
            "batch. Each epoch ends with its own short batch: round up per epoch."
        ),
        (PER_EPOCH, "n / batch_size"),
        (RESULT, f"int(np.ceil({RESULT}))"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "cut_at_the_end",
        N_("rounded down after all epochs"),
        N_(
            "You count all examples of all epochs and divide, rounding down. Each epoch ends with "
            "a short batch of its own, which is a step: round up per epoch."
        ),
        (f"{PER_EPOCH}\nreturn {RESULT}", "n * epochs // batch_size\nreturn steps_per_epoch"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "nearest_at_the_end",
        N_("rounded after all epochs"),
        N_(
            "You multiply first and round at the end, as if the next epoch could fill the last "
            "batch. Each epoch ends with its own short batch: round up per epoch."
        ),
        (PER_EPOCH, "n / batch_size"),
        (RESULT, f"round({RESULT})"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "one_rest_for_all",
        N_("one rest for all epochs"),
        N_(
            "You add one step for the rest after all epochs together. Each epoch has a rest of its "
            "own, and some have none."
        ),
        (f"{PER_EPOCH}\nreturn {RESULT}", f"n // batch_size\nreturn {RESULT} + 1"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "one_less",
        N_("one too few an epoch"),
        N_(
            "Each epoch has one step too few. That is so where (n − 1) // B has no + 1 after it, "
            "and where a range of starts ends before the last batch."
        ),
        (PER_EPOCH, "(n - 1) // batch_size"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "not_rounded",
        N_("not rounded"),
        N_("Your number of steps has a fraction. There is no half step: a short batch is one."),
        (PER_EPOCH, "n / batch_size"),
        where=N_("**⌈**n/B**⌉** · epochs"),
    ),
    slip(
        "one_epoch",
        N_("epochs forgotten"),
        N_("You count the steps of one epoch. All epochs are asked for."),
        (RESULT, "steps_per_epoch"),
        where=N_("⌈n/B⌉ **· epochs**"),
    ),
    slip(
        "epochs_off_by_one",
        N_("one epoch too few"),
        N_("You count the steps of one epoch less than there are."),
        (RESULT, "steps_per_epoch * (epochs - 1)"),
        where=N_("⌈n/B⌉ · **epochs**"),
        pairs=False,
    ),
    slip(
        "an_epoch_too_many",
        N_("one epoch too many"),
        N_("You count the steps of one epoch more than there are."),
        (RESULT, "steps_per_epoch * (epochs + 1)"),
        where=N_("⌈n/B⌉ · **epochs**"),
        pairs=False,
    ),
    slip(
        "last_step_lost",
        N_("one step too few in all"),
        N_("Your number is one too small: it is the number of the last step, counted from 0."),
        (RESULT, f"{RESULT} - 1"),
        where=N_("**⌈n/B⌉ · epochs**"),
        pairs=False,
    ),
    slip(
        "epochs_added",
        N_("epochs added"),
        N_("You add the epochs. Every epoch has all those steps again."),
        (RESULT, "steps_per_epoch + epochs"),
        where=N_("⌈n/B⌉ **·** epochs"),
    ),
    slip(
        "epochs_counted",
        N_("epochs counted, not steps"),
        N_("Your number is the number of epochs. A step is one batch, and an epoch has many."),
        (RESULT, "epochs"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "examples_counted",
        N_("examples counted, not steps"),
        N_("You count how often an example is seen. A step takes in B of them at once."),
        (PER_EPOCH, "n"),
        where=N_("⌈n**/B**⌉ · epochs"),
    ),
    slip(
        "batch_sizes_counted",
        N_("batch size times epochs"),
        N_(
            "You multiply the batch size by the epochs. How many batches does it take to go "
            "through all n examples once?"
        ),
        (PER_EPOCH, "batch_size"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "rest_of_one_lost",
        N_("a rest of one lost"),
        N_(
            "When a single example is left over you count no step for it. A batch of one is a "
            "short last batch as well."
        ),
        (PER_EPOCH, "n // batch_size + (n % batch_size > 1)"),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "one_rest_if_any",
        N_("one rest for all epochs, if any"),
        N_(
            "You add one step for the rest after all epochs together. Every epoch ends with a "
            "short batch of its own."
        ),
        (
            f"{PER_EPOCH}\nreturn {RESULT}",
            f"n // batch_size\nreturn {RESULT} + (n % batch_size > 0)",
        ),
        where=N_("**⌈n/B⌉** · epochs"),
        pairs=False,
    ),
    slip(
        "rest_one_by_one",
        N_("rest counted one by one"),
        N_(
            "You count every example of the rest as a step of its own. Together they are one "
            "short batch."
        ),
        (PER_EPOCH, "n // batch_size + n % batch_size"),
        where=N_("**⌈n/B⌉** · epochs"),
    ),
    slip(
        "upside_down",
        N_("fraction upside down"),
        N_("You divide the batch size by n. How many batches fit into the data?"),
        ("n / batch_size", "batch_size / n"),
        where=N_("⌈**n/B**⌉ · epochs"),
    ),
)

EXERCISE = Exercise(
    name="num_steps",
    topic=TOPIC,
    points=10,
    returns="steps",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("How many batches has one epoch? Draw 10 examples and cut them into fours."),
        N_(
            "4 + 4 + 2: three batches, the last one short. Which rounding makes 3 of 10/4 = 2.5, "
            "and still 2 of 8/4?"
        ),
    ),
    praise=N_("With B = n: how is this kind of training called, and how many steps has an epoch?"),
)
