"""Mistakes in the step that `adagrad_step` and `rmsprop_step` share: θ ← θ − α g/√(s + ε)."""

from autograder.exercises.adaptive.step_slips import around_the_root
from autograder.exercises.base import elsewhere, slip
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

STEP = "theta - lr * grad / np.sqrt(s + eps)"
ROOT = "np.sqrt(s + eps)"

ROOT_MISTAKES = (
    slip(
        "root_missing",
        N_("root missing"),
        N_(
            "You divide by s + ε itself. s holds squares; without the root the step has the wrong "
            "unit, and large gradients make smaller steps than small ones. KK: it trains well only "
            "with the root."
        ),
        (ROOT, "(s + eps)"),
        where=N_("θ ← θ − α g/**√**(s + ε)"),
    ),
    slip(
        "eps_missing",
        N_("ε missing"),
        N_(
            "ε doesn't reach the step: it is missing under the root, or a fixed number stands in "
            "its place."
        ),
        (ROOT, "np.sqrt(s)"),
        where=N_("θ ← θ − α g/√(s **+ ε**)"),
    ),
    slip(
        "eps_added_to_step",
        N_("ε outside the fraction"),
        N_(
            "ε is added after the division, so it moves θ itself and protects nothing. Which "
            "brackets are missing round the denominator?"
        ),
        (STEP, "theta - (lr * grad / np.sqrt(s) + eps)"),
        where=N_("θ ← θ − α g/**√(s + ε)**"),
    ),
    slip(
        "eps_added_to_theta",
        N_("ε added to θ"),
        N_(
            "ε is added at the end of the line, to θ itself. Without brackets the division comes "
            "before the sum, and nothing keeps the denominator from 0."
        ),
        (STEP, "theta - lr * grad / np.sqrt(s) + eps"),
        where=N_("θ ← θ − α g/**√(s + ε)**"),
    ),
    slip(
        "sign",
        N_("sign of the step"),
        N_("The step is added to θ: that goes uphill. The gradient points up."),
        ("theta - lr", "theta + lr"),
        where=N_("θ ← θ **−** α g/√(s + ε)"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The scaled gradient is subtracted whole: α is nowhere in your step."),
        ("lr * grad", "grad"),
        where=N_("θ ← θ − **α** g/√(s + ε)"),
    ),
    slip(
        "gradient_missing",
        N_("gradient missing in the step"),
        N_(
            "You subtract α over the root, and the gradient is nowhere above it: every parameter "
            "moves the same way, uphill or down."
        ),
        ("lr * grad", "lr"),
        where=N_("θ ← θ − α **g**/√(s + ε)"),
    ),
    slip(
        "gradient_squared_in_step",
        N_("squared gradient in the step"),
        N_(
            "Above the root you have g², which has no sign any more. The squares belong into s; "
            "the step goes along g."
        ),
        ("lr * grad", "lr * grad**2"),
        where=N_("θ ← θ − α **g**/√(s + ε)"),
    ),
    slip(
        "multiplied_by_root",
        N_("multiplied, not divided"),
        N_(
            "You multiply by the root, so steep parameters take still longer steps. What gets "
            "much attention is to slow down."
        ),
        (f"/ {ROOT}", f"* {ROOT}"),
        where=N_("θ ← θ − α g **/** √(s + ε)"),
    ),
    slip(
        "not_divided",
        N_("plain gradient step"),
        N_("s is renewed, and the step doesn't use it: θ moves by α·g, as plain gradient descent."),
        (f" / {ROOT}", ""),
        where=N_("θ ← θ − α g **/√(s + ε)**"),
    ),
    slip(
        "lr_under_root",
        N_("learning rate under the root"),
        N_("α stands under the root, so only its root acts. It scales the finished fraction."),
        (STEP, "theta - np.sqrt(lr / (s + eps)) * grad"),
        where=N_("θ ← θ − **α** g/√(s + ε)"),
    ),
    slip(
        "s_not_returned",
        N_("old s returned"),
        N_(
            "The s that you return is the one that came in, so the next step "
            "has forgotten this gradient."
        ),
        ("s = ", "new_s = "),
        (ROOT, "np.sqrt(new_s + eps)"),
        where=N_("return θ, **s** (the new one)"),
    ),
    slip(
        "one_rate_for_all",
        N_("one denominator for all parameters"),
        N_(
            "The squares of all parameters are added into one number, so all get the same rate. "
            "The squares are taken entry by entry: each parameter keeps its own s."
        ),
        ("grad**2", "np.sum(grad**2)"),
        where=N_("g **⊙** g, entry by entry"),
    ),
    slip(
        "mean_for_all",
        N_("mean over all parameters"),
        N_(
            "You average the squares over all parameters, so all get the same rate. The squares "
            "are taken entry by entry: each parameter keeps its own s."
        ),
        ("grad**2", "np.mean(grad**2)"),
        where=N_("g **⊙** g, entry by entry"),
    ),
    slip(
        "not_squared",
        N_("gradient not squared"),
        N_(
            "The gradient goes into s as it is, with its sign: uphill and downhill cancel, and "
            "the number under the root may become negative. s collects how large, not which way."
        ),
        ("grad**2", "grad"),
        where=N_("g **⊙ g**"),
    ),
    slip(
        "size_not_square",
        N_("size for the square"),
        N_(
            "|g| goes into s where its square belongs. Under a root you need squares, or the step "
            "doesn't come out in the gradient's own unit."
        ),
        ("grad**2", "np.abs(grad)"),
        where=N_("g **⊙ g**"),
    ),
    slip(
        "lr_in_squares",
        N_("learning rate inside the squares"),
        N_("You square α·g. s knows nothing of α: it collects the squares of the gradients alone."),
        ("grad**2", "(lr * grad) ** 2"),
        where=N_("**g ⊙ g**"),
    ),
    slip(
        "theta_unchanged",
        N_("θ not moved"),
        N_("s is renewed, and θ comes back as it went in. Who takes the step?"),
        (f"theta = {STEP}\n", ""),
        where=N_("θ ← **θ − α g/√(s + ε)**"),
    ),
    slip(
        "returned_step",
        N_("the step returned for θ"),
        N_("What you return as θ is the step alone. The new θ is the old one, moved by it."),
        (STEP, f"-lr * grad / {ROOT}"),
        where=N_("θ ← **θ** − α g/√(s + ε)"),
    ),
    slip(
        "root_stored",
        N_("the root stored in s"),
        N_(
            "What you return as s is its root; the next step would take the "
            "root of a root. s stays a number made of squares."
        ),
        ("return theta, s", "return theta, np.sqrt(s)"),
        where=N_("return θ, **s**"),
    ),
    slip(
        "root_with_eps_stored",
        N_("the denominator stored in s"),
        N_(
            "What you return as s is the whole denominator, root and ε and all. "
            "s stays a number made of squares."
        ),
        ("return theta, s", "return theta, np.sqrt(s + eps)"),
        where=N_("return θ, **s**"),
    ),
    slip(
        "eps_stored",
        N_("ε kept in s"),
        N_(
            "ε goes into the s that you return, so it is added again at every step. It helps out "
            "under the root and is forgotten after that."
        ),
        ("return theta, s", "return theta, s + eps"),
        where=N_("return θ, **s**"),
    ),
    elsewhere(
        "eps_outside",
        N_("ε outside the root"),
        N_(
            "This is the rule as CS7 and PyTorch write it: √s + ε. There it is right. KK puts ε "
            "under the root, here, too; the two differ where gradients are tiny."
        ),
        (ROOT, "(np.sqrt(s) + eps)"),
        where=N_("θ ← θ − α g/√(s **+ ε**)"),
    ),
    slip(
        "eps_squared_inside",
        N_("ε² under the root"),
        N_(
            "You square ε under the root. That would give it the gradient's unit; KK's ε stands "
            "there as it is, in the unit of g²."
        ),
        (ROOT, "np.sqrt(s + eps**2)"),
        where=N_("θ ← θ − α g/√(s + **ε**)"),
    ),
    slip(
        "sign_in_step",
        N_("sign of the gradient in the step"),
        N_(
            "Above the root you have the sign of the gradient alone. The root sizes the step; the "
            "gradient itself stands above it."
        ),
        ("lr * grad", "lr * np.sign(grad)"),
        where=N_("θ ← θ − α **g**/√(s + ε)"),
        pairs=False,
    ),
    slip(
        "lr_times_square",
        N_("learning rate in s"),
        N_("α stands before the square in s. s knows nothing of α; it scales the step alone."),
        ("grad**2", "lr * grad**2"),
        where=N_("**g ⊙ g**"),
        pairs=False,
    ),
    slip(
        "mean_gradient_squared",
        N_("square of the mean gradient in s"),
        N_(
            "You square the mean of the gradient's entries, so all parameters get the same s. The "
            "squares are taken entry by entry."
        ),
        ("grad**2", "np.mean(grad) ** 2"),
        where=N_("g **⊙** g, entry by entry"),
        pairs=False,
    ),
    slip(
        "mean_gradient_in_step",
        N_("mean of the gradient in the step"),
        N_(
            "Above the root you have the mean of the gradient's entries, one number for all "
            "parameters. Each goes along its own slope."
        ),
        ("lr * grad", "lr * np.mean(grad)"),
        where=N_("θ ← θ − α **g**/√(s + ε)"),
        pairs=False,
    ),
    slip(
        "mean_over_axis",
        N_("mean over the first axis in s"),
        N_(
            "You average the squares over the first axis, as if that were a batch. It is an axis "
            "of the parameters: each keeps its own s."
        ),
        ("grad**2", "np.mean(grad**2, axis=0)"),
        where=N_("g **⊙** g, entry by entry"),
        pairs=False,
    ),
    *around_the_root(
        STEP, "lr * grad", ROOT, "s", inside=True, where=N_("θ ← θ − α g/**√(s + ε)**")
    ),
    *whole_gradient("lr * grad", "grad**2"),
)
