"""Error surfaces over a plane, with exact gradient and Hessian.

Each is a `Surface` of plain functions. `f` and `grad` take theta of shape (2,) or a grid of shape
(2, ...), so that the same function moves the ball and draws the contours.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descentlab.text import _


@dataclass(frozen=True, eq=False)
class Surface:
    """An error surface L(theta) over the plane.

    Parameters
    ----------
    name : str
        As it stands above a picture.
    f : callable
        ``f(theta)``: the height; theta of shape (2,) gives a number, (2, ...) gives (...).
    grad : callable
        ``grad(theta)``: the gradient, in theta's shape.
    hessian : callable
        ``hessian(theta)``: the second derivatives, (2, 2), for theta of shape (2,).
    minimum : ndarray of shape (2,), or None
        Where the lowest point is, if there is one.
    view : ((float, float), (float, float))
        The part worth drawing: limits of theta[0], limits of theta[1].
    start : ndarray, shape (2,)
        A good place to start from.
    """

    name: str
    f: Callable
    grad: Callable
    hessian: Callable
    minimum: np.ndarray | None
    view: tuple
    start: np.ndarray


def bowl(curvatures=(1.0, 1.0)):
    """Return a bowl: f = (c0 x^2 + c1 y^2) / 2.

    Parameters
    ----------
    curvatures : pair of float
        c0 and c1, above 0: the eigenvalues of the Hessian. Plain gradient descent is stable for
        learning rates below 2 / max(curvatures).

    Returns
    -------
    Surface

    Raises
    ------
    ValueError
        A curvature is not a number above 0.
    """
    c0, c1 = (_positive(value, "curvatures") for value in curvatures)
    return _quadratic(
        _("Bowl"), c0, c1, view=((-2.4, 2.4), (-2.0, 2.0)), start=np.array([-1.8, 1.4])
    )


def valley(ratio=100.0):
    """Return the narrow valley of ALR: f = (x^2 + ratio y^2) / 2.

    Convex, steep across (curvature `ratio`) and nearly flat along (curvature 1). Plain gradient
    descent is stable below lr = 2 / ratio; near that it zigzags between the walls, far below it
    it hardly moves along the floor, where a factor of (1 - lr) is left after each step.

    Parameters
    ----------
    ratio : float
        Steep curvature over flat curvature, above 0: the condition number. With 1e6, 100,000
        small steps don't reach the minimum.

    Returns
    -------
    Surface

    Raises
    ------
    ValueError
        `ratio` is not a number above 0.
    """
    ratio = _positive(ratio, "ratio")
    return _quadratic(
        _("Narrow valley"), 1.0, ratio, view=((-5.0, 1.5), (-1.2, 1.2)), start=np.array([-4.0, 0.8])
    )


def saddle():
    """Return the saddle f = x^2 - y^2: a minimum along x, a maximum along y, no minimum at all.

    It starts a thousandth beside the ridge: exactly on it, the gradient never points off it.

    Returns
    -------
    Surface
    """
    return Surface(
        name=_("Saddle"),
        f=lambda theta: theta[0] ** 2 - theta[1] ** 2,
        grad=lambda theta: np.array([2 * theta[0], -2 * theta[1]]),
        hessian=lambda theta: np.diag([2.0, -2.0]),
        minimum=None,
        view=((-2.0, 2.0), (-1.6, 1.6)),
        start=np.array([-1.6, 0.001]),
    )


def plateau():
    """Return a hillside, then a shelf with a slope of about 0.001, then a hole with the minimum.

    With r the distance to the minimum m = (2.5, 0) and d = max(0, -2 - x) the way up the hill:
    f = 1 - exp(-r^2 / 0.98) + 0.001 (sqrt(1 + r^2) - 1) + d^3 / 3.
    Between x = -2 and x = -0.7 only the middle term is felt. All second derivatives are continuous.

    Returns
    -------
    Surface
    """
    hole, foot, tilt, width = np.array([2.5, 0.0]), -2.0, 0.001, 0.7

    def parts(theta):
        """Return the offset from the hole, and what the hole and the tilt have in common."""
        dx, dy = theta[0] - float(hole[0]), theta[1] - float(hole[1])
        square = dx * dx + dy * dy
        return dx, dy, np.exp(-square / (2 * width**2)), np.sqrt(1 + square)

    def f(theta):
        _dx, _dy, well, root = parts(theta)
        return 1 - well + tilt * (root - 1) + np.maximum(foot - theta[0], 0) ** 3 / 3

    def grad(theta):
        dx, dy, well, root = parts(theta)
        pull = well / width**2 + tilt / root
        return np.array([pull * dx - np.maximum(foot - theta[0], 0) ** 2, pull * dy])

    def hessian(theta):
        dx, dy, well, root = parts(theta)
        offset = np.array([dx, dy])
        pull = well / width**2 + tilt / root
        bend = well / width**4 + tilt / root**3
        matrix = pull * np.eye(2) - bend * np.outer(offset, offset)
        matrix[0, 0] += 2 * np.maximum(foot - theta[0], 0)
        return matrix

    return Surface(
        name=_("Plateau"),
        f=f,
        grad=grad,
        hessian=hessian,
        minimum=hole,
        view=((-4.0, 4.2), (-2.0, 2.0)),
        start=np.array([-3.4, 0.5]),
    )


def rosenbrock(a=1.0, b=100.0):
    """Return Rosenbrock's banana: f = (a - x)^2 + b (y - x^2)^2, its minimum at (a, a^2).

    Parameters
    ----------
    a, b : float
        Above 0.

    Returns
    -------
    Surface

    Raises
    ------
    ValueError
        A parameter is not a number above 0.

    Notes
    -----
    H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function",
    The Computer Journal 3 (1960), with the classic start (-1.2, 1).
    """
    a, b = _positive(a, "a"), _positive(b, "b")

    def grad(theta):
        x, y = theta
        return np.array([-2 * (a - x) - 4 * b * x * (y - x * x), 2 * b * (y - x * x)])

    def hessian(theta):
        x, y = theta
        return np.array([[2 - 4 * b * (y - 3 * x * x), -4 * b * x], [-4 * b * x, 2 * b]])

    return Surface(
        name=_("Rosenbrock's banana"),
        f=lambda theta: (a - theta[0]) ** 2 + b * (theta[1] - theta[0] ** 2) ** 2,
        grad=grad,
        hessian=hessian,
        minimum=np.array([a, a * a]),
        view=((-1.8, 1.8), (-0.8, 2.2)),
        start=np.array([-1.2, 1.0]),
    )


def _quadratic(name, c0, c1, *, view, start):
    return Surface(
        name=name,
        f=lambda theta: (c0 * theta[0] ** 2 + c1 * theta[1] ** 2) / 2,
        grad=lambda theta: np.array([c0 * theta[0], c1 * theta[1]]),
        hessian=lambda theta: np.diag([c0, c1]),
        minimum=np.zeros(2),
        view=view,
        start=start,
    )


def _positive(value, name):
    if not isinstance(value, (int, float, np.number)) or not 0 < value < math.inf:
        raise ValueError(
            _("{name} must be above 0 and finite, got {value!r}").format(name=name, value=value)
        )
    return float(value)
