"""The pictures: one style a rule, nothing blown up, nothing covered, nothing left behind."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from autograder.reference.gradient_descent import gd_step
from autograder.reference.momentum import momentum_step, nesterov_step
from descentlab import (
    bowl,
    descend,
    describe_paths,
    panels,
    plateau,
    plot_curves,
    plot_images,
    plot_paths,
    plot_values,
    rosenbrock,
    saddle,
    valley,
)
from descentlab.drawing import kept_near, marker_distance
from descentlab.plots import RULE_STYLES, line_styles, plot_history
from descentlab.training import History


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def paths_on(surface, lr, num_steps=60):
    rules = {"gradient descent": gd_step, "momentum": momentum_step, "Nesterov": nesterov_step}
    return {
        label: descend(surface, surface.start, rule=rule, lr=lr, num_steps=num_steps)
        for label, rule in rules.items()
    }


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


# Styles


def test_no_two_rules_share_colour_marker_or_dash():
    for key in ("color", "marker", "linestyle"):
        assert len({str(style[key]) for style in RULE_STYLES.values()}) == len(RULE_STYLES)


def test_a_rule_keeps_its_style_whatever_stands_beside_it():
    alone = line_styles(["momentum"])["momentum"]
    crowd = line_styles(["Adam", "momentum, lr = 1", "mine", "momentum"])
    assert crowd["momentum"] == alone == RULE_STYLES["momentum"]
    assert line_styles(["Momentum, β = 0.5"])["Momentum, β = 0.5"] == alone
    assert crowd["momentum, lr = 1"]["marker"] == alone["marker"]
    assert crowd["momentum, lr = 1"]["markerfacecolor"] == "white"


def test_a_longer_word_is_another_rule():
    assert line_styles(["Adamax"])["Adamax"] != RULE_STYLES["Adam"]
    assert line_styles(["RAdam"])["RAdam"] == RULE_STYLES["RAdam"]


def test_labels_of_one_picture_are_all_told_apart():
    labels = [*RULE_STYLES, *(f"momentum, β = {b}" for b in range(4)), *"abcdefgh"]
    looks = [tuple(sorted(map(str, style.items()))) for style in line_styles(labels).values()]
    assert len(set(looks)) == len(labels)


def test_matplotlibs_settings_stay_as_they_were():
    before = dict(mpl.rcParams)
    surface = bowl()
    plot_values(surface, paths_on(surface, 0.1))
    plot_images(np.zeros((2, 64)))
    with pytest.raises(ValueError, match="1 panel or 2 side by side, got 3"):
        panels(3)
    assert dict(mpl.rcParams) == before


def test_matplotlib_comes_with_the_first_picture_only():
    code = (
        "import sys, descentlab, descentlab.training, descentlab.network, descentlab.surfaces\n"
        "assert 'matplotlib' not in sys.modules and 'tqdm' not in sys.modules\n"
        "assert not set(descentlab.__all__) - set(dir(descentlab))\n"
        "from descentlab import plot_paths\n"
        "assert 'matplotlib' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Paths


def test_a_path_is_drawn_with_start_minimum_and_every_tenth_step_marked():
    surface = valley()
    paths = paths_on(surface, 0.01)
    ax = plot_paths(surface, paths)
    line = lines_of(ax)["momentum"]
    assert line.get_xydata() == pytest.approx(paths["momentum"])
    assert line.get_markevery() == (0, 10)
    singles = [tuple(line.get_xydata()[0]) for line in ax.get_lines() if len(line.get_xdata()) == 1]
    assert singles == [tuple(surface.minimum), tuple(surface.start)]
    assert ax.get_xlabel() == "first parameter"
    assert ax.get_legend().get_title().get_text() == "a marker every 10 steps"


@pytest.mark.parametrize(
    ("steps", "every"), [(1, 10), (200, 10), (201, 20), (900, 50), (1e5, 5000)]
)
def test_long_paths_have_fewer_markers(steps, every):
    assert marker_distance({"a": np.empty((int(steps) + 1, 0))}) == every


@pytest.mark.parametrize("far", [5.0, 1e6, 1e300])
def test_a_path_that_leaves_is_shown_leaving(far):
    surface = bowl()
    path = np.array([[0.0, 0.0], [1.2, 1.0], [far, far / 2]])
    ax = plot_paths(surface, {"gradient descent": path})
    assert (ax.get_xlim(), ax.get_ylim()) == surface.view
    (arrow,) = ax.texts
    assert arrow.xy[0] == pytest.approx(2.4)  # the right edge of the view
    slope = (far / 2 - 1) / (far - 1.2)
    assert arrow.xy[1] == pytest.approx(1 + 1.2 * slope, abs=1e-2)
    ax.figure.canvas.draw()  # with warnings as errors: nothing overflows


def test_a_path_that_stays_has_no_arrow():
    surface = bowl()
    assert not plot_paths(surface, paths_on(surface, 0.1)).texts


def test_points_in_reach_are_drawn_where_they_are():
    path = np.array([[0.0, 0.5], [1e3, 0.0], [-1e200, 1e200]])
    near = kept_near(path, ((-1.0, 1.0), (-1.0, 1.0)))
    assert near[:2] == pytest.approx(path[:2])
    assert near[2, 0] == -near[2, 1]


PICTURES = {
    "valley": (valley(), 0.013),
    "valley at its limit": (valley(), 0.0195),
    "plateau": (plateau(), 0.1),
    "saddle": (saddle(), 0.03),
    "rosenbrock": (rosenbrock(), 0.001),
    "bowl, diverging": (bowl((1, 6)), 0.4),
    "extreme valley": (valley(1e6), 1e-6),
}


@pytest.mark.parametrize(("surface", "lr"), PICTURES.values(), ids=PICTURES)
def test_the_legend_hides_next_to_nothing(surface, lr):
    paths = paths_on(surface, lr)
    _fig, axes = panels(2)
    plot_paths(surface, paths, ax=axes[0])
    plot_values(surface, paths, ax=axes[1])
    axes[0].figure.canvas.draw()
    for ax in axes:
        legend = ax.get_legend().get_window_extent()
        view = ax.get_window_extent()
        for label in paths:
            points = ax.transData.transform(lines_of(ax)[label].get_xydata())
            visible = points[[view.contains(*point) for point in points]]
            hidden = sum(legend.contains(*point) for point in visible)
            assert hidden <= 0.05 * len(visible)  # of at most 61 points: three


def test_a_legend_without_a_free_corner_moves_below():
    """A path from corner to corner, twice along each diagonal, leaves none."""
    corners = np.array([[-2.3, -1.9], [2.3, 1.9], [-2.3, 1.9], [2.3, -1.9], [-2.3, -1.9]])
    ax = plot_paths(bowl(), {"momentum": corners, "gradient descent": 0.9 * corners})
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0


def test_levels_are_denser_where_it_is_low_and_on_both_sides_of_a_saddle():
    contours = [c for c in plot_paths(valley(), {}).collections if c.get_linewidth()[0] == 0.6]
    levels = contours[0].levels
    assert np.diff(np.log(levels)) == pytest.approx(np.log(levels[1] / levels[0]))
    on_saddle = [c for c in plot_paths(saddle(), {}).collections if c.get_linewidth()[0] == 0.6]
    assert on_saddle[0].levels == pytest.approx(-on_saddle[0].levels[::-1])


def test_what_is_no_path_is_refused():
    with pytest.raises(ValueError, match=r"path 'mine' must have the shape .*; got \(3,\)"):
        plot_paths(bowl(), {"mine": np.zeros(3)})


def test_paths_in_words():
    surface = bowl((1.0, 1.0))
    zigzag = np.array([[0, 0], *([(-1) ** k * 2.0**k, 0] for k in range(8))], dtype=float)
    text = describe_paths(surface, {"momentum": np.array([[2.0, 0.0], [1.0, 0.0]]), "wild": zigzag})
    first, second = text.split("\n")
    assert first == (
        "momentum: in 1 step the height fell from 2 to 0.5. It ends 1 from the minimum."
    )
    assert "wild: in 8 steps the height rose from 0 to" in second
    assert "It zigzags: it turns back in 100% of its steps." in second
    assert "It leaves the picture for good at step 3." in second  # at x = 4


# Values and curves


def test_values_are_heights_above_the_minimum_on_a_log_axis():
    surface = bowl()
    ax = plot_values(surface, {"gradient descent": np.array([[2.0, 0.0], [1.0, 1.0]])})
    assert lines_of(ax)["gradient descent"].get_ydata().tolist() == [2, 1]
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "step"
    assert ax.get_ylabel() == "height above the minimum"


def test_a_diverging_path_does_not_flatten_the_others():
    surface = bowl()
    wild = descend(surface, surface.start, rule=gd_step, lr=3.9, num_steps=200)
    ax = plot_values(surface, {"wild": wild, "tame": 0.9 ** np.arange(200)[:, None] * [1.0, 1.0]})
    assert surface.f(wild[-1]) > 1e100
    assert ax.get_ylim()[1] < 1e4  # a thousand times the 4.88 in the corner of the view


def test_values_without_a_minimum_stay_within_the_heights_of_the_view():
    surface = saddle()
    ax = plot_values(surface, paths_on(surface, 0.1))
    assert ax.get_yscale() == "linear"
    low, high = ax.get_ylim()
    assert -3.2 < low < -2.5  # the view's lowest point is at -1.6^2
    assert high < 4.4


def test_arriving_exactly_leaves_a_gap_and_no_warning():
    ax = plot_values(bowl(), {"a": np.array([[2.0, 0.0], [0.0, 0.0]])})
    y = lines_of(ax)["a"].get_ydata()
    assert y[0] == 2
    assert np.isnan(y[1])
    ax.figure.canvas.draw()


def test_curves_with_and_without_x():
    ax = plot_curves(
        {"Adam": [3.0, np.inf, 1.0], "mine": (np.array([5, 6]), np.array([0.1, 0.2]))},
        xlabel="epoch",
        ylabel="training loss, nats",
    )
    assert lines_of(ax)["Adam"].get_xdata().tolist() == [0, 1, 2]
    assert np.isnan(lines_of(ax)["Adam"].get_ydata()[1])
    assert lines_of(ax)["mine"].get_xdata().tolist() == [5, 6]
    assert lines_of(ax)["Adam"].get_color() == RULE_STYLES["Adam"]["color"]
    with pytest.raises(ValueError, match=r"curve 'x' .* shapes \(2,\) and \(3,\)"):
        plot_curves({"x": (np.zeros(2), np.zeros(3))}, xlabel="", ylabel="")


@pytest.mark.parametrize("validated", [True, False])
def test_a_history_draws_itself(validated):
    values = [0.5, 0.7] if validated else []
    history = History([2.0, 1.5, 1.2, 1.0], [1.75, 1.1], values, values, 2, 2, 0.1)
    axes = history.plot()
    assert np.size(axes) == (2 if validated else 1)
    left = np.ravel(axes)[0]
    assert lines_of(left)["each batch"].get_xdata().tolist() == [0, 0.5, 1, 1.5]
    assert ("validation" in lines_of(left)) is validated
    left.figure.canvas.draw()


def test_a_history_without_a_finished_epoch_draws_too():
    plot_history(History([2.0], steps_per_epoch=5, diverged_at=2)).figure.canvas.draw()


def test_images_come_from_rows_or_squares():
    axes = plot_images(np.linspace(0, 1, 13 * 64).reshape(13, 64), titles=range(13), columns=5)
    assert len(axes) == 13
    assert axes[12].images[0].get_array().shape == (8, 8)
    assert axes[12].get_title() == "12"
    with pytest.raises(ValueError, match=r"images must have the shape .* got \(3, 7\)"):
        plot_images(np.zeros((3, 7)))


def test_a_logarithmic_x_axis_and_a_spread():
    rates, mean = np.array([0.01, 0.1, 1.0]), np.array([0.5, 0.9, 0.7])
    ax = plot_curves(
        {"momentum": (rates, mean)},
        xlabel="learning rate α",
        ylabel="accuracy",
        logx=True,
        every=1,
        spread={"momentum": (mean - 0.1, mean + 0.05)},
    )
    assert ax.get_xscale() == "log"
    (bars,) = ax.collections
    np.testing.assert_allclose(bars.get_segments()[0], [[0.01, 0.4], [0.01, 0.55]])


def test_every_figure_of_a_notebook_is_shown(monkeypatch):
    """Also the second one: the inline backend must not be switched off by the first."""
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.delenv("MPLBACKEND")  # the tests draw without a screen, a notebook inline
    code = "from descentlab import panels\npanels(1)[1].plot([0, 1]);"
    cells = [nbformat.v4.new_code_cell(code) for _ in range(2)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute()
    for cell in cells:
        assert [o.output_type for o in cell.outputs] == ["display_data"]


def test_a_path_that_runs_far_uphill_keeps_its_axis_upright():
    """Uphill from 2 by a factor 1.2 a step: heights of 1e60 and more beside a view of a few."""
    surface = bowl()
    uphill = 2.0 * 1.2 ** np.arange(400)
    ax = plot_values(surface, {"mine": np.column_stack([uphill, uphill])})
    low, high = ax.get_ylim()
    assert 0 < low < high < 1e9
    ax.figure.canvas.draw()
