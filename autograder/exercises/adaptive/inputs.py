"""What the adaptive rules are called with."""

from dataclasses import replace

import numpy as np

from autograder.exercises.base import Trial, draw, rule_trials, single
from autograder.exercises.momentum.inputs import both_signs, slopes
from descentlab.calls import Call
from descentlab.states import AdamState, RmsState

TOPIC = "adaptive"
WITH_S = {"theta": 0.6, "s": 0.4}
WITH_STATE = {"theta": 0.6, "state": 0.4}


def squares(rng, shape):
    """A sum or mean of squares in the middle of a training."""
    return rng.uniform(0.2, 1.5, size=shape)


def hyper(lr, eps=(), **others):
    """Keyword arguments, each drawn between two bounds."""
    bounds = {"lr": lr, **others} | ({"eps": eps} if eps else {})

    def keywords(rng):
        return {name: draw(rng, low, high) for name, (low, high) in bounds.items()}

    return keywords


LR = (0.05, 0.45)
EPS = (0.05, 0.3)
BETAS = {"beta1": (0.58, 0.72), "beta2": (0.76, 0.88)}


def adam_state(rng, shape):
    """Both moments in the middle of a training."""
    return AdamState(rng.normal(size=shape), squares(rng, shape), int(rng.integers(2, 5)))


def root_trials(keywords, state, zero, tiny):
    """Walks, and one step where ε is larger than all squares: how it acts is seen.

    `tiny` makes a state out of an array of tiny squares and one of numbers of their roots' size.
    """
    walks = rule_trials(keywords, state, zero, grads=slopes)

    def trials(rng):
        squares = rng.uniform(1e-4, 9e-4, size=6)
        grad = both_signs(_sizes(rng, 0.01, 0.03, 6), rng)
        memory = tiny(squares, _sizes(rng, 0.01, 0.03, 6))
        step = single("usual", rng.normal(size=6), grad, memory, **keywords(rng))
        example, usual, *rest = walks(rng)
        return [example, usual, step, *rest]

    return trials


# --- σ: gradients that have always been 0, and what an ε beside σ does --------------------------

RMS_TOLERANCE = 5e-6
"""These rules have no ε, yet an answer that keeps 0/0 away by adding up to 1e-6 to the σ that it
divides by is right: with the inputs below it is off by at most lr · |g|/σ² · 1e-6 < 5e-6. The
trial of small gradients sets the other bound: there an ε of 1e-5 is off by more than 1e-5."""


def _sizes(rng, low, high, shape):
    """Numbers of either sign, none of them near 0."""
    return rng.uniform(low, high, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def _some_zero(values, *places):
    """The values with 0 at some places, where there are enough of them to spare."""
    if values.size > 2:
        values.flat[list(places)] = 0.0
    return values


def _rms_state(rng, shape):
    """Its first parameter has never had a gradient."""
    sigma = _some_zero(rng.uniform(0.3, 1.5, size=shape), 0)
    return RmsState(sigma, int(rng.integers(2, 6)))


def _rms_grads(rng, shape):
    """The first parameter's is always 0, another one's now and then."""
    count = int(np.prod(shape))
    grad = _some_zero(_sizes(rng, 0.3, 2.0, shape), 0, int(rng.integers(count)))
    return both_signs(grad, rng)


def _small_gradients(rng):
    """One step where σ is near 0.1: what an ε beside it does is seen, or is rounding."""

    def calls():
        theta = rng.uniform(-0.4, 0.4, size=6)
        sigma = rng.uniform(0.09, 0.11, size=6)
        grad = _sizes(rng, 0.09, 0.11, 6)
        yield Call((theta, grad, RmsState(sigma, 1)), {"lr": draw(rng, 0.25, 0.35)})

    return Trial("usual", calls, RMS_TOLERANCE)


FLOOR_TOLERANCE = 1.8e-3
"""For one step where σ is near 0.001. An ε of 1e-6 beside it, or of 1e-8 under a root with σ², is
off by at most 1e-8/(2σ²) = 0.52 % of a step of 0.33 there, and right; a floor of 0.01 under σ takes
away nine tenths of a step of 0.21 or more (η/√2 in `adagrad_rms_step`)."""


def _tiny_gradients(rng):
    """One step where σ is near 0.001 and is still what divides: no floor, no threshold."""

    def calls():
        theta = rng.uniform(-0.4, 0.4, size=6)
        sigma = rng.uniform(0.98e-3, 1.02e-3, size=6)
        grad = both_signs(_sizes(rng, 0.98e-3, 1.02e-3, 6), rng)
        yield Call((theta, grad, RmsState(sigma, 1)), {"lr": draw(rng, 0.31, 0.33)})

    return Trial("usual", calls, FLOOR_TOLERANCE)


def _no_gradients(rng):
    """One step of parameters that have never had a gradient: σ is 0, not nearly 0."""
    state = RmsState(np.zeros(4), int(rng.integers(2, 6)))
    theta, lr = rng.normal(size=4), draw(rng, *LR)
    return single("usual", theta, np.zeros(4), state, lr=lr)


def rms_trials(rng):
    """Walks whose first parameter never has a gradient, and three single steps."""
    walks = rule_trials(hyper(LR), _rms_state, RmsState.zeros, grads=_rms_grads)(rng)
    example, usual, *rest = (replace(w, tolerance=RMS_TOLERANCE) for w in walks[:-1])
    singles = (_no_gradients(rng), _small_gradients(rng), _tiny_gradients(rng))
    return [example, usual, *singles, *rest, walks[-1]]
