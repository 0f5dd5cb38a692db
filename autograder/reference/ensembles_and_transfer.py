"""More than one model: ensembles, snapshots, averages of weights, and transfer."""

import numpy as np


def ensemble_predict(prob_list):
    """Average the probabilities that the members of an ensemble give.

    p = 1/M Σ_m p_m

    Parameters
    ----------
    prob_list : list of ndarray, shape (N, C), at least one

    Returns
    -------
    probs : new array, shape (N, C)

    Raises
    ------
    ValueError
        From NumPy: the members' shapes differ.

    Notes
    -----
    The mean of probabilities, each member with the same weight; no vote, no mean of logits.
    Source: CS7, *Model Ensembles*.

    Examples
    --------
    >>> ensemble_predict([np.array([[1.0, 0.0]]), np.array([[0.25, 0.75]])])
    array([[0.625, 0.375]])
    """
    return np.mean(prob_list, axis=0)


def polyak_average(average, theta, decay):
    """Move a running average of the parameters a little towards those of now.

    average ← decay · average + (1 − decay) · θ

    Parameters
    ----------
    average, theta : ndarray, both of one shape
    decay : float in [0, 1], the share of the old average that stays

    Returns
    -------
    average : new array of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    A moving average, as in CS7 and PyTorch's `get_ema_multi_avg_fn`; Polyak's own is the plain mean
    of all θ.
    Source: CS7, *Polyak averaging*.

    Examples
    --------
    >>> polyak_average(np.array([1.0, 2.0]), np.array([5.0, -2.0]), 0.75)
    array([2., 1.])
    """
    average = decay * average + (1 - decay) * theta
    return average


def snapshot_epochs(total_epochs, cycles):
    """List the epochs after which a snapshot is taken: the last of each cycle.

    Parameters
    ----------
    total_epochs : int >= cycles
    cycles : int >= 1

    Returns
    -------
    epochs : list of int, 0-based, as many as there are cycles; the last is total_epochs − 1

    Raises
    ------
    ZeroDivisionError
        cycles is 0.

    Notes
    -----
    Each cycle has ⌊total_epochs/cycles⌋ epochs; what is left over lengthens the last.
    Source: CS7, *Model Ensembles* (snapshots; Huang et al. 2017).

    Examples
    --------
    >>> snapshot_epochs(12, 3), snapshot_epochs(14, 3)
    ([3, 7, 11], [3, 7, 13])
    """
    length = total_epochs // cycles
    epochs = []
    for cycle in range(1, cycles):
        epochs.append(cycle * length - 1)
    epochs.append(total_epochs - 1)
    return epochs


def reinit_last_layer(params, num_classes, rng):
    """Keep all layers but the last, and draw that one anew for other classes.

    W[L] ~ N(0, 2/n_in), shape (n_in, num_classes);  b[L] = 0

    Parameters
    ----------
    params : list of (W, b), at least one pair, shapes (n_in, n_out) and (n_out,)
    num_classes : int >= 1
    rng : np.random.Generator

    Returns
    -------
    params : list of (W, b), the dtype of the old ones
        Copies and the new layer: the old list stays as it was.

    Notes
    -----
    He's initialization, as for every layer that is drawn here.
    Source: CS7, *Transfer Learning* (little data: reinitialize the last layer and train it).

    Examples
    --------
    >>> params = [(np.ones((3, 5)), np.ones(5)), (np.ones((5, 4)), np.ones(4))]
    >>> [W.shape for W, b in reinit_last_layer(params, 2, np.random.default_rng(0))]
    [(3, 5), (5, 2)]
    """
    kept = [(W.copy(), b.copy()) for W, b in params[:-1]]
    W_old, b_old = params[-1]
    n_in = len(W_old)
    std = np.sqrt(2 / n_in)
    W = rng.normal(0, std, size=(n_in, num_classes)).astype(W_old.dtype)
    b = np.zeros(num_classes, dtype=b_old.dtype)
    return [*kept, (W, b)]


def fine_tune_step(theta, grad, *, lr, trainable, scale=0.1):
    """Take a small step of gradient descent with some of the parameters only.

    θ_i ← θ_i − lr · scale · g_i where trainable, else θ_i

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    lr : float > 0, the learning rate of the training before
    trainable : ndarray of bool, the shape of theta
    scale : float > 0, what is left of the rate

    Returns
    -------
    theta : new array of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    CS7's "lr = 0.1" means a tenth of the rate before. Frozen entries stay exactly as they were,
    even where the gradient isn't finite.
    Source: CS7, *Transfer Learning*.

    Examples
    --------
    >>> theta, grad, trainable = np.array([1.0, 1.0]), np.array([4.0, 4.0]), np.array([True, False])
    >>> fine_tune_step(theta, grad, lr=0.5, trainable=trainable, scale=0.25)
    array([0.5, 1. ])
    """
    moved = theta - lr * scale * grad
    return np.where(trainable, moved, theta)
