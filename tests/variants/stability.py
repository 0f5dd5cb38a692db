"""Right answers to the stability exercises in other forms."""

import numpy as np


def by_value_min_max(grad, limit):
    return np.minimum(np.maximum(grad, -limit), limit)


def by_value_sign(grad, limit):
    return np.sign(grad) * np.minimum(np.abs(grad), limit)


def by_value_masks(grad, limit):
    out = grad.copy()
    out[out > limit] = limit
    out[out < -limit] = -limit
    return out


def by_norm_factor(grad, max_norm):
    norm = np.sqrt(np.sum(np.square(grad)))
    return grad * min(1.0, max_norm / norm) if norm > 0 else grad


def by_norm_flat(grad, max_norm):
    norm = float(np.linalg.norm(grad.ravel()))
    return grad / norm * max_norm if norm >= max_norm else grad


def by_norm_largest(grad, max_norm):
    return grad * (max_norm / np.maximum(np.linalg.norm(grad), max_norm))


def forward_two_moments(x, gamma, beta, eps=1e-5):
    mean = x.sum(axis=0) / len(x)
    centred = x - mean
    inv_std = (np.mean(centred**2, axis=0) + eps) ** -0.5
    x_hat = centred * inv_std
    return x_hat * gamma + beta, (x_hat, inv_std, gamma)


def forward_columns(x, gamma, beta, eps=1e-5):
    x_hat, inv_std = np.empty_like(x), np.empty_like(gamma)
    for j in range(x.shape[1]):
        inv_std[j] = 1 / np.sqrt(x[:, j].var() + eps)
        x_hat[:, j] = (x[:, j] - x[:, j].mean()) * inv_std[j]
    return [gamma * x_hat + beta, [x_hat, inv_std, gamma.copy()]]


def forward_divided(x, gamma, beta, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    return beta + gamma * x_hat, (x_hat, 1 / std, gamma)


def forward_keeps_dims(x, gamma, beta, eps=1e-5):
    mean, variance = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
    inv_std = 1 / np.sqrt(variance + eps)
    x_hat = (x - mean) * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)


def backward_sums(dout, cache):
    x_hat, inv_std, gamma = cache
    n = len(dout)
    dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)
    dx = gamma * inv_std / n * (n * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


def backward_matrix(dout, cache):
    x_hat, inv_std, gamma = cache
    n, width = dout.shape
    dx = np.empty_like(dout)
    for j in range(width):
        jacobian = np.eye(n) - 1 / n - np.outer(x_hat[:, j], x_hat[:, j]) / n
        dx[:, j] = jacobian @ dout[:, j] * gamma[j] * inv_std[j]
    return [dx, np.einsum("ij,ij->j", dout, x_hat), dout.sum(0)]


def backward_staged(dout, cache):
    dx_hat = dout * cache.gamma
    dx = dx_hat - dx_hat.mean(axis=0) - cache.x_hat * (dx_hat * cache.x_hat).mean(axis=0)
    return dx * cache.inv_std, (dout * cache.x_hat).sum(axis=0), dout.sum(axis=0)


def backward_chain_rule(dout, cache):
    """As Ioffe and Szegedy write it: through σ², through μ, then to x."""
    x_hat, inv_std, gamma = cache
    n, centred = len(dout), x_hat / inv_std
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * centred, axis=0) * -0.5 * inv_std**3
    dmean = -np.sum(dx_hat * inv_std, axis=0) + dvar * np.mean(-2 * centred, axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / n + dmean / n
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


def running_moved(mean, var, x, momentum=0.9):
    rate = 1 - momentum
    return mean + rate * (x.mean(axis=0) - mean), var + rate * (x.var(axis=0) - var)


def running_moments(mean, var, x, momentum=0.9):
    batch_mean = x.mean(axis=0)
    batch_var = ((x - batch_mean) ** 2).mean(axis=0)
    return [
        momentum * mean + (1 - momentum) * batch_mean,
        momentum * var + (1 - momentum) * batch_var,
    ]


def running_average(mean, var, x, momentum=0.9):
    weights = [momentum, 1 - momentum]
    return (
        np.average([mean, x.mean(axis=0)], axis=0, weights=weights),
        np.average([var, x.var(axis=0)], axis=0, weights=weights),
    )


VARIANTS = {
    "clip_by_value": (by_value_min_max, by_value_sign, by_value_masks),
    "clip_by_norm": (by_norm_factor, by_norm_flat, by_norm_largest),
    "batchnorm_forward": (
        forward_two_moments,
        forward_columns,
        forward_divided,
        forward_keeps_dims,
    ),
    "batchnorm_backward": (
        backward_sums,
        backward_matrix,
        backward_staged,
        backward_chain_rule,
    ),
    "batchnorm_running": (running_moved, running_moments, running_average),
}
