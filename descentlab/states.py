"""What the update rules remember from one step to the next.

Each state is a value: a named tuple that goes into a rule and comes out of it, new. Nothing here is
changed in place, so a state can be printed, kept and compared.
"""

from typing import NamedTuple

import numpy as np


class AdamState(NamedTuple):
    """The two moments of Adam and RAdam, and the number of updates done.

    Parameters
    ----------
    m : ndarray
        First moment: decaying mean of the gradients; the shape of theta.
    v : ndarray
        Second moment: decaying mean of the squared gradients; the shape of theta.
    t : int
        Updates done so far: 0 before the first, so the first update works with t = 1.
    """

    m: np.ndarray
    v: np.ndarray
    t: int

    @classmethod
    def zeros(cls, theta):
        """Return the state before the first update, with theta's shape and dtype."""
        return cls(m=np.zeros_like(theta), v=np.zeros_like(theta), t=0)


class AdadeltaState(NamedTuple):
    """The two decaying means of AdaDelta.

    Parameters
    ----------
    s : ndarray
        Decaying mean of the squared gradients; the shape of theta.
    d : ndarray
        Decaying mean of the squared updates; the shape of theta.
    """

    s: np.ndarray
    d: np.ndarray

    @classmethod
    def zeros(cls, theta):
        """Return the state before the first update, with theta's shape and dtype."""
        return cls(s=np.zeros_like(theta), d=np.zeros_like(theta))


class RmsState(NamedTuple):
    """The root mean square of all gradients so far, and how many they are.

    Parameters
    ----------
    sigma : ndarray
        Root mean square of the gradients seen, one for each parameter; the shape of theta.
    t : int
        Updates done so far, which is the number of gradients in the mean: 0 before the first.
    """

    sigma: np.ndarray
    t: int

    @classmethod
    def zeros(cls, theta):
        """Return the state before the first update, with theta's shape and dtype."""
        return cls(sigma=np.zeros_like(theta), t=0)


class BatchNormCache(NamedTuple):
    """What the forward pass of batch normalization keeps for the backward pass.

    Parameters
    ----------
    x_hat : ndarray, shape (B, D)
        The normalized batch, before gamma and beta.
    inv_std : ndarray, shape (D,)
        1 / sqrt(variance + eps), one for each column.
    gamma : ndarray, shape (D,)
        The scale that was used.
    """

    x_hat: np.ndarray
    inv_std: np.ndarray
    gamma: np.ndarray
