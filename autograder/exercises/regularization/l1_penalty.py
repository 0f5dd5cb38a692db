"""`l1_penalty`. SL2's LASSO: λ‖θ‖₁, with the gradient λ sign θ."""

from autograder.exercises.base import Exercise, elsewhere, slip
from autograder.exercises.regularization.inputs import PARTS, TOPIC, penalty_trials
from descentlab.text import N_

SIZES = "np.sum(np.abs(theta))"
SIGN = "np.sign(theta)"

EXERCISE = Exercise(
    name="l1_penalty",
    topic=TOPIC,
    points=4,
    returns=("penalty", "grad"),
    trials=penalty_trials((0.15, 0.85)),
    parts=PARTS,
    mistakes=(
        slip(
            "sign_at_zero_up",
            N_("+1 at 0"),
            N_(
                "At θ = 0 your gradient is +λ: a weight that has come to rest there is pushed "
                "away again. Its sign is taken as 0, so it stays."
            ),
            (SIGN, "np.where(theta >= 0, 1.0, -1.0)"),
            where=N_("λ **sign θ**, 0 at 0"),
        ),
        slip(
            "sign_at_zero_down",
            N_("−1 at 0"),
            N_(
                "At θ = 0 your gradient is −λ: a weight that has come to rest there is pushed "
                "away again. Its sign is taken as 0, so it stays."
            ),
            (SIGN, "np.where(theta > 0, 1.0, -1.0)"),
            where=N_("λ **sign θ**, 0 at 0"),
        ),
        slip(
            "zero_by_zero",
            N_("0/0 at θ = 0"),
            N_(
                "θ/|θ| is the sign of every number but 0, where it is 0/0. L1 brings weights to 0, "
                "so this will happen; the sign there is taken as 0."
            ),
            (SIGN, "(theta / np.abs(theta))"),
            where=N_("λ **sign θ**, 0 at 0"),
        ),
        slip(
            "sizes_missing",
            N_("plain sum for sum of sizes"),
            N_("You add the parameters with their signs, so they cancel. Their sizes are added."),
            (SIZES, "np.sum(theta)"),
            where=N_("λ Σ **|θ_i|**"),
        ),
        slip(
            "size_of_sum",
            N_("size of the sum"),
            N_("You add first and take the size afterwards, so parameters cancel before."),
            (SIZES, "np.abs(np.sum(theta))"),
            where=N_("λ **Σ |θ_i|**"),
        ),
        slip(
            "sizes_as_gradient",
            N_("sizes in the gradient"),
            N_(
                "Your gradient is λ|θ|: it always points up, and it grows with the weight. The "
                "slope of |θ| is the same everywhere but for its sign."
            ),
            (SIGN, "np.abs(theta)"),
            where=N_("∇ = λ **sign θ**"),
        ),
        slip(
            "gradient_of_l2",
            N_("gradient of L2"),
            N_(
                "The penalty is L1's, the gradient L2's: λθ grows with the weight. The slope of "
                "|θ| doesn't."
            ),
            (SIGN, "theta"),
            where=N_("∇ = λ **sign θ**"),
        ),
        slip(
            "signs_missing",
            N_("sign missing in the gradient"),
            N_("Your gradient is λ for all parameters, the negative ones too."),
            (SIGN, "np.ones_like(theta)"),
            where=N_("∇ = λ **sign θ**"),
        ),
        slip(
            "squares_for_sizes",
            N_("squares for sizes"),
            N_("Your penalty adds up squares: that is L2's sum. L1 adds up sizes."),
            (SIZES, "np.sum(theta**2)"),
            where=N_("λ Σ **|θ_i|**"),
        ),
        slip(
            "length_for_sizes",
            N_("length for sum of sizes"),
            N_(
                "Your penalty is the length of θ, ‖θ‖₂, the root of the squares' sum. ‖θ‖₁ is the "
                "sum of the sizes."
            ),
            (SIZES, "np.sqrt(np.sum(theta**2))"),
            where=N_("λ **‖θ‖₁**"),
        ),
        slip(
            "half_in_penalty",
            N_("a ½ as in L2"),
            N_("There is a ½ in your penalty. In L2 it meets the 2 of the square; here is none."),
            ("lam * float", "lam / 2 * float"),
            where=N_("**λ**‖θ‖₁"),
        ),
        slip(
            "mean_for_sum",
            N_("mean for sum"),
            N_(
                "Your penalty averages the sizes, so it shrinks as the network grows. ‖θ‖₁ is "
                "their sum."
            ),
            (SIZES, "np.mean(np.abs(theta))"),
            where=N_("λ **Σ** |θ_i|"),
        ),
        elsewhere(
            "averaged",
            N_("averaged over the parameters"),
            N_(
                "Penalty and gradient are both divided by the number of parameters. They belong "
                "together; with them λ would have to be changed with the size of the network. "
                "Here it is the sum."
            ),
            (SIZES, "np.mean(np.abs(theta))"),
            (SIGN, "np.sign(theta) / theta.size"),
            where=N_("λ **Σ** |θ_i|;  **λ** sign θ"),
        ),
        slip(
            "column_norm",
            N_("largest column sum for a matrix"),
            N_(
                "For vectors your penalty is right. np.linalg.norm(theta, 1) of a matrix is the "
                "largest sum of a column, and for three axes it raises. ‖θ‖₁ is the sum of all "
                "sizes, whatever the shape."
            ),
            (SIZES, "np.linalg.norm(theta, 1)"),
            where=N_("λ **‖θ‖₁**"),
        ),
        slip(
            "not_summed",
            N_("penalty not summed"),
            N_(
                "Your penalty is an array with one number per parameter. It is added to a loss, "
                "so it must be a single number: their sum."
            ),
            (f"float({SIZES})", "np.abs(theta)"),
            where=N_("λ **Σ** |θ_i|"),
            pairs=False,
        ),
        slip(
            "l2_instead",
            N_("L2 for L1"),
            N_("Penalty and gradient are L2's: squares for sizes, θ for its signs."),
            ("lam * float", "lam / 2 * float"),
            (SIZES, "np.sum(theta**2)"),
            (SIGN, "theta"),
            where=N_("λ Σ **|θ_i|**;  λ **sign θ**"),
            pairs=False,
        ),
        slip(
            "half_in_both",
            N_("a ½ as in L2, in both"),
            N_(
                "Penalty and gradient both carry a ½. In L2 it meets the 2 of the square; here "
                "is none."
            ),
            ("lam * float", "lam / 2 * float"),
            (SIGN, "np.sign(theta) / 2"),
            where=N_("**λ** Σ |θ_i|;  **λ** sign θ"),
            pairs=False,
        ),
        slip(
            "lam_missing",
            N_("λ missing in the penalty"),
            N_("The penalty is ‖θ‖₁ whatever λ is: nobody could tune it."),
            ("lam * float", "float"),
            where=N_("**λ**‖θ‖₁"),
        ),
        slip(
            "lam_missing_in_gradient",
            N_("λ missing in the gradient"),
            N_("The gradient you return is the sign alone, whatever λ is."),
            (f"lam * {SIGN}", SIGN),
            where=N_("∇ = **λ** sign θ"),
        ),
        slip(
            "gradient_sign",
            N_("sign of the gradient"),
            N_(
                "Your gradient points towards 0, which is where the step has to go. The gradient "
                "points uphill, away from 0; it is the step that turns it round."
            ),
            (f"lam * {SIGN}", f"-lam * {SIGN}"),
            where=N_("∇ = **+**λ sign θ"),
        ),
        slip(
            "signs_missing_but_at_zero",
            N_("sign missing in the gradient, but at 0"),
            N_("Your gradient is λ wherever θ isn't 0, for negative parameters too."),
            (SIGN, "np.abs(np.sign(theta))"),
            where=N_("∇ = λ **sign θ**"),
        ),
    ),
    hints=(
        N_("‖θ‖₁ is the sum of the sizes. What is the slope of |θ| left of 0, and right of it?"),
        N_("At 0 the slope isn't defined. We take it as 0, so that a weight may rest there."),
        N_("On paper, with θ = [3, −4, 0] and λ = 0.5: the penalty is 3.5."),
    ),
    praise=N_("The pull is as strong near 0 as far away: which weights end at exactly 0?"),
)
