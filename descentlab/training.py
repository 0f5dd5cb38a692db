"""The two loops of the course: a rule on a network, and a rule on a surface.

Both take the rule as a function and know none themselves. They call it, write down what happens,
and say so when the numbers stop being numbers.
"""

import functools
import math
import sys
import threading
import time
from dataclasses import dataclass, field

import numpy as np

from descentlab.rules import RuleCall, is_whole, schedule
from descentlab.text import _

PROGRESS_DELAY = 2.0  # seconds; what is done sooner shows no bar


@dataclass
class History:
    """What happened in one training.

    Attributes
    ----------
    losses : list of float
        Mean loss of the batch at every step, in nats, taken before the step.
    train_losses : list of float
        Mean of `losses` over each finished epoch.
    val_losses, val_accuracies : list of float
        Loss and accuracy on the validation part after each finished epoch; empty without `val`.
    epochs : int
        Epochs finished.
    steps_per_epoch : int
    seconds : float
        Time of the whole training, by the clock on the wall.
    diverged_at : int or None
        Number of the first step, counted from 1, whose loss or new theta held inf or NaN.
    """

    losses: list = field(default_factory=list)
    train_losses: list = field(default_factory=list)
    val_losses: list = field(default_factory=list)
    val_accuracies: list = field(default_factory=list)
    epochs: int = 0
    steps_per_epoch: int = 0
    seconds: float = 0.0
    diverged_at: int | None = None

    def __repr__(self):
        last = f"{self.train_losses[-1]:.4g}" if self.train_losses else "none"
        return (
            f"History(epochs={self.epochs}, steps={len(self.losses)}, last train loss {last}, "
            f"seconds={self.seconds:.2f}, diverged_at={self.diverged_at})"
        )

    def plot(self):
        """Draw the losses, and the accuracy when there was a validation part.

        Returns
        -------
        axes
            One Axes, or an array of two with a validation part.
        """
        from descentlab import plots  # here, so that training alone never loads matplotlib

        return plots.plot_history(self)


def train(
    net,
    theta,
    x,
    labels,
    *,
    rule,
    state=None,
    lr=None,
    batch_size,
    epochs,
    rng,
    val=None,
    transform=None,
    progress=None,
):
    """Train a network with any update rule.

    Each epoch shuffles the rows, cuts them into batches (the last one may be short) and takes one
    step of `rule` a batch.

    Parameters
    ----------
    net : MLP
        Or anything with its `loss_and_grad`, `loss` and `accuracy`.
    theta : ndarray, shape (num_parameters,)
        Where to start; it is copied. Its precision is the precision of the training.
    x : ndarray, shape (n, n_inputs)
    labels : ndarray of int, shape (n,)
    rule : callable
        ``rule(theta, grad, state, *, lr) -> (theta, state)``, or without state. A second parameter
        called ``grad_fn`` gets the batch's gradient as a function. Other hyperparameters are bound
        with `functools.partial`.
    state : object, optional
        What the rule remembers, before the first step. Needed unless the rule has no memory or
        calls it ``v``, ``s`` (start at zero) or ``theta_prev`` (starts at theta).
    lr : float or callable, optional
        Learning rate above 0, or a schedule ``t -> lr`` with t from 0. None: the rule's default.
    batch_size : int
        From 1 to n.
    epochs : int
        From 1.
    rng : numpy.random.Generator
        Shuffles, and is handed to `transform`.
    val : tuple (x_val, labels_val), optional
        Judged after every epoch.
    transform : callable, optional
        ``transform(x_b, rng) -> x_b``, for augmentation: changes the inputs of each batch.
    progress : bool, optional
        Show a progress bar on standard output; None: only when training takes longer than 2 s.

    Returns
    -------
    theta : ndarray
        After the last step; if training diverged, the last theta of finite numbers.
    history : History

    Raises
    ------
    TypeError, ValueError
        An argument is not as described (said before any work), or the rule returned something
        that is no theta.
    """
    call = RuleCall(rule)
    call.check_lr(lr)
    if call.wants_hessian:
        raise ValueError(
            _(
                "{rule} wants the Hessian, which a network of this size doesn't offer: "
                "use it with descend() on a surface"
            ).format(rule=call.name)
        )
    rate = schedule(lr)
    theta = _floating_copy(theta, "theta")
    state = call.first_state(theta, state)
    x, labels = _checked_data(net, theta, x, labels, "x and labels")
    if not is_whole(batch_size) or not 1 <= batch_size <= len(x):
        raise ValueError(
            _("batch_size must be between 1 and {rows} (the rows of x), got {value!r}").format(
                rows=len(x), value=batch_size
            )
        )
    _check_count(epochs, "epochs")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            _("rng must be a generator such as np.random.default_rng(0), got {value!r}").format(
                value=rng
            )
        )
    if val is not None:
        if not isinstance(val, (tuple, list)) or len(val) != 2:
            raise ValueError(
                _("val must be the pair (x_val, labels_val), got {value}").format(
                    value=type(val).__name__
                )
            )
        val = _checked_data(net, theta, *val, "x_val and labels_val")

    history = History(steps_per_epoch=math.ceil(len(x) / batch_size))
    total = epochs * history.steps_per_epoch
    t = 0
    started = time.perf_counter()
    with np.errstate(all="ignore"), _progress_bar(total, progress) as bar:
        while history.epochs < epochs and history.diverged_at is None:
            for x_b, labels_b in _shuffled_batches(x, labels, batch_size, rng):
                if transform is not None:
                    x_b = _transformed(transform, x_b, rng)
                if call.wants_function:
                    loss = net.loss(theta, x_b, labels_b)
                    gradient = _batch_gradient(net, x_b, labels_b)
                else:
                    loss, gradient = net.loss_and_grad(theta, x_b, labels_b)
                new, state = call.step(theta, gradient, state, rate(t))
                t += 1
                if not (math.isfinite(loss) and _all_finite(new)):
                    history.diverged_at = t
                    break
                theta = new
                history.losses.append(loss)
                bar.update()
            else:
                _note_epoch(history, net, theta, val)
    history.seconds = time.perf_counter() - started
    if history.diverged_at is not None:
        _report_divergence(call.name, history.diverged_at, total, rate(history.diverged_at - 1))
    return theta, history


def descend(surface, start, *, rule, state=None, lr=None, num_steps, progress=None):
    """Walk down a surface with any update rule.

    Parameters
    ----------
    surface : Surface
    start : array_like, shape (2,)
        Where to start.
    rule, state, lr, progress
        As in `train`. A rule whose third parameter is called ``hessian`` gets the surface's.
    num_steps : int
        From 1.

    Returns
    -------
    path : ndarray, shape (num_steps + 1, 2)
        Row 0 is the start. If the walk diverged, the rows up to the last finite point.

    Raises
    ------
    TypeError, ValueError
        An argument is not as described (said before any work), or the rule returned something
        that is no theta.
    """
    call = RuleCall(rule)
    call.check_lr(lr)
    rate = schedule(lr)
    theta = _floating_copy(start, "start")
    if theta.shape != np.shape(surface.start):
        raise ValueError(
            _(
                "start must be one point of the surface, such as {example}; got shape {shape}"
            ).format(example=np.asarray(surface.start).tolist(), shape=theta.shape)
        )
    _check_count(num_steps, "num_steps")
    state = call.first_state(theta, state)

    path = np.empty((num_steps + 1, *theta.shape), dtype=theta.dtype)
    path[0] = theta
    done = 0
    with np.errstate(all="ignore"), _progress_bar(num_steps, progress) as bar:
        for t in range(num_steps):
            gradient = surface.grad if call.wants_function else surface.grad(theta)
            if call.wants_hessian:
                state = surface.hessian(theta)
            theta, state = call.step(theta, gradient, state, rate(t))
            if not _all_finite(theta):
                break
            path[t + 1] = theta
            done += 1
            bar.update()
        heights = np.asarray(surface.f(path[: done + 1].T))
    beyond = np.flatnonzero(~np.isfinite(heights))
    if len(beyond):  # the point itself is finite, its height isn't
        done = max(int(beyond[0]) - 1, 0)
    if done < num_steps:
        _report_divergence(call.name, done + 1, num_steps, rate(done))
    return path[: done + 1]


def _shuffled_batches(x, labels, batch_size, rng):
    """Cut one epoch into batches, the rows in a new order."""
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        rows = order[start : start + batch_size]
        yield x.take(rows, axis=0), labels.take(rows)  # the processor has it at hand then


def _batch_gradient(net, x_b, labels_b):
    """Return the gradient on one batch as a function of theta."""
    return lambda theta: net.loss_and_grad(theta, x_b, labels_b)[1]


def _note_epoch(history, net, theta, val):
    """Write down what one finished epoch brought."""
    history.epochs += 1
    history.train_losses.append(float(np.mean(history.losses[-history.steps_per_epoch :])))
    if val is not None:
        history.val_losses.append(net.loss(theta, *val))
        history.val_accuracies.append(net.accuracy(theta, *val))


def _all_finite(theta):
    # The dot product is the quick test; when it overflows, each entry is looked at.
    return math.isfinite(np.vdot(theta, theta)) or bool(np.isfinite(theta).all())


def _report_divergence(name, step, total, lr):
    if lr is None:
        sentence = _(
            "{name} diverged: step {step} of {total} gave infinity or NaN, so it stopped there. "
            "Pass a smaller lr than its default."
        )
    else:
        sentence = _(
            "{name} diverged: step {step} of {total}, with lr = {lr:.4g}, gave infinity or NaN, "
            "so it stopped there. A smaller lr is the first thing to try."
        )
    print(sentence.format(name=name, step=step, total=total, lr=lr))


def _check_count(value, name):
    if not is_whole(value) or value < 1:
        raise ValueError(
            _("{name} must be a whole number from 1, got {value!r}").format(name=name, value=value)
        )


def _floating_copy(theta, name):
    """Return theta as a new floating-point array of finite numbers."""
    array = np.array(theta)
    if array.dtype.kind in "iu":
        array = array.astype(float)
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(_("{name} must hold finite numbers").format(name=name))
    return array


def _checked_data(net, theta, x, labels, names):
    """Return x in theta's precision and labels, after the network has seen that they fit it."""
    x, labels = np.asarray(x, dtype=theta.dtype), np.asarray(labels)
    if x.ndim == 0 or len(x) == 0 or labels.shape != (len(x),) or labels.dtype.kind not in "iu":
        raise ValueError(
            _(
                "{names} must have the same number of rows, at least one, and the labels must be "
                "whole numbers; got shapes {x_shape} and {labels_shape}, labels of {dtype}"
            ).format(names=names, x_shape=x.shape, labels_shape=labels.shape, dtype=labels.dtype)
        )
    extremes = [labels.argmin(), labels.argmax()]
    net.loss(theta, x[extremes], labels[extremes])
    return x, labels


def _transformed(transform, x_b, rng):
    result = np.asarray(transform(x_b, rng))
    if result.shape != x_b.shape:
        raise ValueError(
            _("transform must return a batch of the shape {shape}, got {got}").format(
                shape=x_b.shape, got=result.shape
            )
        )
    return result.astype(x_b.dtype, copy=False)


@functools.cache
def _bar_class():
    """Return tqdm's bar without the monitor thread and the lock between processes."""
    from tqdm import tqdm  # here, as most of what imports this module shows no bar

    class Bar(tqdm):
        monitor_interval = 0

    Bar.set_lock(threading.RLock())
    return Bar


def _progress_bar(total, progress):
    return _bar_class()(
        total=total,
        file=sys.stdout,
        disable=progress is False,
        delay=0.0 if progress else PROGRESS_DELAY,
        desc=_("steps"),
        leave=bool(progress),
    )
