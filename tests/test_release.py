"""A release that would give away what another lesson asks for, and gradebooks that can't be had."""

import gc
import os
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from autograder.grading.classroom import ClassDirectory
from autograder.grading.init import init_class
from autograder.grading.release import given_away, release
from autograder.notebooks.errors import ClassError
from tests.gradebooks import fill_up, small_disk

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

HOMEWORK, GIVER = "00_gradient_descent", "03_momentum"  # the second hands out gd_step
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    root = tmp_path_factory.mktemp("release") / "room"
    init_class(root)
    course = ClassDirectory.at(root)
    for lesson in (HOMEWORK, GIVER):
        release(course, lesson)
    return course


def due(course, lesson, when):
    with course.gradebook() as book:
        book.update_or_create_assignment(lesson, duedate=when)


@pytest.fixture
def now():
    return datetime.now(UTC).replace(tzinfo=None)


def test_a_rule_that_is_homework_elsewhere_and_not_due_is_told(room, now):
    due(room, HOMEWORK, now + DAY)
    (warning,) = given_away(room, GIVER)
    assert f"{GIVER} gives out gd_step, which {HOMEWORK} asks for" in warning
    assert f"is due on {now + DAY:%Y-%m-%d}" in warning


def test_a_rule_whose_homework_is_over_may_be_given(room, now):
    due(room, HOMEWORK, now - DAY)
    assert given_away(room, GIVER) == []


def test_homework_without_a_date_is_told_as_that(room):
    due(room, HOMEWORK, None)
    (warning,) = given_away(room, GIVER)
    assert "has no due date" in warning


def test_a_lesson_gives_nothing_away_to_itself_nor_what_it_doesn_t_hold(room, now):
    due(room, HOMEWORK, now + DAY)
    due(room, GIVER, now + DAY)
    assert given_away(room, HOMEWORK) == []
    assert len(given_away(room, GIVER)) == 1


# --- a gradebook that can't be had: what is said is good advice


def opened(course):
    with course.gradebook() as book:
        return book.assignments


def test_a_held_gradebook(room):
    holder = sqlite3.connect(room.root / "gradebook.db")
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    url = f"sqlite:///{room.root}/gradebook.db?timeout=0.2"
    try:
        with pytest.raises(ClassError, match=r"held by another program.*nothing was lost") as told:
            opened(ClassDirectory.at(room.root, url))
    finally:
        holder.close()
    assert "move it away" not in str(told.value)


def test_a_gradebook_on_a_full_disk(room, tmp_path):
    with small_disk(tmp_path / "disk", 1024):
        file = tmp_path / "disk" / "gradebook.db"
        file.write_bytes((room.root / "gradebook.db").read_bytes())
        fill_up(tmp_path / "disk")
        course = ClassDirectory.at(room.root, f"sqlite:///{file}")

        def write():
            with course.gradebook() as book:
                for number in range(500):
                    book.add_student(f"student{number:0100}")

        with pytest.raises(ClassError, match=r"can't be written .*full.*nothing was lost") as told:
            write()
        assert "move it away" not in str(told.value)


def test_a_new_gradebook_on_a_full_disk_or_in_no_folder(room, tmp_path):
    with small_disk(tmp_path / "disk", 64):
        fill_up(tmp_path / "disk")
        url = f"sqlite:///{tmp_path}/disk/gradebook.db"
        with pytest.raises(ClassError, match=r"can't be (written|opened)"):
            opened(ClassDirectory.at(room.root, url))
        gc.collect()  # nbgrader leaves a connection open when it fails
        assert os.listdir(tmp_path / "disk") == ["filler"]
    with pytest.raises(ClassError, match=r"can't be opened .*Make the folder"):
        opened(ClassDirectory.at(room.root, f"sqlite:///{tmp_path}/nowhere/gradebook.db"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "URL can't be used"),
        ("mysql+mysqldb://x/y", "needs a driver"),
        ("postgresql+psycopg://teacher:secret@127.0.0.1:1/x", "can't be reached .*nothing was"),
        ("postgresql+psycopg://teacher:secret@/x?host=/nonexistent", "can't be reached"),
    ],
)
def test_a_url_that_leads_to_no_gradebook(room, url, said):
    if "psycopg" in url:
        pytest.importorskip("psycopg", reason="the driver psycopg isn't installed")
    with pytest.raises(ClassError, match=said) as told:
        opened(ClassDirectory.at(room.root, url))
    assert "secret" not in str(told.value)
    assert "move it away" not in str(told.value)
