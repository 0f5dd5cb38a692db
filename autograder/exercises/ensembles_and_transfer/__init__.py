"""More than one model: ensembles, averages, transfer, and the lesson's questions."""

from autograder.exercises.ensembles_and_transfer import averages, reinit, snapshots, transfer
from autograder.exercises.ensembles_and_transfer.questions import QUESTIONS

EXERCISES = (
    averages.ENSEMBLE,
    averages.POLYAK,
    snapshots.SNAPSHOTS,
    reinit.REINIT,
    transfer.FINE_TUNE,
    *QUESTIONS,
)
