"""Mini-batches: how much data for one step, and the lesson's questions."""

from autograder.exercises.minibatch import (
    cross_entropy,
    minibatches,
    mse,
    num_steps,
    sgd,
)
from autograder.exercises.minibatch.questions import QUESTIONS

EXERCISES = (
    mse.EXERCISE,
    cross_entropy.EXERCISE,
    num_steps.EXERCISE,
    minibatches.EXERCISE,
    sgd.EXERCISE,
    *QUESTIONS,
)
