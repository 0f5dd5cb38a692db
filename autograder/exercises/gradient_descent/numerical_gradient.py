"""`numerical_gradient`. ∂f/∂θ_i ≈ (f(θ + h e_i) − f(θ − h e_i)) / 2h.

h is far larger here than one would take in practice. All right forms then agree to about
1e-16 · |f|/h = 1e-13, while the one-sided difference is off by h f''/2 and another h by h² f'''/6,
both above 1e-5: a tolerance of 1e-9 lies four digits from either side. θ and h are multiples of
2⁻¹² so that θ + h − 2h + h is θ again, bit for bit, and a change in place can be undone.
"""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from descentlab.calls import Given
from descentlab.text import N_

DIFFERENCE = "(f(theta + step) - f(theta - step)) / (2 * h)"
MEASURED = f"grad[i] = {DIFFERENCE}"


def trials(rng):
    """Functions whose slope bends along each parameter and depends on all the others."""

    def measured(label, shape, dtype=np.float64, **options):
        theta = _dyadic(rng.normal(size=shape)).astype(dtype)
        h = (2 * int(rng.integers(24, 48)) + 1) / 1024
        return single(label, Given(_landscape(rng, shape), "f"), theta, h=h, **options)

    return [
        _cubic(rng),
        measured("usual", (7,)),
        measured("usual", (3,)),
        measured("shape", (3, 5)),
        measured("shape", (2, 3, 4)),
        measured("float32", (4,), np.float32, tolerance=FLOAT32_TOLERANCE),
    ]


def _dyadic(values):
    return np.round(values * 4096) / 4096 + 0.0  # no −0.0: adding and taking away h makes it 0.0


def _landscape(rng, shape):
    wave = rng.uniform(1.0, 2.0, size=shape)
    shift = rng.normal(size=shape)
    weight = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.4, 0.8, size=shape)

    def f(theta):
        return np.sum(wave * np.sin(1.5 * theta + shift)) + 0.5 * np.sum(weight * theta) ** 2

    return f


def _cubic(rng):
    """f = x³ + a x y + b y²: numbers for paper."""
    theta = rng.permutation([1.0, 2.0, 3.0])[:2]
    a, b = rng.permutation([2.0, 3.0, 4.0])[:2]
    f = Given(lambda p: p[0] ** 3 + a * p[0] * p[1] + b * p[1] ** 2, "f")
    return single("example", f, theta, h=0.25)


MISTAKES = (
    elsewhere(
        "forward_difference",
        N_("forward difference"),
        N_(
            "This is the one-sided difference, (f(θ + h e_i) − f(θ))/h, as SciPy's approx_fprime "
            "takes it. Its error shrinks with h; that of the two-sided one asked for here with h²."
        ),
        (DIFFERENCE, "(f(theta + step) - f(theta)) / h"),
        where=N_("(f(θ + h e_i) − **f(θ − h e_i)**) / **2h**"),
    ),
    elsewhere(
        "backward_difference",
        N_("backward difference"),
        N_(
            "This is the one-sided difference that looks back, (f(θ) − f(θ − h e_i))/h. Its error "
            "shrinks with h; that of the two-sided one asked for here with h²."
        ),
        (DIFFERENCE, "(f(theta) - f(theta - step)) / h"),
        where=N_("(**f(θ + h e_i)** − f(θ − h e_i)) / **2h**"),
    ),
    slip(
        "divided_by_h",
        N_("divided by h, not 2h"),
        N_(
            "Your slopes are twice too steep: you divide by h. From θ − h to θ + h the way is "
            "longer than that."
        ),
        ("(2 * h)", "h"),
        where=N_("(f(θ + h e_i) − f(θ − h e_i)) / **2h**"),
    ),
    slip(
        "divide_then_times_h",
        N_("brackets round 2h missing"),
        N_(
            "The difference is divided by 2 and then multiplied by h: / 2 * h works from left to "
            "right. The whole way, 2h, belongs under the line."
        ),
        ("(2 * h)", "2 * h"),
        where=N_("(f(θ + h e_i) − f(θ − h e_i)) / **(2h)**"),
    ),
    slip(
        "not_divided",
        N_("not divided"),
        N_("You return the difference in height. A slope is height over way."),
        (" / (2 * h)", ""),
        where=N_("(f(θ + h e_i) − f(θ − h e_i)) **/ 2h**"),
    ),
    slip(
        "divided_by_two_only",
        N_("h missing below the line"),
        N_("The difference is divided by 2 alone. The way between the two points has h in it."),
        ("(2 * h)", "2"),
        where=N_("(f(θ + h e_i) − f(θ − h e_i)) / 2**h**"),
    ),
    slip(
        "multiplied",
        N_("multiplied, not divided"),
        N_("The difference is multiplied by 2h. A slope is height over way."),
        (" / (2 * h)", " * (2 * h)"),
        where=N_("(f(θ + h e_i) − f(θ − h e_i)) **/** 2h"),
    ),
    slip(
        "divided_by_h_squared",
        N_("divided by h²"),
        N_("You divide by 2h². With a difference of two heights the way stands below, once."),
        ("(2 * h)", "(2 * h**2)"),
        where=N_("(f(θ + h e_i) − f(θ − h e_i)) / **2h**"),
    ),
    slip(
        "one_sided_over_2h",
        N_("one side over 2h"),
        N_(
            "You walk h in one direction, from θ to θ + h, and divide by 2h. Either both sides "
            "are asked, or the way is h."
        ),
        ("f(theta - step)", "f(theta)"),
        where=N_("(f(θ + h e_i) − **f(θ − h e_i)**) / 2h"),
    ),
    slip(
        "backward_over_2h",
        N_("back side over 2h"),
        N_(
            "You walk h in one direction, from θ − h to θ, and divide by 2h. Either both sides "
            "are asked, or the way is h."
        ),
        ("f(theta + step)", "f(theta)"),
        where=N_("(**f(θ + h e_i)** − f(θ − h e_i)) / 2h"),
    ),
    slip(
        "reversed",
        N_("difference reversed"),
        N_("Every slope has the opposite sign: you take the height ahead from the one behind."),
        ("f(theta + step) - f(theta - step)", "f(theta - step) - f(theta + step)"),
        where=N_("(**f(θ + h e_i) − f(θ − h e_i)**) / 2h"),
    ),
    slip(
        "added",
        N_("heights added"),
        N_("You add the two heights. What tells the slope is their difference."),
        ("f(theta + step) - f(", "f(theta + step) + f("),
        where=N_("(f(θ + h e_i) **−** f(θ − h e_i)) / 2h"),
    ),
    slip(
        "absolute_difference",
        N_("sign of the slope lost"),
        N_("You take the absolute value, so no slope is ever negative. Downhill counts as such."),
        (
            "(f(theta + step) - f(theta - step))",
            "abs(f(theta + step) - f(theta - step))",
        ),
        where=N_("(**f(θ + h e_i) − f(θ − h e_i)**) / 2h"),
    ),
    slip(
        "always_zero",
        N_("every slope 0"),
        N_(
            "Every slope comes out as 0: f is asked twice at the same point, or the result is "
            "never written into grad. After ahead = theta and behind = theta all three are names "
            "of one array; a copy, or theta + step, makes a new one."
        ),
        (MEASURED, "grad[i] = 0"),
        where=N_("**f(θ + h e_i) − f(θ − h e_i)**"),
        pairs=False,
    ),
    slip(
        "ahead_by_2h",
        N_("2h ahead, none behind"),
        N_(
            "You walk 2h in one direction, from θ to θ + 2h. The way is as long as it should be, "
            "but its middle is θ + h: go h to each side."
        ),
        (DIFFERENCE, "(f(theta + 2 * step) - f(theta)) / (2 * h)"),
        where=N_("(f(θ + **h** e_i) − f(θ − **h** e_i)) / 2h"),
    ),
    slip(
        "last_entry_missing",
        N_("last entry never measured"),
        N_("All entries are right but the last one, which stays 0: the loop ends one too early."),
        ("return grad", "grad.flat[-1] = 0\nreturn grad"),
        where=N_("**every** i"),
        pairs=False,
    ),
    elsewhere(
        "relative_step",
        N_("a longer step where θ is large"),
        N_(
            "Your step is h · max(1, |θ_i|), longer where the parameter is large. Libraries do "
            "something like it against rounding; here it is h for every parameter."
        ),
        ("step[i] = h", "step[i] = h * max(1, abs(theta[i]))"),
        ("(2 * h)", "(2 * h * max(1, abs(theta[i])))"),
        where=N_("f(θ + **h e_i**)"),
        pairs=False,
    ),
    slip(
        "all_at_once",
        N_("all parameters moved at once"),
        N_(
            "h is added to all parameters at once, so every entry holds the same number, the sum "
            "of all slopes. Move one parameter at a time."
        ),
        ("step[i] = h", "step[...] = h"),
        where=N_("f(θ + **h e_i**)"),
    ),
    slip(
        "step_not_reset",
        N_("earlier parameters still moved"),
        N_(
            "When entry i is measured, the entries before it are still moved by h: each entry "
            "holds the slopes of all before it, too. Only one parameter may be off its place."
        ),
        (
            "for i in np.ndindex(theta.shape):\n    step = np.zeros_like(theta)\n",
            "step = np.zeros_like(theta)\nfor i in np.ndindex(theta.shape):\n",
        ),
        where=N_("f(θ + **h e_i**)"),
    ),
    slip(
        "not_undone",
        N_("θ left at θ − h"),
        N_(
            "The first entry is right and the later ones are off: after an entry is measured its "
            "parameter stays at θ − h. Put it back before you go on to the next."
        ),
        (MEASURED, f"{MEASURED}\n    theta = theta - step"),
        where=N_("f(**θ** + h e_i) − f(**θ** − h e_i)"),
    ),
    slip(
        "not_undone_ahead",
        N_("θ left at θ + h"),
        N_(
            "The first entry is right and the later ones are off: after an entry is measured its "
            "parameter stays at θ + h. Put it back before you go on to the next."
        ),
        (MEASURED, f"{MEASURED}\n    theta = theta + step"),
        where=N_("f(**θ** + h e_i) − f(**θ** − h e_i)"),
    ),
    slip(
        "forward_not_undone",
        N_("one-sided, and θ left at θ + h"),
        N_(
            "You measure on one side, from f(θ) to f(θ + h e_i), and each parameter stays at θ + h "
            "afterwards. Put it back before the next, and ask both sides."
        ),
        (MEASURED, "grad[i] = (f(theta + step) - f(theta)) / h\n    theta = theta + step"),
        where=N_("(f(**θ** + h e_i) − **f(θ − h e_i)**) / **2h**"),
    ),
    slip(
        "drifting_from_first_height",
        N_("one-sided from the first height, θ never put back"),
        N_(
            "You compare with the height at the start, and each parameter stays at θ + h "
            "afterwards, so the rises pile up. Put it back before the next, and ask both sides."
        ),
        ("grad = np", "first = f(theta)\ngrad = np"),
        (MEASURED, "grad[i] = (f(theta + step) - first) / h\n    theta = theta + step"),
        where=N_("(f(**θ** + h e_i) − **f(θ − h e_i)**) / **2h**"),
    ),
    slip(
        "moves_theta_to_h",
        N_("parameter set to h"),
        N_(
            "The parameter is set to h and −h instead of moved by it: you measure round 0. It is "
            "the slope at θ that is asked for."
        ),
        (
            MEASURED,
            "here = theta[i] * (step != 0)\n    "
            "grad[i] = (f(theta - here + step) - f(theta - here - step)) / (2 * h)",
        ),
        where=N_("f(**θ +** h e_i) − f(**θ −** h e_i)"),
    ),
    slip(
        "scaled_by_theta",
        N_("h taken relative to θ"),
        N_(
            "The parameter moves by h times itself and the way below the line is still 2h. Here "
            "every parameter moves by h."
        ),
        ("step[i] = h", "step[i] = h * theta[i]"),
        where=N_("f(θ + **h e_i**)"),
    ),
    slip(
        "double_steps",
        N_("2h each way"),
        N_("You walk 2h to each side and divide by 4h. h is the way to each side."),
        ("step[i] = h", "step[i] = 2 * h"),
        ("(2 * h)", "(4 * h)"),
        where=N_("(f(θ + **h** e_i) − f(θ − **h** e_i)) / 2h"),
    ),
    elsewhere(
        "half_steps",
        N_("half a step each way"),
        N_(
            "This is a central difference, too, with h for the whole way: h/2 to each side. Here "
            "h is the way to each side, and 2h the whole."
        ),
        ("step[i] = h", "step[i] = h / 2"),
        ("(2 * h)", "h"),
        where=N_("(f(θ + **h** e_i) − f(θ − **h** e_i)) / **2h**"),
    ),
    elsewhere(
        "second_derivative",
        N_("second derivative"),
        N_(
            "This is the second derivative, (f(θ + h) − 2f(θ) + f(θ − h))/h²: how the slope "
            "changes. The slope itself is asked for."
        ),
        (DIFFERENCE, "(f(theta + step) - 2 * f(theta) + f(theta - step)) / h**2"),
        where=N_("**(f(θ + h e_i) − f(θ − h e_i)) / 2h**"),
    ),
    elsewhere(
        "five_points",
        N_("five-point difference"),
        N_(
            "This is the five-point formula, which asks at 2h as well: its error shrinks with h⁴. "
            "Here the two points at h are asked for, and their error is part of the lesson."
        ),
        (
            DIFFERENCE,
            "(8 * (f(theta + step) - f(theta - step))"
            " - (f(theta + 2 * step) - f(theta - 2 * step))) / (12 * h)",
        ),
        where=N_("**(f(θ + h e_i) − f(θ − h e_i)) / 2h**"),
    ),
    elsewhere(
        "complex_step",
        N_("complex step"),
        N_(
            "This is the complex step, Im f(θ + i·h e_i)/h: exact to the last digit for small h, "
            "where f takes complex numbers. Few losses do; here two real points are asked for."
        ),
        (DIFFERENCE, "f(theta + 1j * step).imag / h"),
        where=N_("**(f(θ + h e_i) − f(θ − h e_i)) / 2h**"),
    ),
)

EXERCISE = Exercise(
    name="numerical_gradient",
    topic="gradient_descent",
    points=26,
    returns="grad",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("One parameter at a time: move it ahead, move it back, leave all others in place."),
        N_(
            "Height ahead minus height behind, over the way between the two points. How long is "
            "that way, if you go h to each side?"
        ),
        N_(
            "np.ndindex(theta.shape) gives the index of every entry, whatever the shape. "
            "np.zeros_like(theta) with h at that index is h·e_i."
        ),
    ),
    praise=N_("It needs two calls of f for each parameter. What would that cost a network?"),
)
