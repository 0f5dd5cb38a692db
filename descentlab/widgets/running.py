"""Rules at play: any set of them, the learner's own included, with what went wrong in words.

A widget must go on whatever a rule does. It may raise, return nonsense, diverge or never end: the
walk stops there, and a sentence says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from descentlab.calls import describe
from descentlab.rules import RuleCall, rule_name
from descentlab.states import AdadeltaState, AdamState, RmsState
from descentlab.text import _

SECONDS = 1.0
"""So long may the walk of one rule take; then it is stopped, and said so."""

BETAS = ("beta", "rho", "beta1")
"""What the course's rules call the share of the old that stays."""

BETA = 0.9
"""For a rule that asks for such a share and has no default."""


class TimeUp(BaseException):
    """Raised inside code of the learner's that doesn't end."""


STOPS = (Exception, TimeUp, SystemExit, GeneratorExit)
"""What a function of the learner's may end with, other than an answer."""


@dataclass(frozen=True)
class Racer:
    """One rule of a race.

    Parameters
    ----------
    label : str
    rule : callable
    state : object or None
        Its first state; None: made by what the rule's signature says.
    lr : float or None
        A learning rate of its own; None: the one that is set for all.
    """

    label: str
    rule: Callable
    state: Any = None
    lr: float | None = None

    def keywords(self) -> set[str]:
        """The rule's keywords that a slider may set: not those that a partial has bound."""
        bound = self.rule.keywords if isinstance(self.rule, functools.partial) else {}
        return set(inspect.signature(self.rule).parameters) - set(bound)

    def bind(self, settings: dict) -> tuple[Callable, float | None]:
        """Return the rule with the settings that it takes, and its learning rate."""
        takes = self.keywords()
        parameters = inspect.signature(self.rule).parameters
        wanted = dict.fromkeys(BETAS, settings.get("beta"))
        wanted |= {name: settings.get(name) for name in ("beta2", "eps")}
        extra = {n: value for n, value in wanted.items() if n in takes and value is not None}
        for name in set(BETAS) & takes - set(extra):
            if parameters[name].default is inspect.Parameter.empty:
                extra[name] = BETA
        rate = self.lr if self.lr is not None else settings.get("lr")
        rule = functools.partial(self.rule, **extra) if extra else self.rule
        return rule, rate if "lr" in takes else None

    def first_state(self, call: RuleCall, theta: np.ndarray) -> Any:
        """Return what the rule remembers before its first step."""
        if self.state is not None or call.memory != "state":
            return call.first_state(theta, self.state)
        takes = inspect.signature(self.rule).parameters
        kind = RmsState
        if {"beta1", "beta2"} & set(takes):
            kind = AdamState
        elif "rho" in takes:
            kind = AdadeltaState
        return call.first_state(theta, kind.zeros(theta))


@dataclass(frozen=True)
class Walk:
    """Where a rule went: the points, and a sentence when it didn't go to the end."""

    path: np.ndarray
    note: str = ""


def racers(rules: Any, lr: Any = None) -> dict[str, Racer]:
    """Return the rules of a race by label.

    Parameters
    ----------
    rules : callable, or dict of str to callable or pair (rule, first state)
        A rule of the course's form, the learner's own included.
    lr : dict of str to float, optional
        Learning rates of single rules, by label.

    Raises
    ------
    TypeError, ValueError
        No rule is given, or one of them can't be called as a rule.
    """
    if callable(rules):
        rules = {rule_name(rules): rules}
    if not isinstance(rules, dict) or not rules:
        raise TypeError(
            _(
                "rules must be a dict of label to rule, such as "
                '{{"momentum": momentum_step, "mine": my_step}}; got {rules!r}'
            ).format(rules=rules)
        )
    rates = lr if isinstance(lr, dict) else {}
    unknown = set(rates) - set(rules)
    if unknown:
        raise ValueError(
            _("lr names {unknown}, which is none of the rules: {rules}").format(
                unknown=", ".join(sorted(unknown)), rules=", ".join(rules)
            )
        )
    found = {}
    for label, entry in rules.items():
        rule, state = entry if isinstance(entry, tuple) else (entry, None)
        RuleCall(rule)  # says what is wrong with it, if anything is
        found[str(label)] = Racer(str(label), rule, state, rates.get(label))
    return found


def walk(racer: Racer, surface: Any, start: Any, settings: dict, steps: int) -> Walk:
    """Let one rule walk down a surface; never raises.

    Parameters
    ----------
    racer : Racer
    surface : Surface
    start : pair of float
    settings : dict
        What the sliders say: lr, beta, beta2, eps, as far as there are such sliders.
    steps : int

    Returns
    -------
    Walk
        Its path has shape (n + 1, 2), n at most `steps`: up to the last finite point.
    """
    theta = np.array(start, dtype=float)
    path = np.empty((steps + 1, 2))
    path[0] = theta
    done, note = 0, ""
    try:
        rule, lr = racer.bind(settings)
        call = RuleCall(rule)
        state = racer.first_state(call, theta)
        with np.errstate(all="ignore"), time_limit(SECONDS):
            for step in range(1, steps + 1):
                gradient = surface.grad if call.wants_function else surface.grad(theta)
                if call.wants_hessian:
                    state = surface.hessian(theta)
                theta, state = call.step(theta, gradient, state, lr)
                if not (np.isfinite(theta).all() and np.isfinite(surface.f(theta))):
                    note = _(
                        "{label}: it diverged; step {step} gave infinity or NaN. A smaller α is "
                        "the first thing to try."
                    ).format(label=racer.label, step=step)
                    break
                path[step] = theta
                done = step
    except STOPS as error:
        note = in_words(racer.label, racer.rule, error, done + 1)
    return Walk(path[: done + 1], note)


def in_words(label: str, function: Callable, error: BaseException, step: int | None = None) -> str:
    """Say in one sentence what a function of the learner's did instead of an answer."""
    if isinstance(error, TimeUp):
        sentence = _(
            "{label}: stopped after {seconds:g} s at step {step}. Is there a loop that never ends?"
        )
        return sentence.format(label=label, seconds=SECONDS, step=step or 1)
    if isinstance(error, NotImplementedError):
        return _("{label}: it isn't written yet.").format(label=label)
    raised = describe(error, function)
    if raised.line and step is not None:
        sentence = _("{label}: step {step} stopped with {type}: {text}. Line {number}: {line}")
    elif raised.line:
        sentence = _("{label}: it stopped with {type}: {text}. Line {number}: {line}")
    elif isinstance(error, (TypeError, ValueError)):
        return f"{label}: {raised.text}"
    else:
        sentence = _("{label}: it stopped with {type}: {text}.")
    return sentence.format(
        label=label,
        step=step,
        type=raised.type,
        text=raised.text.rstrip("."),
        number=raised.line_number,
        line=raised.line,
    )


def blame(error: BaseException, functions: dict) -> str:
    """Say it of that one of several functions in which it happened; of the first if of none.

    Parameters
    ----------
    functions : dict of str to callable, or to tuple of callable
    """
    each = [
        (name, one)
        for name, entry in functions.items()
        for one in (entry if isinstance(entry, tuple) else (entry,))
    ]
    for name, one in each:
        if describe(error, one).line:
            return in_words(_called(one, name), one, error)
    name, one = each[0]
    return in_words(_called(one, name), one, error)


def _called(function: Callable, name: str) -> str:
    found = rule_name(function)
    return found if found.isidentifier() else name


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` in this thread after so many seconds, whichever thread it is.

    JupyterLab answers widgets in a thread beside the main one, where no signal arrives. A loop
    inside a C function ends first.
    """
    thread, lock, over = threading.get_ident(), threading.Lock(), False

    def stop() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(TimeUp)
                )

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True  # from here on it isn't raised any more
        timer.cancel()
