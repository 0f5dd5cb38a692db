"""Where on the hill to start: the first parameters of a network.

Parameters are a list of `(W, b)`, one pair a layer: W of shape (n_in, n_out), b zeros of (n_out,).
"""

import numpy as np


def init_constant(layer_sizes, value):
    """Start every weight at the same value, which shows what symmetry does.

    W[ℓ] = value,  b[ℓ] = 0

    Parameters
    ----------
    layer_sizes : list of int >= 1, [n_0, …, n_L]
    value : float, any

    Returns
    -------
    params : list of (W, b), float64, shapes (n_in, n_out) and (n_out,)

    Notes
    -----
    All units of a hidden layer then compute, and learn, the same thing.
    Source: KK, *Parameter Initialization*.

    Examples
    --------
    >>> init_constant([1, 2], 0.5)
    [(array([[0.5, 0.5]]), array([0., 0.]))]
    """
    params = []
    for layer in range(1, len(layer_sizes)):
        n_in, n_out = layer_sizes[layer - 1], layer_sizes[layer]
        W = np.full((n_in, n_out), float(value))
        b = np.zeros(n_out)
        params.append((W, b))
    return params


def init_normal(layer_sizes, std, rng):
    """Draw every weight from a normal distribution of one width.

    W[ℓ] ~ N(0, std²),  b[ℓ] = 0

    Parameters
    ----------
    layer_sizes : list of int >= 1, [n_0, …, n_L]
    std : float >= 0, the standard deviation (not the variance)
    rng : np.random.Generator

    Returns
    -------
    params : list of (W, b), float64, shapes (n_in, n_out) and (n_out,)

    Raises
    ------
    ValueError
        From NumPy: std is negative.

    Notes
    -----
    N(μ, σ²) names the variance, NumPy's `scale` is σ.
    Source: KK, *Parameter Initialization* (random, and not too large).

    Examples
    --------
    >>> [(W.shape, b.shape) for W, b in init_normal([3, 5, 2], 0.1, np.random.default_rng(0))]
    [((3, 5), (5,)), ((5, 2), (2,))]
    """
    params = []
    for layer in range(1, len(layer_sizes)):
        n_in, n_out = layer_sizes[layer - 1], layer_sizes[layer]
        W = rng.normal(0, std, size=(n_in, n_out))
        b = np.zeros(n_out)
        params.append((W, b))
    return params


def init_xavier(layer_sizes, rng):
    """Draw the weights so that signals keep their size forwards and gradients backwards.

    W[ℓ] ~ N(0, σ²),  σ = √(2/(n_in + n_out)),  b[ℓ] = 0

    Parameters
    ----------
    layer_sizes : list of int >= 1, [n_0, …, n_L]
    rng : np.random.Generator

    Returns
    -------
    params : list of (W, b), float64, shapes (n_in, n_out) and (n_out,)

    Notes
    -----
    KK writes N(0, √(2/(n + n_prev))): the second argument read as a standard deviation. Glorot's
    uniform form, U(−a, a) with a = √(6/(n_in + n_out)), has the same variance: right elsewhere.
    Source: KK, *Xavier / He initialization* (Glorot and Bengio 2010).

    Examples
    --------
    >>> [(W.shape, b.shape) for W, b in init_xavier([3, 5, 2], np.random.default_rng(0))]
    [((3, 5), (5,)), ((5, 2), (2,))]
    """
    params = []
    for layer in range(1, len(layer_sizes)):
        n_in, n_out = layer_sizes[layer - 1], layer_sizes[layer]
        std = np.sqrt(2 / (n_in + n_out))
        W = rng.normal(0, std, size=(n_in, n_out))
        b = np.zeros(n_out)
        params.append((W, b))
    return params


def init_he(layer_sizes, rng):
    """Draw the weights so that signals keep their size through ReLU, which halves their square.

    W[ℓ] ~ N(0, σ²),  σ = √(2/n_in),  b[ℓ] = 0

    Parameters
    ----------
    layer_sizes : list of int >= 1, [n_0, …, n_L]
    rng : np.random.Generator

    Returns
    -------
    params : list of (W, b), float64, shapes (n_in, n_out) and (n_out,)

    Notes
    -----
    He and Kaiming are one person. Fan-in keeps the signal's size; fan-out, √(2/n_out), keeps the
    gradient's (PyTorch's `kaiming_normal_` offers both). "Xavier / He" in KK are two rules.
    Source: SL2, *Initialization* (Kaiming); KK, *Xavier / He initialization*.

    Examples
    --------
    >>> [(W.shape, b.shape) for W, b in init_he([3, 5, 2], np.random.default_rng(0))]
    [((3, 5), (5,)), ((5, 2), (2,))]
    """
    params = []
    for layer in range(1, len(layer_sizes)):
        n_in, n_out = layer_sizes[layer - 1], layer_sizes[layer]
        std = np.sqrt(2 / n_in)
        W = rng.normal(0, std, size=(n_in, n_out))
        b = np.zeros(n_out)
        params.append((W, b))
    return params


def signal_scale(params, x, activation):
    """Measure how large the signal is after each layer.

    h ← activation(h W[ℓ] + b[ℓ]);  scale[ℓ] = std of all entries of h

    Parameters
    ----------
    params : list of (W, b)
    x : ndarray, shape (B, n_0), the input
    activation : callable, array -> array of the same shape

    Returns
    -------
    scales : ndarray, shape (L,), the dtype of the signal
        One standard deviation a layer; the last layer counts, the input doesn't.

    Raises
    ------
    ValueError
        From NumPy: a layer's n_in isn't the width of what comes in.

    Notes
    -----
    The standard deviation is the population's (divided by the number of entries), around the mean.
    `activation` is applied after the last layer too.
    Source: SL2, *Initialization* (twice as large in each layer: 2ⁿ).

    Examples
    --------
    >>> double = (2 * np.eye(2), np.zeros(2))
    >>> signal_scale([double, double], np.array([[1.0, -1.0]]), lambda h: h)
    array([2., 4.])
    """
    h = x
    scales = []
    for W, b in params:
        h = activation(h @ W + b)
        scales.append(np.std(h))
    return np.array(scales)


def init_from_pretrained(pretrained, layer_sizes, keep, rng):
    """Take the first layers from a trained network and draw the rest anew.

    W[ℓ], b[ℓ] = copies of the pretrained ones for ℓ ≤ keep, He after that

    Parameters
    ----------
    pretrained : list of (W, b), at least one pair
    layer_sizes : list of int >= 1, [n_0, …, n_L], of the new network
    keep : int, 0 to the number of pretrained layers, whose shapes are those of the new network
    rng : np.random.Generator

    Returns
    -------
    params : list of (W, b), the dtype of the pretrained ones
        Copies: training them leaves the pretrained network as it was.

    Notes
    -----
    The first layers are kept, because they hold what is general.
    Source: SL2, *Pretrained Initialization*.

    Examples
    --------
    >>> trained = [(np.ones((3, 5)), np.ones(5)), (np.ones((5, 4)), np.ones(4))]
    >>> params = init_from_pretrained(trained, [3, 5, 2], 1, np.random.default_rng(0))
    >>> params[0][1], params[1][0].shape, params[1][1]
    (array([1., 1., 1., 1., 1.]), (5, 2), array([0., 0.]))
    """
    dtype = pretrained[0][0].dtype
    kept = [(W.copy(), b.copy()) for W, b in pretrained[:keep]]
    fresh = init_he(layer_sizes[keep:], rng)
    return kept + [(W.astype(dtype), b.astype(dtype)) for W, b in fresh]
