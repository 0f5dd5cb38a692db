"""An answer's value beside the reference's: its structure first, then its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from descentlab.text import _


@dataclass(frozen=True)
class Misfit:
    """Why a value doesn't have the reference's structure: a fault's identifier and its details."""

    fault: str
    name: str = ""
    expected: str = ""
    got: str = ""


@dataclass(frozen=True)
class Leaf:
    """One array or number of the result beside the one that was expected."""

    name: str
    value: np.ndarray
    expected: np.ndarray
    right: bool

    @property
    def finite(self) -> bool:
        return not np.isfinite(self.expected).all() or bool(np.isfinite(self.value).all())


def fit(value: Any, expected: Any, names: Any, tolerance: float) -> list[Leaf] | Misfit:
    """The leaves of a value, paired with the reference's, or why they can't be paired."""
    leaves: list[Leaf] = []
    for step in _walk(value, expected, names):
        if isinstance(step, Misfit):
            return step
        name, got, wanted = step
        leaves.append(Leaf(name, got, wanted, close(got, wanted, tolerance)))
    return leaves


def matches(value: Any, expected: Any, names: Any, tolerance: float) -> bool:
    """Whether a value has the expected structure and numbers; stops at the first difference."""
    return all(
        not isinstance(step, Misfit) and close(step[1], step[2], tolerance)
        for step in _walk(value, expected, names)
    )


def close(value: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    """Equal up to the tolerance times the largest expected number (at least 1)."""
    if not expected.size:
        return True
    if np.iscomplexobj(expected):  # of a wrong version, which took the root of a negative number
        return False
    with np.errstate(all="ignore"):
        worst = np.abs(np.subtract(value, expected, dtype=float)).max()
        scale = max(1.0, np.abs(expected).max())
        if np.isfinite(worst) and np.isfinite(scale):
            return bool(worst <= tolerance * scale)
        finite = expected[np.isfinite(expected)]
        scale = max(1.0, float(np.max(np.abs(finite), initial=0.0)))
        return bool(np.allclose(value, expected, rtol=0, atol=tolerance * scale, equal_nan=True))


def orders(value: Any, expected: Any) -> Iterator[tuple]:
    """The value with its parts, or with those of one tuple inside, in every other order."""
    if not isinstance(expected, tuple) or not isinstance(value, (tuple, list)):
        return
    parts = tuple(value)
    if len(parts) != len(expected):
        return
    for order in list(permutations(range(len(parts))))[1:]:
        yield tuple(parts[i] for i in order)
    for i, (part, wanted) in enumerate(zip(parts, expected, strict=True)):
        for inner in orders(part, wanted):
            yield (*parts[:i], inner, *parts[i + 1 :])


def like(value: Any, expected: Any) -> Any:
    """The answer's value in the reference's containers: a list for a tuple becomes a tuple, what
    only holds numbers (a tensor) an array."""
    if isinstance(expected, tuple) and len(value) == len(expected):
        parts = [like(part, wanted) for part, wanted in zip(value, expected, strict=True)]
        return type(expected)(*parts) if hasattr(expected, "_fields") else tuple(parts)
    if isinstance(expected, list) and len(value) == len(expected):
        return [like(part, wanted) for part, wanted in zip(value, expected, strict=True)]
    if hasattr(value, "__array__") and not isinstance(value, (np.ndarray, np.generic)):
        return np.asarray(value)
    return value


def _walk(
    value: Any, expected: Any, names: Any, *, inside: bool = False
) -> Iterator[Misfit | tuple]:
    label = names if isinstance(names, str) else "result"
    if isinstance(expected, (tuple, list)):
        if value is None:
            yield Misfit("returned_nothing", label, _tuple_text(expected, names))
            return
        parts = _parts(value, expected)
        if parts is None:
            yield Misfit("not_a_tuple", label, _tuple_text(expected, names), describe(value))
            return
        if len(parts) != len(expected):
            fault = "wrong_count_inside" if inside else "wrong_count"
            yield Misfit(fault, label, _tuple_text(expected, names), str(len(parts)))
            return
        below = names
        if isinstance(names, str):
            below = [f"{names}[{i}]" for i in range(len(expected))]
        for part, want, name in zip(parts, expected, below, strict=True):
            yield from _walk(part, want, name, inside=True)
        return
    if value is None:
        yield Misfit("returned_nothing", label, describe(expected))
        return
    yield _leaf(value, np.asarray(expected), label)


def _leaf(value: Any, expected: np.ndarray, name: str) -> Misfit | tuple:
    if isinstance(value, (tuple, list)):
        kind = "returned_list" if isinstance(value, list) else "returned_tuple"
        return Misfit(kind, name, describe(expected), describe(value))
    try:
        got = np.asarray(value)
    except Exception:  # whatever an object of the answer's does when it is asked for its numbers
        return Misfit("wrong_type", name, describe(expected), describe(value))
    if got.dtype.kind == "c":
        return Misfit("complex_numbers", name, describe(expected), describe(value))
    if got.dtype.kind not in "biuf":
        return Misfit("wrong_type", name, describe(expected), describe(value))
    if getattr(name, "loose", False) and _long_axes(got) == _long_axes(expected):
        got = got.reshape(expected.shape)
    if got.shape != expected.shape:
        fault = "returned_scalar" if got.shape == () else "wrong_shape"
        if expected.ndim > 1 and got.shape == (expected.size,):
            fault = "flat_result"
        return Misfit(fault, name, str(expected.shape), str(got.shape))
    return name, got, expected


def _long_axes(array: np.ndarray) -> list[int]:
    return [length for length in array.shape if length > 1]


def _parts(value: Any, expected: Any) -> tuple | list | np.ndarray | None:
    """The parts of a sequence; an array counts as one only where it stacks what is expected.

    It is handed on as it is: an answer may return millions of rows.
    """
    if isinstance(value, (tuple, list)):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        inner = {np.ndim(part) for part in expected if not isinstance(part, (tuple, list))}
        if inner == {value.ndim - 1}:
            return value
    return None


def _tuple_text(expected: Any, names: Any) -> str:
    if isinstance(names, str) or len(names) != len(expected):
        return describe(expected)
    return "(" + ", ".join(n if isinstance(n, str) else "state" for n in names) + ")"


def describe(value: Any) -> str:
    """A value's kind in a few words with their article, for a sentence."""
    if isinstance(value, np.ndarray) and value.ndim:
        return _("an array of shape {shape} and type {type}").format(
            shape=value.shape, type=value.dtype
        )
    if isinstance(value, (bool, np.bool_, int, float, np.number, np.ndarray)):
        return _("the number {value}").format(value=value)
    if isinstance(value, list):
        return _("a list of length {count}").format(count=len(value))
    if isinstance(value, tuple):
        return _("a tuple of length {count}").format(count=len(value))
    return _("an object of type {type}").format(type=type(value).__name__)


def number_text(value: Any, most: int = 6) -> str:
    """Numbers as a learner would write them: four digits, at most `most` of them."""
    array = np.asarray(value)
    if array.ndim == 0:
        return _one(array[()])
    if array.ndim == 2 and array.size <= most:
        rows = (", ".join(_one(entry) for entry in row) for row in array)
        return "[" + ", ".join(f"[{row}]" for row in rows) + "]"
    flat = ", ".join(_one(entry) for entry in array.ravel()[:most])
    rest = ", …" if array.size > most else ""
    shape = f" (shape {array.shape})" if array.ndim > 1 or array.size > most else ""
    return f"[{flat}{rest}]{shape}"


def _one(entry: Any) -> str:
    if isinstance(entry, (bool, np.bool_, int, np.integer)):
        return str(entry)
    return f"{float(entry):.4g}"
