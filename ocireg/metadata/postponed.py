"""What need not be on disk before an answer is: it waits in memory for one thread, which writes it a little later."""

import atexit
import logging
import os
import threading
import time
import weakref
from abc import ABC, abstractmethod

from ocireg.metadata.database import Database

REST = 1.0
"""Seconds at most that a database that failed is left alone."""
PATIENCE = 1.5
"""Seconds that ``close`` waits for the last: less than gunicorn's master gives a worker after its grace period."""

log = logging.getLogger(__name__)


class Postponed(ABC):
    """Something that waits, of which one is written ``pause`` seconds after it came at the latest.

    The thread begins with the first that comes, in the process that has it. A process that is killed loses what waits;
    ``close`` writes it. What a database refuses is tried again; a request never sees of it. ``what`` waits is for the
    log. ``batch`` do not wait for the pause to end.
    """

    def __init__(self, database: Database, what: str, *, pause: float, batch: int) -> None:
        self._database = database
        self._what = what
        self._pause = pause
        self._batch = batch
        self._begin_anew()
        _ALL.add(self)

    def _begin_anew(self) -> None:
        """Wait for nothing: at first, and in a forked process, whose parent writes what waited there."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ending = False
        self._forget()

    @abstractmethod
    def _forget(self) -> None:
        """Have nothing that waits."""

    @abstractmethod
    def _left(self) -> int:
        """Return how many are not written. It is asked under the lock."""

    @abstractmethod
    def _write(self) -> bool:
        """Write some of what waits; False if that failed."""

    def _came(self) -> None:
        """Let what has come be written. Under the lock."""
        if self._thread is None:
            self._start()
        if (left := self._left()) == 1 or left >= self._batch:
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits, and end the thread. What comes afterwards begins another one.

        It takes ``PATIENCE`` at most. The log says how many were not written by then.
        """
        close(self)

    def end(self) -> None:
        """Begin to close."""
        with self._changed:
            self._ending = True
            if self._thread is None and self._left():  # none was to be had when it came
                self._start()
            self._changed.notify_all()

    def ended(self, until: float) -> None:
        """Wait for the end until then, by the monotonic clock."""
        thread = self._thread
        if thread is not None:
            thread.join(max(until - time.monotonic(), 0))
        with self._changed:
            if left := self._left():
                log.error("%s that could not be written in time: %s", self._what, left)
            if thread is None or not thread.is_alive():
                self._ending = False

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name=self._what, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread is to be had: the next one that comes tries again
            log.error("%s have to wait: %s", self._what, error)  # noqa: TRY400 - a traceback tells nothing
            return
        self._thread = thread
        atexit.unregister(self.close)
        atexit.register(self.close)

    def _run(self) -> None:
        try:
            while self._wait():
                if not self._write():
                    self._rest()
        finally:
            self._database.close()  # this thread's connection

    def _wait(self) -> bool:
        """Wait until something is to be written; False when there is nothing and the end has come."""
        with self._changed:
            self._changed.wait_for(lambda: self._left() or self._ending)
            self._changed.wait_for(lambda: self._left() >= self._batch or self._ending, self._pause)
            if self._left():
                return True
            self._thread = None
            return False

    def _rest(self) -> None:
        """Leave the database alone for a while; at the end for a moment, since there is not much time."""
        pause = min(self._pause, REST)
        with self._changed:
            ending = self._changed.wait_for(lambda: self._ending, pause)
        if ending:
            time.sleep(pause / 20)


def close(*some: Postponed) -> None:
    """Close them all, in the time of one."""
    for one in some:
        one.end()
    until = time.monotonic() + PATIENCE
    for one in some:
        one.ended(until)


_ALL: weakref.WeakSet[Postponed] = weakref.WeakSet()


def _forked() -> None:
    """Let no process write what waits in another, nor wait for a lock that a thread of another holds."""
    for one in list(_ALL):
        one._begin_anew()  # noqa: SLF001 - of this module


os.register_at_fork(after_in_child=_forked)
