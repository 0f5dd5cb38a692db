"""The course at a glance: which lessons there are, what was earned, what is next.

Points are what `check` found, the best so far. They lie in one small file beside the lessons'
folders, on the learner's machine, and are never sent anywhere.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from descentlab.live import is_live
from descentlab.places import course_folder
from descentlab.text import _, ngettext

FILE = "progress.json"
CHECK = "__check"
LESSON_FOLDER = re.compile(r"\d\d_\w+")


@dataclass(frozen=True)
class Lesson:
    """One lesson as its notebook has it.

    Parameters
    ----------
    folder : str
        Such as ``"03_momentum"``; its number counts from 0.
    title : str
    exercises : dict of str to float
        What `check` judges, in the notebook's order, with its points.
    by_hand : float
        Points that a person gives.
    """

    folder: str
    title: str
    exercises: dict
    by_hand: float


def home() -> Path:
    """Return the folder that holds the lessons' folders: the one above when we are in a lesson."""
    here = Path.cwd()
    return here.parent if LESSON_FOLDER.fullmatch(here.name) else here


def note(exercise: str, points: float) -> None:
    """Keep what `check` gave for an exercise, if it is the best so far and a person looks on."""
    if not is_live():
        return
    earned = read()
    if points <= earned.get(exercise, -1.0):
        return
    file = home() / FILE
    fresh = file.with_name(f".{FILE}.{os.getpid()}")
    with contextlib.suppress(OSError):  # a folder that can't be written to is no reason to stop
        fresh.write_text(json.dumps(earned | {exercise: points}, indent=1) + "\n", encoding="utf-8")
        fresh.replace(file)


def read() -> dict[str, float]:
    """Return the points by exercise; none if there is no file, or none that can be read."""
    try:
        found = json.loads((home() / FILE).read_text(encoding="utf-8"))
        return {str(name): float(points) for name, points in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def lessons() -> list[Lesson]:
    """Return the course's lessons in their order."""
    found = []
    for file in sorted(course_folder("lessons").glob("*/*.ipynb")):
        if file.stem == file.parent.name:
            found.append(_lesson(file))
    return found


def _lesson(file: Path) -> Lesson:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    exercises, by_hand, title = {}, 0.0, file.stem
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and title == file.stem:
            heading = re.search(r"^# (.+)$", source, re.MULTILINE)
            title = heading[1].strip() if heading else title
        about = cell.get("metadata", {}).get("nbgrader", {})
        if about.get("grade"):
            name, points = about["grade_id"], float(about.get("points", 0))
            if name.endswith(CHECK):
                exercises[name.removesuffix(CHECK)] = points
            else:
                by_hand += points
    return Lesson(file.stem, title, exercises, by_hand)


class Glance:
    """What `progress` shows: in a notebook a table with links, elsewhere plain text."""

    def __init__(self, course: list[Lesson], earned: dict[str, float], root: Path) -> None:
        self.lessons, self.earned, self.root = course, earned, root

    def points(self, lesson: Lesson) -> float:
        """What was earned in a lesson."""
        return sum(
            min(most, max(0.0, self.earned.get(name, 0.0)))
            for name, most in lesson.exercises.items()
        )

    def next(self) -> tuple[Lesson, str] | None:
        """Return the lesson and the exercise that come next; None when all is done."""
        for lesson in self.lessons:
            for name, most in lesson.exercises.items():
                if self.earned.get(name, 0.0) < most:
                    return lesson, name
        return None

    def next_sentence(self) -> str:
        """Say what comes next."""
        found = self.next()
        if found is None:
            return _("All that can be checked is done.")
        lesson, name = found
        return _("Next: {name}, in lesson {number}, {title}.").format(
            name=name, number=lesson.folder[:2], title=lesson.title
        )

    def total_sentence(self) -> str:
        """Say how much was earned in all."""
        points = sum(map(self.points, self.lessons))
        most = sum(sum(lesson.exercises.values()) for lesson in self.lessons)
        by_hand = sum(lesson.by_hand for lesson in self.lessons)
        return ngettext(
            "{points:g} of {most:g} point so far; {by_hand:g} more are given by hand.",
            "{points:g} of {most:g} points so far; {by_hand:g} more are given by hand.",
            round(most),
        ).format(points=points, most=most, by_hand=by_hand)

    def _parts(self, lesson: Lesson) -> tuple[float, float, str]:
        points, most = self.points(lesson), sum(lesson.exercises.values())
        text = _("{points:g} of {most:g}").format(points=points, most=most)
        return points, most, text

    def __repr__(self) -> str:
        lines = []
        width = max((len(lesson.title) for lesson in self.lessons), default=0)
        for lesson in self.lessons:
            points, most, text = self._parts(lesson)
            done = round(20 * points / most) if most else 0
            bar = "█" * done + "·" * (20 - done)
            lines.append(f"{lesson.folder[:2]}  {lesson.title:<{width}}  {bar}  {text}")
        return "\n".join([*lines, self.total_sentence(), self.next_sentence()])

    def _link(self, lesson: Lesson) -> str:
        """The title, as a link where the learner has the lesson's notebook."""
        file = self.root / lesson.folder / f"{lesson.folder}.ipynb"
        title = html.escape(lesson.title)
        if not file.exists():
            return title
        target = quote(os.path.relpath(file, Path.cwd()).replace(os.sep, "/"))
        return f'<a href="{target}">{title}</a>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._html()}

    def _html(self) -> str:
        cell = 'style="text-align:left;padding:3px 14px 3px 0;border:none"'
        track = "width:140px;height:10px;border:1px solid #888;border-radius:3px"
        heads = (_("lesson"), _("title"), _("earned"), _("points"))
        rows = [f"<tr>{''.join(f'<th {cell}>{html.escape(head)}</th>' for head in heads)}</tr>"]
        coming = self.next()
        for lesson in self.lessons:
            points, most, text = self._parts(lesson)
            share = 100 * points / most if most else 0
            bar = (
                f'<div style="{track}" role="img" aria-label="{html.escape(text)}">'
                f'<div style="width:{share:.0f}%;height:100%;background:#0072b2"></div></div>'
            )
            number, title = lesson.folder[:2], self._link(lesson)
            if coming is not None and coming[0] is lesson:
                number, title = f"<b>▸ {number}</b>", f"<b>{title}</b>"
            cells = (number, title, bar, html.escape(text))
            rows.append(f"<tr>{''.join(f'<td {cell}>{one}</td>' for one in cells)}</tr>")
        sentences = (self.total_sentence(), self.next_sentence())
        below = "".join(f'<p style="margin:4px 0">{html.escape(one)}</p>' for one in sentences)
        return (
            '<div class="descentlab-progress" style="line-height:1.45">'
            f'<table style="border-collapse:collapse;margin:2px 0">{"".join(rows)}</table>'
            f"{below}</div>"
        )


def progress() -> Glance:
    """Show the course at a glance: the lessons, the points earned so far, and what is next.

    Returns
    -------
    Glance
        The last line of a cell shows it.
    """
    return Glance(lessons(), read(), home())
