"""`inverse_time_decay`. lr0/(1 + kt)."""

from autograder.exercises.base import Exercise, draw, elsewhere, slip
from autograder.exercises.schedules.inputs import TOPIC, rate, updates
from descentlab.text import N_

RATE = "lr0 / (1 + k * t)"


def trials(rng):
    """Early and late updates, t = 0 last."""

    def fall(low, high, times):
        return updates("usual", times, rate(rng), k=draw(rng, low, high))

    return [
        *updates("example", [rng.choice([6, 8])], 0.6, k=0.25),
        *fall(0.3, 0.45, (rng.integers(5, 9), 3)),
        *fall(0.05, 0.15, (rng.integers(20, 40), 7, 1)),
        *fall(1.2, 1.6, (2, 0)),
    ]


def _again_and_again(lr0, t, k):
    for update in range(t + 1):
        lr0 = lr0 / (1 + k * update)
    return lr0


MISTAKES = (
    slip(
        "decayed_again",
        N_("the decayed rate decayed again"),
        N_(
            "Each update divides the rate of the update before by 1 + kt, so the rate falls like "
            "a product of all of them. It is lr0 that is divided, once."
        ),
        _again_and_again,
        where=N_("**lr0**/(1 + kt)"),
    ),
    slip(
        "first_rate_twice",
        N_("lr0 used twice"),
        N_("You count with t − 1, so update 1 still has lr0. t counts from 0 here."),
        lambda lr0, t, k: lr0 / (1 + k * max(t - 1, 0)),
        where=N_("lr0/(1 + k**t**)"),
    ),
    slip(
        "brackets_missing",
        N_("brackets missing"),
        N_("Only the 1 is below the line: lr0/1 + kt grows with t. Brackets are missing."),
        (RATE, "lr0 / 1 + k * t"),
        where=N_("lr0/**(**1 + kt**)**"),
    ),
    slip(
        "k_times_bracket",
        N_("k before the brackets"),
        N_("k multiplies the 1 as well, so update 0 doesn't have the rate lr0."),
        (RATE, "lr0 / (k * (1 + t))"),
        where=N_("lr0/(**1 + k**t)"),
    ),
    slip(
        "one_missing",
        N_("1 missing"),
        N_("You divide by kt alone: at t = 0 that is a division by 0. The 1 makes it lr0."),
        (RATE, "lr0 / (k * t)"),
        where=N_("lr0/(**1 +** kt)"),
    ),
    slip(
        "k_missing",
        N_("k missing"),
        N_("k isn't below the line: every schedule falls alike."),
        (RATE, "lr0 / (1 + t)"),
        where=N_("lr0/(1 + **k**t)"),
    ),
    slip(
        "t_missing",
        N_("t missing"),
        N_("The rate is the same at every update: t isn't below the line."),
        (RATE, "lr0 / (1 + k)"),
        where=N_("lr0/(1 + k**t**)"),
    ),
    slip(
        "added",
        N_("k and t added"),
        N_("k and t are added below the line. They are multiplied."),
        (RATE, "lr0 / (1 + k + t)"),
        where=N_("lr0/(1 + k **·** t)"),
    ),
    slip(
        "one_plus_k",
        N_("1 + k in brackets"),
        N_("t multiplies the 1 as well: at t = 0 you divide by 0. Look at the brackets."),
        (RATE, "lr0 / ((1 + k) * t)"),
        where=N_("lr0/(1 + **kt**)"),
    ),
    slip(
        "sign",
        N_("1 − kt"),
        N_("Below the line stands 1 − kt, which comes to 0 and turns negative: the rate explodes."),
        (RATE, "lr0 / (1 - k * t)"),
        where=N_("lr0/(1 **+** kt)"),
    ),
    slip(
        "multiplied",
        N_("multiplied, not divided"),
        N_("The rate grows with t: you multiply by 1 + kt."),
        (RATE, "lr0 * (1 + k * t)"),
        where=N_("lr0**/**(1 + kt)"),
    ),
    slip(
        "upside_down",
        N_("fraction upside down"),
        N_("The fraction stands on its head: (1 + kt)/lr0. lr0 is above the line."),
        (RATE, "(1 + k * t) / lr0"),
        where=N_("**lr0/(1 + kt)**"),
    ),
    slip(
        "lr0_missing",
        N_("lr0 missing"),
        N_("You return the factor alone. Above the line stands the rate of update 0."),
        (RATE, "1 / (1 + k * t)"),
        where=N_("**lr0**/(1 + kt)"),
    ),
    slip(
        "lr0_below",
        N_("lr0 below the line, too"),
        N_("lr0 stands in place of the 1 or of k as well. Below the line it has no part."),
        (RATE, "lr0 / (lr0 + k * t)"),
        where=N_("lr0/(**1** + kt)"),
    ),
    slip(
        "subtracted",
        N_("subtracted from lr0"),
        N_("You take the fraction away from lr0. lr0 is divided."),
        (RATE, "lr0 - 1 / (1 + k * t)"),
        where=N_("lr0**/**(1 + kt)"),
    ),
    slip(
        "straight_line",
        N_("a straight line"),
        N_("The rate falls on a straight line, and below 0 in the end. lr0 is divided by 1 + kt."),
        (RATE, "lr0 * (1 - k * t)"),
        where=N_("lr0**/(1 + kt)**"),
    ),
    slip(
        "one_update_ahead",
        N_("one update ahead"),
        N_("You count with t + 1, so update 0 has less than lr0 already. t counts from 0 here."),
        (RATE, "lr0 / (1 + k * (t + 1))"),
        where=N_("lr0/(1 + k**t**)"),
    ),
    slip(
        "one_update_behind",
        N_("one update behind"),
        N_("You count with t − 1, so update 0 has more than lr0. t counts from 0 here."),
        (RATE, "lr0 / (1 + k * (t - 1))"),
        where=N_("lr0/(1 + k**t**)"),
        pairs=False,
    ),
    slip(
        "time_constant",
        N_("divided by k"),
        N_("t is divided by k, as if k were a time. k is a rate per update: it multiplies t."),
        (RATE, "lr0 / (1 + t / k)"),
        where=N_("lr0/(1 + k **·** t)"),
    ),
    slip(
        "divided_by_t",
        N_("k divided by t"),
        N_("k is divided by t, so the rate rises back to lr0 with time. k multiplies t."),
        (RATE, "lr0 / (1 + k / t)"),
        where=N_("lr0/(1 + k **·** t)"),
    ),
    slip(
        "power_of_t",
        N_("(1 + k)^t"),
        N_("1 + k is raised to the power of t, which falls far faster. t multiplies k."),
        (RATE, "lr0 / (1 + k) ** t"),
        where=N_("lr0/(1 + k **·** t)"),
    ),
    slip(
        "k_to_the_t",
        N_("k to the power of t"),
        N_("k is raised to the power of t, and for k < 1 the rate rises. t multiplies k."),
        (RATE, "lr0 / (1 + k**t)"),
        where=N_("lr0/(1 + k **·** t)"),
    ),
    slip(
        "whole_division",
        N_("whole-number division"),
        N_("// cuts the fraction off: the rate is 0 from the first decay on."),
        (RATE, "lr0 // (1 + k * t)"),
        where=N_("lr0 **/** (1 + kt)"),
        pairs=False,
    ),
    slip(
        "held_at_first",
        N_("the larger of 1 and kt"),
        N_("You take the larger of 1 and kt, so the rate stays at lr0 at first. Add them."),
        (RATE, "lr0 / max(1, k * t)"),
        where=N_("lr0/(1 **+** kt)"),
        pairs=False,
    ),
    slip(
        "squared",
        N_("bracket squared"),
        N_("The whole bracket is squared: the rate falls like 1/t². Without the square it is 1/t."),
        (RATE, "lr0 / (1 + k * t) ** 2"),
        where=N_("lr0/**(1 + kt)**"),
        pairs=False,
    ),
    slip(
        "squared_time",
        N_("t squared"),
        N_("t is squared: the rate falls like 1/t². Without the square it is 1/t."),
        (RATE, "lr0 / (1 + k * t**2)"),
        where=N_("lr0/(1 + k**t**)"),
    ),
    slip(
        "sum_of_both",
        N_("k + t below the line"),
        N_("Below the line stands k + t: the 1 is missing, and k and t aren't multiplied."),
        (RATE, "lr0 / (k + t)"),
        where=N_("lr0/(**1 + kt**)"),
        pairs=False,
    ),
    slip(
        "one_missing_later",
        N_("1 missing after t = 0"),
        N_(
            "Only update 0 is right, by an exception: for all others you divide by kt alone. With "
            "the 1 no exception is needed."
        ),
        (RATE, "lr0 / (k * t) if t else lr0"),
        where=N_("lr0/(**1 +** kt)"),
        pairs=False,
    ),
    elsewhere(
        "root_decay",
        N_("1/√t decay"),
        N_(
            "This is the 1/√t decay, the one that is inside Adagrad: the bracket is under a root. "
            "CS7's 1/t decay has none."
        ),
        (RATE, "lr0 / np.sqrt(1 + k * t)"),
        where=N_("lr0/**(1 + kt)**"),
        pairs=False,
    ),
    elsewhere(
        "root_of_time",
        N_("1/√t decay"),
        N_("This is a 1/√t decay: the root is taken of t. CS7's 1/t decay has none."),
        (RATE, "lr0 / (1 + k * np.sqrt(t))"),
        where=N_("lr0/(1 + k**t**)"),
    ),
    elsewhere(
        "exponential",
        N_("exponential decay"),
        N_("This is exponential decay, the exercise before. Here lr0 is divided by 1 + kt."),
        (RATE, "lr0 * float(np.exp(-k * t))"),
        where=N_("lr0**/(1 + kt)**"),
    ),
    elsewhere(
        "staircase",
        N_("kt rounded down"),
        N_("This is TensorFlow's staircase: kt is rounded down first. Here it falls evenly."),
        (RATE, "lr0 / (1 + k * t // 1)"),
        where=N_("lr0/(1 + **kt**)"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="inverse_time_decay",
    topic=TOPIC,
    points=8,
    returns="rate",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("At t = 0 the bracket is 1, and the rate is lr0. What adds to the 1 as t grows?"),
        N_("On paper, lr0 = 0.5 and k = 0.25: t = 4 gives 0.5/2 = 0.25, t = 12 gives 0.5/4."),
    ),
    praise=N_("Compare with exponential_decay at t = 1,000: which of the two still gets anywhere?"),
)
