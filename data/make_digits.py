"""Write digits.npz, the course's handwritten digits, from the copy that scikit-learn ships.

    python data/make_digits.py

The same bytes at every run: members are stored uncompressed (compressors differ between
versions), with a fixed time stamp, and the split is drawn once, here, and kept in the file.
"""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).with_name("digits.npz")
SEED = 1998  # the year in which the data were given to the UCI repository
PER_CLASS = 30  # images of each digit in the validation part, and again in the test part


def split(labels):
    """Return the rows of the three parts, each shuffled, every digit in its share."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    parts = {"train": [], "val": [], "test": []}
    for digit in range(10):
        rows = rng.permutation(np.flatnonzero(labels == digit))
        parts["val"].append(rows[:PER_CLASS])
        parts["test"].append(rows[PER_CLASS : 2 * PER_CLASS])
        parts["train"].append(rows[2 * PER_CLASS :])
    return {
        name: rng.permutation(np.concatenate(rows)).astype("<u2") for name, rows in parts.items()
    }


def pack(arrays):
    """Return the bytes of an .npz file that holds `arrays`, without a trace of when it was made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # as on Unix, wherever this runs
            member.external_attr = 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getvalue())
    return buffer.getvalue()


def main():
    digits = load_digits()
    labels = digits.target.astype("u1")
    arrays = {"images": digits.images.astype("u1"), "labels": labels, **split(labels)}
    content = pack(arrays)
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
