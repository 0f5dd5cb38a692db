"""`clip_by_value` and `clip_by_norm`: a gradient that is too large, made smaller."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    draw,
    elsewhere,
    single,
    slip,
)
from descentlab.text import N_

TOPIC = "stability"


def _spread(rng, shape):
    """Entries on both sides of a limit between 0.3 and 0.8, with both signs; none at a limit."""
    size = np.where(rng.permutation(int(np.prod(shape))) % 2, 0.1, 1.4)
    sign = np.where(rng.permutation(size.size) % 2, -1.0, 1.0)
    return (sign * size * rng.uniform(0.8, 1.2, size=size.size)).reshape(shape)


def by_value_trials(rng):
    def limit():
        return draw(rng, 0.3, 0.8)

    wild = _spread(rng, (6,))
    wild[:4] = rng.permutation([np.inf, -np.inf, np.nan, 0.05])
    return [
        single("example", np.array([0.2, -1.5]) + np.round(rng.uniform(0, 0.1), 2), limit()),
        single("usual", _spread(rng, (7,)), limit()),
        single("usual", wild, limit()),
        single("shape", _spread(rng, (3, 5)), limit()),
        single("shape", _spread(rng, (2, 3, 4)), limit()),
        single(
            "float32",
            _spread(rng, (6,)).astype(np.float32),
            limit(),
            tolerance=FLOAT32_TOLERANCE,
        ),
    ]


def by_norm_trials(rng):
    def small(shape):
        array = rng.normal(size=shape)
        return array / np.linalg.norm(array) * draw(rng, 0.2, 0.4)

    def large(shape):
        array = rng.normal(size=shape)
        return array / np.linalg.norm(array) * draw(rng, 2.2, 6.4)

    def most():
        return draw(rng, 0.7, 1.9)

    def near(limit, times):
        """Just below or above the limit, where another measure of length decides otherwise."""
        array = rng.normal(size=8)
        return single("usual", array / np.linalg.norm(array) * limit * times, limit)

    return [
        single("example", np.array([0.6, -0.8]) * int(rng.integers(3, 7)), most()),
        single("usual", large((7,)), most()),
        single("usual", small((5,)), most()),
        single("usual", np.zeros(4), most()),
        near(draw(rng, 1.5, 1.9), 0.9),
        near(draw(rng, 0.4, 0.65), 1.1),
        single("shape", large((3, 5)), most()),
        single("shape", small((4, 3)), most()),
        single("shape", large((2, 3, 4)), most()),
        single("float32", large((6,)).astype(np.float32), most(), tolerance=FLOAT32_TOLERANCE),
    ]


def _largest_entry(grad, max_norm):
    largest = np.abs(grad).max()
    return grad * (max_norm / largest) if largest > max_norm else grad.copy()


def _taxicab(grad, max_norm):
    norm = np.abs(grad).sum()
    return grad * (max_norm / norm) if norm > max_norm else grad.copy()


def _row_by_row(grad, max_norm):
    norm = np.linalg.norm(grad, axis=-1, keepdims=True)
    return grad * np.minimum(1, max_norm / np.where(norm == 0, 1, norm))


def _always_divided(grad, max_norm):
    with np.errstate(invalid="ignore"):
        return grad * max_norm / np.linalg.norm(grad)


def _pytorch(grad, max_norm):
    return grad * min(1.0, max_norm / (np.linalg.norm(grad) + 1e-6))


def _keras_per_entry(grad, max_norm):
    return np.clip(grad, -max_norm, max_norm)


BY_VALUE = Exercise(
    name="clip_by_value",
    topic=TOPIC,
    points=10,
    returns="grad",
    trials=by_value_trials,
    mistakes=(
        slip(
            "max_with_limit",
            N_("max in place of min"),
            N_(
                "Every entry that is smaller than the limit is raised to it. SL2 says max with a "
                "small constant, and it is a slip of SL2's: clipping makes large ones smaller."
            ),
            lambda grad, limit: np.maximum(grad, limit),
            where=N_("**min**(|g|, limit), with the sign of g"),
        ),
        slip(
            "max_of_sizes",
            N_("max of |g| and the limit"),
            N_(
                "The sign is kept, and every |g| below the limit is raised to it. That is SL2's "
                "slip taken at its word; clipping makes large ones smaller."
            ),
            lambda grad, limit: np.sign(grad) * np.maximum(np.abs(grad), limit),
            where=N_("sign(g) · **min**(|g|, limit)"),
        ),
        slip(
            "only_above",
            N_("negative side not clipped"),
            N_("Large positive entries are clipped, large negative ones are not."),
            ("-limit, limit", "-np.inf, limit"),
            where=N_("[**−limit**, limit]"),
        ),
        slip(
            "only_below",
            N_("positive side not clipped"),
            N_("Large negative entries are clipped, large positive ones are not."),
            ("-limit, limit", "-limit, np.inf"),
            where=N_("[−limit, **limit**]"),
        ),
        slip(
            "clipped_at_zero",
            N_("negative entries set to 0"),
            N_("Every negative entry has become 0: the interval begins at −limit, not at 0."),
            ("-limit, limit", "0, limit"),
            where=N_("[**−limit**, limit]"),
        ),
        slip(
            "sign_lost",
            N_("sign lost"),
            N_("All entries came back positive: the size is clipped and the sign is gone."),
            lambda grad, limit: np.minimum(np.abs(grad), limit),
            where=N_("**sign(g)** · min(|g|, limit)"),
        ),
        slip(
            "always_the_limit",
            N_("every entry set to ± limit"),
            N_(
                "Every entry has the size of the limit. Those inside the interval stay as they are."
            ),
            lambda grad, limit: np.sign(grad) * limit,
            where=N_("sign(g) · **min(|g|, limit)**"),
        ),
        slip(
            "large_ones_dropped",
            N_("large entries set to 0"),
            N_("Entries beyond the limit have become 0. They are to become ± limit."),
            lambda grad, limit: np.where(np.abs(grad) > limit, 0.0, grad),
            where=N_("sign(g) · **min(|g|, limit)**"),
        ),
        slip(
            "nan_replaced",
            N_("NaN replaced"),
            N_(
                "A NaN has become a number. That hides a fault that somebody should see: NaN "
                "stays NaN here, only ±inf is brought to ± limit."
            ),
            lambda grad, limit: np.nan_to_num(
                np.clip(grad, -limit, limit), nan=0.0, posinf=limit, neginf=-limit
            ),
        ),
        slip(
            "infinite_replaced",
            N_("inf left or set to 0"),
            N_("An infinite entry isn't brought to the limit. ±inf becomes ± limit."),
            lambda grad, limit: np.where(np.isinf(grad), 0.0, np.clip(grad, -limit, limit)),
        ),
        elsewhere(
            "clipped_by_norm",
            N_("clipped by the norm"),
            N_(
                "This scales the whole gradient by one number, as clip_by_norm does: the "
                "direction stays. Here each entry is clipped by itself."
            ),
            lambda grad, limit: grad * min(1.0, limit / np.linalg.norm(grad)),
        ),
    ),
    hints=(
        N_(
            "Each entry on its own: inside the interval it stays, outside it goes to the nearer "
            "end."
        ),
        N_(
            "NumPy has one function for it, which knows ±inf and NaN as well. Its two bounds are "
            "not limit and limit."
        ),
    ),
    praise=N_("Does the clipped gradient still point where the gradient pointed?"),
)

BY_NORM = Exercise(
    name="clip_by_norm",
    topic=TOPIC,
    points=14,
    returns="grad",
    trials=by_norm_trials,
    mistakes=(
        slip(
            "always_scaled",
            N_("small gradients scaled up"),
            N_(
                "A gradient that is short enough is made longer: you give every gradient the "
                "norm max_norm. Only those that are longer are scaled."
            ),
            lambda grad, max_norm: grad * (max_norm / max(np.linalg.norm(grad), 1e-300)),
            where=N_("**if ‖g‖ > max_norm**: g · max_norm/‖g‖"),
        ),
        slip(
            "always_divided",
            N_("small gradients scaled up, zeros to NaN"),
            N_(
                "A gradient that is short enough is made longer, and one of zeros becomes NaN: you "
                "divide by the norm in any case. Only those longer than max_norm are scaled."
            ),
            _always_divided,
            where=N_("**if ‖g‖ > max_norm**: g · max_norm/‖g‖"),
        ),
        slip(
            "unit_length",
            N_("scaled to length 1"),
            N_("A long gradient comes back with norm 1. It is to have the norm max_norm."),
            ("max_norm / norm", "1 / norm"),
            where=N_("g · **max_norm**/‖g‖"),
        ),
        slip(
            "condition_reversed",
            N_("condition the wrong way round"),
            N_("Short gradients are scaled and long ones are left alone: look at the comparison."),
            ("norm > max_norm", "0 < norm < max_norm"),
            where=N_("if ‖g‖ **>** max_norm"),
        ),
        slip(
            "factor_inverted",
            N_("factor upside down"),
            N_("A long gradient is made longer: the factor stands upside down."),
            ("(max_norm / norm)", "(norm / max_norm)"),
            where=N_("g · **max_norm/‖g‖**"),
        ),
        slip(
            "not_divided",
            N_("not divided by the norm"),
            N_("The gradient is multiplied by max_norm and not divided by its own norm."),
            ("(max_norm / norm)", "max_norm"),
            where=N_("g · max_norm**/‖g‖**"),
        ),
        slip(
            "squared_norm",
            N_("squared norm"),
            N_(
                "The sum of squares stands where the norm should: the square root of it is missing."
            ),
            ("np.linalg.norm(grad)", "np.sum(grad**2)"),
            where=N_("‖g‖ = **√**Σg²"),
        ),
        slip(
            "squared_norm_compared",
            N_("squared norm compared"),
            N_(
                "You scale by the right number, but decide by the sum of squares: compare the norm "
                "itself with max_norm. Near the limit the two decide differently."
            ),
            ("norm > max_norm", "norm**2 > max_norm"),
            where=N_("if **‖g‖** > max_norm"),
        ),
        slip(
            "sizes_compared",
            N_("sum of sizes compared"),
            N_(
                "You scale by the right number, but decide by the sum of the entries' sizes: "
                "compare the norm with max_norm."
            ),
            ("norm > max_norm", "np.abs(grad).sum() > max_norm"),
            where=N_("if **‖g‖** > max_norm"),
        ),
        slip(
            "largest_compared",
            N_("largest entry compared"),
            N_(
                "You scale by the right number, but decide by the largest entry: compare the norm "
                "with max_norm."
            ),
            ("norm > max_norm", "np.abs(grad).max() > max_norm"),
            where=N_("if **‖g‖** > max_norm"),
        ),
        slip(
            "mean_square",
            N_("root of the mean square"),
            N_("You take the root of the mean of squares. The norm is the root of their sum."),
            ("np.linalg.norm(grad)", "np.sqrt(np.mean(grad**2))"),
            where=N_("‖g‖ = √**Σ**g²"),
        ),
        slip(
            "taxicab_norm",
            N_("sum of sizes for the norm"),
            N_("You add up the sizes of the entries. The norm is the root of the sum of squares."),
            _taxicab,
            where=N_("‖g‖ = **√Σg²**"),
        ),
        slip(
            "largest_entry",
            N_("largest entry for the norm"),
            N_("You compare and divide by the largest entry. The norm takes all of them together."),
            _largest_entry,
            where=N_("‖g‖ = **√Σg²**"),
        ),
        slip(
            "row_by_row",
            N_("one norm a row"),
            N_(
                "Vectors come out right; a matrix is clipped row by row. It is one gradient, with "
                "one norm over all its entries."
            ),
            _row_by_row,
        ),
        slip(
            "spectral_norm",
            N_("another matrix norm"),
            N_(
                "Vectors come out right; for a matrix another norm is taken than the root of the "
                "sum of all squares. Look at the arguments of the norm function."
            ),
            lambda grad, max_norm: (
                grad
                * min(1.0, max_norm / max(np.linalg.norm(grad, 2 if grad.ndim < 3 else None), 1e-9))
            ),
        ),
        slip(
            "nothing_when_short",
            N_("zeros for a short gradient"),
            N_(
                "A gradient that is short enough comes back as zeros. It should come back as it is."
            ),
            ("grad.copy()", "np.zeros_like(grad)"),
        ),
        elsewhere(
            "by_value",
            N_("each entry clipped"),
            N_(
                "This clips each entry by itself, as clip_by_value does, and turns the direction. "
                "Here the whole gradient is scaled by one number."
            ),
            _keras_per_entry,
        ),
        elsewhere(
            "pytorch_form",
            N_("PyTorch's 1e-6 in the divisor"),
            N_(
                "This is torch.nn.utils.clip_grad_norm_: it adds 1e-6 to the norm before it "
                "divides, so the result is a millionth shorter than max_norm. Here the if guards "
                "against 0, and the norm is exact."
            ),
            _pytorch,
        ),
    ),
    hints=(
        N_("First the length of the whole gradient, as one number; then one decision."),
        N_(
            "If it is too long, which number brings its length to max_norm exactly? On paper: a "
            "gradient of length 5 and max_norm = 2."
        ),
    ),
    praise=N_("Why does the direction matter more here than in clip_by_value?"),
)
