"""Right answers to the regularization exercises in other forms."""

import numpy as np


def l2_loop(theta, lam):
    penalty, grad = 0.0, np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        penalty += 0.5 * lam * theta[i] ** 2
        grad[i] = lam * theta[i]
    return penalty, grad


def l2_norm(theta, lam):
    return [lam * np.linalg.norm(theta) ** 2 / 2, theta * lam]


def l2_dot(theta, lam):
    flat = theta.ravel()
    return 0.5 * lam * (flat @ flat), np.multiply(lam, theta)


def l1_cases(theta, lam):
    grad = np.where(theta > 0, lam, np.where(theta < 0, -lam, 0.0))
    return lam * np.linalg.norm(theta.ravel(), 1), grad


def l1_two_signs(theta, lam):
    up, down = theta > 0, theta < 0
    return lam * (theta[up].sum() - theta[down].sum()), lam * up - lam * down


def l1_loop(theta, lam):
    grad = theta.copy()
    for i in np.ndindex(theta.shape):
        grad[i] = 0 if theta[i] == 0 else lam * theta[i] / abs(theta[i])
    return [sum(lam * abs(value) for value in theta.flat), grad]


def elastic_by_hand(theta, l1, l2):
    penalty = (l1 * np.abs(theta) + l2 / 2 * theta**2).sum()
    return penalty, l1 * np.sign(theta) + l2 * theta


def elastic_factored(theta, l1, l2):
    size = np.abs(theta)
    return np.sum(size * (l1 + 0.5 * l2 * size)), np.sign(theta) * (l1 + l2 * size)


def elastic_loop(theta, l1, l2):
    penalty, grad = 0.0, np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        sign = (theta[i] > 0) - 1.0 * (theta[i] < 0)
        penalty += l1 * sign * theta[i] + 0.5 * l2 * theta[i] * theta[i]
        grad[i] = l1 * sign + l2 * theta[i]
    return [penalty, grad]


def decay_expanded(theta, grad, *, lr, w):
    return w * theta - w * lr * grad


def decay_in_place_on_a_copy(theta, grad, *, lr, w):
    theta = theta.copy()
    theta -= lr * grad
    theta *= w
    return theta


def decay_as_penalty(theta, grad, *, lr, w):
    rate, lam = lr * w, (1 - w) / (lr * w)
    return theta - rate * (grad + lam * theta)


def dropout_uniform(x, p, rng):
    mask = np.where(rng.uniform(size=x.shape) < p, 0.0, 1 / (1 - p))
    return [mask * x, mask]


def dropout_binomial(x, p, rng):
    mask = rng.binomial(1, 1 - p, size=x.shape) / (1 - p)
    return x * mask, mask


def dropout_choice(x, p, rng):
    mask = rng.choice([0.0, 1.0], size=x.shape, p=[p, 1 - p])
    mask /= 1 - p
    return x * mask, mask


def dropout_in_place_on_copies(x, p, rng):
    out, mask = x.copy(), np.ones_like(x)
    off = rng.random(x.shape) < p
    out[off], mask[off] = 0, 0
    return out / (1 - p), mask / (1 - p)


def dropout_loop(x, p, rng):
    mask = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        if rng.random() > p:
            mask[i] = 1 / (1 - p)
    return x * mask, mask


def dropout_from_own_generator(x, p, rng):
    own = np.random.default_rng(rng.integers(2**63))
    mask = np.floor(own.random(x.shape) + (1 - p)) / (1 - p)
    return x * mask, mask


def backward_loop(dout, mask):
    dx = np.zeros_like(dout)
    for i in np.ndindex(dout.shape):
        dx[i] = mask[i] * dout[i]
    return dx


def backward_where(dout, mask):
    return np.where(mask == 0, 0.0, dout * mask)


def backward_in_place_on_a_copy(dout, mask):
    dx = np.array(dout)
    dx *= mask
    return dx


def predict_expanded(x, p):
    return x - p * x


def predict_mean_of_two(x, p):
    return p * np.zeros_like(x) + (1 - p) * x


def predict_divided(x, p):
    return x / (1 / (1 - p))


def stopping_counter(val_losses, patience):
    best, best_epoch, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return [best_epoch, epoch]
    return [best_epoch, epoch]


def stopping_while(val_losses, patience):
    epoch, best = 0, 0
    while epoch - best < patience and epoch + 1 < len(val_losses):
        epoch += 1
        if val_losses[epoch] < val_losses[best]:
            best = epoch
    return np.int64(best), np.int64(epoch)


def stopping_by_minima(val_losses, patience):
    losses = np.array(val_losses)
    best = [int(np.argmin(losses[: end + 1])) for end in range(len(losses))]
    stops = [end for end in range(len(losses)) if end - best[end] >= patience]
    stop = stops[0] if stops else len(losses) - 1
    return best[stop], stop


def stopping_jumps(val_losses, patience):
    losses, best = np.asarray(val_losses), 0
    while True:
        lower = np.flatnonzero(losses[best + 1 : best + 1 + patience] < losses[best])
        if not lower.size:
            return np.int64(best), min(best + patience, len(losses) - 1)
        best += 1 + lower[0]


def flip_loop(images, rng, p=0.5):
    out = images.copy()
    for i in range(len(images)):
        if rng.random() < p:
            out[i] = np.fliplr(images[i])
    return out


def flip_index(images, rng, p=0.5):
    out = images.copy()
    chosen = np.flatnonzero(rng.uniform(size=len(images)) < p)
    out[chosen] = out[chosen][..., ::-1]
    return out


def flip_binomial(images, rng, p=0.5):
    heads = rng.binomial(1, p, size=(len(images), 1, 1))
    return heads * np.flip(images, axis=2) + (1 - heads) * images


def flip_stack(images, rng, p=0.5):
    return np.stack([i[:, ::-1] if rng.random() > 1 - p else i for i in images])


def flip_count_and_places(images, rng, p=0.5):
    chosen = rng.permutation(len(images))[: rng.binomial(len(images), p)]
    out = images.copy()
    out[chosen] = out[chosen][:, :, ::-1]
    return out


def crop_loop(images, padding, rng):
    _n, height, width = images.shape
    out = np.zeros_like(images)
    for i, image in enumerate(images):
        padded = np.zeros((height + 2 * padding, width + 2 * padding))
        padded[padding : padding + height, padding : padding + width] = image
        top, left = rng.integers(2 * padding + 1, size=2)
        out[i] = padded[top : top + height, left : left + width]
    return out


def crop_windows(images, padding, rng):
    n, height, width = images.shape
    padded = np.pad(images, ((0, 0), (padding,) * 2, (padding,) * 2), constant_values=0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    offsets = rng.integers(0, 2 * padding, size=(2, n), endpoint=True)
    return windows[np.arange(n), offsets[0], offsets[1]].copy()


def crop_one_number(images, padding, rng):
    n, height, width = images.shape
    side = 2 * padding + 1
    top, left = np.divmod(rng.choice(side * side, size=n), side)
    down, right = padding - top, padding - left
    out = np.zeros_like(images)
    for i in range(n):
        for row in range(height):
            for column in range(width):
                y, x = row - down[i], column - right[i]
                if 0 <= y < height and 0 <= x < width:
                    out[i, row, column] = images[i, y, x]
    return out


def crop_floor(images, padding, rng):
    n, height, width = images.shape
    padded = np.pad(images, [(0, 0), (padding, padding), (padding, padding)], mode="constant")
    corner = np.floor(rng.random((n, 2)) * (2 * padding + 1)).astype(int)
    rows = corner[:, :1] + np.arange(height)
    columns = corner[:, 1:] + np.arange(width)
    return padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def crop_by_moving(images, padding, rng):
    out = np.zeros_like(images)
    _n, height, width = images.shape
    for new, old in zip(out, images, strict=True):
        down, right = rng.integers(-padding, padding + 1, size=2)
        for row in range(max(0, -down), min(height, height - down)):
            for column in range(max(0, -right), min(width, width - right)):
                new[row, column] = old[row + down, column + right]
    return out


def erase_loop(images, size, rng):
    out = np.array(images)
    for image in out:
        top = rng.integers(0, image.shape[0] - size + 1)
        left = rng.integers(0, image.shape[1] - size + 1)
        image[top : top + size, left : left + size] = 0
    return out


def erase_masks(images, size, rng):
    n, height, width = images.shape
    top = rng.choice(height - size + 1, size=(n, 1, 1))
    left = rng.choice(width - size + 1, size=(n, 1, 1))
    y, x = np.arange(height)[:, None], np.arange(width)
    inside = (y >= top) & (y < top + size) & (x >= left) & (x < left + size)
    return np.where(inside, 0.0, images)


def erase_one_number(images, size, rng):
    n, height, width = images.shape
    across = width - size + 1
    place = rng.integers((height - size + 1) * across, size=n)
    keep = np.ones(images.shape)
    for i, (top, left) in enumerate(zip(place // across, place % across, strict=True)):
        keep[i, top : top + size, left : left + size] = 0
    return images * keep


def noise_standard(images, std, rng):
    return images + std * rng.standard_normal(images.shape)


def noise_subtracted(images, std, rng):
    out = images.copy()
    out -= rng.normal(0, std, images.shape)
    return out


def noise_loop(images, std, rng):
    flat = [value + rng.normal(scale=std) for value in images.ravel()]
    return np.array(flat, dtype=images.dtype).reshape(images.shape)


def noise_image_by_image(images, std, rng):
    return np.stack([image + rng.normal(0.0, std, image.shape) for image in images])


def jitter_loop(images, std, rng):
    pixels = images.reshape(-1, 3)
    pixels = pixels - pixels.mean(axis=0)
    eigenvalues, axes = np.linalg.eigh(pixels.T @ pixels / len(pixels))
    out = images.copy()
    for i in range(len(images)):
        for j in range(3):
            out[i] += rng.normal(0, std) * eigenvalues[j] * axes[:, j]
    return out


def jitter_svd(images, std, rng):
    pixels = images.reshape(-1, 3) - images.mean(axis=(0, 1, 2))
    _u, singular, axes = np.linalg.svd(pixels, full_matrices=False)
    draws = std * rng.standard_normal((len(images), 3))
    return images + ((draws * singular**2 / len(pixels)) @ axes).reshape(-1, 1, 1, 3)


def jitter_largest_first(images, std, rng):
    eigenvalues, axes = np.linalg.eig(np.cov(images.reshape(-1, 3).T))
    order = np.argsort(eigenvalues)[::-1]
    steps = (-axes * eigenvalues)[:, order]
    shift = np.array([steps @ rng.normal(0, std, size=3) for _image in images])
    return images + shift[:, np.newaxis, np.newaxis]


def jitter_as_a_gaussian(images, std, rng):
    covariance = np.cov(images.reshape(-1, 3), rowvar=False, bias=True)
    return images + std * (rng.normal(size=(len(images), 3)) @ covariance)[:, None, None]


def average_loop(predict, views):
    total = 0
    for view in views:
        total = total + predict(view)
    return total / len(views)


def average_stack(predict, views):
    return np.stack([predict(view) for view in views]).mean(0)


def average_running(predict, views):
    average = np.zeros_like(predict(views[0]))
    for count, view in enumerate(views, start=1):
        average += (predict(view) - average) / count
    return average


def average_one_batch(predict, views):
    probs = predict(np.concatenate(views))
    return probs.reshape(len(views), len(views[0]), -1).mean(axis=0)


VARIANTS = {
    "l2_penalty": (l2_loop, l2_norm, l2_dot),
    "l1_penalty": (l1_cases, l1_two_signs, l1_loop),
    "elastic_net_penalty": (elastic_by_hand, elastic_factored, elastic_loop),
    "weight_decay_step": (decay_expanded, decay_in_place_on_a_copy, decay_as_penalty),
    "dropout_forward": (
        dropout_uniform,
        dropout_binomial,
        dropout_choice,
        dropout_in_place_on_copies,
        dropout_loop,
        dropout_from_own_generator,
    ),
    "dropout_backward": (backward_loop, backward_where, backward_in_place_on_a_copy),
    "dropout_predict_unscaled": (predict_expanded, predict_mean_of_two, predict_divided),
    "early_stopping": (stopping_counter, stopping_while, stopping_by_minima, stopping_jumps),
    "random_flip": (flip_loop, flip_index, flip_binomial, flip_stack, flip_count_and_places),
    "random_crop": (crop_loop, crop_windows, crop_one_number, crop_floor, crop_by_moving),
    "random_erase": (erase_loop, erase_masks, erase_one_number),
    "add_noise": (
        noise_standard,
        noise_subtracted,
        noise_loop,
        noise_image_by_image,
    ),
    "color_jitter": (
        jitter_loop,
        jitter_svd,
        jitter_largest_first,
        jitter_as_a_gaussian,
    ),
    "test_time_average": (average_loop, average_stack, average_running, average_one_batch),
}
