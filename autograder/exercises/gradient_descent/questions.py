"""The lesson's questions on gradient descent."""

from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

TOPIC = "gradient_descent"

QUESTIONS = (
    Choice(
        name="convex_midpoint",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** SL2 calls f convex if f(x + y) ≤ ½(f(x) + f(y)). Try f(x) = x² at "
            "x = y = 1: the line says 4 ≤ 1. What should it say?"
        ),
        choices={
            "A": (
                N_("f(x + y) ≤ f(x) + f(y)"),
                N_("Still 4 ≤ 2 for x² at 1 and 1. And √x obeys it, which isn't convex."),
            ),
            "B": (
                N_("f((x + y)/2) ≤ ½(f(x) + f(y))"),
                N_("Halfway between two points the function lies below the chord, or on it."),
            ),
            "C": (
                N_("f((x + y)/2) ≥ ½(f(x) + f(y))"),
                N_("That is a hill: halfway, the function lies above the chord. It is concave."),
            ),
            "D": (
                N_("½ f(x + y) ≤ ½(f(x) + f(y))"),
                N_("Halving the value isn't halving the way: 2 ≤ 1 for x² at 1 and 1."),
            ),
        },
        key="B",
    ),
    Choice(
        name="smooth_gradient",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** SL2 calls f L-smooth if ‖∇f(x) − ∇f(y)‖ ≤ L‖f(x) − f(y)‖. On the "
            "bowl f(x) = x² take x = 1 and y = −1: the line says 4 ≤ L · 0. What must stand on the "
            "right?"
        ),
        choices={
            "A": (
                N_("L · |f(x) − f(y)|²"),
                N_("It is 0 as well at these two points, whatever L: both are at the same height."),
            ),
            "B": (
                N_("L · ‖∇f(x)‖"),
                N_(
                    "From x = 1 to y = −9 the gradient changes by 20, from 1 to −99 by 200, and "
                    "‖∇f(x)‖ is 2 in both cases: no L is large enough."
                ),
            ),
            "C": (
                N_("L · ‖x − y‖²"),
                N_(
                    "Take two points close together: the square shrinks faster than the change of "
                    "the gradient, so no L is large enough."
                ),
            ),
            "D": (
                N_("L · ‖x − y‖"),
                N_("The slope changes by no more than L per unit of way. Here 4 ≤ 2L, so L = 2."),
            ),
        },
        key="D",
    ),
    Choice(
        name="kind_of_point",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** CS7 tells a maximum from a minimum by the gradient: negative at "
            "the one, positive at the other. What does tell maximum, minimum and saddle apart?"
        ),
        choices={
            "A": (
                N_("The signs of the Hessian's eigenvalues: all minus, all plus, or both."),
                N_(
                    "The gradient is 0 at all three. f = x² − y² has +2 and −2 at the origin: a "
                    "saddle."
                ),
            ),
            "B": (
                N_("The sign of the gradient, as CS7 says; at a saddle it depends on direction."),
                N_(
                    "Where the gradient isn't 0 you aren't at a top, a bottom or a saddle, but on "
                    "a slope. CS7 means the second derivative."
                ),
            ),
            "C": (
                N_("The size of the gradient: it is smallest at a minimum."),
                N_("It is exactly 0 at all three, and small on a plateau, which is none of them."),
            ),
            "D": (
                N_("The loss there: high at a maximum, low at a minimum, between at a saddle."),
                N_(
                    "A local minimum may lie higher than a saddle elsewhere. What counts is how "
                    "the surface bends at the place itself."
                ),
            ),
        },
        key="A",
    ),
    Choice(
        name="three_rates",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Diagnosis** (ONN's Lab 02). One bowl, one start, three learning rates. θ after each "
            "step: **run 1** 1, 0.98, 0.960, 0.941 · **run 2** 1, 0.30, 0.090, 0.027 · **run 3** "
            "1, −1.1, 1.21, −1.331. Which sentence fits all three?"
        ),
        choices={
            "A": (
                N_("Run 1's rate is too large: it can't get down. Run 3's is too small."),
                N_(
                    "Too large a rate jumps over the bottom, and the sign changes. Run 1 moves 2 % "
                    "of the way at each step: that is slow, not wild."
                ),
            ),
            "B": (
                N_("Run 1 is stuck at a saddle, run 3 in a second valley."),
                N_("All three walk on one bowl, and it has no saddle. Only the rate differs."),
            ),
            "C": (
                N_("Run 1's rate is far too small, run 2's does well, run 3's is too large."),
                N_(
                    "θ is multiplied by one number each time: 0.98, 0.30 and −1.1. How does η make "
                    "it?"
                ),
            ),
            "D": (
                N_("Run 3 only needs more steps: it will swing into the bottom."),
                N_("Its swings grow by a tenth each time. More steps take it further away."),
            ),
        },
        key="C",
    ),
    Number(
        name="alternating_signs",
        topic=TOPIC,
        points=2,
        text=N_(
            "Another run on a bowl of curvature L: θ = 1, −0.6, 0.36, −0.216, … How large is η · L?"
        ),
        value=1.6,
        replies=(
            (
                0.4,
                N_("With 0.4 θ would go 1, 0.6, 0.36: the same losses, on one side. Mind the −."),
            ),
            (
                0.6,
                N_("θ is multiplied by −0.6 at each step. What must ηL be so that 1 − ηL = −0.6?"),
            ),
            (-0.6, N_("That is what θ is multiplied by, 1 − ηL. Solve that for ηL.")),
            (2.0, N_("At 2 θ would go 1, −1, 1, −1. Here the swings get smaller: it is below 2.")),
            (-1.6, N_("1 − ηL = −0.6: look at the sign once more.")),
        ),
        hint=N_("A step is θ − η · Lθ = (1 − ηL) θ. By what number is θ multiplied here?"),
        reply=N_("Between 1 and 2 a path jumps over the bottom and still comes to rest."),
    ),
)
