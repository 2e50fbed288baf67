"""Does in the background what one process of all nodes does at a time: when it is due, or when somebody asks."""

import logging
from collections.abc import Callable
from typing import Any

from ocireg.errors import RegistryError
from ocireg.registry.background import Background
from ocireg.registry.turns import Turns

POLL = 60.0
"""Seconds between two looks at the row: what was asked of a process that died is done by another so much later."""

log = logging.getLogger(__name__)


class Scheduled(Background):
    """Works when nobody has for ``interval`` seconds (0: never), and when it was asked for.

    ``work`` is given what was asked for, and returns what is worth a line of the log, or something false.
    """

    def __init__(self, name: str, interval: float, turns: Turns, work: Callable[[dict[str, Any]], object]) -> None:
        super().__init__(name, min(interval or POLL, POLL))
        self._rest = 0.8 * interval
        self._due = bool(interval)
        self._turns = turns
        self._work = work

    def _pause(self, seconds: float) -> None:
        self._turns.wait(seconds)

    def _once(self) -> None:
        asked = self._turns.asked()
        if asked is None and not (self._due and self._turns.rested(self._rest)):
            return
        try:
            done = self._work(asked or {})
        except RegistryError as error:
            log.warning("%s will be tried again: %s", self._thread.name, error.__cause__ or error)
        else:
            if done:
                log.info("%s: %s", self._thread.name, done)
