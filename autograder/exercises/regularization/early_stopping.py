"""`early_stopping`: the best epoch of those trained, and the one at which patience ends."""

from itertools import cycle

import numpy as np

from autograder.exercises.base import Exercise, elsewhere, single, slip
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
    ((6, 4, 5, 4, 4, 3), 4),  # an equal loss after worse ones
)
"""(losses up to scale, patience): one for each edge of the rule."""

SHORT = 6
"""So many losses are shown whole on a card."""

SCALES = ((1.0, 0.0), (3e5, 0.0), (0.02, -3.0))
"""Losses about 1, very large ones, and negative ones, as a log-likelihood has: for answers that
start from a best loss that they made up."""

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
            for curve, (factor, shift) in zip(CURVES, cycle(SCALES), strict=False)
        ),
        *(case("usual", walk, int(rng.integers(2, 6)), 0.1) for walk in walks),
    ]


LOWER = "val_losses[epoch] < val_losses[best_epoch]"
PATIENT = "epoch - best_epoch >= patience"
STOPPED = "return best_epoch, epoch"
END = "return best_epoch, len(val_losses) - 1"


def _total_count(val_losses, patience):
    best_epoch, bad = 0, 0
    for epoch in range(len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch = epoch
        elif epoch > 0:
            bad += 1
        if bad >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _made_up_start(val_losses, patience):
    best, best_epoch, waited = 1.0, 0, 0
    for epoch in range(len(val_losses)):
        if val_losses[epoch] < best:
            best, best_epoch, waited = val_losses[epoch], epoch, 0
        else:
            waited += 1
        if waited >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _started_at_zero(val_losses, patience):
    best, best_epoch, waited = 0.0, 0, 0
    for epoch in range(len(val_losses)):
        if val_losses[epoch] < best:
            best, best_epoch, waited = val_losses[epoch], epoch, 0
        else:
            waited += 1
        if waited >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _best_is_last_fall(val_losses, patience):
    best_epoch = 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[epoch - 1]:
            best_epoch = epoch
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _best_looked_up(val_losses, patience):
    best_epoch = val_losses.index(min(val_losses))
    return best_epoch, min(best_epoch + patience, len(val_losses) - 1)


def _rises_in_a_row(val_losses, patience):
    rises = 0
    for epoch in range(1, len(val_losses)):
        rises = rises + 1 if val_losses[epoch] >= val_losses[epoch - 1] else 0
        if rises >= patience:
            trained = val_losses[: epoch + 1]
            return trained.index(min(trained)), epoch
    return val_losses.index(min(val_losses)), len(val_losses) - 1


def _rises_strictly(val_losses, patience):
    rises = 0
    for epoch in range(1, len(val_losses)):
        rises = rises + 1 if val_losses[epoch] > val_losses[epoch - 1] else 0
        if rises >= patience:
            trained = val_losses[: epoch + 1]
            return trained.index(min(trained)), epoch
    return val_losses.index(min(val_losses)), len(val_losses) - 1


PREVIOUS = N_(
    "You compare each loss with the one before. A curve that falls a little after a rise still "
    "is above its best: compare with the lowest loss so far."
)

MADE_UP = N_(
    "Your best loss starts at 0 or 1, and a first loss above that brings no improvement. Nothing "
    "is known before the first epoch: start from its own loss, or from infinity."
)

MISTAKES = (
    slip(
        "one_too_late",
        N_("one epoch too late"),
        N_(
            "You stop when *more* than patience epochs in a row brought nothing. The one that uses "
            "up patience already is the last."
        ),
        (PATIENT, "epoch - best_epoch >= patience + 1"),
        where=N_("epochs without a lower loss **≥** patience"),
    ),
    slip(
        "one_too_early",
        N_("one epoch too early"),
        N_(
            "You stop one epoch too early, as if the best epoch itself were one that brought "
            "nothing. Counting starts with the one after it."
        ),
        (PATIENT, "epoch - best_epoch >= patience - 1"),
        where=N_("**epochs without a lower loss** ≥ patience"),
    ),
    slip(
        "ties_count",
        N_("an equal loss counts as better"),
        N_("You take a loss that is equal to the best as an improvement. It must be lower."),
        (LOWER, "val_losses[epoch] <= val_losses[best_epoch]"),
        where=N_("**strictly** lower"),
    ),
    slip(
        "never_reset",
        N_("not counted in a row"),
        N_(
            "You count all epochs that brought nothing, from the beginning. A lower loss makes the "
            "trainer patient again: the count starts anew."
        ),
        _total_count,
        where=N_("patience epochs **in a row**"),
    ),
    slip(
        "against_previous",
        N_("compared with the epoch before"),
        PREVIOUS,
        _rises_in_a_row,
        where=N_("no loss lower than **the best so far**"),
    ),
    slip(
        "against_previous_strictly",
        N_("compared with the epoch before"),
        PREVIOUS,
        _rises_strictly,
        where=N_("no loss lower than **the best so far**"),
    ),
    slip(
        "best_is_last_fall",
        N_("compared with the epoch before"),
        PREVIOUS,
        _best_is_last_fall,
        where=N_("no loss lower than **the best so far**"),
    ),
    slip(
        "best_looked_up",
        N_("lowest of the whole list first"),
        N_(
            "You look up the lowest loss of the whole list and count patience from there. The "
            "trainer walks from the front and may have given up long before he sees it."
        ),
        _best_looked_up,
        where=N_("the **first** at which patience epochs in a row brought nothing"),
    ),
    slip(
        "made_up_start",
        N_("starts from a made-up best loss"),
        MADE_UP,
        _made_up_start,
        where=N_("no loss lower than **the best so far**"),
    ),
    slip(
        "started_at_zero",
        N_("starts from a made-up best loss"),
        MADE_UP,
        _started_at_zero,
        where=N_("no loss lower than **the best so far**"),
    ),
    slip(
        "best_of_untrained",
        N_("best epoch never trained"),
        N_(
            "Your best epoch is the lowest of the whole list. After the stop nothing was trained: "
            "those losses nobody would have seen."
        ),
        (STOPPED, "return int(np.argmin(val_losses)), epoch"),
        where=N_("best_epoch **among the epochs trained**"),
    ),
    slip(
        "never_stops",
        N_("never stops"),
        N_("You go to the end of the list whatever happens: patience isn't used."),
        (STOPPED, "break"),
        (END, "return int(np.argmin(val_losses)), len(val_losses) - 1"),
        where=N_("stop when **patience** epochs in a row brought nothing"),
        pairs=False,
    ),
    slip(
        "checked_before",
        N_("checked before the new loss is seen"),
        N_(
            "You give up before you look at the epoch's own loss: one that improves at the last "
            "moment comes too late. First renew the best, then lose patience."
        ),
        (
            f"    if {LOWER}:\n        best_epoch = epoch\n    if {PATIENT}:\n        {STOPPED}",
            f"    if {PATIENT}:\n        {STOPPED}\n    if {LOWER}:\n        best_epoch = epoch",
        ),
        where=N_("**first** a lower loss, **then** patience"),
        pairs=False,
    ),
    slip(
        "highest",
        N_("highest loss for the lowest"),
        N_("You look for the highest value, as one does with an accuracy. A loss is to be low."),
        (LOWER, "val_losses[epoch] > val_losses[best_epoch]"),
        where=N_("no **lower** loss"),
    ),
    slip(
        "number_of_epochs",
        N_("number of epochs for the last one"),
        N_(
            "When patience lasts to the end you return the number of epochs. Counting starts at 0, "
            "so the last one bears a number that is one less."
        ),
        (END, "return best_epoch, len(val_losses)"),
        where=N_("else **the last epoch**"),
    ),
    slip(
        "no_stop_minus_one",
        N_("−1 where nothing stopped"),
        N_("When patience lasts to the end you return −1. The last epoch trained is the last one."),
        (END, "return best_epoch, -1"),
        where=N_("else **the last epoch**"),
    ),
    slip(
        "stop_after",
        N_("first epoch not trained"),
        N_("Your stop_epoch is the first one that isn't trained any more, not the last that was."),
        (STOPPED, "return best_epoch, epoch + 1"),
        where=N_("stop_epoch: the **last** epoch trained"),
    ),
    slip(
        "stop_before",
        N_("one epoch before the last trained"),
        N_("Your stop_epoch is one before the epoch that used up patience. That one was trained."),
        (STOPPED, "return best_epoch, epoch - 1"),
        where=N_("stop_epoch: the **last** epoch trained"),
    ),
    slip(
        "stop_is_patience_later",
        N_("stop always patience after the best"),
        N_(
            "Your stop_epoch always is best_epoch + patience. When the list ends before, nobody "
            "lost patience: the last epoch of the list is the last trained."
        ),
        (END, "return best_epoch, best_epoch + patience"),
        where=N_("else **the last epoch**"),
    ),
    slip(
        "stops_at_best",
        N_("stopped at the best"),
        N_(
            "Your stop_epoch is the best epoch. On that day nobody knew that it was: the trainer "
            "went on for patience epochs more."
        ),
        (STOPPED, "return best_epoch, best_epoch"),
        where=N_("stop_epoch: the last epoch **trained**"),
    ),
    elsewhere(
        "counted_from_one",
        N_("epochs counted from 1"),
        N_("You count epochs from 1, as a training log does. Here the first epoch is 0."),
        (STOPPED, "return best_epoch + 1, epoch + 1"),
        (END, "return best_epoch + 1, len(val_losses)"),
        where=N_("**0-based**"),
        pairs=False,
    ),
    slip(
        "loss_for_epoch",
        N_("best loss for the best epoch"),
        N_("You return the lowest loss. Its epoch is asked for: where in the list it stands."),
        (STOPPED, "return val_losses[best_epoch], epoch"),
        (END, "return val_losses[best_epoch], len(val_losses) - 1"),
        where=N_("**best_epoch**"),
        pairs=False,
    ),
)

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
