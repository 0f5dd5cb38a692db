"""What knows the answers: reference, exercises, judge, notebooks, grading.

Nothing is imported until it is asked for, so that `autograder` on the command line starts fast and
`from autograder import judge` loads the judge alone.
"""


def __getattr__(name):
    """Load the judge the first time it is asked for (PEP 562)."""
    if name == "judge":
        from autograder.judging import judge

        return judge
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
