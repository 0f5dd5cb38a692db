"""The one writer against nbgrader's own autograde: the same rows, and nothing lost on the way."""

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.plugins.export import CsvExportPlugin
from nbgrader.utils import determine_grade, is_grade, is_solution

from autograder.grading import database, rows
from autograder.grading.classroom import CONFIG, ClassDirectory, put_scripts_on_path
from autograder.grading.init import init_class
from autograder.grading.logs import Log, quiet
from autograder.grading.publish import Move, Publisher, Unpublishable
from autograder.grading.release import release
from autograder.grading.results import collect
from autograder.notebooks import fill
from autograder.notebooks.build import to_text
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file, solution_file
from autograder.notebooks.submission import marked_cells, read_notebook
from tests.gradebooks import (
    LESSON,
    all_rows,
    fill_up,
    handed_in_at,
    mark_by_hand,
    new_database,
    postgres_server,
    small_disk,
    url_of,
)

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

NAME = "momentum_step"
CHECK = f"{NAME}__check"
FREE_TEXT = "momentum__why"
DUE = datetime(2026, 3, 1, 12)
LATE_PLUGIN = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
HANDED_IN = {
    "right": "2026-03-01 11:59:59.000000 UTC",
    "mistaken": "2026-03-01 11:30:00.000000 UTC",
    "late": "2026-03-01 12:00:01.000000 UTC",
    "extended": "2026-03-02 11:00:00.000000 UTC",
}


def new_class(root, config=""):
    """A class directory with the lesson released; `config` is added to its configuration."""
    init_class(root)
    file = root / CONFIG
    file.write_text(file.read_text() + LATE_PLUGIN + config)
    course = ClassDirectory.at(root)
    release(course, LESSON)
    with course.gradebook() as book:
        book.update_or_create_assignment(LESSON, duedate=DUE)
        book.add_student("extended", first_name="Ada", last_name="L.")
        book.add_submission(LESSON, "extended")
        book.grant_extension(LESSON, "extended", days=1)
    return course


def hand_in(course):
    """Submissions of all kinds."""
    lesson = read_notebook(lesson_file(course.root, LESSON))
    solution = read_notebook(solution_file(course.root, LESSON))
    names = [name for name, cell in marked_cells(lesson) if cell.metadata.nbgrader.solution]
    right = fill.filled(lesson, {name: fill.right(name, solution) for name in names})
    mistaken = fill.filled(lesson, {NAME: fill.mistakes(NAME)[0]})
    kinds = {"right": right, "mistaken": mistaken, "late": right, "extended": mistaken}
    for student, notebook in {**kinds, "untouched": lesson}.items():
        folder = course.submission(student, LESSON)
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_text(to_text(notebook))
        if student in HANDED_IN:
            (folder / "timestamp.txt").write_text(HANDED_IN[student])


def nbgrader_grades(course, student="*"):
    put_scripts_on_path()
    folders = course.nbgrader(assignment_id=LESSON, student_id=student)
    converter = Autograde(coursedir=folders, config=course.config)
    converter.force = True
    Log.of(converter)
    with quiet():
        converter.start()


def result_of(course, student):
    """What the engine would hand over for a notebook that nbgrader graded."""
    notebook = read_notebook(course.autograded(student, LESSON))
    cells = []
    for name, cell in marked_cells(notebook):
        if is_grade(cell) and not is_solution(cell):
            points, most = determine_grade(cell)
            cells.append({"grade_id": name, "points": points, "max_points": most})
    return {"state": "graded", "cells": cells, "notebook": dict(notebook)}


def changed(result, points):
    """A result in which the first exercise has other points."""
    copy = deepcopy(result)
    next(cell for cell in copy["cells"] if cell["grade_id"] == CHECK)["points"] = points
    return copy


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Two classes that were the same until nbgrader graded the first, and its results."""
    folder = tmp_path_factory.mktemp("publish")
    before = new_class(folder / "before")
    hand_in(before)
    shutil.copytree(before.root, folder / "oracle")
    oracle = ClassDirectory.at(folder / "oracle")
    nbgrader_grades(oracle)
    results = {student: result_of(oracle, student) for student in before.students(LESSON)}
    assert len(results) == 5
    return before, oracle, results


@pytest.fixture
def room(graded, tmp_path):
    """A class whose submissions weren't graded yet."""
    shutil.copytree(graded[0].root, tmp_path / "room")
    return ClassDirectory.at(tmp_path / "room")


@pytest.fixture
def results(graded):
    return graded[2]


def publish_all(course, results, db_url=None):
    with Publisher(course, LESSON, db_url) as publisher:
        for student, result in results.items():
            at = handed_in_at(course.submission(student, LESSON))
            publisher.publish(student, result, timestamp=at)


def mark_both(*courses):
    for course in courses:
        mark_by_hand(course, "right", FREE_TEXT, 5.5)
        mark_by_hand(course, "mistaken", CHECK, 3.0, 0.5)


# --- the same as nbgrader


def test_every_row_is_what_nbgrader_wrote(graded, room, results):
    publish_all(room, results)
    ours, theirs = all_rows(url_of(room)), all_rows(url_of(graded[1]))
    assert ours == theirs
    assert len(ours["grade"]) == 5 * len(results["right"]["cells"]) + 5  # and a free text each
    assert any("late_submission_penalty': 94.0" in row for row in ours["submitted_notebook"])
    assert sum("No response." in row for row in ours["comment"]) > 10


def test_the_files_are_what_nbgrader_wrote(graded, room, results):
    publish_all(room, results)
    for student in results:
        ours, theirs = (c.autograded(student, LESSON) for c in (room, graded[1]))
        assert read_notebook(ours) == read_notebook(theirs)
        assert ours.stat().st_mode == theirs.stat().st_mode
        assert {f.name for f in ours.parent.iterdir()} == {f.name for f in theirs.parent.iterdir()}
        assert handed_in_at(ours.parent) == handed_in_at(theirs.parent)
    assert not list((room.root / "autograded").glob(".*"))
    assert collect(room, LESSON).results == collect(graded[1], LESSON).results


def test_what_a_notebook_says_of_its_released_text_is_not_trusted(graded, room, results):
    """The gradebook knows the checksums: a notebook may lack them or tell others."""
    told = deepcopy(results)
    for result in told.values():
        for cell in result["notebook"]["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            if marks.pop("checksum", None) and marks["solution"]:
                marks["checksum"] = "0" * 32
    before = deepcopy(told)
    publish_all(room, told)
    assert told == before
    assert all_rows(url_of(room)) == all_rows(url_of(graded[1]))
    for student in told:
        ours, theirs = (c.autograded(student, LESSON) for c in (room, graded[1]))
        assert read_notebook(ours) == read_notebook(theirs)


def test_publishing_twice_is_publishing_once(room, results):
    publish_all(room, results)
    once, files = all_rows(url_of(room)), contents(room)
    publish_all(room, results)
    assert (all_rows(url_of(room)), contents(room)) == (once, files)


def test_a_file_is_switched_and_never_written_over(room, results):
    publish_all(room, {"right": changed(results["right"], 1.0)})
    file = room.autograded("right", LESSON)
    os.link(file, room.root / "opened before")
    before = file.read_bytes()
    shorter = deepcopy(results["right"])
    shorter["notebook"]["cells"][0]["source"] = "# Another"
    publish_all(room, {"right": shorter})
    assert file.read_bytes() != before == (room.root / "opened before").read_bytes()


def contents(course):
    folder = course.root / "autograded"
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_marks_by_hand_survive_a_regrade_as_with_nbgrader(graded, room, results, tmp_path):
    shutil.copytree(graded[1].root, tmp_path / "oracle")
    oracle = ClassDirectory.at(tmp_path / "oracle")
    publish_all(room, results)
    mark_both(room, oracle)
    publish_all(room, results)
    for student in ("right", "mistaken"):
        nbgrader_grades(oracle, student)
    assert all_rows(url_of(room)) == all_rows(url_of(oracle))
    with room.gradebook() as book:
        grade = book.find_grade(CHECK, LESSON, LESSON, "mistaken")
        assert (grade.auto_score, grade.manual_score, grade.score) == (0, 3.0, 3.5)
        assert grade.needs_manual_grade
        assert book.find_comment(NAME, LESSON, LESSON, "mistaken").comment == "Well <put>."


def test_nbgrader_may_grade_again_after_us(graded, room, results):
    publish_all(room, {student: changed(result, 1.0) for student, result in results.items()})
    assert all_rows(url_of(room)) != all_rows(url_of(graded[1]))
    publish_all(room, {s: r for s, r in results.items() if s != "right"})
    nbgrader_grades(room, "right")
    assert all_rows(url_of(room)) == all_rows(url_of(graded[1]))


@pytest.fixture(scope="module")
def seen_by_formgrader(graded):
    """What formgrader shows of the class that nbgrader graded."""
    return formgrader(graded[1])


def test_formgrader_sees_the_same(seen_by_formgrader, room, results):
    publish_all(room, results)
    assert formgrader(room) == seen_by_formgrader
    submissions = seen_by_formgrader["submissions"]
    assert all(submission["autograded"] for submission in submissions)
    waiting = {s["student"] for s in submissions if s["needs_manual_grade"]}
    assert waiting == {"right", "late"}


def formgrader(course):
    """Everything that formgrader's pages ask for, but ids."""
    with quiet():
        api = NbGraderAPI(coursedir=course.nbgrader(), config=course.config)
        pages = {
            "assignments": api.get_assignments(),
            "notebooks": api.get_notebooks(LESSON),
            "submissions": api.get_submissions(LESSON),
            "notebook": api.get_notebook_submissions(LESSON, LESSON),
            "students": api.get_students(),
            "student": [api.get_student_submissions(s) for s in course.students(LESSON)],
            "one": api.get_student_notebook_submissions("right", LESSON),
        }
        with api.gradebook as book:
            for kind in ("grades", "comments"):
                pages[kind] = [
                    sorted((row.to_dict() for row in getattr(notebook, kind)), key=by_name)
                    for student in course.students(LESSON)
                    for notebook in book.find_submission(LESSON, student).notebooks
                ]
    return without_ids(pages)


def by_name(row):
    return row["name"]


RANDOM_ID = re.compile("[0-9a-f]{32}|None")


def without_ids(value):
    if isinstance(value, dict):
        drawn = {"index"} | ({"id"} if RANDOM_ID.fullmatch(str(value.get("id"))) else set())
        return {key: without_ids(v) for key, v in value.items() if key not in drawn}
    if isinstance(value, list):
        return sorted((without_ids(v) for v in value), key=repr)
    return value


def test_feedback_and_export_are_the_same(graded, room, results, tmp_path):
    publish_all(room, results)
    pages, tables = [], []
    for course in (room, graded[1]):
        folders = course.nbgrader(assignment_id=LESSON, student_id="late")
        converter = GenerateFeedback(coursedir=folders, config=course.config)
        converter.force = True
        Log.of(converter)
        with quiet(), course.gradebook() as book:
            converter.start()
            export = CsvExportPlugin()
            export.to = str(tmp_path / "grades.csv")
            export.export(book)
        pages.append(course.feedback("late", LESSON).read_text())
        tables.append((tmp_path / "grades.csv").read_text())
    assert pages[0] == pages[1]
    assert "-94.0" in pages[0] or "94.0" in pages[0]
    assert tables[0] == tables[1]
    assert sum(",94.0,94.0,0.0," in line for line in tables[0].splitlines()) == 1


# --- what a result may say


def test_a_preview_says_who_would_move_and_writes_nothing(room, results):
    with Publisher(room, LESSON) as publisher:
        assert publisher.preview("right", results["right"]) == (None, 94.0)
    publish_all(room, results)
    mark_by_hand(room, "mistaken", CHECK, 3.0, 0.5)
    before, files = all_rows(url_of(room)), contents(room)
    with Publisher(room, LESSON) as publisher:
        fewer = {student: changed(result, 1.0) for student, result in results.items()}
        assert publisher.preview("right", results["right"]) == (94.0, 94.0)
        worth = next(c["max_points"] for c in results["right"]["cells"] if c["grade_id"] == CHECK)
        assert publisher.preview("right", fewer["right"]) == (94.0, 94.0 - worth + 1)
        moves = list(publisher.moves(fewer.items()))
        late = DUE + timedelta(seconds=1)
        assert publisher.preview("right", results["right"], timestamp=late) == (94.0, 0.0)
        assert publisher.preview("nobody", fewer["right"]) == (None, 94.0 - worth + 1)
    expected = [  # "late" has 0 either way, and the mark by hand of "mistaken" stands
        Move("extended", 0.0, 1.0),
        Move("right", 94.0, 94.0 - worth + 1),
        Move("untouched", 0.0, 1.0),
    ]
    assert sorted(moves, key=repr) == expected
    assert (all_rows(url_of(room)), contents(room)) == (before, files)
    publish_all(room, fewer)
    with Publisher(room, LESSON) as publisher:
        now = {student: publisher.preview(student, fewer[student])[0] for student in fewer}
    for move in moves:
        assert now[move.student] == move.new


@pytest.mark.parametrize(
    ("points", "said"),
    [(-1.0, "-1.0 points"), (1000, "1000 points"), (float("nan"), "nan points")],
)
def test_points_that_can_t_be_are_refused(room, results, points, said):
    with Publisher(room, LESSON) as publisher, pytest.raises(Unpublishable, match=said):
        publisher.publish("right", changed(results["right"], points), timestamp=None)
    assert "right" not in str(all_rows(url_of(room))["student"])


def test_a_result_that_is_not_whole_is_refused(room, results):
    result = results["right"]
    fewer = {**result, "cells": [c for c in result["cells"] if c["grade_id"] != CHECK]}
    worth = deepcopy(result)
    worth["cells"][0]["max_points"] = 99.0
    other = deepcopy(result)
    other["notebook"]["cells"] = [c for c in other["notebook"]["cells"] if c["id"] != CHECK]
    with Publisher(room, LESSON) as publisher:
        for wrong, refusal, said in (
            ({**result, "state": "attention"}, Unpublishable, "no points to enter"),
            (fewer, Unpublishable, f"no verdict for {CHECK}"),
            (worth, ClassError, "changed after its release"),
            (other, ClassError, f"other cells than the gradebook knows .{CHECK}."),
        ):
            with pytest.raises(refusal, match=said):
                publisher.publish("right", wrong, timestamp=None)
    assert not (room.root / "autograded").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "n" * 129, "new\nline", "\udc80"])
def test_a_name_that_is_none_is_refused(room, results, name):
    with Publisher(room, LESSON) as publisher, pytest.raises(Unpublishable, match="a name has 1"):
        publisher.publish(name, results["right"], timestamp=None)


def test_a_time_of_handing_in(room, results):
    folder = room.submission("right", LESSON)
    assert handed_in_at(folder) == DUE - timedelta(seconds=1)
    assert handed_in_at(room.submission("untouched", LESSON)) is None
    stamp = room.autograded("right", LESSON).with_name("timestamp.txt")
    with Publisher(room, LESSON) as publisher:
        aware = datetime(2026, 3, 1, 12, tzinfo=UTC)
        publisher.publish("right", results["right"], timestamp=aware)
        assert handed_in_at(stamp.parent) == DUE
        publisher.publish("right", results["right"], timestamp=None)
        assert not stamp.exists()
    with room.gradebook() as book:  # nbgrader keeps what it knew, too
        assert book.find_submission(LESSON, "right").timestamp == DUE


LATE = """
from nbgrader.plugins import BasePlugin

class Costs(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {answer}
"""


@pytest.mark.parametrize(
    ("answer", "penalty"),
    [("None", None), ("-3", 0.0), ("score + 1", 94.0), ("total_seconds_late / 4", 15.0)],
)
def test_a_plugin_of_the_class_says_what_being_late_costs(
    room, results, tmp_path, monkeypatch, answer, penalty
):
    monkeypatch.syspath_prepend(tmp_path)
    name = f"late_{random.getrandbits(60):x}"
    (tmp_path / f"{name}.py").write_text(LATE.format(answer=answer))
    config = room.root / CONFIG
    config.write_text(f"{config.read_text()}\nc.AssignLatePenalties.plugin_class = '{name}.Costs'")
    course = ClassDirectory.at(room.root)
    with Publisher(course, LESSON) as publisher:
        publisher.publish("right", results["right"], timestamp=DUE + timedelta(minutes=1))
    assert penalty_of(course, "right") == penalty
    with Publisher(course, LESSON) as publisher:
        publisher.publish("right", results["right"], timestamp=DUE)
    assert penalty_of(course, "right") is None


def penalty_of(course, student):
    with course.gradebook() as book:
        return book.find_submission_notebook(LESSON, LESSON, student).late_submission_penalty


def test_a_plugin_that_fails_is_told(room, results, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "late_and_broken.py").write_text(LATE.format(answer="1 / 0"))
    config = room.root / CONFIG
    text = config.read_text()
    for plugin, said in (
        ("late_and_broken.Costs", "plugin Costs failed for right .ZeroDivisionError"),
        ("nowhere.Costs", "names a late penalty that can't be loaded"),
    ):
        config.write_text(f"{text}\nc.AssignLatePenalties.plugin_class = '{plugin}'")
        with (
            pytest.raises(ClassError, match=said),
            Publisher(ClassDirectory.at(room.root), LESSON) as publisher,
        ):
            publisher.publish("right", results["right"], timestamp=DUE + timedelta(minutes=1))
    assert "right" not in str(all_rows(url_of(room))["student"])


def test_a_class_may_enter_its_students_itself(room, results):
    config = room.root / CONFIG
    config.write_text(config.read_text() + "\nc.Autograde.create_student = False\n")
    with Publisher(ClassDirectory.at(room.root), LESSON) as publisher:
        publisher.publish("extended", results["extended"], timestamp=None)
        with pytest.raises(Unpublishable, match="right isn't in the gradebook"):
            publisher.publish("right", results["right"], timestamp=None)


def test_a_group_may_share_what_is_written(room, results):
    config = room.root / CONFIG
    config.write_text(config.read_text() + "\nc.CourseDirectory.groupshared = True\n")
    publish_all(ClassDirectory.at(room.root), results)
    file = room.autograded("right", LESSON)
    assert file.stat().st_mode & 0o777 == 0o664
    assert file.parent.stat().st_mode & 0o2770 == 0o2770


# --- a gradebook that isn't as it should be


def test_a_lesson_that_was_not_released_is_refused(room, tmp_path):
    with pytest.raises(ClassError, match="04_adaptive was not released"):
        Publisher(room, "04_adaptive")
    (tmp_path / "empty.db").touch()
    with pytest.raises(ClassError, match="was not released"):
        Publisher(room, LESSON, f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(ClassError, match="There is no gradebook"):
        Publisher(room, LESSON, f"sqlite:///{tmp_path}/nowhere.db")
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "noise.db").write_text("no database at all, but long enough for a header" * 9)
    with pytest.raises(ClassError, match="can't be read"):
        Publisher(room, LESSON, f"sqlite:///{tmp_path}/noise.db")
    for url, said in (("no url", "URL can't be used"), ("mysql+mysqldb://x/y", "needs a driver")):
        with pytest.raises(ClassError, match=said):
            Publisher(room, LESSON, url)


def test_a_student_who_is_added_in_the_same_moment(room, results, monkeypatch):
    publish_all(room, {"right": changed(results["right"], 1.0)})
    find, asked = rows.find_entry, []

    def too_early(*args):
        asked.append(args)
        return rows.Entry() if len(asked) == 1 else find(*args)

    monkeypatch.setattr(rows, "find_entry", too_early)
    publish_all(room, {"right": results["right"]})
    assert len(asked) == 2
    with room.gradebook() as book:
        assert book.find_submission(LESSON, "right").score == 94


def test_a_gradebook_that_another_program_holds_is_waited_for(room, results):
    holder = sqlite3.connect(room.root / "gradebook.db", check_same_thread=False)
    with Publisher(room, LESSON) as publisher:
        holder.execute("BEGIN EXCLUSIVE")
        threading.Timer(0.5, holder.rollback).start()
        publisher.publish("right", results["right"], timestamp=None)
        assert publisher.preview("right", results["right"]) == (94.0, 94.0)
    holder.close()


def test_two_writers_take_turns(graded, room, results):
    """A program that reads first and then wants to write would be refused at once, not wait."""
    refused = []

    def write(students):
        try:
            for _ in range(15):
                publish_all(room, {student: results[student] for student in students})
        except ClassError as error:
            refused.append(error)

    groups = (("right", "untouched"), ("mistaken", "extended"))
    threads = [threading.Thread(target=write, args=[group]) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    publish_all(room, results)
    assert all_rows(url_of(room)) == all_rows(url_of(graded[1]))


def test_a_gradebook_that_is_held_too_long_is_told(room, results, monkeypatch):
    publish_all(room, {"right": changed(results["right"], 1.0)})
    files = contents(room)
    monkeypatch.setattr(database, "WAIT", 0.1)
    holder = sqlite3.connect(room.root / "gradebook.db")
    with Publisher(room, LESSON) as publisher:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ClassError, match=r"held by another program.*nothing was lost"):
            publisher.publish("right", results["right"], timestamp=None)
        assert contents(room) == files
        holder.rollback()
        publisher.publish("right", results["right"], timestamp=None)
    holder.close()
    with room.gradebook() as book:
        assert book.find_submission(LESSON, "right").score == 94


# --- a disk that is full


def test_no_room_for_a_notebook(graded, room, results):
    folder = room.root / "autograded"
    with small_disk(folder, 1024):
        publish_all(room, {"right": changed(results["right"], 1.0)})
        before = all_rows(url_of(room))
        fill_up(folder)
        files = contents(room)
        with pytest.raises(ClassError, match=r"No space left.*nothing was lost"):
            publish_all(room, results)
        assert (all_rows(url_of(room)), contents(room)) == (before, files)
        (folder / "filler").unlink()
        publish_all(room, results)
        assert all_rows(url_of(room)) == all_rows(url_of(graded[1]))


def test_no_room_for_the_gradebook(graded, room, results, tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, 1024):
        shutil.copy(room.root / "gradebook.db", disk)
        url = f"sqlite:///{disk}/gradebook.db"
        publish_all(room, {"right": changed(results["right"], 1.0)}, url)
        before, files = all_rows(url), contents(room)
        fill_up(disk)
        with pytest.raises(ClassError, match=r"can't be written .*full.*nothing was lost"):
            publish_all(room, results, url)
        assert contents(room) == files
        (disk / "filler").unlink()
        assert all_rows(url) == before
        publish_all(room, results, url)
        assert all_rows(url) == all_rows(url_of(graded[1]))


# --- kill -9

KILLED = '''
"""Publish, die at the n-th step, look at what is left, publish again; for every n."""
import itertools, json, os, shutil, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from autograder.grading.classroom import ClassDirectory
from autograder.grading.publish import Publisher

room, states = Path(sys.argv[1]), Path(sys.argv[2])
results = json.loads(Path(sys.argv[3]).read_text())
course = ClassDirectory.at(room)

def publish(step=lambda *args: None):
    with Publisher(course, "03_momentum") as publisher:
        event.listen(publisher._engine, "before_cursor_execute", step)
        event.listen(publisher._engine, "commit", step)
        for student, result in results.items():
            publisher.publish(student, result, timestamp=datetime(2026, 2, 1))
            step()

def dying(n):
    steps = itertools.count(1)
    def step(*args):
        if next(steps) == n:
            os.kill(os.getpid(), signal.SIGKILL)
    def before_and_after(function):
        def wrapped(*args, **kwargs):
            step()
            done = function(*args, **kwargs)
            step()
            return done
        return wrapped
    os.replace, os.fsync = before_and_after(os.replace), before_and_after(os.fsync)
    publish(step)

def in_child(work, *args):
    child = os.fork()
    if child == 0:
        try:
            work(*args)
            os._exit(0)
        except BaseException as error:
            print(type(error), error, file=sys.stderr)
            os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def keep(name):
    # with a journal that is still hot, as the next program would find it
    for part in room.glob("gradebook.db*"):
        (states / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(part, states / name)
    shutil.copytree(room / "autograded", states / name / "autograded")

pristine = states / "pristine"
keep("pristine")
for n in itertools.count(1):
    for part in room.glob("gradebook.db*"):
        part.unlink()
    shutil.copy(pristine / "gradebook.db", room)
    shutil.rmtree(room / "autograded")
    shutil.copytree(pristine / "autograded", room / "autograded")
    code = in_child(dying, n)
    keep(f"{n}-left")
    assert in_child(publish) == 0
    keep(f"{n}-again")
    if code == 0:
        break
    assert code == -signal.SIGKILL, code
print(n)
'''


def test_killed_at_any_step_and_started_again_comes_to_the_same(room, results, tmp_path):
    publish_all(room, {"right": changed(results["right"], 1.0)})
    mark_by_hand(room, "right", FREE_TEXT, 5.5)
    both = {"right": results["right"], "fresh": results["mistaken"]}
    (tmp_path / "results.json").write_text(json.dumps(both))
    states = tmp_path / "states"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, room.root, states, tmp_path / "results.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps > 30

    def state(name):
        url = f"sqlite:///{states / name}/gradebook.db"
        with sqlite3.connect(states / name / "gradebook.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.close()
        files = [f for f in (states / name / "autograded").rglob("*") if f.is_file()]
        found = {f.relative_to(states / name): f.read_bytes() for f in files}
        return all_rows(url), {k: v for k, v in found.items() if not k.name.startswith(".")}, found

    undisturbed = state(f"{steps}-again")
    assert "5.5" in str(undisturbed[0]["grade"])
    whole = {*undisturbed[1].values(), *state("pristine")[1].values()}
    seen = []
    for n in range(1, steps + 1):
        books, shown, _ = state(f"{n}-left")
        seen.append(str(books))
        assert set(shown.values()) <= whole
        if books == undisturbed[0]:  # the rows come last
            assert shown == undisturbed[1]
        assert state(f"{n}-again") == undisturbed  # and no draft is left
    assert len(set(seen)) == 3  # nobody, the first, both: a student's rows come all at once


# --- PostgreSQL


@pytest.fixture(scope="module")
def postgres():
    """The URL of an empty database on a server of its own."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def postgres_class(postgres, tmp_path_factory):
    """A class whose gradebook is a database of the server."""
    url = new_database(postgres)
    folder = tmp_path_factory.mktemp("postgres") / "room"
    course = new_class(folder, f"c.CourseDirectory.db_url = {url!r}\n")
    hand_in(course)
    return course


@pytest.fixture
def postgres_room(postgres, postgres_class, tmp_path):
    """A copy of that class, with a database of its own."""
    shutil.copytree(postgres_class.root, tmp_path / "pg")
    old = url_of(postgres_class)
    url = new_database(postgres, sqlalchemy.make_url(old).database)
    config = tmp_path / "pg" / CONFIG
    config.write_text(config.read_text().replace(old, url))
    return ClassDirectory.at(tmp_path / "pg")


def test_postgresql_holds_the_same_rows(graded, seen_by_formgrader, postgres_room, results):
    assert url_of(postgres_room).startswith("postgresql")
    publish_all(postgres_room, results)
    theirs = all_rows(url_of(graded[1]))
    assert all_rows(url_of(postgres_room)) == theirs
    publish_all(postgres_room, {s: changed(r, 1.0) for s, r in results.items()})
    publish_all(postgres_room, results)
    assert all_rows(url_of(postgres_room)) == theirs
    assert formgrader(postgres_room) == seen_by_formgrader
    nbgrader_grades(postgres_room, "mistaken")
    assert all_rows(url_of(postgres_room)) == theirs


def test_postgresql_keeps_marks_and_says_who_moves(postgres_room, results):
    publish_all(postgres_room, results)
    mark_both(postgres_room)
    with Publisher(postgres_room, LESSON) as publisher:
        assert publisher.preview("right", results["right"]) == (99.5, 99.5)
        fewer = changed(results["right"], 0.0)
        worth = next(c["max_points"] for c in fewer["cells"] if c["grade_id"] == CHECK)
        publisher.publish("right", fewer, timestamp=DUE)
        assert publisher.preview("right", results["right"]) == (99.5 - worth, 99.5)


def test_postgresql_held_by_another_program(postgres_room, results, monkeypatch):
    publish_all(postgres_room, results)
    before = all_rows(url_of(postgres_room))
    monkeypatch.setattr(database, "WAIT", 0.2)
    engine = sqlalchemy.create_engine(url_of(postgres_room))
    with engine.connect() as holder, Publisher(postgres_room, LESSON) as publisher:
        holder.execute(sqlalchemy.text("LOCK TABLE grade IN EXCLUSIVE MODE"))
        with pytest.raises(ClassError, match=r"held by another program.*nothing was lost"):
            publisher.publish("right", changed(results["right"], 0.0), timestamp=DUE)
        holder.rollback()
        assert all_rows(url_of(postgres_room)) == before
        publisher.publish(
            "right",
            results["right"],
            timestamp=handed_in_at(postgres_room.submission("right", LESSON)),
        )
    engine.dispose()
    assert all_rows(url_of(postgres_room)) == before


def test_a_server_that_doesn_t_answer_is_told(room):
    pytest.importorskip("psycopg")
    url = "postgresql+psycopg://teacher:secret@/nowhere?host=/nonexistent"
    with pytest.raises(ClassError, match=r"can't be reached.*nothing was lost") as told:
        Publisher(room, LESSON, url)
    assert "move it away" not in str(told.value)
    assert "secret" not in str(told.value)


def test_the_gradebook_opens_with_nbgrader_s_own_command(room, results):
    """The schema is the one that this nbgrader knows: nothing was added to it."""
    publish_all(room, results)
    with quiet(), Gradebook(url_of(room), "descentlab") as book:
        assert {student.id for student in book.students} == set(results)
        assert book.find_submission(LESSON, "late").late_submission_penalty == 94
