"""Initialization: what a scheme does to a signal on its way through many layers."""

from __future__ import annotations

import functools
import inspect

import numpy as np
from matplotlib.collections import PolyCollection

from descentlab.styles import INK
from descentlab.text import N_, _
from descentlab.widgets.controls import Choice, Slider, geometric
from descentlab.widgets.running import STOPS, in_words, time_limit
from descentlab.widgets.scene import Scene
from descentlab.widgets.tracks import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Curves,
    head,
    log_axis,
    step_axis,
    styles_of,
)
from descentlab.widgets.view import View

ACTIVATIONS = {
    "ReLU": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    N_("none"): lambda z: z,
}
DEEPEST, WIDTH, ROWS = 50, 100, 100
RIDGES = 6  # layers whose histograms are drawn
SPAN, BINS = (-3.0, 3.0), 60  # of a histogram
EDGES = np.linspace(*SPAN, BINS + 1)


class InitScene(Scene):
    """Histograms of a few layers, and the signal's size against depth."""

    name = "initialization_explorer"

    def __init__(self, schemes, **given) -> None:
        self.title = _("Initialization")
        self.try_this = _(
            "Find the σ that keeps the signal level with ReLU. Now take tanh: does the same σ "
            "hold, and what has become of the histograms?"
        )
        self.schemes = dict(schemes)
        if not self.schemes or not all(map(callable, self.schemes.values())):
            raise TypeError(
                _(
                    "schemes must be a dict of label to function, such as "
                    '{{"He": init_he}}; got {schemes!r}'
                ).format(schemes=schemes)
            )
        self.styles = styles_of(self.schemes)
        wide = [label for label, scheme in self.schemes.items() if _takes(scheme)]
        controls = [
            Choice("scheme", _("histograms of"), tuple(self.schemes)),
            Choice("activation", _("activation"), tuple(map(_, ACTIVATIONS))),
            Slider("depth", _("layers"), tuple(range(2, DEEPEST + 1)), whole=True),
        ]
        if wide:
            controls.append(Slider("std", _("σ of a normal start"), geometric(0.01, 1, 24)))
        defaults = {
            "scheme": next(iter(self.schemes)),
            "activation": "ReLU",
            "depth": 20,
            "std": 0.1,
        }
        super().__init__(controls, defaults, given)
        self._inputs = np.random.default_rng(0).normal(size=(ROWS, WIDTH))
        self._signals = functools.lru_cache(maxsize=64)(self._send)

    def frame(self, settings):
        """The axes depend on the depth, and the legend on nothing."""
        return settings["depth"]

    def prepare(self, figure, settings):
        """Draw the axes and the legend."""
        depth = settings["depth"]
        title = _("A signal through {depth} layers of {width} units").format(
            depth=depth, width=WIDTH
        )
        head(figure, self.styles, list(self.schemes), title)
        panels = figure.add_gridspec(
            1, 2, left=LEFT, right=RIGHT, bottom=BOTTOM, top=TOP, wspace=0.24
        )
        ridges, sizes = (figure.add_subplot(panel) for panel in panels)
        self._layers = np.unique(np.linspace(1, depth, min(RIDGES, depth)).round().astype(int))
        count = len(self._layers)
        ridges.set(xlim=(EDGES[0], EDGES[-1]), ylim=(-0.1, count + 0.15))
        ridges.set_yticks(range(count), [str(layer) for layer in self._layers[::-1]])
        ridges.set(xlabel=_("output of a unit; zeros are left out"), ylabel=_("layer"))
        ridges.grid(False)
        self._ridges = self.moving(
            ridges.add_collection(PolyCollection([], edgecolors=INK, linewidths=0.9, zorder=3))
        )
        self._heading = self.moving(
            ridges.text(0.98, 0.985, "", transform=ridges.transAxes, ha="right", va="top")
        )
        step_axis(sizes, depth)
        sizes.set_xlim(0, depth + 0.5)
        log_axis(sizes, 1e-12, 1e12)
        sizes.set_yticks([1e-10, 1e-5, 1, 1e5, 1e10])
        sizes.set(xlabel=_("layer"), ylabel=_("standard deviation of the output"))
        sizes.axhline(1, color="#999999", lw=0.8, zorder=1)
        every = max(1, depth // 8)
        self._sizes = Curves(self, sizes, self.styles, list(self.schemes), every)

    def move(self, settings):
        """Send the signal through the layers."""
        self.notes, self._last = [], {}
        for label in self.schemes:
            std = settings["std"] if _takes(self.schemes[label]) else None
            found, histograms, note = self._signals(label, settings["activation"], std)
            if note:
                self.notes.append(note)
            sizes = np.array(found[: settings["depth"]])
            shown = np.where(sizes > 0, np.clip(sizes, 1e-20, 1e20), np.nan)
            self._sizes.lines[label].set_data(np.arange(1, len(sizes) + 1), shown)
            self._last[label] = sizes
            if label == settings["scheme"]:
                self._show_ridges(histograms, self.styles[label]["color"])
                self._heading.set_text(label)

    def _show_ridges(self, histograms, color):
        middles = (EDGES[1:] + EDGES[:-1]) / 2
        shapes = []
        for place, layer in enumerate(self._layers[::-1]):
            if layer > len(histograms):
                continue
            heights = 0.9 * histograms[layer - 1] / max(1, histograms[layer - 1].max())
            x = np.concatenate([[EDGES[0]], middles, [EDGES[-1]]])
            y = place + np.concatenate([[0], heights, [0]])
            shapes.append(np.column_stack([x, y]))
        self._ridges.set_verts(shapes)
        self._ridges.set_facecolor((*_rgb(color), 0.35))

    def _send(self, label, activation, std):
        """Return every layer's size and histogram, and a sentence if the scheme failed."""
        scheme, sizes = self.schemes[label], [WIDTH] * (DEEPEST + 1)
        function = {_(name): function for name, function in ACTIVATIONS.items()}[activation]
        found, histograms, h = [], [], self._inputs
        try:
            with np.errstate(all="ignore"), time_limit(1.0):
                names = inspect.signature(scheme).parameters
                extra = {"rng": np.random.default_rng(1)} if "rng" in names else {}
                extra |= {n: std for n in ("std", "value") if n in _takes(scheme)}
                for W, b in scheme(sizes, **extra):
                    h = function(h @ W + b)
                    found.append(float(h.std()))
                    histograms.append(np.histogram(h[h != 0], BINS, SPAN)[0])
        except STOPS as error:
            return found, histograms, in_words(label, scheme, error)
        return found, histograms, ""

    def describe(self, settings):
        """Say what is left of each signal."""
        return "\n".join(
            _(
                "{label}: standard deviation {first:.2g} after layer 1, {last:.2g} at the end."
            ).format(label=label, first=sizes[0], last=sizes[-1])
            for label, sizes in self._last.items()
            if len(sizes)
        )


def _takes(scheme) -> set[str]:
    """Return the parameters that the slider of σ sets: not those that a partial has bound."""
    bound = set(scheme.keywords) if isinstance(scheme, functools.partial) else set()
    return {"std", "value"} & set(inspect.signature(scheme).parameters) - bound


def _rgb(color):
    return tuple(int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))


def initialization_explorer(schemes, **settings) -> View:
    """Explore what an initialization does to a signal in deep networks.

    Parameters
    ----------
    schemes : dict of str to callable
        ``{"normal": init_normal, "Xavier": init_xavier, "He": init_he}``: functions of
        ``layer_sizes`` and ``rng``; one that takes ``std`` gets the slider's.
    **settings
        ``scheme``, ``activation``, ``depth``, ``std``.

    Returns
    -------
    View
    """
    return View(InitScene(schemes, **settings))
