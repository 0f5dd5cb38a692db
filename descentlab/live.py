"""Whether a person sits in front of this notebook, or a machine runs it."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from descentlab import answering

SWITCH = "DESCENTLAB_WIDGETS"
"""Environment variable: "static" says that nobody looks, "live" that somebody does."""


def is_live() -> bool:
    """Say whether a person sits in front of this notebook.

    The page that runs a cell sends the cell's id along (JupyterLab, Notebook 7, VS Code); nbclient,
    and with it nbconvert, nbgrader and papermill, sends none.
    """
    wanted = os.environ.get(SWITCH, "")
    if wanted in ("static", "live"):
        return wanted == "live"
    if answering.LINK is not None:  # behind walls: a class is being graded
        return False
    if "google.colab" in sys.modules:
        return True
    return bool(request().get("metadata", {}).get("cellId"))


def request() -> dict:
    """The message that runs the current cell; empty without a kernel."""
    if "IPython" not in sys.modules:
        return {}
    shell = import_module("IPython").get_ipython()
    return (shell.get_parent() if hasattr(shell, "get_parent") else None) or {}
