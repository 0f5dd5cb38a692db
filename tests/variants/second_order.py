"""Right answers to the exercises on curvature in other forms."""

import numpy as np


def newton_inverse(theta, grad, hessian):
    return theta - np.linalg.inv(hessian) @ grad


def newton_eigen(theta, grad, hessian):
    values, axes = np.linalg.eigh(hessian)
    return theta - axes @ ((axes.T @ grad) / values)


def newton_least_squares(theta, grad, hessian):
    return theta - np.linalg.lstsq(hessian, grad, rcond=None)[0]


def lbfgs_indexed(grad, s_list, y_list):
    q, m = grad.copy(), len(s_list)
    alphas = np.zeros(m, dtype=grad.dtype)
    for i in range(m - 1, -1, -1):
        alphas[i] = np.dot(s_list[i], q) / np.dot(y_list[i], s_list[i])
        q -= alphas[i] * y_list[i]
    if m:
        q *= np.dot(s_list[-1], y_list[-1]) / np.dot(y_list[-1], y_list[-1])
    for i in range(m):
        q += (alphas[i] - np.dot(y_list[i], q) / np.dot(y_list[i], s_list[i])) * s_list[i]
    return -q


def lbfgs_recursive(grad, s_list, y_list):
    def times(vector, m):
        if m == 0:
            if not s_list:
                return vector
            s, y = s_list[-1], y_list[-1]
            return vector * (s @ y) / (y @ y)
        s, y = s_list[m - 1], y_list[m - 1]
        alpha = s @ vector / (s @ y)
        inner = times(vector - alpha * y, m - 1)
        return inner + (alpha - y @ inner / (s @ y)) * s

    return -times(grad, len(s_list))


def lbfgs_matrix(grad, s_list, y_list):
    n = len(grad)
    H = np.eye(n)
    if s_list:
        s, y = s_list[-1], y_list[-1]
        H *= (s @ y) / (y @ y)
    for s, y in zip(s_list, y_list, strict=True):
        V = np.eye(n) - np.outer(y, s) / (s @ y)
        H = V.T @ H @ V + np.outer(s, s) / (s @ y)
    return -H @ grad


def lbfgs_compact(grad, s_list, y_list):
    """Byrd, Nocedal and Schnabel's compact form: no loop over the pairs."""
    if not s_list:
        return -grad
    S, Y = np.array(s_list).T, np.array(y_list).T
    products = S.T @ Y
    size = products[-1, -1] / (Y[:, -1] @ Y[:, -1])
    R = np.triu(products)
    a = np.linalg.solve(R, S.T @ grad)
    middle = np.diag(np.diag(products)) + size * Y.T @ Y
    first = np.linalg.solve(R.T, middle @ a - size * Y.T @ grad)
    return -(size * grad + S @ first - size * Y @ a)


VARIANTS = {
    "newton_step": (newton_inverse, newton_eigen, newton_least_squares),
    "lbfgs_direction": (lbfgs_indexed, lbfgs_recursive, lbfgs_matrix, lbfgs_compact),
}
