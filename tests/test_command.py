"""What the command says to programs: JSON and nothing else, exit codes that tell; and `--db`."""

import json
import shutil
import zipfile

import pytest

from autograder.cli import main
from autograder.grading.classroom import ClassDirectory
from autograder.grading.init import init_class
from autograder.grading.release import release
from tests.gradebooks import all_rows, new_database, postgres_server, url_of
from tests.killable import LESSON, WALLS, hand_in, kinds_of_students

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

GRADE = ["grade", LESSON, "--jobs", "1", *([] if WALLS else ["--unsandboxed"])]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A class with nobody in it, and what students could hand in."""
    root = tmp_path_factory.mktemp("command") / "room"
    init_class(root)
    course = ClassDirectory.at(root)
    release(course, LESSON)
    return course, kinds_of_students(root)


@pytest.fixture
def room(kinds, tmp_path):
    shutil.copytree(kinds[0].root, tmp_path / "room")
    return ClassDirectory.at(tmp_path / "room")


@pytest.fixture
def command(capfd, monkeypatch, room):
    """Run `autograder ...` on the class: exit code, stdout, stderr."""

    def run(*words, course=room.root):
        words = [*map(str, words), "--course", str(course)]
        monkeypatch.setattr("sys.argv", ["autograder", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return end.value.code or 0, said.out, said.err

    return run


def refused(result, said):
    code, out, err = result
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("autograder: ")
    assert len(err.strip().splitlines()) == 1


def test_grade_and_status_for_programs(command, room, kinds):
    refused(command(*GRADE, "--json"), "Nobody has handed in")
    hand_in(room, "ada", kinds[1]["right"])
    hand_in(room, "ben", kinds[1]["wrong0"])
    code, out, _err = command("status", "--json")
    (row,) = json.loads(out)
    assert (code, row["lesson"], row["handed_in"], row["graded"]) == (0, LESSON, 2, 0)

    code, out, err = command(*GRADE, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["lesson"] == LESSON
    assert told["isolation"] == ("bubblewrap" if WALLS else "none")
    ada, ben = told["outcomes"]
    assert (ada["student"], ada["points"], ada["attention"], ada["fresh"]) == ("ada", 94, "", True)
    assert (ben["student"], ben["points"]) == ("ben", 0)

    hand_in(room, "cleo", "no notebook")
    code, out, _err = command(*GRADE, "--json")
    told = {outcome["student"]: outcome for outcome in json.loads(out)["outcomes"]}
    assert code == 1
    assert not told["ada"]["fresh"]
    assert "isn't JSON" in told["cleo"]["attention"]
    assert told["cleo"]["points"] is None
    code, out, _err = command("status", LESSON, "--json")
    (row,) = json.loads(out)
    assert (code, row["graded"], row["published"], list(row["attention"])) == (1, 2, 2, ["cleo"])

    code, out, _err = command(*GRADE, "--student", "ada")
    assert code == 0
    assert "1 of 1 graded" in out
    code, out, _err = command(*GRADE)
    assert code == 1
    assert "cleo needs attention: " in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grade", "99_nothing"], "99_nothing"),
        ([*GRADE, "--apply"], "--apply goes with --regrade"),
        ([*GRADE, "--student", "nobody"], "nobody handed in nothing"),
        ([*GRADE, "--db", "nonsense"], "URL can't be used"),
        ([*GRADE, "--db", "sqlite:////nowhere/gradebook.db"], "There is no gradebook"),
        ([*GRADE, "--scheduler", "nonsense://x"], "Dask"),
        (["status", "99_nothing"], "99_nothing"),
        (["collect", LESSON, "/nowhere"], "/nowhere can't be read"),
        (["feedback", LESSON, "--student", "nobody"], "nobody handed in nothing"),
        (["replay", "nobody", LESSON], "Nothing of nobody was graded"),
    ],
)
def test_refusals_are_one_sentence_and_exit_2(command, room, kinds, words, said):
    hand_in(room, "ada", kinds[1]["untouched"])
    for more in ([], ["--json"]) if words[0] in ("grade", "status", "collect") else ([],):
        refused(command(*words, *more), said)


def test_a_lesson_that_wasn_t_released_and_no_class_directory(command, room, kinds, tmp_path):
    hand_in(room, "ada", kinds[1]["untouched"])
    target = room.root / "submitted" / "ada" / "00_gradient_descent"
    target.mkdir()
    refused(command("grade", "00_gradient_descent"), "release")
    refused(command(*GRADE, course=tmp_path / "nothing"), "is not a class directory")


def test_collect_for_programs(command, room, kinds, tmp_path):
    source = tmp_path / "export.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr(f"ada/{LESSON}.ipynb", kinds[1]["right"])
        archive.writestr(f"ben/{LESSON}.ipynb", kinds[1]["untouched"])
    code, out, _err = command("collect", LESSON, source, "--json")
    told = json.loads(out)
    assert code == 0
    assert [one["student"] for one in told] == ["ada", "ben"]
    assert all(len(one["receipt"]) == 64 for one in told)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("cleo/essay.txt", "no notebook")
    code, out, _err = command("collect", LESSON, source, "--json")
    assert code == 1
    assert any("cleo" in json.dumps(one) and one["problems"] for one in json.loads(out))
    assert command("collect", LESSON, source)[0] == 1


# --- PostgreSQL, from the release to the report


@pytest.fixture(scope="module")
def postgres():
    with postgres_server() as url:
        yield url


def test_a_class_whose_gradebook_is_on_a_server(command, room, kinds, postgres, tmp_path):
    """The same rows as in a file, with `--db` at each command and no word of it in the config."""
    url = new_database(postgres)
    shutil.copytree(room.root, tmp_path / "other")
    other = ClassDirectory.at(tmp_path / "other")
    for course in (room, other):
        for student in ("right", "wrong0", "untouched", "scribbler"):
            hand_in(course, student, kinds[1][student])
    (room.root / "gradebook.db").unlink()
    for words, code in (
        (["release", LESSON], 0),
        (GRADE, 1),
        (["feedback", LESSON], 1),
        (["report", LESSON], 0),
    ):
        told, out, err = command(*words, "--db", url)
        assert told == code, out + err
    assert command(*GRADE, course=other.root)[0] == 1
    assert not (room.root / "gradebook.db").exists()
    ours, theirs = all_rows(url), all_rows(url_of(other))
    assert ours == theirs
    assert room.feedback("right", LESSON).is_file()
    assert "wrong0" in (room.report(LESSON) / "index.html").read_text()
    again = json.loads(command(*GRADE, "--db", url, "--json")[1])
    assert not any(outcome["fresh"] for outcome in again["outcomes"] if not outcome["attention"])
    assert all_rows(url) == ours
