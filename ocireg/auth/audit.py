"""Events that need not be on disk before the answer is: logins, refused logins, pulls. They wait for one thread."""

import atexit
import logging
import os
import threading
import time
import weakref
from collections import deque
from dataclasses import replace

from ocireg.errors import RegistryError
from ocireg.metadata import audit
from ocireg.metadata.actions import PULLS
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.database import Database

MOST = 10_000
"""Events that wait at once. Of more the oldest are dropped, and counted."""
BATCH = 500
"""Events of one transaction; so many do not wait for the pause to end."""
PAUSE = 1.0
"""Seconds that an event waits for others, and that a database that failed is left alone."""
PATIENCE = 1.5
"""Seconds that ``close`` waits for the last ones: less than gunicorn's master gives a worker after its grace period."""

log = logging.getLogger(__name__)


class Trail:
    """Writes events in the background, in transactions that are not durable. ``pulls``: pulls too.

    Its thread begins with the first event, in the process that has it. A process that is killed loses what waits;
    ``close`` writes it. What a database refuses is tried again; a request never sees of it.
    """

    def __init__(self, database: Database, *, pulls: bool, most: int = MOST) -> None:
        self._database = database
        self._pulls = pulls
        self._most = most
        self._begin_anew()
        _TRAILS.add(self)

    def _begin_anew(self) -> None:
        """Wait for nothing: at first, and in a forked process, whose parent writes what waited there."""
        self._changed = threading.Condition()
        self._waiting: deque[Event] = deque()
        self._in_hand = 0  # those that are being written
        self._lost = 0
        self._thread: threading.Thread | None = None
        self._ending = False

    def note(self, event: Event) -> None:
        """Let an event be written soon. It has the time of now, if it has none."""
        if event.action in PULLS and not self._pulls:
            return
        stamped = event if event.at is not None else replace(event, at=time.time())
        with self._changed:
            self._waiting.append(stamped)
            self._drop_oldest()
            if self._thread is None:
                self._start()
            if len(self._waiting) == 1 or len(self._waiting) >= BATCH:
                self._changed.notify_all()

    def close(self) -> None:
        """Write what waits, and end the thread. An event that comes afterwards begins another one.

        It takes ``PATIENCE`` at most. The log says how many events were not written by then.
        """
        with self._changed:
            thread, self._ending = self._thread, True
            self._changed.notify_all()
        if thread is not None:
            thread.join(PATIENCE)
        with self._changed:
            if thread is not None and thread.is_alive():
                left = len(self._waiting) + self._in_hand + self._lost
                log.error("events for the audit log that could not be written in time: %s", left)
            else:
                self._ending = False

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="audit", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread is to be had: the next event tries again
            log.error("the audit log has to wait: %s", error)  # noqa: TRY400 - a traceback tells nothing
            return
        self._thread = thread
        atexit.unregister(self.close)
        atexit.register(self.close)

    def _run(self) -> None:
        try:
            while self._wait():
                if not self._flush():
                    self._rest()
        finally:
            self._database.close()  # this thread's connection

    def _wait(self) -> bool:
        """Wait until events are to be written; False when there are none and the end has come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._lost or self._ending)
            self._changed.wait_for(lambda: len(self._waiting) >= BATCH or self._ending, PAUSE)
            if self._waiting or self._lost:
                return True
            self._thread = None
            return False

    def _rest(self) -> None:
        """Leave the database alone for a while; at the end for a moment, since there is not much time."""
        with self._changed:
            ending = self._changed.wait_for(lambda: self._ending, PAUSE)
        if ending:
            time.sleep(PAUSE / 20)

    def _flush(self) -> bool:
        """Write some of what waits; False if that failed."""
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


_TRAILS: weakref.WeakSet[Trail] = weakref.WeakSet()


def _forked() -> None:
    """Let no process write what waits in another, nor wait for a lock that a thread of another holds."""
    for trail in list(_TRAILS):
        trail._begin_anew()  # noqa: SLF001 - of this module


os.register_at_fork(after_in_child=_forked)
