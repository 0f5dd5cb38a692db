"""JupyterLab with a notebook of widgets in it, and a browser: for the tests and the bench."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import nbformat

from autograder.grading.classroom import ClassDirectory
from autograder.grading.init import init_class
from autograder.grading.lab import lab_command

TOKEN = "for-this-test-only"
SECONDS = 60
SAVE_STATE = "@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"


def write_notebook(file, *cells):
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, file)


@contextlib.contextmanager
def open_lab(folder, theme="JupyterLab Light"):
    """Start the JupyterLab of a class in a folder; yields its work folder and its address."""
    init_class(folder / "room")
    course = ClassDirectory.at(folder / "room")
    work = course.root / "work"
    work.mkdir(exist_ok=True)
    settings = folder / "settings"
    for name, value in (
        (SAVE_STATE, {"saveState": True}),
        ("@jupyterlab/apputils-extension/themes.jupyterlab-settings", {"theme": theme}),
    ):
        (settings / name).parent.mkdir(parents=True, exist_ok=True)
        (settings / name).write_text(json.dumps(value))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = lab_command(
        course,
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
        f"--LabApp.user_settings_dir={settings}",
        f"--LabApp.workspaces_dir={folder / 'workspaces'}",
    )
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(
            command,
            cwd=course.root,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server)
            yield work, f"http://127.0.0.1:{port}/lab/tree/{{}}?token={TOKEN}&reset"
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)


def wait_for(address, server):
    """Wait until the server answers."""
    for _ in range(4 * SECONDS):
        if server.poll() is not None:
            raise RuntimeError("JupyterLab didn't start; see lab.log")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.25)
    raise RuntimeError("JupyterLab didn't answer")


def open_notebook(page, address, name):
    """Open a notebook and wait for its kernel."""
    page.set_default_timeout(1000 * SECONDS)
    page.goto(address.format(name))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.get_by_text("| Idle").first.wait_for()


def run_cell(page, index):
    """Run one code cell and wait until it has run."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(index)
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    cell.locator(".jp-InputArea-prompt", has_text=re.compile(r"\[\d+\]")).wait_for()
    return cell


def settle(page, widget):
    """Wait until the picture shows what was asked for last."""
    page.wait_for_function(
        "root => root.dataset.shown !== undefined"
        " && (root.dataset.asked ?? root.dataset.shown) === root.dataset.shown",
        arg=widget.element_handle(),
    )


def picture(page, widget):
    """The bytes of the picture that stands there, as a digest."""
    settle(page, widget)
    return widget.evaluate(
        """async root => {
          const data = await (await fetch(root.querySelector("img").src)).arrayBuffer();
          const digest = await crypto.subtle.digest("SHA-256", data);
          return Array.from(new Uint8Array(digest)).join(",");
        }"""
    )
