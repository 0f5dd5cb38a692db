"""What the engine wrote, in nbgrader's own pages and commands: read, marked, handed back."""

import contextlib
import csv
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.grading import engine, grade
from autograder.grading.classroom import ClassDirectory
from autograder.grading.feedback import feedback
from autograder.grading.init import init_class
from autograder.grading.outcomes import Settings
from autograder.grading.release import release
from autograder.notebooks.build import to_text
from autograder.notebooks.source import lesson_file
from autograder.notebooks.submission import marked_cells, read_notebook
from tests.chromium import NEEDS_CHROMIUM
from tests.killable import LESSON, NAME, WALLS, hand_in, kinds_of_students
from tests.test_browser import TOKEN

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.browser,
    pytest.mark.slow,
    NEEDS_CHROMIUM,
]

SECONDS = 60
FREE_TEXT = "momentum__why"
SCRIPT = "window.hacked = 1; document.title = 'hacked'"
HOSTILE = f"""<script>{SCRIPT}</script>
<img src=x onerror="{SCRIPT}">
<svg onload="{SCRIPT}"><a href="javascript:{SCRIPT}">a</a></svg>
<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>
[click](javascript:window.hacked=1) ![x](x"onerror="{SCRIPT})
<style>body {{ display: none }}</style>
"""
SHOWS = f"""
from IPython.display import HTML, Javascript, Latex, Markdown, SVG, display
hostile = '''{HOSTILE}'''
print(hostile)
for kind in (HTML, Javascript, Latex, Markdown):
    display(kind(hostile))
display({{"image/svg+xml": hostile, "text/html": hostile, "text/plain": hostile}}, raw=True)
raise ValueError(hostile)
"""


def hostile(root):
    """Markup and scripts wherever a student may write."""
    notebook = read_notebook(lesson_file(root, LESSON))
    cells = dict(marked_cells(notebook))
    cells[FREE_TEXT].source = f"My answer. {HOSTILE}"
    cells[NAME].source = f"def {NAME}(theta):\n    raise ValueError('''{HOSTILE}''')\n"
    where = notebook.cells.index(cells[NAME])
    notebook.cells.insert(where, new_markdown_cell(HOSTILE))
    notebook.cells.insert(where, new_code_cell(SHOWS))
    notebook.metadata.kernelspec = dict.fromkeys(("name", "display_name", "language"), HOSTILE)
    notebook.metadata.title = f"</title>{HOSTILE}"
    return to_text(notebook)


def answering(root):
    """A wrong answer, and a free text that is to be marked."""
    notebook = read_notebook(lesson_file(root, LESSON))
    cells = dict(marked_cells(notebook))
    cells[FREE_TEXT].source = "The step keeps the **direction** that the last ones had."
    cells[NAME].source = "def momentum_step(theta, grad, v, *, lr, beta=0.9):\n    return theta, v"
    return to_text(notebook)


def graded(course, **settings):
    return grade.grade(course, LESSON, Settings(unsandboxed=not WALLS, jobs=1, **settings))


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    root = tmp_path_factory.mktemp("formgrader") / "room"
    init_class(root)
    course = ClassDirectory.at(root)
    release(course, LESSON)
    hand_in(course, "ada", answering(root))
    hand_in(course, "mallory", hostile(root))
    hand_in(course, "right", kinds_of_students(root)["right"])
    run = graded(course)
    assert run.attention == []
    return course


def environment():
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


@pytest.fixture(scope="module")
def formgrader(room):
    """The address of formgrader on the class, as nbgrader's documentation starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.ip=127.0.0.1"]
    with open(room.root / "server.log", "w") as log:
        server = subprocess.Popen(
            command,
            cwd=room.root,
            stdout=log,
            stderr=log,
            env=environment(),
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(4 * SECONDS):
            assert server.poll() is None, (room.root / "server.log").read_text()
            with contextlib.suppress(URLError, TimeoutError, ConnectionError):
                urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=5).close()
                break
            time.sleep(0.25)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.set_default_timeout(1000 * SECONDS)
    page.dialogs = []
    page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
    yield page
    page.close()


@pytest.fixture(scope="module")
def screenshots(root):
    folder = root / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def opened(page, address, room, student):
    """A student's submission in formgrader."""
    with room.gradebook() as book:
        number = book.find_submission_notebook(LESSON, LESSON, student).id
    page.goto(f"{address}/login?token={TOKEN}")  # leaves a cookie
    page.goto(f"{address}/formgrader/submissions/{number}")
    page.locator("input.score").first.wait_for()
    page.wait_for_load_state("networkidle")
    return page


def test_a_free_text_is_marked_and_the_mark_stays(page, formgrader, room, screenshots, monkeypatch):
    opened(page, formgrader, room, "ada")
    card = page.locator(".output_html", has_text=NAME).first
    card.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "formgrader_card.png")
    assert "momentum_step" in card.inner_text()
    assert page.evaluate("window.hacked") is None
    score = page.locator(f"input.score[id='{FREE_TEXT}']")
    score.scroll_into_view_if_needed()
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        score.fill("4.5")
        score.press("Tab")
    page.screenshot(path=screenshots / "formgrader_free_text.png")
    assert mark(room) == (4.5, False)

    def newer():
        return "newer"

    for module in (engine, grade):
        monkeypatch.setattr(module, "engine_version", newer)
    run = graded(room, regrade=True, apply=True)
    assert run.moves == []
    assert mark(room) == (4.5, True), "as after nbgrader's own: the mark stays, to be looked at"
    assert graded(room).outdated == []
    opened(page, formgrader, room, "ada")
    assert page.locator(f"input.score[id='{FREE_TEXT}']").input_value() == "4.5"


def mark(room):
    with room.gradebook() as book:
        found = book.find_grade(FREE_TEXT, LESSON, LESSON, "ada")
        return found.manual_score, found.needs_manual_grade


def quiet(page):
    """Nothing that the hostile notebook tries has happened."""
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None
    assert "hacked" not in page.title()
    assert page.dialogs == []
    assert page.locator("body").evaluate("body => getComputedStyle(body).display") != "none"
    assert page.locator("[onerror], [onload], iframe[srcdoc], a[href^='javascript:']").count() == 0


def test_a_hostile_notebook_does_nothing_in_formgrader(page, formgrader, room, screenshots):
    opened(page, formgrader, room, "mallory")
    quiet(page)
    for link in page.get_by_text("click", exact=True).all():
        link.click(force=True)
    quiet(page)
    assert "onerror" in page.locator("body").inner_text(), "what was typed can be read"
    page.screenshot(path=screenshots / "formgrader_hostile.png", full_page=True)


def test_a_hostile_notebook_does_nothing_on_its_feedback_page(page, room, screenshots):
    feedback(room, LESSON)
    page.goto(room.feedback("mallory", LESSON).as_uri())
    quiet(page)
    assert "onerror" in page.locator("body").inner_text()
    page.goto(room.feedback("ada", LESSON).as_uri())
    card = page.locator(".jp-OutputArea-output, .output_html", has_text=NAME).first
    card.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "feedback_card.png")
    assert NAME in card.inner_text()


def test_nbgrader_s_own_feedback_and_export_work(page, room, tmp_path):
    """On a copy: they write into the class directory."""
    copy = tmp_path / "room"
    shutil.copytree(room.root, copy)
    for words in (["generate_feedback", LESSON, "--force"], ["export"]):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=copy,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    with (copy / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    with room.gradebook() as book:
        for student in ("ada", "mallory", "right"):
            score = book.find_submission(LESSON, student).score
            assert float(rows[student]["score"]) == score
    pages = copy / "feedback"
    assert NAME in (pages / "ada" / LESSON / f"{LESSON}.html").read_text()
    page.goto((pages / "mallory" / LESSON / f"{LESSON}.html").as_uri())
    quiet(page)
