"""`add_noise`: what was added is N(0, std²), one draw for each pixel, and nothing is cut off."""

from dataclasses import replace

import numpy as np

from autograder.exercises.base import Measurement, RandomExercise, draw, single
from autograder.exercises.regularization.inputs import TOPIC, tolerance
from autograder.exercises.regularization.measures import (
    exactly,
    likeness,
    plain,
    pooled_share,
    relative_mean,
    share,
    with_edges,
)
from autograder.exercises.regularization.noise_mistakes import MISTAKES
from descentlab.calls import Seeded
from descentlab.text import N_

WITHIN_ONE, BEYOND_TWO = 0.6826894921370859, 0.04550026389635842
"""The normal distribution's share within one standard deviation, and beyond two."""


FITTED = 1e-5
"""Standard errors that the mean of right noise is within by chance, once in 1.3e5 calls: in two
calls out of two with a chance of 6e-11."""


def trials(rng):
    """Pictures with black and white in them; a wide table of other numbers, in float32. For an
    answer that gets these right: no noise at all, and pictures in colour."""

    def seeded():
        return Seeded(int(rng.integers(2**63)))

    n = int(rng.integers(34, 40))
    pictures = np.clip(rng.uniform(-0.2, 1.2, size=(n, 13, 17)), 0, 1)
    table = rng.normal(size=(n + 23, 131)).astype(np.float32)
    coloured = rng.normal(size=(21, 8, 7, 3))
    usual = [
        single("usual", pictures, draw(rng, 0.2, 0.36), seeded()),
        single("float32", table, draw(rng, 1.4, 1.9), seeded(), tolerance=tolerance(table.dtype)),
    ]
    edges = [
        single("usual", rng.normal(size=(3, 5, 4)), 0.0, seeded()),
        single("usual", coloured, draw(rng, 0.2, 0.36), seeded()),
    ]
    return with_edges(usual, [plain(trial) for trial in edges], measure)


def measure(records):
    """Size, shape and independence of what was added to each pixel."""
    noisy = [record for record in records if record.call.args[1]]
    found, draws = [], []
    for number, record in enumerate(noisy, start=1):
        measured, independent = _one_call(f"call {number}", record)
        found += measured
        draws.append(independent)
    x, out = records[0].call.args[0], np.asarray(records[0].value, dtype=float)
    found += [
        share("black pixels that became darker", out[x == 0] < 0, 0.5, "cut_off"),
        share("white pixels that became brighter", out[x == 1] > 1, 0.5, "cut_off"),
    ]
    if len(noisy) > 1:
        found += _all_calls(noisy, sum(draws))
    silent = [record for record in records if not record.call.args[1]]
    same = [np.array_equal(record.value, record.call.args[0]) for record in silent]
    if same:
        found.append(exactly("std = 0 leaves all as it was", np.mean(same), 1.0, "silent"))
    return found


def _all_calls(records, draws):
    """Noise in units of its std, over all calls: what takes more numbers than one call has."""
    units = [_noise(record).ravel() / record.call.args[1] for record in records]
    size = np.abs(np.concatenate(units))
    power = float(np.sqrt(np.mean(size**2)))
    fitted = all(abs(u.mean()) * np.sqrt(u.size) < FITTED for u in units) and power > 0
    one, two = [WITHIN_ONE] * len(units), [BEYOND_TWO] * len(units)
    return [
        # n normal numbers: 1/√(2n)
        Measurement(
            "root mean square over std",
            power,
            1.0,
            np.sqrt(0.5 / size.size),
            "std",
            power / np.sqrt(draws),
        ),
        pooled_share("within one std", [np.abs(u) < 1 for u in units], one, "shape", draws),
        pooled_share("beyond two std", [np.abs(u) > 2 for u in units], two, "shape", draws),
        # of 15,000 normal numbers 40 are expected: none has a chance of 2e-18
        exactly("nothing beyond three std", float(size.max() < 3), 0.0, "no_tails", 1.0),
        exactly("mean 0 to the last digit in every call", float(fitted), 0.0, "fitted"),
    ]


def _noise(record):
    return np.asarray(record.value, dtype=float) - record.call.args[0]


def _one_call(call, record):
    """What is measured in one call, and how many independent draws its noise shows."""
    std = record.call.args[1]
    noise = _noise(record)
    n = noise.size
    draws, alike = n, []
    for axis, length in enumerate(noise.shape):
        first, second = (np.delete(noise, at, axis=axis).ravel() for at in (-1, 0))
        name = f"{call}: neighbours along axis {axis}"
        alike.append(likeness(name, first, second, "together", n))
        # an axis along which all is one draw adds none
        if alike[-1].value > 0.99:
            draws = draws / length
    # thousands of draws of 53 or 24 random bits are hardly ever equal
    values = np.unique(np.round(noise / std, 6)).size
    coarse = exactly(f"{call}: few values", float(draws == n and values < n // 8), 0.0, "coarse")
    half = n // 2
    halves = likeness(
        f"{call}: first and second half",
        noise.ravel()[:half],
        noise.ravel()[-half:],
        "together",
        draws,
    )
    size = np.abs(noise)
    still = np.count_nonzero(~noise.reshape(len(noise), -1).any(axis=1))
    moved = Measurement(f"{call}: images left out", float(0 < still <= 2), 0.0, 0.0, "left_out")
    return [
        moved,
        coarse,
        *(replace(m, spread=(1 - m.value**2) / np.sqrt(draws)) for m in alike),
        halves,
        relative_mean(f"{call}: mean of the noise, over its size", noise, "mean", draws),
        # n normal numbers: std/√(2n)
        Measurement(
            f"{call}: standard deviation of the noise",
            float(noise.std()),
            std,
            std / np.sqrt(2 * n),
            "std",
            noise.std() / np.sqrt(draws),
        ),
        share(f"{call}: share within one std", size < std, WITHIN_ONE, "shape", draws),
        share(f"{call}: share beyond two std", size > 2 * std, BEYOND_TWO, "shape", draws),
        _upwards(call, noise, draws),
    ], draws


def _upwards(call, noise, draws):
    """The share above 0, of those that aren't 0: rounded noise is another mistake."""
    moved = noise[noise != 0]
    up = moved > 0 if moved.size else np.zeros(1, dtype=bool)
    return share(f"{call}: share above 0", up, 0.5, "mean", draws)


PROPERTIES = {
    "mean": (
        N_("noise without the mean 0"),
        N_("What you add isn't 0 on average: images get brighter or darker on the whole."),
    ),
    "std": (
        N_("noise of another size"),
        N_("The standard deviation of what you add isn't std."),
    ),
    "shape": (
        N_("noise isn't Gaussian"),
        N_(
            "Mean and standard deviation are right, and the noise isn't Gaussian: other shares of "
            "it lie within one std and beyond two than the bell curve has."
        ),
    ),
    "together": (
        N_("pixels not drawn on their own"),
        N_(
            "The noise of one pixel tells that of another: of its neighbour, or of the one half a "
            "batch away. Each pixel has a draw of its own."
        ),
    ),
    "no_tails": (
        N_("no noise beyond three std"),
        N_(
            "No pixel moves by more than three std. Of Gaussian noise about one draw in 400 lies "
            "further out, and there are thousands here. Is it cut off, or a sum of a few draws?"
        ),
    ),
    "coarse": (
        N_("noise that takes few values"),
        N_(
            "The noise takes few values, again and again: is it rounded, or drawn from a list? A "
            "normal number may be any."
        ),
    ),
    "fitted": (
        N_("noise made to have the mean 0"),
        N_(
            "In every call the noise has the mean 0 to the last digit: its mean was taken away. "
            "Independent draws have the mean 0 on average only."
        ),
    ),
    "left_out": (
        N_("an image without noise"),
        N_("One image comes back as it was. Does a loop leave out the first or the last?"),
    ),
    "silent": (
        N_("noise at std = 0"),
        N_("With std = 0 there is no noise, and the images come back as they were."),
    ),
    "cut_off": (
        N_("noise cut off"),
        N_("Black pixels ought to get darker as often as brighter, and white ones too."),
    ),
}

EXERCISE = RandomExercise(
    name="add_noise",
    topic=TOPIC,
    points=4,
    returns="images",
    trials=trials,
    measure=measure,
    first_look=1,
    mistakes=MISTAKES,
    properties=PROPERTIES,
    hints=(
        N_("rng.normal(mean, standard deviation, size): which three do you need?"),
        N_("As many draws as there are pixels, so size is the shape of the images."),
    ),
    praise=N_("How does this differ from the noise that mini-batches put into the gradient?"),
)
