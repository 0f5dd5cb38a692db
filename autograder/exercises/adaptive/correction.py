"""Mistakes in what Adam corrects: m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ), and the count t."""

from autograder.exercises.adaptive.moments import FIRST, SECOND, STATE
from autograder.exercises.base import slip
from descentlab.text import N_

FIRST_HAT = "m / (1 - beta1**t)"
SECOND_HAT = "v / (1 - beta2**t)"

CORRECTION_MISTAKES = (
    slip(
        "no_correction",
        N_("no bias correction"),
        N_(
            "m and v go into the step as they are: CS7's *almost* Adam. They start at 0 and are "
            "too small at first, v much more so than m."
        ),
        (FIRST_HAT, "m"),
        (SECOND_HAT, "v"),
        where=N_("m̂ = m**/(1 − β₁ᵗ)**;  v̂ = v**/(1 − β₂ᵗ)**"),
    ),
    slip(
        "m_not_corrected",
        N_("m not corrected"),
        N_("Only v is corrected. m starts at 0, too, and the step needs m̂."),
        (FIRST_HAT, "m"),
        where=N_("m̂ = m**/(1 − β₁ᵗ)**"),
    ),
    slip(
        "v_not_corrected",
        N_("v not corrected"),
        N_("Only m is corrected. v starts at 0, too, and the step needs v̂ under the root."),
        (SECOND_HAT, "v"),
        where=N_("v̂ = v**/(1 − β₂ᵗ)**"),
    ),
    slip(
        "power_missing",
        N_("correction without the power t"),
        N_(
            "You divide by 1 − β at every step. That is right at t = 1 alone; the lack gets "
            "smaller from step to step, and the correction with it."
        ),
        ("beta1**t", "beta1"),
        ("beta2**t", "beta2"),
        where=N_("m̂ = m/(1 − β₁**ᵗ**);  v̂ = v/(1 − β₂**ᵗ**)"),
    ),
    slip(
        "m_power_missing",
        N_("m̂ without the power t"),
        N_("You divide m by 1 − β₁ at every step. That is right at t = 1 alone."),
        ("beta1**t", "beta1"),
        where=N_("m̂ = m/(1 − β₁**ᵗ**)"),
    ),
    slip(
        "v_power_missing",
        N_("v̂ without the power t"),
        N_("You divide v by 1 − β₂ at every step. That is right at t = 1 alone."),
        ("beta2**t", "beta2"),
        where=N_("v̂ = v/(1 − β₂**ᵗ**)"),
    ),
    slip(
        "times_t",
        N_("β times t, not to the power t"),
        N_("You multiply β by t. The share of the start that is left shrinks by β at each step."),
        ("beta1**t", "beta1 * t"),
        ("beta2**t", "beta2 * t"),
        where=N_("m̂ = m/(1 − β₁**ᵗ**);  v̂ = v/(1 − β₂**ᵗ**)"),
    ),
    slip(
        "power_of_difference",
        N_("power of 1 − β"),
        N_("You take 1 − β to the power t. The power belongs to β alone: look at the brackets."),
        ("(1 - beta1**t)", "(1 - beta1) ** t"),
        ("(1 - beta2**t)", "(1 - beta2) ** t"),
        where=N_("m̂ = m/(1 − **β₁ᵗ**);  v̂ = v/(1 − **β₂ᵗ**)"),
    ),
    slip(
        "divided_by_power",
        N_("divided by βᵗ"),
        N_(
            "You divide by βᵗ, the share of the start that is still in the mean. What is there of "
            "the gradients is the rest."
        ),
        ("(1 - beta1**t)", "beta1**t"),
        ("(1 - beta2**t)", "beta2**t"),
        where=N_("m̂ = m/(**1 −** β₁ᵗ);  v̂ = v/(**1 −** β₂ᵗ)"),
        pairs=False,
    ),
    slip(
        "brackets_missing",
        N_("brackets round 1 − βᵗ missing"),
        N_(
            "You divide by 1 and then subtract βᵗ: brackets are missing. The whole difference "
            "1 − βᵗ is what is divided by."
        ),
        (FIRST_HAT, "m / 1 - beta1**t"),
        (SECOND_HAT, "v / 1 - beta2**t"),
        where=N_("m̂ = m/**(**1 − β₁ᵗ**)**;  v̂ = v/**(**1 − β₂ᵗ**)**"),
        pairs=False,
    ),
    slip(
        "m_brackets_missing",
        N_("brackets missing in m̂"),
        N_("You divide m by 1 and then subtract β₁ᵗ: brackets are missing round the difference."),
        (FIRST_HAT, "m / 1 - beta1**t"),
        where=N_("m̂ = m/**(**1 − β₁ᵗ**)**"),
        pairs=False,
    ),
    slip(
        "correction_multiplied",
        N_("correction multiplied"),
        N_(
            "You multiply by 1 − βᵗ, and the moments get smaller still. They are too small at "
            "first; the correction makes them larger."
        ),
        (FIRST_HAT, "m * (1 - beta1**t)"),
        (SECOND_HAT, "v * (1 - beta2**t)"),
        where=N_("m̂ = m **/** (1 − β₁ᵗ);  v̂ = v **/** (1 − β₂ᵗ)"),
    ),
    slip(
        "corrections_swapped",
        N_("β₁ and β₂ swapped in the corrections"),
        N_("m is corrected with β₂ and v with β₁. Each has the β that it was made with."),
        ("beta1**t", "beta2**t"),
        ("beta2**t", "beta1**t"),
        where=N_("m̂ = m/(1 − **β₁**ᵗ);  v̂ = v/(1 − **β₂**ᵗ)"),
    ),
    slip(
        "m_corrected_with_beta2",
        N_("m corrected with β₂"),
        N_("m is corrected with β₂. It was made with the other one."),
        ("beta1**t", "beta2**t"),
        where=N_("m̂ = m/(1 − **β₁**ᵗ)"),
    ),
    slip(
        "v_corrected_with_beta1",
        N_("v corrected with β₁"),
        N_("v is corrected with β₁. It was made with the other one."),
        ("beta2**t", "beta1**t"),
        where=N_("v̂ = v/(1 − **β₂**ᵗ)"),
    ),
    slip(
        "betas_swapped",
        N_("β₁ and β₂ swapped"),
        N_("Everywhere β₁ and β₂ have changed places. Which belongs to m, which to v?"),
        (FIRST, "beta2 * state.m + (1 - beta2) * grad\n"),
        (SECOND, "beta1 * state.v + (1 - beta1) * grad**2"),
        ("beta1**t", "beta2**t"),
        ("beta2**t", "beta1**t"),
        where=N_("m ← **β₁**m + (1 − **β₁**)g;  v ← **β₂**v + (1 − **β₂**)g²"),
        pairs=False,
    ),
    slip(
        "corrected_after_root",
        N_("v corrected after the root"),
        N_("You take the root of v and correct afterwards. v̂ is made first; its root comes last."),
        ("np.sqrt(v_hat)", "np.sqrt(v) / (1 - beta2**t)"),
        where=N_("θ ← θ − α m̂/(**√v̂** + ε)"),
    ),
    slip(
        "corrected_stored",
        N_("corrected moments returned"),
        N_(
            "As state you return m̂ and v̂, so the next step corrects what is "
            "corrected already. The correction is for the step; m and v go on as they are."
        ),
        (STATE, "AdamState(m_hat, v_hat, t)"),
        where=N_("return θ, (**m, v**, t)"),
    ),
    slip(
        "m_hat_stored",
        N_("m̂ returned as m"),
        N_("The step is right. As m you return m̂; the next step would correct it once more."),
        (STATE, "AdamState(m_hat, v, t)"),
        where=N_("return θ, (**m**, v, t)"),
        pairs=False,
    ),
    slip(
        "v_hat_stored",
        N_("v̂ returned as v"),
        N_("The step is right. As v you return v̂; the next step would correct it once more."),
        (STATE, "AdamState(m, v_hat, t)"),
        where=N_("return θ, (m, **v**, t)"),
        pairs=False,
    ),
    # t
    slip(
        "t_not_counted",
        N_("t not counted"),
        N_(
            "You correct with the t that came in and return it as it was (CS7's code never counts "
            "t, either). It counts the updates done: 0 before the first, which works with t = 1."
        ),
        ("t = state.t + 1", "t = state.t"),
        where=N_("**t ← t + 1**"),
    ),
    slip(
        "old_t_in_correction",
        N_("correction with the old t"),
        N_(
            "You correct with the t that came in, and count afterwards. At the first update that "
            "is 0, and 1 − β⁰ is 0, too: count first."
        ),
        ("beta1**t", "beta1**state.t"),
        ("beta2**t", "beta2**state.t"),
        where=N_("1 − β₁**ᵗ**, 1 − β₂**ᵗ**: t with this update"),
    ),
    slip(
        "next_t_in_correction",
        N_("correction with t + 1"),
        N_("Your t in the correction is one too large: the first update works with t = 1."),
        ("beta1**t", "beta1 ** (t + 1)"),
        ("beta2**t", "beta2 ** (t + 1)"),
        where=N_("1 − β₁**ᵗ**, 1 − β₂**ᵗ**: t with this update"),
    ),
    slip(
        "t_counted_twice",
        N_("t counted twice"),
        N_("Your t is one too large, in the correction and in the state: one update, one more."),
        ("t = state.t + 1", "t = state.t + 2"),
        where=N_("t ← t + **1**"),
    ),
    slip(
        "always_first_step",
        N_("t always 1"),
        N_("Your correction works with t = 1 at every step. t goes on in the state."),
        ("t = state.t + 1", "t = 1"),
        where=N_("**t ← t + 1**"),
        pairs=False,
    ),
    slip(
        "t_not_returned",
        N_("old t returned"),
        N_("The t that you return is the one that came in. This update makes it one more."),
        (STATE, "AdamState(m, v, state.t)"),
        where=N_("return θ, (m, v, **t**)"),
    ),
    slip(
        "t_returned_too_large",
        N_("t counted once more for the state"),
        N_(
            "The t that you return is two more than the one that came in: counted before the "
            "correction, and once more after it. One update, one more."
        ),
        (STATE, "AdamState(m, v, t + 1)"),
        where=N_("return θ, (m, v, **t**)"),
        pairs=False,
    ),
    slip(
        "old_t_but_first",
        N_("correction with the old t, but at first"),
        N_(
            "From the second update on you correct with the t that came in. It counts the updates "
            "done; this one is the next."
        ),
        ("beta1**t", "beta1 ** max(state.t, 1)"),
        ("beta2**t", "beta2 ** max(state.t, 1)"),
        where=N_("1 − β₁**ᵗ**, 1 − β₂**ᵗ**: t with this update"),
        pairs=False,
    ),
    slip(
        "old_t_none_at_first",
        N_("correction with the old t, none at first"),
        N_(
            "You correct with the t that came in, and not at all at the first update, where it is "
            "0. Count first: then t is 1 there, and 1 − β isn't 0."
        ),
        (FIRST_HAT, "(m / (1 - beta1**state.t) if state.t else m)"),
        (SECOND_HAT, "(v / (1 - beta2**state.t) if state.t else v)"),
        where=N_("1 − β₁**ᵗ**, 1 − β₂**ᵗ**: t with this update"),
        pairs=False,
    ),
    slip(
        "corrected_at_first_only",
        N_("correction at the first update only"),
        N_(
            "You correct at the first update alone. The lack gets smaller from step to step, but "
            "it is there until βᵗ has faded."
        ),
        (FIRST_HAT, "(m / (1 - beta1) if t == 1 else m)"),
        (SECOND_HAT, "(v / (1 - beta2) if t == 1 else v)"),
        where=N_("m̂ = m/(1 − β₁**ᵗ**);  v̂ = v/(1 − β₂**ᵗ**)"),
        pairs=False,
    ),
    slip(
        "power_added",
        N_("divided by 1 + βᵗ"),
        N_(
            "You divide by 1 + βᵗ, and the moments get smaller still. The start at 0 still has the "
            "share βᵗ; what is left for the gradients is 1 − βᵗ."
        ),
        ("(1 - beta1**t)", "(1 + beta1**t)"),
        ("(1 - beta2**t)", "(1 + beta2**t)"),
        where=N_("m̂ = m/(1 **−** β₁ᵗ);  v̂ = v/(1 **−** β₂ᵗ)"),
        pairs=False,
    ),
    slip(
        "corrected_before",
        N_("old moments corrected, not the new"),
        N_(
            "You correct the moments that came in and renew the corrected ones. First comes the "
            "new m, made of the old one as it is; its correction is for the step alone."
        ),
        (FIRST, "beta1 * state.m / (1 - beta1 ** max(state.t, 1)) + (1 - beta1) * grad\n"),
        (
            SECOND,
            "beta2 * state.v / (1 - beta2 ** max(state.t, 1)) + (1 - beta2) * grad**2",
        ),
        (FIRST_HAT, "m"),
        (SECOND_HAT, "v"),
        where=N_("m ← β₁**m** + (1 − β₁)g;  m̂ = m/(1 − β₁ᵗ)"),
        pairs=False,
    ),
)
