"""Right answers to the initialization exercises in other forms."""

import copy
from itertools import pairwise

import numpy as np


def constant_comprehension(layer_sizes, value):
    return [(value * np.ones((i, o)), np.zeros(o)) for i, o in pairwise(layer_sizes)]


def constant_lists(layer_sizes, value):
    params = []
    for layer in range(len(layer_sizes) - 1):
        W = np.zeros((layer_sizes[layer], layer_sizes[layer + 1]))
        W[:] = value
        params.append([W, W[0] * 0])
    return tuple(params)


def constant_float32(layer_sizes, value):
    params = []
    for i, o in pairwise(layer_sizes):
        params.append((np.tile(np.float64(value), (i, o)), np.zeros(o, dtype=np.float32)))
    return params


def normal_standard(layer_sizes, std, rng):
    return [(std * rng.standard_normal((i, o)), np.zeros(o)) for i, o in pairwise(layer_sizes)]


def normal_one_by_one(layer_sizes, std, rng):
    params = []
    for n_in, n_out in pairwise(layer_sizes):
        columns = [rng.normal(scale=std, size=n_in) for _unit in range(n_out)]
        params.append((np.array(columns).T, np.zeros(n_out)))
    return params


def normal_last_layer_first(layer_sizes, std, rng):
    params = []
    for layer in reversed(range(1, len(layer_sizes))):
        shape = (layer_sizes[layer - 1], layer_sizes[layer])
        params.insert(0, (rng.normal(0, std, shape).astype(np.float32), np.zeros(shape[1])))
    return params


def normal_box_muller(layer_sizes, std, rng):
    params = []
    for shape in pairwise(layer_sizes):
        radius = np.sqrt(-2 * np.log(1 - rng.random(shape)))
        params.append((std * radius * np.cos(2 * np.pi * rng.random(shape)), np.zeros(shape[1])))
    return params


def xavier_mean_of_fans(layer_sizes, rng):
    return [
        (rng.normal(0, ((i + o) / 2) ** -0.5, (i, o)), np.zeros(o))
        for i, o in pairwise(layer_sizes)
    ]


def xavier_scaled_after(layer_sizes, rng):
    params = []
    for i, o in pairwise(layer_sizes):
        W = rng.standard_normal((o, i)).T
        W *= np.sqrt(2.0) / np.sqrt(W.shape[0] + W.shape[1])
        params.append((W, np.array([0.0] * o)))
    return params


def xavier_children(layer_sizes, rng):
    children = rng.spawn(len(layer_sizes) - 1)
    return [
        (child.normal(0, np.sqrt(2 / (i + o)), (i, o)), np.zeros(o))
        for child, (i, o) in zip(children, pairwise(layer_sizes), strict=True)
    ]


def he_scaled_after(layer_sizes, rng):
    return [
        (rng.standard_normal((i, o)) * np.sqrt(2.0 / i), np.zeros(o))
        for i, o in pairwise(layer_sizes)
    ]


def he_divided(layer_sizes, rng):
    params = []
    for layer in range(len(layer_sizes) - 1):
        W = rng.normal(size=(layer_sizes[layer], layer_sizes[layer + 1]))
        W = W / np.sqrt(len(W) / 2)
        params += [[W, np.zeros(W.shape[1])]]
    return params


def he_all_at_once(layer_sizes, rng):
    every = rng.normal(size=sum(i * o for i, o in pairwise(layer_sizes)))
    params, at = [], 0
    for i, o in pairwise(layer_sizes):
        W = every[at : at + i * o].reshape(i, o)
        at += i * o
        params.append((W * (2 / i) ** 0.5, np.zeros_like(W[0])))
    return params


def he_in_loops(layer_sizes, rng):
    params = []
    for layer in range(1, len(layer_sizes)):
        W = np.zeros((layer_sizes[layer - 1], layer_sizes[layer]))
        for unit in range(W.shape[1]):
            for source in range(W.shape[0]):
                W[source, unit] = rng.normal(0.0, (2 / W.shape[0]) ** 0.5)
        params.append((W, np.zeros(W.shape[1])))
    return params


def scale_by_sums(params, x, activation):
    found = np.zeros(len(params))
    for number, (W, b) in enumerate(params):
        x = activation(np.dot(x, W) + b)
        found[number] = np.sqrt(np.sum((x - x.sum() / x.size) ** 2) / x.size)
    return found


def scale_row_by_row(params, x, activation):
    rows, scales = list(x), []
    for W, b in params:
        rows = [activation(W.T @ row + b) for row in rows]
        scales.append(np.concatenate(rows).std())
    return np.array(scales)


def scale_root_of_variance(params, x, activation):
    scales = np.array([])
    h = x.copy()
    for layer in params:
        h = activation(np.einsum("ij,jk->ik", h, layer[0]) + layer[1][None, :])
        scales = np.append(scales, (np.mean(h * h) - np.mean(h) ** 2) ** 0.5)
    return scales


def pretrained_loop(pretrained, layer_sizes, keep, rng):
    params = []
    for layer in range(len(layer_sizes) - 1):
        if layer < keep:
            W, b = pretrained[layer]
            params.append((np.array(W), np.array(b)))
        else:
            n_in, n_out = layer_sizes[layer : layer + 2]
            params.append((rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)))
    return params


def pretrained_over_a_whole(pretrained, layer_sizes, keep, rng):
    params = he_scaled_after(layer_sizes, rng)
    params[:keep] = copy.deepcopy(pretrained[:keep])
    return params


def pretrained_filled_in(pretrained, layer_sizes, keep, rng):
    params = he_divided(layer_sizes, rng)
    for layer in range(keep):
        for mine, old in zip(params[layer], pretrained[layer], strict=True):
            mine[...] = old
    return params


VARIANTS = {
    "init_constant": (constant_comprehension, constant_lists, constant_float32),
    "init_normal": (
        normal_standard,
        normal_one_by_one,
        normal_last_layer_first,
        normal_box_muller,
    ),
    "init_xavier": (xavier_mean_of_fans, xavier_scaled_after, xavier_children),
    "init_he": (he_scaled_after, he_divided, he_all_at_once, he_in_loops),
    "signal_scale": (scale_by_sums, scale_row_by_row, scale_root_of_variance),
    "init_from_pretrained": (pretrained_loop, pretrained_over_a_whole, pretrained_filled_in),
}
