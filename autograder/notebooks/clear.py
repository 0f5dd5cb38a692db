"""What is taken out of the teacher's notebook to make the learner's one: nbgrader's own steps."""

from contextlib import suppress
from copy import deepcopy

from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets import Dict, Unicode

from autograder import exercises

FUNCTION_STUB = "raise NotImplementedError"
TEXT_STUB = "*Your answer goes here.*"


class ClearAnswers(ClearSolutions):
    """nbgrader's ClearSolutions, with this course's stubs.

    A function's body becomes ``raise NotImplementedError``. A question keeps its own line, such as
    ``why_constant = None``, so that the cell says what kind of answer is asked for.
    """

    code_stub = Dict({"python": FUNCTION_STUB}).tag(config=True)
    text_stub = Unicode(TEXT_STUB).tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            with suppress(LookupError):  # an assignment of the teacher's own has other names
                exercise = exercises.find(name)
                if exercise.is_question:
                    cell.source = exercise.stub_source().rstrip()
                    return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


def clear(notebook: NotebookNode) -> NotebookNode:
    """Return the learner's notebook of a teacher's notebook, which stays as it is.

    The same steps in the same order stand in nbgrader_config.py for `nbgrader generate_assignment`.
    """
    cleared, resources = deepcopy(notebook), {}
    for step in (LockCells, ClearAnswers, ClearOutput, CheckCellMetadata, ComputeChecksums):
        cleared, resources = step().preprocess(cleared, resources)
    return cleared
