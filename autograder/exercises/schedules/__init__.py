"""Schedules: decay, warm-up, restarts, and RAdam."""

from autograder.exercises.schedules import (
    cosine_annealing,
    exponential_decay,
    inverse_time_decay,
    linear_warmup,
    radam_step,
    step_decay,
)
from autograder.exercises.schedules.questions import QUESTIONS

EXERCISES = (
    step_decay.EXERCISE,
    exponential_decay.EXERCISE,
    inverse_time_decay.EXERCISE,
    linear_warmup.EXERCISE,
    cosine_annealing.EXERCISE,
    radam_step.EXERCISE,
    *QUESTIONS,
)
