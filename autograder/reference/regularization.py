"""From the training set to the world: penalties, dropout, early stopping, augmentation."""

import numpy as np


def l2_penalty(theta, lam):
    """Return half the squared length of theta, times λ, and its gradient.

    λ/2 ‖θ‖²;  λθ

    Parameters
    ----------
    theta : ndarray of any shape
    lam : float >= 0, λ

    Returns
    -------
    penalty, grad : float; new array of the shape and dtype of theta

    Notes
    -----
    scikit-learn's `Ridge` has no ½. Source: SL2, *Weight decay*; CS7, *Regularization*.

    Examples
    --------
    >>> l2_penalty(np.array([3.0, -4.0]), 0.5)
    (6.25, array([ 1.5, -2. ]))
    """
    penalty = lam / 2 * float(np.sum(theta**2))
    return penalty, lam * theta


def l1_penalty(theta, lam):
    """Return the sum of the sizes in theta, times λ, and its gradient.

    λ‖θ‖₁;  λ sign θ, which is 0 at 0

    Parameters
    ----------
    theta : ndarray of any shape
    lam : float >= 0, λ

    Returns
    -------
    penalty, grad : float; new array of the shape and dtype of theta

    Notes
    -----
    0 at 0 is the choice of PyTorch too: a weight may rest there. Source: SL2, *LASSO*.

    Examples
    --------
    >>> l1_penalty(np.array([3.0, -4.0, 0.0]), 0.5)
    (3.5, array([ 0.5, -0.5,  0. ]))
    """
    penalty = lam * float(np.sum(np.abs(theta)))
    return penalty, lam * np.sign(theta)


def elastic_net_penalty(theta, l1, l2):
    """Return the sum of the L1 and the L2 penalty, and its gradient.

    l1 ‖θ‖₁ + l2/2 ‖θ‖²;  l1 sign θ + l2 θ

    Parameters
    ----------
    theta : ndarray of any shape
    l1, l2 : float >= 0, the λ of each

    Returns
    -------
    penalty, grad : float; new array of the shape and dtype of theta

    Notes
    -----
    scikit-learn has one λ and a ratio instead. Source: SL2, *LASSO*, *Weight decay*.

    Examples
    --------
    >>> elastic_net_penalty(np.array([3.0, -4.0]), 0.5, 1.0)
    (16.0, array([ 3.5, -4.5]))
    """
    penalty_1, grad_1 = l1_penalty(theta, l1)
    penalty_2, grad_2 = l2_penalty(theta, l2)
    return penalty_1 + penalty_2, grad_1 + grad_2


def weight_decay_step(theta, grad, *, lr, w):
    """Take one step of gradient descent, then shrink every parameter.

    θ ← w · (θ − α∇L)

    Parameters
    ----------
    theta, grad : ndarray, both of one shape
    lr : float > 0, the learning rate α
    w : float in (0, 1], what is left of a parameter

    Returns
    -------
    theta : new array of the shape and dtype of theta

    Notes
    -----
    After the step: gradient descent with rate αw on L + λ/2 ‖θ‖², λ = (1 − w)/(αw). Before it,
    wθ − α∇L (PyTorch), λ is (1 − w)/α. Source: SL2, *Weight decay*.

    Examples
    --------
    >>> weight_decay_step(np.array([1.0, -2.0]), np.array([2.0, -4.0]), lr=0.25, w=0.5)
    array([ 0.25, -0.5 ])
    """
    return w * (theta - lr * grad)


def dropout_forward(x, p, rng):
    """Switch off each unit with probability p, and scale up those that stay.

    mask = 1/(1 − p) with probability 1 − p, else 0;  out = x ⊙ mask

    Parameters
    ----------
    x : ndarray of any shape
    p : float in [0, 1), the probability to switch off
    rng : np.random.Generator

    Returns
    -------
    out, mask : new arrays of the shape and dtype of x

    Notes
    -----
    Inverted dropout: the expected output is x, and nothing is scaled at test time. p is PyTorch's;
    TensorFlow 1 and Srivastava's paper name the one to keep. Source: SL2, CS7, *Dropout*.

    Examples
    --------
    >>> out, mask = dropout_forward(np.ones(5), 0.75, np.random.default_rng(0))
    >>> sorted(set(out.tolist()))
    [0.0, 4.0]
    """
    keep = rng.random(x.shape) >= p
    mask = keep.astype(x.dtype) / (1 - p)
    return x * mask, mask


def dropout_backward(dout, mask):
    """Send the gradient back through the units that stayed.

    dx = dout ⊙ mask

    Parameters
    ----------
    dout, mask : ndarray, both of one shape; the mask is the forward pass's and carries the scale

    Returns
    -------
    dx : new array of the shape and dtype of dout

    Notes
    -----
    The same mask, not a new one. Source: SL2, *Dropout* (no backward pass either).

    Examples
    --------
    >>> dropout_backward(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    array([0., 8.])
    """
    return dout * mask


def dropout_predict_unscaled(x, p):
    """Scale a unit's output at test time, where training switched units off without scaling.

    out = (1 − p) x

    Parameters
    ----------
    x : ndarray of any shape
    p : float in [0, 1), the probability to switch off in training

    Returns
    -------
    out : new array of the shape and dtype of x

    Notes
    -----
    Not after `dropout_forward`: the scale would count twice. Source: SL2, *Dropout*.

    Examples
    --------
    >>> dropout_predict_unscaled(np.array([4.0, -8.0]), 0.75)
    array([ 1., -2.])
    """
    return x * (1 - p)


def early_stopping(val_losses, patience):
    """Find the best epoch and the one at which a patient trainer gives up.

    Parameters
    ----------
    val_losses : sequence of float, at least one, the validation loss after each epoch
    patience : int >= 1, epochs in a row without a strictly lower loss that end the training

    Returns
    -------
    best_epoch, stop_epoch : int, 0-based; the first lowest of those trained, the last trained

    Notes
    -----
    An equal loss is no improvement. Source: SL2, *Early Stopping*.

    Examples
    --------
    >>> early_stopping([0.9, 0.5, 0.6, 0.5, 0.1], patience=2)
    (1, 3)
    """
    best_epoch = 0
    for epoch in range(len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def random_flip(images, rng, p=0.5):
    """Mirror each image left to right with probability p.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
    rng : np.random.Generator
    p : float in [0, 1], the probability to mirror

    Returns
    -------
    images : new array of the same shape and dtype

    Notes
    -----
    One draw an image, columns reversed. Source: SL2, *data augmentation*; CS7, *Horizontal Flips*.

    Examples
    --------
    >>> random_flip(np.array([[[1, 2, 3]]]), np.random.default_rng(0), p=1.0)
    array([[[3, 2, 1]]])
    """
    flip = rng.random(len(images)) < p
    mirrored = images[:, :, ::-1]
    return np.where(flip[:, None, None], mirrored, images)


def random_crop(images, padding, rng):
    """Put zeros all round each image and cut a window of the old size out at random.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
    padding : int >= 0, rows and columns of zeros on each side
    rng : np.random.Generator

    Returns
    -------
    images : new array of the same shape and dtype

    Notes
    -----
    Row and column offset of each image are independent and uniform on 0 … 2 · padding; at `padding`
    the image stays where it was. Source: CS7, *Random crops*; SL2, *data augmentation*.

    Examples
    --------
    >>> random_crop(np.ones((7, 4, 3)), 2, np.random.default_rng(0)).shape
    (7, 4, 3)
    """
    n, height, width = images.shape
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding)))
    rows = rng.integers(0, 2 * padding + 1, size=n)
    columns = rng.integers(0, 2 * padding + 1, size=n)
    out = np.empty_like(images)
    for i in range(n):
        out[i] = padded[i, rows[i] : rows[i] + height, columns[i] : columns[i] + width]
    return out


def random_erase(images, size, rng):
    """Set one square of each image, at a random place, to zero.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
    size : int, 1 to the smaller of H and W, the side of the square
    rng : np.random.Generator

    Returns
    -------
    images : new array of the same shape and dtype

    Notes
    -----
    The square lies wholly inside: its corner is uniform on 0 … H − size and 0 … W − size. Cutout
    lets it overhang. Source: SL2, *data augmentation*.

    Examples
    --------
    >>> int(random_erase(np.ones((1, 4, 5)), 2, np.random.default_rng(0)).sum())
    16
    """
    n, height, width = images.shape
    rows = rng.integers(0, height - size + 1, size=n)
    columns = rng.integers(0, width - size + 1, size=n)
    out = images.copy()
    for i in range(n):
        out[i, rows[i] : rows[i] + size, columns[i] : columns[i] + size] = 0
    return out


def add_noise(images, std, rng):
    """Add Gaussian noise to every pixel: images + N(0, std²).

    Parameters
    ----------
    images : ndarray of any shape
    std : float >= 0, the standard deviation, in the unit of a pixel
    rng : np.random.Generator

    Returns
    -------
    images : new array of the same shape and dtype

    Notes
    -----
    One draw a pixel; nothing is clipped. Source: SL2, *data augmentation*.

    Examples
    --------
    >>> add_noise(np.ones((2, 3, 4)), 0.1, np.random.default_rng(0)).shape
    (2, 3, 4)
    """
    noise = rng.normal(0, std, size=images.shape)
    return images + noise.astype(images.dtype)


def color_jitter(images, std, rng):
    """Shift each image's colour along the directions in which the pixels' colours vary.

    pixel ← pixel + Σ_j α_j λ_j p_j,  α_j ~ N(0, std²), one draw an image and axis

    Parameters
    ----------
    images : ndarray, shape (N, H, W, 3)
    std : float >= 0, the standard deviation of α
    rng : np.random.Generator

    Returns
    -------
    images : new array of the same shape and dtype

    Notes
    -----
    λ_j, p_j: eigenvalues and axes of the covariance of all pixels in `images`, over n − 1 (over n
    is right too). No clipping. Source: CS7, *Color Jitter* (Krizhevsky et al. 2012).

    Examples
    --------
    >>> color_jitter(np.ones((2, 4, 5, 3)), 0.1, np.random.default_rng(0)).shape
    (2, 4, 5, 3)
    """
    covariance = np.cov(images.reshape(-1, 3), rowvar=False)
    eigenvalues, axes = np.linalg.eigh(covariance)
    alpha = rng.normal(0, std, size=(len(images), 3))
    shift = (alpha * eigenvalues) @ axes.T
    return images + shift[:, None, None, :].astype(images.dtype)


def test_time_average(predict, views):
    """Average the predictions for a fixed list of views of the same examples.

    Parameters
    ----------
    predict : callable, view -> probs of shape (N, C)
    views : list of arrays, at least one; for instance crops of the same images

    Returns
    -------
    probs : new array, shape (N, C), the mean of `predict` over the views

    Notes
    -----
    Probabilities are averaged, not logits. Source: CS7, *Testing: average a fixed set of crops*.

    Examples
    --------
    >>> test_time_average(lambda view: view / 4, [np.array([[1.0, 3.0]]), np.array([[2.0, 2.0]])])
    array([[0.375, 0.625]])
    """
    return np.mean([predict(view) for view in views], axis=0)
