"""`adam_step`. ONN, Algorithm 1: θ ← θ − α m̂/(√v̂ + ε)."""

from autograder.exercises.adaptive.correction import CORRECTION_MISTAKES, FIRST_HAT, SECOND_HAT
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

ROOT = "(np.sqrt(v_hat) + eps)"
STEP = f"theta - lr * m_hat / {ROOT}"

MISTAKES = (
    *CORRECTION_MISTAKES,
    slip(
        "sign",
        N_("sign of the step"),
        N_("The step is added to θ: that goes uphill. m points where the gradients point."),
        (STEP, f"theta + lr * m_hat / {ROOT}"),
        where=N_("θ ← θ **−** α m̂/(√v̂ + ε)"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The scaled direction is subtracted whole: α is nowhere in your step."),
        ("lr * m_hat", "m_hat"),
        where=N_("θ ← θ − **α** m̂/(√v̂ + ε)"),
    ),
    slip(
        "gradient_for_m",
        N_("gradient in place of m̂"),
        N_(
            "The gradient itself stands above the root: RMSprop with a correction. The direction "
            "is m̂, the mean of recent ones."
        ),
        ("lr * m_hat", "lr * grad"),
        where=N_("θ ← θ − α **m̂**/(√v̂ + ε)"),
    ),
    slip(
        "corrected_gradient_for_m",
        N_("corrected gradient in place of m̂"),
        N_(
            "The gradient itself stands above the root, divided by 1 − β₁ᵗ, and m isn't used. The "
            "direction is m̂, the mean of recent gradients, corrected."
        ),
        ("lr * m_hat", "lr * grad / (1 - beta1**t)"),
        where=N_("θ ← θ − α **m̂**/(√v̂ + ε)"),
        pairs=False,
    ),
    slip(
        "v_unused",
        N_("v not used in the step"),
        N_("v is renewed, and the step doesn't use it: θ goes along m̂, the same rate for all."),
        (STEP, "theta - lr * m_hat"),
        where=N_("θ ← θ − α m̂**/(√v̂ + ε)**"),
    ),
    slip(
        "root_missing",
        N_("root missing"),
        N_("You divide by v̂ itself. v̂ is made of squares; its root has the gradient's unit."),
        (ROOT, "(v_hat + eps)"),
        where=N_("θ ← θ − α m̂/(**√**v̂ + ε)"),
    ),
    slip(
        "multiplied_by_root",
        N_("multiplied, not divided"),
        N_("You multiply by the root: where gradients are large, steps get larger still."),
        (f"/ {ROOT}", f"* {ROOT}"),
        where=N_("θ ← θ − α m̂ **/** (√v̂ + ε)"),
        pairs=False,
    ),
    slip(
        "old_moments_in_step",
        N_("step with the old moments"),
        N_(
            "You step with the m and v that came in and renew them afterwards, so every gradient "
            "acts one step late."
        ),
        (FIRST_HAT, "state.m / (1 - beta1**t)"),
        (SECOND_HAT, "state.v / (1 - beta2**t)"),
        where=N_("m̂ = **m**/(1 − β₁ᵗ);  v̂ = **v**/(1 − β₂ᵗ), the new ones"),
    ),
    slip(
        "eps_missing",
        N_("ε missing"),
        N_("ε doesn't reach the step: it is missing, or a fixed number stands in its place."),
        (ROOT, "np.sqrt(v_hat)"),
        where=N_("θ ← θ − α m̂/(√v̂ **+ ε**)"),
    ),
    slip(
        "eps_added_to_theta",
        N_("ε added to θ"),
        N_(
            "Without brackets the division comes before the sum: ε is added to θ, and nothing "
            "keeps the denominator from 0."
        ),
        (ROOT, "np.sqrt(v_hat) + eps"),
        where=N_("θ ← θ − α m̂/**(**√v̂ + ε**)**"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("The moments are renewed, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {STEP}\n", ""),
        where=N_("θ ← **θ − α m̂/(√v̂ + ε)**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (STEP, f"-lr * m_hat / {ROOT}"),
        where=N_("θ ← **θ** − α m̂/(√v̂ + ε)"),
    ),
    elsewhere(
        "eps_inside",
        N_("ε inside the root"),
        N_(
            "ε stands under your root, as KK has it in every rule. Algorithm 1 and PyTorch add it "
            "outside, here, too."
        ),
        (ROOT, "np.sqrt(v_hat + eps)"),
        where=N_("θ ← θ − α m̂/(√v̂ **+ ε**)"),
    ),
    elsewhere(
        "kk_form",
        N_("KK's form, no correction"),
        N_(
            "This is Adam as KK writes it: no correction, ε inside the root. It is the next "
            "exercise; Algorithm 1 corrects both moments and has ε outside."
        ),
        (STEP, "theta - lr * m / np.sqrt(v + eps)"),
        where=N_("θ ← θ − α **m̂**/(√**v̂** **+ ε**)"),
        pairs=False,
    ),
    elsewhere(
        "eps_hat",
        N_("Kingma and Ba's faster order"),
        N_(
            "This is the faster order of Kingma and Ba's section 2: α√(1 − β₂ᵗ)/(1 − β₁ᵗ) times "
            "m/(√v + ε̂). Its ε̂ isn't corrected with v, so it weighs more in the first steps. "
            "Algorithm 1 adds ε to the root of the corrected v̂."
        ),
        (
            STEP,
            "theta - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + eps)",
        ),
        where=N_("θ ← θ − α m̂/(√v̂ **+ ε**)"),
    ),
    slip(
        "eps_hat_root_missing",
        N_("faster order, root missing"),
        N_(
            "You have Kingma and Ba's faster order in mind, with both corrections in α, and 1 − "
            "β₂ᵗ stands there without its root. v is corrected under a root in Algorithm 1."
        ),
        (STEP, "theta - lr * (1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + eps)"),
        where=N_("θ ← θ − α m̂/(**√v̂** + ε)"),
        pairs=False,
    ),
    elsewhere(
        "amsgrad_in_step",
        N_("AMSGrad's maximum in the step"),
        N_(
            "Your step takes the larger of the old and the new v, as AMSGrad does, so that no rate "
            "can grow again. Adam takes the new v."
        ),
        (SECOND_HAT, "np.maximum(state.v, v) / (1 - beta2**t)"),
        where=N_("v̂ = **v**/(1 − β₂ᵗ)"),
        pairs=False,
    ),
    slip(
        "momentum_in_m",
        N_("KK's momentum in m"),
        N_(
            "Your m is lesson 03's velocity: the gradient goes in with α, and α is missing in the "
            "step. In Adam m is a mean, and α stands in the step."
        ),
        (FIRST, "beta1 * state.m + lr * grad\n"),
        ("lr * m_hat", "m_hat"),
        where=N_("m ← β₁m + **(1 − β₁)**g;  θ ← θ − **α** m̂/(√v̂ + ε)"),
        pairs=False,
    ),
    elsewhere(
        "adamax",
        N_("AdaMax"),
        N_(
            "This is AdaMax, from the same paper: v keeps the largest recent size, without a root. "
            "Adam takes a mean of squares."
        ),
        (SECOND, "np.maximum(beta2 * state.v, np.abs(grad))"),
        (ROOT, "v"),
        where=N_("v ← **β₂v + (1 − β₂)g²**"),
        pairs=False,
    ),
    elsewhere(
        "adamax_with_eps",
        N_("AdaMax with ε"),
        N_(
            "This is AdaMax with an ε, from the same paper: v keeps the largest recent size, "
            "without a root. Adam takes a mean of squares."
        ),
        (SECOND, "np.maximum(beta2 * state.v, np.abs(grad))"),
        (ROOT, "(v + eps)"),
        where=N_("v ← **β₂v + (1 − β₂)g²**"),
        pairs=False,
    ),
    *(
        elsewhere(
            id,
            N_("Nadam: Nesterov's look ahead"),
            N_(
                "This is Nadam: the gradient is mixed into m̂ once more, a look ahead as "
                "Nesterov's. Adam steps along m̂."
            ),
            ("lr * m_hat", f"lr * (beta1 * {mean} + (1 - beta1) * grad / (1 - beta1**t))"),
            where=N_("θ ← θ − α **m̂**/(√v̂ + ε)"),
            pairs=False,
        )
        for id, mean in (("nadam", "m_hat"), ("nadam_next", "m / (1 - beta1 ** (t + 1))"))
    ),
    elsewhere(
        "adamw",
        N_("AdamW: weight decay in the step"),
        N_(
            "Your step shrinks θ besides, by 0.01 α, as PyTorch's AdamW does by default. Weight "
            "decay is lesson 06; plain Adam moves θ by the moments alone."
        ),
        (STEP, f"theta - lr * (m_hat / {ROOT} + 0.01 * theta)"),
        where=N_("θ ← θ − α **m̂/(√v̂ + ε)**"),
        pairs=False,
    ),
    elsewhere(
        "decaying_rate",
        N_("α/√t"),
        N_(
            "Your rate shrinks as α/√t, as Kingma and Ba let it in their proof and ONN in Adagrad. "
            "Algorithm 1 has a constant α."
        ),
        (STEP, f"theta - lr / t**0.5 * m_hat / {ROOT}"),
        where=N_("θ ← θ − **α** m̂/(√v̂ + ε)"),
        pairs=False,
    ),
    elsewhere(
        "downhill_form",
        N_("m pointing downhill"),
        N_(
            "Your m points downhill: the gradient goes in with a minus, and the step is added. It "
            "walks the same path; Algorithm 1's m, which you are to return, is a mean of the "
            "gradients themselves."
        ),
        ("+ (1 - beta1) * grad", "- (1 - beta1) * grad"),
        (STEP, f"theta + lr * m_hat / {ROOT}"),
        where=N_("m ← β₁m **+** (1 − β₁)g;  θ ← θ **−** α m̂/(√v̂ + ε)"),
        pairs=False,
    ),
    slip(
        "old_m_in_step",
        N_("step with the old m"),
        N_("Above the root you have the m that came in. This gradient belongs into it first."),
        (FIRST_HAT, "state.m / (1 - beta1**t)"),
        where=N_("m̂ = **m**/(1 − β₁ᵗ), the new one"),
        pairs=False,
    ),
    slip(
        "old_v_in_step",
        N_("step with the old v"),
        N_("Under the root you have the v that came in. This gradient belongs into it first."),
        (SECOND_HAT, "state.v / (1 - beta2**t)"),
        where=N_("v̂ = **v**/(1 − β₂ᵗ), the new one"),
        pairs=False,
    ),
    elsewhere(
        "nesterov_in_step",
        N_("look ahead, gradient not corrected"),
        N_(
            "The gradient is mixed into m̂ once more, a look ahead as Nesterov's and Nadam's. Adam "
            "steps along m̂."
        ),
        ("lr * m_hat", "lr * (beta1 * m_hat + (1 - beta1) * grad)"),
        where=N_("θ ← θ − α **m̂**/(√v̂ + ε)"),
        pairs=False,
    ),
    elsewhere(
        "eps_hat_inside",
        N_("faster order, ε inside the root"),
        N_(
            "This is the faster order of Kingma and Ba's section 2, with ε under the root beside "
            "the v that isn't corrected. Algorithm 1 adds ε to the root of the corrected v̂."
        ),
        (STEP, "theta - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / np.sqrt(v + eps)"),
        where=N_("θ ← θ − α m̂/(√v̂ **+ ε**)"),
        pairs=False,
    ),
    *around_the_root(
        STEP, "lr * m_hat", ROOT, "v_hat", inside=False, where=N_("θ ← θ − α m̂/**(√v̂ + ε)**")
    ),
    *MOMENT_MISTAKES,
)

EXERCISE = Exercise(
    name="adam_step",
    topic=TOPIC,
    points=17,
    returns=("theta", ("m", "v", "t")),
    trials=root_trials(
        hyper(LR, EPS, **BETAS), adam_state, AdamState.zeros, lambda v, m: AdamState(m, v, 3)
    ),
    mistakes=MISTAKES,
    parts=WITH_STATE,
    hints=(
        N_(
            "Count first: t = state.t + 1. Then m and v as decaying means, of g and of g². "
            "Then a corrected copy of each, for the step alone."
        ),
        N_(
            "The start at 0 still has the share βᵗ in a mean; the rest, 1 − βᵗ, is gradients. "
            "Divide by that rest. What you return as state are m and v before the correction."
        ),
        N_(
            "On paper, first step, grad = 5, beta1 = 0.8, beta2 = 0.9: m = 1 and m̂ = 1/0.2 = "
            "5; v = 2.5 and v̂ = 2.5/0.1 = 25. With eps = 0 the step is α · 5/5, α exactly."
        ),
    ),
    praise=N_("How long is the first step for a gradient of 5, and how long for 0.01?"),
)
