"""How much data for one step: losses over a batch, batches over an epoch, and the loop."""

import numpy as np


def mse(y_hat, y):
    """Average the squared error over a batch.

    L = 1/B Σ_i Σ_k (ŷ_ik − y_ik)²

    Parameters
    ----------
    y_hat, y : ndarray, shape (B, K), predictions and targets

    Returns
    -------
    float
        Mean over the examples of the sum over the outputs, in the square of y's unit.

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    The sum over outputs isn't divided by K, and there is no ½. PyTorch's `mse_loss` takes the mean
    over everything: K times smaller.
    Source: ONN 6-1 (its one-example row sums over classes, its batch row over examples).

    Examples
    --------
    >>> mse(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 0.0]]))
    3.0
    """
    squared_error = np.sum((y_hat - y) ** 2, axis=1)
    return float(np.mean(squared_error))


def cross_entropy(probs, labels):
    """Average the surprise at the right classes over a batch.

    L = 1/B Σ_i −ln p_i[label_i]

    Parameters
    ----------
    probs : ndarray, shape (B, C), positive, each row sums to 1
    labels : ndarray of int, shape (B,), 0 to C − 1

    Returns
    -------
    float
        Mean loss >= 0, in nats; ln C for a guess that knows nothing.

    Raises
    ------
    IndexError
        From NumPy: a label isn't one of the columns.

    Notes
    -----
    `probs` are probabilities; PyTorch's `cross_entropy` takes logits. No clipping: the inputs are
    positive. In ONN ŷ is the label and y the prediction, the reverse of the usual notation.
    Source: ONN 6-1.

    Examples
    --------
    >>> round(cross_entropy(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])), 4)
    0.4904
    """
    p_label = probs[np.arange(len(labels)), labels]
    return float(np.mean(-np.log(p_label)))


def num_steps(n, batch_size, epochs):
    """Count the steps, which are batches, in a number of epochs.

    ⌈n/B⌉ · epochs

    Parameters
    ----------
    n : int >= 1, examples
    batch_size : int >= 1, B
    epochs : int >= 0

    Returns
    -------
    int

    Raises
    ------
    ZeroDivisionError
        batch_size is 0.

    Notes
    -----
    The short last batch is a step too. PyTorch's `drop_last=True` leaves it out: ⌊n/B⌋.
    Source: ONN 6-1, *Epoch and Step*.

    Examples
    --------
    >>> num_steps(1000, 300, 2)
    8
    """
    steps_per_epoch = int(np.ceil(n / batch_size))
    return steps_per_epoch * epochs


def minibatches(x, y, batch_size, rng):
    """Cut one epoch's shuffled data into batches.

    Parameters
    ----------
    x, y : ndarray, shapes (n, …) and (n, …), example i in row i of both
    batch_size : int >= 1, B
    rng : np.random.Generator

    Returns
    -------
    batches : list of (x_b, y_b), ⌈n/B⌉ pairs of new arrays
        Each example once, still beside its own y; the last batch holds what is left.

    Raises
    ------
    ValueError
        batch_size is 0.

    Notes
    -----
    Without replacement, as SL2 describes it; drawing with replacement would miss about 37 % of the
    examples in an epoch.
    Source: SL2, *SGD*; KK, *Mini-Batch*; ONN 6-1.

    Examples
    --------
    >>> x, y = np.arange(5.0), np.arange(5)
    >>> [len(y_b) for x_b, y_b in minibatches(x, y, 2, np.random.default_rng(0))]
    [2, 2, 1]
    """
    order = rng.permutation(len(x))
    batches = []
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        batches.append((x[chosen], y[chosen]))
    return batches


def sgd(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng):
    """Walk downhill with the gradient of one batch a step.

    θ ← θ − α∇L_batch(θ), for each batch of each epoch

    Parameters
    ----------
    loss_and_grad : callable, (theta, x_b, y_b) -> (loss, grad)
        The loss is a mean over the batch, its gradient has theta's shape.
    theta : ndarray of any shape, the start
    x, y : ndarray, shapes (n, …) and (n, …)
    batch_size : int >= 1
    epochs : int >= 1
    lr : float > 0, the learning rate α
    rng : np.random.Generator

    Returns
    -------
    theta : new array, the parameters after the last step
    losses : list, one entry a step
        The loss of the step's own batch, before the step.

    Raises
    ------
    ValueError
        batch_size is 0.

    Notes
    -----
    A new shuffle each epoch. The mean over the batch makes lr independent of n.
    Source: KK, *Batch, Mini-Batch, Stochastic Gradient Descent*; SL2, *SGD*; ONN 6-1.

    Examples
    --------
    >>> def off_by(theta, x_b, y_b):
    ...     return np.mean((theta - y_b) ** 2), 2 * np.mean(theta - y_b, keepdims=True)
    >>> x, y, rng = np.zeros(4), np.ones(4), np.random.default_rng(0)
    >>> theta, losses = sgd(off_by, np.zeros(1), x, y, batch_size=3, epochs=1, lr=0.25, rng=rng)
    >>> theta, len(losses)
    (array([0.75]), 2)
    """
    losses = []
    for _epoch in range(epochs):
        for x_b, y_b in minibatches(x, y, batch_size, rng):
            loss, grad = loss_and_grad(theta, x_b, y_b)
            losses.append(loss)
            theta = theta - lr * grad
    return theta, losses
