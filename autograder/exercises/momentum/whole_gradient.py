"""Mistakes that every rule knows: one number of the whole gradient in place of its entries."""

from autograder.exercises.base import Mistake, slip
from descentlab.text import N_


def whole_gradient(*places: str, grad: str = "grad") -> tuple[Mistake, ...]:
    """The mistakes in which `grad` is replaced by its mean or its sum.

    Parameters
    ----------
    places : texts of the reference's body, each with `grad` in it once
    grad : how the gradient is written there
    """

    def instead(new):
        return [(place, place.replace(grad, new)) for place in places]

    return (
        slip(
            "mean_of_gradient",
            N_("mean of the gradient"),
            N_(
                "You take the mean over the gradient's entries, one number for all parameters. "
                "Each parameter has a slope of its own. (The mean over a batch is taken already "
                "when the gradient is made.)"
            ),
            *instead(f"np.mean({grad})"),
            where=N_("∇L, **entry by entry**"),
            pairs=False,
        ),
        slip(
            "mean_over_first_axis",
            N_("mean over the gradient's first axis"),
            N_(
                "You take the gradient's mean over its first axis, as if that were a batch. It is "
                "an axis of the parameters: each entry is the slope of one of them, and the mean "
                "over a batch is taken already when the gradient is made."
            ),
            *instead(f"np.mean({grad}, axis=0)"),
            where=N_("∇L, **entry by entry**"),
            pairs=False,
        ),
        slip(
            "sum_of_gradient",
            N_("sum of the gradient"),
            N_(
                "You add up the gradient's entries, and one number goes in for all parameters. "
                "Each parameter has a slope of its own."
            ),
            *instead(f"np.sum({grad})"),
            where=N_("∇L, **entry by entry**"),
            pairs=False,
        ),
    )
