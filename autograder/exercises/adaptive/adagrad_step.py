"""`adagrad_step`. KK: s ← s + g ⊙ g;  θ ← θ − α g/√(s + ε)."""

import numpy as np

from autograder.exercises.adaptive.inputs import EPS, LR, TOPIC, WITH_S, hyper, root_trials, squares
from autograder.exercises.adaptive.root import ROOT_MISTAKES, STEP
from autograder.exercises.base import Exercise, elsewhere, slip
from descentlab.text import N_

SUM = "s + grad**2"

MISTAKES = (
    slip(
        "forgot_past",
        N_("old s forgotten"),
        N_(
            "Your s is this gradient's square alone, so each step is about α long whatever the "
            "slope. s is a sum over all steps so far."
        ),
        (SUM, "grad**2"),
        where=N_("s ← **s** + g ⊙ g"),
    ),
    slip(
        "old_s_in_step",
        N_("step with the old s"),
        N_("You step with the s that came in and renew it afterwards. First s, then the step."),
        (f"s = {SUM}\n", ""),
        ("return theta, s", f"s = {SUM}\nreturn theta, s"),
        where=N_("θ ← θ − α g/√(**s** + ε), the new s"),
    ),
    slip(
        "s_never_grows",
        N_("s never renewed"),
        N_("s stays what it was: this gradient's square never goes in."),
        (f"s = {SUM}\n", ""),
        where=N_("s ← s **+ g ⊙ g**"),
    ),
    slip(
        "square_of_sum",
        N_("square of the sum"),
        N_(
            "You add first and square afterwards. Each gradient is squared on its own, and the "
            "squares are added."
        ),
        (SUM, "(s + grad) ** 2"),
        where=N_("s ← s + **g ⊙ g**"),
    ),
    slip(
        "s_shrinks",
        N_("sign in s"),
        N_("You take the squares away from s: it falls below 0, and the root has no value there."),
        (SUM, "s - grad**2"),
        where=N_("s ← s **+** g ⊙ g"),
    ),
    slip(
        "mean_of_two",
        N_("mean of old and new"),
        N_(
            "You halve the sum of s and the new square, so the past fades by half a step. "
            "Adagrad's s is a plain sum and forgets nothing."
        ),
        (SUM, "(s + grad**2) / 2"),
        where=N_("s ← **s + g ⊙ g**"),
    ),
    elsewhere(
        "rmsprop_form",
        N_("RMSprop's decaying mean"),
        N_(
            "This is RMSprop with β = 0.9, a later exercise of this lesson: its s forgets. "
            "Adagrad's s adds up all squares, and nothing fades."
        ),
        (SUM, "0.9 * s + 0.1 * grad**2"),
        where=N_("s ← **s + g ⊙ g**"),
    ),
    slip(
        "applied_twice",
        N_("two steps in one call"),
        N_("You renew s and move θ, and then do both once more. One call is one step."),
        ("return theta, s", f"s = {SUM}\ntheta = {STEP}\nreturn theta, s"),
        where=N_("s ← s + g ⊙ g;  θ ← θ − α g/√(s + ε), **once**"),
        pairs=False,
    ),
    slip(
        "square_twice",
        N_("square added twice"),
        N_("The square of this gradient goes into s twice. One call adds it once."),
        (SUM, "s + 2 * grad**2"),
        where=N_("s ← s + **g ⊙ g**"),
        pairs=False,
    ),
    *ROOT_MISTAKES,
)

EXERCISE = Exercise(
    name="adagrad_step",
    topic=TOPIC,
    points=10,
    returns=("theta", "s"),
    trials=root_trials(hyper(LR, EPS), squares, np.zeros_like, lambda s, _m: s),
    mistakes=MISTAKES,
    parts=WITH_S,
    hints=(
        N_("Two lines: first s collects this gradient's squares, then θ moves."),
        N_(
            "NumPy squares and divides entry by entry, so one line does it for all parameters. "
            "What stands under the root? The new s, and ε."
        ),
        N_(
            "On paper, with s = 9, grad = 4, lr = 0.5, eps = 0: the new s is 9 + 16 = 25, its "
            "root is 5, and θ moves down by 0.5 · 4/5 = 0.4."
        ),
    ),
    praise=N_("Feed it a gradient of 1 for 10,000 steps: how long is the last one?"),
)
