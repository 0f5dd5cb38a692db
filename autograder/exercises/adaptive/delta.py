"""More mistakes of AdaDelta: s and d taken as wholes, sizes for squares, what is returned."""

from autograder.exercises.adaptive.step_slips import HALVED
from autograder.exercises.base import slip
from autograder.exercises.momentum.whole_gradient import whole_gradient
from descentlab.text import N_

DELTA = "-np.sqrt(state.d + eps) / np.sqrt(s + eps) * grad"
STATE = "AdadeltaState(s, d)"

DELTA_MISTAKES = (
    slip(
        "s_of_sizes",
        N_("sizes in s, not squares"),
        N_("|g| goes into s where its square belongs; a root is taken of s later on."),
        ("grad**2", "np.abs(grad)"),
        where=N_("s ← ρs + (1 − ρ)g**²**"),
        pairs=False,
    ),
    slip(
        "d_of_sizes",
        N_("sizes in d, not squares"),
        N_("|Δ| goes into d where its square belongs; a root is taken of d at the next step."),
        ("delta**2", "np.abs(delta)"),
        where=N_("d ← ρd + (1 − ρ)Δ**²**"),
        pairs=False,
    ),
    slip(
        "norm_in_s",
        N_("norm of the whole gradient in s"),
        N_("You add up the squares of all parameters. Each parameter keeps its own s."),
        ("grad**2", "np.sum(grad**2)"),
        where=N_("s ← ρs + (1 − ρ)**g²**, entry by entry"),
        pairs=False,
    ),
    slip(
        "one_d_for_all",
        N_("one d for all parameters"),
        N_("You average Δ² over all parameters. Each parameter keeps its own d."),
        ("delta**2", "np.mean(delta**2)"),
        where=N_("d ← ρd + (1 − ρ)**Δ²**, entry by entry"),
        pairs=False,
    ),
    slip(
        "d_sum",
        N_("sum in d"),
        N_("d adds up all squares, as Adagrad's s. Here it is a mean that forgets."),
        ("d = rho * state.d + (1 - rho) * delta**2", "d = state.d + delta**2"),
        where=N_("d ← **ρ**d + **(1 − ρ)**Δ²"),
        pairs=False,
    ),
    slip(
        "step_squared_as_d",
        N_("Δ² alone for d"),
        N_("As d you return the square of this step alone. d is a mean over all recent ones."),
        (STATE, "AdadeltaState(s, delta**2)"),
        where=N_("d ← **ρd + (1 − ρ)**Δ²"),
        pairs=False,
    ),
    slip(
        "roots_stored",
        N_("roots returned as state"),
        N_(
            "What you return as s and d are their roots; the next step takes roots of them again. "
            "Both stay means of squares."
        ),
        (STATE, "AdadeltaState(np.sqrt(s), np.sqrt(d))"),
        where=N_("return θ, (**s, d**)"),
        pairs=False,
    ),
    slip(
        "state_not_returned",
        N_("old state returned"),
        N_(
            "The state that you return is the one that came in, so every step is the first one "
            "again."
        ),
        (STATE, "state"),
        where=N_("return θ, **(s, d)**"),
        pairs=False,
    ),
    slip(
        "state_read_swapped",
        N_("s and d exchanged on the way in"),
        N_(
            "s goes on from the d that came in, and d from the s: the state comes as "
            "AdadeltaState(s, d), in this order."
        ),
        ("s = rho * state.s", "s = rho * state.d"),
        ("np.sqrt(state.d + eps)", "np.sqrt(state.s + eps)"),
        ("d = rho * state.d", "d = rho * state.s"),
        where=N_("s ← ρ**s** + (1 − ρ)g²;  d ← ρ**d** + (1 − ρ)Δ²"),
        pairs=False,
    ),
    slip(
        "eps_in_ratio",
        N_("ε beside the ratio"),
        N_(
            "ε is added once, to the ratio d/s. It belongs to each of the two: above it makes the "
            "first step possible, below it keeps 0 out."
        ),
        (DELTA, "-np.sqrt(state.d / s + eps) * grad"),
        where=N_("Δ = −√(d **+ ε**)/√(s **+ ε**) · g"),
        pairs=False,
    ),
    slip(
        "half_for_root",
        N_("** 1 / 2 for the root"),
        HALVED,
        (DELTA, "-((state.d + eps) ** 1 / 2) / (s + eps) ** 1 / 2 * grad"),
        where=N_("Δ = −**√**(d + ε)/**√**(s + ε) · g"),
        pairs=False,
    ),
    *whole_gradient("(1 - rho) * grad**2", " * grad\n"),
)
