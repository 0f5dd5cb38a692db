"""Right answers to the mini-batch exercises in other forms."""

import math

import numpy as np


def mse_loop(y_hat, y):
    total = 0.0
    for i in range(len(y)):
        for k in range(y.shape[1]):
            total += (y_hat[i, k] - y[i, k]) ** 2
    return total / len(y)


def mse_norm(y_hat, y):
    return np.linalg.norm(y - y_hat) ** 2 / y.shape[0]


def mse_mean_times_outputs(y_hat, y):
    return np.mean(np.square(y_hat - y)) * y.shape[-1]


def mse_einsum(y_hat, y):
    error = y_hat - y
    return np.einsum("ik,ik->i", error, error).mean()


def cross_entropy_loop(probs, labels):
    return sum(-math.log(row[label]) for row, label in zip(probs, labels, strict=True)) / len(
        labels
    )


def cross_entropy_one_hot(probs, labels):
    one_hot = np.eye(probs.shape[1])[labels]
    return -np.sum(one_hot * np.log(probs)) / len(probs)


def cross_entropy_clipped(probs, labels):
    probs = np.clip(probs, 1e-7, 1 - 1e-7)
    return -np.log(np.take_along_axis(probs, labels[:, None], axis=1)).mean()


def cross_entropy_guarded(probs, labels):
    return np.mean(np.log(1 / (probs[range(len(labels)), labels] + 1e-8)))


def cross_entropy_product(probs, labels):
    return float(-np.log(np.prod(probs[np.arange(len(labels)), labels]))) / len(labels)


def steps_negated_floor(n, batch_size, epochs):
    return -(-n // batch_size) * epochs


def steps_math(n, batch_size, epochs):
    return math.ceil(n / batch_size) * epochs


def steps_rest(n, batch_size, epochs):
    steps = n // batch_size
    if n % batch_size:
        steps += 1
    return np.int64(steps * epochs)


def steps_counted(n, batch_size, epochs):
    count = 0
    for _epoch in range(epochs):
        for _start in range(0, n, batch_size):
            count += 1
    return float(count)


def batches_shuffled_numbers(x, y, batch_size, rng):
    numbers = np.arange(len(x))
    rng.shuffle(numbers)
    x, y = x[numbers], y[numbers]
    return [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]


def batches_row_by_row(x, y, batch_size, rng):
    batches, xs, ys = [], [], []
    for i in rng.choice(len(x), size=len(x), replace=False):
        xs.append(x[i])
        ys.append(y[i])
        if len(xs) == batch_size:
            batches.append((np.array(xs), np.array(ys)))
            xs, ys = [], []
    if xs:
        batches.append([np.array(xs), np.array(ys)])
    return tuple(batches)


def batches_sorted_keys(x, y, batch_size, rng):
    order = np.argsort(rng.random(len(x)))
    cuts = range(batch_size, len(x), batch_size)
    parts = zip(np.split(x[order], cuts), np.split(y[order], cuts), strict=True)
    return list(parts)


def batches_while(x, y, batch_size, rng):
    left = list(range(len(y)))
    batches = []
    while left:
        chosen = [left.pop(rng.integers(len(left))) for _ in range(min(batch_size, len(left)))]
        batches.append((x[chosen].copy(), y[chosen].copy()))
    return batches


def sgd_own_order(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng):
    theta, losses = theta.copy(), []
    order = np.arange(len(x))
    for _epoch in range(epochs):
        rng.shuffle(order)
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            loss, grad = loss_and_grad(theta, x[chosen], y[chosen])
            theta -= lr * grad
            losses.append(np.float64(loss))
    return [theta, np.array(losses)]


def sgd_asks_twice_and_looks(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng):
    losses = []
    for _epoch in range(epochs):
        loss_and_grad(theta, x, y)
        for x_b, y_b in batches_shuffled_numbers(x, y, batch_size, rng):
            losses.append(loss_and_grad(theta, x_b, y_b)[0])
            theta = theta - lr * loss_and_grad(theta, x_b, y_b)[1]
        print(loss_and_grad(theta, x, y)[0])
    return theta, losses


def sgd_all_batches_first(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng):
    every = []
    for _epoch in range(epochs):
        every += batches_sorted_keys(x, y, batch_size, rng)
    losses = np.zeros(len(every))
    for step, (x_b, y_b) in enumerate(every):
        losses[step], grad = loss_and_grad(theta=theta, x_b=x_b, y_b=y_b)
        theta = theta + -lr * grad
    return theta, losses.tolist()


def sgd_shuffled_copies(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng):
    losses = ()
    for step in range(epochs * -(-len(x) // batch_size)):
        start = step % -(-len(x) // batch_size) * batch_size
        if start == 0:
            order = rng.permutation(len(x))
            x, y = x[order], y[order]
        batch = slice(start, start + batch_size)
        loss, grad = loss_and_grad(theta, x[batch], y[batch])
        losses += (loss,)
        theta = np.add(theta, grad * (-lr))
    return theta, losses


VARIANTS = {
    "mse": (mse_loop, mse_norm, mse_mean_times_outputs, mse_einsum),
    "cross_entropy": (
        cross_entropy_loop,
        cross_entropy_one_hot,
        cross_entropy_clipped,
        cross_entropy_guarded,
        cross_entropy_product,
    ),
    "num_steps": (steps_negated_floor, steps_math, steps_rest, steps_counted),
    "minibatches": (
        batches_shuffled_numbers,
        batches_row_by_row,
        batches_sorted_keys,
        batches_while,
    ),
    "sgd": (
        sgd_own_order,
        sgd_asks_twice_and_looks,
        sgd_all_batches_first,
        sgd_shuffled_copies,
    ),
}
