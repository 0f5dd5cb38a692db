"""Ctrl-C: noted when it comes, heeded where nothing is half done."""

from __future__ import annotations

import signal
import threading


class Stopped(Exception):
    """Somebody wants the run to end."""


class Stop:
    """Notes Ctrl-C while it is open; a second one ends the program where it stands.

    A program that ignores Ctrl-C goes on to do so, and only a main thread can note it.
    """

    def __init__(self) -> None:
        self.asked = False
        self.before = None

    def __enter__(self) -> Stop:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self.before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def heed(self) -> None:
        """Raise Stopped if somebody asked for it."""
        if self.asked:
            raise Stopped

    def _note(self, number, frame) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
