"""A lesson in JupyterLab, in a real browser: what a learner does in the first ten minutes."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from autograder.grading.classroom import ClassDirectory
from autograder.grading.init import init_class
from autograder.grading.lab import copy_lessons, lab_command
from autograder.notebooks import fill
from tests.chromium import NEEDS_CHROMIUM

LESSON, NAME = "03_momentum", "momentum_step"
TOKEN = "for-this-test-only"
SECONDS = 60

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    NEEDS_CHROMIUM,
]


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    init_class(tmp_path_factory.mktemp("lab") / "room")
    course = ClassDirectory.at(tmp_path_factory.getbasetemp() / "lab0" / "room")
    copy_lessons(course)
    return course


@pytest.fixture(scope="module")
def lab(room):
    """The address of a JupyterLab that `autograder lab` would start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = lab_command(
        room,
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
    )
    with open(room.root / "lab.log", "w") as log:
        server = subprocess.Popen(
            command, cwd=room.root, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server)
            yield f"http://127.0.0.1:{port}/lab/tree/{{}}?token={TOKEN}"
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)


def wait_for(address, server):
    for _ in range(4 * SECONDS):
        assert server.poll() is None, "JupyterLab didn't start; see lab.log"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.25)
    pytest.fail("JupyterLab didn't answer")


@pytest.fixture
def page(browser, lab):
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(1000 * SECONDS)
    page.goto(lab.format(f"{LESSON}/{LESSON}.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.get_by_text("| Idle").first.wait_for()
    yield page
    page.close()


def cell_with(page, text):
    """The cell that holds a text, scrolled to (JupyterLab draws only what is in sight)."""
    notebook = page.locator(".jp-WindowedPanel-outer").first
    cell = page.locator(".jp-CodeCell").filter(has_text=text).first
    for _ in range(60):
        if cell.count() and cell.is_visible():
            break
        notebook.evaluate("panel => panel.scrollBy(0, 500)")
        page.wait_for_timeout(150)
    cell.scroll_into_view_if_needed()
    return cell


def run(page, cell, source=None):
    """Click into a cell, type over what is in it, run it, and wait until it has run."""
    cell.locator(".cm-content").click()
    if source is not None:
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    cell.locator(".jp-InputArea-prompt", has_text=re.compile(r"\[\d+\]")).wait_for()


@pytest.fixture(scope="session")
def screenshots(root):
    folder = root / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_wrong_answer_is_typed_and_its_card_is_read(page, screenshots):
    """Nothing pops up; the cell takes the answer; the card names the mistake."""
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0
    run(page, page.locator(".jp-CodeCell").first)
    planted = fill.mistakes(NAME)[0]
    run(page, cell_with(page, f"def {NAME}("), planted.source)
    check = cell_with(page, f"check({NAME})")
    run(page, check)
    check.locator(".jp-OutputArea-executeResult").wait_for()
    text = " ".join(check.locator(".jp-OutputArea").inner_text().split())
    page.screenshot(path=screenshots / "wrong_answer.png")
    assert NAME in text
    assert "hint(momentum_step)" in text
    assert spoken(planted.mistake) in text


def spoken(mistake):
    """The first words of what the learner is told for a listed mistake."""
    from autograder import exercises

    (listed,) = [m for m in exercises.find(NAME).mistakes if m.id == mistake]
    return " ".join(listed.message.split()[:5])


def test_the_validate_button_says_what_is_missing(page, screenshots):
    """nbgrader's own button; it skips the experiments, so it answers in seconds."""
    page.get_by_text("Validate", exact=True).click()
    dialog = page.locator(".jp-Dialog").filter(has_text="Validation Results")
    dialog.wait_for()
    page.screenshot(path=screenshots / "validate.png")
    text = dialog.inner_text()
    assert "check(nesterov_step)" in text
    assert "You did not provide a response" in text
