"""Events that need not be on disk before the answer is: logins, refused logins, pulls."""

import logging
import os
import time
from collections import deque
from dataclasses import replace

from ocireg.errors import RegistryError
from ocireg.metadata import audit
from ocireg.metadata.actions import PULLS
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.database import Database
from ocireg.metadata.postponed import Postponed

MOST = 10_000
"""Events that wait at once. Of more the oldest are dropped, and counted."""
BATCH = 500
"""Events of one transaction; so many do not wait for the pause to end."""
PAUSE = 1.0
"""Seconds that an event waits for others."""

log = logging.getLogger(__name__)


class Trail(Postponed):
    """Writes events in the background, in transactions that are not durable. ``pulls``: pulls too."""

    def __init__(self, database: Database, *, pulls: bool, most: int = MOST) -> None:
        self._pulls = pulls
        self._most = most
        super().__init__(database, "events for the audit log", pause=PAUSE, batch=BATCH)

    def _forget(self) -> None:
        self._waiting: deque[Event] = deque()
        self._in_hand = 0  # those that are being written
        self._lost = 0

    def _left(self) -> int:
        return len(self._waiting) + self._in_hand + self._lost

    def note(self, event: Event) -> None:
        """Let an event be written soon. It has the time of now, if it has none."""
        if event.action in PULLS and not self._pulls:
            return
        stamped = event if event.at is not None else replace(event, at=time.time())
        with self._changed:
            self._waiting.append(stamped)
            self._drop_oldest()
            self._came()

    def _write(self) -> bool:
        with self._changed:
            events = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
            lost, self._lost = self._lost, 0
            self._in_hand = len(events)
        told = [Event("audit.lost", SYSTEM, detail={"events": lost, "process": os.getpid()})] if lost else []
        left: list[Event] = []
        try:
            with self._database.transaction(durable=False):
                audit.write(self._database, *told, *events)
        except RegistryError as error:
            log.warning("the audit log will be tried again: %s", error.__cause__ or error)
            left = events
        except Exception:  # events that no database takes must not hold up all others for ever
            log.exception("events for the audit log that were dropped: %s", len(events))
            lost += len(events)
        else:
            lost = 0
        with self._changed:
            self._in_hand = 0
            self._waiting.extendleft(reversed(left))
            self._lost += lost
            self._drop_oldest()
            return not left and not lost

    def _drop_oldest(self) -> None:
        while len(self._waiting) > self._most:
            self._waiting.popleft()
            self._lost += 1
