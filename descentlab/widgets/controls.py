"""What a widget lets one set: sliders, choices, switches, a point. Plain data, no front end.

A control knows its name (the keyword of the widget's function), the label that a person reads, the
values it offers and how a value is written. `spec` is what the front end is told.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descentlab.text import _


@dataclass(frozen=True)
class Slider:
    """A number among values in rising order.

    Parameters
    ----------
    name : str
        Keyword of the widget's function.
    label : str
    values : tuple of float
        What the slider stops at; a call may also set a number between them.
    whole : bool
        Only whole numbers.
    plays : bool
        It has a button that plays through the values.
    own : bool
        It has a first stop, None, where each rule keeps its own default.
    when : dict of str to list
        The slider is shown while each named control has one of the listed values.
    """

    name: str
    label: str
    values: tuple
    whole: bool = False
    plays: bool = False
    own: bool = False
    when: dict = field(default_factory=dict)

    def clean(self, value: Any) -> float | int | None:
        """Return a value that the slider may have, or say why it may not."""
        if value is None and self.own:
            return None
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        low, high = self.values[0], self.values[-1]
        if not number or not math.isfinite(value) or not low <= value <= high:
            raise ValueError(
                _("{name} must be a number from {low:g} to {high:g}, got {value!r}").format(
                    name=self.name, low=low, high=high, value=value
                )
            )
        if self.whole and value != int(value):
            raise ValueError(
                _("{name} must be a whole number, got {value!r}").format(
                    name=self.name, value=value
                )
            )
        return int(value) if self.whole else float(value)

    def spec(self) -> dict:
        """What the front end needs to show the slider."""
        return {
            "kind": "slider",
            "name": self.name,
            "label": self.label,
            "values": [None] * self.own + list(self.values),
            "texts": [_("each rule's own")] * self.own + [written(v) for v in self.values],
            "plays": self.plays,
            "when": self.when,
        }


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    name: str
    label: str
    options: tuple
    when: dict = field(default_factory=dict)

    def clean(self, value: Any) -> str:
        """Return the option, or say which there are."""
        if value not in self.options:
            raise ValueError(
                _("{name} must be one of {options}, got {value!r}").format(
                    name=self.name, options=", ".join(map(repr, self.options)), value=value
                )
            )
        return value

    def spec(self) -> dict:
        """What the front end needs to show the choice."""
        return {
            "kind": "choice",
            "name": self.name,
            "label": self.label,
            "options": list(self.options),
            "when": self.when,
        }


@dataclass(frozen=True)
class Several:
    """Any of several names, each with the colour that its line has."""

    name: str
    label: str
    options: tuple
    colors: dict = field(default_factory=dict)

    def clean(self, value: Any) -> list[str]:
        """Return the options that are on, in the options' order."""
        wanted = [value] if isinstance(value, str) else list(value)
        for one in wanted:
            if one not in self.options:
                raise ValueError(
                    _("{name} can hold {options}; got {value!r}").format(
                        name=self.name, options=", ".join(map(repr, self.options)), value=one
                    )
                )
        return [option for option in self.options if option in wanted]

    def spec(self) -> dict:
        """What the front end needs to show the switches."""
        return {
            "kind": "several",
            "name": self.name,
            "label": self.label,
            "options": list(self.options),
            "colors": self.colors,
            "when": {},
        }


@dataclass(frozen=True)
class Point:
    """A point of the plane: by a click into the picture, or with the arrow keys on it."""

    name: str
    label: str

    def clean(self, value: Any) -> tuple[float, float]:
        """Return the point as a pair of floats, or say what it must be."""
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            array = np.empty(0)
        if array.shape != (2,) or not np.isfinite(array).all():
            raise ValueError(
                _("{name} must be two finite numbers, got {value!r}").format(
                    name=self.name, value=value
                )
            )
        return float(array[0]), float(array[1])

    def spec(self) -> dict:
        """What the front end needs to take the point from the picture."""
        return {"kind": "point", "name": self.name, "label": self.label, "when": {}}


def written(value: float) -> str:
    """Write a number for a person: 0.001, 2,000, 1e-08."""
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.0e}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def geometric(low: float, high: float, per_decade: int = 12) -> tuple:
    """Return values from low to high in equal ratios, each rounded to two digits."""
    count = round(per_decade * math.log10(high / low)) + 1
    return tuple(dict.fromkeys(float(f"{v:.2g}") for v in np.geomspace(low, high, count)))


SHARES = (0.0, *(round(0.05 * k, 2) for k in range(1, 18)), 0.9, 0.92, 0.94, 0.95, 0.96, 0.97)
SHARES = (*SHARES, 0.98, 0.99, 0.995, 0.998, 0.999)
"""Where a slider for β stops: finely near 1, where it matters."""


def clean_settings(controls: list, given: dict, defaults: dict) -> dict:
    """Return a value for each control, the given ones checked.

    Raises
    ------
    TypeError
        A name is none of the controls'.
    ValueError
        A value is none that its control may have.
    """
    known = {control.name: control for control in controls}
    for name in given:
        if name not in known:
            raise TypeError(
                _("there is no setting {name!r} here; there are: {known}").format(
                    name=name, known=", ".join(known)
                )
            )
    return {name: control.clean(given.get(name, defaults[name])) for name, control in known.items()}
