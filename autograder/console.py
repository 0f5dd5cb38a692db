"""What all commands share: the app, options, sentences, progress, JSON, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any

from descentlab.text import printable

try:
    import typer
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"autograder: the command needs {missing.name}, which comes with the extra `teach`. "
        "Install it: pip install 'descentlab[teach]'"
    ) from None

app = typer.Typer(
    help="Build the lessons of Descent Lab, hand them out, grade them, and see what went wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Course = Annotated[
    Path, typer.Option("--course", metavar="DIR", help="The class directory.", show_default=True)
]
Lesson = Annotated[str, typer.Argument(help="A lesson, 03_momentum, or its topic, momentum.")]
OneStudent = Annotated[
    str | None, typer.Option("--student", metavar="ID", help="Only this student.")
]
Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="AUTOGRADER_DB",
        help="The gradebook: sqlite:///FILE or postgresql+psycopg://...; else the config's.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs, nothing else.")]

console = Console()
errors = Console(stderr=True)

REFUSED, ATTENTION, INTERRUPTED = 2, 1, 130
"""Exit codes: nothing was done; something was done, and something needs a person; Ctrl-C."""


def say(text: str = "") -> None:
    """Print a sentence as it is."""
    console.print(printable(text, "\n"), markup=False, highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    """Print why nothing was done."""
    text = printable(f"autograder: {text}", "\n")
    errors.print(text, markup=False, highlight=False, soft_wrap=True)


def near(path: Path) -> Path:
    """Return a path as it is typed from here, where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def put_json(value: Any) -> None:
    """Print a value for a program, and nothing else."""
    print(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return asdict(value)
    return str(value)


def bar() -> Progress:
    """Return a progress bar for a class."""
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"))
    return Progress(*columns, *times, console=console)


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a class is: a bar on a terminal, now and then a line elsewhere.

    Yields
    ------
    callable
        Takes the student who is done, how many are done, and how many there are.
    """
    if quiet:
        yield lambda student, done, of: None
    elif console.is_terminal:
        with bar() as shown:
            task = shown.add_task(what, total=None, note="")
            yield lambda student, done, of: shown.update(
                task, completed=done, total=of, note=escape(printable(student))
            )
    else:
        yield lambda student, done, of: _line(what, student, done, of)


def _line(what: str, student: str, done: int, of: int) -> None:
    """A line for each tenth of the class."""
    if done == of or done % max(1, of // 10) == 0:
        say(f"{what}: {done} of {of} ({student})")


def tell(outcomes: list, done: str) -> None:
    """Print how many are done and who needs attention; exit 1 if somebody does."""
    attention = [outcome for outcome in outcomes if outcome.attention]
    say(f"{len(outcomes) - len(attention)} of {len(outcomes)} {done}.")
    for outcome in attention:
        say(f"{outcome.student} needs attention: {outcome.attention}")
    if attention:
        raise typer.Exit(ATTENTION)
