"""A class: its directory, its submissions, their grades and the report."""

import autograder.notebooks  # noqa: F401 (before anything imports nbformat)
