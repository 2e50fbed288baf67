"""What a serving process does now and then, in a thread of its own."""

import logging
import random
import threading
import time
from abc import ABC, abstractmethod

log = logging.getLogger(__name__)


class Background(ABC):
    """A thread that does something every ``interval`` seconds, give or take a tenth.

    It ends with its process, in the middle of something or not: what it does may be cut off anywhere.
    """

    def __init__(self, name: str, interval: float) -> None:
        self._interval = interval
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first time comes soon, for what a crash before the start has left."""
        self._thread.start()

    @abstractmethod
    def _once(self) -> None:
        """Do it, unless another process does."""

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def _run(self) -> None:
        pause = random.uniform(0, min(10.0, self._interval))  # noqa: S311 - so that workers do not start as one
        while True:
            self._pause(pause)
            try:
                self._once()
            except Exception:  # the next one may succeed; a thread that ended would be noticed by nobody
                log.exception("%s failed", self._thread.name)
            pause = self._interval * random.uniform(0.9, 1.1)  # noqa: S311 - likewise
