"""Whole wrong versions of the two-loop recursion, where an edit of the reference isn't enough."""

import numpy as np


def first_loop_oldest_first(grad, s_list, y_list):
    q = grad
    alphas = []
    for s, y in zip(s_list, y_list, strict=True):
        alpha = (s @ q) / (s @ y)
        q = q - alpha * y
        alphas.append(alpha)
    r = (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) * q if s_list else q
    for s, y, alpha in zip(s_list, y_list, alphas, strict=True):
        r = r + (alpha - (y @ r) / (s @ y)) * s
    return -r


def second_loop_newest_first(grad, s_list, y_list):
    q = grad
    alphas = []
    for s, y in zip(reversed(s_list), reversed(y_list), strict=True):
        alpha = (s @ q) / (s @ y)
        q = q - alpha * y
        alphas.append(alpha)
    r = (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) * q if s_list else q
    for s, y, alpha in zip(reversed(s_list), reversed(y_list), alphas, strict=True):
        r = r + (alpha - (y @ r) / (s @ y)) * s
    return -r


def both_loops_reversed(grad, s_list, y_list):
    q = grad
    alphas = []
    for s, y in zip(s_list, y_list, strict=True):
        alpha = (s @ q) / (s @ y)
        q = q - alpha * y
        alphas.append(alpha)
    r = (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) * q if s_list else q
    pairs = zip(reversed(s_list), reversed(y_list), reversed(alphas), strict=True)
    for s, y, alpha in pairs:
        r = r + (alpha - (y @ r) / (s @ y)) * s
    return -r


def last_pair_only(grad, s_list, y_list):
    if not s_list:
        return -grad
    return second_loop_newest_first(grad, s_list[-1:], y_list[-1:])


def recursion(grad, s_list, y_list, rho=lambda s, y: 1 / (s @ y)):
    """The right recursion, with another weight of each pair if one is given."""
    q = grad
    alphas = []
    for s, y in zip(reversed(s_list), reversed(y_list), strict=True):
        alphas.append(rho(s, y) * (s @ q))
        q = q - alphas[-1] * y
    r = (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) * q if s_list else q
    for s, y, alpha in zip(s_list, y_list, reversed(alphas), strict=True):
        r = r + (alpha - rho(s, y) * (y @ r)) * s
    return -r


def dfp(grad, s_list, y_list):
    size = (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) if s_list else 1.0
    inverse = size * np.eye(len(grad))
    for s, y in zip(s_list, y_list, strict=True):
        turned = inverse @ y
        inverse = inverse + np.outer(s, s) / (s @ y) - np.outer(turned, turned) / (y @ turned)
    return -inverse @ grad
