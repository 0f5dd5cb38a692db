"""Mistakes in `radam_step`'s ρ∞ and ρ_t, in r, and in the question which step to take."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

LENGTH = "rho_inf - 2 * t * beta2**t / (1 - beta2**t)"
RATIO = "(rho_t - 4) * (rho_t - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho_t)"
NAN_ROOT = ("r_squared**0.5", "np.sqrt(r_squared)")
"""A negative number's root is NaN, as in an answer that takes np.sqrt."""

WHERE_INF = N_("ρ∞ = **2/(1 − β₂) − 1**")
WHERE_RHO = N_("ρ_t = ρ∞ − **2tβ₂ᵗ/(1 − β₂ᵗ)**")
WHERE_R = N_("r = √[**(ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)**]")

RHO_MISTAKES = (
    slip(
        "one_not_subtracted",
        N_("− 1 missing in ρ∞"),
        N_("Your ρ∞ is one too large: the − 1 at its end is missing."),
        ("2 / (1 - beta2) - 1", "2 / (1 - beta2)"),
        where=N_("ρ∞ = 2/(1 − β₂) **− 1**"),
    ),
    slip(
        "one_above_line",
        N_("one for two in ρ∞"),
        N_("Above the line of ρ∞ you have a 1. It is a 2."),
        ("2 / (1 - beta2) - 1", "1 / (1 - beta2) - 1"),
        where=N_("ρ∞ = **2**/(1 − β₂) − 1"),
        pairs=False,
    ),
    slip(
        "one_added",
        N_("+ 1 in ρ∞"),
        N_("At the end of ρ∞ you add 1. It is subtracted."),
        ("2 / (1 - beta2) - 1", "2 / (1 - beta2) + 1"),
        where=N_("ρ∞ = 2/(1 − β₂) **−** 1"),
        pairs=False,
    ),
    slip(
        "inf_fixed",
        N_("a fixed number for ρ∞"),
        N_("Your ρ∞ is 1999, that of β₂ = 0.999, whatever β₂ is."),
        ("2 / (1 - beta2) - 1", "1999.0"),
        where=N_("ρ∞ = 2/(1 − **β₂**) − 1"),
        pairs=False,
    ),
    slip(
        "rho_of_last_step",
        N_("ρ of the update before"),
        N_("Your ρ_t is that of the update before: t there is one too small."),
        (
            LENGTH,
            "rho_inf - 2 * (t - 1) * beta2 ** (t - 1) / (1 - beta2 ** (t - 1)) if t > 1 else 1.0",
        ),
        where=N_("ρ_t = ρ∞ − 2**t**β₂^**t**/(1 − β₂^**t**)"),
        pairs=False,
    ),
    slip(
        "rho_divided_without_power",
        N_("1 − β₂ for 1 − β₂ᵗ in ρ_t"),
        N_("In ρ_t you divide by 1 − β₂. The power t belongs there, too: 1 − β₂ᵗ."),
        (LENGTH, "rho_inf - 2 * t * beta2**t / (1 - beta2)"),
        where=N_("ρ_t = ρ∞ − 2tβ₂ᵗ/(1 − **β₂ᵗ**)"),
        pairs=False,
    ),
    slip(
        "inf_from_beta1",
        N_("β₁ in ρ∞"),
        N_("ρ∞ is made with β₁. It says how many gradients stand in v, and v is made with β₂."),
        ("2 / (1 - beta2) - 1", "2 / (1 - beta1) - 1"),
        where=N_("ρ∞ = 2/(1 − **β₂**) − 1"),
        pairs=False,
    ),
    slip(
        "all_from_beta1",
        N_("β₁ in ρ∞ and ρ_t"),
        N_("ρ∞ and ρ_t are made with β₁. They tell how many gradients stand in v: β₂ makes it."),
        ("2 / (1 - beta2) - 1", "2 / (1 - beta1) - 1"),
        (LENGTH, "rho_inf - 2 * t * beta1**t / (1 - beta1**t)"),
        where=N_("ρ∞ = 2/(1 − **β₂**) − 1;  ρ_t = ρ∞ − 2t**β₂**ᵗ/(1 − **β₂**ᵗ)"),
        pairs=False,
    ),
    slip(
        "rho_from_beta1",
        N_("β₁ in ρ_t"),
        N_("ρ_t is made with β₁. It tells how many gradients stand in v: β₂ makes it."),
        (LENGTH, "rho_inf - 2 * t * beta1**t / (1 - beta1**t)"),
        where=N_("ρ_t = ρ∞ − 2t**β₂**ᵗ/(1 − **β₂**ᵗ)"),
        pairs=False,
    ),
    slip(
        "rho_is_inf",
        N_("ρ_t is ρ∞"),
        N_("ρ_t is ρ∞ from the start. At first few gradients stand in v: what is subtracted?"),
        (LENGTH, "rho_inf"),
        where=N_("ρ_t = ρ∞ **− 2tβ₂ᵗ/(1 − β₂ᵗ)**"),
        pairs=False,
    ),
    slip(
        "rho_sign",
        N_("sign in ρ_t"),
        N_("Your ρ_t begins above ρ∞ and falls. It begins at 1 and rises towards ρ∞."),
        (LENGTH, "rho_inf + 2 * t * beta2**t / (1 - beta2**t)"),
        where=N_("ρ_t = ρ∞ **−** 2tβ₂ᵗ/(1 − β₂ᵗ)"),
    ),
    slip(
        "two_missing",
        N_("2 missing in ρ_t"),
        N_("What is subtracted from ρ∞ is half of what it should be: the 2 is missing."),
        (LENGTH, "rho_inf - t * beta2**t / (1 - beta2**t)"),
        where=N_("ρ_t = ρ∞ − **2**tβ₂ᵗ/(1 − β₂ᵗ)"),
    ),
    slip(
        "t_missing",
        N_("t missing in ρ_t"),
        N_("In what is subtracted from ρ∞ the factor t is missing."),
        (LENGTH, "rho_inf - 2 * beta2**t / (1 - beta2**t)"),
        where=N_("ρ_t = ρ∞ − 2**t**β₂ᵗ/(1 − β₂ᵗ)"),
    ),
    slip(
        "rho_not_divided",
        N_("1 − β₂ᵗ missing in ρ_t"),
        N_("In ρ_t nothing is divided by 1 − β₂ᵗ."),
        (LENGTH, "rho_inf - 2 * t * beta2**t"),
        where=N_("ρ_t = ρ∞ − 2tβ₂ᵗ**/(1 − β₂ᵗ)**"),
    ),
    slip(
        "rho_brackets_missing",
        N_("brackets round 1 − β₂ᵗ missing in ρ_t"),
        N_("In ρ_t you divide by 1 and subtract β₂ᵗ: brackets are missing below the line."),
        (LENGTH, "rho_inf - 2 * t * beta2**t / 1 - beta2**t"),
        where=N_("ρ_t = ρ∞ − 2tβ₂ᵗ/**(**1 − β₂ᵗ**)**"),
        pairs=False,
    ),
    slip(
        "rho_one_behind",
        N_("ρ_t one update behind"),
        N_("ρ_t is taken with the t that came in. This update counts, here too."),
        (LENGTH, "rho_inf - 2 * state.t * beta2**state.t / (1 - beta2**state.t)"),
        where=WHERE_RHO,
        pairs=False,
    ),
)

R_MISTAKES = (
    slip(
        "r_missing",
        N_("r missing"),
        N_(
            "The adaptive step has no r: it is Adam's whole step from the first. r is near 0 when "
            "few gradients stand in v and rises towards 1; that is the warm-up."
        ),
        ("lr * r * m_hat", "lr * m_hat"),
        where=N_("θ ← θ − α **r** m̂/(√v̂ + ε)"),
    ),
    slip(
        "r_without_root",
        N_("root of r missing"),
        N_("The root is missing: you use r²."),
        ("r_squared**0.5", "r_squared"),
        where=N_("r = **√**[(ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)]"),
    ),
    slip(
        "r_upside_down",
        N_("r upside down"),
        N_("Your r is above 1 and falls: the fraction stands on its head, or you divide by r."),
        ("r_squared**0.5", "r_squared**-0.5"),
        where=WHERE_R,
    ),
    slip(
        "r_brackets_missing",
        N_("brackets below the line of r missing"),
        N_(
            "Below the line of r only the first factor is divided by; the others multiply. Put "
            "brackets round the whole denominator."
        ),
        ("((rho_inf - 4) * (rho_inf - 2) * rho_t)", "(rho_inf - 4) * (rho_inf - 2) * rho_t"),
        where=N_("r = √[(ρ_t − 4)(ρ_t − 2)ρ∞ / **(**(ρ∞ − 4)(ρ∞ − 2)ρ_t**)**]"),
    ),
    slip(
        "r_ends_swapped",
        N_("last factors of r swapped"),
        N_("In r the last factors are swapped: ρ∞ stands above the line and ρ_t below it."),
        (RATIO, "(rho_t - 4) * (rho_t - 2) * rho_t / ((rho_inf - 4) * (rho_inf - 2) * rho_inf)"),
        where=N_("r = √[(ρ_t − 4)(ρ_t − 2)**ρ∞** / ((ρ∞ − 4)(ρ∞ − 2)**ρ_t**)]"),
        pairs=False,
    ),
    slip(
        "r_ends_missing",
        N_("last factors of r missing"),
        N_("In r the last factors are missing, ρ∞ above the line and ρ_t below it."),
        (RATIO, "(rho_t - 4) * (rho_t - 2) / ((rho_inf - 4) * (rho_inf - 2))"),
        where=N_("r = √[(ρ_t − 4)(ρ_t − 2)**ρ∞** / ((ρ∞ − 4)(ρ∞ − 2)**ρ_t**)]"),
        pairs=False,
    ),
    slip(
        "r_twos_missing",
        N_("factors with − 2 missing in r"),
        N_("In r the factors with − 2 are missing, one above the line and one below it."),
        (RATIO, "(rho_t - 4) * rho_inf / ((rho_inf - 4) * rho_t)"),
        where=N_("r = √[(ρ_t − 4)**(ρ_t − 2)**ρ∞ / ((ρ∞ − 4)**(ρ∞ − 2)**ρ_t)]"),
        pairs=False,
    ),
    slip(
        "r_fours_missing",
        N_("factors with − 4 missing in r"),
        N_("In r the factors with − 4 are missing, one above the line and one below it."),
        (RATIO, "(rho_t - 2) * rho_inf / ((rho_inf - 2) * rho_t)"),
        where=N_("r = √[**(ρ_t − 4)**(ρ_t − 2)ρ∞ / (**(ρ∞ − 4)**(ρ∞ − 2)ρ_t)]"),
        pairs=False,
    ),
    slip(
        "r_rho_t_missing",
        N_("ρ_t missing below the line of r"),
        N_("Below the line of r the last factor, ρ_t, is missing."),
        (" * (rho_inf - 2) * rho_t)", " * (rho_inf - 2))"),
        where=N_("r = √[(ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)**ρ_t**)]"),
        pairs=False,
    ),
    slip(
        "r_rho_inf_missing",
        N_("ρ∞ missing above the line of r"),
        N_("Above the line of r the last factor, ρ∞, is missing."),
        ("(rho_t - 2) * rho_inf /", "(rho_t - 2) /"),
        where=N_("r = √[(ρ_t − 4)(ρ_t − 2)**ρ∞** / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)]"),
        pairs=False,
    ),
)

THRESHOLD_MISTAKES = (
    slip(
        "branches_exchanged",
        N_("the two steps exchanged"),
        N_("The adaptive step is taken while ρ_t is at most 4, and momentum's step after."),
        ("rho_t > 4", "rho_t <= 4"),
        NAN_ROOT,
        where=N_("adaptive **if ρ_t > 4**"),
        pairs=False,
    ),
    slip(
        "always_adaptive",
        N_("always the adaptive step"),
        N_(
            "The adaptive step is taken from the start. Up to ρ_t = 4 there is no r: between 2 and "
            "4 a negative number stands under its root."
        ),
        ("rho_t > 4", "True"),
        NAN_ROOT,
        where=N_("adaptive **if ρ_t > 4**, else θ − αm̂"),
        pairs=False,
    ),
    slip(
        "inf_tested",
        N_("ρ∞ compared with 4"),
        N_("You compare ρ∞ with 4, which never changes. It is ρ_t that grows past 4."),
        ("rho_t > 4", "rho_inf > 4"),
        NAN_ROOT,
        where=N_("adaptive if **ρ_t** > 4"),
        pairs=False,
    ),
    slip(
        "never_adaptive",
        N_("never the adaptive step"),
        N_(
            "Every step is momentum's: the adaptive one never begins. Either it isn't there, or "
            "your ρ_t never gets above 4. Print it: it is 1 at t = 1 and rises towards ρ∞. Look at "
            "the brackets of ρ∞, and at the powers in ρ_t."
        ),
        ("rho_t > 4", "False"),
        where=N_("if **ρ_t > 4**: θ − α r m̂/(√v̂ + ε)"),
        pairs=False,
    ),
    slip(
        "t_tested",
        N_("t compared with 4"),
        N_(
            "You compare t with 4, or with 5. For β₂ near 1 that happens to be the same; in "
            "general it takes more updates, and for β₂ ≤ 0.6 ρ_t never gets above 4."
        ),
        ("rho_t > 4", "t > 4"),
        NAN_ROOT,
        where=N_("adaptive if **ρ_t** > 4"),
        pairs=False,
    ),
    slip(
        "t_above_five",
        N_("t compared with 5"),
        N_(
            "You compare t with 5. It is ρ_t that is compared, with 4: for β₂ near 1 it passes 4 "
            "at the fifth update, in general later, and for β₂ ≤ 0.6 never."
        ),
        ("rho_t > 4", "t > 5"),
        NAN_ROOT,
        where=N_("adaptive if **ρ_t** > 4"),
        pairs=False,
    ),
    elsewhere(
        "authors_threshold",
        N_("threshold 5"),
        N_(
            "Your adaptive steps begin at ρ_t = 5, as in the authors' code and in PyTorch. The "
            "paper's Algorithm 2, which is asked for here, begins them above 4."
        ),
        ("rho_t > 4", "rho_t > 5"),
        where=N_("adaptive if ρ_t > **4**"),
    ),
    elsewhere(
        "pytorch_form",
        N_("PyTorch's RAdam"),
        N_(
            "This is PyTorch's RAdam: adaptive above ρ_t = 5, with ε added to √v before the "
            "correction. The paper's Algorithm 2 begins above 4, and ε joins √v̂."
        ),
        ("rho_t > 4", "rho_t > 5"),
        ("v / (1 - beta2**t)", "v"),
        ("lr * r * m_hat /", "lr * r * m_hat * (1 - beta2**t) ** 0.5 /"),
        where=N_("adaptive if ρ_t > **4**;  θ ← θ − α r m̂/(**√v̂ + ε**)"),
        pairs=False,
    ),
)
