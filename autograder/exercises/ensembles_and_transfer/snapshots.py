"""`snapshot_epochs`: when a model of its own is taken out of one training."""

import numpy as np

from autograder.exercises.base import Exercise, single, slip
from autograder.exercises.ensembles_and_transfer.averages import TOPIC
from descentlab.text import N_


def snapshot_trials(rng):
    """Even cycles; remainders, one of them longer than a cycle; one cycle; cycles of one epoch."""

    def one(label, per_cycle, cycles, rest):
        return single(label, per_cycle * cycles + rest, cycles)

    return [
        one("example", int(rng.integers(4, 9)), 3, 0),
        one("usual", int(rng.integers(4, 12)), int(rng.integers(3, 7)), 0),
        one("usual", int(rng.integers(6, 12)), 5, 2),
        one("usual", int(rng.integers(5, 9)), 4, 3),
        one("usual", int(rng.integers(6, 12)), 3, 2),
        one("usual", 2, 7, int(rng.integers(4, 6))),
        one("usual", int(rng.integers(3, 30)), 1, 0),
        one("usual", 1, int(rng.integers(3, 8)), 0),
    ]


def _rounded(total_epochs, cycles):
    return [round((cycle + 1) * total_epochs / cycles) - 1 for cycle in range(cycles)]


def _floored(total_epochs, cycles):
    return [(cycle + 1) * total_epochs // cycles - 1 for cycle in range(cycles)]


def _ceiled(total_epochs, cycles):
    return [-(-(cycle + 1) * total_epochs // cycles) - 1 for cycle in range(cycles)]


def _first_ones_longer(total_epochs, cycles):
    length, rest = divmod(total_epochs, cycles)
    return [cycle * length + min(cycle, rest) - 1 for cycle in range(1, cycles + 1)]


def _first_longer(total_epochs, cycles):
    length, rest = divmod(total_epochs, cycles)
    return [cycle * length + rest - 1 for cycle in range(1, cycles + 1)]


def _every_multiple(total_epochs, cycles):
    length = total_epochs // cycles
    return [epoch for epoch in range(total_epochs) if (epoch + 1) % length == 0]


def _linspace(total_epochs, cycles):
    return [int(e) for e in np.linspace(0, total_epochs - 1, cycles + 1)[1:]]


def _linspace_from_start(total_epochs, cycles):
    return [int(e) for e in np.linspace(0, total_epochs - 1, cycles)]


def _with_remainder_as_cycle(total_epochs, cycles):
    length = total_epochs // cycles
    ends = [cycle * length - 1 for cycle in range(1, cycles + 1)]
    return ends if ends[-1] == total_epochs - 1 else [*ends, total_epochs - 1]


SNAPSHOTS = Exercise(
    name="snapshot_epochs",
    topic=TOPIC,
    points=18,
    returns="epochs",
    trials=snapshot_trials,
    mistakes=(
        slip(
            "counted_from_one",
            N_("counted from 1"),
            N_("Every entry is one too large: epochs count from 0, so the last of 10 is 9."),
            ("cycle * length - 1", "cycle * length"),
            ("total_epochs - 1", "total_epochs"),
            where=N_("last epoch of a cycle: end **− 1**"),
        ),
        slip(
            "cycle_starts",
            N_("first epochs, not last"),
            N_(
                "These are the epochs in which cycles begin. A snapshot is taken at the end, when "
                "the learning rate is smallest."
            ),
            lambda total_epochs, cycles: [
                cycle * (total_epochs // cycles) for cycle in range(cycles)
            ],
        ),
        slip(
            "remainder_left_over",
            N_("remainder left over"),
            N_(
                "When the epochs don't divide evenly, the last snapshot comes before the last "
                "epoch. The remainder lengthens the last cycle."
            ),
            ("epochs.append(total_epochs - 1)", "epochs.append(cycles * length - 1)"),
            where=N_("the last entry is **total_epochs − 1**"),
        ),
        slip(
            "remainder_its_own_cycle",
            N_("one snapshot too many"),
            N_("The remainder has become a cycle of its own. It belongs to the last cycle."),
            _with_remainder_as_cycle,
        ),
        slip(
            "spread_evenly",
            N_("remainder spread over the cycles"),
            N_(
                "When the epochs don't divide evenly, you spread the remainder over the cycles. "
                "Here all cycles are ⌊total/cycles⌋ long, and the last one takes the rest."
            ),
            _floored,
        ),
        slip(
            "spread_upwards",
            N_("remainder spread over the cycles"),
            N_(
                "When the epochs don't divide evenly, you spread the remainder over the cycles and "
                "round up. Here all cycles are ⌊total/cycles⌋ long, and the last one takes the "
                "rest."
            ),
            _ceiled,
        ),
        slip(
            "first_ones_longer",
            N_("the first cycles longer"),
            N_(
                "The first cycles are one epoch longer than the others, as np.array_split makes "
                "them. Here the last one takes the whole remainder."
            ),
            _first_ones_longer,
        ),
        slip(
            "first_longer",
            N_("remainder in the first cycle"),
            N_("The remainder lengthens the first cycle. It lengthens the last one."),
            _first_longer,
        ),
        slip(
            "every_multiple",
            N_("a snapshot at every multiple"),
            N_(
                "There is a snapshot after every ⌊total/cycles⌋ epochs. When the remainder is "
                "longer than that, these are too many: there are `cycles` of them."
            ),
            _every_multiple,
        ),
        slip(
            "rounded",
            N_("cycle ends rounded"),
            N_("The ends are rounded. All cycles but the last have the length ⌊total/cycles⌋."),
            _rounded,
        ),
        slip(
            "rounded_up",
            N_("cycle length rounded up"),
            N_("The cycles are ⌈total/cycles⌉ long, so the last one comes out too short."),
            ("total_epochs // cycles", "-(-total_epochs // cycles)"),
            where=N_("length = **⌊**total/cycles**⌋**"),
        ),
        slip(
            "length_rounded",
            N_("cycle length rounded"),
            N_("total/cycles is rounded to the nearest whole number. It is rounded down."),
            ("total_epochs // cycles", "max(1, round(total_epochs / cycles))"),
            where=N_("length = **⌊**total/cycles**⌋**"),
            pairs=False,
        ),
        slip(
            "last_missing",
            N_("last snapshot missing"),
            N_("The end of the last cycle is missing."),
            ("epochs.append(total_epochs - 1)\n", ""),
        ),
        slip(
            "every_length",
            N_("cycle length taken for the number of cycles"),
            N_("`cycles` is how many cycles there are, not how long each is."),
            lambda total_epochs, cycles: list(range(cycles - 1, total_epochs, cycles)),
        ),
        slip(
            "linspace",
            N_("evenly spaced points"),
            N_("Evenly spaced points, cut to whole numbers, aren't the ends of equal cycles."),
            _linspace,
        ),
        slip(
            "length_not_whole",
            N_("cycle length with a fraction"),
            N_(
                "A cycle is total/cycles epochs long with you, which has a fraction when they "
                "don't divide evenly. The length is rounded down, and the last cycle takes the "
                "rest."
            ),
            lambda total_epochs, cycles: [
                (cycle + 1) * (total_epochs / cycles) - 1 for cycle in range(cycles)
            ],
            where=N_("length = **⌊**total/cycles**⌋**"),
        ),
        slip(
            "last_counted_from_one",
            N_("last entry counted from 1"),
            N_("The last entry is the number of epochs. They count from 0."),
            ("epochs.append(total_epochs - 1)", "epochs.append(total_epochs)"),
            where=N_("the last entry is total_epochs **− 1**"),
            pairs=False,
        ),
        slip(
            "one_cycle_early",
            N_("one cycle too early"),
            N_(
                "Your cycles are numbered from 0, so the first entry is −1 and the end of the last "
                "cycle is missing."
            ),
            lambda total_epochs, cycles: [
                cycle * (total_epochs // cycles) - 1 for cycle in range(cycles)
            ],
        ),
        slip(
            "linspace_from_start",
            N_("evenly spaced points from epoch 0"),
            N_(
                "Your points are spread evenly from epoch 0 on, and cut to whole numbers. The "
                "first snapshot comes at the end of the first cycle."
            ),
            _linspace_from_start,
        ),
    ),
    hints=(
        N_("12 epochs in 3 cycles: 0–3, 4–7, 8–11. Which are the last ones?"),
        N_("14 epochs in 3 cycles: 4, 4 and 6 epochs. The last entry always is total_epochs − 1."),
    ),
    praise=N_("Which schedule of lesson 05 has its lowest learning rate in just these epochs?"),
)
