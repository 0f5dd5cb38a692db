"""Adaptive rates: each parameter its own step, from Adagrad to Adam."""

import numpy as np

from descentlab.states import AdadeltaState, AdamState, RmsState


def adagrad_step(theta, grad, s, *, lr, eps=1e-8):
    """Take one step divided by the root of all squared gradients so far.

    s ← s + g ⊙ g;  θ ← θ − α g/√(s + ε)

    Parameters
    ----------
    theta, grad, s : ndarray, all of one shape
        The parameters, the gradient g, the sum of its squares (zeros before the first step).
    lr : float > 0, the learning rate α, in θ's unit
    eps : float >= 0, ε, in the unit of g²

    Returns
    -------
    theta, s : new arrays of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    ε stands inside the root (KK). CS7 and PyTorch add it outside: √s + ε.
    Source: KK, *Adagrad* (Duchi et al. 2011).

    Examples
    --------
    >>> adagrad_step(np.array([1.0]), np.array([4.0]), np.array([9.0]), lr=0.5, eps=0.0)
    (array([0.6]), array([25.]))
    """
    s = s + grad**2
    theta = theta - lr * grad / np.sqrt(s + eps)
    return theta, s


def rms_step(theta, grad, state, *, lr):
    """Take one step divided by the root mean square of all gradients so far.

    σ = √(1/t Σ_{i=1…t} g_i²);  θ ← θ − η/σ · g

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    state : RmsState(sigma, t), σ and the number of gradients in it; `RmsState.zeros` at first
    lr : float > 0, the learning rate η, constant, in θ's unit

    Returns
    -------
    theta : new array of the shape and dtype of theta
    state : RmsState with this gradient counted

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    No ε: where every gradient so far was 0, σ is 0, and the step 0/0 is taken as 0. Because η is
    constant, the rate η/σ can grow again, unlike true Adagrad's: see `adagrad_rms_step`.
    Source: ALR, *RMS*.

    Examples
    --------
    >>> state = RmsState(sigma=np.array([1.0]), t=1)
    >>> rms_step(np.array([1.0]), np.array([7.0]), state, lr=0.5)
    (array([0.3]), RmsState(sigma=array([5.]), t=2))
    """
    t = state.t + 1
    sigma = np.sqrt((state.t * state.sigma**2 + grad**2) / t)
    divisor = np.where(sigma > 0, sigma, 1.0)
    theta = theta - lr / divisor * grad
    return theta, RmsState(sigma, t)


def adagrad_rms_step(theta, grad, state, *, lr):
    """Take one Adagrad step, written with a mean and a decaying rate.

    σ = √(1/t Σ_{i=1…t} g_i²);  η_t = η/√t;  θ ← θ − η_t/σ · g

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    state : RmsState(sigma, t), σ and the number of gradients in it; `RmsState.zeros` at first
    lr : float > 0, the learning rate η before its decay, in θ's unit

    Returns
    -------
    theta : new array of the shape and dtype of theta
    state : RmsState with this gradient counted

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    σ√t is the root of the sum, so this is `adagrad_step` with ε = 0. ONN counts t from 0 and writes
    √(t + 1); here t counts this gradient. Where σ is 0 the step 0/0 is taken as 0.
    Source: ONN 6-3, *Adagrad*.

    Examples
    --------
    >>> state = RmsState(sigma=np.array([1.0]), t=3)
    >>> adagrad_rms_step(np.array([1.0]), np.array([1.0]), state, lr=0.5)
    (array([0.75]), RmsState(sigma=array([1.]), t=4))
    """
    t = state.t + 1
    sigma = np.sqrt((state.t * state.sigma**2 + grad**2) / t)
    lr_t = lr / t**0.5
    divisor = np.where(sigma > 0, sigma, 1.0)
    theta = theta - lr_t / divisor * grad
    return theta, RmsState(sigma, t)


def rmsprop_step(theta, grad, s, *, lr, beta=0.9, eps=1e-8):
    """Take one step divided by the root of a mean square that forgets.

    s ← βs + (1 − β) g ⊙ g;  θ ← θ − α g/√(s + ε)

    Parameters
    ----------
    theta, grad, s : ndarray, all of one shape
        The parameters, the gradient g, the decaying mean of its squares (zeros at first).
    lr : float > 0, the learning rate α, in θ's unit
    beta : float in [0, 1), the share of the old mean that stays
    eps : float >= 0, ε, in the unit of g²

    Returns
    -------
    theta, s : new arrays of the shape and dtype of theta

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    ε inside the root, s from 0 (KK). CS7 and PyTorch (default β = 0.99) add ε outside; ALR and ONN
    start with σ⁰ = |g⁰| and need no ε, and call β α.
    Source: KK, *RMSprop*.

    Examples
    --------
    >>> rmsprop_step(np.array([1.0]), np.array([2.0]), np.array([3.0]), lr=0.5, beta=0.75, eps=0.75)
    (array([0.5]), array([3.25]))
    """
    s = beta * s + (1 - beta) * grad**2
    theta = theta - lr * grad / np.sqrt(s + eps)
    return theta, s


def adadelta_step(theta, grad, state, *, lr=1.0, rho=0.95, eps=1e-6):
    """Take one step in θ's own unit: the size of recent steps over the size of recent gradients.

    s ← ρs + (1 − ρ)g²;  Δ = −√(d + ε)/√(s + ε) · g;  d ← ρd + (1 − ρ)Δ²;  θ ← θ + lr · Δ

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    state : AdadeltaState(s, d), decaying means of g² and of Δ²; `AdadeltaState.zeros` at first
    lr : float > 0, no unit; 1 in Zeiler's paper
    rho : float in [0, 1), the share of the old means that stays
    eps : float > 0, ε; its root is about the size of the first steps

    Returns
    -------
    theta : new array of the shape and dtype of theta
    state : AdadeltaState, the new means

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    d remembers Δ without lr, as in PyTorch. The d under the root is the one before this step.
    Source: Zeiler 2012, Algorithm 1; named in SL2 and CS7.

    Examples
    --------
    >>> state = AdadeltaState(s=np.array([0.0]), d=np.array([3.0]))
    >>> adadelta_step(np.array([1.0]), np.array([4.0]), state, lr=0.5, rho=0.5, eps=1.0)
    (array([-0.33333333]), AdadeltaState(s=array([8.]), d=array([5.05555556])))
    """
    s = rho * state.s + (1 - rho) * grad**2
    delta = -np.sqrt(state.d + eps) / np.sqrt(s + eps) * grad
    d = rho * state.d + (1 - rho) * delta**2
    theta = theta + lr * delta
    return theta, AdadeltaState(s, d)


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one Adam step: momentum over RMS, both corrected for their start at zero.

    m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  m̂ = m/(1 − β₁ᵗ);  v̂ = v/(1 − β₂ᵗ)
    θ ← θ − α m̂/(√v̂ + ε)

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    state : AdamState(m, v, t), the moments and the updates done; `AdamState.zeros` at first
    lr : float > 0, the learning rate α, in θ's unit
    beta1, beta2 : float in [0, 1), the shares of the old moments that stay
    eps : float >= 0, ε, in the gradient's unit

    Returns
    -------
    theta : new array of the shape and dtype of theta
    state : AdamState, the moments before correction, and t one larger

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    ε outside the root and after the correction, as in PyTorch. Kingma and Ba's faster order (their
    section 2) adds an ε̂ to √v before the correction. KK: no correction, `adam_uncorrected_step`.
    Source: ONN 6-3, Algorithm 1 (Kingma and Ba 2015); CS7, *Adam, full form*.

    Examples
    --------
    >>> theta, state = np.array([1.0, 1.0]), AdamState.zeros(np.zeros(2))
    >>> adam_step(theta, np.array([5.0, -0.01]), state, lr=0.1, eps=0.0)[0]
    array([0.9, 1.1])
    """
    t = state.t + 1
    m = beta1 * state.m + (1 - beta1) * grad
    v = beta2 * state.v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, AdamState(m, v, t)


def adam_uncorrected_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one Adam step as KK writes it, without correcting the moments for their start.

    m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  θ ← θ − α m/√(v + ε)

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    state : AdamState(m, v, t), the moments and the updates done; `AdamState.zeros` at first
    lr : float > 0, the learning rate α, in θ's unit
    beta1, beta2 : float in [0, 1), the shares of the old moments that stay
    eps : float >= 0, ε, in the unit of g²

    Returns
    -------
    theta : new array of the shape and dtype of theta
    state : AdamState; t counts although nothing here uses it

    Raises
    ------
    ValueError
        From NumPy: the shapes don't fit together.

    Notes
    -----
    The first step is α(1 − β₁)/√(1 − β₂) long: 3.2 α for the usual values. ε inside the root. KK
    calls the moments v and s.
    Source: KK, *Adam*; CS7, *Adam, almost*.

    Examples
    --------
    >>> theta, state = np.array([1.0, 1.0]), AdamState.zeros(np.zeros(2))
    >>> adam_uncorrected_step(theta, np.array([5.0, -0.01]), state, lr=0.1, beta2=0.99, eps=0.0)[0]
    array([0.9, 1.1])
    """
    t = state.t + 1
    m = beta1 * state.m + (1 - beta1) * grad
    v = beta2 * state.v + (1 - beta2) * grad**2
    theta = theta - lr * m / np.sqrt(v + eps)
    return theta, AdamState(m, v, t)
