"""Using curvature: Newton's step, L-BFGS's direction, and the lesson's questions."""

from autograder.exercises.second_order import lbfgs_direction, newton_step
from autograder.exercises.second_order.questions import QUESTIONS

EXERCISES = (newton_step.EXERCISE, lbfgs_direction.EXERCISE, *QUESTIONS)
