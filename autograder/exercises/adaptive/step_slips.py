"""Mistakes in the step that all rules with a root below the gradient share."""

from autograder.exercises.base import Mistake, elsewhere, slip
from descentlab.text import N_

HALVED = N_(
    "** 1 / 2 takes the power 1 first and halves afterwards, so no root is taken at all. Write "
    "** 0.5, ** (1 / 2) or np.sqrt."
)


def half_for_root(root: str, radicand: str, rest: str = "", *, where: str) -> tuple[Mistake, ...]:
    """`root` + `rest` divides the step; written as x ** 1 / 2, alone or within the fraction."""
    title = N_("** 1 / 2 for the root")
    return (
        slip(
            "half_for_root",
            title,
            HALVED,
            (root, f"({radicand} ** 1 / 2{rest})"),
            where=where,
            pairs=False,
        ),
        slip(
            "half_in_fraction",
            title,
            HALVED,
            (root, f"{radicand} ** 1 / 2{rest}"),
            where=where,
            pairs=False,
        ),
    )


def around_the_root(
    step: str, top: str, root: str, v: str, inside: bool, *, where: str
) -> tuple[Mistake, ...]:
    """Mistakes in θ − α·top/root, where the root is of v and ε stands inside it or outside.

    Parameters
    ----------
    step : the whole right side in the reference
    top : what stands above, with α
    root : the denominator
    v : what the root is taken of, without ε
    inside : whether ε stands under the root
    where : the formula with the denominator in **bold**
    """
    radicand = f"({v} + eps)" if inside else v

    def of_all(name):
        return f"np.sqrt(np.{name}({v}) + eps)" if inside else f"(np.sqrt(np.{name}({v})) + eps)"

    return (
        slip(
            "theta_divided",
            N_("θ divided, too"),
            N_(
                "Your brackets put θ above the fraction as well: θ itself is divided by the root. "
                "Only the step is."
            ),
            (step, f"(theta - {top}) / {root}"),
            where=where,
            pairs=False,
        ),
        slip(
            "eps_twice",
            N_("ε inside and outside"),
            N_("ε stands under your root and once more beside it. It is needed once."),
            (root, f"(np.sqrt({v} + eps) + eps)"),
            where=where,
            pairs=False,
        ),
        elsewhere(
            "eps_as_floor",
            N_("ε as a floor"),
            N_(
                "You take the larger of the root and ε, which keeps 0 out of the denominator, too. "
                "Here ε is added, always."
            ),
            (root, f"np.maximum(np.sqrt({v}), eps)"),
            where=where,
            pairs=False,
        ),
        elsewhere(
            "eps_as_floor_inside",
            N_("ε as a floor under the root"),
            N_(
                "You take the root of the larger of the two, the mean or sum of squares and ε, "
                "which keeps 0 out of the denominator, too. Here ε is added, always."
            ),
            (root, f"np.sqrt(np.maximum({v}, eps))"),
            where=where,
            pairs=False,
        ),
        slip(
            "mean_of_all_in_step",
            N_("mean over all parameters in the step"),
            N_(
                "Under the root you average over all parameters, so all get the same rate. Each "
                "is divided by its own."
            ),
            (root, of_all("mean")),
            where=where,
            pairs=False,
        ),
        slip(
            "norm_of_all_in_step",
            N_("one norm for all in the step"),
            N_(
                "Under the root you add up all parameters', so all get the same rate. Each is "
                "divided by its own."
            ),
            (root, of_all("sum")),
            where=where,
            pairs=False,
        ),
        *half_for_root(root, radicand, "" if inside else " + eps", where=where),
    )
