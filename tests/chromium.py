"""The browser of all browser tests: Debian's Chromium."""

import os
import shutil

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEEDS_CHROMIUM = pytest.mark.skipif(
    BROWSER is None and not os.environ.get("CI"),
    reason="no Chromium on this machine; install the package chromium",
)
"""CI has to have it: there the tests run, and fail."""
