"""Mistakes in the moments m and v, which `adam_step` and `adam_uncorrected_step` share."""

from autograder.exercises.base import elsewhere, slip
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

FIRST = "beta1 * state.m + (1 - beta1) * grad\n"
SECOND = "beta2 * state.v + (1 - beta2) * grad**2"
STATE = "AdamState(m, v, t)"

MOMENT_MISTAKES = (
    # the first moment
    slip(
        "m_forgot_past",
        N_("old m forgotten"),
        N_("Your m is made of this gradient alone. The share β₁ of the old m belongs in."),
        (FIRST, "(1 - beta1) * grad\n"),
        where=N_("m ← **β₁m** + (1 − β₁)g"),
    ),
    slip(
        "m_weight_missing",
        N_("1 − β₁ missing"),
        N_(
            "The gradient goes into m whole: momentum's decaying sum, 1/(1 − β₁) times as large as "
            "the mean that Adam takes."
        ),
        (FIRST, "beta1 * state.m + grad\n"),
        where=N_("m ← β₁m + **(1 − β₁)**g"),
    ),
    slip(
        "m_swapped",
        N_("β₁ and 1 − β₁ swapped"),
        N_("The old m goes in with 1 − β₁, the gradient with β₁. β₁ is the share that stays."),
        (FIRST, "(1 - beta1) * state.m + beta1 * grad\n"),
        where=N_("m ← **β₁**m + **(1 − β₁)**g"),
    ),
    slip(
        "m_never_decays",
        N_("m never decays"),
        N_("The old m goes in whole, as if nothing of it were lost. β₁ is the share that stays."),
        ("beta1 * state.m", "state.m"),
        where=N_("m ← **β₁**m + (1 − β₁)g"),
    ),
    slip(
        "m_with_beta2",
        N_("m made with β₂"),
        N_("You make m with β₂. That one belongs to v; m has β₁."),
        (FIRST, "beta2 * state.m + (1 - beta2) * grad\n"),
        where=N_("m ← **β₁**m + (1 − **β₁**)g"),
    ),
    slip(
        "m_from_square",
        N_("m made of squares"),
        N_("The squared gradient goes into m. m says which way: it takes g with its sign."),
        ("(1 - beta1) * grad", "(1 - beta1) * grad**2"),
        where=N_("m ← β₁m + (1 − β₁)**g**"),
    ),
    slip(
        "m_gradient_sign",
        N_("sign of the gradient in m"),
        N_(
            "The gradient goes into m with a minus and the step subtracts m: two minus signs, and "
            "that climbs."
        ),
        ("+ (1 - beta1) * grad", "- (1 - beta1) * grad"),
        where=N_("m ← β₁m **+** (1 − β₁)g"),
    ),
    slip(
        "m_memory_sign",
        N_("sign of the old m"),
        N_("The old m goes in with a minus: the direction turns round at every step."),
        ("beta1 * state.m", "-beta1 * state.m"),
        where=N_("m ← **+β₁m** + (1 − β₁)g"),
        pairs=False,
    ),
    slip(
        "m_not_returned",
        N_("old m returned"),
        N_("The m that you return is the one that came in."),
        (STATE, "AdamState(state.m, v, t)"),
        where=N_("return θ, (**m**, v, t)"),
    ),
    # the second moment
    slip(
        "v_forgot_past",
        N_("old v forgotten"),
        N_("Your v is made of this gradient alone. The share β₂ of the old v belongs in."),
        (SECOND, "(1 - beta2) * grad**2"),
        where=N_("v ← **β₂v** + (1 − β₂)g²"),
    ),
    slip(
        "v_weight_missing",
        N_("1 − β₂ missing"),
        N_("The new square goes into v whole: a decaying sum, 1/(1 − β₂) times too large."),
        ("(1 - beta2) * grad**2", "grad**2"),
        where=N_("v ← β₂v + **(1 − β₂)**g²"),
    ),
    slip(
        "v_swapped",
        N_("β₂ and 1 − β₂ swapped"),
        N_("The old v goes in with 1 − β₂, the new square with β₂. β₂ is the share that stays."),
        (SECOND, "(1 - beta2) * state.v + beta2 * grad**2"),
        where=N_("v ← **β₂**v + **(1 − β₂)**g²"),
    ),
    slip(
        "v_never_decays",
        N_("v never decays"),
        N_("The old v goes in whole and can only grow. β₂ is the share that stays."),
        ("beta2 * state.v", "state.v"),
        where=N_("v ← **β₂**v + (1 − β₂)g²"),
    ),
    slip(
        "v_with_beta1",
        N_("v made with β₁"),
        N_("You make v with β₁. That one belongs to m; v has β₂."),
        (SECOND, "beta1 * state.v + (1 - beta1) * grad**2"),
        where=N_("v ← **β₂**v + (1 − **β₂**)g²"),
    ),
    slip(
        "v_not_squared",
        N_("gradient not squared in v"),
        N_(
            "The gradient goes into v as it is, with its sign, and the root has to be taken of "
            "negative numbers. v is a mean of squares."
        ),
        ("grad**2", "grad"),
        where=N_("v ← β₂v + (1 − β₂)g**²**"),
    ),
    slip(
        "v_of_sizes",
        N_("sizes in v, not squares"),
        N_("|g| goes into v where its square belongs; a root is taken of v later on."),
        ("grad**2", "np.abs(grad)"),
        where=N_("v ← β₂v + (1 − β₂)g**²**"),
    ),
    slip(
        "v_from_m",
        N_("v made of m"),
        N_(
            "The square of m goes into v: what alternates has cancelled in m already, and v no "
            "longer sees how large the gradients are. v takes the gradient's own square."
        ),
        ("grad**2", "m**2"),
        where=N_("v ← β₂v + (1 − β₂)**g²**"),
    ),
    slip(
        "v_weight_squared",
        N_("1 − β₂ inside the square"),
        N_("You square 1 − β₂ together with the gradient. Only the gradient is squared."),
        ("(1 - beta2) * grad**2", "((1 - beta2) * grad) ** 2"),
        where=N_("v ← β₂v + (1 − β₂)**g²**"),
        pairs=False,
    ),
    slip(
        "v_sum",
        N_("Adagrad's sum in v"),
        N_("v adds up all squares, as Adagrad's s. Adam's v is a mean that forgets."),
        (SECOND, "state.v + grad**2"),
        where=N_("v ← **β₂**v + **(1 − β₂)**g²"),
    ),
    slip(
        "v_max",
        N_("maximum in v"),
        N_(
            "v keeps the larger of the old size, decayed, and the new one, as AdaMax does, and the "
            "rest of your step takes it for a mean of squares."
        ),
        (SECOND, "np.maximum(beta2 * state.v, np.abs(grad))"),
        where=N_("v ← **β₂v + (1 − β₂)g²**"),
        pairs=False,
    ),
    slip(
        "one_v_for_all",
        N_("one v for all parameters"),
        N_("You average the squares over all parameters. Each parameter keeps its own v."),
        ("grad**2", "np.mean(grad**2)"),
        where=N_("v ← β₂v + (1 − β₂)**g²**, entry by entry"),
    ),
    slip(
        "norm_in_v",
        N_("norm of the whole gradient in v"),
        N_("You add up the squares of all parameters. Each parameter keeps its own v."),
        ("grad**2", "np.sum(grad**2)"),
        where=N_("v ← β₂v + (1 − β₂)**g²**, entry by entry"),
    ),
    slip(
        "v_not_returned",
        N_("old v returned"),
        N_("The v that you return is the one that came in."),
        (STATE, "AdamState(m, state.v, t)"),
        where=N_("return θ, (m, **v**, t)"),
    ),
    slip(
        "root_stored",
        N_("the root returned as v"),
        N_("The step is right. What you return as v is its root; v stays a mean of squares."),
        (STATE, "AdamState(m, np.sqrt(v), t)"),
        where=N_("return θ, (m, **v**, t)"),
        pairs=False,
    ),
    elsewhere(
        "adabelief",
        N_("AdaBelief: squares of g − m"),
        N_(
            "The square of g − m goes into your v, a variance, as in AdaBelief. Adam's v is the "
            "*raw* second moment: the square of g itself, with nothing taken off."
        ),
        ("grad**2", "(grad - m) ** 2"),
        where=N_("v ← β₂v + (1 − β₂)**g**²"),
        pairs=False,
    ),
    elsewhere(
        "amsgrad",
        N_("AMSGrad: v never falls"),
        N_(
            "Your v never gets smaller, as in AMSGrad, which keeps the maximum so that no rate can "
            "grow again. Adam's v may fall."
        ),
        (SECOND, f"np.maximum(state.v, {SECOND})"),
        where=N_("v ← **β₂v + (1 − β₂)g²**"),
        pairs=False,
    ),
    # both
    slip(
        "betas_swapped_in_moments",
        N_("β₁ and β₂ swapped in m and v"),
        N_("m is made with β₂ and v with β₁. Which of the two remembers longer?"),
        (FIRST, "beta2 * state.m + (1 - beta2) * grad\n"),
        (SECOND, "beta1 * state.v + (1 - beta1) * grad**2"),
        where=N_("m ← **β₁**m + (1 − **β₁**)g;  v ← **β₂**v + (1 − **β₂**)g²"),
        pairs=False,
    ),
    slip(
        "weights_missing",
        N_("1 − β missing in m and v"),
        N_("Gradient and square go in whole: decaying sums, where the rule has means."),
        (FIRST, "beta1 * state.m + grad\n"),
        ("(1 - beta2) * grad**2", "grad**2"),
        where=N_("m ← β₁m + **(1 − β₁)**g;  v ← β₂v + **(1 − β₂)**g²"),
        pairs=False,
    ),
    slip(
        "both_swapped",
        N_("β and 1 − β swapped in m and v"),
        N_("In both means the old value goes in with 1 − β. β is the share that stays."),
        (FIRST, "(1 - beta1) * state.m + beta1 * grad\n"),
        (SECOND, "(1 - beta2) * state.v + beta2 * grad**2"),
        where=N_("m ← **β₁**m + **(1 − β₁)**g;  v ← **β₂**v + **(1 − β₂)**g²"),
        pairs=False,
    ),
    slip(
        "moments_not_returned",
        N_("old moments returned"),
        N_("The step is right; the m and v that you return are the ones that came in."),
        (STATE, "AdamState(state.m, state.v, t)"),
        where=N_("return θ, (**m, v**, t)"),
        pairs=False,
    ),
    slip(
        "state_not_returned",
        N_("old state returned"),
        N_(
            "The step is right; the state that you return is the one that came in, so every step "
            "is the first one again."
        ),
        (STATE, "state"),
        where=N_("return θ, **(m, v, t)**"),
        pairs=False,
    ),
    slip(
        "state_swapped",
        N_("state in another order"),
        N_("m and v change places in the state that you return. It is AdamState(m, v, t)."),
        (STATE, "AdamState(v, m, t)"),
        where=N_("return θ, **(m, v, t)**"),
    ),
    slip(
        "t_first_in_state",
        N_("t first in the state"),
        N_("t comes first in the state that you return. It is AdamState(m, v, t)."),
        (STATE, "AdamState(t, m, v)"),
        where=N_("return θ, **(m, v, t)**"),
        pairs=False,
    ),
    slip(
        "state_read_swapped",
        N_("m and v exchanged on the way in"),
        N_(
            "m goes on from the v that came in, and v from the m: the state comes as "
            "AdamState(m, v, t), in this order."
        ),
        ("state.m", "state.v"),
        ("state.v", "state.m"),
        where=N_("m ← β₁**m** + (1 − β₁)g;  v ← β₂**v** + (1 − β₂)g²"),
        pairs=False,
    ),
    slip(
        "state_zeroed",
        N_("m and v begun anew"),
        N_(
            "Your m and v are made of this gradient alone, as if they were 0 before every step. "
            "The shares β of the old ones belong in."
        ),
        (FIRST, "(1 - beta1) * grad\n"),
        (SECOND, "(1 - beta2) * grad**2"),
        where=N_("m ← **β₁m** + (1 − β₁)g;  v ← **β₂v** + (1 − β₂)g²"),
        pairs=False,
    ),
    slip(
        "m_with_lr",
        N_("α in m"),
        N_("The gradient goes into m with α. In Adam α stands in the step alone; m is a mean."),
        (FIRST, "beta1 * state.m + lr * grad\n"),
        where=N_("m ← β₁m + **(1 − β₁)**g"),
        pairs=False,
    ),
    slip(
        "m_on_everything",
        N_("β₁ times the whole sum"),
        N_("β₁ multiplies the new gradient besides its 1 − β₁: look at where the brackets stand."),
        (FIRST, "beta1 * (state.m + (1 - beta1) * grad)\n"),
        where=N_("m ← **β₁m** + (1 − β₁)g"),
        pairs=False,
    ),
    slip(
        "m_twice",
        N_("m renewed twice"),
        N_("m is renewed twice in one call, so the gradient goes in twice and β₁ acts twice."),
        (FIRST, "beta1 * (beta1 * state.m + (1 - beta1) * grad) + (1 - beta1) * grad\n"),
        where=N_("m ← **β₁m + (1 − β₁)g**, once"),
        pairs=False,
    ),
    slip(
        "mean_over_axis",
        N_("mean over the first axis in v"),
        N_(
            "You average the squares over the first axis, as if that were a batch. It is an axis "
            "of the parameters: each keeps its own v."
        ),
        ("grad**2", "np.mean(grad**2, axis=0)"),
        where=N_("v ← β₂v + (1 − β₂)**g²**, entry by entry"),
        pairs=False,
    ),
    *whole_gradient("(1 - beta1) * grad", "grad**2"),
    slip(
        "mean_of_gradient_in_m",
        N_("mean of the gradient in m"),
        N_(
            "The mean over the gradient's entries goes into m, one number for all parameters. Each "
            "parameter has a slope of its own."
        ),
        ("(1 - beta1) * grad", "(1 - beta1) * np.mean(grad)"),
        where=N_("m ← β₁m + (1 − β₁)**g**, entry by entry"),
        pairs=False,
    ),
)
