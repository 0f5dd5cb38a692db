"""Pictures that answer to the hand, and stand still where nobody looks.

Each function takes rules, or what else a lesson has written, and returns a `View`. In JupyterLab
the view is live; in a graded or headless notebook it is a picture; `.figure()` is the picture
anywhere. Nothing here holds a rule, an initializer or a schedule: they come in.
"""

from descentlab.widgets.batches import batch_size_explorer
from descentlab.widgets.bias import bias_correction_explorer
from descentlab.widgets.initialization import initialization_explorer
from descentlab.widgets.race import optimizer_race
from descentlab.widgets.regularization import regularization_explorer
from descentlab.widgets.schedules import schedule_explorer
from descentlab.widgets.valley import valley_explorer
from descentlab.widgets.view import View

__all__ = [
    "View",
    "batch_size_explorer",
    "bias_correction_explorer",
    "initialization_explorer",
    "optimizer_race",
    "regularization_explorer",
    "schedule_explorer",
    "valley_explorer",
]
