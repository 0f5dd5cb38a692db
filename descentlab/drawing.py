"""What the pictures are put together from: contours, exits, legends that keep out of the way."""

import itertools

import numpy as np
from matplotlib import colors
from matplotlib.transforms import offset_copy

from descentlab.styles import PALE
from descentlab.text import _

GRID = 141  # points along each side when a surface is drawn
LEVELS = 11  # contour lines, log-spaced
LOWEST_SHARE = 0.02  # the lowest contour encloses so much of the picture
MOST_MARKERS = 20  # on one path: those of more than 200 steps have fewer than every tenth
MOST_HIDDEN = 0.005  # share of the lines that a legend may hide before it moves below the axes
BELOW = -38  # points: a legend under the axes keeps off their label
FAR = 1e3  # in views: a path is followed no further out than that
LOW_TO_HIGH = colors.LinearSegmentedColormap.from_list("depth", ["#e3e3e3", "#ffffff"])

RUNAWAY = 1e3  # a path that diverges is followed up to so many times the heights of the view
DEEPEST = 1e-14  # the log axis of heights ends here, times the largest: float64 sees no deeper


def grid(view):
    """Return the points of a view as one array of shape (2, GRID, GRID)."""
    (x_low, x_high), (y_low, y_high) = view
    x, y = np.linspace(x_low, x_high, GRID), np.linspace(y_low, y_high, GRID)
    return np.array(np.meshgrid(x, y))


def draw_surface(ax, surface, view):
    """Draw the contours of a surface in light greys, lower ground a little darker."""
    points = grid(view)
    with np.errstate(all="ignore"):
        heights = surface.f(points)
    if surface.minimum is not None:
        heights = np.maximum(heights - surface.f(surface.minimum), 0)
    levels = _levels(heights)
    if len(levels) < 2:
        return
    shades = LOW_TO_HIGH(np.linspace(0, 1, len(levels) + 1))
    ax.contourf(*points, heights, levels=levels, colors=shades, extend="both", zorder=0)
    ax.contour(
        *points,
        heights,
        levels=levels,
        colors=PALE,
        linewidths=0.6,
        linestyles="solid",
        alpha=0.65,
        zorder=1,
    )


def _levels(heights):
    """Return log-spaced levels; on both sides of 0 where a surface has both."""
    finite = heights[np.isfinite(heights)]
    if len(finite) == 0 or np.ptp(finite) == 0:
        return np.array([])
    if finite.min() >= 0:
        return _log_spaced(finite, LOWEST_SHARE, LEVELS)
    rising = _log_spaced(np.abs(finite), 5 * LOWEST_SHARE, LEVELS // 2)
    return np.concatenate([-rising[::-1], [0.0], rising])


def _log_spaced(heights, share, count):
    lowest = max(np.quantile(heights, share), 1e-9 * heights.max())
    return np.geomspace(lowest, heights.max(), count + 1)[:-1]


def inside(path, view):
    """Say of each point whether it lies in the view."""
    low, high = np.transpose(view)
    return ((path >= low) & (path <= high)).all(axis=1)


def kept_near(path, view):
    """Pull points that are absurdly far out back toward the view, in their direction.

    The picture stays the same, and numbers such as 1e300 don't overflow in matplotlib.
    """
    low, high = np.transpose(view)
    center, size = (low + high) / 2, high - low
    offset = (path - center) / size
    distance = np.abs(offset).max(axis=1, keepdims=True)
    shrink = np.minimum(1.0, FAR / np.maximum(distance, FAR))
    return center + size * (offset * shrink)


def draw_exit(ax, path, view, color):
    """Draw an arrow where a path that ends outside the view crosses its edge for the last time."""
    if inside(path[-1:], view)[0]:
        return
    low, high = np.transpose(view)
    for a, b in zip(path[-2::-1], path[:0:-1], strict=True):  # the last step first
        leaves = _crossing(a, b, low, high)
        if leaves is not None:
            direction = (b - a) / (high - low)
            direction = direction / np.linalg.norm(direction) * (high - low)
            arrow = {"arrowstyle": "-|>,head_width=0.32,head_length=0.6", "color": color}
            arrow |= {"linewidth": 1.7, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", xy=leaves, xytext=leaves - 0.05 * direction, arrowprops=arrow, zorder=4)
            return


def _crossing(a, b, low, high):
    """Return the point where the way from a to b leaves the box, or None if it misses the box."""
    enter, leave = 0.0, 1.0
    for start, step, lowest, highest in zip(a, b - a, low, high, strict=True):
        if step == 0:
            if not lowest <= start <= highest:
                return None
            continue
        first, second = sorted(((lowest - start) / step, (highest - start) / step))
        enter, leave = max(enter, first), min(leave, second)
    return a + leave * (b - a) if enter < leave else None


def marker_distance(paths):
    """Return how many steps lie between two markers: 10, or 20, 50, 100, ... on long paths."""
    longest = max((len(path) - 1 for path in paths.values()), default=0)
    distances = (factor * 10**power for power in itertools.count(1) for factor in (1, 2, 5))
    return next(every for every in distances if longest <= every * MOST_MARKERS)


def add_legend(ax, title=None):
    """Put the legend into the corner that hides least of the lines, or below where all would.

    (matplotlib's own ``loc="best"`` is slow on long paths, and warns about it.)
    """
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    legend = ax.legend(handles=lines, title=title, loc="upper right", alignment="left")
    size = legend.get_window_extent().size / _axes_size(ax)
    width, height = size + 0.04
    points = np.concatenate([_along(ax, line) for line in ax.get_lines()])
    best, fewest = None, len(points) + 1
    for name in ("upper right", "lower right", "upper left", "lower left"):
        x, y = points.T
        wide = x > 1 - width if "right" in name else x < width
        tall = y > 1 - height if "upper" in name else y < height
        hidden = np.count_nonzero(wide & tall)
        if hidden < fewest:
            best, fewest = name, hidden
    if fewest <= MOST_HIDDEN * len(points):
        legend.set_loc(best)
        return
    legend.remove()
    ax.legend(
        handles=lines,
        title=title,
        loc="upper center",
        ncols=2,
        bbox_to_anchor=(0.5, 0),
        bbox_transform=offset_copy(ax.transAxes, fig=ax.figure, y=BELOW, units="points"),
    )


def _axes_size(ax):
    """Return width and height of the axes in pixels, as they will be after the layout."""
    panel = ax.get_subplotspec()
    if panel is None:
        return ax.get_window_extent().size
    grid_of_panels = panel.get_gridspec()
    shares = [0.84 / grid_of_panels.ncols, 0.78 / grid_of_panels.nrows]  # labels take the rest
    return ax.figure.get_size_inches() * ax.figure.dpi * shares


def _along(ax, line):
    """Return points that lie evenly along a line, in the coordinates of the axes (0 to 1)."""
    data = line.get_xydata()
    data = data[np.isfinite(data).all(axis=1)]
    data = data[:: max(1, len(data) // 500)]
    if len(data) == 0:
        return np.empty((0, 2))
    corners = ax.transAxes.inverted().transform(ax.transData.transform(data))
    if len(corners) == 1:  # a ring or a cross; it should count as much as a piece of line
        return np.repeat(corners, 20, axis=0)
    shares = np.linspace(0, 1, 5)[:, None, None]
    points = ((1 - shares) * corners[:-1] + shares * corners[1:]).reshape(-1, 2)
    return points[((points >= 0) & (points <= 1)).all(axis=1)]


def checked_paths(paths):
    """Return the paths as arrays, or say which one is no path."""
    arrays = {label: np.asarray(path, dtype=float) for label, path in dict(paths).items()}
    for label, path in arrays.items():
        if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
            raise ValueError(
                _(
                    "the path {label!r} must have the shape (steps + 1, 2), as descend() returns "
                    "it; got {shape}"
                ).format(label=label, shape=path.shape)
            )
    return {label: path[np.isfinite(path).all(axis=1)] for label, path in arrays.items()}


def as_curve(curve, label):
    """Return x and y of a curve that may come without x."""
    if isinstance(curve, tuple) and len(curve) == 2 and np.ndim(curve[0]) == 1:
        x, y = (np.asarray(values, dtype=float) for values in curve)
    else:
        y = np.asarray(curve, dtype=float)
        x = np.arange(len(y)) if y.ndim == 1 else y
    if y.ndim != 1 or x.shape != y.shape:
        raise ValueError(
            _(
                "the curve {label!r} must be a row of numbers or a pair (x, y) of equal length; "
                "got shapes {x_shape} and {y_shape}"
            ).format(label=label, x_shape=x.shape, y_shape=y.shape)
        )
    return x, y


def keep_in_sight(ax, heights, in_view, *, logy):
    """Cut the height axis where a path runs away: what leaves the view leaves the picture.

    Parameters
    ----------
    ax : Axes
    heights : iterable of ndarray
        What is drawn.
    in_view : ndarray
        The heights of the surface's view.
    logy : bool
    """
    low, high = ax.get_ylim()
    if not logy:
        margin = 0.05 * np.ptp(in_view)
        ax.set_ylim(max(low, in_view.min() - margin), min(high, in_view.max() + margin))
        return
    highest = RUNAWAY * in_view.max()
    if high > highest:  # the lower end was set by a height that isn't shown
        lowest = min(y[np.isfinite(y) & (y > 0)].min(initial=np.inf) for y in heights)
        low, high = max(lowest / 2, DEEPEST * highest), highest
    ax.set_ylim(low, high)
