"""Batch size: the path, the noise and the time of your own stochastic gradient descent."""

from __future__ import annotations

import time

import numpy as np

from descentlab.text import _
from descentlab.widgets.controls import Point, Slider, geometric
from descentlab.widgets.running import STOPS, blame, time_limit
from descentlab.widgets.scene import Scene, plane_of
from descentlab.widgets.tracks import Ground, head, log_axis, three_panels
from descentlab.widgets.view import View

DRAWS = 60  # batches of each size whose gradients are compared
STYLE = {"color": "#0072B2", "marker": "s", "linestyle": "-", "linewidth": 1.2, "markersize": 4}
LABEL = "sgd"


class BatchScene(Scene):
    """The path that sgd takes, its height against the examples looked at, the gradient's noise."""

    name = "batch_size_explorer"

    def __init__(self, sgd, loss_and_grad, x, y, *, surface, **given) -> None:
        self.title = _("Batch size")
        self.try_this = _(
            "Go from one example a step to all of them. Which batch size is down first, by "
            "examples looked at and by the clock? Where does its path end, and why not lower?"
        )
        self.sgd, self.loss_and_grad = sgd, loss_and_grad
        self.x, self.y, self.surface = np.asarray(x), np.asarray(y), surface
        n = len(self.x)
        sizes = [size for size in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500) if size < n]
        self.sizes = (*sizes, n)
        controls = [
            Slider("batch_size", _("batch size B"), self.sizes, whole=True),
            Slider("lr", _("learning rate α"), geometric(1e-3, 3)),
            Slider("epochs", _("epochs"), (1, 2, 3, 5, 10), whole=True),
            Slider("seed", _("shuffle"), tuple(range(10)), whole=True),
            Point("start", _("start")),
        ]
        defaults = {
            "batch_size": 20 if n > 20 else 1,
            "lr": 0.3,
            "epochs": 2,
            "seed": 0,
            "start": tuple(map(float, surface.start)),
        }
        super().__init__(controls, defaults, given)
        self._noise, self._fault = self._measure()

    def frame(self, settings):
        """The axis of examples depends on the epochs."""
        return settings["epochs"]

    def prepare(self, figure, settings):
        """Draw contours, axes and the measured noise."""
        ground, heights, noise = three_panels(figure, space=0.62)
        head(figure, {LABEL: STYLE}, [], self.surface.name)
        self._title = self.moving(figure.axes[0].text(0, 1.03, "", transform=ground.transAxes))
        self._ground = Ground(self, ground, self.surface, {LABEL: STYLE}, [LABEL], 2000)
        n = len(self.x)
        heights.set_xscale("log")
        heights.set_xlim(0.9, 1.1 * n * settings["epochs"])
        heights.xaxis.set_major_formatter("{x:,.0f}")
        top = float(self.surface.f(np.array(self.surface.start)) - self._floor())
        log_axis(heights, 1e-7 * top, 30 * top)
        heights.set(xlabel=_("examples looked at"), ylabel=_("height"))
        self._line = self.moving(heights.plot([], [], **STYLE | {"markevery": 0.1})[0])
        noise.set_xscale("log")
        noise.set_xlim(0.9, 1.1 * n)
        noise.xaxis.set_major_formatter("{x:,.0f}")
        if len(self._noise):
            noise.plot(self.sizes[: len(self._noise)], self._noise, color="#777777", lw=1.4)
            low, high = self._noise[self._noise > 0].min(), self._noise.max()
            log_axis(noise, low / 3, high * 3)
        noise.set(xlabel=_("batch size B"), ylabel=_("noise"))
        dot = {"color": STYLE["color"], "marker": "s", "ms": 9, "mec": "white"}
        self._dot = self.moving(noise.plot([], [], ls="none", **dot)[0])
        self.plane = plane_of(ground)

    def _floor(self):
        lowest = self.surface.minimum
        return 0.0 if lowest is None else float(self.surface.f(np.asarray(lowest)))

    def _measure(self):
        """Return the gradient's noise at the start for each batch size, in its own norm."""
        rng, noise = np.random.default_rng(0), []
        start = np.array(self.surface.start, dtype=float)
        try:
            with time_limit(2.0):
                full = np.asarray(self.loss_and_grad(start, self.x, self.y)[1])
                for size in self.sizes:
                    rows = rng.integers(len(self.x), size=(DRAWS, size))
                    found = [self.loss_and_grad(start, self.x[r], self.y[r])[1] for r in rows]
                    spread = np.linalg.norm(np.asarray(found) - full, axis=1)
                    noise.append(np.sqrt(np.mean(spread**2)) / np.linalg.norm(full))
        except STOPS as error:
            return np.array(noise), blame(error, {"loss_and_grad": self.loss_and_grad})
        return np.array(noise), ""

    def move(self, settings):
        """Run sgd, and draw where it went."""
        visited, note = [], self._fault

        def watched(theta, x_b, y_b):
            visited.append(np.array(theta, dtype=float))
            return self.loss_and_grad(theta, x_b, y_b)

        size = settings["batch_size"]
        how = {name: settings[name] for name in ("batch_size", "epochs", "lr")}
        how["rng"] = np.random.default_rng(settings["seed"])
        start = np.array(settings["start"])
        before = time.perf_counter()
        try:
            with np.errstate(all="ignore"), time_limit(1.0):
                visited.append(np.array(self.sgd(watched, start.copy(), self.x, self.y, **how)[0]))
        except STOPS as error:
            note = blame(error, {"sgd": self.sgd, "loss_and_grad": self.loss_and_grad})
        spent = 1e3 * (time.perf_counter() - before)
        path = np.array(visited if visited else [start]).reshape(-1, 2)
        path = path[np.isfinite(path).all(axis=1)]
        self._ground.clear_arrows()
        self._ground.ring.set_data(*np.transpose([start]))
        self._ground.show(LABEL, path)
        with np.errstate(all="ignore"):
            above = self.surface.f(path.T) - self._floor()
        looks = np.maximum(np.arange(len(path)) * size, 1)
        self._line.set_data(looks, np.where(above > 0, above, np.nan))
        place = self.sizes.index(size) if size in self.sizes else -1
        here = self._noise[place] if 0 <= place < len(self._noise) else np.nan
        self._dot.set_data([size], [here])
        self._title.set_text(
            _("B = {size:,}: {steps:,} steps, {ms:.1f} ms on this machine").format(
                size=size, steps=len(path) - 1, ms=spent
            )
        )
        self.notes = [note] if note else []
        self._end = size, len(path) - 1, float(above[-1]), here

    def describe(self, settings):
        """Say how far it came and how noisy its gradients are."""
        size, steps, height, noise = self._end
        return _(
            "With batches of {size:,}, {steps:,} steps end {height:.2g} above the minimum. At the "
            "start a batch's gradient is off by {noise:.0%} of the full gradient's norm."
        ).format(size=size, steps=steps, height=height, noise=noise if np.isfinite(noise) else 0)


def batch_size_explorer(sgd, loss_and_grad, x, y, *, surface, **settings) -> View:
    """Explore what the batch size does to path, noise and time.

    Parameters
    ----------
    sgd : callable
        ``sgd(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng) -> (theta, losses)``,
        your own.
    loss_and_grad : callable
        ``loss_and_grad(theta, x_b, y_b) -> (loss, grad)`` for two parameters.
    x, y : ndarray
        The examples.
    surface : Surface
        The loss on all of them, for the contours.
    **settings
        ``batch_size``, ``lr``, ``epochs``, ``seed``, ``start``.

    Returns
    -------
    View
    """
    return View(BatchScene(sgd, loss_and_grad, x, y, surface=surface, **settings))
