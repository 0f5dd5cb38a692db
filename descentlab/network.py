"""A multilayer perceptron whose weights are views into one flat theta.

The same update rule that rolls a ball over a surface trains this network: for the rule, theta is a
vector, whatever it means. The network holds no numbers of its own. It knows the shapes, computes
the loss and its gradient, and leaves the starting point to the lesson.
"""

import numpy as np

from descentlab.text import _

ACTIVATIONS = ("relu", "tanh")


class MLP:
    """A fully connected network with softmax and cross-entropy at its end.

    Every layer computes ``h @ W + b``; all but the last go through the activation.

    Parameters
    ----------
    layer_sizes : sequence of int
        Units per layer, input first: ``[64, 32, 10]`` has two layers of weights. At least two
        sizes, each at least 1, and at least 2 classes.
    activation : {"relu", "tanh"}
        What the hidden layers apply. The slope of ReLU at 0 is taken as 0.

    Attributes
    ----------
    layer_sizes : tuple of int
    activation : str
    num_parameters : int
        Length of theta.

    Raises
    ------
    ValueError
        The sizes or the activation are not as described.

    Examples
    --------
    >>> net = MLP([3, 4, 2])
    >>> net.num_parameters
    26
    >>> net.accuracy(np.zeros(26), np.ones((5, 3)), np.zeros(5, dtype=int))
    1.0
    """

    def __init__(self, layer_sizes, activation="relu"):
        sizes = tuple(layer_sizes)
        whole = all(isinstance(size, (int, np.integer)) and size >= 1 for size in sizes)
        if len(sizes) < 2 or not whole or sizes[-1] < 2:
            raise ValueError(
                _(
                    "layer_sizes must list at least an input size and 2 classes, whole numbers "
                    "from 1, as in [64, 32, 10]; got {sizes}"
                ).format(sizes=list(sizes))
            )
        if activation not in ACTIVATIONS:
            raise ValueError(
                _("activation must be 'relu' or 'tanh', got {activation!r}").format(
                    activation=activation
                )
            )
        self.layer_sizes = tuple(int(size) for size in sizes)
        self.activation = activation
        self._pieces = []  # for each layer: where W lies in theta, where b lies, the shape of W
        start = 0
        for n_in, n_out in zip(self.layer_sizes[:-1], self.layer_sizes[1:], strict=True):
            middle, end = start + n_in * n_out, start + (n_in + 1) * n_out
            self._pieces.append((slice(start, middle), slice(middle, end), (n_in, n_out)))
            start = end
        self.num_parameters = start

    def __repr__(self):
        return f"MLP({list(self.layer_sizes)}, activation={self.activation!r})"

    def pack(self, params):
        """Copy a list of (W, b) into one flat theta.

        Parameters
        ----------
        params : sequence of (W, b)
            One pair a layer; W of shape (n_in, n_out), b of shape (n_out,).

        Returns
        -------
        ndarray, shape (num_parameters,)
            In the order W, b, W, b, ..., rows first, in the floating dtype of the parameters.

        Raises
        ------
        ValueError
            The number of layers or a shape differs from `layer_sizes`.
        """
        try:
            arrays = [(np.asarray(W), np.asarray(b)) for W, b in params]
        except (TypeError, ValueError):
            raise ValueError(
                _("params must be a list of (W, b), one pair for each layer, got {params}").format(
                    params=type(params).__name__
                )
            ) from None
        if len(arrays) != len(self._pieces):
            raise ValueError(
                _("params must hold {layers} pairs (W, b), one for each layer, got {count}").format(
                    layers=len(self._pieces), count=len(arrays)
                )
            )
        for layer, ((W, b), (_w, _b, shape)) in enumerate(
            zip(arrays, self._pieces, strict=True), start=1
        ):
            if W.shape != shape or b.shape != shape[1:]:
                raise ValueError(
                    _(
                        "layer {layer} needs W of shape {W_shape} and b of shape {b_shape}, "
                        "got {W_got} and {b_got}"
                    ).format(
                        layer=layer,
                        W_shape=shape,
                        b_shape=shape[1:],
                        W_got=W.shape,
                        b_got=b.shape,
                    )
                )
        theta = np.concatenate([array.ravel() for pair in arrays for array in pair])
        return theta if theta.dtype.kind == "f" else theta.astype(float)

    def unpack(self, theta):
        """Return theta's list of (W, b): views, so that writing into W writes into theta.

        Parameters
        ----------
        theta : ndarray, shape (num_parameters,)

        Returns
        -------
        list of (W, b)
            One pair a layer; W of shape (n_in, n_out), b of shape (n_out,).
        """
        return self._views(self._checked_theta(theta))

    def loss_and_grad(self, theta, x, labels):
        """Return the mean cross-entropy of a batch and its gradient.

        Parameters
        ----------
        theta : ndarray, shape (num_parameters,)
            Floating point; the computation keeps its precision.
        x : ndarray, shape (B, n_inputs)
        labels : ndarray of int, shape (B,)
            Classes from 0.

        Returns
        -------
        loss : float
            Mean over the batch of -ln p[label], in nats.
        grad : ndarray, shape (num_parameters,)
            In theta's dtype.

        Raises
        ------
        ValueError
            A shape doesn't fit the network, or a label is not one of its classes.
        """
        theta, x, labels = self._checked(theta, x, labels)
        params = self._views(theta)
        outputs = self._forward(params, x)
        loss, delta = _cross_entropy(outputs.pop(), labels)

        grad = np.empty_like(theta)
        ones = np.ones(len(x), dtype=theta.dtype)  # ones @ delta: the sum over the batch, quickly
        for (W, _b), (dW, db) in zip(params[::-1], self._views(grad)[::-1], strict=True):
            h = outputs.pop()
            np.matmul(h.T, delta, out=dW)
            np.matmul(ones, delta, out=db)
            if outputs:  # h came out of an activation, so the error goes on through it
                delta = delta @ W.T.copy()  # the copy costs less than the product gains by it
                delta *= (h > 0) if self.activation == "relu" else 1 - h * h
        return loss, grad

    def loss(self, theta, x, labels):
        """Return the mean cross-entropy of a batch, in nats; arguments as in `loss_and_grad`."""
        theta, x, labels = self._checked(theta, x, labels)
        return _cross_entropy(self._forward(self._views(theta), x)[-1], labels)[0]

    def predict(self, theta, x):
        """Return the probabilities of the classes, shape (B, classes); each row sums to 1."""
        theta = self._checked_theta(theta)
        x = self._checked_x(x, theta.dtype)
        return _softmax(self._forward(self._views(theta), x)[-1])

    def accuracy(self, theta, x, labels):
        """Return the share of rows whose most probable class is the label, from 0 to 1."""
        theta, x, labels = self._checked(theta, x, labels)
        logits = self._forward(self._views(theta), x)[-1]
        return float((logits.argmax(axis=1) == labels).mean())

    def _views(self, theta):
        return [(theta[w].reshape(shape), theta[b]) for w, b, shape in self._pieces]

    def _forward(self, params, x):
        """Return the input, what every hidden layer puts out, and the logits."""
        outputs = [x]
        for W, b in params[:-1]:
            h = outputs[-1] @ W
            if self.activation == "relu":  # max(h + b, 0), as max(h, -b) + b: that is faster
                np.maximum(h, -b, out=h)
                h += b
            else:
                h += b
                np.tanh(h, out=h)
            outputs.append(h)
        W, b = params[-1]
        outputs.append(outputs[-1] @ W + b)
        return outputs

    def _checked_theta(self, theta):
        theta = np.asarray(theta)
        if theta.shape != (self.num_parameters,) or theta.dtype.kind != "f":
            raise ValueError(
                _(
                    "theta must be one flat array of {count} floating-point numbers for {net}, "
                    "got shape {shape} of {dtype}; net.pack(params) makes one"
                ).format(count=self.num_parameters, net=self, shape=theta.shape, dtype=theta.dtype)
            )
        return theta

    def _checked_x(self, x, dtype):
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != self.layer_sizes[0] or len(x) == 0:
            raise ValueError(
                _(
                    "x must have the shape (rows, {inputs}) with at least one row, "
                    "as the network has {inputs} inputs; got {shape}"
                ).format(inputs=self.layer_sizes[0], shape=x.shape)
            )
        return x.astype(dtype, copy=False)

    def _checked(self, theta, x, labels):
        theta = self._checked_theta(theta)
        x = self._checked_x(x, theta.dtype)
        labels = np.asarray(labels)
        classes = self.layer_sizes[-1]
        if labels.shape != (len(x),) or labels.dtype.kind not in "iu":
            raise ValueError(
                _(
                    "labels must be {rows} whole numbers, one for each row of x; "
                    "got shape {shape} of {dtype}"
                ).format(rows=len(x), shape=labels.shape, dtype=labels.dtype)
            )
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(
                _(
                    "labels must be between 0 and {last} (the network has {classes} classes), "
                    "got values from {low} to {high}"
                ).format(last=classes - 1, classes=classes, low=labels.min(), high=labels.max())
            )
        return theta, x, labels


def _softmax(logits):
    """Return softmax, row by row."""
    _shifted, exponentials, total = _exponentials(logits)
    return (exponentials / total).T


def _cross_entropy(logits, labels):
    """Return the mean cross-entropy and its gradient with respect to the logits."""
    shifted, delta, total = _exponentials(logits)
    count = len(labels)
    places = np.multiply(labels, count, dtype=np.intp)  # labels of one byte would overflow
    places += np.arange(count)
    loss = (np.log(total).sum() - shifted.take(places).sum()) / count
    delta /= total * count
    delta.reshape(-1)[places] -= 1 / count
    return float(loss), delta.T


def _exponentials(logits):
    """Return shifted, exp(shifted) and its sum over the classes; all with the classes first.

    Shifted means without the row's largest logit: exp overflows from 710 on in float64, from 89
    on in float32. Classes come first because NumPy reduces over the first axis much faster.
    """
    shifted = logits.T.copy()
    shifted -= shifted.max(axis=0)
    exponentials = np.exp(shifted)
    return shifted, exponentials, exponentials.sum(axis=0)
