"""The `autograder` command: lessons for authors and learners; a class's commands are beside."""

from pathlib import Path
from typing import Annotated

from autograder import cli_class  # noqa: F401 (its commands enter themselves)
from autograder.console import (
    ATTENTION,
    INTERRUPTED,
    REFUSED,
    Course,
    app,
    bar,
    complain,
    console,
    near,
    say,
    typer,
)
from autograder.notebooks.errors import Interrupted, LessonError, Refused


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
    from autograder.notebooks.overview import write_overview
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
    if not topics:
        changed += write_overview(root, only_check=check)
    for path in changed:
        say(f"{'differs' if check else 'wrote'} {path.relative_to(root)}")
    if check and changed:
        say(f"{len(changed)} files are not what their source says; run `autograder build`.")
        raise typer.Exit(1)
    if not changed:
        say(f"Every notebook is up to date: {', '.join(names)}.")


@app.command()
def site(
    topics: Annotated[list[str] | None, typer.Argument(help="Lessons; all if none.")] = None,
    target: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Where the book goes.")
    ] = Path("build/site"),
    course: Course = Path(),
) -> None:
    """Run the solution notebooks and write them as a book of web pages, with a search."""
    from autograder.notebooks.site import build_site
    from autograder.notebooks.source import resolve

    root = course.resolve()
    names = [resolve(root, topic, ".ipynb") for topic in topics or []]
    page = build_site(root, target.resolve(), names, done=lambda name: say(f"ran {name}"))
    say(f"Open this file in a browser:  {near(page)}")


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
def lint(
    notebook: Annotated[Path, typer.Argument(help="A notebook, before it is handed in.")],
    lesson: Annotated[
        str | None, typer.Option(help="Which lesson it is; by the file's name if none.")
    ] = None,
    course: Course = Path(),
) -> None:
    """Say what grading would find in a notebook: what is unanswered, doesn't parse, is damaged."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.notebooks.canon import canonical
    from autograder.notebooks.lint import lint as find
    from autograder.notebooks.lint import ready, report

    room = ClassDirectory.at(course)
    name = room.lesson(lesson or notebook.stem)
    try:
        findings = find(canonical(room.root, name), notebook.read_bytes())
    except OSError as error:
        raise LessonError(f"{notebook} can't be read ({error.strerror}).") from error
    say(report(findings))
    if not ready(findings):
        raise typer.Exit(ATTENTION)


@app.command()
def update(
    lesson: Annotated[str | None, typer.Argument(help="One lesson; all if none.")] = None,
    course: Course = Path(),
) -> None:
    """Bring newer lessons round your answers in work/; a copy of each file is kept."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.update import LEFT, UPDATED, update_work

    done = update_work(ClassDirectory.at(course), lesson)
    for one in done:
        if one.state == UPDATED:
            say(f"updated {near(one.file)}; as it was: {near(one.backup)}")
        elif one.state == LEFT:
            say(f"left {near(one.file)}: {one.why}")
        for repair in one.repairs:
            say(f"  {repair.text}")
    say(f"{sum(one.state == UPDATED for one in done)} of {len(done)} notebooks were updated.")
    if any(one.state == LEFT for one in done):
        raise typer.Exit(ATTENTION)


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
    say("nothing at all, and two endless loops.")
    with bar() as shown:
        steps = {
            name: shown.add_task(name, total=len(STUDENTS), note="")
            for name in ("grading", "feedback")
        }
        steps["report"] = shown.add_task("report", total=1, note="")
        result = run_demo(
            course, lambda name, done, of: shown.update(steps[name], completed=done, total=of)
        )
    print_report(result.results, console)
    say("")
    say(f"Their code ran with isolation: {result.isolation}.")
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


def main() -> None:
    """Run the command; what has to be put right first is said in one sentence."""
    try:
        app()
    except Refused as error:
        complain(str(error))
        raise SystemExit(INTERRUPTED if isinstance(error, Interrupted) else REFUSED) from None
