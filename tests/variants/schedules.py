"""Right answers to the schedules in other forms."""

import math

import numpy as np


def stairs_floor(lr0, t, drop=0.5, every=10):
    return lr0 * np.power(drop, np.floor(t / every))


def stairs_loop(lr0, t, drop=0.5, every=10):
    rate = lr0
    for update in range(1, t + 1):
        if update % every == 0:
            rate *= drop
    return rate


def stairs_recursive(lr0, t, drop=0.5, every=10):
    return lr0 if t < every else drop * stairs_recursive(lr0, t - every, drop, every)


def fall_by_math(lr0, t, k):
    return lr0 / math.exp(k * t)


def fall_by_powers(lr0, t, k):
    return np.exp(-k) ** t * lr0


def fall_by_logarithm(lr0, t, k):
    return np.exp(np.log(lr0) - k * t)


def fall_loop(lr0, t, k):
    for _update in range(t):
        lr0 = lr0 * np.exp(-k)
    return lr0


def inverse_by_power(lr0, t, k):
    return lr0 * (1 + k * t) ** -1


def inverse_of_inverse(lr0, t, k):
    return 1 / (1 / lr0 + k * t / lr0)


def inverse_array(lr0, t, k):
    return np.divide(lr0, 1.0 + np.asarray(t) * k)


def warmup_branches(lr, t, warmup_steps):
    if t + 1 < warmup_steps:
        return lr * (t + 1) / warmup_steps
    return lr


def warmup_minimum(lr, t, warmup_steps):
    return np.minimum(lr, lr * (t + 1) / warmup_steps)


def warmup_clipped(lr, t, warmup_steps):
    return lr * np.clip((1 + t) / warmup_steps, 0, 1)


def warmup_table(lr, t, warmup_steps):
    stairs = np.linspace(0, lr, warmup_steps + 1)[1:]
    return stairs[min(t, warmup_steps - 1)]


def cosine_half_angle(lr_max, t, period, lr_min=0.0):
    share = math.cos(0.5 * math.pi * (t % period) / period) ** 2
    return lr_min + (lr_max - lr_min) * share


def cosine_weighted(lr_max, t, period, lr_min=0.0):
    while t >= period:
        t -= period
    wave = np.cos(np.pi * t / period)
    return (lr_max * (1 + wave) + lr_min * (1 - wave)) / 2


def cosine_from_middle(lr_max, t, period, lr_min=0.0):
    gone = t / period - t // period
    return (lr_max + lr_min) / 2 + (lr_max - lr_min) / 2 * np.cos(np.pi * gone)


def radam_early_return(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = state
    t += 1
    m = m * beta1 + grad * (1 - beta1)
    v = v * beta2 + np.square(grad) * (1 - beta2)
    power = beta2**t
    most = 2 / (1 - beta2) - 1
    length = most - 2 * t * power / (1 - power)
    if length <= 4:
        return theta - lr / (1 - beta1**t) * m, (m, v, t)
    factor = math.sqrt((length - 4) / (most - 4) * (length - 2) / (most - 2) * most / length)
    size = np.sqrt(v / (1 - power))
    return theta - lr * factor * m / (1 - beta1**t) / (size + eps), (m, v, t)


def radam_loop(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.t + 1
    theta, m, v = theta.copy(), state.m.copy(), state.v.copy()
    most = (1 + beta2) / (1 - beta2)
    length = most - 2 * t / (beta2**-t - 1)
    for i in np.ndindex(theta.shape):
        m[i] += (1 - beta1) * (grad[i] - m[i])
        v[i] += (1 - beta2) * (grad[i] ** 2 - v[i])
        step = m[i] / (1 - beta1**t)
        if length > 4:
            above = (length - 4) * (length - 2) * most
            below = (most - 4) * (most - 2) * length
            step *= np.sqrt(above / below) / (np.sqrt(v[i] / (1 - beta2**t)) + eps)
        theta[i] -= lr * step
    return [theta, type(state)(m, v, t)]


def radam_torch_arithmetic(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.t + 1
    m, v = state.m.copy(), state.v.copy()
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad * grad
    correction = (1 - beta2**t) ** 0.5
    most = 2 / (1 - beta2) - 1
    length = most - 2 * t * beta2**t / (1 - beta2**t)
    adaptive = 1.0
    if length > 4:
        r2 = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
        adaptive = r2**0.5 * correction / (np.sqrt(v) + eps * correction)
    return theta - m * (lr / (1 - beta1**t)) * adaptive, state._replace(m=m, v=v, t=t)


VARIANTS = {
    "step_decay": (stairs_floor, stairs_loop, stairs_recursive),
    "exponential_decay": (fall_by_math, fall_by_powers, fall_by_logarithm, fall_loop),
    "inverse_time_decay": (inverse_by_power, inverse_of_inverse, inverse_array),
    "linear_warmup": (warmup_branches, warmup_minimum, warmup_clipped, warmup_table),
    "cosine_annealing": (cosine_half_angle, cosine_weighted, cosine_from_middle),
    "radam_step": (radam_early_return, radam_loop, radam_torch_arithmetic),
}
