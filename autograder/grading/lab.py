"""JupyterLab on a learner's own copies of the lessons."""

import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from autograder.grading.classroom import ClassDirectory


def copy_lessons(course: ClassDirectory) -> tuple[list[Path], list[Path]]:
    """Copy the lessons into ``work/``, never over a file that is there.

    Returns
    -------
    copied, kept : list of Path
        The notebooks that are new in ``work/``, and those that the learner had already.
    """
    copied, kept = [], []
    for source in sorted((course.root / "lessons").rglob("*")):
        if not source.is_file() or any(part.startswith(".") for part in source.parts[-2:]):
            continue
        target = course.root / "work" / source.relative_to(course.root / "lessons")
        if source.name == "policy.json":  # the class's rules of today, not the learner's work
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        elif target.exists():
            kept.append(target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            copied.append(target)
    return copied, kept


def lab_command(course: ClassDirectory, *options: str) -> list[str]:
    """Return the command that starts JupyterLab on ``work/``; run it in the class directory.

    nbgrader's Validate button reads nbgrader_config.py in the folder where JupyterLab starts, and
    then skips the experiments as grading does. In a container root is often the only user, and
    JupyterLab refuses to serve it unless told otherwise.
    """
    settings = files("autograder.grading").joinpath("lab_settings")
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={course.root / 'work'}",
        f"--LabApp.app_settings_dir={settings}",
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        *options,
    ]


def start_lab(course: ClassDirectory, *options: str) -> None:
    """Become JupyterLab on ``work/``; does not return."""
    os.chdir(course.root)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the lessons' arrays are small
    command = lab_command(course, *options)
    os.execv(command[0], command)
