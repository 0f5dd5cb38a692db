"""One widget of each kind on the course's own rules, for tests, bench and pictures."""

import numpy as np

from autograder import reference
from descentlab import Surface, load_digits
from descentlab.widgets import (
    batch_size_explorer,
    bias_correction_explorer,
    initialization_explorer,
    optimizer_race,
    regularization_explorer,
    schedule_explorer,
    valley_explorer,
)

RULES = {
    "gradient descent": reference.find("gd_step"),
    "momentum": reference.find("momentum_step"),
    "Nesterov": reference.find("nesterov_step"),
    "Adam": reference.find("adam_step"),
}


def pixel_data():
    """Two neighbours of a pixel, the pixel, and the loss of guessing it, as in lesson 02."""
    x = load_digits().x_train
    pairs, pixel = x[:, [27, 29]], x[:, 28]
    squares, products = pairs.T @ pairs / len(x), pairs.T @ pixel / len(x)
    best = np.linalg.solve(squares, products)
    lowest = np.mean(pixel**2) - products @ best

    def height(theta):
        offset = np.moveaxis(np.asarray(theta), 0, -1) - best
        return lowest + np.sum(offset @ squares * offset, axis=-1)

    surface = Surface(
        name="Guessing a pixel",
        f=height,
        grad=lambda theta: 2 * (squares @ theta - products),
        hessian=lambda theta: 2 * squares,
        minimum=best,
        view=((-0.5, 1.3), (-0.1, 1.5)),
        start=np.array([-0.3, 1.3]),
    )
    return pairs, pixel, surface


def guess_pixel(theta, x_b, y_b):
    """The mean squared error of theta's guesses, and its gradient."""
    error = x_b @ theta - y_b
    return np.mean(error**2), 2 * x_b.T @ error / len(y_b)


def valley(**settings):
    return valley_explorer(RULES, **settings)


def race(**settings):
    return optimizer_race(RULES, **settings)


def bias(**settings):
    find = reference.find
    rules = {"Adam": find("adam_step"), "Adam, uncorrected": find("adam_uncorrected_step")}
    return bias_correction_explorer(rules, **settings)


def initialization(**settings):
    find = reference.find
    schemes = {"normal": find("init_normal"), "Xavier": find("init_xavier"), "He": find("init_he")}
    return initialization_explorer(schemes, **settings)


def batches(**settings):
    pairs, pixel, surface = pixel_data()
    sgd = reference.find("sgd")
    return batch_size_explorer(sgd, guess_pixel, pairs, pixel, surface=surface, **settings)


def schedules(**settings):
    find = reference.find
    decays = {
        "step": find("step_decay"),
        "exponential": find("exponential_decay"),
        "1/t": find("inverse_time_decay"),
        "cosine": find("cosine_annealing"),
    }
    how = {"rule": find("adam_step"), "init": find("init_he"), "warmup": find("linear_warmup")}
    return schedule_explorer(decays, **how, **settings)


def regularization(**settings):
    find = reference.find
    names = ("l2_penalty", "l1_penalty", "early_stopping")
    how = {name: find(name) for name in names}
    how["dropout"] = find("dropout_forward"), find("dropout_backward")
    return regularization_explorer(rule=find("adam_step"), init=find("init_he"), **how, **settings)


ZOO = {
    "valley": valley,
    "race": race,
    "initialization": initialization,
    "batches": batches,
    "schedules": schedules,
    "regularization": regularization,
    "bias": bias,
}
MOVES = {
    "valley": {"lr": [0.002 * 1.1**k for k in range(20)]},
    "race": {"percent": list(range(0, 100, 5))},
    "initialization": {"std": [0.02 * 1.1**k for k in range(20)]},
    "batches": {"batch_size": [5, 10, 20, 30, 50, 100, 200]},
    "schedules": {"lr": [0.002 * 1.2**k for k in range(20)]},
    "regularization": {"l2": [0.001 * 1.2**k for k in range(20)]},
    "bias": {"beta2": [0.5 + 0.02 * k for k in range(20)]},
}
"""What a slider of each widget is moved through."""
