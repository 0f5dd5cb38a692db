"""`lbfgs_direction`. CS7: −H∇ from the last few steps, by the two-loop recursion."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from autograder.exercises.second_order.lbfgs_wrong import (
    both_loops_reversed,
    dfp,
    first_loop_oldest_first,
    last_pair_only,
    recursion,
    second_loop_newest_first,
)
from autograder.exercises.second_order.newton_step import TOPIC, hessian
from descentlab.text import N_

H0 = "((s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) if s_list else 1.0)"


def lbfgs_trials(rng):
    def one(label, n, pairs, dtype=np.float64, scale=1.0, **more):
        matrix = hessian(rng, n)
        steps = [scale * rng.normal(size=n) for _ in range(pairs)]
        changes = [matrix @ s for s in steps]
        lists = [[part.astype(dtype) for part in parts] for parts in (steps, changes)]
        return single(label, rng.normal(size=n).astype(dtype), *lists, **more)

    grad = np.round(rng.uniform(0.3, 1.5, 2), 1)
    return [
        single("example", grad, [np.array([1.0, 0.0])], [np.array([2.0, 0.5])]),
        one("usual", 6, 3),
        one("usual", 4, 2),
        one("usual", 5, 1),
        one("usual", 7, 5),
        one("usual", 3, 0),
        one("usual", 9, 12, scale=0.2),
        one("float32", 5, 2, np.float32, tolerance=FLOAT32_TOLERANCE),
    ]


EXERCISE = Exercise(
    name="lbfgs_direction",
    topic=TOPIC,
    points=50,
    returns="direction",
    trials=lbfgs_trials,
    mistakes=(
        slip(
            "uphill",
            N_("sign of the direction"),
            N_("You return H∇, which points uphill. A direction to walk down is its negative."),
            ("return -r", "return r"),
            where=N_("**−** r"),
        ),
        slip(
            "first_loop_order",
            N_("first loop runs from the oldest"),
            N_(
                "Your first loop runs from the oldest pair to the newest. The first loop undoes "
                "the newest first; the second one builds up again from the oldest."
            ),
            first_loop_oldest_first,
            where=N_("first loop: **newest to oldest**"),
        ),
        slip(
            "second_loop_order",
            N_("second loop runs from the newest"),
            N_(
                "Your second loop runs from the newest pair to the oldest, like the first one. It "
                "goes back the other way."
            ),
            second_loop_newest_first,
            where=N_("second loop: **oldest to newest**"),
        ),
        slip(
            "both_loops_reversed",
            N_("both loops the other way round"),
            N_(
                "Both loops run the other way round, as if the lists began with the newest pair. "
                "They begin with the oldest: the first loop starts at their end."
            ),
            both_loops_reversed,
            where=N_("first loop: **newest to oldest**, second loop: **oldest to newest**"),
        ),
        slip(
            "alphas_not_reversed",
            N_("alphas in the wrong order"),
            N_(
                "The second loop pairs its steps with the alphas in the order in which they were "
                "found: newest first. Each step needs its own alpha."
            ),
            ("reversed(alphas)", "alphas"),
            where=N_("r + (**α** − b) s, α of this pair"),
        ),
        slip(
            "not_scaled",
            N_("H₀ = identity"),
            N_(
                "Between the loops nothing is scaled, as if H₀ were the identity. H₀ is sᵀy/yᵀy "
                "from the newest pair."
            ),
            ("(s @ y) / (y @ y) * q", "q"),
            where=N_("r = **sᵀy/yᵀy** · q"),
        ),
        slip(
            "scaled_whole",
            N_("the whole scaled, not what is between the loops"),
            N_(
                "H₀ scales everything here, before the first loop or after the second. It belongs "
                "between the loops."
            ),
            ("q = grad", f"q = grad * {H0}"),
            ("(s @ y) / (y @ y) * q", "q"),
            where=N_("first loop, **H₀**, second loop"),
            pairs=False,
        ),
        slip(
            "scale_from_oldest",
            N_("H₀ from the oldest pair"),
            N_("H₀ is scaled with the oldest pair. It is the newest that knows the valley here."),
            ("s_list[-1], y_list[-1]", "s_list[0], y_list[0]"),
            where=N_("H₀ from the **newest** pair"),
        ),
        slip(
            "scale_inverted",
            N_("H₀ upside down"),
            N_("H₀ is yᵀy/sᵀy here: that is a curvature. H is an *inverse* curvature."),
            ("(s @ y) / (y @ y)", "(y @ y) / (s @ y)"),
            where=N_("r = **sᵀy/yᵀy** · q"),
        ),
        slip(
            "other_scale",
            N_("sᵀs/sᵀy for H₀"),
            N_("H₀ is scaled by sᵀs/sᵀy, the other Barzilai-Borwein length. Here it is sᵀy/yᵀy."),
            ("(s @ y) / (y @ y)", "(s @ s) / (s @ y)"),
            where=N_("r = **sᵀy/yᵀy** · q"),
        ),
        slip(
            "q_moved_along_s",
            N_("q moved along s"),
            N_("The first loop takes α·s away from q. It takes away α·y."),
            ("q - alpha * y", "q - alpha * s"),
            where=N_("q ← q − α **y**"),
        ),
        slip(
            "q_added",
            N_("sign in the first loop"),
            N_("The first loop adds α·y to q. It takes it away."),
            ("q - alpha * y", "q + alpha * y"),
            where=N_("q ← q **−** α y"),
        ),
        slip(
            "alpha_from_y",
            N_("α from yᵀq"),
            N_("The first loop's α is made from yᵀq; it is sᵀq/sᵀy."),
            ("alpha = (s @ q)", "alpha = (y @ q)"),
            where=N_("α = **sᵀ**q/sᵀy"),
        ),
        slip(
            "alpha_from_gradient",
            N_("α always from the gradient"),
            N_("Every α is made from the gradient; after the first pair it is q that has changed."),
            ("(s @ q)", "(s @ grad)"),
            where=N_("α = sᵀ**q**/sᵀy"),
        ),
        slip(
            "not_divided_first",
            N_("sᵀy missing in α"),
            N_("α isn't divided by sᵀy."),
            ("(s @ q) / (s @ y)", "(s @ q)"),
            where=N_("α = sᵀq**/sᵀy**"),
        ),
        slip(
            "b_from_s",
            N_("second loop with sᵀr"),
            N_("The second loop's number is made from sᵀr; it is yᵀr/sᵀy."),
            ("b = (y @ r)", "b = (s @ r)"),
            where=N_("b = **yᵀ**r/sᵀy"),
        ),
        slip(
            "b_from_q",
            N_("second loop with yᵀq"),
            N_(
                "The second loop's number is made from q, where the first loop left it. r has "
                "moved on."
            ),
            ("b = (y @ r)", "b = (y @ q)"),
            where=N_("b = yᵀ**r**/sᵀy"),
        ),
        slip(
            "r_moved_along_y",
            N_("r moved along y"),
            N_("The second loop adds a multiple of y to r. It adds a multiple of s."),
            ("(alpha - b) * s", "(alpha - b) * y"),
            where=N_("r ← r + (α − b) **s**"),
        ),
        slip(
            "difference_reversed",
            N_("α − b the wrong way round"),
            N_("The second loop adds (b − α) s; the difference stands the wrong way round."),
            ("(alpha - b) * s", "(b - alpha) * s"),
            where=N_("r ← r + (**α − b**) s"),
        ),
        slip(
            "b_forgotten",
            N_("b missing in the second loop"),
            N_("The second loop adds α·s. What it has already, b, has to be taken off."),
            ("(alpha - b) * s", "alpha * s"),
            where=N_("r ← r + (α **− b**) s"),
        ),
        slip(
            "sum_for_difference",
            N_("α + b in the second loop"),
            N_("The second loop adds (α + b) s. What r has already, b, has to be taken off."),
            ("(alpha - b) * s", "(alpha + b) * s"),
            where=N_("r ← r + (α **−** b) s"),
        ),
        slip(
            "alpha_forgotten",
            N_("α missing in the second loop"),
            N_("The second loop only takes b·s off. α·s, from the first loop, has to be added."),
            ("(alpha - b) * s", "(-b) * s"),
            where=N_("r ← r + (**α** − b) s"),
        ),
        slip(
            "second_loop_missing",
            N_("no second loop"),
            N_(
                "What comes back is what the first loop and the scaling leave. The second loop "
                "adds its part for every pair."
            ),
            ("r = r + (alpha - b) * s", "r = r + 0.0"),
            pairs=False,
        ),
        slip(
            "only_scaled",
            N_("only the scaling"),
            N_(
                "The gradient is scaled with the newest pair, and its direction stays: both loops "
                "have no effect."
            ),
            ("q = q - alpha * y", "q = q + 0.0"),
            ("r = r + (alpha - b) * s", "r = r + 0.0"),
            pairs=False,
        ),
        slip(
            "lists_exchanged",
            N_("s and y exchanged"),
            N_("s and y have changed places everywhere: s_list holds steps, y_list what ∇ did."),
            lambda grad, s_list, y_list: recursion(grad, y_list, s_list),
        ),
        slip(
            "newest_first",
            N_("lists read from the newest"),
            N_(
                "You read the lists as if the newest pair came first. They run from the oldest to "
                "the newest: both loops, and the scaling, begin at the wrong end."
            ),
            lambda grad, s_list, y_list: recursion(grad, s_list[::-1], y_list[::-1]),
        ),
        slip(
            "newest_left_out",
            N_("newest pair left out"),
            N_("The newest pair has no effect. It is the one that knows the valley here."),
            lambda grad, s_list, y_list: recursion(grad, s_list[:-1], y_list[:-1]),
        ),
        slip(
            "oldest_left_out",
            N_("oldest pair left out"),
            N_("The oldest pair has no effect. All of the pairs are walked through."),
            lambda grad, s_list, y_list: recursion(grad, s_list[1:], y_list[1:]),
        ),
        slip(
            "divided_by_steps",
            N_("sᵀs for sᵀy"),
            N_("α and b are divided by sᵀs. They are divided by sᵀy."),
            lambda grad, s_list, y_list: recursion(grad, s_list, y_list, lambda s, y: 1 / (s @ s)),
            where=N_("α = sᵀq/**sᵀy**, b = yᵀr/**sᵀy**"),
        ),
        slip(
            "divided_by_changes",
            N_("yᵀy for sᵀy"),
            N_("α and b are divided by yᵀy. They are divided by sᵀy."),
            lambda grad, s_list, y_list: recursion(grad, s_list, y_list, lambda s, y: 1 / (y @ y)),
            where=N_("α = sᵀq/**sᵀy**, b = yᵀr/**sᵀy**"),
        ),
        slip(
            "multiplied_not_divided",
            N_("multiplied by sᵀy"),
            N_("α and b are multiplied by sᵀy. They are divided by it."),
            lambda grad, s_list, y_list: recursion(grad, s_list, y_list, lambda s, y: s @ y),
            where=N_("α = sᵀq**/sᵀy**, b = yᵀr**/sᵀy**"),
        ),
        slip(
            "uphill_with_pairs",
            N_("sign where there are pairs"),
            N_(
                "Without pairs your direction is right. With pairs it is H∇, which points uphill: "
                "the minus is missing there."
            ),
            lambda grad, s_list, y_list: -recursion(grad, s_list, y_list) if len(s_list) else -grad,
            where=N_("**−** r"),
        ),
        slip(
            "uphill_without_pairs",
            N_("sign where there are no pairs"),
            N_("With pairs your direction is right. Without any it is ∇, which points uphill."),
            lambda grad, s_list, y_list: recursion(grad, s_list, y_list) if len(s_list) else grad,
            where=N_("no pairs: **−**∇"),
        ),
        slip(
            "zero_without_pairs",
            N_("0 where there are no pairs"),
            N_("With pairs your direction is right. Without any it is 0, and nothing moves: −∇."),
            lambda grad, s_list, y_list: (
                recursion(grad, s_list, y_list) if len(s_list) else np.zeros_like(grad)
            ),
            where=N_("no pairs: **−∇**"),
        ),
        elsewhere(
            "dfp",
            N_("DFP's update"),
            N_(
                "This is the update of Davidon, Fletcher and Powell. The two loops give another "
                "one, by Broyden, Fletcher, Goldfarb and Shanno."
            ),
            dfp,
        ),
        slip(
            "memory_unused",
            N_("plain gradient direction"),
            N_("The pairs have no effect: this is the direction of gradient descent."),
            lambda grad, s_list, y_list: -grad,
        ),
        slip(
            "last_pair_only",
            N_("only the newest pair used"),
            N_("Only the newest pair has an effect. All of the pairs are walked through."),
            last_pair_only,
        ),
        elsewhere(
            "inverse_only",
            N_("H∇ without the minus, no scaling"),
            N_(
                "This is the two-loop recursion as many texts print it: it returns H∇, with "
                "H₀ = I, and the caller puts the minus. Here the direction goes down, and H₀ is "
                "scaled."
            ),
            ("(s @ y) / (y @ y) * q", "q"),
            ("return -r", "return r"),
        ),
    ),
    hints=(
        N_(
            "Two loops over the same pairs. The first goes from the newest to the oldest and "
            "takes α·y off the gradient; keep every α for the second."
        ),
        N_(
            "Between the loops: scale by sᵀy/yᵀy of the newest pair, if there is one. The second "
            "loop goes from the oldest to the newest and adds (α − b)·s, with b = yᵀr/sᵀy."
        ),
        N_("With no pairs at all both loops do nothing; what is left is the way down."),
    ),
    praise=N_("It never wrote down a matrix: how many numbers does it remember for N parameters?"),
)
