"""How much a student's code may use. The numbers stand in course.toml, under [limits]."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The limits of one submission.

    Attributes
    ----------
    cell_seconds : wall clock of one cell, its check included
    call_seconds : what the supervisor waits for one call of an answer; the call itself is stopped
        after 2 s, as in a notebook, and killed after this
    seconds : wall clock of the whole submission
    cpu_seconds : processor time of one process
    memory_mb : memory of one process (address space)
    room_mb : memory of all processes of a submission together
    processes : processes and threads
    file_mb : one file; disk_mb: all of /tmp
    output_kb : what one cell may show
    """

    cell_seconds: float = 30.0
    call_seconds: float = 4.0
    seconds: float = 120.0
    cpu_seconds: int = 100
    memory_mb: int = 2048
    room_mb: int = 3072
    processes: int = 48
    file_mb: int = 16
    disk_mb: int = 64
    output_kb: int = 256

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
                raise ValueError(f"{field.name} must be a number above 0, got {value!r}")
        if self.output_kb > 1024:
            raise ValueError(
                f"output_kb must be at most 1024, got {self.output_kb}: what a cell shows has to "
                "fit into one message"
            )
        if self.memory_mb < 1024:
            raise ValueError(
                f"memory_mb must be at least 1024, got {self.memory_mb}: NumPy alone needs 0.9 GB "
                "of address space"
            )

    @classmethod
    def of(cls, stated: dict[str, Any]) -> Limits:
        """The limits that a configuration states, defaults for the others.

        Raises
        ------
        ValueError
            A name or a number that isn't one; the text says which.
        """
        known = [field.name for field in fields(cls)]
        for name in stated:
            if name not in known:
                raise ValueError(f"there is no limit {name!r}; there are {', '.join(known)}")
        return cls(**stated)

    def rlimits(self) -> dict[str, int]:
        """The kernel's own limits for a process."""
        return {
            "RLIMIT_AS": self.memory_mb * MEGABYTE,
            "RLIMIT_CPU": int(self.cpu_seconds),
            "RLIMIT_FSIZE": self.file_mb * MEGABYTE,
            "RLIMIT_NPROC": int(self.processes),
            "RLIMIT_NOFILE": 64,  # a socket's buffers are memory that no process seems to hold
            "RLIMIT_CORE": 0,
        }
