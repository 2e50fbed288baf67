"""How long a client may be kept waiting: one deadline for all that its request asks of a store.

A platform cuts a request off whose answer has not begun 30 s after its last byte came. A store that is silent must be
given up before that, and what is asked of it next, in the same request of the same client, has only the time that is
left. So at most ``SILENCE`` seconds of silence lie between the last byte and the answer, however many requests a store
is asked. One that answers, and slowly, is given some more (``LATE``): what has come so far is not thrown away.

The deadline is that of the context: what is called within ``one_deadline`` finds it, and so does what is handed to
other threads with ``in_context``.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TypeVar

from backends.errors import Unavailable

SILENCE = 25.0
"""Seconds: 5 to connect and 20 to answer, for the first request."""
SHARES = (1.0, 0.6, 0.2)
"""What a request is given of ``SILENCE``: the largest of these that is left. They are few, as S3's SDK needs a client
for each."""
LATE = 0.25
"""A store that was slow, and answered, is asked once more all the same, with this share of ``SILENCE``."""
CONNECT = 0.2
"""The share of a request's time that is there to connect."""

T = TypeVar("T")
Timeouts = tuple[float, float]
"""Seconds to connect, and to wait for each piece of an answer."""


class Deadline:
    """Runs from the first request on, or from when it is told; while ``held``, only when it is told."""

    def __init__(self, clock: Callable[[], float] | None = None, *, held: bool = False) -> None:
        self.clock = clock or time.monotonic
        self._held = held
        self._began: float | None = None
        self._last: float | None = None

    def run_since(self, moment: float | None) -> None:
        """Let it run since the last byte came, of None since now; one that runs longer already is left alone."""
        now = self.clock()
        moment = now if moment is None else max(moment, now - SILENCE * (1 - LATE))
        self._began = moment if self._began is None else min(self._began, moment)

    @property
    def began(self) -> float | None:
        """When it began to run, by its clock; None while it does not."""
        return self._began

    @property
    def left(self) -> float:
        """Seconds that are left: all, while it does not run."""
        return SILENCE if self._began is None else self._began + SILENCE - self.clock()

    def is_over_in(self, seconds: float) -> bool:
        """Say whether there will be no time for another request then."""
        return self.left - seconds < SHARES[-1] * SILENCE

    def timeouts(self) -> Timeouts:
        """Return what a request may take. ``Unavailable`` if there is no time for one."""
        left = self.left
        if self._began is None and not self._held:
            self._began = self.clock()
        for share in SHARES:
            if left >= share * SILENCE:
                return share * SILENCE * CONNECT, share * SILENCE * (1 - CONNECT)
        raise Unavailable("the store took too long: there is no time to ask it again for this request")

    def watch(self, chunks: Iterable[T]) -> Iterator[T]:
        """Yield ``chunks``, which come from a client, and run since the last of them came, or since they failed."""
        try:
            for chunk in chunks:
                self._last = self.clock()
                yield chunk
        except Exception:
            self.run_since(None)
            raise
        self.run_since(self._last)

    def run(self) -> None:
        """Let it run since the last byte, if it does not: the store failed, and is to be asked to clean up."""
        if self._began is None:
            self.run_since(self._last)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def one_deadline(fresh: Deadline | None = None) -> Iterator[Deadline]:
    """Let all that is asked within share a deadline: the one that there is already, else ``fresh`` or a new one."""
    found = _current.get()
    if found is not None:
        yield found
        return
    made = fresh or Deadline()
    token = _current.set(made)
    try:
        yield made
    finally:
        _current.reset(token)


@contextmanager
def one_answer() -> Iterator[None]:
    """Let all that is asked within, for one answer to a client, share a deadline: from the last byte of its body on."""
    with one_deadline(Deadline(held=True)):
        yield


@contextmanager
def deadline_since(moment: float | None) -> Iterator[None]:
    """Let the deadline of what is asked within run since the last byte came, of None since the first request."""
    with one_deadline() as deadline:
        if moment is not None:
            deadline.run_since(moment)
        yield


def timeouts() -> Timeouts:
    """Return what the next request may take. ``Unavailable`` if there is no time for one."""
    return (_current.get() or Deadline()).timeouts()


def left() -> float:
    """Return how many seconds are left, at least 0."""
    return max((_current.get() or Deadline()).left, 0.0)


def in_context(call: Callable[..., T]) -> Callable[..., T]:
    """Return ``call`` for another thread, with the deadline of this one."""
    return partial(copy_context().run, call)
