"""Collects garbage now and then in the background of a serving process, one process of all nodes at a time."""

import logging

from ocireg.errors import RegistryError
from ocireg.registry.background import Background
from ocireg.registry.collector import Collector

log = logging.getLogger(__name__)


class Gathering(Background):
    """Collects when nobody has for ``interval`` seconds."""

    def __init__(self, collector: Collector, interval: float) -> None:
        super().__init__("garbage collection", interval)
        self._collector = collector

    def _once(self) -> None:
        if not self._collector.rested(0.8 * self._interval):
            return
        try:
            done = self._collector.run()
        except RegistryError as error:
            log.warning("garbage collection will be tried again: %s", error.__cause__ or error)
        else:
            if done:
                log.info("garbage collection: %s", done)
