"""The course's pictures: arrays in, axes out.

One look for all lessons. A rule keeps its colour, its marker and its dash everywhere (Okabe and
Ito's palette, which colour-blind readers can tell apart; marker and dash for grey print). The look
applies to what these functions draw; matplotlib's own settings stay as they are.
"""

import functools
import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from descentlab.drawing import (
    DEEPEST,
    add_legend,
    as_curve,
    checked_paths,
    draw_exit,
    draw_surface,
    grid,
    inside,
    keep_in_sight,
    kept_near,
    marker_distance,
)
from descentlab.styles import INK, LOOK, RULE_STYLES, line_styles
from descentlab.text import _, ngettext

__all__ = [
    "LOOK",
    "RULE_STYLES",
    "describe_paths",
    "line_styles",
    "panels",
    "plot_curves",
    "plot_history",
    "plot_images",
    "plot_paths",
    "plot_values",
]

FIGURE_SIZES = {1: (5.6, 3.6), 2: (9.0, 3.6)}  # inches, by the number of panels


@functools.cache
def _load_backend():
    """Have matplotlib load its backend now, outside the course's look.

    Jupyter's inline backend turns "interactive" on while it is loaded. Loaded inside
    `plt.rc_context`, it would be turned off again at its end, and no later figure would be shown.
    """
    plt.switch_backend(plt.get_backend())


def _with_look(draw):
    """Let a function draw in the course's look, and leave matplotlib's settings as they were."""

    @functools.wraps(draw)
    def wrapped(*args, **kwargs):
        _load_backend()
        with plt.rc_context(LOOK):
            return draw(*args, **kwargs)

    return wrapped


@_with_look
def panels(count=1):
    """Make a figure with one panel, or with two side by side.

    Parameters
    ----------
    count : {1, 2}

    Returns
    -------
    fig : Figure
    axes : Axes, or array of two Axes
    """
    if count not in FIGURE_SIZES:
        raise ValueError(
            _("A figure has 1 panel or 2 side by side, got {count!r}").format(count=count)
        )
    return plt.subplots(1, count, figsize=FIGURE_SIZES[count], layout="constrained")


@_with_look
def plot_paths(surface, paths, *, ax=None, title=None, view=None, legend=True):
    """Draw paths on the contours of a surface.

    The start is a ring, the minimum a cross; every tenth step has a marker (beyond 200 steps every
    20th, 50th, ...; the legend says which). A path that ends outside the picture has an
    arrow where it leaves.

    Parameters
    ----------
    surface : Surface
    paths : dict of str to ndarray of shape (n + 1, 2)
        By label. A label that is a rule's name, or starts with one, gets the rule's style.
    ax : Axes, optional
        Where to draw; None makes a figure.
    title : str, optional
        None: the surface's name.
    view : ((float, float), (float, float)), optional
        Limits of theta[0] and theta[1]; None: the surface's own.
    legend : bool
        False beside a panel that has the same legend.

    Returns
    -------
    Axes
    """
    paths = checked_paths(paths)
    ax = panels()[1] if ax is None else ax
    view = surface.view if view is None else view
    draw_surface(ax, surface, view)
    every = marker_distance(paths)
    for label, style in line_styles(paths).items():
        path = kept_near(paths[label], view)
        ax.plot(*path.T, label=label, markevery=(0, every), zorder=3, **style)
        draw_exit(ax, path, view, style["color"])
    if surface.minimum is not None:
        ax.plot(*surface.minimum, "x", color=INK, markersize=10, markeredgewidth=2.4, zorder=4)
    for start in {tuple(path[0]) for path in paths.values()}:
        ax.plot(*start, "o", mfc="none", mec=INK, markersize=12, markeredgewidth=1.6, zorder=5)
    ax.set(xlim=view[0], ylim=view[1], title=surface.name if title is None else title)
    ax.set(xlabel=_("first parameter"), ylabel=_("second parameter"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
        axis.grid(False)
    if legend and paths:
        add_legend(ax, _marker_note(every))
    return ax


@_with_look
def plot_values(surface, paths, *, ax=None, title=None, logy=True, legend=True):
    """Draw the height of the surface along each path, against the step.

    Parameters
    ----------
    surface : Surface
    paths : dict of str to ndarray of shape (n + 1, 2)
        By label, as in `plot_paths`.
    ax : Axes, optional
        Where to draw; None makes a figure.
    title : str, optional
    logy : bool
        Draw the height above the minimum on a logarithmic axis; a surface without a minimum has
        a linear one. What rises or falls far beyond the heights of the view leaves the picture.
    legend : bool

    Returns
    -------
    Axes
    """
    paths = checked_paths(paths)
    logy = logy and surface.minimum is not None
    floor = float(surface.f(surface.minimum)) if logy else 0.0
    with np.errstate(all="ignore"):
        curves = {label: surface.f(path.T) - floor for label, path in paths.items()}
        in_view = surface.f(grid(surface.view)) - floor
    ax = plot_curves(
        curves,
        xlabel=_("step"),
        ylabel=_("height above the minimum") if logy else _("height"),
        ax=ax,
        title=title,
        logy=logy,
        legend=False,
        every=marker_distance(paths),
    )
    keep_in_sight(ax, curves.values(), in_view, logy=logy)
    if legend and paths:
        add_legend(ax)
    return ax


@_with_look
def plot_curves(
    curves,
    *,
    xlabel,
    ylabel,
    ax=None,
    title=None,
    logx=False,
    logy=False,
    legend=True,
    every=None,
    styles=None,
    spread=None,
):
    """Draw curves: losses, accuracies, norms, whatever runs along steps or epochs.

    Parameters
    ----------
    curves : dict of str to ndarray, or to a pair (x, y)
        By label. Without x, the values count from 0. What is not finite leaves a gap.
    xlabel, ylabel : str
        In words, with the unit: "training loss, nats".
    ax : Axes, optional
        Where to draw; None makes a figure.
    title : str, optional
    logx, logy : bool
        Logarithmic axes; values that are not above 0 leave a gap.
    legend : bool
    every : int, optional
        A marker every so many points; None: about ten on each curve.
    styles : dict of str to dict, optional
        Keyword arguments of ``ax.plot`` by label; None: those of `line_styles`.
    spread : dict of str to pair (low, high), optional
        By label, two arrays as long as the curve: bars from low to high at each marker.

    Returns
    -------
    Axes
    """
    ax = panels()[1] if ax is None else ax
    top = 0.0
    styles = line_styles(curves) if styles is None else styles
    for label in curves:
        x, y = as_curve(curves[label], label)
        y = np.where(np.isfinite(y) & ((y > 0) | (not logy)), y, np.nan)
        distance = every or max(1, len(y) // 10)
        ax.plot(x, y, label=label, markevery=(0, distance), zorder=3, **styles[label])
        if spread and label in spread:
            low, high = (np.asarray(edge, dtype=float)[::distance] for edge in spread[label])
            ax.vlines(np.asarray(x)[::distance], low, high, colors=styles[label]["color"], lw=1.4)
        if np.isfinite(y).any():
            top = max(top, np.nanmax(y))
    if logy:
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        low = max(low, DEEPEST * top)
        ax.set_ylim(low, high)
        ax.yaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_locator(LogLocator(numticks=7))
        if high < 300 * low:  # too few powers of ten for an axis
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter("{x:g}")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if logx:
        ax.set_xscale("log")
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        ax.xaxis.set_major_formatter("{x:,.0f}")
    if title is not None:
        ax.set_title(title)
    if legend and curves:
        add_legend(ax)
    return ax


@_with_look
def plot_history(history):
    """Draw what `train` wrote down: losses, and the accuracy when there was a validation part.

    Parameters
    ----------
    history : History

    Returns
    -------
    Axes, or array of two Axes
    """
    steps = np.arange(len(history.losses)) / max(1, history.steps_per_epoch)
    epochs = np.arange(1, history.epochs + 1)
    batch, training, validation = _("each batch"), _("training, mean"), _("validation")
    losses = {batch: (steps, history.losses), training: (epochs - 0.5, history.train_losses)}
    if history.val_losses:
        losses[validation] = (epochs, history.val_losses)
    styles = line_styles([training, validation])
    styles[batch] = {"color": "#bdbdbd", "marker": "none", "linewidth": 1.0}
    count = 2 if history.val_losses else 1
    _fig, axes = panels(count)
    plot_curves(
        losses,
        xlabel=_("epoch"),
        ylabel=_("loss, nats"),
        ax=axes[0] if count == 2 else axes,
        logy=True,
        styles=styles,
    )
    if count == 2:
        plot_curves(
            {validation: (epochs, history.val_accuracies)},
            xlabel=_("epoch"),
            ylabel=_("share of right answers"),
            ax=axes[1],
            legend=False,
            styles=styles,
        )
    return axes


@_with_look
def plot_images(images, titles=None, *, columns=10):
    """Draw small grey images side by side, ink dark on white.

    Parameters
    ----------
    images : ndarray, shape (n, H, W) or (n, H * H)
        Ink from 0 to 1; rows of `load_digits` are taken as square images.
    titles : sequence, optional
        One for each image.
    columns : int
        Images in a row.

    Returns
    -------
    ndarray of Axes
        One for each image.
    """
    images = np.asarray(images)
    side = math.isqrt(images.shape[-1]) if images.ndim == 2 else 0
    if images.ndim == 2 and side * side == images.shape[1]:
        images = images.reshape(len(images), side, side)
    if images.ndim != 3 or len(images) == 0:
        raise ValueError(
            _(
                "images must have the shape (n, height, width), or (n, pixels) for square ones; "
                "got {shape}"
            ).format(shape=images.shape)
        )
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    cell = FIGURE_SIZES[2][0] / max(columns, 6)  # inches
    height = rows * cell * (1.3 if titles is not None else 1.05)
    _fig, axes = plt.subplots(
        rows, columns, figsize=(columns * cell, height), layout="constrained", squeeze=False
    )
    axes = axes.ravel()
    for ax in axes:
        ax.set_axis_off()
    for index, (ax, image) in enumerate(zip(axes, images, strict=False)):
        ax.imshow(image, cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
        if titles is not None:
            ax.set_title(str(titles[index]), loc="center", fontsize=11)
    return axes[: len(images)]


def describe_paths(surface, paths):
    """Say in words what a picture of these paths shows, for whoever can't see it.

    Parameters
    ----------
    surface : Surface
    paths : dict of str to ndarray of shape (n + 1, 2)

    Returns
    -------
    str
        One line for each path.
    """
    return "\n".join(
        " ".join(_sentences(surface, label, path)) for label, path in checked_paths(paths).items()
    )


def _sentences(surface, label, path):
    steps = len(path) - 1
    with np.errstate(all="ignore"):
        heights = surface.f(path.T)
    if heights[-1] > heights[0]:
        sentence = ngettext(
            "{label}: in {steps:,} step the height rose from {first:.3g} to {last:.3g}.",
            "{label}: in {steps:,} steps the height rose from {first:.3g} to {last:.3g}.",
            steps,
        )
    else:
        sentence = ngettext(
            "{label}: in {steps:,} step the height fell from {first:.3g} to {last:.3g}.",
            "{label}: in {steps:,} steps the height fell from {first:.3g} to {last:.3g}.",
            steps,
        )
    yield sentence.format(label=label, steps=steps, first=heights[0], last=heights[-1])
    if surface.minimum is not None:
        distance = math.dist(path[-1], surface.minimum)
        yield _("It ends {distance:.2g} from the minimum.").format(distance=distance)
    moves = np.diff(path, axis=0)
    turns = (moves[1:] * moves[:-1]).sum(axis=1) < 0
    if len(turns) >= 4 and turns.mean() > 0.5:
        yield _("It zigzags: it turns back in {share:.0%} of its steps.").format(share=turns.mean())
    seen = inside(path, surface.view)
    if not seen[-1]:
        step = len(seen) - int(np.argmax(seen[::-1])) if seen.any() else 0
        yield _("It leaves the picture for good at step {step:,}.").format(step=step)


def _marker_note(every):
    return _("a marker every {every:,} steps").format(every=every)
