"""The step over time: learning rates that decay, warm up or restart, and RAdam.

`t` counts from 0 in the schedules: the value used for update t.
"""

import numpy as np

from descentlab.states import AdamState


def step_decay(lr0, t, drop=0.5, every=10):
    """Lower the learning rate by a factor, all at once, every so many updates.

    lr0 · drop^⌊t/every⌋

    Parameters
    ----------
    lr0 : float > 0, the learning rate of update 0
    t : int >= 0, the update
    drop : float in (0, 1], the factor
    every : int >= 1, updates between two drops

    Returns
    -------
    float

    Notes
    -----
    The first drop is at t = every. PyTorch: `StepLR(step_size=every, gamma=drop)`.
    Source: ALR, *Learning Rate Scheduling*; CS7, *Learning rate*.

    Examples
    --------
    >>> [step_decay(0.5, t, drop=0.5, every=3) for t in (0, 2, 3, 6)]
    [0.5, 0.5, 0.25, 0.125]
    """
    drops = t // every
    return lr0 * drop**drops


def exponential_decay(lr0, t, k):
    """Lower the learning rate by the same share at every update.

    lr0 · e^(−kt)

    Parameters
    ----------
    lr0 : float > 0, the learning rate of update 0
    t : int >= 0, the update
    k : float >= 0, the share lost per update, if it is small

    Returns
    -------
    float

    Notes
    -----
    PyTorch's `ExponentialLR` takes the factor gamma = e^(−k) instead of k.
    Source: CS7, *Learning rate*.

    Examples
    --------
    >>> [round(exponential_decay(0.5, t, k=0.1), 4) for t in (0, 1, 10)]
    [0.5, 0.4524, 0.1839]
    """
    return lr0 * float(np.exp(-k * t))


def inverse_time_decay(lr0, t, k):
    """Lower the learning rate as one over time.

    lr0/(1 + kt)

    Parameters
    ----------
    lr0 : float > 0, the learning rate of update 0
    t : int >= 0, the update
    k : float >= 0, per update; at t = 1/k the rate is halved

    Returns
    -------
    float

    Notes
    -----
    Decays without end and yet its sum is infinite: no goal is out of reach.
    Source: CS7, *Learning rate* (1/t decay).

    Examples
    --------
    >>> [inverse_time_decay(0.5, t, k=0.25) for t in (0, 4, 12)]
    [0.5, 0.25, 0.125]
    """
    return lr0 / (1 + k * t)


def linear_warmup(lr, t, warmup_steps):
    """Raise the learning rate evenly over the first updates, then hold it.

    lr · min(1, (t + 1)/warmup_steps)

    Parameters
    ----------
    lr : float > 0, the learning rate after the warm-up
    t : int >= 0, the update
    warmup_steps : int >= 1, updates until the whole rate is reached

    Returns
    -------
    float

    Raises
    ------
    ZeroDivisionError
        warmup_steps is 0; 1 means no warm-up.

    Notes
    -----
    The first update isn't wasted on a rate of 0: t + 1, not t. The whole rate is reached at
    t = warmup_steps − 1.
    Source: ALR, *warm up*.

    Examples
    --------
    >>> [linear_warmup(0.5, t, 4) for t in (0, 1, 3, 4)]
    [0.125, 0.25, 0.5, 0.5]
    """
    share = min(1.0, (t + 1) / warmup_steps)
    return lr * share


def cosine_annealing(lr_max, t, period, lr_min=0.0):
    """Lower the learning rate along half a cosine wave, and start again every period.

    lr_min + ½(lr_max − lr_min)(1 + cos(π (t mod period)/period))

    Parameters
    ----------
    lr_max : float > 0, the learning rate at each start
    t : int >= 0, the update
    period : int >= 1, updates from one start to the next
    lr_min : float in [0, lr_max], what it falls towards

    Returns
    -------
    float

    Raises
    ------
    ZeroDivisionError
        period is 0.

    Notes
    -----
    lr_min itself is never used: at t = period the rate is lr_max again. PyTorch's
    `CosineAnnealingWarmRestarts` does the same, its `CosineAnnealingLR` climbs back instead.
    Source: CS7, *Model Ensembles* (cyclic schedules); Loshchilov and Hutter 2017.

    Examples
    --------
    >>> [round(cosine_annealing(0.5, t, 4, lr_min=0.1), 4) for t in (0, 2, 3, 4)]
    [0.5, 0.3, 0.1586, 0.5]
    """
    angle = np.pi * (t % period) / period
    return lr_min + 0.5 * (lr_max - lr_min) * (1 + float(np.cos(angle)))


def radam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one Adam step that trusts the second moment only when enough gradients stand in it.

    m, v, m̂, v̂ as in Adam;  ρ∞ = 2/(1 − β₂) − 1;  ρ_t = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ)
    r = √[(ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)]
    θ ← θ − α r m̂/(√v̂ + ε) if ρ_t > 4, else θ − α m̂

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    state : AdamState(m, v, t), the moments and the updates done; `AdamState.zeros` at first
    lr : float > 0, the learning rate α
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
    The threshold is the paper's, ρ_t > 4. The authors' code has ρ_t ≥ 5, PyTorch ρ_t > 5 with ε
    added before the correction of v: its adaptive steps begin later. For β₂ ≤ 0.6 they never begin.
    Source: Liu et al. 2019, Algorithm 2; named in ALR, *warm up*.

    Examples
    --------
    >>> theta, state = np.array([1.0, 1.0]), AdamState.zeros(np.zeros(2))
    >>> radam_step(theta, np.array([5.0, -0.01]), state, lr=0.1)[0]
    array([0.5  , 1.001])
    """
    t = state.t + 1
    m = beta1 * state.m + (1 - beta1) * grad
    v = beta2 * state.v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    rho_inf = 2 / (1 - beta2) - 1
    rho_t = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    if rho_t > 4:
        v_hat = v / (1 - beta2**t)
        r_squared = (rho_t - 4) * (rho_t - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho_t)
        r = r_squared**0.5
        theta = theta - lr * r * m_hat / (np.sqrt(v_hat) + eps)
    else:
        theta = theta - lr * m_hat
    return theta, AdamState(m, v, t)
