"""Schedules: compose a warm-up and a decay, and see the rate and the loss on real digits."""

from __future__ import annotations

import functools
import inspect

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from descentlab.datasets import load_digits
from descentlab.network import MLP
from descentlab.rules import RuleCall
from descentlab.text import _
from descentlab.widgets.controls import Choice, Slider, geometric
from descentlab.widgets.running import STOPS, Racer, blame, time_limit
from descentlab.widgets.scene import Scene
from descentlab.widgets.tracks import BOTTOM, LEFT, RIGHT, TOP, Curves, head, step_axis
from descentlab.widgets.view import View

STEPS, ROWS, BATCH, LAYERS = 200, 250, 40, [64, 24, 10]
EVERY = 5  # steps between two looks at the loss on all rows
KNOBS = {
    "drop": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "every": (5, 10, 20, 30, 40, 50, 80, 100),
    "k": geometric(0.001, 1, 8),
    "period": (10, 20, 25, 40, 50, 100, 200),
    "lr_min": (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03),
}
FIRST = {"drop": 0.5, "every": 50, "k": 0.02, "period": 200, "lr_min": 0.0}
STYLES = {
    "yours": {"color": "#D55E00", "marker": "P", "linestyle": "-"},
    "constant": {"color": "#777777", "marker": "o", "linestyle": (0, (3, 1.4))},
}


class ScheduleScene(Scene):
    """The learning rate over time, and the loss that it brings, beside a constant rate's."""

    name = "schedule_explorer"

    def __init__(self, decays, *, rule, init, warmup=None, **given) -> None:
        self.title = _("Schedules")
        self.try_this = _(
            "First no decay: raise α until the loss trembles. Now add a decay. Can you end lower "
            "than the constant rate? And does a warm-up let you start with a larger α?"
        )
        self.decays, self.warmup, self.init = dict(decays), warmup, init
        self.racer = Racer("rule", rule)
        RuleCall(rule)
        knobs = {label: _knobs(decay) for label, decay in self.decays.items()}
        none = _("none")
        controls = [
            Choice("decay", _("decay"), (none, *self.decays)),
            Slider("lr", _("learning rate α"), geometric(1e-4, 3)),
        ]
        for name, values in KNOBS.items():
            users = [label for label, used in knobs.items() if name in used]
            if users:
                whole = name in ("every", "period")
                controls.append(Slider(name, name, values, whole=whole, when={"decay": users}))
        if warmup is not None:
            steps = (0, 1, 2, 3, 5, 10, 20, 30, 50, 80, 100)
            controls.append(Slider("warmup_steps", _("warm-up steps"), steps, whole=True))
        defaults = {"decay": none, "lr": 0.03, "warmup_steps": 0, **FIRST}
        super().__init__(controls, defaults, given)
        digits = load_digits(np.float32)
        self._data = digits.x_train[:ROWS], digits.labels_train[:ROWS]
        self._net = MLP(LAYERS)
        self._constant = functools.lru_cache(maxsize=8)(self._with_constant)

    def prepare(self, figure, settings):
        """Draw the axes and the legend."""
        names = {"yours": _("your schedule"), "constant": _("constant rate")}
        styles = {names[key]: style for key, style in STYLES.items()}
        title = _("Digits, {rows} images, batches of {batch}").format(rows=ROWS, batch=BATCH)
        head(figure, styles, list(styles), title)
        panels = figure.add_gridspec(
            1, 2, left=LEFT, right=RIGHT, bottom=BOTTOM, top=TOP, wspace=0.24
        )
        rate, loss = (figure.add_subplot(panel) for panel in panels)
        step_axis(rate, STEPS)
        rate.set(ylim=(0, 1.08), xlabel=_("update t"), ylabel=_("learning rate, in α"))
        step_axis(loss, STEPS)
        loss.set_yscale("log")
        loss.set_ylim(1e-3, 20)
        loss.yaxis.set_minor_locator(NullLocator())
        loss.yaxis.set_major_locator(LogLocator(numticks=6))
        loss.set(xlabel=_("update t"), ylabel=_("loss on all images, nats"))
        self._rate = Curves(self, rate, STYLES, ["yours"], 20)
        self._loss = Curves(self, loss, STYLES, ["constant", "yours"], 5)

    def rates(self, settings) -> np.ndarray:
        """Return the composed learning rate of every update."""
        lr, decay = settings["lr"], self.decays.get(settings["decay"])
        rates = np.full(STEPS, lr)
        if decay is not None:
            extra = {name: settings[name] for name in _knobs(decay)}
            rates = np.array([float(decay(lr, t, **extra)) for t in range(STEPS)])
        if settings["warmup_steps"]:
            up = [self.warmup(1.0, t, settings["warmup_steps"]) for t in range(STEPS)]
            rates = rates * np.array(up, dtype=float)
        return rates

    def move(self, settings):
        """Train with the composed schedule."""
        self.notes = []
        decay = self.decays.get(settings["decay"])
        try:
            with time_limit(1.0):
                rates = self.rates(settings)
        except STOPS as error:
            own = {settings["decay"]: decay, "warmup": self.warmup}
            self.notes = [blame(error, {name: one for name, one in own.items() if one})]
            rates = np.full(STEPS, np.nan)
        self._rate.show("yours", rates / settings["lr"])
        flat, note = self._constant(settings["lr"])
        losses = flat
        if not np.array_equal(rates, np.full(STEPS, settings["lr"])):
            losses, note = self._train(rates)
        if note:
            self.notes.append(note)
        for label, values in (("constant", flat), ("yours", losses)):
            shown = np.where(np.array(values) > 0, values, np.nan)
            self._loss.lines[label].set_data(EVERY * np.arange(len(values)), shown)
        self._last = flat, losses

    def _with_constant(self, lr):
        return self._train(np.full(STEPS, lr))

    def _train(self, rates):
        """Return the loss on all rows every few updates, and a sentence if it went wrong."""
        x, labels = self._data
        losses: list[float] = []
        rng = np.random.default_rng(0)
        try:
            with np.errstate(all="ignore"), time_limit(1.0):
                theta = self._net.pack(self.init(LAYERS, np.random.default_rng(0)))
                theta = theta.astype(np.float32)
                call = RuleCall(self.racer.rule)
                state = self.racer.first_state(call, theta)
                for t, rate in enumerate(rates):
                    if t % EVERY == 0:
                        losses.append(self._net.loss(theta, x, labels))
                    if not np.isfinite(rate) or not np.isfinite(losses[-1]):
                        break
                    rows = rng.integers(ROWS, size=BATCH)
                    grad = self._net.loss_and_grad(theta, x[rows], labels[rows])[1]
                    theta, state = call.step(theta, grad, state, float(rate))
                else:
                    losses.append(self._net.loss(theta, x, labels))
        except STOPS as error:
            return losses, blame(error, {"rule": self.racer.rule, "init": self.init})
        return losses, ""

    def describe(self, settings):
        """Say where both losses end."""
        flat, losses = self._last
        if not flat or not losses:
            return _("Nothing was trained.")
        return _(
            "After {steps} updates the loss is {yours:.3g} nats with your schedule, {flat:.3g} "
            "with a constant rate of {lr:g}."
        ).format(steps=STEPS, yours=losses[-1], flat=flat[-1], lr=settings["lr"])


def _knobs(decay) -> list[str]:
    """Return the parameters of a decay that have a slider: not those that a partial has bound."""
    bound = decay.keywords if isinstance(decay, functools.partial) else {}
    return [n for n in KNOBS if n in inspect.signature(decay).parameters and n not in bound]


def schedule_explorer(decays, *, rule, init, warmup=None, **settings) -> View:
    """Compose a schedule, and train digits with it.

    Parameters
    ----------
    decays : dict of str to callable
        ``{"step": step_decay, "1/t": inverse_time_decay}``: functions of ``(lr, t)`` and of
        ``drop``, ``every``, ``k``, ``period``, ``lr_min``, which get sliders.
    rule : callable
        What trains, such as ``adam_step``.
    init : callable
        ``init(layer_sizes, rng)``: where it starts.
    warmup : callable, optional
        ``warmup(lr, t, warmup_steps)``.
    **settings
        ``decay``, ``lr``, ``warmup_steps``, and the decays' parameters.

    Returns
    -------
    View
    """
    return View(ScheduleScene(decays, rule=rule, init=init, warmup=warmup, **settings))
