"""`autograder init` and what must be in order before a class works: policy, gradebook, lessons."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.grading import init
from autograder.grading.classroom import ClassDirectory
from autograder.grading.feedback import feedback
from autograder.grading.grade import grade
from autograder.grading.init import init_class
from autograder.grading.lab import copy_lessons
from autograder.grading.release import is_released, release
from autograder.grading.results import collect
from autograder.notebooks.errors import ClassError
from autograder.notebooks.source import lesson_file

pytestmark = pytest.mark.nbgrader

LESSON = "03_momentum"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class directory that only tests that change nothing in it may use."""
    return init_class(tmp_path_factory.mktemp("classes") / "made")


@pytest.fixture
def room(made, tmp_path):
    """A class directory to be changed."""
    shutil.copytree(made.root, tmp_path / "room")
    return ClassDirectory.at(tmp_path / "room")


def everything(folder):
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_class_directory_is_the_repository_s_course(root, made):
    assert not made.left_alone
    for folder in ("solutions", "lessons"):
        for file in (root / folder).rglob("*.ipynb"):
            if ".ipynb_checkpoints" not in file.parts:
                assert (made.root / file.relative_to(root)).read_bytes() == file.read_bytes()
    for name in ("nbgrader_config.py", "course.toml", "gradebook.db"):
        assert (made.root / name).is_file()


def test_the_command_works_where_the_environment_isnt_activated(tmp_path):
    """nbgrader asks `alembic` from the PATH for a new gradebook; here PATH doesn't have it."""
    assert shutil.which("alembic", path="/usr/bin:/bin") is None
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "init"]
    done = subprocess.run(
        [*command, str(tmp_path / "new")],
        env={**os.environ, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "new" / "gradebook.db") as book:
        assert book.execute("select version_num from alembic_version").fetchone()[0]
    assert "Next: autograder release" in done.stdout


def test_what_is_there_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(init, "create_gradebook", lambda file, course: file.write_text("new"))
    own = tmp_path / "lessons" / LESSON / f"{LESSON}.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    (tmp_path / "gradebook.db").write_text("marks")
    (tmp_path / "notes.txt").write_text("notes")
    again = init_class(tmp_path)
    assert own.read_text() == "mine"
    assert (tmp_path / "gradebook.db").read_text() == "marks"
    assert {file.relative_to(tmp_path) for file in again.left_alone} == {
        own.relative_to(tmp_path),
        Path("gradebook.db"),
    }
    assert init_class(tmp_path).new == ()


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "notes.txt").write_text("notes")
    monkeypatch.setattr(init, "create_gradebook", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(ClassError, match=r"full.*Nothing was changed"):
        init_class(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(ClassError, match="is a file"):
        init_class(tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("toml", "policy"),
    [
        ("", {"solution": "always", "hints": "always"}),
        ('[policy]\nsolution = "never"', {"solution": "never", "hints": "always"}),
        (
            '[policy]\nsolution = "after 2026-12-01"\nhints = "never"',
            {"solution": "after 2026-12-01", "hints": "never"},
        ),
    ],
)
def test_a_policy_goes_with_the_release(room, toml, policy):
    (room.root / "course.toml").write_text(toml)
    assert room.policy == policy


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[policy]\nsolution = yes", "isn't TOML"),
        ('[policy]\nsolution = "sometimes"', "got 'sometimes'"),
        ('[policy]\nhints = "after 2026-13-01"', "got 'after 2026-13-01'"),
        ('[policy]\nsolutions = "never"', "not 'solutions'"),
    ],
)
def test_an_unclear_policy_releases_nothing(room, toml, said):
    (room.root / "course.toml").write_text(toml)
    with pytest.raises(ClassError, match=said):
        release(room, LESSON)
    assert not is_released(room, LESSON)


def test_a_release_is_the_built_lesson_its_policy_and_its_points(room, root):
    (room.root / "course.toml").write_text('[policy]\nsolution = "never"')
    shutil.rmtree(room.root / "lessons")
    assert release(room, "momentum") == LESSON
    released = lesson_file(room.root, LESSON)
    assert released.read_bytes() == lesson_file(root, LESSON).read_bytes()
    assert sorted(file.name for file in released.parent.iterdir()) == [released.name, "policy.json"]
    assert '"solution": "never"' in (released.parent / "policy.json").read_text()
    with room.gradebook() as book:
        assert book.find_assignment(LESSON).max_score == 100
    assert is_released(room, LESSON)


def test_nbgrader_s_own_command_writes_the_same_lesson(room, root):
    """Formgrader's Generate button does what `autograder release` does."""
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", LESSON, "--force"]
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/bin"])}
    subprocess.run(command, cwd=room.root, env=env, check=True, capture_output=True)
    assert lesson_file(room.root, LESSON).read_bytes() == lesson_file(root, LESSON).read_bytes()
    assert not list((room.root / "lessons" / LESSON).glob("*.py"))


@pytest.mark.parametrize("act", [release, grade, feedback, collect])
def test_a_lesson_that_isnt_there_is_told(made, act):
    with pytest.raises(ClassError, match=r"no lesson '03_momentun'.*Did you mean '03_momentum'"):
        act(ClassDirectory.at(made.root), "03_momentun")


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 99]
)
def test_an_unreadable_gradebook_is_told_and_left_alone(room, content):
    (room.root / "gradebook.db").write_bytes(content)
    submitted = room.submission("ada", LESSON)
    shutil.copytree(lesson_file(room.root, LESSON).parent, submitted)
    before = everything(room.root)
    for act in (release, grade, collect):
        with pytest.raises(ClassError, match=r"gradebook.db can't be read.*Put a copy back"):
            act(room, LESSON)
    assert everything(room.root) == before


def test_a_gradebook_in_use_is_told(room):
    with sqlite3.connect(room.root / "gradebook.db") as other:
        other.execute("begin exclusive")
        with pytest.raises(ClassError, match="held by another program"):
            release(room, LESSON)


def test_a_folder_that_is_no_class_directory_is_told(tmp_path):
    with pytest.raises(ClassError, match=r"holds no nbgrader_config\.py.*autograder init"):
        ClassDirectory.at(tmp_path)


def test_a_broken_configuration_is_told(room):
    (room.root / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(ClassError, match=r"nbgrader_config\.py can't be read: SyntaxError"):
        release(room, LESSON)


def test_nothing_handed_in_or_released_is_told(room):
    with pytest.raises(ClassError, match="was not released"):
        grade(room, LESSON)
    release(room, LESSON)
    for act in (grade, feedback):
        with pytest.raises(ClassError, match="Nobody has handed in"):
            act(room, LESSON)


def test_a_damaged_teacher_s_notebook_releases_nothing(room):
    file = room.root / "solutions" / LESSON / f"{LESSON}.ipynb"
    file.write_text("{")
    before = everything(room.root / "lessons")
    with pytest.raises(ClassError, match=r"isn't JSON.*autograder build"):
        release(room, LESSON)
    assert everything(room.root / "lessons") == before


def test_the_learner_s_copies_are_never_overwritten(room):
    copied, kept = copy_lessons(room)
    own = room.root / "work" / LESSON / f"{LESSON}.ipynb"
    assert own in copied
    assert not kept
    own.write_text("mine")
    copied, kept = copy_lessons(room)
    assert (copied, kept) == ([], sorted(kept))
    assert own in kept
    assert own.read_text() == "mine"


def run(monkeypatch, *words):
    """The command's exit code, run in this process."""
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, words)])
    with pytest.raises(SystemExit) as done:
        main()
    return done.value.code


@pytest.mark.parametrize("command", ["release", "grade", "feedback", "report"])
def test_the_command_refuses_in_one_sentence(monkeypatch, capsys, made, command):
    assert run(monkeypatch, command, "03_momentun", "--course", made.root) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("autograder: There is no lesson '03_momentun'")


def test_a_class_by_the_command(monkeypatch, capsys, room):
    """Release, grade with somebody who needs a look, report: the exit code says so."""
    where = ("--course", room.root)
    assert run(monkeypatch, "build", "--check", *where) == 0
    assert run(monkeypatch, "release", "momentum", *where) == 0
    for student, text in (
        ("ada", lesson_file(room.root, LESSON).read_text()),
        ("bo", "no notebook"),
    ):
        file = room.submission(student, LESSON) / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    assert run(monkeypatch, "grade", "momentum", *where) == 1
    assert run(monkeypatch, "report", "momentum", *where) == 0
    said = capsys.readouterr().out
    assert "Released 03_momentum: hints always, solution always." in said
    assert "1 of 2 graded" in said
    assert "bo needs attention" in said
    assert (room.root / "report" / LESSON / "index.html").is_file()
    source = room.root / "solutions" / LESSON / f"{LESSON}.py"
    source.write_text(source.read_text().replace("# # ", "# # New: ", 1))
    assert run(monkeypatch, "build", "--check", *where) == 1
    assert "New: " not in lesson_file(room.root, LESSON).read_text()
    assert run(monkeypatch, "build", *where) == 0
    assert "New: " in lesson_file(room.root, LESSON).read_text()
