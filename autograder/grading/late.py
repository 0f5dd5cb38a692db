"""Late penalties by the plugin that the class's nbgrader configuration names."""

from dataclasses import dataclass
from inspect import isclass
from types import SimpleNamespace

from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.utils.importstring import import_item

from autograder.grading.logs import Log, quiet
from autograder.notebooks.errors import ClassError


@dataclass(frozen=True)
class Penalties:
    """What being late costs in a class.

    Attributes
    ----------
    step : AssignLatePenalties or None
        nbgrader's own step; None where the class has taken it out of its configuration.
    """

    step: AssignLatePenalties | None

    @classmethod
    def of(cls, grader: Autograde) -> "Penalties":
        """Read the configuration that nbgrader's autograde would go by.

        Raises
        ------
        ClassError
            It names a plugin that can't be loaded.
        """
        try:
            for named in grader.autograde_preprocessors:
                step = import_item(named) if isinstance(named, str) else named
                if isclass(step) and issubclass(step, AssignLatePenalties):
                    made = step(config=grader.config)
                    Log.of(made)
                    made.init_plugin()
                    return cls(made)
        except Exception as error:  # whatever a teacher's own plugin raises
            raise ClassError(
                f"nbgrader_config.py names a late penalty that can't be loaded "
                f"({type(error).__name__}: {error}). Correct AssignLatePenalties.plugin_class or "
                "Autograde.autograde_preprocessors there."
            ) from error
        return cls(None)

    def penalty(
        self, student: str, score: float, late: float, before: float | None
    ) -> float | None:
        """Return what a submission loses.

        Parameters
        ----------
        student : str
        score : float
            Points, before the penalty.
        late : float
            Seconds, 0 for in time.
        before : float or None
            The penalty of an earlier grading.

        Returns
        -------
        float or None
            Points, 0 to `score`; None for no penalty.
        """
        if self.step is None:
            return before
        if late <= 0:
            return None
        try:
            with quiet():
                asked = self.step.plugin_inst.late_submission_penalty(student, score, late)
                if asked is None:
                    return None
                return float(self.step._check_late_penalty(SimpleNamespace(score=score), asked))
        except Exception as error:  # whatever a teacher's own plugin raises
            plugin = type(self.step.plugin_inst).__name__
            raise ClassError(
                f"The late penalty plugin {plugin} failed for {student} "
                f"({type(error).__name__}: {error}). Correct it, then start again; nothing was "
                "lost."
            ) from error
