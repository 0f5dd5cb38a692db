"""`gradient_descent`. SL2: θ_{k+1} = θ_k − η∇f(θ_k), and every point is kept."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    draw,
    elsewhere,
    grad_function,
    single,
    slip,
)
from descentlab.calls import Given
from descentlab.text import N_

STEP = "theta = theta - lr * grad_fn(theta)"
LOOP = "for _step in range(num_steps):"
APPEND = "path.append(theta)"


def trials(rng):
    """Paths of different lengths, one of them of no step at all; the gradient bends. Then bowls
    in which every slope depends on all parameters: from far away, where a limit on the step shows,
    and from next to the lowest point, where one might stop early."""

    def walk(label, shape, num_steps, dtype=np.float64, **options):
        start = rng.normal(size=shape).astype(dtype)
        grad_fn = Given(grad_function(rng, shape, dtype))
        lr = draw(rng, 0.05, 0.35)
        return single(label, grad_fn, start, lr=lr, num_steps=num_steps, **options)

    def steps(low, high):
        return int(rng.integers(low, high + 1))

    return [
        _bowl(rng),
        walk("usual", (5,), steps(4, 6)),
        walk("usual", (3,), 1),
        walk("shape", (3, 4), steps(5, 6)),
        walk("shape", (2, 3, 4), steps(3, 5)),
        walk("float32", (4,), 3, np.float32, tolerance=FLOAT32_TOLERANCE),
        walk("usual", (4,), 0),
        _slanting(rng, (4,), 30.0, 9),
        _slanting(rng, (2, 3), 1e-5, 4),
        _slanting(rng, (3,), 1e-12, 3),
    ]


def _slanting(rng, shape, distance, num_steps):
    """A valley that no axis runs along; one step leaves 0.4 to 0.75 of the way in any direction."""
    size = int(np.prod(shape))
    turned, _ = np.linalg.qr(rng.normal(size=(size, size)))
    hessian = turned * np.linspace(1.0, 2.0, size) @ turned.T
    lowest = rng.normal(size=shape)
    start = lowest + distance * rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.0, shape)
    grad_fn = Given(lambda theta: (hessian @ (theta - lowest).ravel()).reshape(shape), "grad_fn")
    return single("usual", grad_fn, start, lr=draw(rng, 0.25, 0.3), num_steps=num_steps)


def _bowl(rng):
    """f = a x² + b y²: numbers for paper. Three steps make four points."""
    start = rng.permutation([1.0, 2.0, 3.0, 4.0])[:2]
    scale = rng.permutation([1.0, 2.0, 3.0])[:2]
    return single("example", Given(lambda theta: 2 * scale * theta), start, lr=0.1, num_steps=3)


MISTAKES = (
    slip(
        "start_missing",
        N_("start not in the path"),
        N_("The path begins after the first step: the start is missing. Row 0 is where you stood."),
        ("path = [theta]", "path = []"),
        where=N_("row 0 = **θ₀**"),
    ),
    slip(
        "end_missing",
        N_("last point not in the path"),
        N_(
            "The path ends one point too early: num_steps steps pass num_steps + 1 points. Is each "
            "point noted before its step, or is one step left out?"
        ),
        (LOOP, "for _step in range(num_steps - 1):"),
        where=N_("rows θ₀ … **θ_num_steps**"),
    ),
    slip(
        "start_twice",
        N_("start twice, end missing"),
        N_(
            "The start stands in the path twice and the last point is missing: after the start "
            "each point is noted before its step."
        ),
        (f"{STEP}\n    {APPEND}", f"{APPEND}\n    {STEP}"),
        where=N_("row 1 = **θ₁**"),
    ),
    slip(
        "start_row_empty",
        N_("row 0 left at zero"),
        N_("Row 0 is zeros: the array was made and the start never written into it."),
        ("np.array(path)", "np.array([0 * path[0], *path[1:]])"),
        where=N_("row 0 = **θ₀**"),
    ),
    slip(
        "last_row_empty",
        N_("last row left at zero"),
        N_("The last row is zeros: the loop ends one step before the array is full."),
        ("np.array(path)", "np.array([*path[:-1], 0 * path[-1]] if num_steps else path)"),
        where=N_("rows θ₀ … **θ_num_steps**"),
    ),
    slip(
        "one_step_too_many",
        N_("one step too many"),
        N_("You take num_steps + 1 steps. num_steps steps and the start make num_steps + 1 rows."),
        (LOOP, "for _step in range(num_steps + 1):"),
        where=N_("k = 0 … **num_steps − 1**"),
    ),
    slip(
        "same_array_in_all_rows",
        N_("all rows are one array"),
        N_(
            "All rows are the same: θ is changed in place (-=), and the list holds the same array "
            "again and again, so every row shows the last point. A step must make a new array, or "
            "the path must keep a copy. Your start, the caller's array, was changed, too."
        ),
        (STEP, "theta -= lr * grad_fn(theta)"),
        where=N_("**θ_{k+1}** = θ_k − η∇f(θ_k), a new array"),
    ),
    slip(
        "gradient_at_start_only",
        N_("gradient of the start at every step"),
        N_(
            "Every step uses the gradient at the start, so the path is a straight line. The slope "
            "changes on the way: ask grad_fn anew where you stand."
        ),
        (LOOP, f"start = theta\n{LOOP}"),
        ("grad_fn(theta)", "grad_fn(start)"),
        where=N_("θ_{k+1} = θ_k − η∇f(**θ_k**)"),
    ),
    slip(
        "gradient_one_step_late",
        N_("gradient of the point before"),
        N_(
            "The gradient is asked for one point too early: each step uses the slope of where you "
            "stood before. Ask grad_fn where the step begins."
        ),
        (LOOP, f"before = theta\n{LOOP}"),
        (STEP, "theta, before = theta - lr * grad_fn(before), theta"),
        where=N_("θ_{k+1} = θ_k − η∇f(**θ_k**)"),
    ),
    slip(
        "always_from_start",
        N_("every step from the start"),
        N_("Every step begins at the start again. It goes on from where the last one ended."),
        (LOOP, f"start = theta\n{LOOP}"),
        ("theta - lr", "start - lr"),
        where=N_("θ_{k+1} = **θ_k** − η∇f(θ_k)"),
    ),
    slip(
        "never_moves",
        N_("θ not renewed"),
        N_(
            "Every row after the start is the same: the new point is noted and θ itself stays, so "
            "every step is the first one."
        ),
        (f"{STEP}\n    {APPEND}", "path.append(theta - lr * grad_fn(theta))"),
        where=N_("**θ_{k+1}** = θ_k − η∇f(θ_k)"),
    ),
    slip(
        "uphill",
        N_("sign of the step"),
        N_("The step is added: the path climbs. The gradient points uphill."),
        ("theta - lr", "theta + lr"),
        where=N_("θ_{k+1} = θ_k **−** η∇f(θ_k)"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The gradient is subtracted whole: η is nowhere in your step."),
        ("lr * grad_fn", "grad_fn"),
        where=N_("θ_{k+1} = θ_k − **η**∇f(θ_k)"),
    ),
    slip(
        "lr_squared",
        N_("learning rate twice"),
        N_("η stands in your step twice, so every step is η times too short."),
        ("lr * grad_fn", "lr * lr * grad_fn"),
        where=N_("θ_{k+1} = θ_k − **η**∇f(θ_k)"),
    ),
    slip(
        "theta_missing",
        N_("steps in place of points"),
        N_("Your rows are steps, not points: the old θ is missing in the new one."),
        ("theta - lr", "-lr"),
        where=N_("θ_{k+1} = **θ_k** − η∇f(θ_k)"),
    ),
    slip(
        "rate_grows",
        N_("η grows with the step's number"),
        N_("η is multiplied by the step's number. Here it is the same for all steps."),
        ("lr * grad_fn", "lr * (_step + 1) * grad_fn"),
        where=N_("θ_{k+1} = θ_k − **η**∇f(θ_k)"),
    ),
    slip(
        "rate_decays",
        N_("η divided by the step's number"),
        N_("η is divided by the step's number. A rate that decays is lesson 05; here it stays."),
        ("lr * grad_fn", "lr / (_step + 1) * grad_fn"),
        where=N_("θ_{k+1} = θ_k − **η**∇f(θ_k)"),
        pairs=False,  # with rate_grows it is the right answer again
    ),
    slip(
        "rate_decays_by_root",
        N_("η divided by a root"),
        N_(
            "η is divided by the root of the step's number. A rate that decays is lesson 05; here "
            "it stays."
        ),
        ("lr * grad_fn", "lr / (_step + 1) ** 0.5 * grad_fn"),
        where=N_("θ_{k+1} = θ_k − **η**∇f(θ_k)"),
        pairs=False,
    ),
    slip(
        "theta_for_gradient",
        N_("gradient not asked for"),
        N_("Your step takes off η times θ itself, whatever f is. The slope comes from grad_fn."),
        ("grad_fn(theta)", "theta"),
        where=N_("θ_{k+1} = θ_k − η**∇f(θ_k)**"),
        pairs=False,
    ),
    slip(
        "mean_gradient",
        N_("one mean gradient for all"),
        N_(
            "You average the gradient over all parameters, so all of them move alike. Each "
            "parameter moves by its own slope."
        ),
        ("grad_fn(theta)", "np.mean(grad_fn(theta))"),
        where=N_("θ_{k+1} = θ_k − η**∇f(θ_k)**, entry by entry"),
        pairs=False,
    ),
    slip(
        "one_entry_after_another",
        N_("one parameter after the other"),
        N_(
            "You move one parameter and ask for the slope anew before the next: coordinate "
            "descent. A step moves all of them at once, by the gradient of one and the same point."
        ),
        (
            STEP,
            "theta = theta.copy()\n    for i in np.ndindex(theta.shape):\n"
            "        theta[i] -= lr * grad_fn(theta.copy())[i]",
        ),
        where=N_("θ_{k+1} = θ_k − η∇f(**θ_k**)"),
        pairs=False,
    ),
    slip(
        "two_steps_a_row",
        N_("two steps for each row"),
        N_("You make two steps from one row to the next. Each step has a row of its own."),
        (STEP, f"{STEP}\n    {STEP}"),
        where=N_("row k = **θ_k**"),
        pairs=False,
    ),
    elsewhere(
        "with_momentum",
        N_("momentum"),
        N_(
            "A share of 0.9 of the last step goes into the next one: that is momentum, the subject "
            "of lesson 03. Here a step knows the slope where it begins, and nothing of the past."
        ),
        (LOOP, f"v = 0 * theta\n{LOOP}"),
        (STEP, "v = 0.9 * v + lr * grad_fn(theta)\n    theta = theta - v"),
        where=N_("θ_{k+1} = θ_k − **η∇f(θ_k)**"),
        pairs=False,
    ),
    *(
        slip(
            id,
            N_("stops before num_steps"),
            N_(
                "Your path is too short where the slope is small: the loop ends as soon as "
                "something falls below a threshold. That saves time elsewhere; here num_steps "
                "steps are asked for, whatever the slope."
            ),
            (f"{STEP}\n    {APPEND}", stop),
            where=N_("k = 0 … **num_steps − 1**"),
            pairs=False,
        )
        for id, stop in (
            (
                "stops_where_flat",
                "if np.max(np.abs(grad_fn(theta))) < 1e-6:\n        break\n"
                f"    {STEP}\n    {APPEND}",
            ),
            (
                "stops_after_short_step",
                f"{STEP}\n    {APPEND}\n"
                "    if np.max(np.abs(path[-1] - path[-2])) < 1e-6:\n        break",
            ),
        )
    ),
    slip(
        "gradients_in_the_path",
        N_("gradients in place of points"),
        N_("Your rows are the gradients along the path. The points themselves are asked for."),
        ("np.array(path)", "np.array([grad_fn(point) for point in path])"),
        where=N_("row k = **θ_k**"),
        pairs=False,
    ),
    slip(
        "last_point_only",
        N_("only the last point returned"),
        N_("You return the last point alone. The whole path is asked for, one row a point."),
        ("np.array(path)", "theta"),
        where=N_("return **the path**"),
    ),
    slip(
        "points_in_columns",
        N_("points in columns"),
        N_("Your points stand in the last axis. One point is one row: the first axis counts them."),
        ("np.array(path)", "np.stack(path, axis=-1)"),
        where=N_("shape **(num_steps + 1, …)**"),
    ),
    slip(
        "one_long_row",
        N_("all points in one row"),
        N_("Your points follow one another in one long row. Each point needs a row of its own."),
        ("np.array(path)", "np.concatenate(path)"),
        where=N_("shape **(num_steps + 1, …)**"),
    ),
    slip(
        "newest_first",
        N_("path backwards"),
        N_("Your path runs from the last point to the start. Row 0 is the start."),
        ("np.array(path)", "np.array(path[::-1])"),
        where=N_("row 0 = **θ₀**"),
    ),
    elsewhere(
        "unit_steps",
        N_("gradient made a unit vector"),
        N_(
            "This is normalized gradient descent: each gradient is divided by its length, so every "
            "step is η long. Here steps shorten by themselves where it gets flat."
        ),
        ("grad_fn(theta)", "grad_fn(theta) / np.sqrt(np.sum(grad_fn(theta) ** 2))"),
        where=N_("θ_{k+1} = θ_k − η**∇f(θ_k)**"),
    ),
)

EXERCISE = Exercise(
    name="gradient_descent",
    topic="gradient_descent",
    points=26,
    returns="path",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("Begin a list with the start. In the loop: one step, then note where you are."),
        N_(
            "How many points does a walk of two steps pass? Three: the start, and one after each "
            "step. np.array(...) makes rows of a list of points."
        ),
        N_(
            "On paper, with grad_fn = 2θ, θ = 3 and lr = 0.1: 3, then 3 − 0.6 = 2.4, then "
            "2.4 − 0.48 = 1.92. Every gradient is asked for where the step begins."
        ),
    ),
    praise=N_(
        "On a bowl every step is the last one times a fixed number. When is its size above 1?"
    ),
)
