"""`radam_step`. Liu et al. 2019: Adam's step times r once ρ_t > 4, until then momentum's.

With β₂ between 0.9 and 0.98 ρ_t passes 4 between the fourth and the fifth update and 5 between
the fifth and the sixth; with β₂ between 0.70 and 0.76 it passes 4 between the fifth and the sixth;
below 0.6 never. The trials stand on all sides, 0.05 away from each threshold or more; two stand
0.006 to 0.014 beside the 4.
"""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    FLOAT64_TOLERANCE,
    Exercise,
    Trial,
    draw,
    elsewhere,
    slip,
)
from autograder.exercises.schedules.inputs import TOPIC
from autograder.exercises.schedules.radam_rho import (
    R_MISTAKES,
    RHO_MISTAKES,
    THRESHOLD_MISTAKES,
)
from autograder.exercises.schedules.radam_state import (
    CORRECTION_MISTAKES,
    MOMENT_MISTAKES,
    STATE_MISTAKES,
)
from descentlab.calls import Call
from descentlab.states import AdamState
from descentlab.text import N_

ADAPTIVE = "theta - lr * r * m_hat / (np.sqrt(v_hat) + eps)"
EARLY = "theta - lr * m_hat"
PLAIN = "theta - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps)"
ROOT = "np.sqrt(v_hat) + eps"

USUAL, CROSSING_LATE, NEVER = (0.905, 0.975), (0.705, 0.755), (0.52, 0.58)
"""Ranges of β₂: see above."""

BARELY_ABOVE, BARELY_BELOW = (0.691, 0.692), (0.688, 0.689)
"""Ranges of β₂ with ρ_6 between 4.006 and 4.014, and between 3.986 and 3.994."""


def trials(rng):
    """Each from the state after `done` updates."""

    def walk(label, shape, done, steps, betas=USUAL, dtype=np.float64):
        def calls():
            theta = rng.normal(size=shape).astype(dtype)
            state = _middle(rng, shape, done, dtype)
            keywords = _hyper(rng, betas)
            for _step in range(steps):
                grad = rng.normal(size=shape).astype(dtype)
                theta, state = yield Call((theta, grad, state), keywords)

        tolerance = FLOAT64_TOLERANCE if dtype == np.float64 else FLOAT32_TOLERANCE
        return Trial(label, calls, tolerance)

    return [
        _paper(rng),
        walk("usual", (4,), int(rng.integers(150, 200)), 2),
        walk("usual", (7,), 2, 4),
        walk("usual", (3,), 4, 2, CROSSING_LATE),
        walk("usual", (3,), 12, 1, NEVER),
        walk("usual", (3,), 5, 1, BARELY_ABOVE),
        walk("usual", (3,), 5, 1, BARELY_BELOW),
        walk("shape", (3, 5), 3, 3),
        walk("shape", (2, 3, 4), 10, 2),
        walk("float32", (6,), 8, 2, dtype=np.float32),
        walk("fresh", (5,), 0, 3),
    ]


def _middle(rng, shape, done, dtype):
    if not done:
        return AdamState.zeros(np.zeros(shape, dtype))
    m = rng.normal(size=shape).astype(dtype)
    v = rng.uniform(0.3, 2.0, size=shape).astype(dtype)
    return AdamState(m, v, done)


def _hyper(rng, betas):
    return {
        "lr": draw(rng, 0.1, 0.45),
        "beta1": draw(rng, 0.6, 0.85),
        "beta2": draw(rng, *betas),
        "eps": draw(rng, 0.05, 0.3),
    }


def _paper(rng):
    """An adaptive step with numbers of one or two digits."""

    def calls():
        theta, grad, m = (rng.choice([-1, 1], 2) * rng.integers(2, 20, 2) / 10 for _ in range(3))
        state = AdamState(m, rng.integers(3, 15, 2) / 10, int(rng.integers(6, 9)))
        yield Call((theta, grad, state), {"lr": 0.2, "beta1": 0.7, "beta2": 0.95, "eps": 0.1})

    return Trial("example", calls)


STEP_MISTAKES = (
    slip(
        "sign",
        N_("sign of the step"),
        N_("Both kinds of step are added to θ: that goes uphill."),
        (ADAPTIVE, ADAPTIVE.replace("theta -", "theta +")),
        (EARLY, EARLY.replace("theta -", "theta +")),
        where=N_("θ ← θ **−** α r m̂/(√v̂ + ε), else θ **−** αm̂"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("α is nowhere in your step, neither in the adaptive one nor in the other."),
        (ADAPTIVE, ADAPTIVE.replace("lr * ", "")),
        (EARLY, EARLY.replace("lr * ", "")),
        where=N_("θ ← θ − **α** r m̂/(√v̂ + ε), else θ − **α**m̂"),
    ),
    slip(
        "lr_missing_early",
        N_("learning rate missing in the early step"),
        N_("While ρ_t ≤ 4 the step is m̂ whole: α is missing there."),
        (EARLY, "theta - m_hat"),
        where=N_("else θ − **α**m̂"),
        pairs=False,
    ),
    slip(
        "lr_missing_late",
        N_("learning rate missing in the adaptive step"),
        N_("In the adaptive step α is missing: r takes its place, it doesn't replace it."),
        ("lr * r * m_hat", "r * m_hat"),
        where=N_("θ ← θ − **α** r m̂/(√v̂ + ε)"),
        pairs=False,
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("The state is right, and θ comes back as it went in. Who takes the step?"),
        (ADAPTIVE, "theta"),
        (EARLY, "theta"),
        where=N_("θ ← **θ − α r m̂/(√v̂ + ε)**, else **θ − αm̂**"),
        pairs=False,
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (ADAPTIVE, ADAPTIVE.replace("theta -", "-")),
        (EARLY, EARLY.replace("theta -", "-")),
        where=N_("θ ← **θ** − …"),
        pairs=False,
    ),
    slip(
        "early_step_is_adam",
        N_("Adam's step before the threshold"),
        N_(
            "While ρ_t ≤ 4 you take Adam's step, divided by √v̂ + ε. Too few gradients stand in v "
            "then to trust it: until the threshold v is left out."
        ),
        (EARLY, PLAIN),
        where=N_("else **θ − αm̂**"),
    ),
    slip(
        "early_step_uncorrected",
        N_("m not corrected before the threshold"),
        N_("While ρ_t ≤ 4 you step along m as it is. It is corrected there, too: m̂."),
        (EARLY, "theta - lr * m"),
        where=N_("else θ − α**m̂**"),
    ),
    slip(
        "early_step_is_plain",
        N_("plain gradient step before the threshold"),
        N_("While ρ_t ≤ 4 you step along the gradient alone. It is momentum's step there: m̂."),
        (EARLY, "theta - lr * grad"),
        where=N_("else θ − α**m̂**"),
    ),
    slip(
        "adaptive_step_uncorrected",
        N_("m not corrected in the adaptive step"),
        N_("The adaptive step goes along m as it is. It is corrected: m̂."),
        ("lr * r * m_hat", "lr * r * m"),
        where=N_("θ ← θ − α r **m̂**/(√v̂ + ε)"),
    ),
    slip(
        "gradient_in_adaptive_step",
        N_("gradient in place of m̂"),
        N_("The adaptive step goes along the gradient, without memory. m̂ belongs there."),
        ("lr * r * m_hat", "lr * r * grad"),
        where=N_("θ ← θ − α r **m̂**/(√v̂ + ε)"),
        pairs=False,
    ),
    slip(
        "not_divided",
        N_("v̂ unused"),
        N_("The adaptive step isn't divided by √v̂ + ε: it is momentum's, times r."),
        (f" / ({ROOT})", ""),
        where=N_("θ ← θ − α r m̂**/(√v̂ + ε)**"),
        pairs=False,
    ),
    slip(
        "root_missing",
        N_("root of v̂ missing"),
        N_("You divide by v̂ + ε. v̂ holds squares: its root is missing."),
        (ROOT, "v_hat + eps"),
        where=N_("θ ← θ − α r m̂/(**√**v̂ + ε)"),
    ),
    slip(
        "eps_missing",
        N_("ε missing"),
        N_("ε doesn't reach the step, or a fixed number stands in its place."),
        (ROOT, "np.sqrt(v_hat)"),
        where=N_("θ ← θ − α r m̂/(√v̂ **+ ε**)"),
    ),
    slip(
        "eps_after_division",
        N_("ε outside the fraction"),
        N_("ε is added after the division. Brackets are missing round the denominator."),
        (ADAPTIVE, "theta - lr * r * m_hat / np.sqrt(v_hat) + eps"),
        where=N_("θ ← θ − α r m̂/**(√v̂ + ε)**"),
        pairs=False,
    ),
    elsewhere(
        "eps_inside_root",
        N_("ε under the root"),
        N_("ε stands under the root, as KK writes it for Adagrad and RMSprop. Here it is outside."),
        (ROOT, "np.sqrt(v_hat + eps)"),
        where=N_("θ ← θ − α r m̂/(**√v̂ + ε**)"),
    ),
    elsewhere(
        "eps_before_correction",
        N_("ε added before the correction"),
        N_(
            "ε is added to √v before the correction, as in PyTorch's RAdam (and in the short form "
            "of Adam's paper). Here v is corrected first, and ε joins √v̂."
        ),
        ("v / (1 - beta2**t)", "v"),
        ("lr * r * m_hat /", "lr * r * m_hat * (1 - beta2**t) ** 0.5 /"),
        where=N_("θ ← θ − α r m̂/(**√v̂ + ε**)"),
    ),
    elsewhere(
        "early_steps_skipped",
        N_("no step before the threshold"),
        N_(
            "While ρ_t ≤ 4 θ stays where it is: the authors' code has a switch for that "
            "(degenerated_to_sgd off). Algorithm 2 takes momentum's step there."
        ),
        (EARLY, "theta"),
        where=N_("else **θ − αm̂**"),
        pairs=False,
    ),
    elsewhere(
        "plain_adam",
        N_("Adam"),
        N_("This is Adam: every step is its whole step, with neither r nor a threshold."),
        ("lr * r * m_hat", "lr * m_hat"),
        (EARLY, PLAIN),
        where=N_("θ ← θ − α **r** m̂/(√v̂ + ε) **if ρ_t > 4, else θ − αm̂**"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="radam_step",
    topic=TOPIC,
    points=30,
    returns=("theta", ("m", "v", "t")),
    trials=trials,
    mistakes=(
        *R_MISTAKES,
        *THRESHOLD_MISTAKES,
        *STEP_MISTAKES,
        *RHO_MISTAKES,
        *CORRECTION_MISTAKES,
        *MOMENT_MISTAKES,
        *STATE_MISTAKES,
    ),
    parts={"theta": 0.6, "state": 0.4},
    hints=(
        N_(
            "m, v and their corrections are Adam's, with t counted up first. New is the question "
            "which step to take, and r."
        ),
        N_(
            "ρ_t says how many gradients' worth of evidence stands in v: 1 at first, ρ∞ in the "
            "end. For β₂ = 0.95, ρ∞ = 39, and ρ_t is 3.87 at t = 4 and 4.80 at t = 5."
        ),
        N_(
            "Two ways through the function. ρ_t > 4: Adam's step times r. Otherwise θ − αm̂, "
            "without v. In both the state that goes out holds m and v before correction."
        ),
    ),
    praise=N_("A warm-up that nobody had to tune: print r for t = 5 to 50 and see it rise."),
)
