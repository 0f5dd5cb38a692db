"""How one update rule wants to be called. Holds no rule itself.

The course's rules have one form, ``rule(theta, grad, state, *, lr, ...) -> (theta, state)``, and a
few deviate from it on purpose. `RuleCall` reads the signature once; after that one line drives
every rule, the learner's own included.
"""

import copy
import functools
import inspect
import math
import numbers

import numpy as np

from descentlab.text import _

ZERO_STATES = ("v", "s")  # what a rule remembers under these names starts at zero
STATES = (*ZERO_STATES, "theta_prev", "state")  # the course's names for what is remembered


class RuleCall:
    """One rule, and what its signature says.

    Parameters
    ----------
    rule : callable
        A rule of the catalogue's form, a `functools.partial` of one, or the learner's own.

    Attributes
    ----------
    name : str
        The rule's name, for messages.
    wants_function : bool
        Its second parameter is called ``grad_fn``: it gets the gradient as a function.
    wants_hessian : bool
        Its third parameter is called ``hessian``.
    memory : str or None
        The name of what it remembers from step to step; None for a rule with no memory.

    Raises
    ------
    TypeError
        `rule` isn't a function, or takes no theta and gradient.
    """

    def __init__(self, rule):
        self.rule = rule
        self.name = rule_name(rule)
        try:
            parameters = inspect.signature(rule).parameters.values()
        except (TypeError, ValueError):
            raise TypeError(
                _(
                    "rule must be a function such as momentum_step, without brackets after its "
                    "name; got {rule}"
                ).format(rule=self.name)
            ) from None
        positional = [
            p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        if len(positional) < 2:
            raise TypeError(
                _(
                    "{rule} must take at least theta and grad, as in "
                    "`def {rule}(theta, grad, *, lr)`; its parameters are: {parameters}"
                ).format(rule=self.name, parameters=", ".join(p.name for p in parameters) or "-")
            )
        third = positional[2] if len(positional) > 2 else None
        # A third parameter with another name and a default, or called lr, is a hyperparameter.
        remembers = third is not None and (
            third.name in STATES or (third.default is third.empty and third.name != "lr")
        )
        self.wants_function = positional[1].name == "grad_fn"
        self.wants_hessian = remembers and third.name == "hessian"
        self.memory = third.name if remembers and not self.wants_hessian else None
        lr = next((p for p in parameters if p.name == "lr"), None)
        self._takes_lr = lr is not None or any(p.kind is p.VAR_KEYWORD for p in parameters)
        self._needs_lr = lr is not None and lr.default is lr.empty

    def check_lr(self, lr):
        """Refuse a missing learning rate, or one that the rule has no use for."""
        if lr is None and self._needs_lr:
            raise TypeError(
                _("{rule} needs a learning rate: pass lr, as in lr=0.1").format(rule=self.name)
            )
        if lr is not None and not self._takes_lr:
            raise TypeError(
                _(
                    "{rule} has no parameter lr: call its learning rate lr, or leave lr={lr} out "
                    "if it needs none"
                ).format(rule=self.name, lr=lr)
            )

    def first_state(self, theta, state):
        """Return the state for the first step: a copy of `state`, or one that needs no passing.

        What is called ``theta_prev`` starts at theta, ``v`` and ``s`` at zero. The copy is for
        rules that change their state in place: a second run must not continue the first.
        """
        if self.memory is None:
            if state is not None:
                raise ValueError(
                    _(
                        "{rule} remembers nothing (it has no third parameter): leave state out"
                    ).format(rule=self.name)
                )
            return None
        if state is not None:
            return copy.deepcopy(state)
        if self.memory == "theta_prev":
            return theta.copy()
        if self.memory in ZERO_STATES:
            return np.zeros_like(theta)
        raise ValueError(
            _(
                "{rule} remembers something, its parameter {memory!r}, and needs its first value: "
                "pass state=AdamState.zeros(theta), AdadeltaState.zeros(theta), "
                "RmsState.zeros(theta) or np.zeros_like(theta), whichever its docstring names"
            ).format(rule=self.name, memory=self.memory)
        )

    def step(self, theta, gradient, state, lr):
        """Take one step; return the new theta and the new state, checked.

        Parameters
        ----------
        theta : ndarray
        gradient : ndarray or callable
            A function if `wants_function`.
        state : object
            What the rule remembers; the Hessian if `wants_hessian`; None otherwise.
        lr : float or None
            None leaves the rule its own default.
        """
        keywords = {} if lr is None else {"lr": lr}
        if self.memory is None:
            third = (state,) if self.wants_hessian else ()
            return self._as_theta(self.rule(theta, gradient, *third, **keywords), theta), None
        result = self.rule(theta, gradient, state, **keywords)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ValueError(
                _(
                    "{rule} must return two things, the new theta and what it remembers, as in "
                    "`return theta, {memory}`. It returned: {got}."
                ).format(rule=self.name, memory=self.memory, got=_described(result))
            )
        return self._as_theta(result[0], theta), self._as_state(result[1], state)

    def _as_theta(self, new, theta):
        if type(new) is np.ndarray and new.shape == theta.shape and new.dtype.kind == "f":
            return new
        try:
            array = np.asarray(None if isinstance(new, tuple) else new)
        except ValueError:  # a ragged list
            array = np.asarray(None)
        if array.shape != theta.shape or array.dtype.kind not in "fiu":
            raise ValueError(
                _(
                    "{rule} must return a new theta of the shape {shape}, as the one it was given. "
                    "It returned: {got}."
                ).format(rule=self.name, shape=theta.shape, got=_described(new))
            )
        return array if array.dtype.kind == "f" else array.astype(theta.dtype)

    def _as_state(self, new, state):
        if type(new) is type(state):
            return new
        fields = getattr(state, "_fields", None)
        if fields and isinstance(new, (tuple, list)) and len(new) == len(fields):
            return type(state)(*new)  # a plain tuple will do for a named one
        if fields or new is None:
            wanted = f"{type(state).__name__}({', '.join(fields)})" if fields else self.memory
            raise ValueError(
                _(
                    "{rule} must return what it remembers, {wanted}, after the new theta. "
                    "It returned there: {got}."
                ).format(rule=self.name, wanted=wanted, got=_described(new))
            )
        return new


def schedule(lr):
    """Return a learning rate as a function of t, which refuses what is none.

    Parameters
    ----------
    lr : float, callable or None
        A number above 0, a schedule ``t -> lr``, or None, which stays None.

    Raises
    ------
    ValueError
        Now, for a number or for t = 0; later, when the schedule gives something negative, NaN,
        infinite, or no number.
    """
    if lr is None:
        return lambda t: None
    if not callable(lr):
        number = _number(lr)
        if not 0 < number < math.inf:
            raise ValueError(
                _("lr must be a number above 0 or a schedule t -> lr, got {value!r}").format(
                    value=lr
                )
            )
        return lambda t: number

    def rate(t):
        value = lr(t)
        number = _number(value)
        if not 0 <= number < math.inf:
            raise ValueError(
                _(
                    "the schedule lr must give a number from 0 up; at t = {t} it gave {value!r}"
                ).format(t=t, value=value)
            )
        return number

    rate(0)
    return rate


def is_whole(value):
    """Say whether `value` is a whole number; True and False are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _number(value):
    """Return a number of any kind as a float, and NaN for what is none."""
    array = np.asarray(value)
    return float(array) if array.ndim == 0 and array.dtype.kind in "fiu" else math.nan


def rule_name(rule):
    """Return the name of a rule, looking through `functools.partial`."""
    while isinstance(rule, functools.partial):
        rule = rule.func
    return getattr(rule, "__name__", None) or f"{rule!r:.60}"


def _described(value):
    """Say what came back, in the words of code: they need no translation."""
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__} of length {len(value)}"
    if isinstance(value, np.ndarray):
        return f"ndarray of shape {value.shape}, dtype {value.dtype}"
    return repr(value) if value is None or isinstance(value, (int, float)) else type(value).__name__
