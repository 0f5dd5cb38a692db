"""The picture that the explorer and the race share: paths on the left, curves beside them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from descentlab.drawing import draw_exit, draw_surface, kept_near, marker_distance
from descentlab.plots import line_styles
from descentlab.styles import INK
from descentlab.surfaces import Surface, bowl, plateau, rosenbrock, saddle, valley
from descentlab.text import _, ngettext
from descentlab.widgets.scene import Scene, plane_of

LOWEST = 1e-10  # of the largest height in view: a logarithmic axis ends there
ABOVE = 100.0  # times that height: so far a path that diverges is followed
LEFT, RIGHT, BOTTOM, TOP = 0.078, 0.978, 0.12, 0.83  # where the panels lie, in shares


def surfaces_by_name(surfaces) -> dict[str, Surface]:
    """Return surfaces by name; None gives the course's own."""
    if surfaces is None:
        surfaces = [valley(), bowl((1, 6)), plateau(), saddle(), rosenbrock()]
    if isinstance(surfaces, Surface):
        surfaces = [surfaces]
    found = {surface.name: surface for surface in surfaces if isinstance(surface, Surface)}
    if len(found) != len(list(surfaces)) or not found:
        raise ValueError(
            _("surface must be a Surface such as valley(), or a list of them with different names")
        )
    return found


class Curves:
    """A panel of curves against the step, with limits that stay where they are."""

    def __init__(self, scene: Scene, ax, styles: dict, labels: list, every: int) -> None:
        self.ax = ax
        self.lines = {
            label: scene.moving(
                Line2D([], [], label=label, markevery=(0, every), zorder=3, **styles[label])
            )
            for label in labels
        }
        for line in self.lines.values():
            ax.add_line(line)

    def show(self, label: str, values: np.ndarray) -> None:
        """Set one curve; on a logarithmic axis what is not above 0 leaves a gap."""
        low, high = self.ax.get_ylim()
        if self.ax.get_yscale() == "log":
            values = np.where(values > 0, values, np.nan)
            values = np.clip(values, low * 1e-3, high * 1e3)
        self.lines[label].set_data(np.arange(len(values)), values)


def step_axis(ax, steps: int) -> None:
    """Give a panel the axis of steps."""
    ax.set_xlim(0, steps)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")


def log_axis(ax, low: float, high: float) -> None:
    """Give a panel a logarithmic axis with few numbers on it."""
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_locator(LogLocator(numticks=6))


class Heights:
    """The height above the minimum along each path; the height itself where there is none."""

    def __init__(self, scene, ax, surface, styles, labels, steps, every, small=False) -> None:
        self.surface = surface
        view = np.meshgrid(*(np.linspace(*limits, 41) for limits in surface.view))
        with np.errstate(all="ignore"):
            seen = surface.f(np.array(view))
        self.floor = 0.0 if surface.minimum is None else float(surface.f(surface.minimum))
        step_axis(ax, steps)
        if surface.minimum is None:
            ax.set_ylim(seen.min() - 0.05 * np.ptp(seen), seen.max() + 0.05 * np.ptp(seen))
            ax.set_ylabel(_("height"))
        else:
            top = float(seen.max() - self.floor)
            log_axis(ax, LOWEST * top, ABOVE * top)
            ax.set_ylabel(_("height") if small else _("height above the minimum"))
        self.curves = Curves(scene, ax, styles, labels, every)

    def show(self, label: str, path: np.ndarray) -> None:
        """Draw the heights along one path."""
        with np.errstate(all="ignore"):
            self.curves.show(label, self.surface.f(path.T) - self.floor)


class Ground:
    """The surface from above, the paths on it, where they start and where they leave."""

    def __init__(self, scene, ax, surface, styles, labels, steps) -> None:
        self.ax, self.surface, self.styles = ax, surface, styles
        view = surface.view
        draw_surface(ax, surface, view)
        if surface.minimum is not None:
            ax.plot(*surface.minimum, "x", color=INK, ms=10, mew=2.4, zorder=4)
        ax.set(xlim=view[0], ylim=view[1], xlabel=_("first parameter"))
        ax.set_ylabel(_("second parameter"))
        ax.grid(False)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
        every = marker_distance({"": range(steps + 1)})
        self.lines = {
            label: scene.moving(
                ax.plot([], [], label=label, markevery=(0, every), zorder=3, **styles[label])[0]
            )
            for label in labels
        }
        ring = {"mfc": "none", "mec": INK, "ms": 12, "mew": 1.6, "zorder": 5}
        (self.ring,) = ax.plot([], [], "o", **ring)
        scene.moving(self.ring)
        self.arrows: list = []
        self.scene = scene
        scene.plane = plane_of(ax)

    def clear_arrows(self) -> None:
        """Take the arrows of the last picture away."""
        for arrow in self.arrows:
            self.scene.still(arrow)
        self.arrows.clear()

    def show(self, label: str, path: np.ndarray, leaves: bool = True) -> None:
        """Draw one path, and an arrow where it leaves the view for good."""
        near = kept_near(path, self.surface.view)
        self.lines[label].set_data(*near.T)
        if leaves and len(near) > 1:
            before = len(self.ax.texts)
            draw_exit(self.ax, near, self.surface.view, self.styles[label]["color"])
            self.arrows += [self.scene.moving(arrow) for arrow in list(self.ax.texts)[before:]]


def head(figure: Figure, styles: dict, labels: list, title: str, note: str = "") -> None:
    """Write the title and the legend above the panels, where they can't cover a line."""
    figure.text(LEFT, 0.955, title, fontsize=12.5, va="center")
    if note:
        figure.text(RIGHT, 0.955, note, fontsize=9.5, va="center", ha="right", color="#555555")
    handles = [Line2D([], [], label=label, **styles[label]) for label in labels]
    figure.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(LEFT - 0.008, 0.885),
        ncols=6,
        frameon=False,
        handlelength=2.6,
        columnspacing=1.4,
        borderpad=0,
    )


def three_panels(figure: Figure, ratio: float = 1.35, space: float = 0.16) -> tuple:
    """Return a large panel on the left and two small ones, one above the other, on the right."""
    panels = figure.add_gridspec(
        2, 2, width_ratios=(ratio, 1), left=LEFT, right=RIGHT, bottom=BOTTOM, top=TOP,
        wspace=0.24, hspace=space,
    )  # fmt: skip
    return tuple(figure.add_subplot(panels[place]) for place in (np.s_[:, 0], (0, 1), (1, 1)))


def marker_note(every: int) -> str:
    """Say how far apart the markers are."""
    return ngettext("a marker every {every} step", "a marker every {every} steps", every).format(
        every=every
    )


def styles_of(labels) -> dict:
    """Return the course's style for each label."""
    return line_styles(labels)
