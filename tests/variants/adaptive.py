"""Right answers to the adaptive exercises in other forms."""

import math

import numpy as np

from descentlab.states import AdadeltaState, AdamState, RmsState


def adagrad_loop(theta, grad, s, *, lr, eps=1e-8):
    new_theta, new_s = np.empty_like(theta), np.empty_like(s)
    for i in np.ndindex(theta.shape):
        new_s[i] = s[i] + grad[i] * grad[i]
        new_theta[i] = theta[i] - lr / math.sqrt(new_s[i] + eps) * grad[i]
    return [new_theta, new_s]


def adagrad_in_place_on_copies(theta, grad, s, *, lr, eps=1e-8):
    theta, s = theta.copy(), s.copy()
    s += np.square(grad)
    theta -= lr * grad * (s + eps) ** -0.5
    return theta, s


def adagrad_by_hypotenuse(theta, grad, s, *, lr, eps=1e-8):
    root = np.hypot(np.sqrt(s), grad)
    return theta - lr * grad / np.hypot(root, math.sqrt(eps)), np.multiply(root, root)


def rms_loop(theta, grad, state, *, lr):
    sigma, t = state
    new_theta, new_sigma = theta.copy(), sigma.copy()
    for i in np.ndindex(theta.shape):
        new_sigma[i] = math.sqrt((t * sigma[i] ** 2 + grad[i] ** 2) / (t + 1))
        if new_sigma[i] != 0:
            new_theta[i] -= lr * grad[i] / new_sigma[i]
    return new_theta, (new_sigma, t + 1)


def rms_moving_mean(theta, grad, state, *, lr):
    mean = state.sigma**2
    mean = mean + (grad**2 - mean) / (state.t + 1)
    sigma = np.sqrt(np.maximum(mean, 0))
    step = np.divide(grad, sigma, out=np.zeros_like(grad), where=sigma > 0)
    return theta - lr * step, RmsState(sigma, state.t + 1)


def rms_nan_to_num(theta, grad, state, *, lr):
    t = state.t + 1
    sigma = np.hypot(state.sigma * math.sqrt(state.t / t), grad / math.sqrt(t))
    with np.errstate(invalid="ignore"):
        return theta - np.nan_to_num(lr * grad / sigma), [sigma, np.int64(t)]


def rms_tiny_eps(theta, grad, state, *, lr):
    total = state.t * state.sigma**2 + grad**2
    sigma = (total / (state.t + 1)) ** 0.5
    return theta - lr * grad / (sigma + 1e-6), RmsState(sigma, state.t + 1)


def adagrad_rms_root_of_sum(theta, grad, state, *, lr):
    total = state.t * state.sigma**2 + grad**2
    t = state.t + 1
    safe = np.where(total == 0, 1, total)
    return theta - lr * grad / np.sqrt(safe), (np.sqrt(total / t), t)


def adagrad_rms_counting_from_zero(theta, grad, state, *, lr):
    sigma, t = state
    mean = (t * sigma**2 + grad**2) / (t + 1)
    rate = lr / np.sqrt(t + 1)
    sigma = np.sqrt(mean)
    moving = sigma > 0
    new_theta = theta.copy()
    new_theta[moving] -= rate / sigma[moving] * grad[moving]
    return new_theta, RmsState(sigma, t + 1)


def adagrad_rms_loop(theta, grad, state, *, lr):
    count = state.t + 1
    moved, sizes = [], []
    for place, g, old in zip(theta.ravel(), grad.ravel(), state.sigma.ravel(), strict=True):
        size = math.sqrt((state.t * float(old) ** 2 + float(g) ** 2) / count)
        moved.append(place - (lr / math.sqrt(count) / size * g if size else 0))
        sizes.append(size)
    return (
        np.array(moved).reshape(theta.shape),
        (np.array(sizes).reshape(theta.shape), count),
    )


def adagrad_rms_floor(theta, grad, state, *, lr):
    t = state.t + 1
    sigma = np.sqrt((state.t * state.sigma**2 + grad**2) / t)
    return theta - lr / np.sqrt(t) * grad / np.maximum(sigma, 1e-8), RmsState(sigma, t)


def rmsprop_loop(theta, grad, s, *, lr, beta=0.9, eps=1e-8):
    theta, s = np.array(theta), np.array(s)
    for i in np.ndindex(theta.shape):
        s[i] = beta * s[i] + (1 - beta) * grad[i] ** 2
        theta[i] -= lr * grad[i] / math.sqrt(s[i] + eps)
    return theta, s


def rmsprop_moving(theta, grad, s, *, lr, beta=0.9, eps=1e-8):
    new_s = s + (1 - beta) * (grad * grad - s)
    return [theta - lr * grad * np.power(new_s + eps, -0.5), new_s]


def rmsprop_wide(theta, grad, s, *, lr, beta=0.9, eps=1e-8):
    wide = np.asarray(grad, dtype=np.float64)
    s = beta * s + wide**2 - beta * wide**2
    return theta - lr * wide / np.sqrt(s + eps), s


def adadelta_plain_tuple(theta, grad, state, *, lr=1.0, rho=0.95, eps=1e-6):
    s, d = state
    s = rho * s + (1 - rho) * grad**2
    step = np.sqrt((d + eps) / (s + eps)) * grad
    d = rho * d + (1 - rho) * step**2
    return theta - lr * step, (s, d)


def adadelta_without_delta(theta, grad, state, *, lr=1.0, rho=0.95, eps=1e-6):
    s = state.s + (1 - rho) * (grad**2 - state.s)
    ratio = (state.d + eps) / (s + eps)
    d = rho * state.d + (1 - rho) * ratio * grad**2
    return theta - lr * np.sqrt(ratio) * grad, AdadeltaState(s, d)


def adadelta_loop(theta, grad, state, *, lr=1.0, rho=0.95, eps=1e-6):
    theta, s, d = theta.copy(), state.s.copy(), state.d.copy()
    for i in np.ndindex(theta.shape):
        s[i] = rho * s[i] + (1 - rho) * grad[i] ** 2
        delta = -math.sqrt(d[i] + eps) / math.sqrt(s[i] + eps) * grad[i]
        d[i] = rho * d[i] + (1 - rho) * delta**2
        theta[i] += lr * delta
    return [theta, [s, d]]


def adam_loop(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v, t = theta.copy(), state.m.copy(), state.v.copy(), state.t + 1
    for i in np.ndindex(theta.shape):
        m[i] = beta1 * m[i] + (1 - beta1) * grad[i]
        v[i] = beta2 * v[i] + (1 - beta2) * grad[i] ** 2
        first, second = m[i] / (1 - beta1**t), v[i] / (1 - beta2**t)
        theta[i] -= lr * first / (math.sqrt(second) + eps)
    return theta, (m, v, t)


def adam_rescaled_eps(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = state
    t += 1
    m = m + (1 - beta1) * (grad - m)
    v = v + (1 - beta2) * (grad * grad - v)
    root = np.sqrt(1 - beta2**t)
    return theta - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), AdamState(m, v, t)


def adam_in_place_on_copies(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = (np.array(part) for part in (theta, state.m, state.v))
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad**2
    left1, left2 = np.power([beta1, beta2], state.t + 1)
    theta -= lr / (1 - left1) * m / (np.sqrt(v / (1 - left2)) + eps)
    return [theta, [m, v, np.int64(state.t + 1)]]


def uncorrected_plain_tuple(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = state
    m = beta1 * m + grad - beta1 * grad
    v = beta2 * v + (1 - beta2) * np.square(grad)
    return theta - lr * m * (v + eps) ** -0.5, (m, v, t + 1)


def uncorrected_loop(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = theta.copy(), np.empty_like(theta), np.empty_like(theta)
    for i in np.ndindex(theta.shape):
        m[i] = beta1 * state.m[i] + (1 - beta1) * grad[i]
        v[i] = beta2 * state.v[i] + (1 - beta2) * grad[i] ** 2
        theta[i] -= lr * m[i] / math.sqrt(v[i] + eps)
    return theta, AdamState(m, v, state.t + 1)


def uncorrected_replaced(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    state = state._replace(
        m=np.average([state.m, grad], axis=0, weights=[beta1, 1 - beta1]),
        v=np.average([state.v, grad**2], axis=0, weights=[beta2, 1 - beta2]),
        t=state.t + 1,
    )
    return [theta - lr * state.m / np.sqrt(state.v + eps), state]


def rms_eps_under_root(theta, grad, state, *, lr):
    mean = (state.t * state.sigma**2 + grad**2) / (state.t + 1)
    return theta - lr * grad / np.sqrt(mean + 1e-8), RmsState(np.sqrt(mean), state.t + 1)


def rms_mask(theta, grad, state, *, lr):
    sigma = np.sqrt(np.average([state.sigma**2, grad**2], axis=0, weights=[state.t, 1]))
    moved, seen = theta.copy(), sigma > 0
    moved[seen] -= lr / sigma[seen] * grad[seen]
    return moved, state._replace(sigma=sigma, t=state.t + 1)


def adam_by_logarithms(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = state.m * beta1 + grad * (1 - beta1), state.v * beta2 + grad * grad * (1 - beta2)
    left1, left2 = -np.expm1((state.t + 1) * np.log([beta1, beta2]))
    root = np.exp(np.log(v / left2) / 2)
    return theta - lr * np.divide(m / left1, np.add(root, eps)), (m, v, float(state.t + 1))


VARIANTS = {
    "adagrad_step": (adagrad_loop, adagrad_in_place_on_copies, adagrad_by_hypotenuse),
    "rms_step": (
        rms_loop,
        rms_moving_mean,
        rms_nan_to_num,
        rms_tiny_eps,
        rms_eps_under_root,
        rms_mask,
    ),
    "adagrad_rms_step": (
        adagrad_rms_root_of_sum,
        adagrad_rms_counting_from_zero,
        adagrad_rms_loop,
        adagrad_rms_floor,
    ),
    "rmsprop_step": (rmsprop_loop, rmsprop_moving, rmsprop_wide),
    "adadelta_step": (adadelta_plain_tuple, adadelta_without_delta, adadelta_loop),
    "adam_step": (adam_loop, adam_rescaled_eps, adam_in_place_on_copies, adam_by_logarithms),
    "adam_uncorrected_step": (uncorrected_plain_tuple, uncorrected_loop, uncorrected_replaced),
}
