"""Keeping the numbers sane: clipping, batch normalization, and the lesson's questions."""

from autograder.exercises.stability import backward, clipping, clipping_norm, forward, running
from autograder.exercises.stability.questions import QUESTIONS

EXERCISES = (
    clipping.BY_VALUE,
    clipping_norm.BY_NORM,
    forward.FORWARD,
    backward.BACKWARD,
    running.RUNNING,
    *QUESTIONS,
)
