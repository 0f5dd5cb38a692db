"""A picture that moves: what stands still is drawn once, what moves is drawn over it.

A scene has controls, a figure and two ways to draw. `prepare` draws contours, axes and labels,
which takes a tenth of a second, and only when they change. `move` sets the numbers of what moves;
that alone is drawn again for each new value of a slider. The same figure, whole, is the static
picture for a notebook without a front end and for paper.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Hashable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from descentlab.styles import LOOK
from descentlab.widgets.controls import clean_settings

SIZE = (9.6, 4.4)  # inches
DPI = 110
QUICK = 1  # zlib's level; flat colours need no more
RUNS = 3  # zlib's strategy "run lengths": a tenth larger, in half the time
DRAWING = threading.RLock()  # JupyterLab answers widgets beside the main thread


class Scene:
    """The base of every widget's picture.

    A subclass sets `name` (of its public function), `title`, `try_this` and `controls`, gives
    `defaults`, and draws in `prepare` and `move`.
    """

    name = ""
    title = ""
    try_this = ""
    actions: tuple = ()  # (name, label) of what the front end can ask for, see `act`

    def __init__(self, controls: list, defaults: dict, given: dict) -> None:
        self.controls = controls
        shown = {control.name for control in controls}
        self.fixed = {name: value for name, value in defaults.items() if name not in shown}
        self.defaults = clean_settings(controls, {}, defaults)
        self.settings = clean_settings(controls, given, defaults)
        self.notes: list[str] = []
        self.plane: dict = {}  # where a click means a point: filled by `plane_of`
        self._canvas = self._key = self._background = None
        self._artists: list[Artist] = []

    def frame(self, settings: dict) -> Hashable:
        """What `prepare` depends on: while it stays the same, the background stays too."""
        return None

    def prepare(self, figure: Figure, settings: dict) -> None:
        """Draw what stands still into an empty figure, and add what moves with `moving`."""
        raise NotImplementedError

    def move(self, settings: dict) -> None:
        """Set what moves; fill `notes`."""
        raise NotImplementedError

    def describe(self, settings: dict) -> str:
        """Say in words what the picture shows."""
        raise NotImplementedError

    def on_change(self, before: dict, after: dict) -> dict:
        """Return the settings after a change; one control may move another."""
        return after

    def act(self, action: str, settings: dict) -> tuple[str, bytes]:
        """Return the file name and the content of something to keep."""
        raise LookupError(action)

    def moving(self, artist: Any) -> Any:
        """Note that an artist moves; returns it."""
        artist.set_animated(self._canvas is not None)
        self._artists.append(artist)
        return artist

    def still(self, artist: Any) -> None:
        """Take an artist away again."""
        artist.remove()
        if artist in self._artists:
            self._artists.remove(artist)

    def figure(self, settings: dict | None = None) -> Figure:
        """Draw the whole picture as one figure."""
        settings = self.fixed | (self.settings if settings is None else settings)
        with DRAWING:
            kept = self._canvas, self._key, self._background, self._artists, self.plane
            self._canvas, self._artists = None, []
            try:
                figure = self._prepared(settings)
                self.move(settings)
            finally:
                self._canvas, self._key, self._background, self._artists, self.plane = kept
                if self._canvas is not None:
                    self._key = None  # the artists at hand belong to the other figure
            return figure

    def forget(self) -> None:
        """Draw everything anew next time."""
        self._key = None

    def words(self, settings: dict | None = None) -> str:
        """Say what the last picture shows."""
        return self.describe(self.fixed | (self.settings if settings is None else settings))

    def draw(self, settings: dict) -> bytes:
        """Draw the picture as PNG; what stands still is taken from the last time."""
        settings = self.fixed | settings
        with DRAWING, np.errstate(all="ignore"):
            key = self.frame(settings)
            if self._canvas is None or key != self._key:
                self._artists = []
                self._canvas, self._key = True, None  # artists are made to be drawn over
                self._canvas = FigureCanvasAgg(self._prepared(settings))
                self._canvas.draw()
                self._background = self._canvas.copy_from_bbox(self._canvas.figure.bbox)
                self._key = key
            self.move(settings)
            self._canvas.restore_region(self._background)
            for artist in self._artists:
                if artist.get_visible():
                    artist.axes.draw_artist(artist)
            return png(self._canvas, QUICK)

    def _prepared(self, settings: dict) -> Figure:
        with mpl.rc_context(LOOK):
            figure = Figure(figsize=SIZE, dpi=DPI)
            self.prepare(figure, settings)
        return figure


def png(canvas: FigureCanvasAgg, level: int = 6) -> bytes:
    """Return what a canvas shows as PNG."""
    size = canvas.get_width_height()
    picture = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    picture = picture.convert("RGB")
    target = io.BytesIO()
    picture.save(target, "png", compress_level=level, compress_type=RUNS)
    return target.getvalue()


def whole_png(figure: Figure) -> bytes:
    """Draw a whole figure as PNG."""
    with mpl.rc_context(LOOK):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    return png(canvas)


def plane_of(ax: Any) -> dict:
    """Where the axes lie in the picture (shares, from the top left), and their limits."""
    box = ax.get_position()
    return {
        "box": [box.x0, 1 - box.y1, box.x1, 1 - box.y0],
        "x": list(map(float, ax.get_xlim())),
        "y": list(map(float, ax.get_ylim())),
    }
