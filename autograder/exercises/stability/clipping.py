"""`clip_by_value`: every entry of a gradient brought into an interval."""

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

    def near(limit):
        """Entries a thousandth to a tenth from the limit, on all four sides of ± limit.

        Below 1 a limit is smaller than its root and larger than its square; above 1 it is the
        other way round: whoever compares squares is seen. A fifth size lies between 1 and the
        root: who compares with 1 does otherwise there.
        """
        size = np.append(limit * np.array([0.9, 0.9995, 1.0005, 1.1]), (1 + limit**0.5) / 2)
        return single("usual", rng.permutation(np.concatenate([size, -size])), limit)

    wild = _spread(rng, (6,))
    wild[:4] = rng.permutation([np.inf, -np.inf, np.nan, 0.05])
    return [
        single("example", np.array([0.2, -1.5]) + np.round(rng.uniform(0, 0.1), 2), limit()),
        single("usual", _spread(rng, (7,)), limit()),
        single("usual", wild, limit()),
        near(limit()),
        near(draw(rng, 1.3, 2.9)),
        single("shape", _spread(rng, (3, 5)), limit()),
        single("shape", _spread(rng, (2, 3, 4)), limit()),
        single(
            "float32",
            _spread(rng, (6,)).astype(np.float32),
            limit(),
            tolerance=FLOAT32_TOLERANCE,
        ),
    ]


def _nan_to(sign):
    def nan_to_a_limit(grad, limit):
        return np.where(np.isnan(grad), sign * limit, np.clip(grad, -limit, limit))

    return nan_to_a_limit


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
            "max_of_sizes_unsigned",
            N_("max of |g| and the limit, without the sign"),
            N_(
                "Every |g| below the limit is raised to it, and the sign is gone. That is SL2's "
                "slip taken at its word; clipping makes large ones smaller."
            ),
            lambda grad, limit: np.maximum(np.abs(grad), limit),
            where=N_("**sign(g)** · **min**(|g|, limit)"),
        ),
        slip(
            "nothing_clipped",
            N_("nothing clipped"),
            N_("The gradient comes back as it went in: nothing is clipped."),
            ("np.clip(grad, -limit, limit)", "grad + 0.0"),
            pairs=False,
        ),
        slip(
            "squares_compared",
            N_("square compared with the limit"),
            N_(
                "What is clipped is right, but g² is compared with the limit, not |g|. Near the "
                "limit the two decide differently."
            ),
            lambda grad, limit: np.where(grad**2 > limit, np.sign(grad) * limit, grad),
            where=N_("if **|g|** > limit"),
        ),
        slip(
            "one_compared",
            N_("compared with 1"),
            N_("What is clipped is right, but |g| is compared with 1, not with the limit."),
            lambda grad, limit: np.where(np.abs(grad) > 1, np.sign(grad) * limit, grad),
            where=N_("if |g| > **limit**"),
        ),
        slip(
            "all_to_plus_limit",
            N_("large entries set to + limit"),
            N_("Large negative entries have become + limit: they keep their sign."),
            lambda grad, limit: np.where(np.abs(grad) > limit, limit, grad),
            where=N_("**sign(g)** · min(|g|, limit)"),
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
        *(
            slip(
                name,
                N_("NaN replaced"),
                N_(
                    "A NaN has become a limit: every comparison with NaN is False, and an else "
                    "or Python's min and max make a number of it. NaN stays NaN here."
                ),
                _nan_to(sign),
            )
            for name, sign in (("nan_to_limit", 1), ("nan_to_minus_limit", -1))
        ),
        slip(
            "not_finite_zeroed",
            N_("inf and NaN set to 0"),
            N_(
                "inf and NaN have become 0. ±inf is a large entry and becomes ± limit; NaN stays "
                "NaN, so that somebody sees it."
            ),
            lambda grad, limit: np.where(np.isfinite(grad), np.clip(grad, -limit, limit), 0.0),
        ),
        slip(
            "infinite_left",
            N_("inf left"),
            N_("An infinite entry stays infinite. ±inf becomes ± limit, as any large entry does."),
            lambda grad, limit: np.where(np.isinf(grad), grad, np.clip(grad, -limit, limit)),
        ),
        slip(
            "infinite_replaced",
            N_("inf left or set to 0"),
            N_("An infinite entry isn't brought to the limit. ±inf becomes ± limit."),
            lambda grad, limit: np.where(np.isinf(grad), 0.0, np.clip(grad, -limit, limit)),
        ),
        elsewhere(
            "soft_threshold",
            N_("soft threshold"),
            N_(
                "This takes the limit off every size and makes small entries 0, as LASSO's "
                "shrinkage does. Clipping leaves small entries alone and stops large ones."
            ),
            lambda grad, limit: np.sign(grad) * np.maximum(np.abs(grad) - limit, 0),
            where=N_("sign(g) · **min(|g|, limit)**"),
        ),
        elsewhere(
            "scaled_by_largest",
            N_("scaled by the largest entry"),
            N_(
                "This scales the whole gradient until its largest entry fits: the direction "
                "stays, and small entries shrink, too. Here each entry is clipped by itself."
            ),
            lambda grad, limit: grad * min(1.0, limit / np.max(np.abs(grad))),
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
