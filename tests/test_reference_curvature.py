"""The reference's use of curvature, against quadratics with a known end and SciPy's own methods."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize
from scipy.sparse.linalg import cg
from scipy.stats import ortho_group

from autograder.reference.second_order import lbfgs_direction, newton_step

START = np.array([1.0, -2.0, 0.5, 3.0])


def one(*values):
    return np.array(values, dtype=float)


def bowl(n, condition):
    axes = ortho_group.rvs(n, random_state=2)
    return axes @ np.diag(np.geomspace(1, condition, n)) @ axes.T


def test_newton_needs_one_step_on_a_quadratic_and_goes_to_saddles_too():
    for hessian in (bowl(4, 100), np.diag([1.0, -2.0, 3.0, -4.0])):
        goal = one(3, 1, -4, 1)
        there = newton_step(START, hessian @ (START - goal), hessian)
        assert_allclose(there, goal, rtol=1e-11)  # condition 100
    assert_allclose(
        newton_step(one(1, 1), one(3, 4), np.array([[1, 1], [0, 2.0]])), [0, -1], atol=1e-12
    )


def exact_descent(hessian, x, memory=99):
    """L-BFGS with the exact line search of a quadratic: the points, and the pairs at the end."""
    points, s_list, y_list = [x], [], []
    for _ in range(len(x)):
        grad = hessian @ x
        d = lbfgs_direction(grad, s_list, y_list)
        assert grad @ d < 0
        step = -(grad @ d) / (d @ hessian @ d) * d
        x = x + step
        points.append(x)
        s_list, y_list = [*s_list, step][-memory:], [*y_list, hessian @ step][-memory:]
    return np.array(points), s_list, y_list


@pytest.mark.parametrize("memory", [1, 2, 99])
def test_lbfgs_with_exact_line_search_ends_in_n_steps_on_the_path_of_conjugate_gradients(memory):
    hessian = bowl(5, 50)
    start = one(1, -1, 2, 0.5, 3)
    points, _, _ = exact_descent(hessian, start, memory)
    assert_allclose(points[-1], 0, atol=1e-10)  # five steps at condition 50
    assert np.linalg.norm(points[-2]) > 1e-3
    path = []
    cg(hessian, -hessian @ start, rtol=1e-14, maxiter=5, callback=lambda x: path.append(start + x))
    assert_allclose(points[1:5], path[:4], atol=1e-10)


def test_lbfgs_knows_its_newest_pair_and_starts_as_gradient_descent():
    _, s_list, y_list = exact_descent(bowl(5, 50), one(1, -1, 2, 0.5, 3), memory=3)
    assert_allclose(lbfgs_direction(y_list[-1], s_list, y_list), -s_list[-1], rtol=1e-9)
    assert_array_equal(lbfgs_direction(START, [], []), -START)


def test_lbfgs_is_scipys_product_where_the_scale_is_one():
    """SciPy's H₀ is the identity: scale the changes y until sᵀy/yᵀy of the newest pair is 1."""
    rng = np.random.default_rng(3)
    s_list = rng.normal(size=(3, 6))
    y_list = s_list @ bowl(6, 20)
    y_list *= (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1])
    product = optimize.LbfgsInvHessProduct(s_list, y_list)
    grad = rng.normal(size=6)
    assert_allclose(lbfgs_direction(grad, [*s_list], [*y_list]), -product(grad), rtol=1e-12)


def test_lbfgs_goes_where_scipys_lbfgsb_goes():
    """Same pairs, same direction, at every point of SciPy's own path down a valley."""
    points = [one(-1.2, 1.0, 0.8, -0.5)]
    options = {"maxcor": 3, "ftol": 0, "gtol": 1e-4}
    optimize.minimize(
        optimize.rosen, points[0], jac=optimize.rosen_der, method="L-BFGS-B", options=options,
        callback=lambda intermediate_result: points.append(intermediate_result.x.copy()),
    )  # fmt: skip
    grads = [optimize.rosen_der(x) for x in points]
    s_list, y_list = list(np.diff(points, axis=0)), list(np.diff(grads, axis=0))
    assert len(s_list) > 10
    for k in range(1, 10):
        newest = slice(max(0, k - 3), k)
        ours = lbfgs_direction(grads[k], s_list[newest], y_list[newest])
        cosine = ours @ s_list[k] / np.linalg.norm(ours) / np.linalg.norm(s_list[k])
        assert cosine == pytest.approx(1, abs=1e-9)
