"""Keeping the numbers sane: clipping, batch normalization, and the lesson's questions."""

from autograder.exercises.stability import backward, clipping, forward
from autograder.exercises.stability.questions import QUESTIONS

EXERCISES = (
    clipping.BY_VALUE,
    clipping.BY_NORM,
    forward.FORWARD,
    backward.BACKWARD,
    forward.RUNNING,
    *QUESTIONS,
)
