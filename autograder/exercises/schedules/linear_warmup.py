"""`linear_warmup`. lr · min(1, (t + 1)/warmup_steps)."""

from autograder.exercises.base import Exercise, elsewhere, slip
from autograder.exercises.schedules.inputs import TOPIC, rate, updates
from descentlab.text import N_

SHARE = "min(1.0, (t + 1) / warmup_steps)"
RATE = "lr * share"


def trials(rng):
    """The climb, both sides of its end, long after it, a warm-up of one step, and t = 0."""

    def climb(steps, times):
        return updates("usual", times, rate(rng), warmup_steps=steps)

    short, long = int(rng.integers(5, 9)), int(rng.integers(13, 18))
    return [
        *updates("example", [rng.choice([1, 2])], 0.4, warmup_steps=5),
        *climb(short, (short - 2, short - 1, short, short + 1, 1, 3 * short)),
        *climb(long, (rng.integers(3, 8), long - 3, 2 * long + 1)),
        *climb(1, (3,)),
        *climb(long, (0,)),
        *climb(1, (0,)),
    ]


MISTAKES = (
    slip(
        "starts_at_zero",
        N_("t in place of t + 1"),
        N_(
            "Update 0 has the rate 0 and is wasted, and the whole rate comes one update late: you "
            "count with t. The first of warmup_steps stairs is climbed at t = 0."
        ),
        ("(t + 1)", "t"),
        where=N_("lr · min(1, (t **+ 1**)/warmup_steps)"),
    ),
    slip(
        "one_ahead",
        N_("t + 2 in place of t + 1"),
        N_("You count one update too many: update 0 is on the second stair already."),
        ("(t + 1)", "(t + 2)"),
        where=N_("lr · min(1, (t + **1**)/warmup_steps)"),
    ),
    slip(
        "never_stops",
        N_("climbs without end"),
        N_("The rate climbs on after the warm-up, beyond lr. At lr it has to stop."),
        (SHARE, "(t + 1) / warmup_steps"),
        where=N_("lr · **min(1,** (t + 1)/warmup_steps**)**"),
    ),
    slip(
        "max_for_min",
        N_("max in place of min"),
        N_("You take the larger of the two: the rate is lr at first and climbs afterwards."),
        ("min(", "max("),
        where=N_("lr · **min**(1, (t + 1)/warmup_steps)"),
    ),
    slip(
        "lr_missing",
        N_("lr missing"),
        N_("You return the share alone. It belongs to the rate."),
        (RATE, "share"),
        where=N_("**lr ·** min(1, (t + 1)/warmup_steps)"),
    ),
    slip(
        "bounded_by_one",
        N_("the rate bounded by 1"),
        N_("The bound 1 is put on the rate, not on the share: it climbs on beyond lr, up to 1."),
        (RATE, "min(1.0, lr * (t + 1) / warmup_steps)"),
        where=N_("lr · **min(1,** (t + 1)/warmup_steps)"),
        pairs=False,
    ),
    slip(
        "bounded_by_lr",
        N_("the share bounded by lr"),
        N_(
            "The bound is lr and the share isn't multiplied by it: the climb is too steep. It is "
            "the share that is bounded, by 1."
        ),
        (RATE, "min(lr, (t + 1) / warmup_steps)"),
        where=N_("**lr · min(1,** (t + 1)/warmup_steps)"),
        pairs=False,
    ),
    slip(
        "whole_division",
        N_("whole-number division"),
        N_("// cuts the fraction off: the rate is 0 until the warm-up is over."),
        (") / warmup", ") // warmup"),
        where=N_("lr · min(1, (t + 1) **/** warmup_steps)"),
        pairs=False,
    ),
    slip(
        "fraction_reversed",
        N_("fraction upside down"),
        N_("You divide warmup_steps by t + 1: the rate is whole at first and falls afterwards."),
        ("(t + 1) / warmup_steps", "warmup_steps / (t + 1)"),
        where=N_("lr · min(1, **(t + 1)/warmup_steps**)"),
    ),
    slip(
        "no_climb",
        N_("no warm-up"),
        N_("The rate is lr from the first update on: nothing warms up."),
        (SHARE, "1.0"),
        where=N_("lr · **min(1, (t + 1)/warmup_steps)**"),
    ),
    slip(
        "zero_before",
        N_("rate 0 until the end"),
        N_("The rate is 0 until the warm-up is over. It climbs evenly, one stair an update."),
        (SHARE, "1.0 if t >= warmup_steps else 0.0"),
        where=N_("lr · min(1, **(t + 1)/warmup_steps**)"),
        pairs=False,
    ),
    slip(
        "zero_after",
        N_("rate 0 after the warm-up"),
        N_("After the warm-up the rate is 0. It stays at lr."),
        (SHARE, "(t + 1) / warmup_steps if t < warmup_steps else 0.0"),
        where=N_("lr · **min(1,** (t + 1)/warmup_steps**)**"),
    ),
    slip(
        "restarts",
        N_("climbs again and again"),
        N_("After the warm-up the rate starts from below again. It climbs once and stays at lr."),
        (SHARE, "(t % warmup_steps + 1) / warmup_steps"),
        where=N_("lr · **min(1,** (t + 1)/warmup_steps**)**"),
    ),
    slip(
        "overshoots_once",
        N_("one stair above lr"),
        N_(
            "At t = warmup_steps the rate is above lr, for one update: the climb stops one late. "
            "The last stair, lr itself, is reached at t = warmup_steps − 1."
        ),
        (SHARE, "1.0 if t > warmup_steps else (t + 1) / warmup_steps"),
        where=N_("lr · **min(1,** (t + 1)/warmup_steps**)**"),
    ),
    slip(
        "steps_fixed",
        N_("a fixed number for warmup_steps"),
        N_("The climb takes 10 updates whatever warmup_steps is: a fixed number stands for it."),
        (SHARE, "min(1.0, (t + 1) / 10)"),
        where=N_("lr · min(1, (t + 1)/**warmup_steps**)"),
    ),
    slip(
        "small_then_whole",
        N_("one small rate, then lr"),
        N_("During the warm-up the rate is the same small one at every update. It climbs evenly."),
        (SHARE, "1.0 if t + 1 >= warmup_steps else 1 / warmup_steps"),
        where=N_("lr · min(1, **(t + 1)**/warmup_steps)"),
    ),
    slip(
        "one_stair_more",
        N_("warmup_steps + 1 stairs"),
        N_("You divide by warmup_steps + 1: the whole rate comes one update late."),
        (") / warmup_steps", ") / (warmup_steps + 1)"),
        where=N_("lr · min(1, (t + 1)/**warmup_steps**)"),
    ),
    slip(
        "one_stair_less",
        N_("warmup_steps − 1 stairs"),
        N_("You divide by warmup_steps − 1: the whole rate comes one update early."),
        (SHARE, "min(1.0, (t + 1) / (warmup_steps - 1)) if warmup_steps > 1 else 1.0"),
        where=N_("lr · min(1, (t + 1)/**warmup_steps**)"),
    ),
    slip(
        "brackets_missing",
        N_("brackets round t + 1 missing"),
        N_("Only the 1 is divided by warmup_steps; t goes in whole. Brackets are missing."),
        ("(t + 1) / warmup_steps", "t + 1 / warmup_steps"),
        where=N_("lr · min(1, **(**t + 1**)**/warmup_steps)"),
    ),
    slip(
        "falls",
        N_("falls instead of climbing"),
        N_("The rate falls during the warm-up. It climbs towards lr."),
        (SHARE, "max(0.0, 1 - (t + 1) / warmup_steps)"),
        where=N_("lr · min(1, **(t + 1)/warmup_steps**)"),
    ),
    slip(
        "curved",
        N_("share squared"),
        N_("The share is squared, so the climb is a curve. Linear means: the same at each update."),
        (RATE, "lr * share**2"),
        where=N_("lr · **min(1, (t + 1)/warmup_steps)**"),
    ),
    slip(
        "rooted",
        N_("root of the share"),
        N_("You take the root of the share, so the climb is a curve. Linear means: even stairs."),
        (RATE, "lr * share**0.5"),
        where=N_("lr · **min(1, (t + 1)/warmup_steps)**"),
    ),
    slip(
        "added",
        N_("share added to lr"),
        N_("The share is added to lr. It says how much of lr there is: a product."),
        (RATE, "lr + share"),
        where=N_("lr **·** min(1, (t + 1)/warmup_steps)"),
    ),
    slip(
        "divided",
        N_("divided by the share"),
        N_("You divide by the share, so the first rates are larger than lr."),
        (RATE, "lr / share"),
        where=N_("lr **·** min(1, (t + 1)/warmup_steps)"),
    ),
    elsewhere(
        "from_a_tenth",
        N_("from a tenth of lr"),
        N_(
            "Your warm-up climbs from a tenth of lr. Here the first stair is lr/warmup_steps, and "
            "all stairs have that height."
        ),
        (SHARE, "0.1 + 0.9 * min(1.0, (t + 1) / warmup_steps)"),
        where=N_("lr · **min(1, (t + 1)/warmup_steps)**"),
        pairs=False,
    ),
    elsewhere(
        "from_zero_even_if_one",
        N_("from 0 to lr, with one step as well"),
        N_(
            "This climbs from 0 at t = 0 to lr at t = warmup_steps − 1, and with warmup_steps = 1 "
            "from 0 at t = 0. Here the first update has a rate already: lr/warmup_steps."
        ),
        (SHARE, "min(1.0, t / max(1, warmup_steps - 1))"),
        where=N_("lr · min(1, **(t + 1)/warmup_steps**)"),
        pairs=False,
    ),
    elsewhere(
        "from_zero_to_lr",
        N_("from 0 to lr in warmup_steps − 1"),
        N_(
            "This climbs from 0 at t = 0 to lr at t = warmup_steps − 1, as np.linspace does. Here "
            "the first update has a rate already: lr/warmup_steps."
        ),
        (SHARE, "min(1.0, t / (warmup_steps - 1)) if warmup_steps > 1 else 1.0"),
        where=N_("lr · min(1, **(t + 1)/warmup_steps**)"),
    ),
    elsewhere(
        "cosine_climb",
        N_("climbs along a cosine"),
        N_("This warm-up climbs along half a cosine wave, slowly at both ends. Here it is linear."),
        (RATE, "lr * 0.5 * (1 - np.cos(np.pi * share))"),
        where=N_("lr **· min(1, (t + 1)/warmup_steps)**"),
    ),
    elsewhere(
        "exponential_climb",
        N_("climbs exponentially"),
        N_("This is an exponential warm-up: fast at first, and lr is never reached. Here: linear."),
        (SHARE, "1 - np.exp(-(t + 1) / warmup_steps)"),
        where=N_("lr · **min(1, (t + 1)/warmup_steps)**"),
    ),
    slip(
        "whole_one_early",
        N_("the whole rate one update early"),
        N_(
            "The stairs are right and the last but one is left out: the rate is lr one update "
            "early. It is at t = warmup_steps − 1 that it is whole."
        ),
        (SHARE, "(t + 1) / warmup_steps if t < warmup_steps - 2 else 1.0"),
        where=N_("lr · **min(1,** (t + 1)/warmup_steps**)**"),
        pairs=False,
    ),
    elsewhere(
        "from_a_third",
        N_("from a third, as PyTorch's LinearLR"),
        N_(
            "This is PyTorch's LinearLR: it climbs from a third of lr, and the whole rate comes at "
            "t = warmup_steps. Here the first stair is lr/warmup_steps."
        ),
        (SHARE, "1 / 3 + 2 / 3 * min(1.0, t / warmup_steps)"),
        where=N_("lr · **min(1, (t + 1)/warmup_steps)**"),
        pairs=False,
    ),
    elsewhere(
        "then_decays",
        N_("decays after the warm-up"),
        N_(
            "This is the schedule of the Transformer paper: after the warm-up the rate falls like "
            "1/√t. Here it stays at lr."
        ),
        (SHARE, "min((warmup_steps / (t + 1)) ** 0.5, (t + 1) / warmup_steps)"),
        where=N_("lr · min(**1**, (t + 1)/warmup_steps)"),
    ),
)

EXERCISE = Exercise(
    name="linear_warmup",
    topic=TOPIC,
    points=12,
    returns="rate",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("Stairs: with warmup_steps = 4 the rates are ¼, ½, ¾ and the whole of lr, then lr."),
        N_(
            "Which stair are you on at t = 0? The first of warmup_steps. And it never goes above 1."
        ),
    ),
    praise=N_("With warmup_steps = 1 there is no warm-up. Why is that better than asking for 0?"),
)
