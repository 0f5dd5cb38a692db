"""A race on a surface: one step of it, a still with marked steps, or all of it as GIF or MP4.

Paths in, pictures out. `RacePicture` draws a race up to any step; the race's widget plays it, and
`save_race` hands its frames to matplotlib's writers.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import animation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from descentlab.drawing import checked_paths, marker_distance
from descentlab.styles import LOOK
from descentlab.text import _
from descentlab.widgets.tracks import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Ground,
    Heights,
    head,
    marker_note,
    styles_of,
)

SIZE = (9.6, 4.4)  # inches
MARKS = (0, 1, 3, 10, 30, 100, 300, 1000)
"""The steps that a still marks, as far as the race goes."""

NEAR = 16  # dots between two numbers on a still
HOLD = 1.0  # seconds that a film stands at its end


class _Paper:
    """What `Ground` and `Heights` want of a scene, where everything is drawn every time."""

    plane: dict

    def moving(self, artist: Any) -> Any:
        return artist

    def still(self, artist: Any) -> None:
        artist.remove()


class RacePicture:
    """A race: the ground with the paths on the left, their heights on the right.

    Parameters
    ----------
    figure : Figure
        An empty one.
    surface : Surface
    labels : list of str
        Who races; a label that names a rule gets that rule's style.
    steps : int
        How far the axis goes.
    styles : dict, optional
        Keyword arguments of ``plot`` by label.
    """

    def __init__(self, figure, surface, labels, steps, styles=None, holder=None, title=None):
        holder = _Paper() if holder is None else holder
        self.styles = styles_of(labels) if styles is None else styles
        self.steps = steps
        panels = figure.add_gridspec(
            1, 2, width_ratios=(1.35, 1), left=LEFT, right=RIGHT, bottom=BOTTOM, top=TOP,
            wspace=0.24,
        )  # fmt: skip
        ground, heights = (figure.add_subplot(panel) for panel in panels)
        self.every = marker_distance({"": range(steps + 1)})
        title = surface.name if title is None else title
        head(figure, self.styles, labels, title, marker_note(self.every))
        self.ground = Ground(holder, ground, surface, self.styles, labels, steps)
        self.heights = Heights(holder, heights, surface, self.styles, labels, steps, self.every)
        heights.set_xlabel(_("step"))
        self.dots = {}
        for label in labels:
            look = self.styles[label]
            dot = {"color": look["color"], "marker": look["marker"], "mec": "white", "mew": 1.2}
            self.dots[label] = [
                holder.moving(ax.plot([], [], ls="none", ms=10, zorder=6, **dot)[0])
                for ax in (ground, heights)
            ]
        self.clock = holder.moving(
            heights.text(0.98, 0.97, "", transform=heights.transAxes, ha="right", va="top")
        )

    def show(self, paths, step) -> None:
        """Draw the race up to a step; who has stopped before stays where it stopped."""
        self.ground.clear_arrows()
        first = next(iter(paths.values()))[0] if paths else (np.nan, np.nan)
        self.ground.ring.set_data(*np.transpose([first]))
        for label, path in paths.items():
            so_far = path[: step + 1]
            self.ground.show(label, so_far, leaves=step >= len(path) - 1)
            self.heights.show(label, so_far)
            for dot, line in zip(
                self.dots[label],
                (self.ground.lines[label], self.heights.curves.lines[label]),
                strict=True,
            ):
                dot.set_data(*(np.asarray(values)[-1:] for values in line.get_data()))
        self.clock.set_text(_("step {step:,} of {steps:,}").format(step=step, steps=self.steps))

    def mark(self, marks) -> None:
        """Mark chosen steps on all lines, with their numbers beside them on the ground."""
        written: list = []
        for label, line in self.ground.lines.items():
            x, y = line.get_data()
            here = [mark for mark in marks if mark < len(x)]
            line.set_markevery(here)
            self.heights.curves.lines[label].set_markevery(here)
            for mark in here[1:]:
                place = self.ground.ax.transData.transform((x[mark], y[mark]))
                if any(math.dist(place, other) < NEAR for other in written):
                    continue  # numbers on numbers can't be read
                written.append(place)
                self.ground.ax.annotate(
                    f"{mark:,}",
                    (x[mark], y[mark]),
                    xytext=(5, 4),
                    textcoords="offset points",
                    fontsize=8,
                    color=self.styles[label]["color"],
                    annotation_clip=True,
                    path_effects=[withStroke(linewidth=2.5, foreground="white")],
                    zorder=7,
                )
            for dot in self.dots[label]:
                dot.set_data([], [])
        self.clock.set_text("")
        for text in list(self.ground.ax.figure.texts)[1:]:
            text.set_text(_("marked steps: {marks}").format(marks=", ".join(map(str, marks))))


def race_still(surface, paths, *, marks=None, title=None) -> Figure:
    """Draw a whole race with marked steps, for paper.

    Parameters
    ----------
    surface : Surface
    paths : dict of str to ndarray of shape (n + 1, 2)
        By label, as `descend` returns them.
    marks : sequence of int, optional
        Which steps to mark; None: 0, 1, 3, 10, 30, 100, ...
    title : str, optional

    Returns
    -------
    Figure
        ``figure.savefig("race.pdf")`` keeps it.
    """
    paths = checked_paths(paths)
    steps = max(len(path) for path in paths.values()) - 1
    marks = [mark for mark in (MARKS if marks is None else marks) if mark <= steps]
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=SIZE)
        FigureCanvasAgg(figure)
        picture = RacePicture(figure, surface, list(paths), steps, title=title)
        picture.show(paths, steps)
        picture.mark(marks)
    return figure


def frames(steps, most=60) -> list[int]:
    """Return the steps that a film shows: all, or evenly spread ones, the last one included."""
    stride = max(1, math.ceil(steps / most))
    return sorted({*range(0, steps + 1, stride), steps})


def save_race(surface, paths, file, *, fps=12, most=60, dpi=80, title=None) -> Path:
    """Save a race as a film through matplotlib's writers.

    Parameters
    ----------
    surface : Surface
    paths : dict of str to ndarray of shape (n + 1, 2)
    file : str or Path
        Ends in ``.gif``, or in ``.mp4`` where the program ffmpeg is installed.
    fps : int
        Pictures a second.
    most : int
        Pictures at most (one more for the end); longer races skip steps.
    dpi : int
        Dots an inch; the film is 9.6 inches wide.
    title : str, optional

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        The file's ending is none of the two.
    RuntimeError
        An MP4 is wanted, and there is no ffmpeg.
    """
    file = Path(file)
    writer = _writer(file, fps)
    paths = checked_paths(paths)
    steps = max(len(path) for path in paths.values()) - 1
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=SIZE)
        FigureCanvasAgg(figure)
        picture = RacePicture(figure, surface, list(paths), steps, title=title)
        with writer.saving(figure, str(file), dpi):
            shown = frames(steps, most)
            for step in [*shown, *[steps] * round(HOLD * fps)]:
                picture.show(paths, step)
                writer.grab_frame()
    return file


def _writer(file: Path, fps: int) -> animation.AbstractMovieWriter:
    if file.suffix == ".gif":
        return animation.PillowWriter(fps=fps)
    if file.suffix != ".mp4":
        raise ValueError(_("a race is saved as .gif or .mp4, got {name!r}").format(name=file.name))
    if not animation.FFMpegWriter.isAvailable():
        raise RuntimeError(
            _(
                "An MP4 needs the program ffmpeg, which isn't installed here: install it, or save "
                "the race as {name}."
            ).format(name=file.with_suffix(".gif").name)
        )
    return animation.FFMpegWriter(fps=fps)
