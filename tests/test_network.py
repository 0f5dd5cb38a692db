"""The network: paper numbers, numerical gradients, views, precision, refusals."""

import math

import numpy as np
import pytest

from autograder.reference.gradient_descent import numerical_gradient
from descentlab import MLP


def test_loss_and_gradient_on_paper():
    """x = 2, logits (ln 3, 0): p = (3/4, 1/4), so the gradient at the logits is (-1/4, 1/4)."""
    net = MLP([1, 2])
    theta = net.pack([(np.zeros((1, 2)), np.array([math.log(3), 0.0]))])
    loss, grad = net.loss_and_grad(theta, np.array([[2.0]]), np.array([0]))
    assert loss == pytest.approx(math.log(4 / 3))
    (dW, db), *_rest = net.unpack(grad)
    assert dW == pytest.approx(np.array([[-0.5, 0.5]]))
    assert db == pytest.approx(np.array([-0.25, 0.25]))
    assert net.predict(theta, np.array([[2.0]])) == pytest.approx(np.array([[0.75, 0.25]]))


def test_relu_on_paper():
    """Hidden units 3 and -1 become 3 and 0; the logits (3, 0) follow from W2 = identity."""
    net = MLP([2, 2, 2])
    theta = net.pack([(np.eye(2), np.array([1.0, -2.0])), (np.eye(2), np.zeros(2))])
    probs = net.predict(theta, np.array([[2.0, 1.0]]))
    assert probs[0, 0] / probs[0, 1] == pytest.approx(math.exp(3))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("sizes", [[3, 2], [4, 5, 3], [2, 6, 5, 4]])
def test_gradient_against_differences(sizes, activation):
    net = MLP(sizes, activation)
    rng = np.random.default_rng(sum(sizes))
    theta = rng.normal(0, 0.8, net.num_parameters)
    x, labels = rng.normal(size=(7, sizes[0])), rng.integers(0, sizes[-1], 7)
    _loss, grad = net.loss_and_grad(theta, x, labels)
    numerical = numerical_gradient(lambda p: net.loss(p, x, labels), theta, h=1e-5)
    # Central differences: an error of h^2 = 1e-10 times third derivatives of size 1, and rounding
    # of 1e-16 / h = 1e-11. A kink of ReLU within h of a unit's input would show as an error
    # of 1e-2; with these seeds there is none.
    assert grad == pytest.approx(numerical, abs=1e-8)


def test_unpack_gives_views_and_pack_copies():
    net = MLP([3, 4, 2])
    theta = np.arange(net.num_parameters, dtype=float)
    params = net.unpack(theta)
    assert [(W.shape, b.shape) for W, b in params] == [((3, 4), (4,)), ((4, 2), (2,))]
    packed = net.pack(params)
    assert packed.tolist() == theta.tolist()
    params[1][0][0, 0] = -1.0
    assert theta[16] == -1.0  # 12 weights and 4 biases lie before it
    assert packed[16] == 16.0


def test_num_parameters_of_the_digits_net():
    assert MLP([64, 64, 64, 10]).num_parameters == 64 * 65 + 64 * 65 + 65 * 10


def test_a_batch_is_the_mean_of_its_rows():
    net = MLP([3, 5, 4])
    rng = np.random.default_rng(2)
    theta, x = rng.normal(size=net.num_parameters), rng.normal(size=(6, 3))
    labels = np.array([0, 1, 2, 3, 3, 0])
    singles = [net.loss_and_grad(theta, x[i : i + 1], labels[i : i + 1]) for i in range(6)]
    loss, grad = net.loss_and_grad(theta, x, labels)
    assert loss == pytest.approx(np.mean([single for single, _grad in singles]))
    assert grad == pytest.approx(np.mean([grad for _loss, grad in singles], axis=0))
    assert net.loss(theta, x, labels) == loss
    assert net.predict(theta, x).sum(axis=1) == pytest.approx(np.ones(6))


def test_precision_is_thetas_and_nothing_is_changed():
    net = MLP([3, 5, 4], "tanh")
    theta = np.linspace(-1, 1, net.num_parameters, dtype=np.float32)
    x, labels = np.ones((2, 3)), np.array([0, 3])
    before = theta.copy(), x.copy(), labels.copy()
    loss, grad = net.loss_and_grad(theta, x, labels)
    assert isinstance(loss, float)
    assert grad.dtype == np.float32
    assert net.predict(theta, x).dtype == np.float32
    first = grad.copy()
    net.loss_and_grad(theta + 1, x, labels)
    assert (grad == first).all()  # no buffer is used twice
    assert all((a == b).all() for a, b in zip(before, (theta, x, labels), strict=True))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_labels_may_be_whole_numbers_of_any_size(dtype):
    """300 rows: more than a byte counts."""
    net, rng = MLP([3, 4, 2]), np.random.default_rng(2)
    theta, x, labels = rng.normal(size=26), rng.normal(size=(300, 3)), rng.integers(0, 2, 300)
    loss, grad = net.loss_and_grad(theta, x, labels.astype(dtype))
    wanted = net.loss_and_grad(theta, x, labels)
    assert loss == wanted[0]
    assert (grad == wanted[1]).all()


def test_huge_logits_stay_finite():
    net = MLP([1, 2])
    theta = net.pack([(np.array([[5000.0, -5000.0]]), np.zeros(2))])
    loss, grad = net.loss_and_grad(theta, np.array([[1.0]]), np.array([1]))
    assert loss == pytest.approx(10_000)
    assert np.isfinite(grad).all()


def test_accuracy_counts_the_most_probable_class():
    net = MLP([1, 2])
    theta = net.pack([(np.array([[1.0, -1.0]]), np.zeros(2))])  # class 0 for x > 0
    assert net.accuracy(theta, np.array([[1.0], [2.0], [-1.0], [3.0]]), np.array([0, 0, 1, 1])) == (
        0.75
    )


X, LABELS = np.zeros((5, 3)), np.zeros(5, dtype=int)


@pytest.mark.parametrize(
    ("sizes", "activation", "said"),
    [
        ([3], "relu", "at least an input size and 2 classes"),
        ([3, 0, 2], "relu", r"got \[3, 0, 2\]"),
        ([3, 4.5, 2], "relu", r"got \[3, 4.5, 2\]"),
        ([3, 1], "relu", "2 classes"),
        ([3, 2], "sigmoid", "'relu' or 'tanh', got 'sigmoid'"),
    ],
)
def test_what_is_no_network_is_refused(sizes, activation, said):
    with pytest.raises(ValueError, match=said):
        MLP(sizes, activation)


@pytest.mark.parametrize(
    ("theta", "x", "labels", "said"),
    [
        (np.zeros(9), X, LABELS, "one flat array of 8 .* got shape"),
        (np.zeros((2, 4)), X, LABELS, "one flat array of 8"),
        (np.zeros(8, dtype=int), X, LABELS, "got shape .* of int64"),
        (np.zeros(8), X[:, :2], LABELS, "the network has 3 inputs; got .5, 2."),
        (np.zeros(8), X[0], LABELS, "got .3,."),
        (np.zeros(8), X, LABELS[:4], "5 whole numbers"),
        (np.zeros(8), X, LABELS.astype(float), "5 whole numbers.* of float64"),
        (np.zeros(8), X, LABELS - 1, "between 0 and 1 .* got values from -1 to -1"),
        (np.zeros(8), X, LABELS + 2, "between 0 and 1 .* got values from 2 to 2"),
    ],
)
def test_what_does_not_fit_is_refused(theta, x, labels, said):
    with pytest.raises(ValueError, match=said):
        MLP([3, 2]).loss_and_grad(theta, x, labels)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ([(np.zeros((3, 4)), np.zeros(4))], "2 pairs"),
        ([(np.zeros((4, 3)), np.zeros(4)), (np.zeros((4, 2)), np.zeros(2))], "layer 1 needs"),
        ([(np.zeros((3, 4)), np.zeros(4)), (np.zeros((4, 2)), np.zeros(3))], "layer 2 needs"),
        (np.zeros(26), r"list of \(W, b\)"),
    ],
)
def test_what_is_no_list_of_weights_is_refused(params, said):
    with pytest.raises(ValueError, match=said):
        MLP([3, 4, 2]).pack(params)
