"""Which module may import which: the arrows of the house run one way."""

import ast
from pathlib import Path

import pytest

JUDGE = {
    f"autograder.{name}"
    for name in ("judging", "findings", "naming", "comparing", "evidence", "wording")
}
ALLOWED = {
    "descentlab": {"descentlab"},
    "autograder.reference": {"autograder.reference", "descentlab.states"},
    "autograder.findings": {"descentlab"},
    "autograder.comparing": {"descentlab"},
    "autograder.exercises": {
        "autograder.exercises",
        "autograder.findings",
        "autograder.reference",
        "descentlab",
    },
    **dict.fromkeys(
        JUDGE - {"autograder.findings", "autograder.comparing"},
        JUDGE | {"autograder.exercises", "descentlab"},
    ),
    "autograder.notebooks": {
        "autograder.notebooks",
        "autograder.exercises",
        "autograder.reference",
        "descentlab",
    },
    "autograder.oracle": JUDGE | {"autograder.exercises", "descentlab"},
    "autograder.sandbox": {"autograder.sandbox", "descentlab"},
    "autograder.sandbox.rooms": {"autograder.sandbox", "descentlab.wire"},
    "autograder.grading": {
        "autograder.grading",
        "autograder.notebooks",
        "autograder.sandbox",
        "descentlab",
    },
    "autograder.console": {"descentlab.text"},
    "autograder.cli_class": {
        "autograder.console",
        "autograder.grading",
        "autograder.notebooks",
        "autograder.sandbox.early",
    },
    "autograder.cli": {
        "autograder.cli_class",
        "autograder.console",
        "autograder.grading",
        "autograder.notebooks",
        "descentlab",
    },
    "autograder.__init__": {"autograder.judging"},
}
"""Module or package -> what it may import of the two packages; the longest entry counts."""

STANDARD_AND_NUMPY = {"ast", "difflib", "functools", "importlib", "inspect", "math", "textwrap"} | {
    "numpy",
    "collections",
}


def below(module, packages):
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports(source):
    """Every module that a text imports, `from autograder import reference` included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module == "autograder":
                yield from (f"autograder.{alias.name}" for alias in node.names)
            else:
                yield node.module or "."


def wrong_arrows(module, source):
    """The imports of a module that it may not have."""
    rules = [entry for entry in ALLOWED if below(module, [entry])]
    assert rules, f"{module} stands in no entry of ALLOWED: say what it may import"
    allowed = ALLOWED[max(rules, key=len)]
    inside = [name for name in imports(source) if below(name, ["descentlab", "autograder"])]
    return [name for name in inside if not below(name, allowed)]


def modules(root):
    for package in ("descentlab", "autograder"):
        for file in sorted((root / package).rglob("*.py")):
            name = ".".join(file.relative_to(root).with_suffix("").parts)
            yield name if name == "autograder.__init__" else name.removesuffix(".__init__"), file


def test_every_module_imports_only_what_it_may(root):
    found = {name: wrong_arrows(name, file.read_text()) for name, file in modules(root)}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("descentlab.training", "from autograder import judge"),
        ("descentlab.training", "import autograder.reference"),
        ("autograder.reference.adaptive", "from descentlab.training import train"),
        ("autograder.reference.adaptive", "from autograder import exercises"),
        ("autograder.exercises.adaptive", "from autograder.judging import judge"),
        ("autograder.notebooks.build", "from autograder.grading.classroom import ClassDirectory"),
        ("autograder.grading.demo", "from autograder import exercises"),
    ],
)
def test_a_wrong_arrow_is_seen(module, source):
    assert wrong_arrows(module, source)


def test_the_reference_needs_numpy_alone(root):
    for file in sorted((root / "autograder" / "reference").glob("*.py")):
        outside = {n.partition(".")[0] for n in imports(file.read_text())}
        assert outside <= STANDARD_AND_NUMPY | {"descentlab", "autograder"}, file.name


def test_only_checking_asks_for_the_judge_and_only_when_it_is_needed(root):
    """A name in a string is an arrow too: import_module("autograder")."""
    asking = [
        file.name
        for file in sorted((root / "descentlab").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module"
        and isinstance(node.args[0], ast.Constant)
        and str(node.args[0].value).startswith("autograder")
    ]
    assert set(asking) == {"checking.py"}


def test_the_bench_holds_no_answer(root):
    """No function in descentlab bears an exercise's name."""
    from autograder import reference

    asked = {name for topic in reference.TOPICS for name in reference.names(topic)}
    for file in sorted(Path(root / "descentlab").rglob("*.py")):
        defined = {n.name for n in ast.walk(ast.parse(file.read_text())) if hasattr(n, "name")}
        assert not defined & asked, file.name
