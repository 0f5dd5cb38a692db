"""The valley explorer: any rules, from any start, on any surface, with the sliders in your hand."""

from __future__ import annotations

import numpy as np

from descentlab.drawing import marker_distance
from descentlab.plots import describe_paths
from descentlab.surfaces import Surface
from descentlab.text import _
from descentlab.widgets.controls import SHARES, Choice, Point, Several, Slider, geometric
from descentlab.widgets.running import BETAS, racers, walk
from descentlab.widgets.scene import Scene, plane_of
from descentlab.widgets.tracks import (
    Curves,
    Ground,
    Heights,
    head,
    log_axis,
    marker_note,
    step_axis,
    styles_of,
    surfaces_by_name,
    three_panels,
)
from descentlab.widgets.view import View

STEPS = (10, 20, 30, 50, 80, 100, 150, 200, 300, 500)
RATES = geometric(1e-4, 10)


class ValleyScene(Scene):
    """Path, height and gradient norm of each rule."""

    name = "valley_explorer"

    def __init__(self, rules, surfaces=None, **given) -> None:
        self.title = _("Valley explorer")
        self.try_this = _(
            "Raise α until a path zigzags, then until it leaves. Which rule bears the larger α? "
            "Then click elsewhere on the ground to start there."
        )
        self.take(rules, surfaces, given)
        first = self.surfaces[given.get("surface", next(iter(self.surfaces)))]
        controls = common_controls(self.racers, self.surfaces, self.styles)
        controls.append(Point("start", _("start")))
        super().__init__(controls, common_defaults(self.racers, self.surfaces, first), given)
        self._ground = self._heights = self._norms = None

    def take(self, rules, surfaces, given) -> None:
        """Read the rules and the surfaces; what is left in `given` are settings."""
        lr = given.pop("lr") if isinstance(given.get("lr"), dict) else None
        if isinstance(given.get("surface"), Surface):
            surfaces = [given.pop("surface")]
        self.racers = racers(rules, lr)
        self.surfaces = surfaces_by_name(surfaces)
        self.styles = styles_of(self.racers)
        if given.get("surface", next(iter(self.surfaces))) not in self.surfaces:
            Choice("surface", "", tuple(self.surfaces)).clean(given["surface"])
        if "surface" in given and len(self.surfaces) == 1:
            del given["surface"]

    def on_change(self, before: dict, after: dict) -> dict:
        """Another surface has another start."""
        if before["surface"] != after["surface"] and before["start"] == after["start"]:
            after["start"] = tuple(map(float, self.surfaces[after["surface"]].start))
        return after

    def frame(self, settings):
        """The background depends on the surface, on who is shown and on the axis of steps."""
        return settings["surface"], tuple(settings["show"]), settings["steps"]

    def prepare(self, figure, settings):
        """Draw contours, axes and legend."""
        surface, labels = self.surfaces[settings["surface"]], settings["show"]
        steps = settings["steps"]
        every = marker_distance({"": range(steps + 1)})
        ground, heights, norms = three_panels(figure)
        head(figure, self.styles, labels, surface.name, marker_note(every))
        self._ground = Ground(self, ground, surface, self.styles, labels, steps)
        self._heights = Heights(self, heights, surface, self.styles, labels, steps, every, True)
        heights.tick_params(labelbottom=False)
        step_axis(norms, steps)
        largest = np.linalg.norm(
            [surface.grad(np.array(c)) for c in zip(*surface.view, strict=True)]
        )
        log_axis(norms, 1e-8 * largest, 1e3 * largest)
        norms.set(xlabel=_("step"), ylabel=_("gradient norm"))
        self._norms = Curves(self, norms, self.styles, labels, every)
        self.plane = plane_of(ground)

    def walks(self, settings) -> dict:
        """Let every rule that is shown walk."""
        surface = self.surfaces[settings["surface"]]
        return {
            label: walk(self.racers[label], surface, settings["start"], settings, settings["steps"])
            for label in settings["show"]
        }

    def move(self, settings):
        """Draw the paths that these settings give."""
        surface = self.surfaces[settings["surface"]]
        walks = self.walks(settings)
        self._ground.clear_arrows()
        self._ground.ring.set_data(*np.transpose([settings["start"]]))
        for label, one in walks.items():
            self._ground.show(label, one.path)
            self._heights.show(label, one.path)
            with np.errstate(all="ignore"):
                gradients = np.asarray(surface.grad(one.path.T))
                self._norms.show(label, np.hypot(*gradients))
        self.notes = [one.note for one in walks.values() if one.note]
        self._last = {label: one.path for label, one in walks.items()}

    def describe(self, settings):
        """Say where each path goes."""
        return describe_paths(self.surfaces[settings["surface"]], self._last)


def common_defaults(running, surfaces, first) -> dict:
    """Return where the controls of the explorer and the race stand at first."""
    return {
        "surface": first.name,
        "show": list(running),
        "lr": 0.01,
        "beta": None,
        "beta2": None,
        "eps": None,
        "steps": 100,
        "start": tuple(map(float, first.start)),
    }


def common_controls(running, surfaces, styles) -> list:
    """Return the controls of the explorer and the race: only those that some rule has a use for."""
    takes = set().union(*(racer.keywords() for racer in running.values()))
    rates = any("lr" in r.keywords() and r.lr is None for r in running.values())
    controls = []
    if len(surfaces) > 1:
        controls.append(Choice("surface", _("surface"), tuple(surfaces)))
    if len(running) > 1:
        colors = {label: styles[label]["color"] for label in running}
        controls.append(Several("show", _("rules"), tuple(running), colors))
    if rates:
        controls.append(Slider("lr", _("learning rate α"), RATES))
    if takes & set(BETAS):
        controls.append(Slider("beta", _("memory β"), SHARES, own=True))
    if "beta2" in takes:
        controls.append(Slider("beta2", _("memory of squares β₂"), SHARES, own=True))
    if "eps" in takes:
        controls.append(Slider("eps", _("floor ε"), geometric(1e-10, 1, 3), own=True))
    controls.append(Slider("steps", _("steps"), STEPS, whole=True))
    return controls


def valley_explorer(rules, surfaces=None, **settings) -> View:
    """Explore where update rules go: path, height and gradient norm beside each other.

    Parameters
    ----------
    rules : callable, or dict of str to callable or pair (rule, first state)
        Rules of the course's form, your own included:
        ``{"gradient descent": gd_step, "mine": my_step}``.
    surfaces : list of Surface, optional
        None: the course's five.
    **settings
        Where the controls stand at first: ``surface`` (a name, or a Surface to have it alone),
        ``show`` (labels), ``lr`` (or a dict of label to rate), ``beta``, ``beta2``, ``eps``,
        ``steps``, ``start``.

    Returns
    -------
    View
        The last line of a cell shows it; ``.figure()`` is the picture alone.
    """
    return View(ValleyScene(rules, surfaces, **settings))
