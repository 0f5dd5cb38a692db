"""The reference's starts, batches, losses and augmentations, against independent oracles.

Random functions are run with fixed seeds, so nothing here is flaky. A bound on a moment is five of
its standard errors: σ/√n for the mean of n draws of width σ, σ²√(2/n) for the variance of normal
ones, √(n q (1 − q)) for a count of n chances q.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from autograder.reference.ensembles_and_transfer import reinit_last_layer
from autograder.reference.gradient_descent import gradient_descent
from autograder.reference.initialization import (
    init_constant,
    init_from_pretrained,
    init_he,
    init_normal,
    init_xavier,
    signal_scale,
)
from autograder.reference.minibatch import cross_entropy, minibatches, mse, num_steps, sgd
from autograder.reference.regularization import (
    add_noise,
    color_jitter,
    random_crop,
    random_erase,
    random_flip,
)

CLOSE = {"rtol": 1e-12, "atol": 1e-12}  # another order of the roundings of numbers of size 1
QUICK = settings(database=None, deadline=None, max_examples=50)


def rng():
    return np.random.default_rng(11)


def is_normal(draws, std):
    """Whether mean and variance are within five standard errors, and the shape is a bell's."""
    n = draws.size
    assert abs(draws.mean()) < 5 * std / n**0.5
    assert abs(draws.var() - std**2) < 5 * std**2 * (2 / n) ** 0.5
    assert stats.kstest(draws.ravel(), "norm", args=(0, std)).pvalue > 1e-6
    return True


# Where to start


@pytest.mark.parametrize(
    ("make", "widths"),
    [
        (lambda sizes: init_normal(sizes, 0.3, rng()), [0.3, 0.3]),
        (lambda sizes: init_xavier(sizes, rng()), [1 / 8, 1 / 10]),  # 2/128 and 2/200
        (lambda sizes: init_he(sizes, rng()), [28**-0.5, 1 / 6]),  # 2/56 and 2/72
    ],
)
def test_normal_starts_have_the_width_that_stands_in_the_formula(make, widths):
    sizes = [56, 72, 128]
    params = make(sizes)
    assert [W.shape for W, _ in params] == [(56, 72), (72, 128)]
    assert all(is_normal(W, width) for (W, _), width in zip(params, widths, strict=True))
    for (_, b), size in zip(params, sizes[1:], strict=True):
        assert_array_equal(b, np.zeros(size))
    first = params[0][0].ravel()
    second = params[1][0].ravel()[: first.size]
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / first.size**0.5


def test_a_constant_start_is_constant():
    params = init_constant([2, 3, 1], 7)
    assert_array_equal(params[0][0], np.full((2, 3), 7.0))
    assert params[0][0].dtype == np.float64  # whole numbers too: weights get trained
    assert_array_equal(params[1][0], np.full((3, 1), 7.0))
    assert [b.tolist() for _, b in params] == [[0, 0, 0], [0]]


def test_the_signal_on_paper_and_through_fifty_layers():
    params = [(np.array([[2.0, -2.0]]), np.array([1.0, 0.0])), (np.ones((2, 1)), np.zeros(1))]
    relu = lambda h: np.maximum(h, 0)  # noqa: E731
    # h = relu([[3, -2], [-1, 2]]) = [[3, 0], [0, 2]], mean 5/4, mean square 13/4; then [3, 2]
    scales = signal_scale(params, np.array([[1.0], [-1.0]]), relu)
    assert_allclose(scales, [(13 / 4 - 25 / 16) ** 0.5, 0.5], **CLOSE)
    deep = init_he([300] * 51, rng())
    held = signal_scale(deep, rng().normal(size=(40, 300)), relu)
    assert 0.2 < held[-1] < 5  # each layer's square wanders by about √(5/300), fifty by √50 of it
    doubled = [(2 * W, b) for W, b in deep]
    exploded = signal_scale(doubled, rng().normal(size=(40, 300)), relu)
    assert_allclose(exploded, held * 2.0 ** np.arange(1, 51), rtol=1e-9)


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_pretrained_start_copies_what_it_keeps_and_draws_the_rest(keep):
    pretrained = init_constant([40, 60, 50], 0.5)
    params = init_from_pretrained(pretrained, [40, 60, 50, 30][: 3 + (keep == 2)], keep, rng())
    for (W, b), (old_W, old_b) in zip(params[:keep], pretrained, strict=False):
        assert_array_equal(W, old_W)
        assert_array_equal(b, old_b)
    assert len(params) > keep
    for W, b in params[keep:]:
        assert is_normal(W, (2 / len(W)) ** 0.5)
        assert not b.any()


def test_a_new_head_is_drawn_for_the_new_classes_and_the_body_copied():
    params = [(W, b + 2) for W, b in init_constant([4, 6, 200, 10], 0.5)]
    new = reinit_last_layer(params, 30, rng())
    for made, old in zip(new[:2], params[:2], strict=True):
        assert_array_equal(made[0], old[0])
        assert_array_equal(made[1], old[1])
    assert [W.shape for W, _ in new] == [(4, 6), (6, 200), (200, 30)]
    assert is_normal(new[2][0], 0.1)
    assert_array_equal(new[2][1], np.zeros(30))
    # a network of mixed dtypes would be widened when it is packed into one theta
    half = [(W.astype(np.float32), b.astype(np.float16)) for W, b in params]
    assert [a.dtype for a in reinit_last_layer(half, 3, rng())[2]] == [np.float32, np.float16]


# Batches and losses


def test_losses_on_paper_and_scipys_divergence():
    y_hat, y = np.array([[1.0, 2, 3], [4, 0, 0]]), np.array([[2.0, 0, 6], [3, 1, 0]])
    assert mse(y_hat, y) == 8  # (1 + 4 + 9 + 1 + 1)/2
    probs = rng().dirichlet(np.ones(5), size=7)
    labels = np.array([0, 4, 1, 1, 3, 2, 0])
    # the divergence from "surely this class" to p is −ln p[class]
    assert cross_entropy(probs, labels) == pytest.approx(
        np.mean(stats.entropy(np.eye(5)[labels], probs, axis=1)), rel=1e-12
    )


@QUICK
@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 3))
def test_steps_are_batches_and_batches_hold_each_example_once_beside_its_own(n, size, epochs):
    x = np.arange(3.0 * n).reshape(n, 3)
    batches = minibatches(x, 10 * x[:, 0], size, rng())
    assert num_steps(n, size, epochs) == epochs * len(batches)
    assert type(num_steps(n, size, epochs)) is int
    assert {len(x_b) for x_b, _ in batches[:-1]} <= {size}
    assert 1 <= len(batches[-1][0]) <= size
    rows = np.concatenate([x_b for x_b, _ in batches])
    assert_array_equal(10 * rows[:, 0], np.concatenate([y_b for _, y_b in batches]))
    assert_array_equal(rows[np.argsort(rows[:, 0])], x)


def test_every_order_of_the_examples_is_as_likely_as_any_other():
    generator, x = rng(), np.arange(4)
    seen = [
        tuple(np.concatenate([b for b, _ in minibatches(x, x, 3, generator)])) for _ in range(2400)
    ]
    assert stats.chisquare(np.unique(seen, axis=0, return_counts=True)[1]).pvalue > 1e-6
    assert len(set(seen)) == 24


def pull(theta, x_b, y_b):
    """Half the mean squared distance to the batch's points, and its gradient."""
    return 0.5 * np.mean(np.sum((theta - x_b) ** 2, axis=1)), theta - x_b.mean(axis=0)


def test_sgd_with_one_batch_an_epoch_is_gradient_descent():
    x = rng().normal(size=(7, 2))
    theta, losses = sgd(pull, np.ones(2), x, x, batch_size=7, epochs=5, lr=0.3, rng=rng())
    path = gradient_descent(lambda p: pull(p, x, x)[1], np.ones(2), lr=0.3, num_steps=5)
    assert_allclose(theta, path[-1], **CLOSE)
    assert_allclose(losses, [pull(p, x, x)[0] for p in path[:-1]], **CLOSE)


def test_sgd_shuffles_anew_each_epoch_and_takes_the_loss_before_the_step():
    asked = []

    def watch(theta, x_b, y_b):
        asked.append((theta, x_b))
        assert_array_equal(10 * x_b, y_b)
        return pull(theta, x_b, y_b)

    x = np.arange(50.0)[:, None]
    theta, losses = sgd(watch, np.zeros(1), x, 10 * x, batch_size=20, epochs=3, lr=0.5, rng=rng())
    assert [len(x_b) for _, x_b in asked] == [20, 20, 10] * 3
    assert_allclose(losses, [pull(p, x_b, None)[0] for p, x_b in asked], **CLOSE)
    for (before, x_b), (after, _) in pairwise([*asked, (theta, None)]):
        assert_allclose(after, (before + x_b.mean()) / 2, **CLOSE)  # halfway, at rate ½
    epochs = [np.concatenate([x_b for _, x_b in asked[i : i + 3]]).ravel() for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
    assert not np.array_equal(epochs[1], epochs[2])


# Augmentation

IMAGES = 1 + np.arange(1500 * 4 * 3.0).reshape(1500, 4, 3)  # every pixel another, none 0


def test_flips_mirror_whole_images_left_to_right():
    flipped = random_flip(IMAGES, rng(), p=0.3)
    changed = np.any(flipped != IMAGES, axis=(1, 2))
    assert_array_equal(flipped[~changed], IMAGES[~changed])
    assert_array_equal(flipped[changed], np.flip(IMAGES[changed], axis=2))
    assert abs(changed.sum() - 0.3 * 1500) < 5 * (1500 * 0.21) ** 0.5
    assert_array_equal(random_flip(IMAGES, rng(), p=0.0), IMAGES)


def evenly(pairs, shape):
    """Whether every pair of offsets is equally likely, so that rows and columns are independent."""
    counts = np.zeros(shape)
    np.add.at(counts, tuple(np.array(pairs).T), 1)
    return stats.chisquare(counts.ravel()).pvalue > 1e-6


def test_crops_are_windows_at_even_offsets_into_the_zero_padded_image():
    offsets = []
    for image, cropped in zip(IMAGES, random_crop(IMAGES, 2, rng()), strict=True):
        found = [
            (row, column)
            for row in range(5)
            for column in range(5)
            if np.array_equal(np.pad(image, 2)[row : row + 4, column : column + 3], cropped)
        ]
        assert len(found) == 1
        offsets += found
    assert evenly(offsets, (5, 5))
    assert_array_equal(random_crop(IMAGES, 0, rng()), IMAGES)


def test_one_square_inside_each_image_is_erased_at_an_even_place():
    erased = random_erase(IMAGES, 2, rng())
    holes = erased != IMAGES
    assert not erased[holes].any()
    assert set(holes.sum(axis=(1, 2))) == {4}
    corners = [tuple(np.argwhere(hole)[0]) for hole in holes]
    assert all(holes[i, r : r + 2, c : c + 2].all() for i, (r, c) in enumerate(corners))
    assert evenly(corners, (3, 2))


def test_noise_is_normal_and_new_at_every_pixel():
    noise = add_noise(IMAGES, 0.3, rng()) - IMAGES
    assert is_normal(noise, 0.3)
    assert len(np.unique(noise)) > 0.99 * noise.size  # rounding beside 18000 makes a few equal


def test_colours_move_along_the_axes_in_which_they_vary():
    """Here they vary along two axes, with variances 9 and 1: so must the shifts, by 9 and 1 std."""
    n, std = 3000, 0.2
    axes = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.array([[3], [2], [6]]) ** 0.5
    along = rng().choice([-1.0, 1.0], size=(n, 2, 2, 3)) * [3, 1, 0]
    along[:, 1] = -along[:, 0]
    images = 5 + along @ axes
    shift = color_jitter(images, std, rng()) - images
    assert_allclose(shift, np.broadcast_to(shift[:, :1, :1], shift.shape), atol=1e-9)
    moved = shift[:, 0, 0] @ axes.T
    assert_allclose(moved[:, 2], 0, atol=1e-9)
    for j, variance in ((0, 9), (1, 1)):
        # two random signs an image: the sample's axes turn by a few hundredths, hence the 5 % more
        width = moved[:, j].std() / (variance * std)
        assert abs(width - 1) < 5 * (0.5 / n) ** 0.5 + 0.05
    assert stats.kstest(moved[:, 0] / moved[:, 0].std(), "norm").pvalue > 1e-6
    assert abs(np.corrcoef(moved[:, :2].T)[0, 1]) < 5 / n**0.5 + 0.1
