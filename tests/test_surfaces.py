"""The surfaces: exact derivatives, minima, and the behaviour that the lessons rely on."""

import numpy as np
import pytest

from autograder.reference.gradient_descent import gd_step, largest_stable_lr, numerical_gradient
from autograder.reference.momentum import momentum_step, nesterov_step
from descentlab import bowl, descend, plateau, rosenbrock, saddle, valley

SURFACES = {
    "bowl": bowl((1.5, 4.0)),
    "valley": valley(),
    "steep valley": valley(1e4),
    "saddle": saddle(),
    "plateau": plateau(),
    "rosenbrock": rosenbrock(),
    "another rosenbrock": rosenbrock(a=0.7, b=20.0),
}
POINTS = np.random.default_rng(4).uniform(-3, 3, (20, 2))
POINTS[:2] = [[-2.7, 0.4], [2.2, -0.6]]  # on the plateau's hill, and in its hole


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_gradient_and_hessian_against_differences(surface):
    for theta in POINTS:
        slope = numerical_gradient(surface.f, theta, h=1e-4)
        # h^2 / 6 times a third derivative: at most 24 b |x| = 7,200, for Rosenbrock.
        assert surface.grad(theta) == pytest.approx(slope, abs=2e-5)
        for axis, row in enumerate(surface.hessian(theta)):
            bend = numerical_gradient(lambda p, axis=axis: surface.grad(p)[axis], theta, h=1e-4)
            # At the foot of the plateau's hill the third derivative jumps by 2: up to h of error.
            assert row == pytest.approx(bend, abs=1e-4)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_f_and_grad_take_grids(surface):
    grid = POINTS.T.reshape(2, 4, 5)
    assert surface.f(grid) == pytest.approx(
        np.array([surface.f(theta) for theta in POINTS]).reshape(4, 5)
    )
    assert surface.grad(grid)[:, 2, 3] == pytest.approx(surface.grad(grid[:, 2, 3]))
    assert surface.grad(POINTS[0].astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_the_minimum_is_one_and_start_and_minimum_are_in_view(surface):
    low, high = np.transpose(surface.view)
    assert ((surface.start > low) & (surface.start < high)).all()
    if surface.minimum is None:
        return
    assert ((surface.minimum > low) & (surface.minimum < high)).all()
    assert (surface.grad(surface.minimum) == 0).all()
    assert (np.linalg.eigvalsh(surface.hessian(surface.minimum)) > 0).all()
    assert (surface.f(POINTS.T) > surface.f(surface.minimum)).all()


def test_paper_numbers():
    assert bowl((2, 6)).f(np.array([1.0, 2.0])) == 13
    assert valley(50).f(np.array([2.0, 1.0])) == 27
    assert saddle().grad(np.array([3.0, 5.0])).tolist() == [6, -10]
    assert rosenbrock().f(np.array([-1.2, 1.0])) == pytest.approx(24.2)


def test_the_shelf_of_the_plateau_has_a_slope_of_a_thousandth():
    shelf = np.array([np.linspace(-1.9, -0.7, 16), np.linspace(-0.5, 0.5, 16)])
    slopes = np.linalg.norm(plateau().grad(shelf), axis=0)
    assert (slopes > 0.0009).all()
    assert (slopes < 0.0012).all()


def test_a_ball_with_memory_crosses_the_plateau_and_plain_descent_stays():
    surface = plateau()
    plain = descend(surface, surface.start, rule=gd_step, lr=0.1, num_steps=100)
    assert plain[-1, 0] < -2
    for rule in (momentum_step, nesterov_step):
        path = descend(surface, surface.start, rule=rule, lr=0.1, num_steps=100)
        assert surface.f(path[-1]) < 0.01


def test_the_valley_zigzags_below_its_limit_and_throws_out_above():
    surface = valley()
    limit = largest_stable_lr(surface.hessian(surface.start))
    assert limit == pytest.approx(0.02)
    below = descend(surface, surface.start, rule=gd_step, lr=0.98 * limit, num_steps=50)
    assert (below[1:, 1] * below[:-1, 1] < 0).all()  # another wall at every step
    assert abs(below[-1, 1]) < abs(below[0, 1])
    assert abs(below[-1, 0]) > 1  # and hardly forward along the floor
    above = descend(surface, surface.start, rule=gd_step, lr=1.02 * limit, num_steps=50)
    assert abs(above[-1, 1]) > abs(above[0, 1])


def test_the_steepest_valley_outlasts_many_small_steps():
    """With curvature 1 along the floor, (1 - lr) ** steps is left: here exp(-0.005)."""
    surface = valley(1e6)
    path = descend(surface, surface.start, rule=gd_step, lr=1e-6, num_steps=5000)
    assert path[-1, 0] == pytest.approx(surface.start[0] * np.exp(-0.005))


def test_exactly_on_the_ridge_nothing_leaves_the_saddle():
    surface = saddle()
    on_ridge = descend(surface, [-1.6, 0.0], rule=momentum_step, lr=0.03, num_steps=200)
    assert on_ridge[-1] == pytest.approx(np.zeros(2), abs=1e-3)
    beside = descend(surface, surface.start, rule=momentum_step, lr=0.03, num_steps=60)
    assert beside[-1, 1] > 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: bowl((1, 0)),
        lambda: valley(-3),
        lambda: valley(float("nan")),
        lambda: rosenbrock(b=0),
        lambda: valley("steep"),
    ],
)
def test_parameters_that_give_no_such_surface_are_refused(make):
    with pytest.raises(ValueError, match="must be above 0 and finite, got"):
        make()
