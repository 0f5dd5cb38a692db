"""Right answers to the exercises on ensembles and transfer in other forms."""

import copy

import numpy as np


def ensemble_loop(prob_list):
    total = np.zeros_like(prob_list[0])
    for probs in prob_list:
        total += probs
    return total / len(prob_list)


def ensemble_sum(prob_list):
    return sum(prob_list) / len(prob_list)


def ensemble_stack(prob_list):
    return np.stack(prob_list, axis=-1).mean(axis=-1)


def polyak_moved(average, theta, decay):
    return average + (1 - decay) * (theta - average)


def polyak_average_weights(average, theta, decay):
    return np.average([average, theta], axis=0, weights=[decay, 1 - decay])


def polyak_in_place_on_a_copy(average, theta, decay):
    average = average.copy()
    average *= decay
    average += theta * (1 - decay)
    return average


def snapshots_comprehension(total_epochs, cycles):
    length = total_epochs // cycles
    return [(cycle + 1) * length - 1 for cycle in range(cycles - 1)] + [total_epochs - 1]


def snapshots_tuple(total_epochs, cycles):
    ends = [total_epochs // cycles * cycle - 1 for cycle in range(1, cycles + 1)]
    ends[-1] = total_epochs - 1
    return tuple(ends)


def snapshots_array(total_epochs, cycles):
    ends = np.arange(1, cycles + 1) * (total_epochs // cycles) - 1
    ends[-1] = total_epochs - 1
    return ends


def reinit_standard(params, num_classes, rng):
    n_in = params[-1][0].shape[0]
    W = rng.standard_normal((n_in, num_classes)) * (2 / n_in) ** 0.5
    return [(W.copy(), b.copy()) for W, b in params[:-1]] + [(W, np.zeros(num_classes))]


def reinit_by_columns(params, num_classes, rng):
    n_in = params[-1][0].shape[0]
    columns = [rng.normal(scale=np.sqrt(2 / n_in), size=n_in) for _ in range(num_classes)]
    layers = [[np.array(W), np.array(b)] for W, b in params[:-1]]
    layers.append([np.column_stack(columns), np.zeros(num_classes)])
    return tuple(layers)


def reinit_transposed_draw(params, num_classes, rng):
    n_in = len(params[-1][0])
    W = rng.normal(0.0, np.sqrt(2.0 / n_in), (num_classes, n_in)).T
    return [*[(W.copy(), b.copy()) for W, b in params[:-1]], (W, np.zeros((num_classes,)))]


def reinit_box_muller(params, num_classes, rng):
    new = copy.deepcopy(params)
    n_in = len(new.pop()[0])
    near, round_ = rng.random((2, n_in, num_classes))
    normal = np.sqrt(-2 * np.log1p(-near)) * np.cos(2 * np.pi * round_)
    return [*new, (np.sqrt(2 / n_in) * normal, np.zeros(num_classes))]


def fine_tune_masked(theta, grad, *, lr, trainable, scale=0.1):
    return theta - lr * scale * grad * trainable


def fine_tune_indexed(theta, grad, *, lr, trainable, scale=0.1):
    out = theta.copy()
    out[trainable] -= scale * lr * grad[trainable]
    return out


def fine_tune_selected(theta, grad, *, lr, trainable, scale=0.1):
    return np.where(~trainable, theta, theta - (lr * scale) * grad)


VARIANTS = {
    "ensemble_predict": (ensemble_loop, ensemble_sum, ensemble_stack),
    "polyak_average": (polyak_moved, polyak_average_weights, polyak_in_place_on_a_copy),
    "snapshot_epochs": (snapshots_comprehension, snapshots_tuple, snapshots_array),
    "reinit_last_layer": (
        reinit_standard,
        reinit_by_columns,
        reinit_transposed_draw,
        reinit_box_muller,
    ),
    "fine_tune_step": (fine_tune_masked, fine_tune_indexed, fine_tune_selected),
}
