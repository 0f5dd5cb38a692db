"""`largest_stable_lr`. SL2: 0 < η < 2/L, L the largest eigenvalue of the Hessian."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from descentlab.text import N_

LARGEST = "np.max(eigenvalues)"
RATE = "2 / smoothness"


def trials(rng):
    """Bowls, turned any way; and a valley with a flat floor, whose smallest eigenvalue is 0."""
    return [
        _paper(rng),
        single("usual", _bowl(rng, 3)),
        single("usual", _bowl(rng, 6)),
        single("usual", _valley(rng)),
        single("usual", _bowl(rng, 4, scale=40.0)),
        single("float32", _bowl(rng, 5).astype(np.float32), tolerance=FLOAT32_TOLERANCE),
    ]


def _paper(rng):
    """[[a, b], [b, a]] has the eigenvalues a + b and a − b.

    b > 0: with b < 0 the steepest direction is (1, −1), which an iteration from (1, 1) never finds.
    """
    a = float(rng.integers(3, 6))
    b = float(rng.integers(1, 3))
    return single("example", np.array([[a, b], [b, a]]))


def _bowl(rng, size, scale=1.0):
    """The largest eigenvalue stands a third above the next, so that iterations find it, too."""
    eigenvalues = scale * rng.uniform(0.3, 2.0, size=size)
    eigenvalues[0] = scale * rng.uniform(2.7, 4.0)
    turned, _ = np.linalg.qr(rng.normal(size=(size, size)))
    hessian = turned * eigenvalues @ turned.T
    return (hessian + hessian.T) / 2


def _valley(rng):
    """Along the axes, so that its eigenvalue 0 is 0 and not rounding; the largest in between."""
    low, middle, high = rng.uniform(0.3, 0.8), rng.uniform(1.0, 2.0), rng.uniform(2.7, 4.0)
    return np.diag([middle, 0.0, high, low])


MISTAKES = (
    slip(
        "one_over_l",
        N_("1/L, the safe rate"),
        N_(
            "1/L is a rate that never overshoots, and a good choice. It isn't the largest: beyond "
            "it the path swings from side to side and still comes to rest. How far does that go?"
        ),
        (RATE, "1 / smoothness"),
        where=N_("0 < η < **2**/L"),
    ),
    slip(
        "smallest_eigenvalue",
        N_("smallest eigenvalue"),
        N_(
            "You take the smallest eigenvalue: the rate that the flattest direction could bear. "
            "The steepest one breaks first."
        ),
        (LARGEST, "np.min(eigenvalues)"),
        where=N_("2/**L**, L the **largest** eigenvalue"),
    ),
    slip(
        "smallest_but_zero",
        N_("smallest eigenvalue above 0"),
        N_(
            "You take the smallest eigenvalue that isn't 0: the rate that the flattest slope could "
            "bear. The steepest one breaks first."
        ),
        (LARGEST, "np.min(eigenvalues[eigenvalues > 1e-9 * np.max(eigenvalues)])"),
        where=N_("2/**L**, L the **largest** eigenvalue"),
        pairs=False,
    ),
    slip(
        "trace",
        N_("trace in place of L"),
        N_(
            "You divide by the trace, the sum of all eigenvalues. That is safe and too careful: "
            "each direction swings on its own, and the steepest alone decides."
        ),
        (LARGEST, "np.trace(hessian)"),
        where=N_("2/**L**"),
    ),
    slip(
        "mean_eigenvalue",
        N_("mean eigenvalue"),
        N_("You take the mean of the eigenvalues. The steepest direction is steeper than that."),
        (LARGEST, "np.mean(eigenvalues)"),
        where=N_("2/**L**, L the **largest** eigenvalue"),
    ),
    slip(
        "frobenius_norm",
        N_("Frobenius norm in place of L"),
        N_(
            "You divide by the Frobenius norm, which np.linalg.norm gives by itself: the root of "
            "the sum of all squared entries. It is larger than the largest eigenvalue wherever "
            "there is more than one direction."
        ),
        (LARGEST, "np.linalg.norm(hessian)"),
        where=N_("2/**L**, L the largest **eigenvalue**"),
    ),
    slip(
        "row_sum",
        N_("largest row sum in place of L"),
        N_(
            "You divide by the largest row sum of absolute values. That is an upper bound for the "
            "largest eigenvalue, so the rate is safe and too small."
        ),
        (LARGEST, "np.abs(hessian).sum(axis=1).max()"),
        where=N_("2/**L**, L the largest **eigenvalue**"),
    ),
    slip(
        "largest_entry",
        N_("largest entry in place of L"),
        N_(
            "You take the largest entry of the matrix. A slanting valley is steeper across than "
            "along any axis, and no entry shows that: it takes the eigenvalues."
        ),
        (LARGEST, "np.abs(hessian).max()"),
        where=N_("2/**L**, L the largest **eigenvalue**"),
    ),
    slip(
        "entries_sum",
        N_("sum of all entries in place of L"),
        N_("You divide by the sum of all entries, which says nothing about any one direction."),
        (LARGEST, "np.abs(hessian).sum()"),
        where=N_("2/**L**, L the largest **eigenvalue**"),
    ),
    slip(
        "first_of_unsorted",
        N_("first of unsorted eigenvalues"),
        N_(
            "You take the first of the eigenvalues that np.linalg.eigvals (or eig) gives. They "
            "come in no order, so the first need not be the largest."
        ),
        (LARGEST, "np.linalg.eigvals(hessian)[0]"),
        where=N_("2/**L**, L the **largest** eigenvalue"),
    ),
    slip(
        "last_of_unsorted",
        N_("last of unsorted eigenvalues"),
        N_(
            "You take the last of the eigenvalues that np.linalg.eigvals (or eig) gives. They come "
            "in no order; only those of eigvalsh are sorted."
        ),
        (LARGEST, "np.linalg.eigvals(hessian)[-1]"),
        where=N_("2/**L**, L the **largest** eigenvalue"),
    ),
    slip(
        "entry_of_an_eigenvector",
        N_("eigenvector in place of eigenvalue"),
        N_(
            "You take an entry of the eigenvectors. np.linalg.eigh and eig return two things: the "
            "eigenvalues come first."
        ),
        (LARGEST, "np.linalg.eigh(hessian)[1].max()"),
        where=N_("2/**L**, L the largest **eigenvalue**"),
    ),
    slip(
        "spread_of_eigenvalues",
        N_("largest minus smallest eigenvalue"),
        N_("You take the largest eigenvalue less the smallest. The largest alone decides."),
        (LARGEST, "np.ptp(eigenvalues)"),
        where=N_("2/**L**"),
        pairs=False,
    ),
    slip(
        "second_largest",
        N_("second largest eigenvalue"),
        N_("You take the second largest eigenvalue. Indices count from 0, from the end from −1."),
        (LARGEST, "eigenvalues[-2]"),
        where=N_("2/**L**, L the **largest** eigenvalue"),
    ),
    slip(
        "determinant",
        N_("determinant in place of L"),
        N_("You divide by the determinant, the product of all eigenvalues. One of them decides."),
        (LARGEST, "np.prod(eigenvalues)"),
        where=N_("2/**L**"),
    ),
    slip(
        "condition_number",
        N_("condition number in place of L"),
        N_(
            "You divide by the condition number, largest over smallest eigenvalue. It says how "
            "long the valley is, and doesn't change when the whole slope gets steeper; the bound "
            "does."
        ),
        (LARGEST, "np.max(eigenvalues) / np.min(eigenvalues)"),
        where=N_("2/**L**"),
    ),
    slip(
        "whole_numbers",
        N_("division without a rest"),
        N_("Your division, //, throws the fraction away. 2/L is hardly ever a whole number."),
        (RATE, "2 // smoothness"),
        where=N_("2 **/** L"),
        pairs=False,
    ),
    slip(
        "upside_down",
        N_("fraction upside down"),
        N_("You return L/2. The steeper the slope, the smaller the step must be."),
        (RATE, "smoothness / 2"),
        where=N_("**2/L**"),
    ),
    slip(
        "curvature_returned",
        N_("L returned"),
        N_("You return the largest eigenvalue itself. The bound on η is made of it."),
        (RATE, "smoothness"),
        where=N_("**2/**L"),
    ),
    slip(
        "multiplied",
        N_("multiplied, not divided"),
        N_("You return 2L: a steeper slope would allow longer steps. It is the other way round."),
        (RATE, "2 * smoothness"),
        where=N_("2**/**L"),
    ),
    slip(
        "half_over_l",
        N_("1/(2L)"),
        N_("You return 1/(2L), a quarter of the bound. The 2 stands above the line."),
        (RATE, "1 / (2 * smoothness)"),
        where=N_("**2/L**"),
    ),
    slip(
        "l_squared",
        N_("2/L²"),
        N_(
            "You divide by L². That is what comes of the eigenvalues of HᵀH or of squared "
            "singular values: their root is missing."
        ),
        (RATE, "2 / smoothness**2"),
        where=N_("2/**L**"),
    ),
    slip(
        "root_of_l",
        N_("2/√L"),
        N_("You take the root of L. The eigenvalue of the Hessian is L itself."),
        (RATE, "2 / np.sqrt(smoothness)"),
        where=N_("2/**L**"),
    ),
    elsewhere(
        "fastest_rate",
        N_("2/(L + μ), the fastest rate"),
        N_(
            "This is 2/(L + μ), μ the smallest eigenvalue: the rate that arrives soonest on a "
            "bowl. Asked for is how far one could go before the path grows."
        ),
        (RATE, "2 / (smoothness + np.min(eigenvalues))"),
        where=N_("2/**L**"),
    ),
)

EXERCISE = Exercise(
    name="largest_stable_lr",
    topic="gradient_descent",
    points=18,
    returns="lr",
    trials=trials,
    unsigned=("hessian",),
    mistakes=MISTAKES,
    hints=(
        N_(
            "Along an eigenvector with eigenvalue λ a step multiplies what is left by 1 − ηλ. For "
            "which η does its size stay below 1?"
        ),
        N_(
            "Every direction has its own bound. The whole path is stable only where all of them "
            "are: which eigenvalue gives the smallest bound?"
        ),
        N_(
            "np.linalg.eigvalsh is made for symmetric matrices: real eigenvalues, in rising order. "
            "On paper: [[2, 1], [1, 2]] has the eigenvalues 1 and 3, and the bound is 2/3."
        ),
    ),
    praise=N_("The flattest direction pays for it: how many steps does it need at this rate?"),
)
