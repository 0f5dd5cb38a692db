"""`clip_by_norm`: the whole gradient made shorter, its direction kept."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, draw, elsewhere, single, slip
from autograder.exercises.stability.clipping import TOPIC
from descentlab.text import N_


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

    def even(limit, times):
        """Sixteen entries of one size: the largest is a quarter of the norm, their sum four of
        it. So a limit that is only a bit off isn't taken for another measure."""
        signs = np.where(rng.permutation(16) % 2, -1.0, 1.0)
        return single("usual", signs * limit * times / 4, limit)

    return [
        single("example", np.array([0.6, -0.8]) * int(rng.integers(3, 7)), most()),
        single("usual", large((7,)), most()),
        single("usual", small((5,)), most()),
        single("usual", np.zeros(4), most()),
        near(draw(rng, 1.5, 1.9), 0.9),
        near(draw(rng, 0.4, 0.65), 1.1),
        near(draw(rng, 1.5, 1.9), rng.uniform(0.998, 0.9998)),
        near(draw(rng, 1.5, 1.9), rng.uniform(1.0002, 1.002)),
        near(draw(rng, 0.4, 0.65), rng.uniform(0.998, 0.9998)),
        near(draw(rng, 0.4, 0.65), rng.uniform(1.0002, 1.002)),
        near(0.449, 1.96),
        even(draw(rng, 1.2, 1.9), draw(rng, 2.6, 3.4)),
        even(draw(rng, 0.4, 0.9), draw(rng, 0.4, 0.7)),
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


def _larger_factor(grad, max_norm):
    with np.errstate(divide="ignore", invalid="ignore"):
        return grad * max(1.0, max_norm / np.linalg.norm(grad))


def _pytorch(grad, max_norm):
    return grad * min(1.0, max_norm / (np.linalg.norm(grad) + 1e-6))


def _keras_per_entry(grad, max_norm):
    return np.clip(grad, -max_norm, max_norm)


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
            "one_compared",
            N_("norm compared with 1"),
            N_(
                "You scale by the right number, but decide by whether the norm is above 1: it is "
                "max_norm that it is compared with."
            ),
            ("norm > max_norm", "norm > 1"),
            where=N_("if ‖g‖ > **max_norm**"),
            pairs=False,
        ),
        slip(
            "limit_squared",
            N_("norm compared with max_norm²"),
            N_(
                "You scale by the right number, but compare the norm with the square of max_norm. "
                "Either both are squared or neither."
            ),
            ("norm > max_norm", "norm > max_norm**2"),
            where=N_("if ‖g‖ > **max_norm**"),
            pairs=False,
        ),
        slip(
            "one_for_limit",
            N_("1 for max_norm"),
            N_("A 1 stands for max_norm, in the decision and in the factor."),
            ("norm > max_norm", "norm > 1"),
            ("max_norm / norm", "1 / norm"),
            where=N_("if ‖g‖ > **max_norm**: g · **max_norm**/‖g‖"),
            pairs=False,
        ),
        slip(
            "divided_by_square",
            N_("divided by the sum of squares"),
            N_(
                "You decide by the right norm and divide by its square: the square root is missing "
                "there."
            ),
            ("max_norm / norm", "max_norm / norm**2"),
            where=N_("g · max_norm/**‖g‖**"),
            pairs=False,
        ),
        slip(
            "limit_not_multiplied",
            N_("not multiplied by max_norm"),
            N_(
                "You divide by the larger of ‖g‖ and max_norm. What is missing is to multiply by "
                "max_norm: a short gradient should come back as it is."
            ),
            lambda grad, max_norm: grad / max(max_norm, np.linalg.norm(grad)),
            where=N_("g · **max_norm**/max(‖g‖, max_norm)"),
        ),
        slip(
            "max_for_min",
            N_("max for min"),
            N_(
                "Short gradients are made longer, long ones are left alone, and one of zeros "
                "becomes NaN: the factor is the larger of 1 and max_norm/‖g‖. It is the smaller."
            ),
            _larger_factor,
            where=N_("g · **min**(1, max_norm/‖g‖)"),
        ),
        slip(
            "long_to_zeros",
            N_("zeros for a long gradient"),
            N_("A gradient that is too long comes back as zeros. It is made shorter, not dropped."),
            ("return grad * (max_norm / norm)", "return np.zeros_like(grad)"),
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
        slip(
            "multiplied_by_norm",
            N_("multiplied by the norm"),
            N_(
                "You multiply by the smaller of the norm and max_norm. The factor is a ratio of "
                "the two, and 1 for a short gradient."
            ),
            lambda grad, max_norm: grad * min(np.linalg.norm(grad), max_norm),
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
