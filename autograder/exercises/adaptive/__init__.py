"""Adaptive rates: each parameter its own step, and the lesson's questions."""

from autograder.exercises.adaptive import (
    adadelta_step,
    adagrad_rms_step,
    adagrad_step,
    adam_step,
    adam_uncorrected_step,
    rms_step,
    rmsprop_step,
)
from autograder.exercises.adaptive.questions import QUESTIONS

EXERCISES = (
    adagrad_step.EXERCISE,
    rms_step.EXERCISE,
    adagrad_rms_step.EXERCISE,
    rmsprop_step.EXERCISE,
    adadelta_step.EXERCISE,
    adam_step.EXERCISE,
    adam_uncorrected_step.EXERCISE,
    *QUESTIONS,
)
