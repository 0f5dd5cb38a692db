"""Collecting: whose a file is, which attempt counts, and what a hostile archive can't do."""

import io
import json
import os
import random
import shutil
import stat
import struct
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime

import pytest
from nbgrader.utils import parse_utc

from autograder.grading import collecting, reading, submitted
from autograder.grading.classroom import ClassDirectory
from autograder.grading.collecting import collect, read_submission
from autograder.grading.init import init_class
from autograder.grading.ledger import Ledger
from autograder.grading.release import release
from autograder.grading.senders import Roster, safe_id, sent, variant
from autograder.notebooks.errors import ClassError

LESSON, FILE = "03_momentum", "03_momentum.ipynb"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class directory that only tests that change nothing in it may use."""
    return init_class(tmp_path_factory.mktemp("classes") / "made").root


@pytest.fixture
def room(made, tmp_path):
    """A class directory to be changed."""
    shutil.copytree(made, tmp_path / "room")
    return ClassDirectory.at(tmp_path / "room")


def notebook(text="answer"):
    return json.dumps({"cells": [{"source": text}], "nbformat": 4}).encode()


def write(folder, files):
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def zipped(files, kind=zipfile.ZIP_DEFLATED):
    """The bytes of a zip; `files` are pairs, so that a name may come twice."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for entry, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(entry, content)
    return stream.getvalue()


def export(tmp_path, files, name="export.zip"):
    file = tmp_path / name
    file.write_bytes(files if isinstance(files, bytes) else zipped(files))
    return file


def states(results):
    return {result.student: result.state for result in results if result.student}


def nobodys(results):
    return {path: r.problems for r in results if r.state == "unassigned" for path in r.files}


def stands(room, student):
    """What lies in a student's folder, link and all."""
    folder = room.submission(student, LESSON)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if not file.is_dir()
    }


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


# Whose it is


MOODLE = "Ada Lovelace_123456_assignsubmission_file_"


@pytest.mark.parametrize(
    ("path", "system", "name", "inside"),
    [
        (f"{MOODLE}/{FILE}", "moodle", "Ada Lovelace", FILE),
        (f"{MOODLE}{FILE}", "moodle", "Ada Lovelace", FILE),
        (f"Ada Lovelace_12_assignsubmission_file/{FILE}", "moodle", "Ada Lovelace", FILE),
        ("Ada Lovelace_12_assignsubmission_onlinetext_/o.html", "moodle", "Ada Lovelace", ""),
        (
            "Ada Lovelace_12_assignsubmission_onlinetext_onlinetext.html",
            "moodle",
            "Ada Lovelace",
            "",
        ),
        ("Øst_Å_9_assignsubmission_file_/a/b.csv", "moodle", "Øst_Å", "a/b.csv"),
        (
            "lovelaceada_12345_67890_03_momentum-2.ipynb",
            "canvas",
            "lovelaceada",
            "03_momentum-2.ipynb",
        ),
        ("lovelaceada_LATE_12345_67890_03_momentum.ipynb", "canvas", "lovelaceada", FILE),
        ("lovelaceada_12345_67890_home_work.ipynb", "canvas", "lovelaceada", "home_work.ipynb"),
        ("lovelaceada_12345_text.html", "canvas", "lovelaceada", ""),
        ("anon_a1B2c_67890_03_momentum.ipynb", "canvas", "anon_a1B2c", FILE),
        ("ada_12345_03_momentum.ipynb", "folder", "ada_12345", FILE),
        (f"03_momentum_ada_attempt_2026-11-01-10-00-00_{FILE}", "blackboard", "ada", FILE),
        (f"03 momentum_a_l_attempt_2026-11-01-10-00-00_{FILE}", "blackboard", "a_l", FILE),
        ("03_momentum_ada_attempt_2026-11-01-10-00-00.txt", "blackboard", "ada", ""),
        (f"Homework 3_ada_attempt_2026-11-01-10-00-00_{FILE}", "blackboard", "ada", FILE),
        (f"123456-78901 - Lovelace, Ada - Nov 1, 2026 1000 AM/{FILE}", "d2l", "Ada Lovelace", FILE),
        (f"123-789 - Ada Lovelace - Nov 1, 2026 115 PM - {FILE}", "d2l", "Ada Lovelace", FILE),
        (f"ada/{FILE}", "folder", "ada", FILE),
        (f"ada/{LESSON}/{FILE}", "folder", "ada", FILE),
        (f"ada/{LESSON}/data/x.csv", "folder", "ada", "data/x.csv"),
        (f"ada_{FILE}", "folder", "ada", FILE),
        (f"ada-l_{FILE}", "folder", "ada-l", FILE),
        ("ada_homework.ipynb", "folder", "ada", "homework.ipynb"),
        ("03_momentum_ada.ipynb", "folder", "ada", FILE),
        ("ada_l_homework.ipynb", "folder", "ada_l", "homework.ipynb"),
    ],
)
def test_a_name_tells_who_handed_it_in(path, system, name, inside):
    found = sent(path, LESSON, {"ada_l"})
    assert (found.system, found.name, found.inside) == (system, name, inside)


@pytest.mark.parametrize("path", [FILE, "03_momentum (1).ipynb", "notes.txt", "homework.ipynb"])
def test_what_tells_nothing_is_nobodys(path):
    assert sent(path, LESSON) is None


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (f"1-2 - A B - Nov 1, 2026 1000 AM/{FILE}", (2026, 11, 1, 10, 0)),
        (f"1-2 - A B - Nov 1, 2026 115 PM/{FILE}", (2026, 11, 1, 13, 15)),
        (f"1-2 - A B - December 31, 2026 12:05 AM/{FILE}", (2026, 12, 31, 0, 5)),
        (f"HW_a_attempt_2026-11-01-10-00-59_{FILE}", (2026, 11, 1, 10, 0, 59)),
    ],
)
def test_the_lms_s_clock_is_this_machine_s(path, at):
    assert sent(path, LESSON).at == datetime(*at).astimezone(UTC)


def test_an_impossible_time_is_none():
    assert sent(f"HW_a_attempt_2026-13-41-10-00-00_{FILE}", LESSON).at is None


@pytest.mark.parametrize(
    ("file", "copy"),
    [(FILE, 0), ("03_momentum-2.ipynb", 2), ("03_momentum (1).ipynb", 1),
     ("03_momentum-Copy3.ipynb", 3), ("03_MOMENTUM.zip", 0), ("13_momentum.ipynb", None),
     ("03_momentum_old.ipynb", None)],
)  # fmt: skip
def test_copies_of_the_notebook_are_known_by_their_number(file, copy):
    assert variant(file, LESSON) == copy


@pytest.mark.parametrize(
    ("name", "student"),
    [("Ada Lovelace", "Ada_Lovelace"), ("Ærøskøbing Þór 王小明", "Ærøskøbing_Þór_王小明"),
     ("../../etc", "etc"), (".hidden", "hidden"), ("a/b\\c", "a_b_c"), ("a\0b\x1b[31m", "ab_31m"),
     ("..", ""), ("-rf", "rf"), ("x@uni.de", "x@uni.de"), ("e\u0301", "\u00e9")],
)  # fmt: skip
def test_an_id_is_one_harmless_name(name, student):
    assert safe_id(name) == student


def test_an_id_fits_the_gradebook_and_a_folder():
    assert len(safe_id("王" * 500).encode()) <= 120


def test_the_gradebook_tells_whose_name_it_is():
    roster = Roster()
    roster.add("al15", "Ada", "Lovelace", "12345")
    roster.add("gh06", "Grace", "Hopper", "")
    for path in (
        "Ada Lovelace_999_assignsubmission_file_/x.ipynb",
        "lovelaceada_777_888_x.ipynb",
        "somebody_12345_888_x.ipynb",
    ):
        assert roster.student(sent(path, LESSON)) == "al15"
    other = sent("Alan Turing_12345_assignsubmission_file_/x.ipynb", LESSON)
    assert roster.student(other) == "Alan_Turing", "Moodle's number isn't the person's"
    roster.add("gh07", "Grace", "Hopper", "")
    grace = sent("Grace Hopper_1_assignsubmission_file_/x.ipynb", LESSON)
    assert roster.student(grace) == "Grace_Hopper", "two bear the name, so neither is guessed"


# Exports


def test_a_folder_of_submissions(room, tmp_path):
    source = write(tmp_path / "in", {
        f"ada/{FILE}": notebook("a"), "ada/data/points.csv": b"1,2\n",
        f"ben/{LESSON}/{FILE}": notebook("b"),
        f"ben/{LESSON}/timestamp.txt": b"2026-11-01 10:00:00 UTC",
        "ben/02_minibatch/02_minibatch.ipynb": notebook("other"),
        f"chiara_{FILE}": notebook("c"), "class list.csv": b"x",
    })  # fmt: skip
    results = collect(room, LESSON, source)
    assert states(results) == {"ada": "new", "ben": "new", "chiara": "new"}
    assert stands(room, "ada") == {FILE: notebook("a"), "data/points.csv": b"1,2\n"}
    assert stands(room, "ben")["timestamp.txt"] == b"2026-11-01 10:00:00 UTC"
    assert set(stands(room, "ben")) == {FILE, "timestamp.txt"}
    assert set(nobodys(results)) == {"class list.csv"}
    (left_out,) = [r.files for r in results if r.state == "left out"]
    assert left_out == ("ben/02_minibatch/02_minibatch.ipynb",)
    with Ledger(room.root) as ledger:
        kept = ledger.current(LESSON)
        assert list(kept) == ["ada", "ben", "chiara"]
        assert ledger.content(kept["ada"], "data/points.csv") == b"1,2\n"
        receipts = {r.student: r.receipt for r in results if r.student}
        assert all(ledger.verify(receipts[s], kept[s]) for s in kept)


def test_moodle(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        f"{MOODLE}/{FILE}": notebook("a"),
        "Ada Lovelace_123456_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
        "Ben Ok_2_assignsubmission_file_/work.zip": zipped({
            f"work/{FILE}": notebook("b"), "work/x.csv": b"1", f"__MACOSX/work/._{FILE}": b"x"}),
        "Cleo Ö_3_assignsubmission_file_/essay.pdf": b"%PDF",
        "Dan Dee_4_assignsubmission_file_/mine.ipynb": notebook("d"),
    }))  # fmt: skip
    assert states(results) == {
        "Ada_Lovelace": "new", "Ben_Ok": "new", "Cleo_Ö": "refused", "Dan_Dee": "new",
    }  # fmt: skip
    assert stands(room, "Ben_Ok") == {FILE: notebook("b"), "x.csv": b"1"}
    by_name = {r.student: r for r in results}
    assert "essay.pdf" in by_name["Cleo_Ö"].problems[0]
    assert "was taken for 03_momentum.ipynb" in by_name["Dan_Dee"].problems[0]
    assert by_name[""].state == "left out"
    assert not room.submission("Cleo_Ö", LESSON).exists()


def test_moodle_without_names_takes_the_numbers(room, tmp_path):
    files = {f"Participant_{n}_assignsubmission_file_/{FILE}": notebook(str(n)) for n in (11, 12)}
    results = collect(room, LESSON, export(tmp_path, files))
    assert states(results) == {"Participant_11": "new", "Participant_12": "new"}


def test_canvas_takes_the_last_of_several(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        "lovelaceada_77_902_03_momentum-1.ipynb": notebook("second"),
        "lovelaceada_LATE_77_903_03_momentum-2.ipynb": notebook("third"),
        "lovelaceada_77_901_03_momentum.ipynb": notebook("first"),
        "lovelaceada_77_904_points.csv": b"1",
    }))  # fmt: skip
    assert states(results) == {"lovelaceada": "new"}
    assert stands(room, "lovelaceada") == {FILE: notebook("third"), "points.csv": b"1"}
    with Ledger(room.root) as ledger:
        tries = ledger.attempts("lovelaceada", LESSON)
        said = [json.loads(ledger.content(t, FILE))["cells"][0]["source"] for t in tries]
        assert said == ["first", "second", "third"]
        assert ledger.current(LESSON)["lovelaceada"].attempt == 3


def test_blackboard_s_attempts_go_by_their_time(room, tmp_path):
    def name(at, rest):
        return f"03_momentum_ada_attempt_{at}{rest}"

    results = collect(room, LESSON, export(tmp_path, {
        name("2026-11-02-09-00-00", f"_{FILE}"): notebook("late"),
        name("2026-11-01-10-00-00", f"_{FILE}"): notebook("early"),
        name("2026-11-02-09-00-00", ".txt"): b"Name: Ada (ada)",
    }))  # fmt: skip
    assert states(results) == {"ada": "new"}
    assert stands(room, "ada")[FILE] == notebook("late")
    stated = parse_utc(stands(room, "ada")["timestamp.txt"].decode())
    assert stated == datetime(2026, 11, 2, 9).astimezone(UTC).replace(tzinfo=None)
    assert results[0].attempts == 2


def test_brightspace_s_attempts_go_by_their_time(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        f"12-34 - Lovelace, Ada - Nov 2, 2026 900 AM/{FILE}": notebook("late"),
        f"12-34 - Lovelace, Ada - Nov 1, 2026 1000 PM/{FILE}": notebook("early"),
        "index.html": b"<html>",
    }))  # fmt: skip
    assert states(results) == {"Ada_Lovelace": "new"}
    assert stands(room, "Ada_Lovelace")[FILE] == notebook("late")
    assert set(nobodys(results)) == {"index.html"}


@pytest.mark.parametrize(
    "paths",
    [
        [f"submitted/ada/{FILE}", f"submitted/ben/{FILE}"],
        [f"x/ada/{LESSON}/{FILE}"],
        [f"export/ada/{FILE}"],
        [f"x/ada_{FILE}", f"x/ben_{FILE}"],
        [f"x/Ada Lovelace_1_assignsubmission_file_/{FILE}"],
        [f"ada/{FILE}"],
        [f"ada/{FILE}", "ada/a/x.csv", "ada/b/y.csv"],
        [f"ada/work/{FILE}"],
    ],
)
def test_a_folder_round_the_export_is_no_student(room, tmp_path, paths):
    results = collect(room, LESSON, export(tmp_path, {path: notebook() for path in paths}))
    expected = {"Ada_Lovelace"} if "Lovelace" in paths[0] else {"ada"}
    expected |= {"ben"} if "ben" in "".join(paths) else set()
    assert set(states(results)) == expected
    assert nobodys(results) == {}


def test_people_who_would_share_an_id_are_told_and_nobody_s_work_is_mixed(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        f"Anna Müller_1_assignsubmission_file_/{FILE}": notebook("one"),
        f"Anna Müller_2_assignsubmission_file_/{FILE}": notebook("two"),
        f"Ben Ok_3_assignsubmission_file_/{FILE}": notebook("three"),
    }))  # fmt: skip
    assert states(results) == {"Ben_Ok": "new"}
    assert len(nobodys(results)) == 2
    (sentence,) = {text for texts in nobodys(results).values() for text in texts}
    assert "Anna Müller 1, Anna Müller 2" in sentence
    assert "lms-user-id" not in sentence, "Moodle's numbers aren't the person's"
    assert not room.submission("Anna_Müller", LESSON).exists()


def test_several_notebooks_none_of_them_the_lesson_s_are_not_guessed(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        "ada/one.ipynb": notebook("1"), "ada/two.ipynb": notebook("2")}))  # fmt: skip
    assert states(results) == {"ada": "refused"}
    assert "none is called 03_momentum.ipynb" in results[0].problems[0]


def test_a_student_can_t_backdate_a_submission(room, tmp_path):
    early = b"2020-01-01 00:00:00 UTC"
    results = collect(room, LESSON, export(tmp_path, {
        f"{MOODLE}/{FILE}": notebook(), f"{MOODLE}/timestamp.txt": early,
        "Ben Ok_2_assignsubmission_file_/w.zip": zipped({FILE: notebook(), "timestamp.txt": early}),
        "cleo/w.zip": zipped({FILE: notebook(), "timestamp.txt": early}),
    }))  # fmt: skip
    assert set(states(results)) == {"Ada_Lovelace", "Ben_Ok", "cleo"}
    for result in results:
        assert result.handed_in is None
        assert set(stands(room, result.student)) == {FILE}
        assert "proves no time" in result.problems[0]


# What stood there before


def test_collecting_again_changes_nothing(room, tmp_path):
    source = export(tmp_path, {f"ada/{FILE}": notebook("a"), "ada/x.csv": b"1"})
    collect(room, LESSON, source)
    before = {path: path.stat().st_ino for path in room.submission("ada", LESSON).rglob("*")}
    assert states(collect(room, LESSON, source)) == {"ada": "unchanged"}
    after = {path: path.stat().st_ino for path in room.submission("ada", LESSON).rglob("*")}
    assert after == before
    with Ledger(room.root) as ledger:
        assert len(ledger.attempts("ada", LESSON)) == 1


def test_what_stood_there_is_kept_in_the_ledger(room, tmp_path):
    """A submission that a teacher put there by hand was never collected."""
    write(room.submission("ada", LESSON), {FILE: notebook("by hand"), "x.csv": b"1"})
    results = collect(room, LESSON, export(tmp_path, {f"ada/{FILE}": notebook("new")}))
    assert states(results) == {"ada": "replaced"}
    assert stands(room, "ada") == {FILE: notebook("new")}
    with Ledger(room.root) as ledger:
        first, second = ledger.attempts("ada", LESSON)
        assert ledger.content(first, FILE) == notebook("by hand")
        assert ledger.content(first, "x.csv") == b"1"
        assert ledger.current(LESSON)["ada"] == second
    assert [path.name for path in room.submission("ada", LESSON).parent.iterdir()] == [LESSON]


def test_what_the_ledger_can_t_hold_is_kept_beside(room, tmp_path):
    old = room.submission("ada", LESSON)
    write(old, {FILE: notebook("old"), "big.bin": bytes(submitted.EXTRA_BYTES + 1)})
    (old / "link").symlink_to("/etc/passwd")
    (result,) = collect(room, LESSON, export(tmp_path, {f"ada/{FILE}": notebook("new")}))
    (kept,) = old.parent.glob(f".{LESSON}.before-*")
    assert (kept / "big.bin").stat().st_size == submitted.EXTRA_BYTES + 1
    assert (kept / "link").is_symlink()
    assert kept.name in result.problems[-1]
    assert stands(room, "ada") == {FILE: notebook("new")}
    assert room.students(LESSON) == ["ada"]


def test_an_earlier_one_doesn_t_replace_a_later_one(room, tmp_path):
    def attempt(day, text):
        return export(tmp_path, {f"HW_ada_attempt_2026-11-{day}-10-00-00_{FILE}": notebook(text)})

    collect(room, LESSON, attempt("05", "later"))
    assert states(collect(room, LESSON, attempt("01", "earlier"))) == {"ada": "older"}
    assert stands(room, "ada")[FILE] == notebook("later")
    with Ledger(room.root) as ledger:
        assert len(ledger.attempts("ada", LESSON)) == 2
        assert ledger.content(ledger.current(LESSON)["ada"], FILE) == notebook("later")


def test_there_is_no_moment_without_a_submission(tmp_path):
    """Another process looks all the time while the folder is switched."""
    target = tmp_path / "ada" / LESSON
    submitted.put(target, {FILE: b"0" * 9, "x": b"0" * 9}, None, keep=False)
    code = (
        "import sys; from pathlib import Path; from autograder.grading.submitted import put\n"
        f"target = Path({str(target)!r})\n"
        "for n in range(300):\n"
        f"    put(target, {{{FILE!r}: str(n % 10).encode() * 9}}, None, keep=False)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code])
    seen, looks = set(), 0
    while writer.poll() is None:
        seen.add((target / FILE).read_bytes())  # FileNotFoundError where there is a gap
        looks += 1
    assert writer.returncode == 0
    assert looks > 100
    assert len(seen) > 1
    assert all(len(text) == 9 and len(set(text)) == 1 for text in seen)


def test_without_the_kernel_s_exchange_it_is_two_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(submitted.ctypes, "CDLL", lambda *_, **__: object())
    target = tmp_path / "ada" / LESSON
    for text in (b"1", b"2"):
        submitted.put(target, {FILE: text}, None, keep=False)
    assert (target / FILE).read_bytes() == b"2"
    assert [path.name for path in target.parent.iterdir()] == [LESSON]


def test_one_program_collects_at_a_time(room, tmp_path):
    source = export(tmp_path, {f"ada/{FILE}": notebook()})
    with (
        Ledger(room.root) as ledger,
        submitted.alone(ledger.folder),
        pytest.raises(ClassError, match="Another program"),
    ):
        collect(room, LESSON, source)
    assert states(collect(room, LESSON, source)) == {"ada": "new"}


# Hostile archives


def raw(name, content=b"x", **traits):
    """An entry whose name zipfile itself wouldn't write."""
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = name
    for trait, value in traits.items():
        setattr(entry, trait, value)
    return entry, content


HOSTILE = [
    raw("../../escaped.ipynb"),
    raw(f"../ada/{FILE}", notebook()),
    raw("/tmp/escaped.ipynb"),
    raw("ada/../../escaped.ipynb"),
    raw("ada/../../../escaped.txt"),
    raw("ada/../escaped.txt"),
    raw("ada\\..\\..\\escaped.ipynb"),
    raw("C:/escaped.ipynb"),
    raw("ada/\x1b[31mred.csv"),
    raw("ada/" + "x" * 300),
    raw("ada/" + "d/" * 40 + "deep"),
    raw("ada/link", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16),
    raw("ada/device", b"", external_attr=(stat.S_IFCHR | 0o666) << 16),
    raw("ada/fifo", b"", external_attr=(stat.S_IFIFO | 0o666) << 16),
    raw("Eve_1_assignsubmission_file_..", b"x"),
    raw("Eve_1_assignsubmission_file_../x", b"x"),
    raw("Eve_1_assignsubmission_file_../../../escaped.txt", b"x"),
]


def test_nothing_is_written_outside_and_each_file_is_named(room, tmp_path):
    honest = [f"ada/{FILE}", f"Eve_1_assignsubmission_file_/{FILE}"]
    archive = export(tmp_path, [*((path, notebook()) for path in honest), *HOSTILE])
    before = everything(tmp_path)
    results = collect(room, LESSON, archive)
    new = {path for path in everything(tmp_path) if path not in before}
    new = {path for path in new if not path.startswith("room/.ledger/")}
    assert new == {f"room/submitted/{student}/{LESSON}/{FILE}" for student in ("ada", "Eve")}
    assert not os.path.exists("/tmp/escaped.ipynb")
    told = " ".join(" ".join([*r.problems, *r.files]) for r in results)
    for entry, _ in HOSTILE:
        assert reading.shown(entry.filename) in told
    assert states(results)["ada"] == "new"


def test_a_name_with_a_nul_is_skipped(room, tmp_path):
    content = zipped([(f"ada/{FILE}", notebook()), ("ada/evil#.txt", b"x")])
    content = content.replace(b"evil#.txt", b"evil\0.txt")
    results = collect(room, LESSON, export(tmp_path, content))
    assert stands(room, "ada") == {FILE: notebook()}
    assert "can't be shown" in results[0].problems[0]


def test_a_name_that_comes_twice_counts_once(room, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped([(f"ada/{FILE}", notebook("1")), (f"ada/{FILE}", notebook("2"))])
    (result,) = collect(room, LESSON, export(tmp_path, content))
    assert stands(room, "ada")[FILE] == notebook("2")
    assert "twice" in result.problems[0]


def bomb(size):
    return zipped({FILE: b"[" + b" " * size + b"]"})


def test_a_bomb_is_that_student_s_problem_alone(room, tmp_path):
    large = bomb(100 * reading.MEGABYTE)
    results = collect(room, LESSON, export(tmp_path, {
        "ada/work.zip": large, f"ben/{FILE}": notebook(),
        f"cleo/{FILE}": b" " * 30 * reading.MEGABYTE,
    }))  # fmt: skip
    assert states(results) == {"ada": "refused", "ben": "new", "cleo": "refused"}
    told = {r.student: " ".join(r.problems) for r in results}
    assert "100 MB" in told["ada"]
    assert "zip bomb" in told["cleo"]


def lying(size_by_header, content):
    """A zip whose header says less than what is in it."""
    whole = zipped({f"ada/{FILE}": content})
    real = struct.pack("<I", len(content))
    assert whole.count(real) == 2
    return whole.replace(real, struct.pack("<I", size_by_header))


def test_a_header_that_lies_is_not_believed(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, lying(1000, b" " * 5_000_001)))
    assert states(results) == {"ada": "refused"}
    assert "can't be unpacked" in results[0].problems[0]


def test_bytes_are_counted_as_they_are_read():
    content = zipped({"a.bin": bytes(1_000_000)})
    caps = reading.Caps(total=2_500_000, ratio=10_000)
    (piece,) = reading.in_zip(io.BytesIO(content), caps).pieces
    assert len(piece.read()) == len(piece.read()) == 1_000_000
    with pytest.raises(reading.Unreadable, match="is larger than"):
        piece.read()


def test_the_sum_of_all_files_is_capped_before_anything_is_read():
    caps = reading.Caps(total=2_500_000, ratio=10_000)
    content = zipped({f"{n}.bin": bytes(1_000_000) for n in range(3)})
    with pytest.raises(reading.Unreadable, match="unpacks to"):
        reading.in_zip(io.BytesIO(content), caps)


@pytest.mark.parametrize("count", [reading.CLASS.entries + 1, 300_000])
def test_too_many_files_are_refused(room, tmp_path, count):
    """Their list is written by hand: zipfile takes minutes for it."""
    central = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)
        + b"%06d" % n
        for n in range(count)
    )
    size = len(central)
    end = struct.pack("<4s2H2H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, size, 0, 0)
    with pytest.raises(ClassError, match=r"too many files|are the most"):
        collect(room, LESSON, export(tmp_path, central + end))
    assert not (room.root / "submitted").exists()


def test_too_many_files_of_one_student_are_that_student_s_problem(room, tmp_path):
    own = zipped({f"{n}": b"" for n in range(reading.STUDENT.entries + 1)} | {FILE: notebook()})
    results = collect(room, LESSON, export(tmp_path, {"ada/w.zip": own, f"ben/{FILE}": notebook()}))
    assert states(results) == {"ada": "refused", "ben": "new"}
    assert "are the most" in results[0].problems[0]


def test_an_encrypted_file_is_named(room, tmp_path):
    content = bytearray(zipped({f"ada/{FILE}": notebook()}))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    results = collect(room, LESSON, export(tmp_path, bytes(content)))
    assert states(results) == {"ada": "refused"}
    assert "encrypted" in results[0].problems[0]


def test_another_packing_is_named(room, tmp_path):
    content = zipped({f"ada/{FILE}": notebook()}, zipfile.ZIP_LZMA)
    results = collect(room, LESSON, export(tmp_path, content))
    assert states(results) == {"ada": "refused"}


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"no zip at all", zipped({f"ada/{FILE}": notebook()})[:-30],
     b"PK\5\6" + b"\xff" * 18, bytes(100_000)],
)  # fmt: skip
def test_a_broken_zip_is_refused_with_a_sentence(room, tmp_path, content):
    with pytest.raises(ClassError, match=r"zip.*Nothing was collected"):
        collect(room, LESSON, export(tmp_path, content))


def test_any_damaged_zip_is_refused_or_read_and_never_an_accident(room, tmp_path):
    """Each byte of a small zip wrong in turn."""
    whole = zipped({f"ada/{FILE}": notebook()})
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        try:
            found = reading.in_zip(io.BytesIO(bytes(damaged)))
            for piece in found.pieces:
                assert reading.refused_name(piece.path) == ""
                piece.read()
        except reading.Unreadable:
            pass


def test_a_damaged_zip_of_a_student_stops_nobody_else(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        "ada/w.zip": b"PK\3\4 broken", f"ben/{FILE}": notebook()}))  # fmt: skip
    assert states(results) == {"ada": "refused", "ben": "new"}


def test_a_file_where_a_folder_is_meant(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {
        f"ada/{FILE}": notebook(), f"ada/sub/{FILE}/x.csv": b"1", "ada/a": b"1", "ada/a/b": b"2",
        f"ben/{FILE}": notebook(), f"ben/{FILE}/x.csv": b"1",
    }))  # fmt: skip
    assert states(results) == {"ada": "new", "ben": "new"}
    assert "ada/a" not in " ".join(nobodys(results))
    assert {"a/b", FILE} <= set(stands(room, "ada"))
    assert stands(room, "ben") == {FILE: notebook()}


def test_extra_files_are_capped(room, tmp_path):
    many = {f"ada/{n:03}.txt": b"x" for n in range(150)}
    heavy = {f"ben/{n}.bin": os.urandom(3 * reading.MEGABYTE) for n in range(4)}
    results = collect(room, LESSON, export(tmp_path, {
        f"ada/{FILE}": notebook(), f"ben/{FILE}": notebook(), **many, **heavy}))  # fmt: skip
    assert len(stands(room, "ada")) == 101
    assert len(stands(room, "ben")) == 3
    assert all("8 MB in all" in result.problems[0] for result in results)


# Folders


def test_links_and_devices_in_a_folder_are_never_followed(room, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the answers")
    source = write(tmp_path / "in", {f"ada/{FILE}": notebook()})
    (source / "ada" / "answers.txt").symlink_to(secret)
    (source / "ada" / "all").symlink_to(tmp_path)
    os.mkfifo(source / "ada" / "pipe")
    (source / "ben").symlink_to(source / "ada")
    (source / f"cleo_{FILE}").symlink_to(secret)
    results = collect(room, LESSON, source)
    assert states(results) == {"ada": "new", "cleo": "refused"}
    assert stands(room, "ada") == {FILE: notebook()}
    assert len(results[0].problems) == 3
    assert "ben" in nobodys(results)


def test_a_link_that_appears_after_the_look_isn_t_followed(tmp_path):
    folder = write(tmp_path / "in", {"a/x": b"mine"})
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x").write_bytes(b"the answers")
    (piece,) = reading.in_folder(folder).pieces
    assert piece.read() == b"mine"
    (folder / "a" / "x").unlink()
    (folder / "a" / "x").symlink_to(tmp_path / "secret" / "x")
    with pytest.raises(reading.Unreadable):
        piece.read()
    shutil.rmtree(folder / "a")
    (folder / "a").symlink_to(tmp_path / "secret")
    with pytest.raises(reading.Unreadable):
        piece.read()


def test_a_source_that_isn_t_there(room, tmp_path):
    with pytest.raises(ClassError, match="can't be read"):
        collect(room, LESSON, tmp_path / "nowhere.zip")


# What the engine reads


def test_reading_a_submission(room):
    folder = room.submission("ada", LESSON)
    write(folder, {FILE: notebook(), "d/x.csv": b"1", "timestamp.txt": b" 2026-11-01 UTC\n",
                   f".ipynb_checkpoints/{FILE}": b"old"})  # fmt: skip
    (folder / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    files, problems, handed_in = read_submission(room, "ada", LESSON)
    assert files == {FILE: notebook(), "d/x.csv": b"1"}
    assert handed_in == "2026-11-01 UTC"
    assert len(problems) == 2


@pytest.mark.parametrize("student", ["..", "", "a/b", "ada"])
def test_reading_what_isn_t_there_says_so(room, student):
    files, problems, handed_in = read_submission(room, student, LESSON)
    assert (files, handed_in) == ({}, None)
    assert len(problems) == 1


def test_a_folder_that_is_a_link_isn_t_read(room, tmp_path):
    write(tmp_path / "elsewhere", {FILE: notebook()})
    folder = room.submission("ada", LESSON)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tmp_path / "elsewhere")
    files, problems, _ = read_submission(room, "ada", LESSON)
    assert files == {}
    assert "is a link" in problems[0]


def test_a_notebook_of_more_than_64_megabytes_is_not_read(room):
    folder = room.submission("ada", LESSON)
    write(folder, {FILE: b"", "x.csv": b"1"})
    os.truncate(folder / FILE, submitted.NOTEBOOK_BYTES + 1)
    files, problems, _ = read_submission(room, "ada", LESSON)
    assert set(files) == {"x.csv"}
    assert "larger than 64 MB" in problems[0]
    os.truncate(folder / FILE, submitted.NOTEBOOK_BYTES)
    assert len(read_submission(room, "ada", LESSON)[0][FILE]) == submitted.NOTEBOOK_BYTES


# nbgrader's exchange


@pytest.fixture
def inbound(room, tmp_path):
    """The folder of the exchange that students' submissions lie in."""
    config = room.root / "nbgrader_config.py"
    folder = tmp_path / "exchange"
    config.write_text(
        config.read_text() + f"\nc.Exchange.root = {str(folder)!r}\n"
        "c.ExchangeCollect.check_owner = False\n"
    )
    release(room, LESSON)
    (folder / "descentlab" / "inbound").mkdir(parents=True)
    folder.chmod(0o777)
    return folder / "descentlab" / "inbound"


def submit(inbound, student, at, files):
    stamp = {"timestamp.txt": f"{at} UTC".encode()}
    return write(inbound / f"{student}+{LESSON}+{at} UTC+salt", files | stamp)


@pytest.mark.nbgrader
def test_the_exchange_s_last_submission_counts(room, inbound):
    submit(inbound, "ada", "2026-11-01 10:00:00.000000", {FILE: notebook("first")})
    submit(inbound, "ada", "2026-11-02 10:00:00.000000", {FILE: notebook("last"), "x.csv": b"1"})
    submit(inbound, "ben", "2026-11-01 10:00:00.000000", {FILE: notebook("b")})
    room = ClassDirectory.at(room.root)
    assert states(collect(room, LESSON, None)) == {"ada": "new", "ben": "new"}
    assert stands(room, "ada")[FILE] == notebook("last")
    assert stands(room, "ada")["timestamp.txt"] == b"2026-11-02 10:00:00.000000 UTC"
    assert states(collect(room, LESSON, None)) == {"ada": "unchanged", "ben": "unchanged"}
    submit(inbound, "ben", "2026-11-03 10:00:00.000000", {FILE: notebook("b2")})
    assert states(collect(room, LESSON, None)) == {"ada": "unchanged", "ben": "replaced"}
    assert not list(room.root.glob(".draft-*"))


@pytest.mark.nbgrader
def test_links_in_the_exchange_bring_no_answers(room, inbound):
    """nbgrader's own collector copies what a link points to, with the teacher's rights."""
    secret = room.root / "solutions" / LESSON / FILE
    mine = submit(inbound, "eve", "2026-11-01 10:00:00.000000", {FILE: notebook()})
    (mine / "answers.txt").symlink_to(secret)
    (mine / "all").symlink_to(room.root / "solutions")
    for name in ("..", ".", ".hidden"):
        submit(inbound, name, "2026-11-01 10:00:00.000000", {FILE: b"climbed"})
    write(inbound / f"mallory+{LESSON}+no time at all", {FILE: notebook()})
    (inbound / f"zoe+{LESSON}+2026-11-01 10:00:00.000000 UTC+salt").symlink_to(room.root)
    room = ClassDirectory.at(room.root)
    before = everything(room.root)
    results = collect(room, LESSON, None)
    new = {path for path, content in everything(room.root).items() if before.get(path) != content}
    new = {path for path in new if not path.startswith(".ledger/")}
    assert new == {f"submitted/eve/{LESSON}/{FILE}", f"submitted/eve/{LESSON}/timestamp.txt"}
    assert states(results) == {"eve": "new", "zoe": "refused"}
    told = " ".join(text for result in results for text in result.problems)
    for word in ("answers.txt", "mallory", "..+03_momentum", ".hidden+03_momentum"):
        assert word in told


@pytest.mark.nbgrader
def test_an_exchange_that_isn_t_there_is_told(room):
    with pytest.raises(ClassError, match=r"c\.Exchange\.root"):
        collect(room, LESSON, None)


def test_a_result_is_plain_json(room, tmp_path):
    results = collect(room, LESSON, export(tmp_path, {f"ada/{FILE}": notebook(), "x": b"1"}))
    told = json.loads(json.dumps([result.to_json() for result in results]))
    assert told[0]["student"] == "ada"
    assert results[0].text == "collected."
    assert results[1].source == "x"
    assert results[1].text.startswith("Nothing tells whose this is.")
    assert told[1] == told[1] | {"state": "unassigned", "files": ["x"]}
    assert [result.problem for result in results] == [False, True]


def test_progress_is_told(room, tmp_path):
    seen = []
    source = export(tmp_path, {f"ada/{FILE}": notebook(), f"ben/{FILE}": notebook()})
    collecting.collect(room, LESSON, source, lambda *args: seen.append(args))
    assert seen == [("ada", 1, 2), ("ben", 2, 2)]


@pytest.mark.slow
def test_killed_in_the_middle_it_is_collected_again(room, tmp_path):
    """Each student has the old submission or the new one, whole; and at last the new one."""
    students = [f"s{n:02}" for n in range(30)]
    sources = [
        export(
            tmp_path,
            {f"{s}/{FILE}": notebook(f"{s} {turn}") * 500 for s in students},
            f"{turn}.zip",
        )
        for turn in range(2)
    ]
    code = (
        "import sys; from pathlib import Path\n"
        "from autograder.grading.classroom import ClassDirectory\n"
        "from autograder.grading.collecting import collect\n"
        "print('ready', flush=True)\n"
        f"collect(ClassDirectory.at(Path(sys.argv[1])), {LESSON!r}, Path(sys.argv[2]))\n"
    )
    collect(room, LESSON, sources[0])
    rng = random.Random(5)
    for turn in range(8):
        source = sources[(turn + 1) % 2]
        killed = subprocess.Popen(
            [sys.executable, "-c", code, str(room.root), str(source)], stdout=subprocess.PIPE
        )
        killed.stdout.readline()
        time.sleep(rng.uniform(0.02, 0.5))
        killed.kill()
        killed.communicate()
        for student in students:
            (only,) = stands(room, student).items()
            assert only in [(FILE, notebook(f"{student} {n}") * 500) for n in range(2)]
        assert room.students(LESSON) == students
    results = collect(room, LESSON, sources[1])
    assert {r.state for r in results} <= {"replaced", "unchanged"}
    for student in students:
        assert stands(room, student) == {FILE: notebook(f"{student} 1") * 500}
        assert [p.name for p in room.submission(student, LESSON).parent.iterdir()] == [LESSON]
        with Ledger(room.root) as ledger:
            assert len(ledger.attempts(student, LESSON)) == 2
