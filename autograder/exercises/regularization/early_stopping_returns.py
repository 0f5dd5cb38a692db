"""Mistakes in what `early_stopping` returns, where its decisions are right."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

STOPPED = "return best_epoch, epoch"
END = "return best_epoch, len(val_losses) - 1"


def _first_rise(val_losses, patience):
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] > val_losses[epoch - 1]:
            return epoch - 1, epoch
    return len(val_losses) - 1, len(val_losses) - 1


RETURNS = (
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
        pairs=False,
    ),
    slip(
        "stopped_in_next",
        N_("first epoch not trained"),
        N_(
            "You notice that patience is used up when the next epoch begins, and return that one. "
            "stop_epoch is the last that was trained."
        ),
        (STOPPED, "return best_epoch, min(epoch + 1, len(val_losses) - 1)"),
        where=N_("stop_epoch: the **last** epoch trained"),
        pairs=False,
    ),
    slip(
        "last_not_seen",
        N_("last epoch not looked at"),
        N_(
            "You don't look at the last loss of the list: an improvement there is missed. Where "
            "does your loop end?"
        ),
        ("range(len(val_losses))", "range(len(val_losses) - 1)"),
        where=N_("**all** epochs, the last one too"),
        pairs=False,
    ),
    slip(
        "best_counted_from_one",
        N_("best epoch counted from 1"),
        N_("stop_epoch counts from 0, and your best_epoch counts from 1. The first epoch is 0."),
        (STOPPED, "return best_epoch + 1, epoch"),
        (END, "return best_epoch + 1, len(val_losses) - 1"),
        where=N_("best_epoch, **0-based**"),
        pairs=False,
    ),
    slip(
        "stop_counted_from_one",
        N_("last epoch counted from 1"),
        N_("best_epoch counts from 0, and your stop_epoch is the *number* of epochs trained."),
        (STOPPED, "return best_epoch, epoch + 1"),
        (END, "return best_epoch, len(val_losses)"),
        where=N_("stop_epoch, **0-based**"),
        pairs=False,
    ),
    slip(
        "last_of_equals",
        N_("last of equally good epochs"),
        N_("Of epochs that are equally good you return the last. The best one is the first."),
        (
            STOPPED,
            "return max(i for i in range(epoch + 1) if val_losses[i] == val_losses[best_epoch]), "
            "epoch",
        ),
        (
            END,
            "epoch = len(val_losses) - 1\n"
            "return max(i for i in range(epoch + 1) if val_losses[i] == val_losses[best_epoch]), "
            "epoch",
        ),
        where=N_("**strictly** lower"),
        pairs=False,
    ),
    slip(
        "best_is_patience_before",
        N_("best epoch always patience before the stop"),
        N_(
            "Your best_epoch always is stop_epoch − patience. When the list ends before patience "
            "does, the best epoch is nearer."
        ),
        (END, "return max(len(val_losses) - 1 - patience, 0), len(val_losses) - 1"),
        where=N_("**best_epoch**"),
        pairs=False,
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
    slip(
        "stops_at_best_always",
        N_("best epoch returned twice"),
        N_(
            "Your stop_epoch is the best epoch, also where the list ends. It is the last one that "
            "was trained, which comes later unless the last one is the best."
        ),
        (STOPPED, "return best_epoch, best_epoch"),
        (END, "return best_epoch, best_epoch"),
        where=N_("stop_epoch: the last epoch **trained**"),
        pairs=False,
    ),
    slip(
        "best_counted_back",
        N_("best epoch counted back from the stop"),
        N_(
            "Your best_epoch always is stop_epoch − patience, even below 0. When the list ends "
            "before patience does, the best epoch is nearer."
        ),
        (END, "return len(val_losses) - 1 - patience, len(val_losses) - 1"),
        where=N_("**best_epoch**"),
        pairs=False,
    ),
    slip(
        "stop_always_before",
        N_("one epoch before the last trained"),
        N_(
            "Your stop_epoch is one before the last epoch that was trained, also where the list "
            "ends."
        ),
        (STOPPED, "return best_epoch, epoch - 1"),
        (END, "return best_epoch, len(val_losses) - 2"),
        where=N_("stop_epoch: the **last** epoch trained"),
        pairs=False,
    ),
    slip(
        "first_rise",
        N_("stopped at the first rise"),
        N_("You stop at the first loss that is higher than the one before: patience isn't used."),
        _first_rise,
        where=N_("**patience** epochs in a row"),
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
