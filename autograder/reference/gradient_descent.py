"""The downhill step, the path it makes, and the longest step that still arrives."""

import numpy as np


def gd_step(theta, grad, *, lr):
    """Take one step of plain gradient descent.

    θ ← θ − α∇L

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
        The parameters and the gradient of the loss there.
    lr : float > 0, the learning rate α

    Returns
    -------
    theta : new array of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    α and η are the same thing: KK writes α, ALR, SL2 and ONN write η.
    Source: SL2, *gradient descent*; KK, *Optimizors*; ONN 6-2; CS7, *SGD*.

    Examples
    --------
    >>> gd_step(np.array([1.0, -2.0]), np.array([2.0, -4.0]), lr=0.25)
    array([ 0.5, -1. ])
    """
    theta = theta - lr * grad
    return theta


def gradient_descent(grad_fn, theta, *, lr, num_steps):
    """Walk downhill from theta and return every point on the way.

    θ_{k+1} = θ_k − η∇f(θ_k),  k = 0 … num_steps − 1

    Parameters
    ----------
    grad_fn : callable, theta -> gradient of theta's shape
    theta : ndarray of any shape, the start
    lr : float > 0, the learning rate η
    num_steps : int >= 0, how many steps to take

    Returns
    -------
    path : ndarray, shape (num_steps + 1, *theta.shape), the dtype of theta and its gradients
        Row 0 is the start, row k the point after k steps.

    Raises
    ------
    ValueError
        From NumPy: the gradient's shape doesn't fit theta's.

    Notes
    -----
    `grad_fn` is called once a step, at the point where the step begins; not at the last point.
    Source: SL2, *gradient descent*; ONN 6-2.

    Examples
    --------
    >>> gradient_descent(lambda p: 2 * p, np.array([1.0]), lr=0.25, num_steps=2)
    array([[1.  ],
           [0.5 ],
           [0.25]])
    """
    path = [theta]
    for _step in range(num_steps):
        theta = theta - lr * grad_fn(theta)
        path.append(theta)
    return np.array(path)


def numerical_gradient(f, theta, h=1e-5):
    """Measure the gradient of f by walking a little both ways along each coordinate.

    ∂f/∂θ_i ≈ (f(θ + h e_i) − f(θ − h e_i)) / (2h)

    Parameters
    ----------
    f : callable, theta -> scalar
    theta : ndarray of any shape, where to measure
    h : float > 0, half the distance between the two points, in θ's unit

    Returns
    -------
    grad : ndarray of float64, the shape of theta
        Off by about h² f‴/6 (curvature of the slope) and 1e-16 |f|/h (rounding).

    Notes
    -----
    Always float64, whatever dtype theta has: in float32 a difference over 1e-5 is rounding alone.
    `f` gets a new array at every call. SciPy's `approx_fprime` takes the one-sided difference.
    Source: the definition of the derivative; it checks every gradient of the course.

    Examples
    --------
    >>> numerical_gradient(lambda p: p[0] ** 2 + 3 * p[1], np.array([1.0, 5.0])).round(6)
    array([2., 3.])
    """
    theta = np.array(theta, dtype=np.float64)
    grad = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[i] = h
        grad[i] = (f(theta + step) - f(theta - step)) / (2 * h)
    return grad


def largest_stable_lr(hessian):
    """Find the learning rate below which gradient descent on a quadratic comes to rest.

    0 < η < 2/L,  L the largest eigenvalue of the Hessian

    Parameters
    ----------
    hessian : ndarray, shape (N, N)
        Symmetric, positive semidefinite, not all zero.

    Returns
    -------
    float
        2/L. At this rate itself the path bounces for ever: the bound is excluded.

    Raises
    ------
    numpy.linalg.LinAlgError
        From NumPy: the matrix isn't square.

    Notes
    -----
    L is the smoothness constant of SL2: there the slope changes by no more than L a unit of way.
    Source: SL2, *gradient descent* (0 < η < 2/L).

    Examples
    --------
    >>> largest_stable_lr(np.array([[2.0, 1.0], [1.0, 2.0]]))
    0.6666666666666666
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    smoothness = np.max(eigenvalues)
    return float(2 / smoothness)
