"""Right answers to the momentum exercises in other forms."""

import numpy as np


def momentum_loop(theta, grad, v, *, lr, beta=0.9):
    new_theta, new_v = np.empty_like(theta), np.empty_like(v)
    for i in np.ndindex(theta.shape):
        new_v[i] = beta * v[i] + lr * grad[i]
        new_theta[i] = theta[i] - new_v[i]
    return new_theta, new_v


def momentum_in_place_on_copies(theta, grad, v, *, lr, beta=0.9):
    theta, v = theta.copy(), v.copy()
    v *= beta
    v += lr * grad
    theta -= v
    return [theta, v]


def momentum_expanded(theta, grad, v, *, lr, beta=0.9):
    return theta - beta * v - lr * grad, v - (1 - beta) * v + grad * lr


def momentum_downhill_inside(theta, grad, v, *, lr, beta=0.9):
    velocity = -beta * v - lr * grad
    return theta + velocity, -velocity


def momentum_as_matrix(theta, grad, v, *, lr, beta=0.9):
    return np.tensordot([[1, -beta, -lr], [0, beta, lr]], np.stack([theta, v, grad]), 1)


def heavy_ball_expanded(theta, grad, theta_prev, *, lr, beta=0.9):
    return (1 + beta) * theta - beta * theta_prev - lr * grad, np.copy(theta)


def heavy_ball_velocity(theta, grad, theta_prev, *, lr, beta=0.9):
    v = beta * (theta_prev - theta) + lr * grad
    return (theta - v, theta)


def heavy_ball_loop(theta, grad, theta_prev, *, lr, beta=0.9):
    out = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        out[i] = theta[i] - lr * grad[i] + beta * (theta[i] - theta_prev[i])
    return [out, theta.copy()]


def running_sum_expanded(theta, grad, v, *, lr, rho=0.9):
    return theta - lr * rho * v - lr * grad, grad + rho * v


def running_sum_rescaled(theta, grad, v, *, lr, rho=0.9):
    mean = (1 - rho) * v
    mean = rho * mean + (1 - rho) * grad
    return theta - lr * mean / (1 - rho), mean / (1 - rho)


def running_sum_wide(theta, grad, v, *, lr, rho=0.9):
    v = rho * v.astype(np.float64) + grad
    return theta - lr * v, v


def nesterov_one_line(theta, grad_fn, v, *, lr, beta=0.9):
    v = lr * grad_fn(theta - beta * v) + beta * v
    return theta - v, v


def nesterov_in_two_moves(theta, grad_fn, v, *, lr, beta=0.9):
    ahead = theta - beta * v
    arrived = ahead - lr * grad_fn(ahead)
    return arrived, theta - arrived


def nesterov_in_place_on_copies(theta, grad_fn, v, *, lr, beta=0.9):
    v = v.copy()
    v *= beta
    v += lr * grad_fn(theta - v)
    return [theta - v, v]


VARIANTS = {
    "momentum_step": (
        momentum_loop,
        momentum_in_place_on_copies,
        momentum_expanded,
        momentum_downhill_inside,
        momentum_as_matrix,
    ),
    "heavy_ball_step": (heavy_ball_expanded, heavy_ball_velocity, heavy_ball_loop),
    "running_sum_step": (running_sum_expanded, running_sum_rescaled, running_sum_wide),
    "nesterov_step": (nesterov_one_line, nesterov_in_two_moves, nesterov_in_place_on_copies),
}
