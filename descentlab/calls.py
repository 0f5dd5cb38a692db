"""One call of an answer: what goes in, and what came of it.

`run` gives the answer copies of the arguments and keeps what it did: its value, what it raised,
which arguments it changed, whether it drew from the global generators. The judge calls answers by
it in a notebook, and so does a process behind walls, which sends the outcome to the judge.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import inspect
import io
import linecache
import random
import signal
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class Seeded:
    """Stands for a `np.random.Generator` argument: each use makes a fresh one from the seed."""

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)

    def generator(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


class Given:
    """Stands for a function argument (`grad_fn`, `f`, ...), which the answer may call."""

    def __init__(self, function: Callable, name: str = "grad_fn") -> None:
        self.function = function
        self.name = name


@dataclass(frozen=True)
class Call:
    """The arguments of one call. The arrays in it are never handed out, only copies of them."""

    args: tuple = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def replaced(self, name: str | int, value: Any) -> Call:
        """The same call with one argument (a keyword, or a position) exchanged."""
        if isinstance(name, int):
            args = (*self.args[:name], value, *self.args[name + 1 :])
            return Call(args, self.kwargs)
        return Call(self.args, {**self.kwargs, name: value})


def reseeded(call: Call) -> Call:
    """The same call with every generator in another state."""

    def other(value: Any) -> Any:
        return Seeded(value.seed + 1) if isinstance(value, Seeded) else value

    kwargs = {name: other(value) for name, value in call.kwargs.items()}
    return Call(tuple(map(other, call.args)), kwargs)


TWISTER_BYTES = 4 * 624 + 4
"""The Mersenne twister's state: its numbers, and the place of the next one."""

TIME_LIMIT = 2.0
"""Seconds that one call of an answer may take in a notebook."""

AGAIN = 0.2
"""Seconds after which a stopped answer that caught the stop is stopped again."""


class TimeUp(BaseException):
    """Raised inside an answer whose time is up; not an Exception, so `except Exception` passes."""


@dataclass(frozen=True)
class Raised:
    """An exception of the answer's: its type's name, its text, and the learner's own line."""

    type: str
    text: str
    line: str
    line_number: int | None


@dataclass(frozen=True)
class Outcome:
    """What one call came to.

    `fault` is None or the identifier of what ended the call: unanswered, exception, timed_out,
    exited, wrong_signature. `asked` lists what the answer called its function arguments with.
    `rng_moved` says whether it drew from a generator that it was given, or spawned from it.
    `shared` names the arguments that the value isn't a copy of: the two have memory in common.
    """

    value: Any = None
    fault: str | None = None
    raised: Raised | None = None
    changed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    printed: str = ""
    global_random: bool = False
    rng_moved: bool = False
    asked: tuple[tuple[str, tuple], ...] = ()
    shared: tuple[str, ...] = ()
    interruptible: bool = True
    arguments: dict[str, Any] = field(default_factory=dict)


def run(function: Callable, call: Call, *, limit: float = TIME_LIMIT) -> Outcome:
    """Call the answer once, with copies of everything."""
    try:
        names = argument_names(function, call)
    except TypeError as error:
        raised = Raised("TypeError", str(error), "", None)
        return Outcome(fault="wrong_signature", raised=raised)
    asked: list[tuple[str, tuple]] = []
    args = [hand_over(arg, asked) for arg in call.args]
    kwargs = {name: hand_over(value, asked) for name, value in call.kwargs.items()}
    given = [*args, *kwargs.values()]
    before = random.getstate(), _global_numpy_state()
    generators = [g for g in given if isinstance(g, np.random.Generator)]
    before_draws = [_stands(g) for g in generators]
    out = io.StringIO()
    value, fault, raised = None, None, None
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all="warn", under="ignore"),  # as NumPy itself has it
    ):
        warnings.simplefilter("always")
        start = time.monotonic()
        interruptible = True
        try:
            with time_limit(limit) as interruptible:
                value = function(*args, **kwargs)
        except TimeUp:
            fault = "timed_out"
        except NotImplementedError as error:
            fault, raised = "unanswered", describe(error, function)
        except (SystemExit, GeneratorExit) as error:
            fault, raised = "exited", describe(error, function)
        except Exception as error:
            fault, raised = "exception", describe(error, function)
        if fault is None and time.monotonic() - start > limit:
            fault = "timed_out"
    originals = [*call.args, *call.kwargs.values()]
    after = random.getstate(), _global_numpy_state()
    return Outcome(
        value=value,
        fault=fault,
        raised=raised,
        changed=tuple(
            name
            for name, now, original in zip(names, given, originals, strict=True)
            if not unchanged(now, original)
        ),
        warned=tuple(dict.fromkeys(_sentence(entry) for entry in caught)),
        printed=out.getvalue(),
        global_random=before != after,
        rng_moved=any(_stands(g) != at for g, at in zip(generators, before_draws, strict=True)),
        asked=tuple(asked),
        shared=tuple(
            name for name, now in zip(names, given, strict=True) if shares_memory(value, now)
        ),
        interruptible=interruptible,
        arguments=dict(zip(names, originals, strict=True)),
    )


def argument_names(function: Callable, call: Call) -> list[str]:
    """The parameter's name for each argument.

    Raises
    ------
    TypeError
        If the signature doesn't take the call.
    """
    try:
        plain = isinstance(function, types.FunctionType)
        signature = _signature(function) if plain else inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have no signature
        return [f"argument {i + 1}" for i in range(len(call.args))] + list(call.kwargs)
    signature.bind(*call.args, **call.kwargs)
    positional = [
        p.name
        for p in signature.parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    count = len(call.args)
    names = positional[:count] + [f"argument {i + 1}" for i in range(len(positional), count)]
    return names + list(call.kwargs)


_signature = functools.lru_cache(maxsize=4)(inspect.signature)
"""Of a function that is called dozens of times; other callables may be equal and not the same."""


def defaults_of(function: Callable) -> dict[str, str]:
    """The plain default values of a function's arguments, as Python writes them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {
        p.name: repr(p.default)[:100]
        for p in parameters
        if isinstance(p.default, bool | int | float | str | type(None))
    }


def hand_over(value: Any, asked: list | None = None) -> Any:
    """A copy of an argument for the answer; generators are made, functions are wrapped."""
    if isinstance(value, Seeded):
        return value.generator()
    if isinstance(value, Given):
        return _recording(value, [] if asked is None else asked)
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        parts = [hand_over(part, asked) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def _recording(given: Given, asked: list) -> Callable:
    def function(*args, **kwargs):
        every = (*args, *kwargs.values())
        asked.append((given.name, tuple(hand_over(arg) for arg in every)))
        return given.function(*args, **kwargs)

    function.__name__ = given.name
    return function


def unchanged(now: Any, original: Any) -> bool:
    """Whether an argument still is what it was, bit for bit."""
    if isinstance(original, (Seeded, Given)):
        return True
    if isinstance(original, np.ndarray):
        return (
            isinstance(now, np.ndarray)
            and now.shape == original.shape
            and now.dtype == original.dtype
            and now.tobytes() == original.tobytes()
        )
    if isinstance(original, (list, tuple)):
        return len(now) == len(original) and all(map(unchanged, now, original))
    return now is original or (type(now) is type(original) and repr(now) == repr(original))


def shares_memory(value: Any, argument: Any) -> bool:
    """Whether an array in `value` lies in the memory of one in `argument`."""
    inside = list(_arrays(argument))
    return bool(inside) and any(
        np.may_share_memory(one, other) for one in _arrays(value) for other in inside
    )


def _arrays(value: Any, depth: int = 3) -> Iterator[np.ndarray]:
    """The arrays in nested lists and tuples; no deeper than results are, a list may hold itself."""
    if isinstance(value, np.ndarray):
        yield value
    elif depth and isinstance(value, (list, tuple)):
        for part in value:
            yield from _arrays(part, depth - 1)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[bool]:
    """Raise `TimeUp` in this thread after `seconds`; yields whether that is possible here.

    It takes a signal, so only the main thread of a POSIX process can be stopped, and a loop
    inside a C function ends first.
    """
    possible = (
        hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    )
    if not possible:
        yield False
        return

    def stop(_signal, _frame):
        raise TimeUp

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def describe(error: BaseException, function: Callable) -> Raised:
    """The exception in the learner's own lines: the last frame that is in the answer's file."""
    while isinstance(function, functools.partial):
        function = function.func
    own = getattr(inspect.unwrap(function), "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if own is not None and frame.filename == own.co_filename]
    line, number = "", None
    if mine:
        number = mine[-1].lineno
        line = (linecache.getline(mine[-1].filename, number or 0) or mine[-1].line or "").strip()
    return Raised(type(error).__name__, str(error), line, number)


def _sentence(entry: warnings.WarningMessage) -> str:
    return f"{entry.category.__name__}: {entry.message}"


def _stands(generator: np.random.Generator) -> tuple:
    """Where a generator stands: its state, and how many others were spawned from it."""
    return generator.bit_generator.state, generator.bit_generator.seed_seq.n_children_spawned


def _global_numpy_state() -> Any:
    """Where NumPy's global generator stands.

    `np.random.get_state` copies number by number, which takes longer than most answers do. One
    thing isn't seen: a single normal number that was kept from an earlier pair.
    """
    generator = np.random.get_bit_generator()
    if isinstance(generator, np.random.MT19937):
        return ctypes.string_at(generator.ctypes.state_address, TWISTER_BYTES)
    return generator.state
