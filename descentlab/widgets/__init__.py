"""Pictures that answer to the hand, and stand still where nobody looks.

Each function takes rules, or what else a lesson has written, and returns a `View`. In JupyterLab
the view is live; in a graded or headless notebook it is a picture; `.figure()` is the picture
anywhere. Nothing here holds a rule, an initializer or a schedule: they come in.
"""

from descentlab.widgets.race import optimizer_race
from descentlab.widgets.valley import valley_explorer
from descentlab.widgets.view import View

__all__ = ["View", "optimizer_race", "valley_explorer"]
