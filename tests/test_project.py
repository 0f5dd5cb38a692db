"""The project's frame: what is installed, what is shipped, what `make` knows."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml

import descentlab

CONDA_NAMES = {"python-build": "build"}
"""A package that conda-forge calls otherwise -> its name on PyPI."""


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


def by_name(requirements):
    """`numpy>=2.0` -> {"numpy": ">=2.0"}."""
    return {
        match[1].lower(): match[2]
        for line in requirements
        for match in [re.fullmatch(r"([\w.-]+)(?:\[\w+\])?(.*)", line)]
    }


def test_conda_installs_what_pip_installs(root, project):
    """environment.yml is `make setup` for conda: core, teach and dev, with the same bounds."""
    extras = project["optional-dependencies"]
    wanted = by_name(project["dependencies"] + extras["teach"] + extras["dev"])
    listed = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    from_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    assert from_pip[0] == "-e ."
    found = by_name([e for e in listed if isinstance(e, str)] + from_pip[1:])
    assert found.pop("python") == project["requires-python"]
    found.pop("pip")
    assert {CONDA_NAMES.get(name, name): bound for name, bound in found.items()} == wanted


def test_the_core_is_small(project):
    core = set(by_name(project["dependencies"]))
    learners = {"numpy", "scipy", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "tqdm"}
    assert core == learners


def test_every_target_of_the_makefile_is_described(root):
    text = (root / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())
    assert phony >= {"setup", "demo", "lab", "test", "lessons"}
    assert phony == set(re.findall(r"^([a-z]+):.*## ", text, re.M)) | {"help"}


def test_an_import_is_quick():
    """`import descentlab` loads no matplotlib, `import autograder` no judge."""
    code = (
        "import sys, descentlab, autograder;"
        "heavy = {'matplotlib', 'scipy', 'nbgrader', 'autograder.judging'} & set(sys.modules);"
        "raise SystemExit(', '.join(heavy) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """A wheel, built without the network by the hatchling that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return file


def test_the_wheel_holds_the_course_as_it_is(root, wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for folder in ("lessons", "solutions", "data"):
        files = [f for f in (root / folder).rglob("*") if f.is_file() and is_committed(f)]
        assert files
        for file in files:
            name = f"descentlab/_course/{file.relative_to(root).as_posix()}"
            assert held[name] == file.read_bytes(), name
    assert (
        held["descentlab/_course/nbgrader_config.py"] == (root / "nbgrader_config.py").read_bytes()
    )
    assert "autograder/grading/report.html" in held
    assert "autograder/grading/lab_settings/overrides.json" in held


def is_committed(file):
    return not ({"__pycache__", ".ipynb_checkpoints"} & set(file.parts)) and file.name not in (
        "policy.json",
    )


def test_an_installed_wheel_finds_its_lessons_and_data(wheel, tmp_path):
    """Installed away from the repository, with nothing else of it in sight."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import descentlab\n"
        "from descentlab.places import course_folder\n"
        "from autograder.notebooks.source import lessons_in\n"
        "assert descentlab.__file__.startswith(sys.argv[1]), descentlab.__file__\n"
        "assert str(course_folder('lessons')).startswith(sys.argv[1])\n"
        "print(*lessons_in(course_folder('solutions').parent))\n"
        "print(len(descentlab.load_digits().x_train))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(site)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    lessons, rows = done.stdout.splitlines()
    assert "03_momentum" in lessons.split()
    assert int(rows) > 1000


def test_the_version_is_stated_once(project):
    assert project["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", descentlab.__version__)
