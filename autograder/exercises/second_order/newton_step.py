"""`newton_step`. SL2, CS7: θ ← θ − H⁻¹∇."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from descentlab.text import N_

TOPIC = "second_order"


def hessian(rng, n, *, saddle=False):
    """A symmetric matrix, well conditioned, with mixed axes; eigenvalues from 0.5 to 3."""
    axes, _r = np.linalg.qr(rng.normal(size=(n, n)))
    values = rng.uniform(0.6, 3.0, n)
    if saddle:
        values *= np.where(np.arange(n) % 2, -1.0, 1.0)
    matrix = (axes * values) @ axes.T
    return (matrix + matrix.T) / 2


def newton_trials(rng):
    def one(label, n, dtype=np.float64, saddle=False, **more):
        parts = rng.normal(size=n), rng.normal(size=n), hessian(rng, n, saddle=saddle)
        return single(label, *(part.astype(dtype) for part in parts), **more)

    example = np.array([[2.0, 0.5], [0.5, 1.0]])
    return [
        single("example", np.array([1.0, -2.0]), np.round(rng.uniform(0.2, 1.5, 2), 1), example),
        one("usual", 5),
        one("usual", 3),
        one("usual", 7, saddle=True),
        one("usual", 1),
        one("float32", 4, np.float32, tolerance=FLOAT32_TOLERANCE),
    ]


def _absolute_eigenvalues(theta, grad, hessian):
    values, axes = np.linalg.eigh(hessian)
    return theta - axes @ ((axes.T @ grad) / np.abs(values))


def _gradient_at_saddles(theta, grad, hessian):
    if np.linalg.eigvalsh(hessian).min() > 0:
        return theta - np.linalg.solve(hessian, grad)
    return theta - grad


EXERCISE = Exercise(
    name="newton_step",
    topic=TOPIC,
    points=34,
    returns="theta",
    trials=newton_trials,
    mistakes=(
        slip(
            "step_sign",
            N_("sign of the step"),
            N_("You add the step to θ. Newton's step is taken away."),
            ("theta - step", "theta + step"),
            where=N_("θ **−** H⁻¹∇"),
        ),
        slip(
            "times_hessian",
            N_("multiplied by the Hessian"),
            N_(
                "You multiply by H where you should divide by it: a steep direction gets a long "
                "step, and it needs a short one."
            ),
            ("np.linalg.solve(hessian, grad)", "hessian @ grad"),
            where=N_("θ − **H⁻¹**∇"),
        ),
        slip(
            "diagonal_only",
            N_("diagonal of the Hessian only"),
            N_(
                "Only the diagonal of H is used, as if the axes of the valley lay along the "
                "parameters. Newton uses the whole matrix."
            ),
            ("np.linalg.solve(hessian, grad)", "grad / np.diag(hessian)"),
            where=N_("θ − **H⁻¹**∇"),
        ),
        slip(
            "inverse_entries",
            N_("1/H entry by entry"),
            N_("1 / H turns each entry upside down. The inverse matrix is another thing."),
            ("np.linalg.solve(hessian, grad)", "(1 / hessian) @ grad"),
            where=N_("θ − **H⁻¹**∇"),
        ),
        slip(
            "plain_gradient",
            N_("plain gradient step"),
            N_("H has no effect: this is a gradient step with learning rate 1."),
            ("np.linalg.solve(hessian, grad)", "grad"),
            where=N_("θ − **H⁻¹**∇"),
        ),
        slip(
            "from_theta",
            N_("solved for θ, not for ∇"),
            N_("The system is solved with θ on the right-hand side. It is the gradient's."),
            ("(hessian, grad)", "(hessian, theta)"),
            where=N_("H · step = **∇**"),
        ),
        slip(
            "theta_missing",
            N_("the step returned for θ"),
            N_("What you return is the step alone; θ has to move by it."),
            ("theta - step", "-step"),
            where=N_("**θ** − H⁻¹∇"),
        ),
        slip(
            "half_step",
            N_("half the step"),
            N_(
                "The step is half as long as Newton's. The ½ of the quadratic is gone when its "
                "minimum is looked for."
            ),
            ("theta - step", "theta - step / 2"),
            where=N_("θ − H⁻¹∇"),
        ),
        elsewhere(
            "damped",
            N_("damped Newton"),
            N_(
                "This adds a multiple of the identity to H before it solves, as Levenberg and "
                "Marquardt do to be safe. Here it is Newton's own step."
            ),
            (
                "np.linalg.solve(hessian, grad)",
                "np.linalg.solve(hessian + 1e-3 * np.eye(len(grad)), grad)",
            ),
        ),
        slip(
            "solved_twice",
            N_("divided by the Hessian twice"),
            N_("H⁻¹ acts twice on the gradient. It acts once."),
            (
                "np.linalg.solve(hessian, grad)",
                "np.linalg.solve(hessian, np.linalg.solve(hessian, grad))",
            ),
            where=N_("θ − **H⁻¹**∇"),
        ),
        slip(
            "inverse_entry_by_entry",
            N_("inverse times gradient, entry by entry"),
            N_(
                "H⁻¹ is multiplied by the gradient entry by entry, and summed the wrong way. "
                "A matrix times a vector is @."
            ),
            lambda theta, grad, hessian: theta - (np.linalg.inv(hessian) * grad).sum(axis=0),
            where=N_("θ − H⁻¹ **@** ∇"),
        ),
        elsewhere(
            "gradient_at_saddles",
            N_("gradient step where H isn't positive"),
            N_(
                "Where all eigenvalues of H are positive this is Newton's step; elsewhere you fall "
                "back on the gradient, as careful programs do. Newton's own step is drawn to "
                "saddles, and this lesson shows it."
            ),
            _gradient_at_saddles,
        ),
        elsewhere(
            "saddle_free",
            N_("saddle-free Newton"),
            N_(
                "This takes the sizes of the eigenvalues, as saddle-free Newton does; where all "
                "are positive it is the same. Newton's own step keeps their signs, and is drawn "
                "to saddles: this lesson shows it."
            ),
            _absolute_eigenvalues,
        ),
    ),
    hints=(
        N_("Which step makes the gradient of the quadratic 0? H · step = ∇ is a linear system."),
        N_("NumPy solves linear systems: no inverse has to be written down. Then take it away."),
    ),
    praise=N_("There is no learning rate in it. What takes its place?"),
)
