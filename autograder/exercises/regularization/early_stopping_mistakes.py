"""Mistakes in `early_stopping`: what counts as better, and when patience ends."""

from autograder.exercises.base import elsewhere, slip
from autograder.exercises.regularization.early_stopping_returns import END, RETURNS, STOPPED
from descentlab.text import N_

LOWER = "val_losses[epoch] < val_losses[best_epoch]"
PATIENT = "epoch - best_epoch >= patience"


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


def _starting_from(best):
    """Edits after which the lowest loss so far starts at `best`, before the first epoch."""
    return (
        (LOWER, f"val_losses[epoch] < min([{best}, *val_losses[:epoch]])"),
        (PATIENT, f"epoch - best_epoch + (val_losses[best_epoch] >= {best}) >= patience"),
    )


def _first_counts(val_losses, patience):
    best_epoch, waited = 0, 0
    for epoch in range(len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch, waited = epoch, 0
        else:
            waited += 1
        if waited >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _early_when_worse(val_losses, patience):
    best_epoch = 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch = epoch
        elif epoch - best_epoch >= patience - 1:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _ties_reset(val_losses, patience):
    best_epoch, waited = 0, 0
    for epoch in range(1, len(val_losses)):
        waited = 0 if val_losses[epoch] <= val_losses[best_epoch] else waited + 1
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch = epoch
        if waited >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _ties_skipped(val_losses, patience):
    best_epoch, waited = 0, 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch, waited = epoch, 0
        elif val_losses[epoch] > val_losses[best_epoch]:
            waited += 1
        if waited >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def _patience_ago(val_losses, patience):
    for epoch in range(patience, len(val_losses)):
        if val_losses[epoch] >= val_losses[epoch - patience]:
            trained = val_losses[: epoch + 1]
            return trained.index(min(trained)), epoch
    return val_losses.index(min(val_losses)), len(val_losses) - 1


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

EARLY = N_(
    "You stop one epoch too early, as if the best epoch itself were one that brought nothing. "
    "Counting starts with the one after it."
)

TIES_WAIT = N_(
    "An epoch as good as the best doesn't use up patience with you. It must be strictly lower to "
    "count as better: an equal one brought nothing."
)

MIN_DELTA = N_(
    "A loss that is lower by very little doesn't count with you, as with a min_delta in Keras. "
    "Here every strictly lower loss is an improvement."
)

MADE_UP = N_(
    "Your best loss starts from a number that you made up, and a first loss above it brings no "
    "improvement. Nothing is known before the first epoch: start from its own loss, or from "
    "infinity."
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
        EARLY,
        (PATIENT, "epoch - best_epoch >= patience - 1"),
        where=N_("**epochs without a lower loss** ≥ patience"),
    ),
    slip(
        "early_when_worse",
        N_("one epoch too early"),
        EARLY,
        _early_when_worse,
        where=N_("**epochs without a lower loss** ≥ patience"),
    ),
    slip(
        "first_counts",
        N_("first epoch counted as one without progress"),
        N_(
            "Your first epoch is compared with its own loss, and counts as one that brought "
            "nothing. Patience begins with the epoch after it."
        ),
        _first_counts,
        where=N_("**epochs without a lower loss** ≥ patience"),
    ),
    slip(
        "ties_reset",
        N_("an equal loss renews patience"),
        TIES_WAIT,
        _ties_reset,
        where=N_("no **strictly** lower loss"),
    ),
    slip(
        "ties_skipped",
        N_("an equal loss isn't counted"),
        TIES_WAIT,
        _ties_skipped,
        where=N_("no **strictly** lower loss"),
    ),
    elsewhere(
        "min_delta",
        N_("small improvements ignored"),
        MIN_DELTA,
        (LOWER, "val_losses[epoch] < val_losses[best_epoch] - 1e-4"),
        where=N_("**strictly** lower"),
        pairs=False,
    ),
    elsewhere(
        "large_min_delta",
        N_("small improvements ignored"),
        MIN_DELTA,
        (LOWER, "val_losses[epoch] < val_losses[best_epoch] - 1e-2"),
        where=N_("**strictly** lower"),
        pairs=False,
    ),
    slip(
        "patience_ago",
        N_("compared with the loss patience epochs ago"),
        N_(
            "You compare each loss with the one patience epochs before. The best of all so far "
            "may be another, and only that one counts."
        ),
        _patience_ago,
        where=N_("no loss lower than **the best so far**"),
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
        *_starting_from("1.0"),
        where=N_("no loss lower than **the best so far**"),
        pairs=False,
    ),
    slip(
        "started_at_zero",
        N_("starts from a made-up best loss"),
        MADE_UP,
        *_starting_from("0.0"),
        where=N_("no loss lower than **the best so far**"),
        pairs=False,
    ),
    slip(
        "started_at_10",
        N_("starts from a made-up best loss"),
        MADE_UP,
        *_starting_from("10.0"),
        where=N_("no loss lower than **the best so far**"),
        pairs=False,
    ),
    slip(
        "started_at_100",
        N_("starts from a made-up best loss"),
        MADE_UP,
        *_starting_from("100.0"),
        where=N_("no loss lower than **the best so far**"),
        pairs=False,
    ),
    slip(
        "started_at_1000",
        N_("starts from a made-up best loss"),
        MADE_UP,
        *_starting_from("1000.0"),
        where=N_("no loss lower than **the best so far**"),
        pairs=False,
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
    *RETURNS,
)
