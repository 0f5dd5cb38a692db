"""`early_stopping`: the best epoch of those trained, and the one at which patience ends."""

from itertools import cycle

import numpy as np

from autograder.exercises.base import Exercise, single
from autograder.exercises.regularization.early_stopping_mistakes import MISTAKES
from autograder.exercises.regularization.inputs import TOPIC
from descentlab.text import N_

CURVES = (
    ((9, 5, 7, 6, 4), 2),  # stops, and never sees the lowest
    ((5, 3, 3, 4, 2, 1), 2),  # an equal loss is no improvement
    ((5, 4, 4.5, 1), 1),
    ((5, 4, 3, 3.5, 2), 3),  # no stop, the best is the last
    ((5, 2, 3, 4), 3),  # no stop, one epoch of patience is left
    ((2,), 2),
    ((5, 3, 4, 6), 2),  # patience ends with the last epoch
    ((1, 2, 3, 4), 2),
    ((5, 3, 4, 2, 6, 1), 2),  # improves at the last moment, twice
    ((9, 8, 10, 7, 11, 6, 8, 7.5, 6.5, 5, 12), 3),  # improvements start the count anew
    ((9, 5, 8, 7, 6, 5.5, 4), 3),  # falls again, and stays above the best
    ((8, 3, 4, 3.5, 2, 5, 6, 7, 1), 3),  # saved at the last moment, then given up
    ((5, 3, 4, 3, 4, 6, 7), 3),  # an equal loss neither renews patience nor spares it
    ((6, 4, 5, 4, 4, 3), 4),  # an equal loss after worse ones
)
"""(losses up to scale, patience): one for each edge of the rule."""

SHORT = 6
"""So many losses are shown whole on a card."""

SCALES = ((1.0, 0.0), (3e5, 0.0), (0.02, -3.0), (1e-6, 0.4), (40.0, 0.0), (3e3, 0.0))
"""Losses about 1, large ones, and negative ones, as a log-likelihood has: for answers that start
from a best loss that they made up. Some hardly move: strictly lower is lower, by however little."""

WALKS = 12


def trials(rng):
    """The curves above, as round numbers to be shown where they are short, and at random levels;
    random walks on few levels, so that ties occur."""

    def case(label, curve, patience, factor, shift=0.0):
        return single(label, [float(factor * loss + shift) for loss in curve], patience)

    def rounded(curve, patience):
        tenths = int(rng.integers(1, 4))
        label = "example" if len(curve) <= SHORT else "usual"
        return single(label, [round(tenths * loss / 10, 2) for loss in curve], patience)

    walks = [np.abs(rng.integers(-3, 4, size=n).cumsum()) for n in rng.integers(15, 40, size=WALKS)]
    return [
        *(rounded(*curve) for curve in CURVES),
        *(
            case("usual", *curve, factor * rng.uniform(0.08, 0.12), shift)
            for curve, (factor, shift) in zip(3 * CURVES, cycle(SCALES), strict=False)
        ),
        *(case("usual", walk, int(rng.integers(2, 6)), 0.1) for walk in walks),
    ]


EXERCISE = Exercise(
    name="early_stopping",
    topic=TOPIC,
    points=9,
    returns=("best_epoch", "stop_epoch"),
    trials=trials,
    mistakes=MISTAKES,
    parts={"best_epoch": 0.5, "stop_epoch": 0.5},
    hints=(
        N_(
            "Walk through the epochs as the trainer does: he knows the losses up to now, and "
            "which was the lowest."
        ),
        N_(
            "How long ago was the best epoch? That one number says whether patience is used up, "
            "and a new best sets it to 0."
        ),
        N_(
            "On paper, with losses 0.9, 0.5, 0.6, 0.5, 0.1 and patience 2: epoch 1 is the best, "
            "epochs 2 and 3 aren't lower, and the 0.1 is never trained: (1, 3)."
        ),
    ),
    praise=N_("The weights of best_epoch are gone by stop_epoch: what must a trainer keep?"),
)
