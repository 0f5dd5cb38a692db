"""`l2_penalty`. SL2: λ/2 ‖θ‖², with the gradient λθ."""

from autograder.exercises.base import Exercise, elsewhere, slip
from autograder.exercises.regularization.inputs import PARTS, TOPIC, penalty_trials
from descentlab.text import N_

SQUARES = "np.sum(theta**2)"
HALF = "lam / 2 * float"
L2_GRAD = "lam * theta"

EXERCISE = Exercise(
    name="l2_penalty",
    topic=TOPIC,
    points=4,
    returns=("penalty", "grad"),
    trials=penalty_trials((0.15, 0.85)),
    parts=PARTS,
    mistakes=(
        slip(
            "half_forgotten",
            N_("½ forgotten in the penalty"),
            N_(
                "The gradient is right. The penalty is twice too large for it: differentiate what "
                "you wrote, and a 2 comes down from the square."
            ),
            (HALF, "lam * float"),
            where=N_("λ**/2** ‖θ‖²"),
        ),
        slip(
            "half_in_gradient",
            N_("½ in the gradient"),
            N_(
                "The penalty is right. Its gradient still carries the ½, which the 2 from the "
                "square has cancelled."
            ),
            (L2_GRAD, "lam * theta / 2"),
            where=N_("∇ = **λθ**"),
        ),
        slip(
            "two_in_gradient",
            N_("a 2 in the gradient"),
            N_(
                "The penalty is right. Its gradient has a 2 in front: the one that came down from "
                "the square meets the ½ of the penalty."
            ),
            (L2_GRAD, "lam * theta * 2"),
            where=N_("∇ = **λ**θ"),
        ),
        elsewhere(
            "ridge_form",
            N_("λ‖θ‖² without ½"),
            N_(
                "This is the penalty as scikit-learn's Ridge and Keras write it, λ‖θ‖² with the "
                "gradient 2λθ. The two belong together. Here the penalty has a ½, which makes the "
                "gradient λθ."
            ),
            (HALF, "lam * float"),
            (L2_GRAD, "lam * theta * 2"),
            where=N_("λ**/2** ‖θ‖²;  **λ**θ"),
        ),
        slip(
            "norm_not_squared",
            N_("norm not squared"),
            N_("Your penalty has the length of θ in it where the squared length belongs."),
            (SQUARES, f"np.sqrt({SQUARES})"),
            where=N_("λ/2 ‖θ‖**²**"),
        ),
        slip(
            "mean_for_sum",
            N_("mean for sum"),
            N_(
                "Your penalty averages the squares, so it shrinks as the network grows. ‖θ‖² is "
                "their sum."
            ),
            (SQUARES, "np.mean(theta**2)"),
            where=N_("λ/2 **Σ** θ_i²"),
        ),
        elsewhere(
            "averaged",
            N_("averaged over the parameters"),
            N_(
                "Penalty and gradient are both divided by the number of parameters. They belong "
                "together, and some call that a penalty too; with it λ would have to be changed "
                "with the size of the network. Here it is the sum."
            ),
            (SQUARES, "np.mean(theta**2)"),
            (L2_GRAD, "lam * theta / theta.size"),
            where=N_("λ/2 **Σ** θ_i²;  **λ**θ"),
        ),
        slip(
            "square_of_sum",
            N_("square of the sum"),
            N_(
                "You add first and square afterwards, so positive and negative parameters cancel. "
                "Each one is squared on its own."
            ),
            (SQUARES, "np.sum(theta) ** 2"),
            where=N_("λ/2 **Σ θ_i²**"),
        ),
        slip(
            "spectral_norm",
            N_("largest singular value for a matrix"),
            N_(
                "For vectors your penalty is right. np.linalg.norm(theta, 2) of a matrix is its "
                "largest singular value, and for three axes it raises. ‖θ‖² is the sum of all "
                "squares, whatever the shape."
            ),
            (SQUARES, "np.linalg.norm(theta, 2) ** 2"),
            where=N_("λ/2 **‖θ‖²**"),
        ),
        slip(
            "not_summed",
            N_("penalty not summed"),
            N_(
                "Your penalty is an array with one number per parameter. It is added to a loss, "
                "so it must be a single number: their sum."
            ),
            (f"float({SQUARES})", "theta**2"),
            where=N_("λ/2 **Σ** θ_i²"),
            pairs=False,
        ),
        slip(
            "sizes_for_squares",
            N_("sizes for squares"),
            N_("Your penalty adds up the sizes |θ_i|: that is L1, the next exercise."),
            (SQUARES, "np.sum(np.abs(theta))"),
            where=N_("λ/2 Σ **θ_i²**"),
        ),
        slip(
            "l1_instead",
            N_("L1 for L2"),
            N_("Penalty and gradient are L1's, the next exercise: sizes for squares, signs for θ."),
            (HALF, "lam * float"),
            (SQUARES, "np.sum(np.abs(theta))"),
            (L2_GRAD, "lam * np.sign(theta)"),
            where=N_("λ/2 Σ **θ_i²**;  λ**θ**"),
            pairs=False,
        ),
        slip(
            "length_for_square",
            N_("norm not squared, nor its gradient"),
            N_(
                "You return the length λ‖θ‖ and its gradient, which is as long for a small θ as "
                "for a large one. L2's penalty is the *squared* length, and pulls a small weight "
                "gently."
            ),
            (HALF, "lam * float"),
            (SQUARES, f"np.sqrt({SQUARES})"),
            (L2_GRAD, "lam * theta / np.linalg.norm(theta)"),
            where=N_("λ/2 ‖θ‖**²**;  λ**θ**"),
            pairs=False,
        ),
        slip(
            "lam_missing",
            N_("λ missing in the penalty"),
            N_("The penalty is ½‖θ‖² whatever λ is: nobody could tune it."),
            (HALF, "1 / 2 * float"),
            where=N_("**λ**/2 ‖θ‖²"),
        ),
        slip(
            "lam_missing_in_gradient",
            N_("λ missing in the gradient"),
            N_("The gradient you return is θ itself, whatever λ is."),
            (L2_GRAD, "theta.copy()"),
            where=N_("∇ = **λ**θ"),
        ),
        slip(
            "gradient_sign",
            N_("sign of the gradient"),
            N_(
                "Your gradient points towards 0, which is where the step has to go. The gradient "
                "points uphill, away from 0; it is the step that turns it round."
            ),
            (L2_GRAD, "-lam * theta"),
            where=N_("∇ = **+**λθ"),
        ),
        slip(
            "decayed_theta",
            N_("shrunk parameters for the gradient"),
            N_(
                "In place of the gradient you return θ − λθ, the parameters after a step with it. "
                "The step isn't this function's business."
            ),
            (L2_GRAD, "theta - lam * theta"),
            where=N_("∇ = **λθ**"),
        ),
        slip(
            "strength_of_sl2",
            N_("1 − λ for λ"),
            N_(
                "In penalty and gradient stands 1 − λ: you read λ as SL2's w, the factor that the "
                "parameters are multiplied by. λ is the strength itself."
            ),
            (HALF, "(1 - lam) / 2 * float"),
            (L2_GRAD, "(1 - lam) * theta"),
            where=N_("**λ**/2 ‖θ‖²;  **λ**θ"),
            pairs=False,
        ),
    ),
    hints=(
        N_("Two results: one number for the loss, one array for the gradient."),
        N_("Differentiate λ/2 · θ² for a single parameter. What is left of the ½?"),
        N_("On paper, with θ = [3, −4] and λ = 0.5: ‖θ‖² is 25, the penalty 6.25."),
    ),
    praise=N_("How strong is the pull on a weight that is already near 0?"),
)
