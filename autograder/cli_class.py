"""The commands of a class: release, collect, grade, report, and what is to be known between."""

import gc
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from autograder.console import (
    ATTENTION,
    Course,
    Database,
    Json,
    Lesson,
    OneStudent,
    app,
    console,
    near,
    progress,
    put_json,
    say,
    tell,
    typer,
)
from autograder.notebooks.errors import LessonError


@app.command()
def release(lesson: Lesson, course: Course = Path(), db: Database = None) -> None:
    """Write a lesson for the students, with the class's policy, and enter it into the gradebook."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.release import given_away
    from autograder.grading.release import release as release_lesson

    room = ClassDirectory.at(course, db)
    name = release_lesson(room, lesson)
    for warning in given_away(room, name):
        say(f"Note: {warning}")
    policy = room.policy
    say(f"Released {name}: hints {policy['hints']}, solution {policy['solution']}.")
    say(f"Hand out the folder {room.root / 'lessons' / name}.")


@app.command()
def collect(
    lesson: Lesson,
    source: Annotated[
        Path | None,
        typer.Argument(
            help="A folder, or a zip as an LMS exports it; nbgrader's exchange if none."
        ),
    ] = None,
    course: Course = Path(),
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Bring what students handed in into submitted/; every attempt is kept in the ledger."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.collecting import collect as collect_lesson

    collected = collect_lesson(ClassDirectory.at(course, db), lesson, source)
    if as_json:
        put_json(collected)
    else:
        for one in collected:
            say(f"{one.student or one.source}: {one.text}")
        taken = sum(bool(one.student) and not one.problem for one in collected)
        say(f"{taken} submissions of {lesson} are in; next: autograder grade {lesson}")
    if any(one.problem for one in collected):
        raise typer.Exit(ATTENTION)


@app.command()
def grade(
    lesson: Lesson,
    course: Course = Path(),
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Workers on this machine; one for each core.")
    ] = None,
    student: OneStudent = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again and say whose score would move.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="With --regrade: let the moves stand.")
    ] = False,
    unsandboxed: Annotated[
        bool, typer.Option("--unsandboxed", help="Run student code without walls, at your risk.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, tcp://host:8786.")
    ] = None,
    db: Database = None,
    full: Annotated[bool, typer.Option("--full", help="Run experiments, too.")] = False,
    as_json: Json = False,
) -> None:
    """Grade what was handed in and isn't graded yet, behind walls; nothing stops the others."""
    from autograder.sandbox.early import warming

    if apply and not regrade:
        raise LessonError("--apply goes with --regrade: `autograder grade LESSON --regrade`.")
    walled = nullcontext() if unsandboxed or scheduler else warming(course / "course.toml")
    with walled as zygote:
        gc.disable()  # what is imported stays; to look through it meanwhile takes a tenth more
        from autograder.grading.classroom import ClassDirectory
        from autograder.grading.grade import Settings
        from autograder.grading.grade import grade as grade_lesson

        gc.enable()
        room = ClassDirectory.at(course, db)
        name = room.lesson(lesson)
        settings = Settings(jobs, student, regrade, apply, unsandboxed, scheduler, full)
        with progress("grading", quiet=as_json) as shown:
            run = grade_lesson(room, name, settings, shown, zygote)
    if as_json:
        put_json(run.to_json())
        if run.attention:
            raise typer.Exit(ATTENTION)
        return
    _tell_run(run)


def _tell_run(run) -> None:
    """Print what came of a grading run."""
    for outcome in run.outcomes:
        for flag in outcome.flags:
            say(f"look at {outcome.student}: {flag}")
    for move in run.moves:
        before = "nothing" if move.old is None else f"{move.old:g}"
        say(f"{move.student}: {before} -> {move.new:g}")
    if run.moves and not run.applied:
        say(f"{len(run.moves)} scores would move; `--regrade --apply` lets them.")
    elif not run.applied:
        say("No score would move.")
    if run.outdated:
        say(
            f"{len(run.outdated)} results come from an older lesson or judge and stay as they "
            f"are: `autograder grade {run.lesson} --regrade` says whose score would move."
        )
    fresh = sum(outcome.fresh for outcome in run.outcomes)
    say(f"Isolation: {run.isolation}. Graded in this run: {fresh}.")
    tell(run.outcomes, f"graded: `autograder report {run.lesson}` shows the class")


@app.command()
def replay(
    student: Annotated[str, typer.Argument(help="Whose answer.")],
    lesson: Lesson,
    exercise: Annotated[str | None, typer.Argument(help="One exercise; all if none.")] = None,
    course: Course = Path(),
) -> None:
    """Judge a student's graded answers again on the very same inputs; nothing is written."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.replay import replay as replay_answers

    differing = 0
    for one in replay_answers(ClassDirectory.at(course), student, lesson, exercise):
        say(f"{one.exercise}: {one.now} (recorded: {one.then}), seed {one.seed}")
        if one.message:
            say(f"  {one.message}")
        differing += one.now != one.then
    if differing:
        say(f"{differing} verdicts differ from what was recorded.")
        raise typer.Exit(ATTENTION)


@app.command()
def receipt(
    student: Annotated[str, typer.Argument(help="Whose submission.")],
    lesson: Lesson,
    shown: Annotated[str | None, typer.Option("--verify", help="A receipt to check.")] = None,
    course: Course = Path(),
) -> None:
    """Print what a student handed in, when, and the receipts; or check a receipt."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.ledger import Ledger

    room = ClassDirectory.at(course)
    name = room.lesson(lesson)
    with Ledger(room.root) as ledger:
        attempts = ledger.attempts(student, name)
        if not attempts:
            raise LessonError(f"The ledger knows no submission of {student} for {name}.")
        if shown is not None:
            if not any(ledger.verify(shown, attempt) for attempt in attempts):
                say(f"This is no receipt of {student} for {name}.")
                raise typer.Exit(ATTENTION)
            attempts = [attempt for attempt in attempts if ledger.verify(shown, attempt)]
    for attempt in attempts:
        say(f"attempt {attempt.attempt}, {attempt.received}, SHA-256 {attempt.sha256}")
        say(f"  receipt {attempt.receipt}")


@app.command()
def status(
    lesson: Annotated[str | None, typer.Argument(help="One lesson; all if none.")] = None,
    course: Course = Path(),
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Show what was handed in, what is graded, and what needs attention."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.status import print_status
    from autograder.grading.status import status as find_status

    rows = find_status(ClassDirectory.at(course, db), lesson)
    if as_json:
        put_json(rows)
    else:
        print_status(rows, console)
    if any(row.attention for row in rows):
        raise typer.Exit(ATTENTION)


@app.command()
def doctor(course: Course = Path(), as_json: Json = False) -> None:
    """Say which isolation this machine offers, what is installed, and which limits hold."""
    from autograder.grading.classroom import CONFIG, ClassDirectory
    from autograder.grading.doctor import examine

    room = ClassDirectory.at(course) if (course / CONFIG).is_file() else None
    findings = examine(room)
    if as_json:
        put_json(findings)
    else:
        for finding in findings:
            say(f"{finding.state:<8} {finding.name}: {finding.text}")
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(ATTENTION)


@app.command()
def feedback(
    lesson: Lesson, course: Course = Path(), student: OneStudent = None, db: Database = None
) -> None:
    """Write a feedback page for every graded submission of a lesson."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.feedback import feedback as write_feedback

    room = ClassDirectory.at(course, db)
    name = room.lesson(lesson)
    with progress("feedback") as shown:
        outcomes = write_feedback(room, name, shown, student=student)
    tell(outcomes, f"pages are in {room.feedback('STUDENT', name)}")


@app.command()
def report(lesson: Lesson, course: Course = Path(), db: Database = None) -> None:
    """Show who got what and which mistakes were made: a table, a page, a picture."""
    from autograder.grading.classroom import ClassDirectory
    from autograder.grading.report import print_report, write_report
    from autograder.grading.results import collect

    room = ClassDirectory.at(course, db)
    results = collect(room, lesson)
    page = write_report(room, results)
    print_report(results, console)
    say(f"\nThe page for reading and printing: {near(page)}")
