"""Momentum: a ball that remembers. Four notations of one idea, side by side."""

import numpy as np  # noqa: F401  (in scope of every body, and for the doctests)


def momentum_step(theta, grad, v, *, lr, beta=0.9):
    """Take one step along a velocity that remembers the gradients before.

    v ← βv + α∇L;  θ ← θ − v

    Parameters
    ----------
    theta, grad, v : ndarray, all of one shape
        The parameters, the gradient there, the velocity (in θ's unit; zeros before the first step).
    lr : float > 0, the learning rate α
    beta : float in [0, 1), the share of the old velocity that stays

    Returns
    -------
    theta, v : new arrays of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    α stands inside v, and v is subtracted. CS231n and PyTorch keep α outside: `running_sum_step`.
    KK calls β friction; the friction is 1 − β.
    Source: KK, *Momentum*.

    Examples
    --------
    >>> momentum_step(np.array([1.0]), np.array([2.0]), np.array([0.5]), lr=0.1, beta=0.8)
    (array([0.4]), array([0.6]))
    """
    v = beta * v + lr * grad
    theta = theta - v
    return theta, v


def heavy_ball_step(theta, grad, theta_prev, *, lr, beta=0.9):
    """Take one step downhill, and on top of it a share β of the step before.

    θ_next = θ − η∇f(θ) + β(θ − θ_prev)

    Parameters
    ----------
    theta, grad, theta_prev : ndarray, all of one shape
        The parameters, the gradient there, the parameters one step ago (theta itself at first).
    lr : float > 0, the learning rate η
    beta : float in [0, 1), the share of the last step that is taken again

    Returns
    -------
    theta, theta_prev : the new parameters, a new array; and what to remember, the theta passed in

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    What it remembers is no velocity but the last position. The array that came in as theta goes out
    as theta_prev, not a copy: nothing here changes it.
    Source: SL2, *momentum* (Polyak's heavy ball).

    Examples
    --------
    >>> heavy_ball_step(np.array([1.0]), np.array([2.0]), np.array([1.5]), lr=0.1, beta=0.8)
    (array([0.4]), array([1.]))
    """
    theta_next = theta - lr * grad + beta * (theta - theta_prev)
    return theta_next, theta


def running_sum_step(theta, grad, v, *, lr, rho=0.9):
    """Take one step along a decaying sum of the gradients, sized by the learning rate of now.

    v ← ρv + ∇f;  θ ← θ − αv

    Parameters
    ----------
    theta, grad, v : ndarray, all of one shape
        The parameters, the gradient there, the sum (in the gradient's unit; zeros at first).
    lr : float > 0, the learning rate α
    rho : float in [0, 1), the share of the old sum that stays

    Returns
    -------
    theta, v : new arrays of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    This is PyTorch's form (`torch.optim.SGD`, dampening 0). While α is constant it walks the path
    of `momentum_step`; when α changes it leaves it. CS7 calls v a running mean: it is a sum,
    1/(1 − ρ) times as large.
    Source: CS7, *SGD + Momentum*.

    Examples
    --------
    >>> running_sum_step(np.array([1.0]), np.array([2.0]), np.array([5.0]), lr=0.1, rho=0.8)
    (array([0.4]), array([6.]))
    """
    v = rho * v + grad
    theta = theta - lr * v
    return theta, v


def nesterov_step(theta, grad_fn, v, *, lr, beta=0.9):
    """Take one momentum step with the gradient of the point that the old velocity leads to.

    v ← βv + α∇L(θ − βv);  θ ← θ − v

    Parameters
    ----------
    theta, v : ndarray, both of one shape
        The parameters and the velocity (in θ's unit; zeros before the first step).
    grad_fn : callable, theta -> gradient of theta's shape
        Called once, at the point looked ahead to.
    lr : float > 0, the learning rate α
    beta : float in [0, 1), the share of the old velocity that stays

    Returns
    -------
    theta, v : new arrays of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    theta stays the true position. PyTorch (`nesterov=True`) asks for the gradient at its own
    variable and keeps the point looked ahead to in it instead: θ_PyTorch = θ − βv from here.
    Source: SL2, *Nesterov*; CS7, *Nesterov Momentum*.

    Examples
    --------
    >>> nesterov_step(np.array([1.0]), lambda p: 2 * p, np.array([0.5]), lr=0.1, beta=0.8)
    (array([0.48]), array([0.52]))
    """
    look_ahead = theta - beta * v
    v = beta * v + lr * grad_fn(look_ahead)
    theta = theta - v
    return theta, v
