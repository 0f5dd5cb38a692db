"""A class: its directory, its submissions, their grades and the report."""
