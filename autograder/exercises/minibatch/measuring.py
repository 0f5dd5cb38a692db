"""Which examples are in a batch, and whether their order is a shuffled one.

A share that must be 0 is exact. The order of n examples is measured by correlations, whose
standard error is 1/√(n − 1) for a uniform permutation (exactly so for the correlation with the
position; to 1/n for neighbours). Its tails are lighter than a normal distribution's. How many
examples keep their place, and how many their neighbour, is Poisson with mean 1: the bound, 2 ± 7
for 2√count, is passed by more than 20 of them, a chance of 1e-20. The same holds for how many have
an example before them that stands a certain distance away in the data; for the commonest of n
distances the chance is 1e-17.
"""

import numpy as np

from autograder.exercises.base import Measurement, Z
from descentlab.text import N_, _

TOPIC = "minibatch"

PROPERTIES = {
    "rows": (
        N_("rows that aren't in the data"),
        N_(
            "Some rows of your batches aren't rows of x. A batch takes over its examples as they "
            "are, nothing is added up, scaled or filled in."
        ),
    ),
    "pairs": (
        N_("x and y no longer belong together"),
        N_(
            "In your batches examples stand beside the y of another one. x and y have to be put "
            "into the same order."
        ),
    ),
    "once": (
        N_("not each example once"),
        N_(
            "In one epoch each example comes exactly once. In yours some come twice, and others "
            "not at all."
        ),
    ),
    "shuffled": (
        N_("not well shuffled"),
        N_(
            "The order isn't a random one: it can be foreseen from the order of the data. Every "
            "order of all examples should be equally likely."
        ),
    ),
}
"""Property -> (title, what is said when it fails and no listed mistake fits)."""


class Rows:
    """Finds the number of an example by its row; the first entries of all rows differ."""

    def __init__(self, data):
        self.rows = _flat(data)
        self.order = np.argsort(self.rows[:, 0])
        self.keys = self.rows[self.order, 0]

    def numbers(self, data):
        """The number of each row; −1 for one that isn't among the examples."""
        rows = _flat(data)
        if rows.shape[1] != self.rows.shape[1]:
            return np.full(len(rows), -1)
        nearest = np.searchsorted(self.keys, rows[:, 0]).clip(max=len(self.keys) - 1)
        found = self.order[nearest]
        same = (self.rows[found] == rows).all(axis=1)
        return np.where(same, found, -1)


def _flat(data):
    data = np.asarray(data, float)
    if data.ndim == 0:
        return data.reshape(1, 1)
    return data.reshape(len(data), int(np.prod(data.shape[1:])))


def distinct(rng, shape):
    """Data in which every example can be told from all others by its first number."""
    return rng.normal(size=shape)


def share(name, hits, count, property):
    """An exact share, 0 when right; between two wrong answers it differs as drawn ones do."""
    value = hits / count if count else 0.0
    spread = np.sqrt(value * (1 - value) / count) + 1 / count if value else 0.0
    return Measurement(name, value, 0, 0, property, spread)


def rare(name, count, property):
    """2√ of a count of chance events, 0 when right; its standard error is 1 whatever it is."""
    return Measurement(name, 2 * np.sqrt(count), 0, 0, property, 1.0 if count else 0.0)


def repeated(batches):
    """How many places in batches hold an example that the same batch holds already."""
    return sum(len(batch) - len(np.unique(batch)) for batch in batches)


def order_measurements(name, order):
    """How an order goes with the data's own, and each example with the one before it.

    The spreads are those of two wrong orders of the same kind: small near ±1, and larger where
    neighbours go together, as if there were fewer examples.
    """
    n = len(order)
    position = np.arange(n)
    serial = _pearson(order[:-1], order[1:])
    fewer = np.sqrt((1 + abs(serial)) / (1 - abs(serial) + 1 / max(n, 1)))
    kept = 2 * np.sqrt(np.count_nonzero(order == position))
    apart = np.bincount(np.diff(order) % n, minlength=2) if n > 1 else np.zeros(2)
    follow, commonest = 2 * np.sqrt(apart[1]), 2 * np.sqrt(apart.max())
    with_place = _("correlation of {name} with their places").format(name=name)
    with_next = _("correlation of {name} with the next ones").format(name=name)
    at_home = _("2√ of how many {name} have kept their place").format(name=name)
    in_line = _("2√ of how many {name} have kept their neighbour").format(name=name)
    at_a_distance = _("2√ of how many {name} have the next one at one distance").format(name=name)
    return (
        _correlation(with_place, _pearson(position, order), n, fewer),
        _correlation(with_next, serial, n),
        Measurement(at_home, kept, 2, 1, "shuffled"),
        Measurement(in_line, follow, 2, 1, "shuffled"),
        Measurement(at_a_distance, commonest, 2, 1, "shuffled"),
    )


def always(name, hits):
    """Wrong only where it is so in every order that was looked at, six or more of them; the chance
    of that in a right answer is said where it is used. The bound leaves out a share of 1 alone."""
    return Measurement(name, float(np.mean(hits)), 0, 1 / (Z + 0.5), "shuffled")


def one_cycle(order):
    """Whether following an order from place to place leads through all places and back.

    1 of n shuffled orders does; one that swaps each place with an earlier one, never itself, must.
    """
    n, place, length = len(order), 0, 0
    if not np.array_equal(np.sort(order), np.arange(n)):
        return False
    places = order.tolist()
    while length < n:
        place, length = places[place], length + 1
        if place == 0:
            break
    return length == n


def relative(one, two):
    """The order of the same examples in another epoch, in places of the first: shuffled, too, if
    the second was shuffled anew. Examples that aren't in both are left out."""
    place = np.full(max(one.max(initial=0), two.max(initial=0)) + 1, -1)
    place[one[one >= 0]] = np.flatnonzero(one >= 0)
    places = place[two[two >= 0]]
    return places[places >= 0]


def correlation(name, one, two):
    """Of two orders: 0 with the error 1/√(n − 1) when they are independent."""
    length = min(len(one), len(two))
    return _correlation(name, _pearson(one[:length], two[:length]), length)


def _correlation(name, r, n, fewer=1.0):
    error = 1 / np.sqrt(max(n - 1, 1))
    spread = max((1 - r**2) * error * fewer, 1 / max(n, 1))
    return Measurement(name, r, 0, error, "shuffled", spread)


def _pearson(one, two):
    """Correlation; 0 where nothing varies."""
    if len(one) < 2:
        return 0.0
    one, two = one - np.mean(one), two - np.mean(two)
    size = np.sqrt(np.sum(one**2) * np.sum(two**2))
    return float(np.sum(one * two) / size) if size else 0.0
