"""The optimizer race: play, pause, go back; keep it as a film, or as a still for paper."""

from __future__ import annotations

import functools
import io
import tempfile
from pathlib import Path

from matplotlib.figure import Figure

from descentlab import animation
from descentlab.text import _
from descentlab.widgets.controls import Point, Slider
from descentlab.widgets.valley import ValleyScene, common_controls, common_defaults
from descentlab.widgets.view import View


class RaceScene(ValleyScene):
    """The paths up to a step."""

    name = "optimizer_race"

    def __init__(self, rules, surfaces=None, **given) -> None:
        self.title = _("Optimizer race")
        self.try_this = _(
            "Press Play. Who is first in the valley, who overshoots, who never arrives? Then race "
            "on another surface, and from another start: click on the ground."
        )
        self.actions = (
            ("gif", _("Save as GIF")),
            ("mp4", _("Save as MP4")),
            ("still", _("Save a still as PDF")),
        )
        self.take(rules, surfaces, given)
        first = self.surfaces[given.get("surface", next(iter(self.surfaces)))]
        controls = common_controls(self.racers, self.surfaces, self.styles)
        shares = tuple(range(0, 101, 2))
        controls.insert(0, Slider("percent", _("race, %"), shares, whole=True, plays=True))
        controls.append(Point("start", _("start")))
        defaults = common_defaults(self.racers, self.surfaces, first) | {"percent": 100}
        super(ValleyScene, self).__init__(controls, defaults, given)
        self._picture = None
        self._walks = functools.lru_cache(maxsize=4)(self._run)

    def _run(self, key):
        settings = dict(key)
        return self.walks(settings)

    def run(self, settings) -> dict:
        """Return every rule's walk; the same settings aren't walked twice."""
        key = ((n, tuple(v) if isinstance(v, list) else v) for n, v in settings.items())
        return self._walks(tuple(sorted(pair for pair in key if pair[0] != "percent")))

    def prepare(self, figure, settings):
        """Draw contours, axes and legend."""
        surface = self.surfaces[settings["surface"]]
        labels, steps = settings["show"], settings["steps"]
        self._picture = animation.RacePicture(figure, surface, labels, steps, self.styles, self)

    def move(self, settings):
        """Draw the race up to where it stands."""
        walks = self.run(settings)
        step = round(settings["percent"] * settings["steps"] / 100)
        self._picture.show({label: one.path for label, one in walks.items()}, step)
        self.notes = [one.note for one in walks.values() if one.note]
        self._last = {label: one.path[: step + 1] for label, one in walks.items()}

    def paths(self, settings) -> dict:
        """Return the whole paths by label."""
        return {label: one.path for label, one in self.run(settings).items()}

    def act(self, action, settings):
        """Make the film or the still."""
        settings = self.fixed | settings
        surface, paths = self.surfaces[settings["surface"]], self.paths(settings)
        if action == "still":
            target = io.BytesIO()
            animation.race_still(surface, paths).savefig(target, format="pdf")
            return "race.pdf", target.getvalue()
        if action in ("gif", "mp4"):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, f"race.{action}")
                return file.name, animation.save_race(surface, paths, file, most=40).read_bytes()
        raise LookupError(action)


class RaceView(View):
    """A race that can be kept."""

    def save(self, file, **how) -> Path:
        """Save the race as GIF or MP4, see `descentlab.animation.save_race`."""
        surface, paths = self._race()
        return animation.save_race(surface, paths, file, **how)

    def still(self, marks=None) -> Figure:
        """Return the whole race as one figure with marked steps, for paper."""
        surface, paths = self._race()
        return animation.race_still(surface, paths, marks=marks)

    def _race(self):
        settings = self.scene.fixed | self.scene.settings
        return self.scene.surfaces[settings["surface"]], self.scene.paths(settings)


def optimizer_race(rules, surfaces=None, **settings) -> RaceView:
    """Let update rules race, the learner's own among them.

    Parameters
    ----------
    rules, surfaces
        As in `valley_explorer`. A rate of its own for one rule: ``lr={"Adam": 0.3}``.
    **settings
        As in `valley_explorer`, and ``percent``: how much of the race is shown at first.

    Returns
    -------
    RaceView
        The last line of a cell shows it; ``.save("race.gif")`` and ``.still()`` keep it.
    """
    return RaceView(RaceScene(rules, surfaces, **settings))
