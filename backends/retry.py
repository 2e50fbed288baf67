"""Repeats what a store did not do, where repeating is safe and there is time: a Backend around a Backend.

A client of a platform waits 30 s for the first byte of an answer. A request to a store may be silent for 25 s (5 to
connect, 20 to read), so only what fails quickly is tried again: no attempt begins later than ``PATIENCE`` seconds
after the first.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, TypeVar

import tenacity

from backends.base import Backend, Chunk, ObjectInfo, OpenUpload, Session
from backends.errors import BackendError

PATIENCE = 4.0
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 20.0

T = TypeVar("T")

log = logging.getLogger(__name__)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, BackendError) and error.retryable


def _note(state: tenacity.RetryCallState) -> None:
    assert state.outcome is not None
    log.info("the store failed, attempt %d: %s", state.attempt_number, state.outcome.exception())


_policy = tenacity.Retrying(
    retry=tenacity.retry_if_exception(_may_pass),
    stop=tenacity.stop_after_delay(PATIENCE) | tenacity.stop_after_attempt(6),
    wait=tenacity.wait_random_exponential(multiplier=0.1, max=1),
    before_sleep=_note,
    reraise=True,
)


def patiently(call: Callable[[], T]) -> T:
    """Call until it does not raise a retryable ``BackendError``, or there is no more time."""
    return _policy.copy()(call)


class Retrying(Backend):
    """Tries again what may pass: every operation but ``append``, whose stream cannot be had twice.

    A driver of a remote store sends the parts of an ``append`` through ``patiently`` itself.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def stat(self, key: str) -> ObjectInfo:
        """Ask again."""
        return patiently(lambda: self._backend.stat(key))

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Open again; a reader that breaks off is its driver's to mend."""
        return patiently(lambda: self._backend.open(key, start, stop))

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:
        """Sign again."""
        return patiently(lambda: self._backend.url(key, expires, content_type, disposition))

    def put(self, key: str, data: bytes) -> None:
        """Put again: the same bytes."""
        patiently(lambda: self._backend.put(key, data))

    def delete(self, key: str) -> None:
        """Delete again: an absent object is no error."""
        patiently(lambda: self._backend.delete(key))

    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Scan; a driver of a remote store asks for each page through ``patiently``."""
        return self._backend.scan(prefix, after)

    def begin(self, key: str) -> Session:
        """Begin again."""
        return patiently(lambda: self._backend.begin(key))

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Append, once."""
        return self._backend.append(session, chunks)

    def commit(self, session: Session) -> None:
        """Commit again: a commit that was done succeeds."""
        patiently(lambda: self._backend.commit(session))

    def abort(self, session: Session) -> None:
        """Abort again."""
        patiently(lambda: self._backend.abort(session))

    def scan_uploads(self) -> Iterator[OpenUpload]:
        """Scan, likewise."""
        return self._backend.scan_uploads()
