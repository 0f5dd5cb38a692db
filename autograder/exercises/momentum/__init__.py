"""Momentum: four notations of one idea, and the lesson's questions."""

from autograder.exercises.momentum import (
    heavy_ball_step,
    momentum_step,
    nesterov_step,
    running_sum_step,
)
from autograder.exercises.momentum.questions import QUESTIONS

EXERCISES = (
    momentum_step.EXERCISE,
    heavy_ball_step.EXERCISE,
    running_sum_step.EXERCISE,
    nesterov_step.EXERCISE,
    *QUESTIONS,
)
