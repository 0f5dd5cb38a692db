"""What the random initializers are called with, and what is measured in the weights they draw.

Every bound is `Z` = 7 standard errors of the right answer. A check takes about thirty measurements,
each off by that much with a chance of 2.6e-12 where its error is normal; those that aren't say so
below. All together stay under 1e-9.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from autograder.exercises.base import Measurement, Z, single
from descentlab.calls import Seeded
from descentlab.text import N_, _

TOPIC = "initialization"

MIDDLE = 0.674489750196082
"""Half of a normal distribution lies within so many standard deviations of its mean."""

BEYOND = {2.5: 0.0124193306515523, 3.1: 0.0019352064267126}
"""Shares of a normal distribution that lie more than so many standard deviations away. What is cut
at 3 σ has an RMS a bit below σ, so that the cut lies beyond 3 of them."""

PROPERTIES = {
    "not_finite": (
        N_("inf or NaN"),
        N_(
            "There is inf or NaN among the weights. Something is divided by 0, or a negative "
            "number is under a root."
        ),
    ),
    "width": (
        N_("weights of another width"),
        N_(
            "The weights have another standard deviation than the formula gives; the table shows "
            "it for some layers. Work out σ for one of them by hand, with its own n_in and n_out, "
            "and remember that rng.normal takes σ, not σ²."
        ),
    ),
    "centre": (
        N_("weights not around 0"),
        N_("The weights don't lie around 0: their mean is too far from it to be chance."),
    ),
    "form": (
        N_("not a normal distribution"),
        N_(
            "The width of your weights may be right, their distribution isn't the normal one: too "
            "many or too few of them are near 0 or far out. rng.normal draws the whole bell."
        ),
    ),
    "independent": (
        N_("weights not independent"),
        N_(
            "Weights that should be drawn one by one go together: rows, columns or whole layers "
            "are copies of others, or were scaled to a common length. Each weight is a draw of its "
            "own, and stays as it was drawn."
        ),
    ),
    "repeats": (
        N_("the same weights again"),
        N_(
            "Many of your weights are the same number. Draws from a normal distribution hardly "
            "ever meet: look for rounding, or for numbers that are used twice."
        ),
    ),
    "biases": (
        N_("biases not 0"),
        N_("The biases must start at 0, all of them; some of yours don't."),
    ),
}
"""Property -> (title, what is said when it fails and no listed mistake fits)."""


@dataclass(frozen=True)
class Layer:
    """One layer that an answer drew, and the standard deviation that its weights should have."""

    record: int
    number: int
    W: np.ndarray
    b: np.ndarray
    std: float

    @property
    def name(self):
        return f"W{self.number + 1} {self.W.shape}"

    @cached_property
    def squares(self):
        return self.W * self.W

    @cached_property
    def rms(self):
        return np.sqrt(self.squares.mean())

    @cached_property
    def z(self):
        """The weights in units of their own RMS."""
        return self.W / (self.rms or 1.0)

    @cached_property
    def crowding(self):
        """By what factor errors are larger than those of independent weights.

        Seen in how much the mean squares of the columns, or of the rows, vary; 1 unless that is
        three of its own standard errors too much. It only serves to compare wrong answers.
        """
        size = self.squares.mean() or 1.0
        factors = [1.0]
        for axis in (0, 1):
            means = self.squares.mean(axis=axis)
            factor = means.std() / size * np.sqrt(self.W.shape[axis] / 2)
            factors.append(factor if factor > 1 + 3 / np.sqrt(2 * means.size) else 1.0)
        return max(factors)


def random_trials(*middle):
    """Trials of `init(layer_sizes, *middle, rng)`; `middle` are functions rng -> argument.

    60,000 weights in seven layers, none square, of 3 to 1,600 inputs, so that one input more or
    less is seen; n_in and n_in + n_out differ much between the layers of a network.
    In the last trial two layers have one shape and one its transpose, so that a draw
    that is used again is seen. The first is small: a first look.
    """

    def trials(rng):
        wide, mid, last = rng.integers(500, 530), rng.integers(76, 86), rng.integers(20, 26)
        thin, broad = 3, rng.integers(1400, 1600)
        sizes = (
            [rng.integers(36, 42), rng.integers(70, 80), rng.integers(10, 14)],
            [wide, mid, last],
            [thin, broad, thin, broad],
        )
        return [
            single(
                "usual",
                [int(size) for size in every],
                *(argument(rng) for argument in middle),
                Seeded(int(rng.integers(2**63))),
            )
            for every in sizes
        ]

    return trials


def measured_by(std):
    """`measure` of an initializer whose weights have the deviation `std(call, n_in, n_out)`."""

    def measure(records):
        layers = [
            Layer(r, number, np.asarray(W, float), np.asarray(b, float), std(record.call, *W.shape))
            for r, record in enumerate(records)
            for number, (W, b) in enumerate(record.value)
        ]
        return measure_layers(layers)

    return measure


def measure_layers(layers):
    """All measurements of drawn layers; `record` and `number` say which layers stand together."""
    broken = sum(np.count_nonzero(~np.isfinite(part)) for lay in layers for part in (lay.W, lay.b))
    return [
        Measurement(_("weights and biases that are inf or NaN"), broken, 0, 0, "not_finite"),
        *_neighbours(layers),
        *_between_layers(layers),
        *(_centre(layer) for layer in layers),
        *(_width(layer) for layer in layers),
        _common_width(layers),
        *_exact_width(layers),
        *_form(layers),
        *_lengths(layers),
        _repeats(layers),
        *_biases(layers),
    ]


def _centre(layer):
    """The mean of n independent numbers, in units of their RMS: standard error 1/√n."""
    error = layer.W.size**-0.5
    name = _("mean of {layer}, in its own σ").format(layer=layer.name)
    return Measurement(name, layer.z.mean(), 0, error, "centre", layer.crowding * error)


def _width(layer):
    """Root mean square of n independent normal numbers: standard error σ/√(2n)."""
    root = np.sqrt(2 * layer.W.size)
    spread = layer.crowding * layer.rms / root
    name = _("std of {layer}").format(layer=layer.name)
    return Measurement(name, layer.rms, layer.std, layer.std / root, "width", spread)


def _common_width(layers):
    """The same for all weights at once, each in units of the σ it should have."""
    n = sum(layer.W.size for layer in layers)
    rms = np.sqrt(sum(layer.squares.sum() / layer.std**2 for layer in layers) / n)
    spread = _crowding(layers) * rms / np.sqrt(2 * n)
    return Measurement(_("std of all weights, in σ"), rms, 1, 1 / np.sqrt(2 * n), "width", spread)


def _exact_width(layers):
    """Whether every layer has the RMS, or the deviation, that it should have on average, exactly.

    That is so for weights that were scaled after they were drawn. By chance n weights come within
    1e-6 of it with the chance 2e-6 √(n/π), so each of the two in all of four layers of 20,000 with
    (1.6e-4)⁴ = 7e-16; for fewer layers it isn't asked. The bound leaves out a share of 1 alone.
    """
    if len(layers) < 4:
        return
    for name, stds in (
        (_("share of layers whose RMS is σ to six digits"), [layer.rms for layer in layers]),
        (_("share of layers whose std is σ to six digits"), [layer.W.std() for layer in layers]),
    ):
        exact = [
            abs(std - layer.std) <= 1e-6 * layer.std
            for std, layer in zip(stds, layers, strict=True)
        ]
        yield Measurement(name, np.mean(exact), 0, 1 / (Z + 0.5), "independent", 0.01)


def _form(layers):
    """How many weights lie in the middle half, and how many beyond 2.5 and 3 σ.

    σ is each layer's own RMS, so that only the form counts; that makes the errors a bit smaller
    than if σ were known. The first is a share of n trials, error √(p(1 − p)/n) = 1/(2√n); Hoeffding
    bounds a deviation of 7 by 2 exp(−2 · 3.5²) = 5e-11. The others count rare ones: 2√count has the
    error 1 whatever the count. Beyond 3.1 σ, 60 are expected in 31,000 weights; the Poisson chance
    of √count < √60 − 3.5 is 2e-10.
    """
    z = np.abs(np.concatenate([layer.z.ravel() for layer in layers]))
    crowding = _crowding(layers)
    inner = np.mean(z < MIDDLE)
    yield Measurement(
        _("share of weights within 0.674 σ"),
        inner,
        0.5,
        0.5 / np.sqrt(z.size),
        "form",
        crowding * np.sqrt(inner * (1 - inner) / z.size),
    )
    far = z[z > min(BEYOND)]
    for edge, share in BEYOND.items():
        yield Measurement(
            _("2√ of the number of weights beyond {edge:g} σ").format(edge=edge),
            2 * np.sqrt(np.count_nonzero(far > edge)),
            2 * np.sqrt(share * z.size),
            1,
            "form",
            crowding,
        )


def _lengths(layers):
    """How much the mean squares of the columns, and of the rows, vary from one to the next.

    The cube root of a mean square of n normal numbers is normal with mean 1 − 2/(9n) and variance
    2/(9n) (Wilson and Hilferty; good from n = 20 on, shorter ones are left out). The RMS of N such
    numbers, standardized, is 1 with the error 1/√(2N). No two columns share a weight.
    """
    names = (
        _("variation of the columns' lengths, 1 by chance"),
        _("variation of the rows' lengths, 1 by chance"),
    )
    for axis, name in enumerate(names):
        standardized = [
            (np.cbrt((layer.z**2).mean(axis=axis)) - (1 - 2 / (9 * n))) / np.sqrt(2 / (9 * n))
            for layer in layers
            if (n := layer.W.shape[axis]) >= 20
        ]
        every = np.concatenate(standardized)
        rms = np.sqrt(np.mean(every**2))
        yield Measurement(
            name,
            rms,
            1,
            1 / np.sqrt(2 * every.size),
            "independent",
            rms * np.sqrt(2 / every.size),
        )


def _neighbours(layers):
    """Correlation of entries side by side, and one below the other: error 1/√(number of pairs)."""
    centred = [layer.z - layer.z.mean() for layer in layers]
    for name, pairs in (
        (_("correlation along the rows of W"), [(z[:, 1:], z[:, :-1]) for z in centred]),
        (_("correlation down the columns of W"), [(z[1:], z[:-1]) for z in centred]),
    ):
        count = sum(one.size for one, _two in pairs)
        r = _ratio(sum(np.vdot(*two) for two in pairs), sum(np.vdot(z, z) for z in centred))
        yield Measurement(name, r, 0, count**-0.5, "independent")


def _between_layers(layers):
    """Correlation of two layers' first k numbers, and of one with the other's transpose: 1/√k."""
    together = defaultdict(list)
    for layer in layers:
        together[layer.record].append(layer)
    for group in together.values():
        for one, two in combinations(group, 2):
            name = _("correlation of {one} and {two}").format(one=one.name, two=two.name)
            crowding = max(one.crowding, two.crowding)
            k = min(one.W.size, two.W.size)
            yield _correlation(name, one.z.ravel()[:k], two.z.ravel()[:k], crowding)
            if one.W.shape == two.W.T.shape:
                name = _("correlation of {one} and {two}, transposed").format(
                    one=one.name, two=two.name
                )
                yield _correlation(name, one.z.ravel(), two.z.T.ravel(), crowding)


def _correlation(name, one, two, crowding):
    one, two = one - one.mean(), two - two.mean()
    r = _ratio(np.vdot(one, two), np.sqrt(np.vdot(one, one) * np.vdot(two, two)))
    error = one.size**-0.5
    return Measurement(name, r, 0, error, "independent", crowding * error)


def _ratio(part, whole):
    """0 where nothing varies."""
    return part / whole if whole > 1e-12 else 0.0


def _crowding(layers):
    return max(layer.crowding for layer in layers)


def _repeats(layers):
    """How many weights of a layer are a number that it has already.

    float32 has about 10⁷ numbers within 3 σ: of 20,000 weights 20 or so meet, one in 1,000, and
    twice as many with a chance of 1e-4; the bound is one in 20, a thousand meetings.
    """
    same = sum(layer.W.size - np.unique(layer.W).size for layer in layers)
    share = same / sum(layer.W.size for layer in layers)
    name = _("share of weights that a layer has already")
    return Measurement(name, share, 0, 0.05 / Z, "repeats", 0.05 / Z)


def _biases(layers):
    """Exact: all are 0. Mean and RMS only tell wrong ones apart."""
    b = np.concatenate([layer.b for layer in layers])
    rms = np.sqrt(np.mean(b**2))
    return (
        Measurement(_("share of biases that aren't 0"), np.mean(b != 0), 0, 0, "biases"),
        Measurement(_("RMS of the biases"), rms, 0, 0, "biases", rms / np.sqrt(2 * b.size)),
        Measurement(_("mean of the biases"), b.mean(), 0, 0, "biases", rms / np.sqrt(b.size)),
    )
