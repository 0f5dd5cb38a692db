"""Using curvature: Newton's step, and L-BFGS, which guesses it from the last few steps."""

import numpy as np


def newton_step(theta, grad, hessian):
    """Step to where the quadratic that fits here has its slope zero.

    θ ← θ − H⁻¹∇L

    Parameters
    ----------
    theta, grad : ndarray, shape (N,)
    hessian : ndarray, shape (N, N), not singular

    Returns
    -------
    theta : new array of the shape and dtype of theta

    Raises
    ------
    numpy.linalg.LinAlgError
        From NumPy: the Hessian is singular.

    Notes
    -----
    A solve, not an inverse: quicker and more exact. No learning rate. A point with slope zero can
    be a saddle, and Newton goes there too.
    Source: SL2, *Newton's method*; CS7, *Second-Order optimization*.

    Examples
    --------
    >>> newton_step(np.array([1.0, 1.0]), np.array([2.0, 8.0]), np.diag([2.0, 8.0]))
    array([0., 0.])
    """
    step = np.linalg.solve(hessian, grad)
    theta = theta - step
    return theta


def lbfgs_direction(grad, s_list, y_list):
    """Guess Newton's direction from the last few steps and changes of the gradient.

    for each pair, newest to oldest:  α = sᵀq/sᵀy;  q ← q − αy
    r = (sᵀy/yᵀy) q, with the newest pair
    for each pair, oldest to newest:  b = yᵀr/sᵀy;  r ← r + (α − b)s

    Parameters
    ----------
    grad : ndarray, shape (N,), where q starts
    s_list : list of ndarray, shape (N,), steps θ_{k+1} − θ_k, oldest first
    y_list : list of ndarray, shape (N,), the gradient's changes over them; every sᵀy > 0

    Returns
    -------
    direction : new array, shape (N,)
        −r, a descent direction: the step is θ + α · direction. −grad when the lists are empty.

    Raises
    ------
    ValueError
        The lists differ in length.

    Notes
    -----
    Nocedal and Wright's recursion gives r = H∇f; the minus sign is in here. H starts as a multiple
    of the identity from the newest pair, as in PyTorch's `LBFGS`.
    Source: CS7, *L-BFGS*; Nocedal and Wright 2006, Algorithm 7.4.

    Examples
    --------
    >>> s, y = np.array([1.0, 0.0]), np.array([2.0, 0.0])
    >>> lbfgs_direction(np.array([4.0, 4.0]), [s], [y])
    array([-2., -2.])
    """
    q = grad
    alphas = []
    for s, y in zip(reversed(s_list), reversed(y_list), strict=True):
        alpha = (s @ q) / (s @ y)
        q = q - alpha * y
        alphas.append(alpha)
    r = q
    if len(s_list) > 0:
        s, y = s_list[-1], y_list[-1]
        r = (s @ y) / (y @ y) * q
    for s, y, alpha in zip(s_list, y_list, reversed(alphas), strict=True):
        b = (y @ r) / (s @ y)
        r = r + (alpha - b) * s
    return -r
