"""Gradient descent: the step, the path, the measured slope, the longest stable step."""

from autograder.exercises.gradient_descent import (
    gd_step,
    gradient_descent,
    largest_stable_lr,
    numerical_gradient,
)
from autograder.exercises.gradient_descent.questions import QUESTIONS

EXERCISES = (
    gd_step.EXERCISE,
    gradient_descent.EXERCISE,
    numerical_gradient.EXERCISE,
    largest_stable_lr.EXERCISE,
    *QUESTIONS,
)
