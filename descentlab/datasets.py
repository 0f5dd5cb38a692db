"""The only code that knows where the course's data lie."""

import hashlib
import io
from typing import NamedTuple

import numpy as np

from descentlab.places import course_folder
from descentlab.text import _

DIGITS_FILE = "digits.npz"
DIGITS_SHA256 = "e68175dc533d8ed86a1c4b4f111f2c273aadbf0140e4b682d2407c5a3e476b4c"


class Digits(NamedTuple):
    """Handwritten digits in three parts; every row of x is one image of 8 x 8 pixels.

    Parameters
    ----------
    x_train : ndarray, shape (1197, 64)
        Ink per pixel from 0 (none) to 1 (full), row by row: ``x_train[0].reshape(8, 8)``.
    labels_train : ndarray of int, shape (1197,)
        The digit, 0 to 9.
    x_val, x_test : ndarray, shape (300, 64)
    labels_val, labels_test : ndarray of int, shape (300,)
        30 of each digit.
    """

    x_train: np.ndarray
    labels_train: np.ndarray
    x_val: np.ndarray
    labels_val: np.ndarray
    x_test: np.ndarray
    labels_test: np.ndarray


def load_digits(dtype=np.float64):
    """Load the UCI optical digits, split into training, validation and test parts.

    The same split every time, on every machine: it is stored in the file. The rows of each part
    are shuffled, so the first 100 are a fair sample.

    Parameters
    ----------
    dtype : {numpy.float64, numpy.float32}
        Precision of the images.

    Returns
    -------
    Digits

    Raises
    ------
    ValueError
        `dtype` is neither of the two.
    FileNotFoundError, OSError
        The file is missing, or it is damaged.

    Notes
    -----
    E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, CC BY 4.0. `data/README.md` says more.
    """
    if np.dtype(dtype) not in (np.float64, np.float32):
        raise ValueError(
            _("dtype must be numpy.float64 or numpy.float32, got {dtype}").format(dtype=dtype)
        )
    with np.load(io.BytesIO(_checked_bytes())) as arrays:
        x = (arrays["images"].reshape(-1, 64) / 16).astype(dtype)
        labels = arrays["labels"].astype(np.int64)
        rows = [arrays[part] for part in ("train", "val", "test")]
    return Digits(*(array[part] for part in rows for array in (x, labels)))


def _checked_bytes():
    """Read the file whole, and refuse it unless it is the one that the course was made with."""
    file = course_folder("data") / DIGITS_FILE
    remedy = _(
        "Install descentlab again, or in a clone bring the file back with "
        "`git checkout -- data/{name}`."
    ).format(name=DIGITS_FILE)
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        sentence = _("The data file {file} is missing. {remedy}")
        raise FileNotFoundError(sentence.format(file=file, remedy=remedy)) from None
    except OSError as error:
        sentence = _("The data file {file} can't be read: {reason}. {remedy}")
        reason = error.strerror or error
        raise OSError(sentence.format(file=file, reason=reason, remedy=remedy)) from None
    if hashlib.sha256(content).hexdigest() != DIGITS_SHA256:
        sentence = _(
            "The data file {file} is damaged: its sha256 isn't the one in data/README.md. {remedy}"
        )
        raise OSError(sentence.format(file=file, remedy=remedy))
    return content
