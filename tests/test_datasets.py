"""The digits, where they lie, and what is said when they don't."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from descentlab import datasets, load_digits, places

ROOT = Path(__file__).parents[1]


def test_three_parts_in_the_promised_shapes():
    digits = load_digits()
    rows = {"train": 1197, "val": 300, "test": 300}
    for part, count in rows.items():
        x, labels = getattr(digits, f"x_{part}"), getattr(digits, f"labels_{part}")
        assert (x.shape, x.dtype) == ((count, 64), np.float64)
        assert (labels.shape, labels.dtype) == ((count,), np.int64)
        assert x.min() == 0
        assert x.max() == 1
    assert np.bincount(digits.labels_val).tolist() == [30] * 10
    assert np.bincount(digits.labels_test).tolist() == [30] * 10
    assert load_digits(np.float32).x_train.dtype == np.float32


def test_the_parts_hold_every_image_once_with_its_own_label():
    """Held against scikit-learn's copy, from which the file was made."""
    source = pytest.importorskip("sklearn.datasets").load_digits()
    digits = load_digits()
    x = np.concatenate([digits.x_train, digits.x_val, digits.x_test])
    labels = np.concatenate([digits.labels_train, digits.labels_val, digits.labels_test])
    ours = np.column_stack([x * 16, labels])
    theirs = np.column_stack([source.data, source.target])
    assert sorted(ours.tolist()) == sorted(theirs.tolist())


def test_the_same_every_time_and_nothing_shared():
    first = load_digits()
    first.x_train[:] = -1
    assert (load_digits().x_train >= 0).all()
    # The first rows of each part: a new split would change every number that a lesson quotes.
    assert load_digits().labels_train[:10].tolist() == [1, 7, 6, 0, 0, 4, 5, 2, 2, 4]


def test_a_part_is_shuffled():
    """Sorted labels would change 9 times along a part; shuffled ones 9 times in 10."""
    changes = np.count_nonzero(np.diff(load_digits().labels_val))
    assert changes > 240  # expected 270, standard deviation about 5


def test_the_script_writes_the_committed_bytes(tmp_path, capsys):
    pytest.importorskip("sklearn")
    script = runpy.run_path(str(ROOT / "data" / "make_digits.py"))
    target = tmp_path / "digits.npz"
    script["main"].__globals__["TARGET"] = target
    script["main"]()
    assert target.read_bytes() == (ROOT / "data" / "digits.npz").read_bytes()
    assert datasets.DIGITS_SHA256 in capsys.readouterr().out


def test_the_readme_tells_the_truth():
    text = (ROOT / "data" / "README.md").read_text()
    size = (ROOT / "data" / "digits.npz").stat().st_size
    assert datasets.DIGITS_SHA256 in text
    assert f"{size:,} bytes" in text
    assert size < 150_000


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """An empty data folder in place of the course's."""
    monkeypatch.setattr(datasets, "course_folder", lambda name: tmp_path)
    return tmp_path


def test_a_missing_file_is_named_with_the_remedy(data_folder):
    with pytest.raises(FileNotFoundError, match=r"digits.npz is missing. .*git checkout -- data/"):
        load_digits()


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"x" + b[1:], lambda b: b""])
def test_a_damaged_file_is_named_with_the_remedy(data_folder, damage):
    content = (ROOT / "data" / "digits.npz").read_bytes()
    (data_folder / "digits.npz").write_bytes(damage(content))
    with pytest.raises(OSError, match=r"digits.npz is damaged: .*Install descentlab again"):
        load_digits()


def test_an_unreadable_file_is_named_with_the_remedy(data_folder):
    (data_folder / "digits.npz").mkdir()
    with pytest.raises(OSError, match=r"digits.npz can't be read: .*Install descentlab again"):
        load_digits()


def test_a_precision_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"numpy.float64 or numpy.float32, got <class 'int'>"):
        load_digits(int)


# places


def test_in_a_checkout_the_folders_lie_beside_the_package():
    assert places.course_folder("data") == ROOT / "data"


def test_in_a_wheel_they_lie_inside_it_and_come_first(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "descentlab"
    inside, foreign = package / "_course" / "data", tmp_path / "site-packages" / "data"
    monkeypatch.setattr(places, "PACKAGE", package)
    with pytest.raises(FileNotFoundError, match=r"'lessons' is missing.*Install descentlab again"):
        places.course_folder("lessons")
    for folder in (inside, foreign):
        folder.mkdir(parents=True)
    assert places.course_folder("data") == inside


def test_a_folder_that_the_course_does_not_have():
    with pytest.raises(ValueError, match=r"data, lessons, solutions; there is none called 'tests'"):
        places.course_folder("tests")
