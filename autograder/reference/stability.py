"""Keeping the numbers sane: gradient clipping and batch normalization."""

import numpy as np

from descentlab.states import BatchNormCache


def clip_by_value(grad, limit):
    """Bring every entry of the gradient into [−limit, limit].

    sign(g) · min(|g|, limit)

    Parameters
    ----------
    grad : ndarray of any shape; ±inf is allowed
    limit : float > 0, in the gradient's unit

    Returns
    -------
    grad : new array of the shape and dtype of grad; NaN stays NaN

    Notes
    -----
    The direction may change. SL2 says "max with a small constant": it is the min, sign kept.
    Source: SL2, *Gradient Clipping*.

    Examples
    --------
    >>> clip_by_value(np.array([0.5, -3.0, np.inf, np.nan]), 2.0)
    array([ 0.5, -2. ,  2. ,  nan])
    """
    return np.clip(grad, -limit, limit)


def clip_by_norm(grad, max_norm):
    """Shorten the gradient to max_norm if it is longer; its direction stays.

    g · max_norm/‖g‖ if ‖g‖ > max_norm, else g

    Parameters
    ----------
    grad : ndarray of any shape, finite; the norm is taken over all its entries
    max_norm : float > 0, in the gradient's unit

    Returns
    -------
    grad : new array of the shape and dtype of grad, a copy where nothing is shortened

    Notes
    -----
    Exactly max_norm long afterwards; PyTorch's `clip_grad_norm_` divides by ‖g‖ + 1e-6.
    Source: SL2, *Gradient Clipping* (Pascanu et al. 2013 for the norm).

    Examples
    --------
    >>> clip_by_norm(np.array([3.0, -4.0]), 2.5), clip_by_norm(np.array([3.0, -4.0]), 10.0)
    (array([ 1.5, -2. ]), array([ 3., -4.]))
    """
    norm = np.linalg.norm(grad)
    if norm > max_norm:
        return grad * (max_norm / norm)
    return grad.copy()


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Give each column of the batch mean β and standard deviation γ.

    x̂ = (x − μ)/√(σ² + ε);  out = γx̂ + β

    Parameters
    ----------
    x : ndarray, shape (B, D), one example a row
    gamma, beta : ndarray, shape (D,), scale and shift
    eps : float > 0, ε, in the square of x's unit

    Returns
    -------
    out : new array of the shape and dtype of x
    cache : BatchNormCache(x_hat, inv_std, gamma)
        For the backward pass; its gamma is the array that was passed in, not a copy.

    Raises
    ------
    ValueError
        From NumPy: gamma or beta doesn't have one entry a column.

    Notes
    -----
    σ² is biased: divided by B. PyTorch normalizes with the same variance.
    Source: SL2, *Batch Normalization* (Ioffe and Szegedy 2015).

    Examples
    --------
    >>> x, gamma, beta = np.array([[1.0], [3.0]]), np.array([4.0]), np.array([0.5])
    >>> batchnorm_forward(x, gamma, beta, eps=3.0)[0]
    array([[-1.5],
           [ 2.5]])
    """
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return out, BatchNormCache(x_hat, inv_std, gamma)


def batchnorm_backward(dout, cache):
    """Send the gradient back through batch normalization, mean and variance included.

    dβ = Σ_i dout_i;  dγ = Σ_i dout_i x̂_i;  dx̂ = γ dout
    dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂))/√(σ² + ε)

    Parameters
    ----------
    dout : ndarray, shape (B, D), the loss's gradient with respect to out
    cache : BatchNormCache, from `batchnorm_forward`

    Returns
    -------
    dx, dgamma, dbeta : new arrays of shapes (B, D), (D,), (D,)

    Raises
    ------
    ValueError
        From NumPy: dout doesn't have the shape of the batch.

    Notes
    -----
    μ and σ² depend on every x in the column: the two means in dx are what comes back through them.
    Source: SL2, *Batch Normalization*; Ioffe and Szegedy 2015, section 3, simplified.

    Examples
    --------
    >>> cache = BatchNormCache(np.array([[-1.0], [1.0]]), np.array([0.5]), np.array([4.0]))
    >>> batchnorm_backward(np.array([[1.0], [2.0]]), cache)
    (array([[0.],
           [0.]]), array([1.]), array([3.]))
    """
    x_hat, inv_std, gamma = cache
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    through_mean = np.mean(dx_hat, axis=0)
    through_var = x_hat * np.mean(dx_hat * x_hat, axis=0)
    dx = (dx_hat - through_mean - through_var) * inv_std
    return dx, dgamma, dbeta


def batchnorm_running(mean, var, x, momentum=0.9):
    """Update the mean and variance that test time will use.

    mean ← momentum · mean + (1 − momentum) · μ_batch;  var likewise

    Parameters
    ----------
    mean, var : ndarray, shape (D,), what was remembered so far
    x : ndarray, shape (B, D), this batch
    momentum : float in [0, 1], the share of the old values that stays

    Returns
    -------
    mean, var : new arrays, shape (D,)

    Raises
    ------
    ValueError
        From NumPy: mean or var doesn't have one entry a column.

    Notes
    -----
    The batch's variance is biased (divided by B). PyTorch's running variance is unbiased (B − 1),
    and its momentum is the share of the new value: 0.1 where this is 0.9.
    Source: SL2, *Batch Normalization*; Ioffe and Szegedy 2015.

    Examples
    --------
    >>> x = np.array([[1.0], [3.0]])
    >>> batchnorm_running(np.array([0.0]), np.array([5.0]), x, momentum=0.75)
    (array([0.5]), array([4.]))
    """
    mean = momentum * mean + (1 - momentum) * np.mean(x, axis=0)
    var = momentum * var + (1 - momentum) * np.var(x, axis=0)
    return mean, var
