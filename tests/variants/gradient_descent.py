"""Right answers to the gradient descent exercises in other forms."""

import numpy as np
from scipy import linalg


def step_loop(theta, grad, *, lr):
    new = np.empty_like(theta)
    for i in np.ndindex(theta.shape):
        new[i] = theta[i] - lr * grad[i]
    return new


def step_in_place_on_a_copy(theta, grad, *, lr):
    theta = theta.copy()
    theta -= lr * grad
    return theta


def step_by_subtract(theta, grad, *, lr):
    return np.subtract(theta, np.multiply(grad, lr))


def step_added_downhill(theta, grad, *, lr):
    return theta + (-lr) * grad.astype(np.float64)


def path_filled_in(grad_fn, theta, *, lr, num_steps):
    path = np.empty((num_steps + 1, *theta.shape))
    path[0] = theta
    for k in range(num_steps):
        path[k + 1] = path[k] - lr * grad_fn(path[k])
    return path


def path_in_place_with_copies(grad_fn, theta, *, lr, num_steps):
    theta = theta.copy()
    path = [theta.copy()]
    for _step in range(num_steps):
        theta -= lr * grad_fn(theta)
        path.append(theta.copy())
    return np.stack(path)


def path_by_recursion(grad_fn, theta, *, lr, num_steps):
    here = theta[None].copy()
    if num_steps == 0:
        return here
    rest = path_by_recursion(grad_fn, theta - lr * grad_fn(theta), lr=lr, num_steps=num_steps - 1)
    return np.concatenate([here, rest])


def path_by_while(grad_fn, theta, *, lr, num_steps):
    path, k = [theta], 0
    while k < num_steps:
        path += [path[-1] + lr * -grad_fn(path[-1])]
        k += 1
    return np.asarray(path)


def path_asking_once_more(grad_fn, theta, *, lr, num_steps):
    path, grad = [np.copy(theta)], grad_fn(theta)
    for _step in range(num_steps):
        theta = theta - lr * grad
        grad = grad_fn(theta)
        path.append(theta)
    return np.array(path)


def slope_changed_and_restored(f, theta, h=1e-5):
    grad = np.zeros_like(theta)
    it = np.nditer(theta, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        old = theta[i]
        theta[i] = old + h
        ahead = f(theta)
        theta[i] = old - h
        behind = f(theta)
        theta[i] = old
        grad[i] = (ahead - behind) / (2 * h)
        it.iternext()
    return grad


def slope_changed_and_added_back(f, theta, h=1e-5):
    grad = np.empty(theta.shape)
    for i in np.ndindex(theta.shape):
        theta[i] += h
        ahead = f(theta)
        theta[i] -= 2 * h
        behind = f(theta)
        theta[i] += h
        grad[i] = (ahead - behind) / 2 / h
    return grad


def slope_flat(f, theta, h=1e-5):
    flat = theta.ravel().astype(float)
    steps = h * np.eye(flat.size)
    slopes = [
        0.5 * (f((flat + e).reshape(theta.shape)) - f((flat - e).reshape(theta.shape))) / h
        for e in steps
    ]
    return np.array(slopes).reshape(theta.shape)


def slope_as_mean_of_two(f, theta, h=1e-5):
    theta = np.array(theta, dtype=np.float64)
    here = f(theta)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        ahead, behind = theta.copy(), theta.copy()
        ahead[i] += h
        behind[i] -= h
        grad[i] = ((f(ahead) - here) / h + (here - f(behind)) / h) / 2
    return grad


def rate_from_all_eigenvalues(hessian):
    return 2 / max(np.linalg.eigvals(hessian).real)


def rate_from_norm(hessian):
    return 2.0 / np.linalg.norm(hessian, 2)


def rate_from_singular_values(hessian):
    return 2 / np.linalg.svd(hessian)[1][0]


def rate_from_power_iteration(hessian):
    vector = np.linspace(1.0, 2.0, len(hessian))
    for _step in range(2_000):
        vector = hessian @ vector
        vector = vector / np.linalg.norm(vector)
    return float(2 / (vector @ hessian @ vector))


def rate_as_smallest_bound(hessian):
    values = linalg.eigh(hessian)[0]
    return np.min([2 / value for value in values if value > 1e-6 * abs(values).max()])


VARIANTS = {
    "gd_step": (step_loop, step_in_place_on_a_copy, step_by_subtract, step_added_downhill),
    "gradient_descent": (
        path_filled_in,
        path_in_place_with_copies,
        path_by_recursion,
        path_by_while,
        path_asking_once_more,
    ),
    "numerical_gradient": (
        slope_changed_and_restored,
        slope_changed_and_added_back,
        slope_flat,
        slope_as_mean_of_two,
    ),
    "largest_stable_lr": (
        rate_from_all_eigenvalues,
        rate_from_norm,
        rate_from_singular_values,
        rate_from_power_iteration,
        rate_as_smallest_bound,
    ),
}
