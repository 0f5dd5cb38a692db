"""The language of what a learner reads."""

import io

import pytest

from descentlab import text


@pytest.fixture
def korean(tmp_path, monkeypatch):
    """A catalogue of one sentence, for Korean alone."""
    catalog = pytest.importorskip("babel.messages.catalog").Catalog(locale="ko")
    catalog.add("step", "스텝")
    content = io.BytesIO()
    pytest.importorskip("babel.messages.mofile").write_mo(content, catalog)
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "descentlab.mo").write_bytes(content.getvalue())
    monkeypatch.setattr(text, "LOCALE_DIR", tmp_path)
    for name in ("DESCENTLAB_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "step"),
        ({"LANG": "ko_KR.UTF-8"}, "스텝"),
        ({"DESCENTLAB_LANG": "ko"}, "스텝"),
        ({"DESCENTLAB_LANG": "fr:ko"}, "스텝"),
        ({"DESCENTLAB_LANG": "fr", "LANG": "ko_KR.UTF-8"}, "step"),
        ({"DESCENTLAB_LANG": "en", "LANGUAGE": "ko"}, "step"),
    ],
)
def test_the_courses_own_variable_comes_first(korean, variables, said):
    for name, value in variables.items():
        korean.setenv(name, value)
    assert text._translation().gettext("step") == said


def test_a_mark_changes_nothing():
    assert text.N_("step") == "step"
