"""`adam_uncorrected_step`. KK: θ ← θ − α m/√(v + ε), the moments as they are."""

from autograder.exercises.adaptive.inputs import (
    BETAS,
    EPS,
    LR,
    TOPIC,
    WITH_STATE,
    adam_state,
    hyper,
    root_trials,
)
from autograder.exercises.adaptive.moments import FIRST, MOMENT_MISTAKES, SECOND
from autograder.exercises.adaptive.step_slips import around_the_root
from autograder.exercises.base import Exercise, elsewhere, slip
from descentlab.states import AdamState
from descentlab.text import N_

ROOT = "np.sqrt(v + eps)"
STEP = f"theta - lr * m / {ROOT}"

MISTAKES = (
    elsewhere(
        "corrected",
        N_("bias correction, as adam_step"),
        N_(
            "This is adam_step: the moments are corrected, and ε stands outside the root. KK's "
            "form corrects nothing and has ε inside; here you want to see what that costs."
        ),
        (STEP, "theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)"),
        where=N_("θ ← θ − α **m**/√(**v + ε**)"),
    ),
    slip(
        "corrected_eps_inside",
        N_("bias correction"),
        N_("You correct both moments. KK's form takes them as they are."),
        (STEP, "theta - lr * m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps)"),
        where=N_("θ ← θ − α **m**/√(**v** + ε)"),
    ),
    slip(
        "m_corrected",
        N_("m corrected"),
        N_("You correct m for its start at 0. KK's form takes both moments as they are."),
        ("lr * m", "lr * m / (1 - beta1**t)"),
        where=N_("θ ← θ − α **m**/√(v + ε)"),
    ),
    slip(
        "v_corrected",
        N_("v corrected"),
        N_("You correct v for its start at 0. KK's form takes both moments as they are."),
        (ROOT, "np.sqrt(v / (1 - beta2**t) + eps)"),
        where=N_("θ ← θ − α m/√(**v** + ε)"),
    ),
    elsewhere(
        "eps_outside",
        N_("ε outside the root"),
        N_(
            "ε stands outside your root, as in CS7's *almost* Adam and in Algorithm 1. KK puts it "
            "inside, in all its rules."
        ),
        (ROOT, "(np.sqrt(v) + eps)"),
        where=N_("θ ← θ − α m/√(v **+ ε**)"),
    ),
    slip(
        "t_not_counted",
        N_("t not counted"),
        N_(
            "The t that you return is the one that came in. Nothing here uses it, yet it counts "
            "the updates done, so that you can go on with adam_step from the same state."
        ),
        ("t = state.t + 1", "t = state.t"),
        where=N_("**t ← t + 1**"),
    ),
    slip(
        "t_counted_twice",
        N_("t counted twice"),
        N_("The t that you return is two more than the one that came in: one update, one more."),
        ("t = state.t + 1", "t = state.t + 2"),
        where=N_("t ← t + **1**"),
    ),
    slip(
        "sign",
        N_("sign of the step"),
        N_("The step is added to θ: that goes uphill. m points where the gradients point."),
        (STEP, f"theta + lr * m / {ROOT}"),
        where=N_("θ ← θ **−** α m/√(v + ε)"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The scaled direction is subtracted whole: α is nowhere in your step."),
        ("lr * m", "m"),
        where=N_("θ ← θ − **α** m/√(v + ε)"),
    ),
    slip(
        "gradient_for_m",
        N_("gradient in place of m"),
        N_("The gradient itself stands above the root: RMSprop. KK's Adam puts m in its place."),
        ("lr * m", "lr * grad"),
        where=N_("θ ← θ − α **m**/√(v + ε)"),
    ),
    slip(
        "momentum_in_m",
        N_("KK's momentum in m"),
        N_(
            "Your m is lesson 03's velocity: the gradient goes in with α, and α is missing in the "
            "step. In Adam m is a mean, and α stands in the step."
        ),
        (FIRST, "beta1 * state.m + lr * grad\n"),
        ("lr * m", "m"),
        where=N_("m ← β₁m + **(1 − β₁)**g;  θ ← θ − **α** m/√(v + ε)"),
        pairs=False,
    ),
    slip(
        "moments_exchanged_in_step",
        N_("m and v exchanged in the step"),
        N_(
            "Your step has v above and the root of m below. KK calls the first moment v and the "
            "second s; here they are m and v."
        ),
        (STEP, "theta - lr * v / np.sqrt(m + eps)"),
        where=N_("θ ← θ − α **m**/√(**v** + ε)"),
        pairs=False,
    ),
    slip(
        "kk_names",
        N_("KK's v kept in state.v"),
        N_(
            "You keep the mean of the gradients in state.v and that of their squares in state.m: "
            "KK's first moment is called v. AdamState has Algorithm 1's names, m and v in this "
            "order."
        ),
        ("state.m", "state.v"),
        ("state.v", "state.m"),
        ("AdamState(m, v, t)", "AdamState(v, m, t)"),
        where=N_("**m** ← β₁m + (1 − β₁)g;  **v** ← β₂v + (1 − β₂)g²"),
        pairs=False,
    ),
    slip(
        "v_unused",
        N_("v not used in the step"),
        N_("v is renewed, and the step doesn't use it: θ goes along m, the same rate for all."),
        (STEP, "theta - lr * m"),
        where=N_("θ ← θ − α m**/√(v + ε)**"),
    ),
    slip(
        "root_missing",
        N_("root missing"),
        N_("You divide by v + ε itself. v is made of squares; its root has the gradient's unit."),
        (ROOT, "(v + eps)"),
        where=N_("θ ← θ − α m/**√**(v + ε)"),
    ),
    slip(
        "multiplied_by_root",
        N_("multiplied, not divided"),
        N_("You multiply by the root: where gradients are large, steps get larger still."),
        (f"/ {ROOT}", f"* {ROOT}"),
        where=N_("θ ← θ − α m **/** √(v + ε)"),
    ),
    slip(
        "old_moments_in_step",
        N_("step with the old moments"),
        N_(
            "You step with the m and v that came in and renew them afterwards, so every gradient "
            "acts one step late."
        ),
        (STEP, "theta - lr * state.m / np.sqrt(state.v + eps)"),
        where=N_("θ ← θ − α **m**/√(**v** + ε), the new ones"),
    ),
    slip(
        "eps_missing",
        N_("ε missing"),
        N_("ε doesn't reach the step: it is missing, or a fixed number stands in its place."),
        (ROOT, "np.sqrt(v)"),
        where=N_("θ ← θ − α m/√(v **+ ε**)"),
    ),
    slip(
        "eps_added_to_theta",
        N_("ε added to θ"),
        N_("ε stands after the division and moves θ itself. It belongs under the root."),
        (ROOT, "np.sqrt(v) + eps"),
        where=N_("θ ← θ − α m/√(v **+ ε**)"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("The moments are renewed, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {STEP}\n", ""),
        where=N_("θ ← **θ − α m/√(v + ε)**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (STEP, f"-lr * m / {ROOT}"),
        where=N_("θ ← **θ** − α m/√(v + ε)"),
    ),
    elsewhere(
        "downhill_form",
        N_("m pointing downhill"),
        N_(
            "Your m points downhill: the gradient goes in with a minus, and the step is added. It "
            "walks the same path; KK's m, which you are to return, is a mean of the gradients "
            "themselves."
        ),
        ("+ (1 - beta1) * grad", "- (1 - beta1) * grad"),
        (STEP, f"theta + lr * m / {ROOT}"),
        where=N_("m ← β₁m **+** (1 − β₁)g;  θ ← θ **−** α m/√(v + ε)"),
        pairs=False,
    ),
    slip(
        "old_m_in_step",
        N_("step with the old m"),
        N_("Above the root you have the m that came in. This gradient belongs into it first."),
        ("lr * m", "lr * state.m"),
        where=N_("θ ← θ − α **m**/√(v + ε), the new one"),
        pairs=False,
    ),
    slip(
        "old_v_in_step",
        N_("step with the old v"),
        N_("Under the root you have the v that came in. This gradient belongs into it first."),
        (ROOT, "np.sqrt(state.v + eps)"),
        where=N_("θ ← θ − α m/√(**v** + ε), the new one"),
        pairs=False,
    ),
    elsewhere(
        "nesterov_in_step",
        N_("look ahead in the step"),
        N_(
            "The gradient is mixed into m once more, a look ahead as Nesterov's and Nadam's. KK's "
            "Adam steps along m."
        ),
        ("lr * m", "lr * (beta1 * m + (1 - beta1) * grad)"),
        where=N_("θ ← θ − α **m**/√(v + ε)"),
        pairs=False,
    ),
    elsewhere(
        "adamax",
        N_("AdaMax"),
        N_(
            "This is AdaMax: v keeps the largest recent size, without a root. KK's Adam takes a "
            "mean of squares."
        ),
        (SECOND, "np.maximum(beta2 * state.v, np.abs(grad))"),
        (ROOT, "(v + eps)"),
        where=N_("v ← **β₂v + (1 − β₂)g²**"),
        pairs=False,
    ),
    elsewhere(
        "adamw",
        N_("AdamW: weight decay in the step"),
        N_(
            "Your step shrinks θ besides, by 0.01 α, as PyTorch's AdamW does by default. Weight "
            "decay is lesson 06; plain Adam moves θ by the moments alone."
        ),
        (STEP, f"theta - lr * (m / {ROOT} + 0.01 * theta)"),
        where=N_("θ ← θ − α **m/√(v + ε)**"),
        pairs=False,
    ),
    elsewhere(
        "decaying_rate",
        N_("α/√t"),
        N_("Your rate shrinks as α/√t, as ONN lets it in Adagrad. KK's Adam has a constant α."),
        (STEP, f"theta - lr / t**0.5 * m / {ROOT}"),
        where=N_("θ ← θ − **α** m/√(v + ε)"),
        pairs=False,
    ),
    *around_the_root(STEP, "lr * m", ROOT, "v", inside=True, where=N_("θ ← θ − α m/**√(v + ε)**")),
    *MOMENT_MISTAKES,
)

EXERCISE = Exercise(
    name="adam_uncorrected_step",
    topic=TOPIC,
    points=8,
    returns=("theta", ("m", "v", "t")),
    trials=root_trials(
        hyper(LR, EPS, **BETAS), adam_state, AdamState.zeros, lambda v, m: AdamState(m, v, 3)
    ),
    mistakes=MISTAKES,
    parts=WITH_STATE,
    hints=(
        N_("Your adam_step without two of its lines, and with ε in another place."),
        N_("KK's ε stands inside the root, as in rmsprop_step. t still counts."),
    ),
    praise=N_("Compare the first ten steps with adam_step's, for β₂ = 0.9, 0.99 and 0.999."),
)
