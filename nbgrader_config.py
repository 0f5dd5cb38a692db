"""The configuration of a class directory: of this repository, and of what `autograder init` makes.

nbgrader reads it from the folder in which its commands run, JupyterLab's Validate button from the
folder in which JupyterLab was started. `c` is traitlets' configuration object.
"""

c = get_config()

# Where a class keeps its notebooks. submitted/, autograded/ and feedback/ keep nbgrader's names.
c.CourseDirectory.course_id = "descentlab"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "lessons"

# nbgrader copies what lies beside a notebook into the release. The notebooks' sources hold every
# solution, so they must never go along.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "*.py",
    "policy.json",
]

# The same steps that build lessons/, so that nbgrader's own `generate_assignment` writes the same
# notebooks. ClearAnswers is nbgrader's ClearSolutions, but leaves a question its own line.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "autograder.notebooks.clear.ClearAnswers",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Cells that explore are not run for a grade: they take long, and no points hang on them.
# A cell that is stopped gets no points; the cells after it still run.
c.Execute.skip_cells_with_tag = "experiment"
c.Execute.timeout = 30
c.Execute.interrupt_on_timeout = True
# A kernel warns at every start that it speaks over TCP, on this machine only.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]

# A graded cell that was deleted is put back, and what it checks is then judged as unanswered.
c.OverwriteCells.add_missing_cells = True

# What a submission says about itself is not trusted: tags of graded cells are dropped (a tag can
# keep a cell from running), and a graded cell that doesn't end in a number of points gets none
# (nbgrader would give it all).
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "autograder.grading.guards.DropTags",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "autograder.grading.guards.NoSilentPoints",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
