"""The live widget: one model between kernel and page, for all scenes.

The page asks for a picture of certain settings, and asks again only when the answer has come; then
for the newest settings. So nothing piles up, however fast a slider is dragged.
"""

from __future__ import annotations

import contextlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from descentlab.text import _
from descentlab.widgets.controls import clean_settings
from descentlab.widgets.running import STOPS

if TYPE_CHECKING:
    from descentlab.widgets.view import View

HERE = files("descentlab.widgets")


class Front(anywidget.AnyWidget):
    """What the page shows: the controls, the picture, what to try, what went wrong."""

    _esm = (HERE / "front.js").read_text(encoding="utf-8")
    _css = (HERE / "front.css").read_text(encoding="utf-8")

    spec = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    plane = traitlets.Dict().tag(sync=True)
    picture = traitlets.Bytes().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    notes = traitlets.List().tag(sync=True)
    ask = traitlets.Dict().tag(sync=True)
    answer = traitlets.Int().tag(sync=True)

    def __init__(self, view: View) -> None:
        self._view = view
        super().__init__(spec=spec_of(view.scene), settings=view.settings)
        self._show(view.settings, 0)
        self.observe(self._asked, "ask")
        self.on_msg(self._told)

    def _asked(self, change: Any) -> None:
        scene, ask = self._view.scene, change["new"]
        before = scene.settings
        try:
            after = clean_settings(scene.controls, ask["settings"], before)
            after = scene.on_change(before, after)
        except (TypeError, ValueError, KeyError) as error:
            self.notes, self.answer = [str(error)], int(ask.get("number", 0))
            return
        self._show(after, int(ask["number"]))

    def _show(self, settings: dict, number: int) -> None:
        """Draw, and send everything in one message; whatever happens, an answer goes out."""
        scene = self._view.scene
        picture, words = self.picture, self.words
        try:
            picture = scene.draw(settings)
            words, notes = scene.words(settings), list(scene.notes)
            scene.settings = settings
        except STOPS as error:
            scene.forget()
            notes = [_("No picture of these settings: {error}").format(error=error or "?")]
        with self.hold_sync():
            self.picture, self.words, self.notes = picture, words, notes
            self.settings, self.plane = settings, scene.plane
            self.answer = number

    def _told(self, _widget: Any, message: dict, _buffers: Any) -> None:
        """The page wants the settings kept, or a file."""
        if message.get("do") == "keep":
            self._view.keep()
        elif message.get("do") == "file":
            reply: dict = {"action": message.get("action")}
            content: list = []
            with contextlib.suppress(LookupError):
                try:
                    name, data = self._view.scene.act(message["action"], self._view.scene.settings)
                    reply["name"], content = name, [data]
                except (OSError, ValueError, RuntimeError) as error:
                    reply["error"] = str(error)
            self.send(reply, content)


def spec_of(scene: Any) -> dict:
    """What the page needs once: texts and controls."""
    return {
        "name": scene.name,
        "title": scene.title,
        "tryThis": scene.try_this,
        "controls": [control.spec() for control in scene.controls],
        "actions": [{"name": name, "label": label} for name, label in scene.actions],
        "texts": {
            "try": _("What to try:"),
            "play": _("Play"),
            "pause": _("Pause"),
            "reset": _("Back to the first settings"),
            "point": _("Picture. Click it, or press the arrow keys on it, to move the start."),
            "words": _("The picture in words"),
            "working": _("Working …"),
            "saved": _("Saved as {name}."),
            "silent": _(
                "No answer yet. While another cell runs, the picture waits; in a notebook that was "
                "opened again, run this cell first."
            ),
        },
        "first": scene.settings,
    }
