"""The class report's picture: what went wrong, and how the totals are spread."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograder.grading.results import STOPPED, UNANSWERED, WRONG, ClassResults, Item
from descentlab.styles import INK, LOOK, PALE

BLUE, ORANGE = "#0072B2", "#E69F00"
MOST_MISTAKES = 5
"""Rows for one exercise; the mistakes after them share one."""
TITLE_LENGTH = 44
ROW, HEAD = 0.23, 1.25
"""A row's height in inches, and a heading's in rows."""
TOTALS_HEIGHT = 2.9
BAR_SHARE = 0.45
"""Of the width, for the longest bar; the rest is for its label."""

Row = tuple[str, int, str]
STYLES = {
    WRONG: {"color": BLUE},
    STOPPED: {"facecolor": ORANGE, "hatch": "////", "edgecolor": "white"},
    UNANSWERED: {"facecolor": "white", "edgecolor": PALE, "hatch": "...."},
}


def draw_report(results: ClassResults, file: Path) -> None:
    """Draw wrong answers by mistake for each exercise, and the distribution of the totals.

    Parameters
    ----------
    results : ClassResults
    file : Path
        The PNG to write.
    """
    exercises = _groups(results, [i for i in results.items if not (i.by_hand or i.is_question)])
    questions = _groups(results, [i for i in results.items if i.is_question])
    left, below = _height(exercises), _height(questions)
    with mpl.rc_context(LOOK):
        height = max(left, TOTALS_HEIGHT + (below + 0.6 if questions else 0)) + 0.9
        figure = Figure(figsize=(11.5, height), dpi=150, layout="constrained")
        columns = figure.subfigures(1, 2, width_ratios=(1, 1))
        _draw_mistakes(
            columns[0].subplots(), "Exercises: how many made which mistake", exercises, results
        )
        if questions:
            upper, lower = columns[1].subplots(
                2, 1, height_ratios=(height - below - 1.3, below + 0.4)
            )
            _draw_mistakes(lower, "Questions: how many answered what instead", questions, results)
        else:
            upper = columns[1].subplots()
        _draw_totals(upper, results)
        figure.savefig(file, dpi=150, metadata={"Software": None})


def _groups(results: ClassResults, items: list[Item]) -> list[tuple[str, list[Row]]]:
    """Return the rows of some items; a question's wrong answers are quoted."""
    groups = [(item, _rows(results, item.name)) for item in items]
    return [
        (
            item.name,
            [(f"“{t}”" if item.is_question and k == WRONG else t, n, k) for t, n, k in rows],
        )
        for item, rows in groups
    ]


def _height(groups: list[tuple[str, list[Row]]]) -> float:
    """Return how many inches some groups need."""
    return ROW * sum(len(rows) + HEAD for _, rows in groups)


def _rows(results: ClassResults, item: str) -> list[Row]:
    """Return (label, students, kind) for an exercise, the common mistakes first."""
    answers = [result.answers[item] for result in results.results]
    stopped = {answer.title for answer in answers if answer.state == STOPPED}
    mistakes = results.mistakes(item)
    shown, rest = mistakes[:MOST_MISTAKES], mistakes[MOST_MISTAKES:]
    if len(rest) == 1:
        shown, rest = mistakes, []
    rows = [(title, count, STOPPED if title in stopped else WRONG) for title, count in shown]
    if rest:
        rows.append((f"{len(rest)} other mistakes", sum(count for _, count in rest), WRONG))
    unanswered = results.count(item, UNANSWERED)
    return [*rows, ("not answered", unanswered, UNANSWERED)] if unanswered else rows


def _draw_mistakes(
    axes: Axes, title: str, groups: list[tuple[str, list[Row]]], results: ClassResults
) -> None:
    """Draw one bar for each mistake, its number and name to the right of it."""
    place = 0.0
    longest = max([count for _, rows in groups for _, count, _ in rows], default=1)
    students = len(results.results)
    for name, rows in groups:
        wrong = sum(count for _, count, kind in rows if kind != UNANSWERED)
        heading = f"{name}   {wrong} of {students} wrong"
        axes.text(0, place, heading, weight="bold", va="center", size=10, color=INK)
        place += 1
        for label, count, kind in rows:
            axes.barh(place, count, height=0.7, linewidth=0.8, **STYLES[kind])
            beside = count + 0.03 * longest
            text = f"{count}   {_cut(label)}"
            axes.text(beside, place, text, va="center", size=9, color=INK)
            place += 1
        place += HEAD - 1
    axes.set_ylim(max(place, 1) - HEAD + 0.6, -0.7)
    axes.set_xlim(0, longest / BAR_SHARE)
    axes.set_title(title, loc="left")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    axes.grid(visible=False)


def _draw_totals(axes: Axes, results: ClassResults) -> None:
    edges = np.linspace(0, results.points, 11)
    axes.hist(results.totals, bins=edges, color=BLUE, edgecolor="white")
    axes.axvline(results.median, color=INK, linestyle="--", linewidth=1.2)
    leftward = results.median > results.points / 2
    axes.annotate(
        f"median {results.median:g}",
        (results.median, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if leftward else 4, 2),
        textcoords="offset points",
        ha="right" if leftward else "left",
        va="bottom",
        size=9.5,
    )
    axes.set_xticks(edges[::2])
    axes.set_xlim(edges[0], edges[-1])
    axes.yaxis.get_major_locator().set_params(integer=True)
    waiting = f" ({results.to_mark} free texts not marked yet)" if results.to_mark else ""
    axes.set_xlabel(f"points of {results.points:g}{waiting}")
    axes.set_ylabel("students")
    axes.set_title("Totals", loc="left")
    axes.grid(visible=False, axis="x")


def _cut(title: str) -> str:
    """Return a label that fits beside a bar, with nothing that matplotlib would typeset."""
    plain = title.replace("$", r"\$").replace("\n", " ")
    return plain if len(plain) <= TITLE_LENGTH else plain[: TITLE_LENGTH - 1] + "…"
