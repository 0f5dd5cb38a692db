"""From the training set to the world: penalties, dropout, early stopping, augmentation."""

from autograder.exercises.regularization import (
    add_noise,
    averaging,
    color_jitter,
    dropout_backward,
    dropout_forward,
    dropout_predict_unscaled,
    early_stopping,
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    random_crop,
    random_erase,
    random_flip,
    weight_decay_step,
)
from autograder.exercises.regularization.questions import QUESTIONS

EXERCISES = (
    l2_penalty.EXERCISE,
    l1_penalty.EXERCISE,
    elastic_net_penalty.EXERCISE,
    weight_decay_step.EXERCISE,
    dropout_forward.EXERCISE,
    dropout_backward.EXERCISE,
    dropout_predict_unscaled.EXERCISE,
    early_stopping.EXERCISE,
    random_flip.EXERCISE,
    random_crop.EXERCISE,
    random_erase.EXERCISE,
    add_noise.EXERCISE,
    color_jitter.EXERCISE,
    averaging.EXERCISE,
    *QUESTIONS,
)
