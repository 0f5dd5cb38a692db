"""`elastic_net_penalty`: l1 ‖θ‖₁ + l2/2 ‖θ‖², with its gradient."""

from autograder.exercises.base import Exercise, elsewhere, slip
from autograder.exercises.regularization.inputs import PARTS, TOPIC, penalty_trials
from descentlab.text import N_

PENALTIES = "penalty_1 + penalty_2"
GRADS = "grad_1 + grad_2"

EXERCISE = Exercise(
    name="elastic_net_penalty",
    topic=TOPIC,
    points=5,
    returns=("penalty", "grad"),
    trials=penalty_trials((0.15, 0.45), (0.6, 0.95)),
    parts=PARTS,
    mistakes=(
        slip(
            "strengths_swapped",
            N_("l1 and l2 swapped"),
            N_(
                "l1 multiplies the L2 penalty and l2 the L1 penalty. Each strength belongs to the "
                "penalty of its name."
            ),
            ("l1_penalty(theta, l1)", "l1_penalty(theta, l2)"),
            ("l2_penalty(theta, l2)", "l2_penalty(theta, l1)"),
            where=N_("**l1** ‖θ‖₁ + **l2**/2 ‖θ‖²"),
        ),
        slip(
            "half_forgotten",
            N_("½ forgotten in the penalty"),
            N_("In the penalty the ½ of the L2 part is missing: your own l2_penalty has it."),
            (PENALTIES, "penalty_1 + 2 * penalty_2"),
            where=N_("l1 ‖θ‖₁ + l2**/2** ‖θ‖²"),
        ),
        slip(
            "two_in_gradient",
            N_("a 2 in the gradient"),
            N_(
                "The L2 part of your gradient has a 2 in front, which the ½ of the penalty cancels."
            ),
            (GRADS, "grad_1 + grad_2 * 2"),
            where=N_("l1 sign θ + **l2** θ"),
        ),
        slip(
            "half_in_gradient",
            N_("½ in the gradient"),
            N_("The L2 part of your gradient still carries the ½, which the square's 2 cancels."),
            (GRADS, "grad_1 + grad_2 / 2"),
            where=N_("l1 sign θ + **l2** θ"),
        ),
        elsewhere(
            "keras_form",
            N_("L2 part without ½"),
            N_(
                "This is the sum as Keras's l1_l2 has it: l1 ‖θ‖₁ + l2 ‖θ‖², with 2 l2 θ in the "
                "gradient. Here the L2 part has a ½, as in your l2_penalty."
            ),
            (PENALTIES, "penalty_1 + 2 * penalty_2"),
            (GRADS, "grad_1 + grad_2 * 2"),
            where=N_("l1 ‖θ‖₁ + l2**/2** ‖θ‖²;  l1 sign θ + **l2** θ"),
        ),
        elsewhere(
            "ratio_form",
            N_("one strength and a ratio"),
            N_(
                "This is scikit-learn's ElasticNet, with one strength for both and a ratio that "
                "divides it between them. Here l1 and l2 are two strengths of their own."
            ),
            ("l1_penalty(theta, l1)", "l1_penalty(theta, l1 * l2)"),
            ("l2_penalty(theta, l2)", "l2_penalty(theta, l1 * (1 - l2))"),
            where=N_("**l1** ‖θ‖₁ + **l2**/2 ‖θ‖²"),
        ),
        slip(
            "mixed",
            N_("1 − l1 for l2"),
            N_(
                "The L2 part goes in with 1 − l1, as if the two strengths shared out a whole. "
                "They don't: l2 is its own number."
            ),
            ("l2_penalty(theta, l2)", "l2_penalty(theta, 1 - l1)"),
            where=N_("l1 ‖θ‖₁ + **l2**/2 ‖θ‖²"),
        ),
        slip(
            "one_strength",
            N_("l1 for both"),
            N_("Both parts are multiplied by l1, and l2 is nowhere."),
            ("l2_penalty(theta, l2)", "l2_penalty(theta, l1)"),
            where=N_("l1 ‖θ‖₁ + **l2**/2 ‖θ‖²"),
        ),
        slip(
            "other_strength",
            N_("l2 for both"),
            N_("Both parts are multiplied by l2, and l1 is nowhere."),
            ("l1_penalty(theta, l1)", "l1_penalty(theta, l2)"),
            where=N_("**l1** ‖θ‖₁ + l2/2 ‖θ‖²"),
        ),
        slip(
            "penalty_l1_only",
            N_("L2 part missing in the penalty"),
            N_("Your penalty is the L1 part alone."),
            (PENALTIES, "penalty_1"),
            where=N_("l1 ‖θ‖₁ **+ l2/2 ‖θ‖²**"),
        ),
        slip(
            "penalty_l2_only",
            N_("L1 part missing in the penalty"),
            N_("Your penalty is the L2 part alone."),
            (PENALTIES, "penalty_2"),
            where=N_("**l1 ‖θ‖₁ +** l2/2 ‖θ‖²"),
        ),
        slip(
            "gradient_l1_only",
            N_("L2 part missing in the gradient"),
            N_("Your gradient is the L1 part alone."),
            (GRADS, "grad_1"),
            where=N_("l1 sign θ **+ l2 θ**"),
        ),
        slip(
            "gradient_l2_only",
            N_("L1 part missing in the gradient"),
            N_("Your gradient is the L2 part alone."),
            (GRADS, "grad_2"),
            where=N_("**l1 sign θ +** l2 θ"),
        ),
        slip(
            "penalty_difference",
            N_("penalties subtracted"),
            N_("In your penalty one part is taken from the other. Both are punished: they add up."),
            (PENALTIES, "penalty_1 - penalty_2"),
            where=N_("l1 ‖θ‖₁ **+** l2/2 ‖θ‖²"),
        ),
        slip(
            "gradient_difference",
            N_("gradients subtracted"),
            N_("In your gradient one part is taken from the other. A sum's gradient is a sum."),
            (GRADS, "grad_1 - grad_2"),
            where=N_("l1 sign θ **+** l2 θ"),
        ),
        slip(
            "halved",
            N_("mean of the two"),
            N_("You take the mean of the two parts. It is their sum; the strengths weigh them."),
            (PENALTIES, f"({PENALTIES}) / 2"),
            (GRADS, f"({GRADS}) / 2"),
            where=N_("l1 ‖θ‖₁ **+** l2/2 ‖θ‖²"),
        ),
        slip(
            "sign_at_zero",
            N_("sign of 0 not 0"),
            N_(
                "Where θ is 0 the L1 part of your gradient isn't 0: a weight that has come to rest "
                "is pushed away again. Its sign is taken as 0."
            ),
            (GRADS, "(grad_1 + l1 * (theta == 0)) + grad_2"),
            where=N_("l1 **sign θ** + l2 θ, sign 0 = 0"),
        ),
        slip(
            "sign_at_zero_down",
            N_("sign of 0 not 0"),
            N_(
                "Where θ is 0 the L1 part of your gradient isn't 0: a weight that has come to rest "
                "is pushed away again. Its sign is taken as 0."
            ),
            (GRADS, "(grad_1 - l1 * (theta == 0)) + grad_2"),
            where=N_("l1 **sign θ** + l2 θ, sign 0 = 0"),
        ),
        slip(
            "zero_by_zero",
            N_("0/0 at θ = 0"),
            N_(
                "θ/|θ| is the sign of every number but 0, where it is 0/0. L1 brings weights to 0, "
                "so this will happen; the sign there is taken as 0."
            ),
            (GRADS, "(grad_1 + 0 * theta / np.abs(theta)) + grad_2"),
            where=N_("l1 **sign θ** + l2 θ, sign 0 = 0"),
            pairs=False,
        ),
        slip(
            "half_on_both",
            N_("½ on both penalties"),
            N_("The L1 part of your penalty has a ½, too. Only the square needs one."),
            (PENALTIES, "penalty_1 / 2 + penalty_2"),
            where=N_("**l1** ‖θ‖₁ + l2/2 ‖θ‖²"),
        ),
        slip(
            "norm_not_squared",
            N_("norm not squared"),
            N_(
                "The L2 part of your penalty has the length of θ in it where the squared length "
                "belongs."
            ),
            (PENALTIES, "penalty_1 + l2 / 2 * float(np.sqrt(np.sum(theta**2)))"),
            where=N_("l1 ‖θ‖₁ + l2/2 ‖θ‖**²**"),
            pairs=False,
        ),
    ),
    hints=(
        N_("You have written both parts already. A function may call another one of yours."),
        N_("Four numbers come back from the two calls: add what belongs together."),
        N_("On paper, with θ = [3, −4], l1 = 0.5, l2 = 1: 3.5 and 12.5 make the penalty 16."),
    ),
    praise=N_("Which of the two sets weights to 0, and which keeps the rest from growing?"),
)
