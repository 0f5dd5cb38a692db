"""Initialization: where on the hill to start, and the lesson's questions."""

from autograder.exercises.initialization import (
    init_constant,
    init_from_pretrained,
    init_he,
    init_normal,
    init_xavier,
    signal_scale,
)
from autograder.exercises.initialization.questions import QUESTIONS

EXERCISES = (
    init_constant.EXERCISE,
    init_normal.EXERCISE,
    init_xavier.EXERCISE,
    init_he.EXERCISE,
    signal_scale.EXERCISE,
    init_from_pretrained.EXERCISE,
    *QUESTIONS,
)
