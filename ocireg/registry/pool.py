"""Threads for work that nobody waits for. They are there while there is work, and rest as much as they work."""

import logging
import threading
import time
from collections.abc import Callable

REST = 0.05
"""Seconds of a rest at most: what was waited for is no work."""
PATIENCE = 0.25
"""Seconds that ``close`` waits: others have something to write then, and what is cut off is done again."""

log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - an event, not a failure of ours
    """The process ends."""


class Pace:
    """Lets other threads of the process run: who calls ``rest`` now and then uses half of a core at most."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._before = time.thread_time()

    def rest(self) -> None:
        """Sleep for as long as this thread has computed since it last did. ``Stopped``."""
        now = time.thread_time()
        if self._stopping.wait(min(max(now - self._before, 0.0), REST)):
            raise Stopped
        self._before = time.thread_time()


class Pool:
    """Up to ``workers`` threads that call ``work`` until it says that there is none, and each ``ended`` then."""

    def __init__(self, name: str, workers: int, work: Callable[[], bool], ended: Callable[[], None]) -> None:
        self.stopping = threading.Event()
        self._name = name
        self._workers = workers
        self._work = work
        self._ended = ended
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._woken = 0

    def wake(self) -> None:
        """Say that there is work. A thread begins, unless there are as many as there may be, which will see it."""
        with self._lock:
            self._woken += 1
            if len(self._threads) >= self._workers or self.stopping.is_set():
                return
            thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no thread is to be had: the next one who asks tries again
                log.error("%s has to wait: %s", self._name, error)  # noqa: TRY400 - a traceback tells nothing
            else:
                self._threads.add(thread)

    def close(self) -> None:
        """Let work under way be given up, and wait for that a little."""
        self.stopping.set()
        with self._lock:
            threads = tuple(self._threads)
        until = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0))

    def _run(self) -> None:
        try:
            while self._again(self._woken):
                pass
        finally:
            self._ended()

    def _again(self, woken: int) -> bool:
        """Work; say whether to go on. What was asked for meanwhile is not missed."""
        more = False
        try:
            more = not self.stopping.is_set() and self._work()
        except Exception:  # the next one who asks begins another thread
            log.exception("%s failed", self._name)
        with self._lock:
            if not more and (woken == self._woken or self.stopping.is_set()):
                self._threads.discard(threading.current_thread())
                return False
        return True
