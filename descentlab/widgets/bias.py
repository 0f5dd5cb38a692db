"""Bias correction: how long are Adam's first steps, for any β₁ and β₂?"""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.ticker import LogLocator

from descentlab.rules import RuleCall
from descentlab.text import N_, _
from descentlab.widgets.controls import SHARES, Choice, Several, Slider
from descentlab.widgets.running import STOPS, in_words, racers, time_limit
from descentlab.widgets.scene import Scene
from descentlab.widgets.tracks import BOTTOM, LEFT, RIGHT, TOP, Curves, head, styles_of
from descentlab.widgets.view import View

SLOPES = (N_("always 1"), N_("1 with noise"), N_("1, and 10 once"))
STEPS = (10, 30, 100, 300, 1000)
SPIKE = 10  # the step of the one steep slope


class BiasScene(Scene):
    """The length of each step in units of α, and how far they carry."""

    name = "bias_correction_explorer"

    def __init__(self, rules, **given) -> None:
        self.title = _("Bias correction")
        self.try_this = _(
            "Set β₁ to 0.9 and move β₂ from 0.9 to 0.999. Which rule's first step is too short, "
            "right, too long? For how many steps does it matter?"
        )
        self.racers = racers(rules)
        self.styles = styles_of(self.racers)
        colors = {label: style["color"] for label, style in self.styles.items()}
        controls = [
            Several("show", _("rules"), tuple(self.racers), colors),
            Slider("beta1", _("memory of slopes β₁"), SHARES),
            Slider("beta2", _("memory of squares β₂"), SHARES),
            Choice("slope", _("slope"), tuple(map(_, SLOPES))),
            Slider("steps", _("steps"), STEPS, whole=True),
        ]
        defaults = {
            "show": list(self.racers),
            "beta1": 0.9,
            "beta2": 0.999,
            "slope": _(SLOPES[0]),
            "steps": 300,
        }
        super().__init__(controls, defaults, given)

    def frame(self, settings):
        """The axes depend on the steps, the legend on who is shown."""
        return tuple(settings["show"]), settings["steps"]

    def prepare(self, figure, settings):
        """Draw the axes and the legend."""
        labels, steps = settings["show"], settings["steps"]
        head(figure, self.styles, labels, _("The first steps of a walk on a steady slope"))
        panels = figure.add_gridspec(
            1, 2, left=LEFT, right=RIGHT, bottom=BOTTOM, top=TOP, wspace=0.22
        )
        lengths, way = (figure.add_subplot(panel) for panel in panels)
        for ax in (lengths, way):
            ax.set_xscale("log")
            ax.set_xlim(0.9, steps * 1.1)
            ax.set_xlabel(_("step"))
            ax.xaxis.set_major_formatter("{x:,.0f}")
        lengths.set_ylim(0, 8)
        lengths.set_ylabel(_("length of the step, in α"))
        lengths.axhline(1, color="#999999", lw=0.8, zorder=1)
        way.set_yscale("log")
        way.set_ylim(0.05, 12 * steps)
        way.yaxis.set_major_locator(LogLocator(numticks=6))
        way.set_ylabel(_("way gone, in α"))
        way.plot([1, steps], [1, steps], color="#999999", lw=0.8, zorder=1)
        self._lengths = Curves(self, lengths, self.styles, labels, 1)
        self._way = Curves(self, way, self.styles, labels, 1)

    def move(self, settings):
        """Let the rules take their steps."""
        slopes = _slopes(settings)
        moments = np.arange(1, settings["steps"] + 1)
        marks = np.unique(np.geomspace(1, settings["steps"], 12).astype(int)) - 1
        self.notes, self._firsts = [], {}
        for label in settings["show"]:
            steps, note = self._steps(self.racers[label], slopes, settings)
            if note:
                self.notes.append(note)
            shown = moments[: len(steps)]
            for curves, values in ((self._lengths, steps), (self._way, np.cumsum(steps))):
                line = curves.lines[label]
                line.set_data(shown, values)
                line.set_markevery([mark for mark in marks if mark < len(steps)])
            self._firsts[label] = steps

    def _steps(self, racer, slopes, settings):
        """Return the length of each step, and a sentence where they end too early."""
        theta, lengths = np.zeros(1), []
        try:
            takes = racer.keywords()
            rule = partial(racer.rule, **{n: settings[n] for n in ("beta1", "beta2") if n in takes})
            call = RuleCall(rule)
            state = racer.first_state(call, theta)
            lr = 1.0 if "lr" in takes else None
            with np.errstate(all="ignore"), time_limit(1.0):
                for slope in slopes:
                    new, state = call.step(theta, np.array([slope]), state, lr)
                    lengths.append(float(theta[0] - new[0]))
                    theta = new
        except STOPS as error:
            return np.array(lengths), in_words(racer.label, racer.rule, error, len(lengths) + 1)
        return np.array(lengths), ""

    def describe(self, settings):
        """Say how long the first step, the longest and the last one are."""
        sentences = []
        for label, steps in self._firsts.items():
            if len(steps):
                sentence = _(
                    "{label}: the first step is {first:.2f} α, the longest {longest:.2f} α at "
                    "step {at}, the last {last:.2f} α."
                )
                sentences.append(
                    sentence.format(
                        label=label,
                        first=steps[0],
                        longest=steps.max(),
                        at=int(np.argmax(steps.round(6))) + 1,
                        last=steps[-1],
                    )
                )
        return "\n".join(sentences)


def _slopes(settings) -> np.ndarray:
    slopes = np.ones(settings["steps"])
    if settings["slope"] == _(SLOPES[1]):
        slopes += np.random.default_rng(0).normal(scale=0.5, size=slopes.size)
    elif settings["slope"] == _(SLOPES[2]):
        slopes[SPIKE - 1 : SPIKE] = 10.0
    return slopes


def bias_correction_explorer(rules, **settings) -> View:
    """Explore the first steps of Adam with and without bias correction.

    Parameters
    ----------
    rules : callable, or dict of str to callable
        ``{"Adam": adam_step, "Adam, uncorrected": adam_uncorrected_step}``, your own included.
    **settings
        ``beta1``, ``beta2``, ``slope``, ``steps``, ``show``.

    Returns
    -------
    View
    """
    return View(BiasScene(rules, **settings))
