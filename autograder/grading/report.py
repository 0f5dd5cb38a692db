"""The class report: a table in the terminal, a page, a picture."""

import base64
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.grading.classroom import ClassDirectory
from autograder.grading.figure import draw_report
from autograder.grading.results import (
    BY_HAND,
    RIGHT,
    STOPPED,
    UNANSWERED,
    WRONG,
    Answer,
    ClassResults,
)

SIGNS = {RIGHT: "", WRONG: "×", UNANSWERED: "–", STOPPED: "∞", BY_HAND: ""}
LEGEND = "× wrong · – not answered · ∞ stopped, ran too long · ? not marked yet · ! look at it"


def write_report(course: ClassDirectory, results: ClassResults) -> Path:
    """Write ``report/LESSON/index.html`` and ``report.png``.

    Returns
    -------
    Path
        The page; it holds the picture too, so it can be sent alone.
    """
    folder = course.report(results.lesson)
    folder.mkdir(parents=True, exist_ok=True)
    picture, page = folder / "report.png", folder / "index.html"
    draw_report(results, picture)
    page.write_text(_page(results, picture.read_bytes()), encoding="utf-8")
    return page


def print_report(results: ClassResults, console: Console) -> None:
    """Print the two tables of the report, and what needs attention."""
    console.print(_students_table(results))
    console.print(_mistakes_table(results))
    for line in summary(results):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def summary(results: ClassResults) -> Iterator[str]:
    """Yield sentences about the class as a whole, the ones to act upon last."""
    yield (
        f"{len(results.results)} graded, mean {results.mean:.1f}, median {results.median:g} "
        f"of {results.points:g} points."
    )
    if results.to_mark:
        yield (
            f"{results.to_mark} free texts wait for a mark: start `jupyter lab` in the class "
            "directory, open Nbgrader, Formgrader, and write the report again afterwards."
        )
    for student, item in results.doubtful:
        yield (
            f"{student}: the points for {item} don't come from the judge's verdict. "
            "Look at the notebook."
        )
    for student, reason in results.attention.items():
        yield f"{student} needs attention: {reason}"


def _students_table(results: ClassResults) -> Table:
    """Exercises have a column each; questions share one, they are worth little."""
    shown, questions = _columns(results)
    table = Table(title=f"{results.lesson}: points", title_justify="left", caption=LEGEND)
    table.add_column("student")
    for item in shown:
        table.add_column(item.name.replace("_", "\n_"), justify="right")
    if questions:
        table.add_column(f"{len(questions)}\nquestions", justify="right")
    table.add_column("total", justify="right")
    for result in results.results:
        cells = [_cell(result.answers[item.name]) for item in shown]
        if questions:
            cells.append(f"{sum(result.answers[item.name].points for item in questions):g}")
        table.add_row(Text(result.student), *cells, f"{result.total:g}")
    cells = [f"of {item.points:g}" for item in shown]
    if questions:
        cells.append(f"of {sum(item.points for item in questions):g}")
    table.add_section()
    table.add_row("", *cells, f"of {results.points:g}")
    return table


def _columns(results: ClassResults) -> tuple[list, list]:
    """Return the items with a column of their own, and the questions, which share one."""
    questions = [item for item in results.items if item.is_question]
    return [item for item in results.items if not item.is_question], questions


def _cell(answer: Answer) -> str:
    if answer.points is None:
        return "?"
    sign = SIGNS[answer.state]
    return f"{answer.points:g}{' ' if sign else ''}{sign}{'!' if answer.doubtful else ''}"


def _mistakes_table(results: ClassResults) -> Table:
    table = Table(title="What went wrong", title_justify="left")
    table.add_column("exercise")
    table.add_column("mistake")
    table.add_column("students", justify="right")
    for item in results.items:
        for position, (title, count) in enumerate(results.mistakes(item.name)):
            table.add_row("" if position else item.name, Text(title), f"{count}")
        if results.mistakes(item.name):
            table.add_section()
    return table


def _page(results: ClassResults, picture: bytes) -> str:
    template = files("autograder.grading").joinpath("report.html").read_text(encoding="utf-8")
    head = "".join(
        f'<th scope="col">{escape(item.name).replace("_", "_<wbr>")}</th>' for item in results.items
    )
    worth = "".join(f"<td>{item.points:g}</td>" for item in results.items)
    return Template(template).substitute(
        lesson=escape(results.lesson),
        summary="".join(f"<li>{escape(line)}</li>" for line in summary(results)),
        picture=base64.b64encode(picture).decode("ascii"),
        mistakes="".join(_mistake_rows(results)),
        legend=escape(LEGEND),
        head=head,
        worth=worth,
        points=f"{results.points:g}",
        students="".join(_student_rows(results)),
    )


def _mistake_rows(results: ClassResults) -> Iterator[str]:
    """Yield a table row for each mistake, with the exercise beside its first one."""
    students = max(len(results.results), 1)
    for item in results.items:
        if item.by_hand:
            continue
        rows = [(title, count, WRONG) for title, count in results.mistakes(item.name)]
        if unanswered := results.count(item.name, UNANSWERED):
            rows.append(("not answered", unanswered, UNANSWERED))
        right = results.count(item.name, RIGHT)
        name = (
            f'<th scope="rowgroup" rowspan="{max(len(rows), 1)}">{escape(item.name)}'
            f"<small>{right} of {len(results.results)} right</small></th>"
        )
        for title, count, kind in rows or [("nothing", 0, WRONG)]:
            width = 100 * count / students
            yield (
                f"<tr>{name}<td>{escape(title)}</td><td class='n'>{count or ''}</td>"
                f"<td class='bar'><span class='{kind}' style='width:{width:.0f}%'></span></td></tr>"
            )
            name = ""


def _student_rows(results: ClassResults) -> Iterator[str]:
    for result in results.results:
        cells = "".join(_td(result.answers[item.name]) for item in results.items)
        yield (
            f"<tr><th scope='row'>{escape(result.student)}</th>{cells}"
            f"<td class='total'>{result.total:g}</td></tr>"
        )


def _td(answer: Answer) -> str:
    title = f" title='{escape(answer.title, quote=True)}'" if answer.title else ""
    kind = answer.state.replace(" ", "-")
    return f"<td class='{kind}'{title}>{escape(_cell(answer))}</td>"
