"""`sgd`. θ ← θ − α∇L_batch(θ), for each batch of each epoch."""

import numpy as np

from autograder.exercises.base import RandomExercise, draw, single
from autograder.exercises.minibatch.measuring import TOPIC, distinct
from autograder.exercises.minibatch.sgd_batches import BATCHES
from autograder.exercises.minibatch.sgd_steps import STEPS
from autograder.exercises.minibatch.sgd_trace import SENTENCES, measure
from descentlab.calls import Given, Seeded
from descentlab.text import N_, _


def squared_error(theta, x_b, y_b):
    """Linear regression: a loss whose gradient shows where and on which batch it was asked for.

    An example of any shape is summed against theta, which may have an axis more, for the outputs.
    """
    if not np.ndim(y_b) or not len(y_b) or len(x_b) != len(y_b):
        raise ValueError(
            _(
                "loss_and_grad takes a batch, one row for each of its examples, at least one; it "
                "got x_b of shape {x} and y_b of shape {y}."
            ).format(x=np.shape(x_b), y=np.shape(y_b))
        )
    inputs, targets = np.reshape(x_b, (len(x_b), -1)), np.reshape(y_b, (len(y_b), -1))
    error = inputs @ np.reshape(theta, (inputs.shape[1], -1)) - targets
    grad = 2 * inputs.T @ error / len(x_b)
    return float(np.sum(error**2) / len(x_b)), grad.reshape(np.shape(theta))


def trials(rng):
    """First three epochs long enough to see their order; then theta with two axes, a batch larger
    than the data, one without a rest."""

    def trial(theta_shape, x_shape, y_shape, batch_size, epochs):
        return single(
            "usual",
            Given(squared_error, "loss_and_grad"),
            rng.normal(size=theta_shape),
            distinct(rng, x_shape),
            distinct(rng, y_shape),
            batch_size=batch_size,
            epochs=epochs,
            lr=draw(rng, 0.02, 0.06),
            rng=Seeded(int(rng.integers(2**63))),
        )

    batch = int(rng.integers(34, 42))
    n = 6 * batch + int(rng.integers(8, batch - 8))
    return [
        trial((4,), (n, 4), (n,), batch, 3),
        trial((3, 2), (20, 3), (20, 2), 6, 2),
        trial((2, 3), (9, 2, 3), (9,), 14, 2),
        trial((5,), (12, 5), (12,), 4, 2),
    ]


EXERCISE = RandomExercise(
    name="sgd",
    topic=TOPIC,
    points=26,
    returns=("theta", "losses"),
    trials=trials,
    mistakes=(*BATCHES, *STEPS),
    first_look=1,
    measure=measure,
    properties=SENTENCES,
    hints=(
        N_("Two loops, one inside the other: epochs outside, the batches of one epoch inside."),
        N_(
            "Inside: ask loss_and_grad at the present theta for this batch, note the loss, make "
            "the step. minibatches gives the batches; when does it have to be called again?"
        ),
        N_(
            "For n = 10, batch_size = 4 and 3 epochs there are 9 steps and so 9 losses. The first "
            "loss is that of the theta that came in."
        ),
    ),
    praise=N_("With batch_size = len(x) this is batch gradient descent. What does the noise buy?"),
)
