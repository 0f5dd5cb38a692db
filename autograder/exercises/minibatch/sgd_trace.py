"""What `sgd` did, read off the calls of loss_and_grad: batches, steps and losses.

A call counts as a step when theta is another one afterwards. So a look at a loss in between, or the
same call made twice, does a right answer no harm.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autograder.exercises.base import Measurement
from autograder.exercises.minibatch.measuring import (
    PROPERTIES,
    Rows,
    always,
    correlation,
    one_cycle,
    order_measurements,
    rare,
    relative,
    repeated,
    share,
)
from descentlab.text import N_, _

MANY = 200
"""From so many examples on the order is measured, too: a bound of 7/√199 = 0.5 leaves 1 outside."""

ROUNDING = 1e-9
"""Relative; the sums have 40 terms of size 1, and steps are a hundredth of theta: 1e-13."""

SENTENCES = {
    **PROPERTIES,
    "steps": (
        N_("not a step for every batch"),
        N_(
            "The number of steps isn't ⌈n/B⌉ times epochs. Every batch is followed by a step, and "
            "the next batch meets the new theta."
        ),
    ),
    "start": (
        N_("started elsewhere"),
        N_("The first gradient isn't asked for at the theta that was passed in. Start there."),
    ),
    "sizes": (
        N_("batches of another size"),
        N_(
            "loss_and_grad gets batches of another size than batch_size, or the rest of the epoch "
            "isn't a batch of its own."
        ),
    ),
    "update": (
        N_("another step than θ − α∇L"),
        N_(
            "Between two calls of loss_and_grad theta doesn't move by −lr times the gradient that "
            "came back. The table shows how long your steps are, in units of the right one."
        ),
    ),
    "returned": (
        N_("not the last theta returned"),
        N_("The theta that you return isn't the one after the last step."),
    ),
    "losses": (
        N_("other losses than the steps' own"),
        N_(
            "losses doesn't hold, for each step, the loss of its own batch before the step, as "
            "loss_and_grad returned it."
        ),
    ),
}
"""Property -> (title, what is said when it fails and no listed mistake is recognized)."""


@dataclass(frozen=True)
class Step:
    """One call of loss_and_grad, and theta after it."""

    theta: np.ndarray
    x_b: np.ndarray
    y_b: np.ndarray
    after: np.ndarray

    @property
    def moved(self):
        return not np.array_equal(self.theta, self.after)


def measure(records):
    """Each record on its own, since a slip may show in one of them only; and what no order of all
    the nine epochs may have in common: by chance with 1/(240³ · 20² · 9² · 12²) = 2e-14."""
    orders = []
    found = [measurement for record in records for measurement in _measure_one(record, orders)]
    whole = [(order, n) for order, n in orders if len(order)]
    if not whole:
        return found
    return [
        *found,
        always(
            _("share of epochs that begin with the first example"),
            [order[0] == 0 for order, _n in whole],
        ),
        always(
            _("share of epochs that end with the last example"),
            [order[-1] == n - 1 for order, n in whole],
        ),
        always(
            _("share of epochs whose order is a single cycle"),
            [one_cycle(order) for order, _n in whole],
        ),
    ]


def _measure_one(record, orders):
    """Measurements of one call; the orders of its epochs, with n, are added to `orders`."""
    loss_and_grad, theta, x, y = record.call.args
    batch_size, epochs = (record.call.kwargs[name] for name in ("batch_size", "epochs"))
    per_epoch = -(-len(x) // batch_size)
    calls = _calls(record)
    expected = per_epoch * epochs
    moving = [call for call in calls if call.moved]
    if len(moving) == expected - 1 and not calls[-1].moved:
        moving.append(calls[-1])  # all steps but the last were made: it is about what is returned
    steps = moving if len(moving) == expected else calls
    right = [loss_and_grad.function(step.theta, step.x_b, step.y_b) for step in steps]
    started = bool(steps) and np.array_equal(steps[0].theta, theta)
    return [
        Measurement(_("steps"), len(moving), expected, 0, "steps"),
        Measurement(_("started elsewhere"), float(not started), 0, 0, "start"),
        *_batches(steps, x, y, batch_size, per_epoch, epochs, orders),
        *_updates(steps, [-record.call.kwargs["lr"] * grad for _loss, grad in right], per_epoch),
        *_losses(record.value[1], [loss for loss, _grad in right]),
    ]


def _calls(record):
    """The calls in order; theta may have been handed over in another shape of the same size."""
    last = np.asarray(record.value[0], float)
    asked = [
        [np.asarray(argument, float) for argument in arguments]
        for _name, arguments in record.asked
        if len(arguments) == 3 and np.size(arguments[0]) == last.size
    ]
    thetas = [theta.reshape(last.shape) for theta, _x_b, _y_b in asked] + [last]
    return [
        Step(theta, x_b, y_b, after)
        for (theta, after), (_theta, x_b, y_b) in zip(pairwise(thetas), asked, strict=True)
    ]


def _batches(steps, x, y, batch_size, per_epoch, epochs, orders):
    """Sizes, rows, pairs, each example once an epoch; the order where there are examples enough."""
    find_x, find_y = Rows(x), Rows(y)
    sizes = [batch_size] * (per_epoch - 1) + [len(x) - batch_size * (per_epoch - 1)]
    wrong = sum(len(step.x_b) != size for step, size in zip(steps, sizes * epochs, strict=False))
    of_x = [find_x.numbers(step.x_b) for step in steps]
    of_y = [find_y.numbers(step.y_b) for step in steps]
    apart = sum(
        np.count_nonzero(one[: len(two)] != two[: len(one)])
        for one, two in zip(of_x, of_y, strict=True)
    )
    rounds = [
        np.concatenate([np.array([], int), *of_x[i * per_epoch : (i + 1) * per_epoch]])
        for i in range(epochs)
    ]
    orders += [(order, len(x)) for order in rounds]
    rows = sum(map(len, of_x))
    missing = sum(len(x) - len(np.unique(order[order >= 0])) for order in rounds)
    foreign = sum(np.count_nonzero(numbers < 0) for numbers in (*of_x, *of_y))
    found = [
        share(
            _("share of rows that aren't in the data"),
            foreign,
            2 * rows,
            "rows",
        ),
        share(_("share of rows beside another one's y"), apart, rows, "pairs"),
        share(
            _("share of examples missing in an epoch"),
            missing,
            epochs * len(x),
            "once",
        ),
        rare(
            _("2√ of the number of doubles within a batch"),
            repeated(of_x),
            "once",
        ),
        share(_("share of batches of another size"), wrong, len(steps), "sizes"),
    ]
    if len(x) >= MANY:
        beside = np.concatenate([np.array([], int), *of_y[:per_epoch]])
        found += order_measurements(_("rows of y in epoch 1"), beside)
        for epoch, order in enumerate(rounds):
            found += order_measurements(
                _("rows of x in epoch {epoch}").format(epoch=epoch + 1), order
            )
        for epoch, (one, two) in enumerate(pairwise(rounds)):
            found.append(
                correlation(
                    _("correlation of the orders in epochs {one} and {two}").format(
                        one=epoch + 1, two=epoch + 2
                    ),
                    one,
                    two,
                )
            )
            found += order_measurements(
                _("rows of epoch {two}, counted as in epoch {one}").format(
                    one=epoch + 1, two=epoch + 2
                ),
                relative(one, two),
            )
    return found


def _updates(steps, right, per_epoch):
    """Length of the steps in units of the right ones, and how far they point elsewhere.

    The last step, to what is returned, is looked at on its own. The shares of equal lengths only
    tell wrong answers apart: any value is right.
    """
    lengths, aside, sizes = [], [], []
    for step, way in zip(steps, right, strict=True):
        done = step.after - step.theta
        size = np.linalg.norm(done)
        lengths.append(np.vdot(done, way) / np.vdot(way, way))
        aside.append(np.linalg.norm(done - lengths[-1] * way) / size if size else 0.0)
        sizes.append(size)
    last = bool(steps) and abs(lengths[-1] - 1) < ROUNDING and aside[-1] < ROUNDING
    *lengths, _last = lengths or [0.0]
    return (
        _off(_("share of steps that are off"), np.abs(np.array(lengths) - 1), "update"),
        _mean(_("length of the steps"), lengths, 1, "update"),
        _mean(_("part of the steps that points elsewhere"), aside[:-1], 0, "update"),
        Measurement(_("last theta not returned"), float(not last), 0, 0, "returned"),
        _alike(_("share of steps with the first one's factor"), lengths, "update"),
        _alike(_("share of steps as long as the first"), sizes, "update"),
        *_kinds(steps, right, lengths, aside, per_epoch),
    )


def _kinds(steps, right, lengths, aside, per_epoch):
    """What kind of another step it is; only to tell wrong answers apart, any value is right.

    The shares don't depend on what is drawn, so two answers of one kind have the same ones exactly:
    of steps that point elsewhere, of those with the factor of their epoch's first, of those that
    are no sum of the right step and a share of the step before. That share is a number for
    momentum, and 1 where gradients pile up.
    """
    before, shares, others = None, [], 0
    for step, way in zip(steps, right, strict=True):
        done = step.after - step.theta
        if before is not None:
            rest, size = done - way, np.vdot(before, before)
            shares.append(np.vdot(rest, before) / size if size else 0.0)
            others += np.linalg.norm(rest - shares[-1] * before) > 1e-7 * np.linalg.norm(way)
        before = done
    elsewhere = np.count_nonzero(np.array(aside[:-1]) > 1e-7)
    alike = sum(
        abs(length - lengths[i - i % per_epoch]) < 1e-7 * abs(length)
        for i, length in enumerate(lengths)
    )
    count = max(len(lengths), 1)
    late = lengths[-per_epoch:]
    return (
        _kind(_("share of steps that point elsewhere"), elsewhere / count),
        _kind(_("share of steps with the factor of their epoch's first"), alike / count),
        _kind(_("share of steps with something of no step before"), others / count),
        _kind(
            _("share of the step before that is in a step"),
            np.mean(shares or [0.0]),
            np.std(shares or [0.0]) / np.sqrt(count),
        ),
        _kind(
            _("length of the steps towards the end"),
            np.mean(late or [0.0]),
            np.std(late or [0.0]) / np.sqrt(max(len(late), 1)),
        ),
    )


def _kind(name, value, spread=0.0):
    return Measurement(name, float(value), 0, np.inf, "update", spread + 1e-7)


def _losses(losses, own):
    """The returned losses beside those of the steps."""
    length = min(len(own), len(losses))
    ratio = np.array([float(loss) for loss in losses[:length]]) / np.array(own[:length])
    return (
        _off(_("share of losses that are off"), np.abs(ratio - 1), "losses"),
        Measurement(_("first loss off"), float(_far(ratio[:1])), 0, 0, "losses"),
        _mean(_("losses, divided by the right ones"), ratio, 1, "losses"),
    )


def _mean(name, values, expected, property):
    """A mean that is exact when right; between wrong answers it differs as its values vary."""
    if not len(values):
        return Measurement(name, float(expected), expected, 0, property)
    spread = np.std(values) / np.sqrt(len(values))
    return Measurement(name, float(np.mean(values)), expected, 0, property, spread)


def _alike(name, values, property):
    """How many are as the first: to tell wrong answers apart, any share is right."""
    same = np.isclose(values, values[0], rtol=1e-6, atol=0) if len(values) else np.zeros(1)
    spread = share(name, np.count_nonzero(same), len(same), property).spread
    return Measurement(name, np.mean(same), 0, np.inf, property, spread)


def _off(name, distances, property):
    return share(name, np.count_nonzero(~(distances < ROUNDING)), len(distances), property)


def _far(ratios):
    """Whether any is off; True for NaN."""
    return not np.all(np.abs(ratios - 1) < ROUNDING)
