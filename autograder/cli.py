"""The `autograder` command: build, make a class, release, grade, report, open the lessons."""

from pathlib import Path
from typing import Annotated

try:
    import typer
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"autograder: the command needs {missing.name}, which comes with the extra `teach`. "
        "Install it: pip install 'descentlab[teach]'"
    ) from None

from autograder.notebooks.errors import LessonError, Refused

app = typer.Typer(
    help="Build the lessons of Descent Lab, hand them out, grade them, and see what went wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
console = Console()
errors = Console(stderr=True)

REFUSED, ATTENTION = 2, 1
"""Exit codes: nothing was done; something was done, and something needs a person."""

Course = Annotated[
    Path, typer.Option("--course", metavar="DIR", help="The class directory.", show_default=True)
]
Lesson = Annotated[str, typer.Argument(help="A lesson, 03_momentum, or its topic, momentum.")]


@app.command()
def build(
    topics: Annotated[list[str] | None, typer.Argument(help="Lessons; all if none.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if something would change.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Build both notebooks of each lesson from its source."""
    from autograder.notebooks.build import write_lesson
    from autograder.notebooks.source import lessons_in, resolve

    root = course.resolve()
    names = [resolve(root, topic) for topic in topics or []] or lessons_in(root)
    if not names:
        raise LessonError(
            f"{root / 'solutions'} holds no lesson; a lesson's source is "
            "solutions/NN_topic/NN_topic.py. Name the class directory with `--course DIR`."
        )
    changed = []
    for name in names:
        changed += write_lesson(root, name, only_check=check)
    for path in changed:
        say(f"{'differs' if check else 'wrote'} {path.relative_to(root)}")
    if check and changed:
        say(f"{len(changed)} notebooks are not what their source says; run `autograder build`.")
        raise typer.Exit(1)
    if not changed:
        say(f"Every notebook is up to date: {', '.join(names)}.")


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Old or new.")]) -> None:
    """Make a class directory: lessons, solutions, configuration, policy and gradebook."""
    from autograder.grading.init import init_class

    made = init_class(folder)
    say(f"{made.root} is a class directory: {len(made.new)} files are new.")
    for file in made.left_alone:
        say(f"left alone: {file.relative_to(made.root)}, it was there before")
    say(f"Next: autograder release 03_momentum --course {folder}")


@app.command()
def release(lesson: Lesson, course: Course = Path()) -> None:
    """Write a lesson for the students, with the class's policy, and enter it into the gradebook."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.release import release as release_lesson

    room = ClassDirectory.at(course)
    name = release_lesson(room, lesson)
    policy = room.policy
    say(f"Released {name}: hints {policy['hints']}, solution {policy['solution']}.")
    say(f"Hand out the folder {room.root / 'lessons' / name}.")


@app.command()
def grade(
    lesson: Lesson,
    course: Course = Path(),
    timeout: Annotated[
        int | None, typer.Option(min=1, help="Seconds for one cell, in place of the config's.")
    ] = None,
) -> None:
    """Grade every submission of a lesson; one that can't be graded doesn't stop the others."""
    from autograder.grading.autograde import grade as grade_lesson
    from autograder.grading.classroom import ClassDirectory

    room = ClassDirectory.at(course)
    name = room.lesson(lesson)
    with bar() as progress:
        task = progress.add_task("grading", total=len(room.students(name)) or None)
        outcomes = grade_lesson(
            room, name, timeout=timeout, progress=lambda _: progress.advance(task)
        )
    _tell(outcomes, f"graded: `autograder report {name}` shows the class")


@app.command()
def feedback(lesson: Lesson, course: Course = Path()) -> None:
    """Write a feedback page for every graded submission of a lesson."""
    from autograder.grading.autograde import feedback as write_feedback
    from autograder.grading.classroom import ClassDirectory

    room = ClassDirectory.at(course)
    name = room.lesson(lesson)
    with bar() as progress:
        task = progress.add_task("feedback", total=len(room.students(name)) or None)
        outcomes = write_feedback(room, name, progress=lambda _: progress.advance(task))
    _tell(outcomes, f"pages are in {room.feedback('STUDENT', name)}")


@app.command()
def report(lesson: Lesson, course: Course = Path()) -> None:
    """Show who got what and which mistakes were made: a table, a page, a picture."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.report import print_report, write_report
    from autograder.grading.results import collect

    room = ClassDirectory.at(course)
    results = collect(room, lesson)
    page = write_report(room, results)
    print_report(results, console)
    say(f"\nThe page for reading and printing: {near(page)}")


@app.command()
def demo(
    course: Annotated[
        Path, typer.Option("--course", metavar="DIR", help="The class directory to make.")
    ] = Path("build/demo"),
) -> None:
    """Take a class of 24 made-up students through a lesson, from the release to the report."""
    from autograder.grading.demo import LESSON, STUDENTS, run_demo
    from autograder.grading.report import print_report

    say(f"{len(STUDENTS)} made-up students hand in {LESSON}: right answers, listed mistakes,")
    say("nothing at all, and two endless loops. nbgrader runs every notebook.")
    with bar() as progress:
        steps = {
            name: progress.add_task(name, total=len(STUDENTS)) for name in ("grading", "feedback")
        }
        steps["report"] = progress.add_task("report", total=1)
        result = run_demo(
            course, lambda name, done, of: progress.update(steps[name], completed=done, total=of)
        )
    print_report(result.results, console)
    say("")
    say(f"{result.named} of {result.planted} planted mistakes were named rightly.")
    for surprise in result.surprises:
        say(f"  {surprise}")
    say(f"\nOpen this file in a browser:  {near(result.page)}")
    lab_command = "make lab" if Path("Makefile").is_file() else f"autograder lab --course {course}"
    say(f"Open the lesson yourself:     {lab_command}")
    if result.surprises:
        raise typer.Exit(ATTENTION)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context, course: Course = Path()) -> None:
    """Open your own copies of the lessons, in work/, in JupyterLab; more options are JupyterLab's.

    A copy that is there stays as you left it.
    """
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.lab import copy_lessons, start_lab

    room = ClassDirectory.at(course)
    copied, kept = copy_lessons(room)
    say(f"Your lessons are in {room.root / 'work'}: {len(copied)} new, {len(kept)} left as is.")
    start_lab(room, *context.args)


def say(text: str) -> None:
    """Print a sentence as it is."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def near(path: Path) -> Path:
    """Return a path as it is typed from here, where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def bar() -> Progress:
    """Return a progress bar for a class."""
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _tell(outcomes: list, done: str) -> None:
    """Print how many are done and who needs attention; exit 1 if somebody does."""
    attention = [outcome for outcome in outcomes if outcome.attention]
    say(f"{len(outcomes) - len(attention)} of {len(outcomes)} {done}.")
    for outcome in attention:
        say(f"{outcome.student} needs attention: {outcome.attention}")
    if attention:
        raise typer.Exit(ATTENTION)


def main() -> None:
    """Run the command; what has to be put right first is said in one sentence."""
    try:
        app()
    except Refused as error:
        errors.print(f"autograder: {error}", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(REFUSED) from None
