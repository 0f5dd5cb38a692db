"""A widget on the page: live where somebody looks, a picture where nobody does.

Graded, headless and printed notebooks have no front end. There the static picture stands, and
nothing waits for anybody.
"""

from __future__ import annotations

import ast
import html
from importlib import import_module
from typing import Any

from matplotlib.figure import Figure

from descentlab.live import is_live, request
from descentlab.text import _
from descentlab.widgets.scene import Scene, whole_png


class View:
    """What a widget's function returns; the last line of a cell shows it.

    Attributes
    ----------
    settings : dict
        Where the controls stand now.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._code = request().get("content", {}).get("code", "")
        self._front = None
        self._kept = None

    @property
    def settings(self) -> dict:
        """Where the controls stand now."""
        return dict(self.scene.settings)

    def figure(self) -> Figure:
        """Return the picture at these settings as a matplotlib figure."""
        return self.scene.figure()

    def describe(self) -> str:
        """Say in words what the picture shows."""
        self.scene.figure()
        return self.scene.words()

    def call(self) -> str:
        """Return the call that opens the widget as it stands now, to be pasted into a cell."""
        scene = self.scene
        changed = {n: v for n, v in scene.settings.items() if v != scene.defaults[n]}
        return written_call(self._code, scene.name, changed, set(scene.settings))

    def static(self) -> tuple[bytes, str]:
        """Return the picture as PNG, and what it shows in words."""
        picture = whole_png(self.scene.figure())
        return picture, self.scene.words()

    def __repr__(self) -> str:
        return self.call()

    def _ipython_display_(self) -> None:
        display = import_module("IPython.display")
        front = open_front(self) if is_live() else None
        if front is None:
            picture, words = self.static()
            display.display({"image/png": picture, "text/plain": words}, raw=True)
            for note in self.scene.notes:
                print(note)
            return
        self._front = front
        display.display(front)
        self._kept = display.display(self._settings_line(), raw=True, display_id=True)

    def keep(self) -> None:
        """Write the settings into the notebook's own output, so that saving saves them."""
        if self._kept is not None:
            self._kept.update(self._settings_line(), raw=True)

    def _settings_line(self) -> dict:
        call = self.call()
        label = _("These settings as a call, kept when the notebook is saved:")
        return {
            "text/plain": f"{label} {call}",
            "text/html": (
                '<div class="descentlab-call" style="font-size:90%;opacity:0.85">'
                f"{html.escape(label)} <code>{html.escape(call)}</code></div>"
            ),
        }


def open_front(view: View) -> Any:
    """Return the live widget, or None after saying what it would need."""
    try:
        front = import_module("descentlab.widgets.front")
    except ModuleNotFoundError as error:
        if error.name != "anywidget":
            raise
        print(_("To move this picture, install anywidget: pip install anywidget"))
        return None
    return front.Front(view)


def written_call(code: str, name: str, changed: dict, known: set) -> str:
    """Return the cell's own call of a widget with its settings brought up to date."""
    values = {key: ast.unparse(ast.parse(repr(value))) for key, value in changed.items()}
    try:
        tree = ast.parse(code)
    except SyntaxError:
        tree = ast.Module([], [])
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == name
    ]
    if len(calls) != 1:
        return f"{name}({', '.join(['...', *(f'{key}={v}' for key, v in values.items())])})"
    call = calls[0]
    kept = [k for k in call.keywords if k.arg not in known or _is_fixed(k)]
    fixed = {k.arg for k in kept}
    new = [
        ast.keyword(key, ast.parse(value, mode="eval").body)
        for key, value in values.items()
        if key not in fixed
    ]
    return ast.unparse(ast.Call(call.func, call.args, kept + new))


def _is_fixed(keyword: ast.keyword) -> bool:
    """Whether a keyword's value is none that a control sets: a dict of rates, a name."""
    return isinstance(keyword.value, (ast.Dict, ast.Name, ast.Call))
