"""How a worker ends: it waits for the requests under way, says so, and says what it cut off.

SIGTERM, SIGQUIT or the first Ctrl-C begin it. A second signal cuts off what is still under way, and so does the end
of the grace period; gunicorn's master would kill the worker then, and guess in the log that memory ran out.
"""

import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn


class Ending:
    """The end of one worker. ``serving`` counts its requests under way; ``grace`` is in seconds.

    ``last`` is what is done before a process that is cut off ends.
    """

    def __init__(self, log: Any, serving: Callable[[], int], last: Callable[[], None]) -> None:
        self._log = log
        self._serving = serving
        self._last = last
        self._told: int | None = None
        self.grace = 30

    def told(self, number: int) -> Callable[[], None] | None:
        """Take note of a signal; return what the main loop is to do about it, outside the signal handler."""
        if self._told is None:
            self._told = number
            return self._say_that_it_waits
        if number == signal.SIGQUIT and self._told == signal.SIGINT:
            return None  # a Ctrl-C reaches master and workers, and the master passes it on as this
        return self._cut_at_once

    def _say_that_it_waits(self) -> None:
        if count := self._serving():
            again = "; Ctrl-C again cuts them off" if self._told == signal.SIGINT else ""
            self._log.info("waiting up to %s s for %s under way%s", self.grace, _requests(count), again)

    def _cut_at_once(self) -> None:
        self.cut("as told")

    def cut(self, why: str = "") -> NoReturn:
        """End the process now. Threads cannot be ended otherwise; whatever they write survives a crash."""
        if count := self._serving():
            self._log.warning("%s cut off, %s", _requests(count), why or f"after the grace period of {self.grace} s")
        self._last()
        os._exit(0)


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"
