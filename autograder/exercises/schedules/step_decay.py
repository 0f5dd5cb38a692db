"""`step_decay`. lr0 · drop^⌊t/every⌋."""

from autograder.exercises.base import Exercise, draw, slip
from autograder.exercises.schedules.inputs import TOPIC, rate, updates
from descentlab.text import N_

DROPS = "t // every"
RATE = "lr0 * drop**drops"


def trials(rng):
    """Both sides of the first drops, the middle of a stretch, nine and more drops, and t = 0.

    After 24 drops the rate is between 2e-2 and 6e-7 of the first: a least one would be seen.
    """

    def around(every):
        third = 3 * every
        times = (
            third,
            every - 1,
            every,
            every + 1,
            2 * every - 1,
            2 * every + 1,
            third - 2,
            20,
            1,
            9 * every + 2,
            25 * every - 1,
            0,
        )
        return updates("usual", times, rate(rng), drop=draw(rng, 0.55, 0.85), every=every)

    paper = {"drop": float(rng.choice([0.2, 0.4])), "every": 3}
    example = updates("example", [rng.choice([7, 8])], 0.5, **paper)
    return [*example, *around(int(rng.integers(5, 9))), *around(int(rng.integers(11, 16)))]


MISTAKES = (
    slip(
        "no_floor",
        N_("t/every not rounded down"),
        N_(
            "Your rate falls a little at every update: the exponent isn't a whole number. A drop "
            "comes all at once, when `every` updates are over."
        ),
        (DROPS, "t / every"),
        where=N_("lr0 · drop^**⌊**t/every**⌋**"),
    ),
    slip(
        "rounded",
        N_("t/every rounded to the nearest"),
        N_("t/every is rounded to the nearest whole number: each drop comes half a stretch early."),
        (DROPS, "round(t / every)"),
        where=N_("lr0 · drop^**⌊**t/every**⌋**"),
    ),
    slip(
        "rounded_up",
        N_("t/every rounded up"),
        N_("t/every is rounded up: the first drop comes at t = 1. Finished stretches are counted."),
        (DROPS, "-(-t // every)"),
        where=N_("lr0 · drop^**⌊**t/every**⌋**"),
    ),
    slip(
        "one_update_early",
        N_("drop one update early"),
        N_("Each drop comes one update early: you count with t + 1. t counts from 0 here."),
        (DROPS, "(t + 1) // every"),
        where=N_("lr0 · drop^⌊**t**/every⌋"),
    ),
    slip(
        "one_update_late",
        N_("drop one update late"),
        N_(
            "Each drop comes one update late. At t = every the rate is lower already: look at a "
            "> that should be a >=, or at t − 1."
        ),
        (DROPS, "max(0, t - 1) // every"),
        where=N_("lr0 · drop^⌊**t**/every⌋"),
    ),
    slip(
        "one_drop_too_many",
        N_("a drop at the start"),
        N_("There is one drop too many: the rate of update 0 is lr0 itself."),
        (DROPS, "t // every + 1"),
        where=N_("lr0 · drop^**⌊t/every⌋**"),
    ),
    slip(
        "dropped_once_only",
        N_("only one drop"),
        N_("The rate drops once and stays there. It drops again after every further stretch."),
        (DROPS, "min(1, t // every)"),
        where=N_("lr0 · drop^**⌊t/every⌋**"),
    ),
    slip(
        "only_at_multiples",
        N_("lower only at the multiples"),
        N_(
            "The rate is lower at t = every, 2 · every, … and jumps back to lr0 after. A drop "
            "stays, and the next one comes on top of it."
        ),
        (DROPS, "int(t > 0 and t % every == 0)"),
        where=N_("lr0 · drop^**⌊t/every⌋**"),
    ),
    slip(
        "only_at_multiples_and_start",
        N_("lower only at the multiples, and at 0"),
        N_(
            "The rate is lower at t = 0, every, 2 · every, … and jumps back to lr0 after. A drop "
            "stays, and the next one comes on top of it; at t = 0 there has been none."
        ),
        (DROPS, "int(t % every == 0)"),
        where=N_("lr0 · drop^**⌊t/every⌋**"),
    ),
    slip(
        "once_at_multiples_counted",
        N_("drops only at the multiples"),
        N_(
            "At t = every, 2 · every, … the rate is right, and between them it jumps back to lr0. "
            "A drop stays until the next one."
        ),
        (DROPS, "t // every if t % every == 0 else 0"),
        where=N_("lr0 · drop^**⌊t/every⌋**"),
        pairs=False,
    ),
    slip(
        "remainder",
        N_("remainder in place of quotient"),
        N_(
            "The exponent is t % every, the updates since the last drop. It is the number of "
            "drops so far that counts: how often `every` goes into t."
        ),
        (DROPS, "t % every"),
        where=N_("lr0 · drop^**⌊t/every⌋**"),
    ),
    slip(
        "at_every_update",
        N_("a drop at every update"),
        N_("The rate drops at every update: `every` isn't in the exponent."),
        (DROPS, "t"),
        where=N_("lr0 · drop^⌊t**/every**⌋"),
    ),
    slip(
        "times_every",
        N_("t · every in the exponent"),
        N_("t is multiplied by `every`. How many stretches of that length fit into t?"),
        (DROPS, "t * every"),
        where=N_("lr0 · drop^⌊t**/**every⌋"),
    ),
    slip(
        "fraction_reversed",
        N_("every/t in the exponent"),
        N_("You divide `every` by t. How many stretches of that length fit into t?"),
        (DROPS, "every // t"),
        where=N_("lr0 · drop^⌊**t/every**⌋"),
    ),
    slip(
        "every_fixed",
        N_("a fixed 10 for every"),
        N_("The rate drops every 10 updates whatever `every` is: a fixed number stands for it."),
        (DROPS, "t // 10"),
        where=N_("lr0 · drop^⌊t/**every**⌋"),
    ),
    slip(
        "multiplied_drops",
        N_("drop times the number of drops"),
        N_(
            "drop is multiplied by the number of drops, so the rate is 0 at first and grows. Each "
            "drop multiplies once more: that makes a power."
        ),
        (RATE, "lr0 * drop * drops"),
        where=N_("lr0 · drop**^**⌊t/every⌋"),
    ),
    slip(
        "subtracted_share",
        N_("same amount at each drop"),
        N_(
            "At each drop the same amount goes, drop · lr0, and the rate falls below 0 in the end. "
            "Each drop keeps a share of what there is."
        ),
        (RATE, "lr0 * (1 - drop * drops)"),
        where=N_("lr0 · **drop^⌊t/every⌋**"),
    ),
    slip(
        "subtracted",
        N_("drop subtracted"),
        N_(
            "At each drop you subtract drop itself. It is a factor: each drop keeps a share of "
            "what there is."
        ),
        (RATE, "lr0 - drop * drops"),
        where=N_("lr0 **· drop^⌊t/every⌋**"),
    ),
    slip(
        "share_lost",
        N_("drop taken as the share lost"),
        N_("The factor is 1 − drop: you read drop as the share that goes. It is what stays."),
        (RATE, "lr0 * (1 - drop) ** drops"),
        where=N_("lr0 · **drop**^⌊t/every⌋"),
    ),
    slip(
        "grows",
        N_("divided, so that it grows"),
        N_("You divide by the power, so the rate rises at each drop: drop is below 1."),
        (RATE, "lr0 / drop**drops"),
        where=N_("lr0 **·** drop^⌊t/every⌋"),
    ),
    slip(
        "power_of_product",
        N_("lr0 inside the power"),
        N_("lr0 is raised to the power, too. Only drop is; Python takes ** before *."),
        (RATE, "(lr0 * drop) ** drops"),
        where=N_("**lr0 ·** drop^⌊t/every⌋"),
    ),
    slip(
        "factor_returned",
        N_("lr0 missing"),
        N_("You return the factor alone. It belongs to the rate of update 0."),
        (RATE, "drop**drops"),
        where=N_("**lr0 ·** drop^⌊t/every⌋"),
    ),
    slip(
        "what_is_lost",
        N_("what is lost, not what stays"),
        N_("You return what lr0 has lost so far. What is left of it?"),
        (RATE, "lr0 - lr0 * drop**drops"),
        where=N_("lr0 · **drop^⌊t/every⌋**"),
        pairs=False,
    ),
    slip(
        "longer_stretch",
        N_("every + 1 updates to a drop"),
        N_("Each stretch is one update too long: the next drop comes after every + 1 updates."),
        (DROPS, "t // (every + 1)"),
        where=N_("lr0 · drop^⌊t/**every**⌋"),
    ),
    slip(
        "drop_once_whatever",
        N_("exponent missing"),
        N_("You return lr0 · drop at every t: the number of drops is missing."),
        (RATE, "lr0 * drop"),
        where=N_("lr0 · drop**^⌊t/every⌋**"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="step_decay",
    topic=TOPIC,
    points=10,
    returns="rate",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("First count: how many drops are behind you at update t? At t = every it is one."),
        N_("Each drop multiplies what is left by drop. Three drops make drop · drop · drop."),
        N_(
            "On paper, lr0 = 0.8, drop = 0.5, every = 3: t = 2 gives 0.8, 3 gives 0.4, 6 gives 0.2."
        ),
    ),
    praise=N_("PyTorch calls it StepLR. On which curve do all its corners lie?"),
)
