"""Cards: a verdict, a hint or a solution as a notebook shows it, and as a terminal does.

A card says in words what its colour says. It uses no script, reads in JupyterLab's light and dark
themes, and on paper.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

from descentlab.text import _, ngettext
from descentlab.verdicts import Example, Verdict

VERDICT_TYPE = "application/vnd.descentlab.verdict+json"
"""The MIME type under which a verdict travels in a notebook's outputs, for the class report."""

INK = {
    "right": "#007a5a",
    "wrong": "#b34700",
    "elsewhere": "#0072b2",
    "plain": "#6b6b6b",
}
"""The bar at the card's left edge; the heading says the same in words."""

WIDTH = 88


@dataclass(frozen=True)
class Card:
    """A heading and paragraphs; `display(card)` shows it.

    In paragraphs **bold** is the only markup. A verdict travels along for the class report.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    kind: str = "plain"
    example: Example | None = None
    notes: tuple[str, ...] = ()
    code: str = ""
    verdict: Verdict | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return self.plain()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": self.plain(), "text/html": self.html()}
        if self.verdict is not None:
            bundle[VERDICT_TYPE] = self.verdict.to_json()
        return bundle

    def plain(self) -> str:
        """The card for a terminal."""
        rule = "─" * min(WIDTH, max(20, len(self.heading) + 2))
        lines = [self.heading, rule]
        lines += [_unbold(paragraph) for paragraph in self.paragraphs]
        if self.example:
            lines += [_("One case:"), *_example_lines(self.example)]
        if self.code:
            lines += ["", self.code.rstrip()]
        lines += [_note(note) for note in self.notes]
        return "\n".join(lines)

    def html(self) -> str:
        """The card for a notebook."""
        ink = INK[self.kind]
        parts = [f'<p style="margin:0 0 6px 0"><b>{html.escape(self.heading)}</b></p>']
        parts += [_paragraph(paragraph) for paragraph in self.paragraphs]
        if self.example:
            parts.append(_example_html(self.example))
        if self.code:
            parts.append(
                '<pre style="margin:6px 0;padding:6px 8px;border:1px solid #9994;'
                f'overflow-x:auto">{html.escape(self.code.rstrip())}</pre>'
            )
        parts += [
            f'<p style="margin:4px 0;font-size:92%;opacity:0.85">{html.escape(_note(note))}</p>'
            for note in self.notes
        ]
        return (
            f'<div class="descentlab-card" role="status" style="border-left:6px solid {ink};'
            'padding:8px 14px;margin:4px 0;max-width:52em;line-height:1.45">'
            + "".join(parts)
            + "</div>"
        )


def verdict_card(verdict: Verdict, hints_left: int = 0) -> Card:
    """The card of a verdict; `hints_left` counts the hints that `hint()` still has."""
    if verdict.passed:
        heading, kind = _("Right: {name}").format(name=verdict.exercise), "right"
    elif verdict.unanswered:
        heading, kind = _("Not answered yet: {name}").format(name=verdict.exercise), "plain"
    elif verdict.elsewhere:
        heading, kind = _("Right elsewhere: {name}").format(name=verdict.exercise), "elsewhere"
    else:
        heading, kind = _("Not yet: {name}").format(name=verdict.exercise), "wrong"
    paragraphs = [line for line in verdict.message.split("\n") if line.strip()]
    if verdict.where:
        paragraphs.append(_("Where: {formula}").format(formula=verdict.where))
    if not verdict.passed and verdict.points:
        paragraphs.append(
            _("{points:g} of {most:g} points for the part that is right.").format(
                points=verdict.points, most=verdict.max_points
            )
        )
    if hints_left and not verdict.passed:
        paragraphs.append(
            ngettext(
                "hint({name}) gives the next hint; there is {count} left.",
                "hint({name}) gives the next hint; there are {count} left.",
                hints_left,
            ).format(name=verdict.exercise, count=hints_left)
        )
    return Card(heading, tuple(paragraphs), kind, verdict.example, verdict.notes, verdict=verdict)


def _note(text: str) -> str:
    return _("Note: {note}").format(note=text)


def _unbold(text: str) -> str:
    return text.replace("**", "")


def _paragraph(text: str) -> str:
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text))
    return f'<p style="margin:4px 0">{bold}</p>'


def _example_lines(example: Example) -> list[str]:
    width = max((len(name) for name, _text in example.inputs), default=0)
    lines = [f"  {name:<{width}} = {text}" for name, text in example.inputs]
    for name, expected, yours in example.rows:
        lines += [f"  {name}:"]
        lines += [indent(_("expected {text}").format(text=expected), "    ")]
        lines += [indent(_("yours    {text}").format(text=yours), "    ")]
    return lines


def _example_html(example: Example) -> str:
    cell = 'style="text-align:left;padding:2px 14px 2px 0;font-family:monospace"'
    head = 'style="text-align:left;padding:2px 14px 2px 0;font-weight:600"'
    inputs = ", ".join(f"{name} = {text}" for name, text in example.inputs)
    title = _("One case")
    lines = [f'<p style="margin:6px 0 2px 0"><b>{html.escape(title)}</b>']
    lines.append(f': <span style="font-family:monospace">{html.escape(inputs)}</span></p>')
    if example.rows:
        names = ("", _("expected"), _("yours"))
        lines.append('<table style="border-collapse:collapse;margin:2px 0"><tr>')
        lines += [f"<th {head}>{html.escape(name)}</th>" for name in names]
        lines.append("</tr>")
        for row in example.rows:
            cells = "".join(f"<td {cell}>{html.escape(text)}</td>" for text in row)
            lines.append(f"<tr>{cells}</tr>")
        lines.append("</table>")
    return "".join(lines)
