"""What all tests share: the repository, its lessons, and Jupyter kept to a folder of its own."""

import os
from pathlib import Path

import pytest

from autograder.notebooks.source import lessons_in
from tests.chromium import BROWSER, OPTIONS

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_generate_tests(metafunc):
    """Run a test that asks for `lesson` once for each lesson: a new one needs no edit here."""
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", lessons_in(ROOT))


WHOLE = (
    "tests/test_browser.py",
    "tests/test_cluster.py",
    "tests/test_command.py",
    "tests/test_formgrader.py",
    "tests/test_grading.py",
    "tests/test_init.py",
    "tests/test_publish.py",
    "tests/test_redteam.py",
    "tests/test_regrade.py",
    "tests/test_release.py",
    "tests/test_survival.py",
    "tests/test_walls.py",
    "tests/test_widgets_browser.py",
)
"""Files whose tests share something that takes long to make: a graded class, a JupyterLab."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep a file of `WHOLE` in one process; hand out all other tests one by one."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return file if file in WHOLE else nodeid

    return Scheduling(config, log)


@pytest.fixture(scope="module")
def browser():
    """A real browser, for tests marked NEEDS_CHROMIUM."""
    from playwright.sync_api import sync_playwright

    assert BROWSER, "CI has to install Chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def own_jupyter(tmp_path_factory):
    """Keep kernels' files, settings and history out of the home folder."""
    home = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(home / name.lower()))
        yield
