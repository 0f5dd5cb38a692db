"""`cosine_annealing`. lr_min + ½(lr_max − lr_min)(1 + cos(π (t mod period)/period))."""

import numpy as np

from autograder.exercises.base import Exercise, draw, elsewhere, slip
from autograder.exercises.schedules.inputs import TOPIC, rate, updates
from descentlab.text import N_

ANGLE = "np.pi * (t % period) / period"
RATE = "lr_min + 0.5 * (lr_max - lr_min) * (1 + float(np.cos(angle)))"
WAVE = "(1 + float(np.cos(angle)))"


def trials(rng):
    """Inside the first period, both sides of a restart, later periods, and t = 0."""

    def around(period):
        inside = int(rng.integers(2, period // 2))
        again = 2 * period + 3
        ends = (period - 1, period, period + 1, 2 * period, 3 * period - 2)
        times = (again, inside, *ends, 0)
        return updates("usual", times, rate(rng), period=period, lr_min=draw(rng, 0.05, 0.2))

    return [
        *updates("example", [rng.choice([5, 7])], 0.9, period=4, lr_min=0.1),
        *around(int(rng.integers(7, 10))),
        *around(int(rng.integers(11, 16))),
    ]


def _doubling(lr_max, t, period, lr_min=0.0):
    while t >= period:
        t, period = t - period, 2 * period
    return lr_min + 0.5 * (lr_max - lr_min) * (1 + float(np.cos(np.pi * t / period)))


MISTAKES = (
    slip(
        "whole_wave",
        N_("a whole wave"),
        N_(
            "A whole wave fits into your period: the rate falls to lr_min in its middle and climbs "
            "back. Half a wave is asked for, with a jump at its end."
        ),
        (ANGLE, "2 * np.pi * (t % period) / period"),
        where=N_("cos(**π** (t mod period)/period)"),
    ),
    slip(
        "quarter_wave",
        N_("a quarter wave"),
        N_("Only a quarter of a wave fits into your period: the rate falls half-way to lr_min."),
        (ANGLE, "np.pi * (t % period) / (2 * period)"),
        where=N_("cos(**π** (t mod period)/**period**)"),
        pairs=False,
    ),
    slip(
        "pi_missing",
        N_("π missing"),
        N_("π is missing: the angle runs from 0 to 1, and the cosine takes radians."),
        (ANGLE, "(t % period) / period"),
        where=N_("cos(**π** (t mod period)/period)"),
    ),
    slip(
        "degrees",
        N_("degrees for radians"),
        N_("The angle runs to 180, in degrees. np.cos takes radians: half a circle is π."),
        (ANGLE, "180 * (t % period) / period"),
        where=N_("cos(**π** (t mod period)/period)"),
    ),
    slip(
        "not_divided",
        N_("not divided by period"),
        N_("The angle isn't divided by period, so half a wave is over after one update."),
        (ANGLE, "np.pi * (t % period)"),
        where=N_("cos(π (t mod period)**/period**)"),
    ),
    slip(
        "quotient_for_remainder",
        N_("quotient in place of remainder"),
        N_("You take t // period, the number of periods gone. How far into this one are you?"),
        ("t % period", "t // period"),
        where=N_("cos(π (t **mod** period)/period)"),
    ),
    slip(
        "one_update_ahead",
        N_("one update ahead"),
        N_("You count with t + 1, so update 0 has less than lr_max already. t counts from 0 here."),
        ("t % period", "(t + 1) % period"),
        where=N_("cos(π (**t** mod period)/period)"),
    ),
    slip(
        "one_added_to_rest",
        N_("t mod period + 1"),
        N_("You add 1 to t mod period: each period starts below lr_max and ends at lr_min."),
        ("(t % period)", "(t % period + 1)"),
        where=N_("cos(π (**t mod period**)/period)"),
    ),
    slip(
        "one_update_behind",
        N_("one update behind"),
        N_("You count with t − 1, so each restart comes one update late. t counts from 0 here."),
        ("t % period", "(t - 1) % period"),
        where=N_("cos(π (**t** mod period)/period)"),
    ),
    slip(
        "restart_one_late",
        N_("restart one update late"),
        N_("At t = period you are still at the bottom: each period is one update too long."),
        ("t % period", "t % (period + 1)"),
        where=N_("cos(π (t mod **period**)/period)"),
    ),
    slip(
        "restart_halfway",
        N_("restart after half a period"),
        N_("The rate restarts after half a period, long before it is down."),
        (ANGLE, "np.pi * (t % (period / 2)) / period"),
        where=N_("cos(π (t mod **period**)/period)"),
    ),
    slip(
        "half_period",
        N_("half the period"),
        N_("Your wave is through after half a period, and restarts there."),
        (ANGLE, "np.pi * (t % (period / 2)) / (period / 2)"),
        where=N_("cos(π (t mod **period**)/**period**)"),
    ),
    slip(
        "remainder_of_product",
        N_("% taken of π·t"),
        N_(
            "Brackets are missing round t % period: * and % work from left to right, so the "
            "remainder is taken of π·t."
        ),
        (ANGLE, "np.pi * t % period / period"),
        where=N_("cos(π **(t mod period)**/period)"),
    ),
    slip(
        "pi_rounded",
        N_("3.14 for π"),
        N_("The curve is right and a little too flat: π isn't 3.14. np.pi has all its digits."),
        (ANGLE, "3.14 * (t % period) / period"),
        where=N_("cos(**π** (t mod period)/period)"),
    ),
    slip(
        "period_one_longer",
        N_("divided by period + 1"),
        N_("The angle is divided by period + 1, so the wave is a little too long."),
        (ANGLE, "np.pi * (t % period) / (period + 1)"),
        where=N_("cos(π (t mod period)/**period**)"),
    ),
    slip(
        "minimum_forgotten",
        N_("lr_min not added"),
        N_("lr_min isn't added: the rate falls towards 0, and starts below lr_max."),
        ("lr_min + 0.5", "0.5"),
        where=N_("**lr_min +** ½(lr_max − lr_min)(1 + cos(…))"),
    ),
    slip(
        "minimum_not_subtracted",
        N_("lr_min not subtracted"),
        N_("lr_min is added and the fall is lr_max long: the rate starts above lr_max."),
        ("(lr_max - lr_min)", "lr_max"),
        where=N_("lr_min + ½(lr_max **− lr_min**)(1 + cos(…))"),
    ),
    slip(
        "minimum_ignored",
        N_("lr_min forgotten"),
        N_("lr_min is nowhere: the rate falls from lr_max towards 0."),
        (RATE, "0.5 * lr_max * (1 + float(np.cos(angle)))"),
        where=N_("**lr_min +** ½(lr_max **− lr_min**)(1 + cos(…))"),
        pairs=False,
    ),
    slip(
        "minimum_as_floor",
        N_("lr_min as a floor"),
        N_(
            "The rate falls towards 0 and is held at lr_min when it comes there. It falls from "
            "lr_max to lr_min along the whole half wave."
        ),
        (RATE, "max(lr_min, 0.5 * lr_max * (1 + float(np.cos(angle))))"),
        where=N_("**lr_min +** ½(lr_max **− lr_min**)(1 + cos(…))"),
        pairs=False,
    ),
    slip(
        "half_missing",
        N_("½ missing"),
        N_("1 + cos runs from 2 to 0: without the ½ the rate starts far above lr_max."),
        ("0.5 * (lr_max", "(lr_max"),
        where=N_("lr_min + **½**(lr_max − lr_min)(1 + cos(…))"),
    ),
    slip(
        "one_missing",
        N_("1 missing"),
        N_("The cosine runs from 1 to −1: without the 1 the rate falls below lr_min."),
        (WAVE, "float(np.cos(angle))"),
        where=N_("½(lr_max − lr_min)(**1 +** cos(…))"),
    ),
    slip(
        "only_cosine",
        N_("½ and 1 missing"),
        N_("The cosine alone runs from 1 to −1. (1 + cos)/2 runs from 1 to 0."),
        (RATE, "lr_min + (lr_max - lr_min) * float(np.cos(angle))"),
        where=N_("lr_min + **½**(lr_max − lr_min)(**1 +** cos(…))"),
        pairs=False,
    ),
    slip(
        "brackets_missing",
        N_("brackets round 1 + cos missing"),
        N_("The factor goes with the 1 alone and the cosine is added bare: brackets are missing."),
        (WAVE, "1 + float(np.cos(angle))"),
        where=N_("½(lr_max − lr_min)**(**1 + cos(…)**)**"),
    ),
    slip(
        "climbs",
        N_("climbs from lr_min to lr_max"),
        N_(
            "In each period the rate climbs from lr_min to lr_max: the cosine has a minus before "
            "it, or lr_max and lr_min have changed places."
        ),
        ("(1 + float", "(1 - float"),
        where=N_("**lr_min** + ½(**lr_max − lr_min**)(1 **+** cos(…))"),
    ),
    slip(
        "one_inside",
        N_("1 inside the cosine"),
        N_("The 1 is added to the angle. It is added to the cosine."),
        (WAVE, "float(np.cos(1 + angle))"),
        where=N_("½(lr_max − lr_min)(**1 + cos(**…))"),
        pairs=False,
    ),
    slip(
        "wave_squared",
        N_("1 + cos squared"),
        N_("1 + cos is squared, so the wave starts far above lr_max."),
        (WAVE, "(1 + float(np.cos(angle))) ** 2"),
        where=N_("½(lr_max − lr_min)**(1 + cos(…))**"),
    ),
    slip(
        "maximum_added",
        N_("lr_max added"),
        N_("The fall is added to lr_max: the rate never gets below it. lr_min is what lies below."),
        ("lr_min + 0.5", "lr_max + 0.5"),
        where=N_("**lr_min** + ½(lr_max − lr_min)(1 + cos(…))"),
    ),
    slip(
        "outer_brackets_missing",
        N_("brackets round lr_max − lr_min missing"),
        N_("Only lr_min is multiplied by the wave: brackets are missing round the difference."),
        ("(lr_max - lr_min)", "lr_max - lr_min"),
        where=N_("lr_min + ½**(**lr_max − lr_min**)**(1 + cos(…))"),
    ),
    slip(
        "sine",
        N_("sine for cosine"),
        N_("A sine starts in the middle. The cosine starts at the top."),
        ("np.cos", "np.sin"),
        where=N_("(1 + **cos**(π (t mod period)/period))"),
    ),
    slip(
        "difference_reversed",
        N_("lr_min − lr_max"),
        N_("The difference is lr_min − lr_max, a negative number: the rate begins below lr_min."),
        ("(lr_max - lr_min)", "(lr_min - lr_max)"),
        where=N_("lr_min + ½(**lr_max − lr_min**)(1 + cos(…))"),
    ),
    slip(
        "difference_added",
        N_("lr_max + lr_min"),
        N_("lr_max and lr_min are added in the brackets. How far is it from one to the other?"),
        ("(lr_max - lr_min)", "(lr_max + lr_min)"),
        where=N_("lr_min + ½(lr_max **−** lr_min)(1 + cos(…))"),
    ),
    slip(
        "straight_line",
        N_("a straight line"),
        N_("The rate falls on a straight line in each period. The cosine is slow at both ends."),
        (RATE, "lr_min + (lr_max - lr_min) * (1 - t % period / period)"),
        where=N_("½(lr_max − lr_min)**(1 + cos(…))**"),
        pairs=False,
    ),
    elsewhere(
        "quarter_cosine",
        N_("a quarter of a cosine"),
        N_(
            "Your rate follows the first quarter of a cosine, from 1 to 0: slow at first and "
            "steepest at the end. Half a wave is slow at both ends."
        ),
        (RATE, "lr_min + (lr_max - lr_min) * float(np.cos(angle / 2))"),
        where=N_("**½**(lr_max − lr_min)(**1 + cos(π** …))"),
        pairs=False,
    ),
    slip(
        "restart_after_period",
        N_("t = period not restarted"),
        N_(
            "All updates are right but t = period itself, where the rate is lr_min: you take the "
            "remainder only when t is greater than period. At t = period it is lr_max again."
        ),
        ("(t % period)", "(t % period if t > period else t)"),
        where=N_("cos(π (t **mod** period)/period)"),
        pairs=False,
    ),
    slip(
        "one_restart_only",
        N_("only one restart"),
        N_(
            "The rate restarts at t = period and then never again: you subtract period once. It "
            "is gone as often as it fits into t."
        ),
        ("(t % period)", "(t - period if t >= period else t)"),
        where=N_("cos(π (t **mod** period)/period)"),
        pairs=False,
    ),
    slip(
        "bottom_at_restart",
        N_("lr_min at each restart"),
        N_(
            "At t = period, 2 · period, … your rate is lr_min: the wave runs to its end there. At "
            "those updates it is lr_max, the start of the next one."
        ),
        ("(t % period)", "((t - 1) % period + 1 if t else 0)"),
        where=N_("cos(π (t **mod** period)/period)"),
        pairs=False,
    ),
    elsewhere(
        "longer_periods",
        N_("each period twice as long"),
        N_(
            "Each period is twice as long as the one before, as in SGDR with T_mult = 2. Here all "
            "have one length."
        ),
        _doubling,
        where=N_("cos(π (t **mod period**)/period)"),
    ),
    elsewhere(
        "lower_restarts",
        N_("each restart half as high"),
        N_("Each restart begins half as high as the one before. Here all begin at lr_max."),
        (RATE, RATE.replace("lr_max", "lr_max / 2 ** (t // period)")),
        where=N_("½(**lr_max** − lr_min)"),
        pairs=False,
    ),
    elsewhere(
        "climbs_back",
        N_("no restart: it climbs back"),
        N_(
            "After a period your rate climbs back along the wave, as PyTorch's CosineAnnealingLR "
            "does. Here it jumps to lr_max: at t = period a new half wave begins."
        ),
        ("(t % period)", "t"),
        where=N_("cos(π (t **mod period**)/period)"),
    ),
    elsewhere(
        "stays_down",
        N_("no restart: it stays down"),
        N_(
            "After a period your rate stays at lr_min: a single decay, as in many training "
            "scripts. Here it jumps to lr_max: at t = period a new half wave begins."
        ),
        ("(t % period)", "min(t, period)"),
        where=N_("cos(π (t **mod period**)/period)"),
        pairs=False,
    ),
    elsewhere(
        "reaches_minimum",
        N_("divided by period − 1"),
        N_(
            "This divides by period − 1, so the last update of each period has lr_min itself, as "
            "some schedules have it. Here lr_min is what it falls towards."
        ),
        ("(t % period) / period", "(t % period) / (period - 1)"),
        where=N_("cos(π (t mod period)/**period**)"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="cosine_annealing",
    topic=TOPIC,
    points=16,
    returns="rate",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("How far into its period is update t? t % period says it, and it jumps to 0 by itself."),
        N_(
            "(1 + cos)/2 runs from 1 to 0 while its angle runs from 0 to π. That share of the way "
            "from lr_min to lr_max is added to lr_min."
        ),
        N_(
            "On paper, lr_max = 0.5, lr_min = 0.1, period = 4: t = 0 gives 0.5, t = 2 gives 0.3 "
            "(the cosine is 0 there), and t = 4 gives 0.5 again."
        ),
    ),
    praise=N_("At which t would you keep a snapshot for an ensemble? Lesson 09 asks that."),
)
