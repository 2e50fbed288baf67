"""Repeats what a store did not do, where repeating is safe and there is time: a Backend around a Backend.

A client of a platform waits 30 s for the first byte of an answer. A request to a store may be silent for 25 s (5 to
connect, 20 to read), so only what fails quickly is tried again: no attempt begins later than ``PATIENCE`` seconds
after the first.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import tenacity

from backends.around import Around
from backends.errors import BackendError

PATIENCE = 4.0
ATTEMPTS = 6
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 20.0

T = TypeVar("T")

log = logging.getLogger(__name__)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, BackendError) and error.retryable


def _note(state: tenacity.RetryCallState) -> None:
    assert state.outcome is not None
    log.info("the store failed, attempt %d: %s", state.attempt_number, state.outcome.exception())


def patiently(call: Callable[[], T]) -> T:
    """Call until it does not raise a retryable ``BackendError``, or there is no more time."""
    policy = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        stop=tenacity.stop_after_delay(PATIENCE) | tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=1),
        before_sleep=_note,
        reraise=True,
    )
    return policy(call)


class Retrying(Around):
    """Tries again what may pass: every operation but those on streams, which cannot be had twice.

    A driver of a remote store sends the parts of an ``append``, and asks for the pages of a scan, through ``patiently``
    itself.
    """

    def around(self, operation: str, call: Callable[[], T]) -> T:
        """Try again."""
        return call() if operation in {"append", "scan", "scan_uploads"} else patiently(call)
