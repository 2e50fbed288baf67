"""Sweeps now and then in the background of a serving process, one process of a machine at a time."""

import fcntl
import logging
from pathlib import Path

from ocireg.registry.background import Background
from ocireg.registry.sweep import Sweep

log = logging.getLogger(__name__)


class Sweeper(Background):
    """Cleans up every ``interval`` seconds, unless another process is at it."""

    def __init__(self, sweep: Sweep, lock: Path, interval: float) -> None:
        super().__init__("the clean-up", interval)
        self._sweep = sweep
        self._lock = lock

    def _once(self) -> None:
        with self._lock.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            report = self._sweep.run()
        if report:
            log.info("clean-up: %s", report)
