"""Two steps for nbgrader's autograde, against points that nobody earned.

nbgrader_config.py names them, so that plain `nbgrader autograde` takes them too. They are no walls:
student code still runs in the process that prints the points.
"""

from nbformat import v4
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor


class DropTags(NbGraderPreprocessor):
    """Drop the tags of cells that count: a tag from a submission can keep a cell from running."""

    def preprocess_cell(self, cell, resources, cell_index):
        if utils.is_grade(cell) or utils.is_solution(cell):
            cell.metadata.pop("tags", None)
        return cell, resources


class NoSilentPoints(NbGraderPreprocessor):
    """Give no points to a check that didn't end in a number of points.

    nbgrader gives full marks to a cell without output, and to one whose output is no number or is
    below 0; a number above the cell's points stops the whole class.
    """

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
            return cell, resources
        if not utils.has_failed(cell) and not _has_points(cell):
            error = v4.new_output(
                "error",
                ename="NoPoints",
                evalue="this check did not end in a number of points",
                traceback=["This check did not end in a number of points, so it gives none."],
            )
            cell.outputs.insert(0, error)  # nbgrader goes by the first output that tells something
        return cell, resources


def _has_points(cell) -> bool:
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    try:
        points = float(results[0].data["text/plain"])
    except (IndexError, KeyError, ValueError):
        return False
    return 0 <= points <= float(cell.metadata.nbgrader["points"])
