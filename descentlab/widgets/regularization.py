"""Regularization: a small network on points of the plane, and what restrains it."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import ListedColormap

from descentlab.network import MLP
from descentlab.rules import RuleCall
from descentlab.text import _
from descentlab.widgets.controls import Slider, geometric
from descentlab.widgets.running import STOPS, Racer, blame, time_limit
from descentlab.widgets.scene import Scene
from descentlab.widgets.tracks import Curves, head, log_axis, step_axis, three_panels
from descentlab.widgets.view import View

LAYERS, STEPS, EVERY, RATE = [2, 24, 24, 2], 200, 10, 0.03
VIEW = ((-1.9, 2.9), (-1.6, 2.1))
GRID = 70
COLORS = ("#0072B2", "#E69F00")  # the two classes; circles and squares as well
LINES = {
    "training": {"color": "#333333", "marker": "o", "linestyle": "-"},
    "validation": {"color": "#D55E00", "marker": "P", "linestyle": (0, (6, 1.6))},
}
BINS = np.linspace(-2, 2, 61)


def half_moons(count, noise, rng):
    """Return points on two interlocked half circles, and which of the two each belongs to.

    Parameters
    ----------
    count : int
        Points of each class.
    noise : float
        Standard deviation of what is added to both coordinates.
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray of float32, shape (2 * count, 2)
    labels : ndarray of int, shape (2 * count,)
    """
    angles = rng.uniform(0, np.pi, size=(2, count))
    upper = np.column_stack([np.cos(angles[0]), np.sin(angles[0])])
    lower = np.column_stack([1 - np.cos(angles[1]), 0.5 - np.sin(angles[1])])
    x = np.concatenate([upper, lower]) + noise * rng.normal(size=(2 * count, 2))
    return x.astype(np.float32), np.repeat([0, 1], count)


class RegularizationScene(Scene):
    """The decision boundary, both losses, and the weights' histogram."""

    name = "regularization_explorer"

    def __init__(self, functions, **given) -> None:
        self.title = _("Regularization")
        self.try_this = _(
            "With everything at 0 the network learns stray points by heart. Which single slider "
            "brings the validation loss lowest? What does each do to the weights?"
        )
        self.functions = {name: one for name, one in functions.items() if one is not None}
        self.racer, self.init = Racer("rule", functions["rule"]), functions["init"]
        self.l2, self.l1 = functions["l2_penalty"], functions["l1_penalty"]
        self.dropout, self.stop = functions["dropout"], functions["early_stopping"]
        strengths = (0.0, *geometric(1e-4, 0.3, 8))
        controls = []
        if self.l2 is not None:
            controls.append(Slider("l2", _("L2 penalty λ"), strengths))
        if self.l1 is not None:
            controls.append(Slider("l1", _("L1 penalty λ"), strengths))
        if self.dropout is not None:
            shares = tuple(round(0.05 * k, 2) for k in range(17))
            controls.append(Slider("p", _("dropout p"), shares))
        if self.stop is not None:
            patience = (0, 1, 2, 3, 5, 8, 12)
            controls.append(Slider("patience", _("patience (0: never stop)"), patience, whole=True))
        controls.append(Slider("seed", _("points"), tuple(range(10)), whole=True))
        defaults = {"l2": 0.0, "l1": 0.0, "p": 0.0, "patience": 0, "seed": 0}
        super().__init__(controls, defaults, given)
        self._net, self._top = MLP(LAYERS), MLP(LAYERS[-2:])
        axes = (np.linspace(*limits, GRID) for limits in VIEW)
        self._grid = np.array(np.meshgrid(*axes)).reshape(2, -1).T

    def frame(self, settings):
        """The points stand still until others are drawn."""
        return settings["seed"]

    def prepare(self, figure, settings):
        """Draw the points and the axes."""
        rng = np.random.default_rng(settings["seed"])
        self._train, self._val = half_moons(40, 0.38, rng), half_moons(150, 0.38, rng)
        plane, losses, weights = three_panels(figure, space=0.62)
        names = {"training": _("training"), "validation": _("validation")}
        head(figure, {names[k]: v for k, v in LINES.items()}, list(names.values()),
             _("Two half moons, 80 points to learn from"))  # fmt: skip
        plane.set(xlim=VIEW[0], ylim=VIEW[1], xlabel=_("first input"), ylabel=_("second input"))
        plane.grid(False)
        pale = ListedColormap(["#e3f1fb", "#f0cb8e"])
        extent = (*VIEW[0], *VIEW[1])
        self._regions = self.moving(
            plane.imshow(np.zeros((GRID, GRID)), extent=extent, origin="lower", cmap=pale,
                         vmin=0, vmax=1, aspect="auto", zorder=0, interpolation="nearest")
        )  # fmt: skip
        for kind, (color, marker) in enumerate(zip(COLORS, "os", strict=True)):
            points = self._train[0][self._train[1] == kind]
            look = {"color": color, "marker": marker, "mec": "#222222", "mew": 0.8, "ms": 6}
            self.moving(plane.plot(*points.T, ls="none", zorder=3, **look)[0])
        step_axis(losses, STEPS)
        log_axis(losses, 0.003, 3)
        losses.set(xlabel=_("step"), ylabel=_("loss, nats"))
        self._losses = Curves(self, losses, LINES, list(LINES), 5)
        self._stopped = self.moving(losses.plot([], [], color="#555555", lw=1.4, ls=":")[0])
        weights.set(xlim=(BINS[0], BINS[-1]), ylim=(0, 1.08), yticks=[])
        weights.set(xlabel=_("weight"), ylabel=_("share"))
        self._bars = self.moving(
            weights.add_collection(PolyCollection([], facecolors="#0072B2", zorder=3))
        )

    def move(self, settings):
        """Train, and draw what was learned."""
        thetas, losses, note = self._learn(settings)
        best = len(losses) - 1
        self._stopped.set_data([], [])
        if settings["patience"] and losses and not note:
            try:
                with time_limit(1.0):
                    best, last = self.stop([val for _train, val in losses], settings["patience"])
                best, last = int(best), int(last)
                thetas[best], losses[last]  # an index out of range is the learner's mistake
                losses = losses[: last + 1]
                self._stopped.set_data([EVERY * best] * 2, [1e-3, 10])
            except STOPS as error:
                best, note = len(losses) - 1, blame(error, {"early_stopping": self.stop})
        self.notes = [note] if note else []
        self._last = best, losses, thetas[best] if thetas else None
        for place, name in enumerate(LINES):
            values = np.array([pair[place] for pair in losses])
            self._losses.lines[name].set_data(EVERY * np.arange(len(values)), values)
        if thetas:
            sides = self._net.predict(thetas[best], self._grid)[:, 1] > 0.5
            self._regions.set_data(sides.reshape(GRID, GRID))
            self._bars.set_verts(_bars(self._weights(thetas[best])))

    def _weights(self, theta):
        return np.concatenate([W.ravel() for W, _b in self._net.unpack(theta)])

    def _learn(self, settings):
        """Return theta and both losses every few steps, and a sentence if it went wrong."""
        x, labels = self._train
        rng = np.random.default_rng(0)
        thetas: list = []
        losses: list = []
        try:
            with np.errstate(all="ignore"), time_limit(1.0):
                theta = self._net.pack(self.init(LAYERS, np.random.default_rng(1))).astype(
                    np.float32
                )
                call = RuleCall(self.racer.rule)
                state = self.racer.first_state(call, theta)
                for step in range(STEPS + 1):
                    if step % EVERY == 0:
                        both = (self._net.loss(theta, *part) for part in (self._train, self._val))
                        thetas.append(theta)
                        losses.append(tuple(both))
                    grad = self._gradient(theta, x, labels, settings, rng)
                    theta, state = call.step(theta, grad, state, RATE)
        except STOPS as error:
            return thetas, losses, blame(error, self.functions)
        return thetas, losses, ""

    def _gradient(self, theta, x, labels, settings, rng):
        if settings["p"] and self.dropout is not None:
            grad = self._with_units_off(theta, x, labels, settings["p"], rng)
        else:
            grad = self._net.loss_and_grad(theta, x, labels)[1]
        for penalty, strength in ((self.l2, settings["l2"]), (self.l1, settings["l1"])):
            if penalty is not None and strength:
                grad = grad + penalty(theta, strength)[1]
        return grad

    def _with_units_off(self, theta, x, labels, p, rng):
        """Return the gradient of a batch in which hidden units are switched off."""
        off, back = self.dropout
        params = self._net.unpack(theta)
        inputs, masks = [x], []
        for W, b in params[:-1]:
            out, mask = off(np.maximum(inputs[-1] @ W + b, 0), p, rng)
            inputs.append(out)
            masks.append(mask)
        top = self._top.pack(params[-1:])
        grads = self._top.unpack(self._top.loss_and_grad(top, inputs[-1], labels)[1])
        delta = (self._top.predict(top, inputs[-1]) - np.eye(LAYERS[-1])[labels]) / len(x)
        for layer in reversed(range(len(masks))):
            delta = back(delta @ params[layer + 1][0].T, masks[layer]) * (inputs[layer + 1] > 0)
            grads.insert(0, (inputs[layer].T @ delta, delta.sum(axis=0)))
        return self._net.pack(grads)

    def describe(self, settings):
        """Say how well both parts are known, and how large the weights are."""
        best, losses, theta = self._last
        if theta is None or not losses:
            return _("Nothing was trained.")
        weights = self._weights(theta)
        return _(
            "At step {step} the loss is {train:.3g} nats in training and {val:.3g} in validation; "
            "{share:.0%} of the validation points are right. The weights' root mean square is "
            "{size:.2f}, and {zero:.0%} of them lie within 0.01 of 0."
        ).format(
            step=EVERY * best,
            train=losses[best][0],
            val=losses[best][1],
            share=self._net.accuracy(theta, *self._val),
            size=np.sqrt(np.mean(weights**2)),
            zero=np.mean(np.abs(weights) < 0.01),
        )


def _bars(weights) -> list:
    """Return the bars of a histogram, the tallest one 1 high."""
    counts = np.histogram(np.clip(weights, BINS[0], BINS[-1]), BINS)[0]
    heights = counts / counts.max()
    return [
        [(a, 0), (a, height), (b, height), (b, 0)]
        for a, b, height in zip(BINS[:-1], BINS[1:], heights, strict=True)
    ]


def regularization_explorer(
    *,
    rule,
    init,
    l2_penalty=None,
    l1_penalty=None,
    dropout=None,
    early_stopping=None,
    **settings,
) -> View:
    """Explore what penalties, dropout and stopping early do to a decision boundary.

    Parameters
    ----------
    rule : callable
        What trains, such as ``adam_step``; its learning rate is 0.03.
    init : callable
        ``init(layer_sizes, rng)``.
    l2_penalty, l1_penalty : callable, optional
        ``penalty(theta, lam) -> (penalty, grad)``.
    dropout : pair of callable, optional
        ``(forward, backward)``: ``forward(x, p, rng) -> (out, mask)``, with the units that stay
        scaled up, and ``backward(dout, mask) -> dx``.
    early_stopping : callable, optional
        ``early_stopping(val_losses, patience) -> (best_epoch, stop_epoch)``; an epoch is ten
        steps here.
    **settings
        ``l2``, ``l1``: the strengths λ; ``p``, ``patience``, ``seed``.

    Returns
    -------
    View
    """
    functions = {"rule": rule, "init": init, "l2_penalty": l2_penalty, "l1_penalty": l1_penalty}
    functions |= {"dropout": dropout, "early_stopping": early_stopping}
    return View(RegularizationScene(functions, **settings))
