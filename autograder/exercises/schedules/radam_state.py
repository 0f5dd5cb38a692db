"""Mistakes in `radam_step`'s moments, their correction, its counter, and the state it returns."""

from autograder.exercises.base import slip
from descentlab.text import N_

FIRST = "beta1 * state.m + (1 - beta1) * grad\n"
SECOND = "beta2 * state.v + (1 - beta2) * grad**2"
RETURN = "AdamState(m, v, t)"

MOMENT_MISTAKES = (
    slip(
        "forgot_old_m",
        N_("old m forgotten"),
        N_("m is made of this gradient alone. The share β₁ of the old m belongs in."),
        (FIRST, "(1 - beta1) * grad\n"),
        where=N_("m ← **β₁m** + (1 − β₁)g"),
    ),
    slip(
        "forgot_old_v",
        N_("old v forgotten"),
        N_("v is made of this gradient alone. The share β₂ of the old v belongs in."),
        (SECOND, "(1 - beta2) * grad**2"),
        where=N_("v ← **β₂v** + (1 − β₂)g²"),
    ),
    slip(
        "beta1_swapped",
        N_("β₁ and 1 − β₁ swapped"),
        N_("You keep the share 1 − β₁ of the old m. β₁ is the share that stays."),
        (FIRST, "(1 - beta1) * state.m + beta1 * grad\n"),
        where=N_("m ← **β₁**m + **(1 − β₁)**g"),
    ),
    slip(
        "beta2_swapped",
        N_("β₂ and 1 − β₂ swapped"),
        N_("You keep the share 1 − β₂ of the old v. β₂ is the share that stays."),
        (SECOND, "(1 - beta2) * state.v + beta2 * grad**2"),
        where=N_("v ← **β₂**v + **(1 − β₂)**g²"),
    ),
    slip(
        "betas_exchanged",
        N_("β₁ and β₂ exchanged"),
        N_("β₂ makes m and β₁ makes v. β₁ belongs to the first moment, β₂ to the second."),
        (FIRST, "beta2 * state.m + (1 - beta2) * grad\n"),
        (SECOND, "beta1 * state.v + (1 - beta1) * grad**2"),
        where=N_("m ← **β₁**m + (1 − **β₁**)g;  v ← **β₂**v + (1 − **β₂**)g²"),
        pairs=False,
    ),
    slip(
        "m_weight_missing",
        N_("1 − β₁ missing"),
        N_("The gradient goes into m whole: m is a sum, 1/(1 − β₁) times as large as the mean."),
        ("(1 - beta1) * grad\n", "grad\n"),
        where=N_("m ← β₁m + **(1 − β₁)**g"),
    ),
    slip(
        "v_weight_missing",
        N_("1 − β₂ missing"),
        N_("The square goes into v whole: v is a sum, 1/(1 − β₂) times as large as the mean."),
        ("(1 - beta2) * grad**2", "grad**2"),
        where=N_("v ← β₂v + **(1 − β₂)**g²"),
    ),
    slip(
        "m_never_decays",
        N_("m never decays"),
        N_("The old m goes in whole. β₁ says what share of it stays."),
        ("beta1 * state.m", "state.m"),
        where=N_("m ← **β₁**m + (1 − β₁)g"),
        pairs=False,
    ),
    slip(
        "v_never_decays",
        N_("v never decays"),
        N_("The old v goes in whole. β₂ says what share of it stays."),
        ("beta2 * state.v", "state.v"),
        where=N_("v ← **β₂**v + (1 − β₂)g²"),
        pairs=False,
    ),
    slip(
        "not_squared",
        N_("gradient not squared in v"),
        N_("The gradient goes into v as it is. v is the mean of its squares."),
        ("grad**2", "grad"),
        where=N_("v ← β₂v + (1 − β₂)**g²**"),
    ),
    slip(
        "weight_squared",
        N_("1 − β₂ inside the square"),
        N_("You square 1 − β₂ together with the gradient. Only the gradient is squared."),
        ("(1 - beta2) * grad**2", "((1 - beta2) * grad) ** 2"),
        where=N_("v ← β₂v + (1 − β₂)**g²**"),
        pairs=False,
    ),
    slip(
        "squares_averaged_over_all",
        N_("one v for all parameters"),
        N_("The squares are averaged over all parameters. Each parameter keeps its own v."),
        ("grad**2", "np.mean(grad**2)"),
        where=N_("v ← β₂v + (1 − β₂)**g²**, entry by entry"),
        pairs=False,
    ),
)

CORRECTION_MISTAKES = (
    slip(
        "m_uncorrected",
        N_("m not corrected"),
        N_(
            "m goes into both kinds of step uncorrected. It starts from 0, so at first it is too "
            "small: divide it by 1 − β₁ᵗ."
        ),
        ("m / (1 - beta1**t)", "m"),
        where=N_("m̂ = m **/(1 − β₁ᵗ)**"),
    ),
    slip(
        "v_uncorrected",
        N_("v not corrected"),
        N_("v goes under the root uncorrected. It starts from 0, so at first it is too small."),
        ("v / (1 - beta2**t)", "v"),
        where=N_("v̂ = v **/(1 − β₂ᵗ)**"),
    ),
    slip(
        "m_corrected_by_beta2",
        N_("m corrected with β₂"),
        N_("m is corrected with β₂. Each moment is corrected with the β that made it."),
        ("m / (1 - beta1**t)", "m / (1 - beta2**t)"),
        where=N_("m̂ = m/(1 − **β₁**ᵗ)"),
        pairs=False,
    ),
    slip(
        "v_corrected_by_beta1",
        N_("v corrected with β₁"),
        N_("v is corrected with β₁. Each moment is corrected with the β that made it."),
        ("v / (1 - beta2**t)", "v / (1 - beta1**t)"),
        where=N_("v̂ = v/(1 − **β₂**ᵗ)"),
        pairs=False,
    ),
    slip(
        "m_correction_without_t",
        N_("t missing in m's correction"),
        N_("m is divided by 1 − β₁ at every step. The correction fades with t: β₁ to the power t."),
        ("m / (1 - beta1**t)", "m / (1 - beta1)"),
        where=N_("m̂ = m/(1 − β₁**ᵗ**)"),
        pairs=False,
    ),
    slip(
        "v_correction_without_t",
        N_("t missing in v's correction"),
        N_("v is divided by 1 − β₂ at every step. The correction fades with t: β₂ to the power t."),
        ("v / (1 - beta2**t)", "v / (1 - beta2)"),
        where=N_("v̂ = v/(1 − β₂**ᵗ**)"),
        pairs=False,
    ),
    slip(
        "m_correction_multiplied",
        N_("m multiplied by the correction"),
        N_("m is multiplied by 1 − β₁ᵗ, which makes it smaller still. It is divided."),
        ("m / (1 - beta1**t)", "m * (1 - beta1**t)"),
        where=N_("m̂ = m **/** (1 − β₁ᵗ)"),
        pairs=False,
    ),
)

STATE_MISTAKES = (
    slip(
        "t_behind",
        N_("t one behind"),
        N_(
            "You work with the t that came in, the updates done before this one: at the very "
            "first it is 0, and 1 − β⁰ is 0. This update counts."
        ),
        ("t = state.t + 1", "t = state.t"),
        (RETURN, "AdamState(m, v, t + 1)"),
        where=N_("**t ← t + 1** first"),
    ),
    slip(
        "t_never_counted",
        N_("t never counted"),
        N_("t comes back as it went in and is used so, too: the counter stands still."),
        ("t = state.t + 1", "t = state.t"),
        where=N_("**t ← t + 1** first"),
    ),
    slip(
        "t_ahead",
        N_("t one ahead"),
        N_("You work with a t that is one too large: the first update has t = 1."),
        ("t = state.t + 1", "t = state.t + 2"),
        (RETURN, "AdamState(m, v, t - 1)"),
        where=N_("**t ← t + 1** first"),
        pairs=False,
    ),
    slip(
        "t_not_returned",
        N_("old t returned"),
        N_("The t that you return is the one that came in: it never counts."),
        (RETURN, "AdamState(m, v, state.t)"),
        where=N_("return θ, (m, v, **t**), t the new one"),
    ),
    slip(
        "t_counted_twice",
        N_("t counted twice"),
        N_("The step is right; the t that you return has been raised twice."),
        (RETURN, "AdamState(m, v, t + 1)"),
        where=N_("return θ, (m, v, **t**), t one larger"),
        pairs=False,
    ),
    slip(
        "m_not_returned",
        N_("old m returned"),
        N_("The step is right; the m that you return is the one that came in."),
        (RETURN, "AdamState(state.m, v, t)"),
        where=N_("return θ, (**m**, v, t), the new ones"),
        pairs=False,
    ),
    slip(
        "v_not_returned",
        N_("old v returned"),
        N_("The step is right; the v that you return is the one that came in."),
        (RETURN, "AdamState(m, state.v, t)"),
        where=N_("return θ, (m, **v**, t), the new ones"),
        pairs=False,
    ),
    slip(
        "moments_not_returned",
        N_("old moments returned"),
        N_("The step is right; the m and v that you return are the ones that came in."),
        (RETURN, "AdamState(state.m, state.v, t)"),
        where=N_("return θ, (**m, v**, t), the new ones"),
    ),
    slip(
        "v_only_adaptive",
        N_("v kept in the early step"),
        N_(
            "While ρ_t ≤ 4 the v that you return is the one that came in. It collects gradients "
            "from the first update on, though only adaptive steps use it."
        ),
        (RETURN, "AdamState(m, v if rho_t > 4 else state.v, t)"),
        where=N_("return θ, (m, **v**, t), in both ways through"),
        pairs=False,
    ),
    slip(
        "m_only_adaptive",
        N_("m kept in the early step"),
        N_(
            "While ρ_t ≤ 4 the m that you return is the one that came in. It collects gradients "
            "from the first update on."
        ),
        (RETURN, "AdamState(m if rho_t > 4 else state.m, v, t)"),
        where=N_("return θ, (**m**, v, t), in both ways through"),
        pairs=False,
    ),
    slip(
        "state_kept_early",
        N_("old state returned after the early step"),
        N_(
            "While ρ_t ≤ 4 the state comes back as it went in, t as well, so a training would stay "
            "at its first update. It is new after both kinds of step."
        ),
        (RETURN, "AdamState(m, v, t) if rho_t > 4 else state"),
        where=N_("return θ, **(m, v, t)**, in both ways through"),
        pairs=False,
    ),
    slip(
        "moments_exchanged",
        N_("m and v exchanged in the state"),
        N_("m and v come back in each other's place."),
        (RETURN, "AdamState(v, m, t)"),
        where=N_("return θ, (**m, v**, t)"),
        pairs=False,
    ),
    slip(
        "m_hat_returned",
        N_("corrected m returned"),
        N_("You return m̂, the corrected moment: at the next step it is corrected once more."),
        (RETURN, "AdamState(m_hat, v, t)"),
        where=N_("return θ, (**m**, v, t), before the correction"),
    ),
    slip(
        "v_hat_returned",
        N_("corrected v returned"),
        N_("You return v̂, the corrected moment: at the next step it is corrected once more."),
        (RETURN, "AdamState(m, v / (1 - beta2**t), t)"),
        where=N_("return θ, (m, **v**, t), before the correction"),
        pairs=False,
    ),
    slip(
        "v_overwritten",
        N_("v overwritten by its correction"),
        N_(
            "In an adaptive step v̂ takes the place of v and is returned: at the next step it is "
            "corrected once more."
        ),
        ("v_hat = v /", "v_hat = v = v /"),
        where=N_("return θ, (m, **v**, t), before the correction"),
    ),
    slip(
        "corrected_returned",
        N_("corrected moments returned"),
        N_("You return m̂ and v̂: at the next step they are corrected once more."),
        (RETURN, "AdamState(m_hat, v / (1 - beta2**t), t)"),
        where=N_("return θ, (**m, v**, t), before the correction"),
    ),
)
