"""The reference's rules of motion: steps and schedules, against independent oracles.

Tolerances: 1e-12 where two float64 computations of size 1 differ in the order of their roundings;
anything larger has its reason beside it.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg, optimize
from scipy.stats import ortho_group

from autograder.reference.adaptive import (
    adadelta_step,
    adagrad_rms_step,
    adagrad_step,
    adam_step,
    adam_uncorrected_step,
    rms_step,
    rmsprop_step,
)
from autograder.reference.ensembles_and_transfer import fine_tune_step, polyak_average
from autograder.reference.gradient_descent import (
    gd_step,
    gradient_descent,
    largest_stable_lr,
    numerical_gradient,
)
from autograder.reference.momentum import (
    heavy_ball_step,
    momentum_step,
    nesterov_step,
    running_sum_step,
)
from autograder.reference.regularization import l2_penalty, weight_decay_step
from autograder.reference.schedules import (
    cosine_annealing,
    exponential_decay,
    inverse_time_decay,
    linear_warmup,
    radam_step,
    step_decay,
)
from descentlab.states import AdadeltaState, AdamState, RmsState

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
GRADS = np.random.default_rng(0).normal(size=(20, 4)) * [0.01, 1.0, 1.0, 100.0]
START = np.array([1.0, -2.0, 0.5, 3.0])


def walk(rule, state, grads=GRADS, theta=START, **hyper):
    """The path that a rule takes when these gradients come one after the other."""
    path = []
    for grad in grads:
        theta, state = rule(theta, grad, state, **hyper)
        path.append(theta)
    return np.array(path)


def one(*values):
    return np.array(values, dtype=float)


# Gradient descent


def test_a_parabola_shrinks_by_the_same_factor_each_step():
    path = gradient_descent(lambda x: 4 * x, one(3, -1), lr=0.1, num_steps=5)
    assert path.shape == (6, 2)
    assert_array_equal(path[0], [3, -1])
    assert_allclose(path[:, 0], 3 * 0.6 ** np.arange(6), **CLOSE)
    assert_allclose(path[1], gd_step(path[0], 4 * path[0], lr=0.1), **CLOSE)


def test_the_path_asks_once_a_step_and_never_at_the_end():
    asked = []
    path = gradient_descent(lambda x: asked.append(x) or x, one(1), lr=0.5, num_steps=3)
    assert_array_equal(np.array(asked), path[:-1])
    assert gradient_descent(lambda x: x, one(1, 2), lr=0.5, num_steps=0).shape == (1, 2)


@pytest.mark.parametrize("theta", [one(1.2, 0.7, -0.4), one(-1, 2, 0.5, 0.1)])
def test_the_numerical_gradient_is_scipys_exact_one(theta):
    # h² f‴/6 is about 1e-8 here (the third derivatives of rosen are 2400 θ)
    assert_allclose(numerical_gradient(optimize.rosen, theta), optimize.rosen_der(theta), atol=1e-6)


def test_the_numerical_gradient_is_central_keeps_the_shape_and_uses_h():
    grid = np.arange(6.0).reshape(2, 3)
    weights = grid[::-1]
    assert_allclose(numerical_gradient(lambda p: np.sum(weights * p), grid), weights, atol=1e-9)
    # ((1 + h)³ − (1 − h)³)/(2h) = 3 + h², on paper
    assert_allclose(numerical_gradient(lambda p: p[0] ** 3, one(1), h=0.5), [3.25], **CLOSE)
    points = []
    numerical_gradient(lambda p: points.append(p) or 0.0, np.float32([1, 2]), h=0.25)
    assert sorted(p.tolist() for p in points) == [[0.75, 2], [1, 1.75], [1, 2.25], [1.25, 2]]
    assert all(p.dtype == np.float64 for p in points)


@pytest.mark.parametrize("largest", [0.5, 30.0])
def test_below_the_largest_rate_a_bowl_comes_to_rest_above_it_does_not(largest):
    axes = ortho_group.rvs(4, random_state=1)
    hessian = axes @ np.diag([0.0, 0.1 * largest, 0.4 * largest, largest]) @ axes.T
    bound = largest_stable_lr(hessian)
    assert bound == pytest.approx(2 / largest, rel=1e-12)
    for factor, grows in ((0.99, False), (1.01, True)):
        path = gradient_descent(lambda x: hessian @ x, axes[:, 3], lr=factor * bound, num_steps=99)
        assert (np.linalg.norm(path[-1]) > np.linalg.norm(path[0])) == grows


# Momentum


def test_momentum_on_paper():
    theta, v = momentum_step(one(1, 1), one(0.1, 0.3), one(0.5, -0.2), lr=0.1, beta=0.8)
    assert_allclose(v, [0.41, -0.13], **CLOSE)
    assert_allclose(theta, [0.59, 1.13], **CLOSE)


@pytest.mark.parametrize("rule", [momentum_step, heavy_ball_step, running_sum_step])
def test_without_memory_momentum_is_gradient_descent(rule):
    state = START if rule is heavy_ball_step else one(7, 7, 7, 7)
    hyper = {"rho": 0.0} if rule is running_sum_step else {"beta": 0.0}
    plain = [gd_step(START, GRADS[0], lr=0.3)]
    assert_allclose(walk(rule, state, GRADS[:1], lr=0.3, **hyper), plain, **CLOSE)


def test_the_notations_walk_one_path_until_the_rate_changes():
    def change(rule, state, name):
        theta, paths = START, []
        for step, grad in enumerate(GRADS):
            lr = 0.3 if step < 10 else 0.03
            theta, state = rule(theta, grad, state, lr=lr, **{name: 0.8})
            paths.append(theta)
        return np.array(paths)

    velocity = change(momentum_step, np.zeros(4), "beta")
    position = change(heavy_ball_step, START, "beta")
    summed = change(running_sum_step, np.zeros(4), "rho")
    # atol for positions of size 100
    assert_allclose(position, velocity, atol=1e-11)
    assert_allclose(summed[:10], velocity[:10], atol=1e-11)
    assert np.all(np.abs(summed[10] - velocity[10]) > 1e-3)


def test_a_constant_gradient_brings_the_velocity_to_its_geometric_sum():
    v, total, g = one(0), one(0), one(2)
    for _ in range(7):
        v = momentum_step(one(0), g, v, lr=0.1, beta=0.9)[1]
        total = running_sum_step(one(0), g, total, lr=0.1, rho=0.9)[1]
    assert_allclose(v, 0.2 * (1 - 0.9**7) / (1 - 0.9), **CLOSE)
    assert_allclose(total, 2 * (1 - 0.9**7) / (1 - 0.9), **CLOSE)


def test_nesterov_is_momentum_where_the_gradient_is_constant():
    ours = walk(
        lambda p, g, v, **hyper: nesterov_step(p, lambda _: g, v, **hyper), np.ones(4), lr=0.1
    )
    assert_allclose(ours, walk(momentum_step, np.ones(4), lr=0.1), atol=1e-11)


def test_nesterov_is_the_heavy_ball_with_the_gradient_of_the_point_ahead():
    """SL2's form, x + β(x − x_prev), beside CS7's."""
    theta, v, x, x_prev = START, np.zeros(4), START, START
    for _ in range(8):
        theta, v = nesterov_step(theta, optimize.rosen_der, v, lr=1e-4, beta=0.8)
        ahead = polyak_average(x_prev, x, -0.8)  # x + 0.8 (x − x_prev)
        x, x_prev = heavy_ball_step(x, optimize.rosen_der(ahead), x_prev, lr=1e-4, beta=0.8)
        assert_allclose(theta, x, rtol=1e-10)  # eight steps of a curvature of 1e3


def test_nesterov_on_paper_asks_once_at_the_point_ahead():
    asked = []
    nesterov_step(one(1), lambda p: asked.append(p) or p, one(0.5), lr=0.1, beta=0.6)
    assert_allclose(asked, [[0.7]], **CLOSE)


# Adaptive rates


@pytest.mark.parametrize(
    ("rule", "state", "hyper", "length"),
    [
        (adagrad_step, np.zeros(4), {"eps": 0.0}, 1.0),
        (rms_step, RmsState.zeros(START), {}, 1.0),
        (adagrad_rms_step, RmsState.zeros(START), {}, 1.0),
        (rmsprop_step, np.zeros(4), {"beta": 0.75, "eps": 0.0}, 2.0),  # 1/√(1 − β)
        (adam_step, AdamState.zeros(START), {"eps": 0.0}, 1.0),
        (adam_uncorrected_step, AdamState.zeros(START), {"beta2": 0.9, "eps": 0.0}, 10**-0.5),
        (adam_uncorrected_step, AdamState.zeros(START), {"beta2": 0.99, "eps": 0.0}, 1.0),
        (adam_uncorrected_step, AdamState.zeros(START), {"eps": 0.0}, 10**0.5),
    ],
)
def test_the_first_adaptive_step_has_one_length_whatever_the_gradient(rule, state, hyper, length):
    theta, _ = rule(START, GRADS[0], state, lr=0.3, **hyper)
    assert_allclose(theta - START, -0.3 * length * np.sign(GRADS[0]), **CLOSE)


def test_adagrad_on_paper():
    """s = 9 + 16 = 25, so ε = 11 makes a root of 6; each constant gradient counts 1/√k."""
    theta, s = adagrad_step(one(1), one(4), one(9), lr=0.3, eps=11.0)
    assert_allclose([theta, s], [[0.8], [25]], **CLOSE)
    path = walk(adagrad_step, one(0), [one(5)] * 4, one(0), lr=1.0, eps=0.0)
    assert_allclose(path[:, 0], -np.cumsum([1, 2**-0.5, 3**-0.5, 0.5]), **CLOSE)


@settings(database=None, deadline=None)
@given(
    arrays(float, (6, 3), elements=st.floats(-100, 100).filter(lambda g: g == 0 or abs(g) > 1e-3))
)
def test_at_eps_zero_the_two_notations_of_adagrad_are_one_path(grads):
    first = np.where(grads[0] == 0, 1.0, grads[0])  # at ε = 0 KK's form needs a gradient to start
    grads = np.array([first, *grads[1:]])
    mean_form = walk(adagrad_rms_step, RmsState.zeros(first), grads, np.zeros(3), lr=0.3)
    sum_form = walk(adagrad_step, np.zeros(3), grads, np.zeros(3), lr=0.3, eps=0.0)
    assert_allclose(mean_form, sum_form, **CLOSE)


def test_sigma_is_the_root_mean_square_of_all_gradients():
    for rule in (rms_step, adagrad_rms_step):
        state = RmsState.zeros(START)
        for count, grad in enumerate(GRADS, start=1):
            _, state = rule(START, grad, state, lr=0.1)
            assert_allclose(state.sigma, linalg.norm(GRADS[:count], axis=0) / count**0.5, **CLOSE)
            assert (state.t, type(state.t)) == (count, int)


def test_rms_on_paper_and_where_nothing_was_seen_nothing_moves():
    state = RmsState(sigma=one(1, 0), t=3)  # σ² = (3 · 1 + 13)/4 = 4, and 0
    theta, new = rms_step(one(1, 1), one(13**0.5, 0), state, lr=0.5)
    assert_allclose(theta, [1 - 0.25 * 13**0.5, 1], **CLOSE)
    assert_allclose(new.sigma, [2, 0], **CLOSE)
    theta, new = adagrad_rms_step(one(1, 1), one(13**0.5, 0), state, lr=0.5)
    assert_allclose(theta, [1 - 0.125 * 13**0.5, 1], **CLOSE)
    assert new.t == 4


def test_rmsprop_on_paper_and_its_mean_of_a_constant_gradient():
    theta, s = rmsprop_step(one(1), one(4), one(8), lr=0.3, beta=0.75, eps=6.0)
    assert_allclose([theta, s], [[0.7], [10]], **CLOSE)  # s = 6 + 4, √16 = 4, 1 − 0.3
    s = one(0)
    for _ in range(5):
        _, s = rmsprop_step(one(1), one(3), s, lr=0.3, beta=0.6)
    assert_allclose(s, 9 * (1 - 0.6**5), **CLOSE)


def test_adadelta_on_paper():
    """s = ½ 0 + ½ 16 = 8; Δ = −√4/√9 · 4 = −8/3; d = ½ 3 + ½ 64/9."""
    state = AdadeltaState(s=one(0), d=one(3))
    theta, (s, d) = adadelta_step(one(1), one(4), state, lr=0.25, rho=0.5, eps=1.0)
    assert_allclose([theta, s, d], [[1 - 2 / 3], [8], [1.5 + 32 / 9]], **CLOSE)
    _, (s, d) = adadelta_step(one(1), one(4), AdadeltaState(one(8), one(3)), rho=0.75, eps=1.0)
    assert_allclose([s, d], [[10], [2.25 + 16 / 11]], **CLOSE)  # Δ² = 4/11 · 16


def test_adam_on_paper():
    """m = ¾ 4 + ¼ 8 = 5 and v = ½ 24 + ½ 64 = 44 at t = 2: m̂ = 5/(7/16), v̂ = 44/¾."""
    state = AdamState(m=one(4), v=one(24), t=1)
    theta, new = adam_step(one(1), one(8), state, lr=0.1, beta1=0.75, beta2=0.5, eps=2.0)
    assert_allclose([new.m, new.v], [[5], [44]], **CLOSE)
    assert (new.t, type(new.t)) == (2, int)
    assert_allclose(theta, [1 - 0.1 * (80 / 7) / ((176 / 3) ** 0.5 + 2)], **CLOSE)
    theta, new = adam_uncorrected_step(one(1), one(8), state, lr=0.1, beta1=0.75, beta2=0.5, eps=5)
    assert_allclose([theta, new.m, new.v], [[1 - 0.5 / 7], [5], [44]], **CLOSE)  # √(44 + 5) = 7
    assert new.t == 2


@settings(database=None, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(0, 0.99), st.floats(0, 0.999), st.floats(0, 1.0))
def test_a_constant_gradient_is_seen_by_adam_as_it_is_at_every_step(g, beta1, beta2, eps):
    """Corrected, both moments of a constant are the constant: all steps are α g/(g + ε)."""
    hyper = {"lr": 0.3, "beta1": beta1, "beta2": beta2, "eps": eps}
    path = walk(adam_step, AdamState.zeros(one(0)), [one(g)] * 5, one(0), **hyper)
    # 1 − βᵗ loses digits where β is near 1: 1e-16/(1 − 0.999)
    assert_allclose(np.diff(path, axis=0), -0.3 * g / (g + eps), rtol=1e-10)


# Schedules


def test_schedules_on_paper():
    assert [step_decay(0.8, t, drop=0.25, every=3) for t in (0, 2, 3, 5, 6)] == [
        0.8, 0.8, 0.2, 0.2, 0.05,
    ]  # fmt: skip
    assert [step_decay(1.0, t) for t in (9, 10)] == [1.0, 0.5]
    assert exponential_decay(0.8, 0, 0.3) == 0.8
    assert exponential_decay(0.8, 6, np.log(2) / 3) == pytest.approx(0.2, rel=1e-12)
    assert [inverse_time_decay(0.8, t, 0.5) for t in (0, 2, 6)] == [0.8, 0.4, 0.2]
    assert [linear_warmup(0.8, t, 4) for t in (0, 1, 3, 4, 99)] == [0.2, 0.4, 0.8, 0.8, 0.8]
    assert linear_warmup(0.8, 0, 1) == 0.8
    cosine = [cosine_annealing(0.9, t, 6, lr_min=0.1) for t in (0, 2, 3, 4, 6, 8)]
    assert_allclose(cosine, [0.9, 0.7, 0.5, 0.3, 0.9, 0.7], **CLOSE)  # cos 60° = ½


@settings(database=None, deadline=None)
@given(st.integers(0, 500), st.integers(1, 50))
def test_cosine_restarts_every_period_and_falls_in_between(t, period):
    now, following = (cosine_annealing(0.5, s, period, lr_min=0.02) for s in (t, t + 1))
    assert cosine_annealing(0.5, t + period, period, lr_min=0.02) == now
    assert 0.02 < now <= 0.5
    assert (following == 0.5) if (t + 1) % period == 0 else (following < now)


def test_radam_waits_until_there_is_variance_to_speak_of():
    """At β₂ = ¾, ρ∞ = 7: ρ_5 = 3.889, ρ_6 = 4.4018, so r_6 = 0.31988, on paper."""
    beta2, lr, g = 0.75, 0.1, 4.0
    path = walk(
        radam_step, AdamState.zeros(one(0)), [one(g)] * 60, one(0), lr=lr, beta2=beta2, eps=1
    )
    steps = -np.diff(path[:, 0], prepend=0)
    assert_allclose(steps[:5], lr * g, **CLOSE)  # m̂ alone, which is g
    assert steps[5] == pytest.approx(0.31988 * lr * g / (g + 1), rel=1e-4)  # five digits on paper
    assert np.all(np.diff(steps[5:40]) > 0)
    assert steps[-1] == pytest.approx(lr * g / (g + 1), rel=1e-3)  # r grows to 1
    state = radam_step(one(0), one(g), AdamState(one(2), one(8), 6), beta1=0.5, beta2=0.75)[1]
    assert (state, type(state.t)) == (AdamState(3, 10, 7), int)


def test_radam_is_adam_where_the_variance_is_known():
    state = AdamState(START, START**2, 10**6)
    args, hyper = (START, GRADS[0], state), {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 0.1}
    assert_allclose(radam_step(*args, **hyper)[0], adam_step(*args, **hyper)[0], **CLOSE)


# Decay, averages, fine-tuning


def test_decay_after_the_step_is_an_l2_penalty_at_another_rate():
    alpha, w = 0.3, 0.8
    theta = weight_decay_step(START, GRADS[0], lr=alpha, w=w)
    _, pull = l2_penalty(START, (1 - w) / (alpha * w))
    assert_allclose(theta, gd_step(START, GRADS[0] + pull, lr=alpha * w), **CLOSE)
    assert_allclose(weight_decay_step(one(1), one(2), lr=0.1, w=0.5), [0.4], **CLOSE)


def test_an_average_forgets_its_start_like_a_power():
    average = one(5, 0)
    for _ in range(6):
        average = polyak_average(average, one(1, 2), 0.7)
    assert_allclose(average, [1 + 4 * 0.7**6, 2 - 2 * 0.7**6], **CLOSE)


def test_fine_tuning_moves_the_trainable_entries_by_a_tenth():
    trainable, grad = np.array([True, False, True, False]), one(1, 2, -3, np.nan)
    theta = fine_tune_step(START, grad, lr=0.5, trainable=trainable)
    assert_array_equal(theta[~trainable], START[~trainable])
    assert_allclose((theta - START)[trainable], [-0.05, 0.15], **CLOSE)
    quarter = fine_tune_step(START, grad, lr=0.5, trainable=trainable, scale=0.25)
    assert_allclose((quarter - START)[trainable], [-0.125, 0.375], **CLOSE)
