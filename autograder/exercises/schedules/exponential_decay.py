"""`exponential_decay`. lr0 · e^(−kt)."""

from autograder.exercises.base import Exercise, draw, elsewhere, slip
from autograder.exercises.schedules.inputs import TOPIC, rate, updates
from descentlab.text import N_

RATE = "lr0 * float(np.exp(-k * t))"


def trials(rng):
    """Early and late updates, one where a millionth of the rate is left, t = 0 last."""

    def fall(low, high, times):
        return updates("usual", times, rate(rng), k=draw(rng, low, high))

    paper = float(rng.choice([0.1, 0.2, 0.3]))
    return [
        *updates("example", [rng.choice([2, 3])], 0.4, k=paper),
        *fall(0.2, 0.4, (rng.integers(4, 8), 3)),
        *fall(0.05, 0.15, (rng.integers(12, 20), 7, 1)),
        *fall(1.2, 1.6, (2, 9, 0)),
    ]


MISTAKES = (
    slip(
        "grows",
        N_("sign of the exponent"),
        N_("The exponent is positive: the rate grows without end. It should fall."),
        (RATE, "lr0 * float(np.exp(k * t))"),
        where=N_("lr0 · e^(**−**kt)"),
    ),
    slip(
        "k_as_base",
        N_("k to the power of t"),
        N_("You raise k to the power of t. The base is e; k stands in the exponent."),
        (RATE, "lr0 * k**t"),
        where=N_("lr0 · **e**^(−**k**t)"),
    ),
    slip(
        "negative_power_of_k",
        N_("minus k to the power of t"),
        N_("You take k to the power of t in the exponent. It is the product of k and t."),
        (RATE, "lr0 * float(np.exp(-(k**t)))"),
        where=N_("lr0 · e^(−k **·** t)"),
    ),
    slip(
        "t_outside",
        N_("t outside the exponent"),
        N_("t multiplies the whole, so the rate is 0 at first and grows. t is in the exponent."),
        (RATE, "lr0 * float(np.exp(-k)) * t"),
        where=N_("lr0 · e^(−k**t**)"),
    ),
    slip(
        "first_rate_twice",
        N_("lr0 used twice"),
        N_("You count with t − 1, so update 1 still has lr0. t counts from 0 here."),
        (RATE, "lr0 * float(np.exp(-k * max(t - 1, 0)))"),
        where=N_("lr0 · e^(−k**t**)"),
        pairs=False,
    ),
    slip(
        "e_rounded",
        N_("2.718 for e"),
        N_("The curve is right and a little too flat: e isn't 2.718. np.exp has all its digits."),
        (RATE, "lr0 * 2.718 ** (-k * t)"),
        where=N_("lr0 · **e**^(−kt)"),
        pairs=False,
    ),
    slip(
        "t_missing",
        N_("t missing"),
        N_("The rate is the same at every update: t isn't in the exponent."),
        (RATE, "lr0 * float(np.exp(-k))"),
        where=N_("lr0 · e^(−k**t**)"),
    ),
    slip(
        "k_missing",
        N_("k missing"),
        N_("k isn't in the exponent: every schedule falls alike."),
        (RATE, "lr0 * float(np.exp(-t))"),
        where=N_("lr0 · e^(−**k**t)"),
    ),
    slip(
        "lr0_missing",
        N_("lr0 missing"),
        N_("You return the factor alone. It belongs to the rate of update 0."),
        (RATE, "float(np.exp(-k * t))"),
        where=N_("**lr0 ·** e^(−kt)"),
    ),
    slip(
        "lr0_in_exponent",
        N_("lr0 in the exponent"),
        N_("lr0 stands in the exponent. It stands in front of the power, as a factor."),
        (RATE, "float(np.exp(-lr0 * k * t))"),
        where=N_("**lr0 ·** e^(−kt)"),
    ),
    slip(
        "one_update_ahead",
        N_("one update ahead"),
        N_("You count with t + 1, so update 0 has less than lr0 already. t counts from 0 here."),
        (RATE, "lr0 * float(np.exp(-k * (t + 1)))"),
        where=N_("lr0 · e^(−k**t**)"),
    ),
    slip(
        "one_update_behind",
        N_("one update behind"),
        N_("You count with t − 1, so update 0 has more than lr0. t counts from 0 here."),
        (RATE, "lr0 * float(np.exp(-k * (t - 1)))"),
        where=N_("lr0 · e^(−k**t**)"),
    ),
    slip(
        "time_constant",
        N_("divided by k"),
        N_("t is divided by k, as if k were a time. k is a share per update: it multiplies t."),
        (RATE, "lr0 * float(np.exp(-t / k))"),
        where=N_("lr0 · e^(−k **·** t)"),
    ),
    slip(
        "divided_by_t",
        N_("k divided by t"),
        N_("k is divided by t, so the rate rises back to lr0 with time. k multiplies t."),
        (RATE, "lr0 * float(np.exp(-k / t))"),
        where=N_("lr0 · e^(−k **·** t)"),
    ),
    slip(
        "added",
        N_("k and t added"),
        N_("k and t are added in the exponent. They are multiplied."),
        (RATE, "lr0 * float(np.exp(-(k + t)))"),
        where=N_("lr0 · e^(−k **·** t)"),
    ),
    slip(
        "k_plus_t",
        N_("−k + t in the exponent"),
        N_("The exponent is −k + t, and the rate explodes. k and t are multiplied."),
        (RATE, "lr0 * float(np.exp(-k + t))"),
        where=N_("lr0 · e^(−k **·** t)"),
    ),
    slip(
        "squared_time",
        N_("t squared"),
        N_("t is squared in the exponent, so the rate falls like a bell. t goes in as it is."),
        (RATE, "lr0 * float(np.exp(-k * t**2))"),
        where=N_("lr0 · e^(−k**t**)"),
    ),
    slip(
        "what_is_lost",
        N_("what is lost, not what stays"),
        N_("You return what lr0 has lost, so the rate rises from 0 to lr0. What is left of it?"),
        (RATE, "lr0 * (1 - float(np.exp(-k * t)))"),
        where=N_("lr0 · **e^(−kt)**"),
    ),
    slip(
        "subtracted",
        N_("subtracted from lr0"),
        N_("You take the power away from lr0. It is a factor of it."),
        (RATE, "lr0 - float(np.exp(-k * t))"),
        where=N_("lr0 **·** e^(−kt)"),
    ),
    slip(
        "power_reversed",
        N_("minus t as the power of k"),
        N_("You raise k to the power of −t, which grows for k < 1. The base is e."),
        (RATE, "lr0 * k ** (-t)"),
        where=N_("lr0 · **e**^(−**k**t)"),
    ),
    slip(
        "all_in_exponent",
        N_("lr0 added in the exponent"),
        N_("lr0 stands in the exponent, added to −kt. It stands in front of the power, a factor."),
        (RATE, "float(np.exp(lr0 - k * t))"),
        where=N_("**lr0 ·** e^(−kt)"),
    ),
    slip(
        "whole_to_the_t",
        N_("lr0 raised to the power, too"),
        N_("lr0·e^(−k) is raised to the power of t as a whole. Only e^(−k) is: ** before *."),
        (RATE, "(lr0 * float(np.exp(-k))) ** t"),
        where=N_("**lr0 ·** e^(−kt)"),
    ),
    slip(
        "one_subtracted",
        N_("1 subtracted"),
        N_(
            "You use e^(−kt) − 1 (np.expm1 gives that): a negative number. What is left is e^(−kt)."
        ),
        (RATE, "lr0 * float(np.expm1(-k * t))"),
        where=N_("lr0 · **e^(−kt)**"),
    ),
    slip(
        "straight_line",
        N_("a straight line"),
        N_("The rate falls on a straight line, and below 0 in the end. It falls by shares."),
        (RATE, "lr0 * (1 - k * t)"),
        where=N_("lr0 · **e^(−kt)**"),
    ),
    elsewhere(
        "compound",
        N_("(1 − k)^t"),
        N_(
            "This is (1 − k)^t: the share k is lost at each update, as interest is counted once a "
            "year. e^(−kt) is the same for small k, and loses a little less."
        ),
        (RATE, "lr0 * (1 - k) ** t"),
        where=N_("lr0 · **e^(−kt)**"),
    ),
    elsewhere(
        "compound_below",
        N_("(1 + k)^(−t)"),
        N_(
            "This is 1/(1 + k)^t: the rate is divided by 1 + k at each update. e^(−kt) is the same "
            "for small k, and falls a little faster."
        ),
        (RATE, "lr0 / (1 + k) ** t"),
        where=N_("lr0 · **e^(−kt)**"),
    ),
    elsewhere(
        "half_life",
        N_("base 2"),
        N_("This is 2^(−kt), a decay by half-lives: the base is 2. CS7's exponential has e."),
        (RATE, "lr0 * 2.0 ** (-k * t)"),
        where=N_("lr0 · **e**^(−kt)"),
    ),
    elsewhere(
        "base_ten",
        N_("base 10"),
        N_("This is 10^(−kt), a decay by powers of ten. CS7's exponential has the base e."),
        (RATE, "lr0 * 10.0 ** (-k * t)"),
        where=N_("lr0 · **e**^(−kt)"),
    ),
    elsewhere(
        "one_over_time",
        N_("1/t decay"),
        N_("This is the 1/t decay, lr0/(1 + kt), the next exercise. Here it is a power of e."),
        (RATE, "lr0 / (1 + k * t)"),
        where=N_("lr0 · **e^(−kt)**"),
    ),
    elsewhere(
        "staircase",
        N_("kt rounded down"),
        N_("This is TensorFlow's staircase: kt is rounded down first. Here it falls evenly."),
        (RATE, "lr0 * float(np.exp(-np.floor(k * t)))"),
        where=N_("lr0 · e^(−**kt**)"),
    ),
)

EXERCISE = Exercise(
    name="exponential_decay",
    topic=TOPIC,
    points=8,
    returns="rate",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("np.exp(x) is e to the power of x. Which sign has x, if the rate is to fall?"),
        N_("At t = 0 the rate is lr0: e⁰ is 1. At t = 1/k it has fallen to 37 % of that."),
    ),
    praise=N_("After how many updates is the rate a half? Does it depend on lr0?"),
)
