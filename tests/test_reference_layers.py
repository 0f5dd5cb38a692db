"""The reference's penalties, dropout, patience, clipping, batch norm and ensembles.

Oracles: paper, differences, SciPy's z-scores, and definitions in another form. Seeds are fixed.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from autograder.reference.ensembles_and_transfer import ensemble_predict, snapshot_epochs
from autograder.reference.gradient_descent import numerical_gradient
from autograder.reference.regularization import (
    dropout_backward,
    dropout_forward,
    dropout_predict_unscaled,
    early_stopping,
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
)
from autograder.reference.regularization import test_time_average as average_over_views
from autograder.reference.stability import (
    batchnorm_backward,
    batchnorm_forward,
    batchnorm_running,
    clip_by_norm,
    clip_by_value,
)

CLOSE = {"rtol": 1e-12, "atol": 1e-12}  # another order of the roundings of numbers of size 1
QUICK = settings(database=None, deadline=None, max_examples=50)


def rng():
    return np.random.default_rng(11)


# Penalties, dropout, patience


def test_penalties_on_paper_and_their_gradients_by_differences():
    theta = np.array([[3.0, -4.0], [1.0, -2.0]])
    assert l2_penalty(theta, 0.2)[0] == pytest.approx(3, rel=1e-12)
    assert l1_penalty(theta, 0.2)[0] == pytest.approx(2, rel=1e-12)
    assert elastic_net_penalty(theta, 0.2, 0.4)[0] == pytest.approx(8, rel=1e-12)
    assert l1_penalty(np.zeros(2), 0.2)[1].tolist() == [0, 0]
    for penalty in (
        lambda p: l2_penalty(p, 0.3),
        lambda p: l1_penalty(p, 0.3),
        lambda p: elastic_net_penalty(p, 0.3, 0.7),
    ):
        slope = numerical_gradient(lambda p, penalty=penalty: penalty(p)[0], theta)
        assert_allclose(penalty(theta)[1], slope, atol=1e-9)  # rounding 1e-16 · 10/h


def test_dropout_switches_off_a_share_p_and_keeps_the_expectation():
    x, p = 2 + rng().random((300, 200)), 0.3
    out, mask = dropout_forward(x, p, rng())
    assert set(np.unique(mask)) == {0, 1 / (1 - p)}
    off = np.sum(mask == 0)
    assert abs(off - p * x.size) < 5 * (x.size * p * (1 - p)) ** 0.5
    rows = np.sum(mask == 0, axis=1)  # units are independent: counts a row are binomial
    assert abs(rows.var() / (200 * p * (1 - p)) - 1) < 5 * (2 / 300) ** 0.5
    assert_allclose(out[mask > 0], x[mask > 0] / 0.7, **CLOSE)
    assert not out[mask == 0].any()
    assert_array_equal(dropout_forward(x, 0.0, rng())[0], x)
    # the chain rule, and SL2's test-time scale: the mean of training without 1/(1 − p)
    assert_allclose(dropout_backward(x, mask), out, **CLOSE)
    assert_allclose(dropout_predict_unscaled(np.array([1.0, -4.0]), 0.25), [0.75, -3], **CLOSE)


@QUICK
@given(st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12), st.integers(1, 5))
def test_patience_ends_at_the_first_window_without_a_lower_loss(losses, patience):
    ends = [
        last
        for last in range(patience, len(losses))
        if min(losses[: last - patience + 1]) <= min(losses[last - patience + 1 : last + 1])
    ]
    stop = ends[0] if ends else len(losses) - 1
    assert early_stopping(losses, patience) == (losses.index(min(losses[: stop + 1])), stop)


# Keeping numbers sane


def test_clipping_by_value_keeps_signs_and_what_is_small():
    grad = np.array([0.5, -0.5, 3, -3, np.inf, -np.inf, np.nan, 0])
    assert_array_equal(clip_by_value(grad, 2), [0.5, -0.5, 2, -2, 2, -2, np.nan, 0])


@QUICK
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 50))
def test_clipping_by_norm_shortens_only_what_is_longer(grad, limit):
    grad = np.array([grad, grad])
    clipped = clip_by_norm(grad, limit)
    length = np.hypot.reduce(grad.ravel())
    if length <= limit:
        assert_array_equal(clipped, grad)
    else:
        assert np.hypot.reduce(clipped.ravel()) == pytest.approx(limit, rel=1e-12)
        assert_allclose(clipped * length, grad * limit, rtol=1e-9, atol=1e-12)


X = np.random.default_rng(5).normal(size=(5, 3)) * [1, 10, 0.1] + [0, 5, -1]
GAMMA, BETA = np.array([1.5, -0.7, 2.0]), np.array([0.3, 0.1, -4.0])


def test_batch_norm_is_scipys_zscore_and_eps_joins_the_variance():
    out, cache = batchnorm_forward(X, GAMMA, BETA, eps=0.0)
    assert_allclose((out - BETA) / GAMMA, stats.zscore(X, axis=0), **CLOSE)
    assert_allclose(cache.x_hat, stats.zscore(X, axis=0), **CLOSE)
    assert_allclose(cache.inv_std, 1 / stats.tstd(X, axis=0) * (5 / 4) ** 0.5, **CLOSE)
    assert cache.gamma is GAMMA
    # on paper: mean 2, variance 1, ε = 3: half of (x − 2)
    out, cache = batchnorm_forward(np.array([[1.0], [3]]), np.ones(1), np.zeros(1), eps=3.0)
    assert_allclose([out.ravel(), cache.x_hat.ravel()], [[-0.5, 0.5]] * 2, **CLOSE)
    assert_allclose(cache.inv_std, [0.5], **CLOSE)


def test_batch_norm_backward_is_what_differences_measure():
    weights = np.random.default_rng(6).normal(size=(5, 3))

    def loss(x=X, gamma=GAMMA, beta=BETA):
        return np.sum(weights * np.tanh(batchnorm_forward(x, gamma, beta, eps=0.2)[0]))

    out, cache = batchnorm_forward(X, GAMMA, BETA, eps=0.2)
    dx, dgamma, dbeta = batchnorm_backward(weights * (1 - np.tanh(out) ** 2), cache)
    # the differences' own error: h² f‴/6, 1e-10 times a third derivative below 100
    assert_allclose(dx, numerical_gradient(lambda x: loss(x=x), X), atol=1e-8)
    assert_allclose(dgamma, numerical_gradient(lambda g: loss(gamma=g), GAMMA), atol=1e-8)
    assert_allclose(dbeta, numerical_gradient(lambda b: loss(beta=b), BETA), atol=1e-8)


def test_running_statistics_on_paper():
    x = np.array([[1.0, 0], [3, 0], [5, 6]])  # means 3 and 2, biased variances 8/3 and 8
    mean, var = batchnorm_running(np.array([8.0, 2]), np.array([0.0, 3]), x, momentum=0.8)
    assert_allclose([mean, var], [[7, 2], [8 / 15, 4]], **CLOSE)


# More than one model


def test_members_and_views_are_averaged_entry_by_entry():
    members = [np.array([[1.0, 0], [0.5, 0.5]]), np.array([[0.0, 1], [0.5, 0.5]]), np.eye(2)]
    mean = [[2 / 3, 1 / 3], [1 / 3, 2 / 3]]
    assert_allclose(ensemble_predict(members), mean, **CLOSE)
    asked = []
    views = [0, 1, 2]
    assert_allclose(
        average_over_views(lambda i: asked.append(i) or members[i], views), mean, **CLOSE
    )
    assert asked == views


@QUICK
@given(st.integers(1, 9), st.integers(0, 40))
def test_snapshots_end_cycles_of_one_length_and_the_last_takes_the_rest(cycles, more):
    total = cycles + more
    epochs = snapshot_epochs(total, cycles)
    lengths = np.diff([-1, *epochs])
    assert len(epochs) == cycles
    assert epochs[-1] == total - 1
    assert len(set(lengths[:-1])) <= 1
    assert lengths[0] * cycles <= total
    assert lengths[0] <= lengths[-1] < lengths[0] + cycles
