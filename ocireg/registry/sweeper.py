"""Sweeps now and then in the background of a serving process, one process at a time."""

import fcntl
import logging
import random
import threading
import time
from pathlib import Path

from ocireg.registry.sweep import Sweep

log = logging.getLogger(__name__)


class Sweeper:
    """A thread that cleans up every ``interval`` seconds, give or take a tenth, unless another process is at it.

    It ends with its process, in the middle of a sweep or not: one may be cut off anywhere.
    """

    def __init__(self, sweep: Sweep, lock: Path, interval: float) -> None:
        self._sweep = sweep
        self._lock = lock
        self._interval = interval
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin; the first sweep comes soon, for what a crash before the start has left."""
        self._thread.start()

    def _run(self) -> None:
        pause = random.uniform(0, min(10.0, self._interval))  # noqa: S311 - so that workers do not start as one
        while True:
            time.sleep(pause)
            try:
                self._once()
            except Exception:  # the next one may succeed; a thread that ended would be noticed by nobody
                log.exception("the clean-up failed")
            pause = self._interval * random.uniform(0.9, 1.1)  # noqa: S311 - likewise

    def _once(self) -> None:
        with self._lock.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            report = self._sweep.run()
        if report:
            log.info("clean-up: %s", report)
