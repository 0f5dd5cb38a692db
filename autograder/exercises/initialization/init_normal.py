"""`init_normal`. W[ℓ] ~ N(0, std²),  b[ℓ] = 0."""

from autograder.exercises.base import RandomExercise, draw, elsewhere, slip
from autograder.exercises.initialization.measuring import (
    PROPERTIES,
    TOPIC,
    measured_by,
    random_trials,
)
from autograder.exercises.initialization.slips import DRAWN, LAYOUT
from descentlab.text import N_

MISTAKES = (
    slip(
        "std_as_variance",
        N_("std taken for the variance"),
        N_(
            "You take the root of std before you draw. That would be right for a variance; std "
            "already is the standard deviation, and rng.normal wants just that."
        ),
        ("normal(0, std, size=", "normal(0, np.sqrt(std), size="),
        where=N_("W ~ N(0, **std²**)"),
    ),
    slip(
        "variance_for_std",
        N_("variance for the standard deviation"),
        N_(
            "You draw with std² where rng.normal wants a standard deviation. N(0, std²) names the "
            "variance, as mathematicians do; NumPy's scale is its root."
        ),
        ("normal(0, std, size=", "normal(0, std**2, size="),
        where=N_("W ~ N(0, **std²**), NumPy's scale = **std**"),
    ),
    slip(
        "std_ignored",
        N_("standard deviation 1"),
        N_("You draw with a standard deviation of 1, whatever std says."),
        ("normal(0, std, size=", "normal(0, 1, size="),
        where=N_("W ~ N(0, **std²**)"),
    ),
    slip(
        "std_fixed",
        N_("standard deviation 0.01"),
        N_("You draw with a standard deviation of 0.01, whatever std says."),
        ("normal(0, std, size=", "normal(0, 0.01, size="),
        where=N_("W ~ N(0, **std²**)"),
    ),
    slip(
        "std_as_mean",
        N_("std in the place of the mean"),
        N_(
            "std has landed in the first place of rng.normal, which is the mean: your weights lie "
            "around std with a deviation of 1. The order is rng.normal(mean, std, size)."
        ),
        ("normal(0, std, size=", "normal(std, 1, size="),
        where=N_("W ~ N(**0**, std²)"),
    ),
    slip(
        "mean_std_too",
        N_("weights around std"),
        N_(
            "Your weights have the right width and lie around std. The mean, the first argument "
            "of rng.normal, is 0."
        ),
        ("normal(0, std, size=", "normal(std, std, size="),
        where=N_("W ~ N(**0**, std²)"),
    ),
    slip(
        "divided_by_root_fan_in",
        N_("std divided by √n_in"),
        N_(
            "You divide std by √n_in. Rules that look at the size of a layer follow in the next "
            "exercises; here one width is used for all layers."
        ),
        ("normal(0, std, size=", "normal(0, std / np.sqrt(n_in), size="),
        where=N_("W ~ N(0, **std²**)"),
    ),
    slip(
        "half_width_uniform",
        N_("uniform, rng.random − 1/2"),
        N_(
            "rng.random() − 1/2 is uniform between −1/2 and 1/2, and its standard deviation is "
            "0.29, not 1. rng.normal draws the normal distribution."
        ),
        ("rng.normal(0, std, size=(n_in, n_out))", "std * (rng.random((n_in, n_out)) - 0.5)"),
        where=N_("W ~ **N(0,** std²**)**"),
        pairs=False,
    ),
    elsewhere(
        "uniform_same_width",
        N_("uniform of the same width"),
        N_(
            "Your weights are uniform between −√3·std and √3·std. That has the right standard "
            "deviation, and many libraries start so. This exercise asks for the normal form."
        ),
        ("rng.normal(0, std, size=", "rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, size="),
        where=N_("W ~ **N(0,** std²**)**"),
    ),
    *DRAWN,
    *LAYOUT,
)

EXERCISE = RandomExercise(
    name="init_normal",
    topic=TOPIC,
    points=12,
    returns="params",
    trials=random_trials(lambda rng: draw(rng, 0.15, 0.4)),
    mistakes=MISTAKES,
    first_look=1,
    measure=measured_by(lambda call, n_in, n_out: call.args[1]),
    properties=PROPERTIES,
    hints=(
        N_("The loop is that of init_constant. What changes is the one line that makes W."),
        N_(
            "rng.normal(mean, std, size=(rows, columns)) draws a whole array at once. Use the rng "
            "that is passed in, in every layer."
        ),
    ),
    praise=N_("How large may std be before the first outputs are all close to 0 or to 1?"),
)
