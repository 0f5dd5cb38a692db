"""What learners read can be translated: one template, whole sentences, nothing glued."""

import ast
import io
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "descentlab" / "locale" / "descentlab.pot"
PACKAGES = ("descentlab", "autograder")
MARKS = {"_", "N_", "ngettext"}
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def sources():
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def extracted():
    found = set()
    for package in PACKAGES:
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / package), keywords=KEYWORDS
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def glued(tree):
    """Sentences that are put together from halves: (line, why)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
            for side in (node.left, node.right):
                if _marked(side):
                    yield node.lineno, "a translated sentence is added to another text"
        elif isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and _marked(part.value):
                    yield node.lineno, "a translated sentence stands inside an f-string"
        elif _marked(node):
            yield from _bad_argument(node)


def _bad_argument(call):
    text = call.args[0] if call.args else None
    if isinstance(text, ast.JoinedStr):
        yield call.lineno, "an f-string can't be translated; use named places and .format"
    if isinstance(text, ast.Constant):
        if text.value != text.value.strip():
            yield call.lineno, f"the sentence begins or ends with a space: {text.value!r}"
        if "{}" in text.value or "%s" in text.value:
            yield call.lineno, f"a place without a name: {text.value!r}"


def _marked(node):
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
    ) or (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
        and _marked(node.func.value)
    )


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_sentence_is_glued_from_halves(file):
    assert not list(glued(ast.parse(file.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "planted",
    [
        'text = _("Look at ") + name',
        "text = f\"{_('Look at')} {name}\"",
        'text = _(f"Look at {name}")',
        'text = _("Look at %s") % name',
        'text = _("Look at {}").format(name)',
        'text = N_("Look at the sign. ")',
        'text = _("Look at {name}.").format(name=name) + more',
    ],
)
def test_a_planted_half_is_found(planted):
    assert list(glued(ast.parse(planted)))


def test_the_template_holds_every_sentence():
    """`make messages` writes it."""
    catalogue = read_po(io.BytesIO(TEMPLATE.read_bytes()))
    listed = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue if m.id}
    now = extracted()
    assert listed == now, f"run make messages: {sorted(listed ^ now)[:5]}"


def test_a_translation_reaches_the_card(tmp_path, monkeypatch):
    """A learner who asks for another language gets it, through a real catalogue."""
    import subprocess
    import sys

    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog(locale="ko")
    catalogue.add("All {points} points.", "{points}점 만점.")
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "descentlab.mo").open("wb") as file:
        write_mo(file, catalogue)
    code = (
        "from pathlib import Path; import gettext; from descentlab import text\n"
        f"text.LOCALE_DIR = Path({str(tmp_path)!r})\n"
        "text._ = text._translation().gettext\n"
        "from descentlab import check; check('friction', 'C')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "", "DESCENTLAB_LANG": "ko", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2점 만점." in done.stdout
