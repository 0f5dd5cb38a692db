"""What nbgrader says while it works: kept, and told in a sentence when it fails."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

LEVEL = logging.WARNING


class Log(logging.Handler):
    """Keeps the records of one nbgrader converter, which would go to the terminal."""

    def __init__(self):
        super().__init__(LEVEL)
        self.lines: list[str] = []

    @classmethod
    def of(cls, converter) -> "Log":
        """Give a converter a logger of its own and keep what it says."""
        log = cls()
        logger = logging.getLogger(f"autograder.nbgrader.{id(log)}")
        logger.handlers, logger.propagate = [log], False
        logger.setLevel(LEVEL)
        converter.log = logger
        return log

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def reason(self) -> str:
        """Return the cause of a failure: the last line of the first traceback, else what was said.

        nbgrader logs the traceback of what went wrong and then raises without a cause.
        """
        for said in self.lines:
            if said.startswith("Traceback"):
                return re.sub(r"^[\w.]*\.", "", said.strip().splitlines()[-1])
        return self.lines[0].strip() if self.lines else "nbgrader gave no reason."


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings of nbgrader and what it uses from the terminal.

    They speak to nbgrader's developers (autoflush, deprecations), and no teacher can act on them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
