"""Repeats what a store did not do, where repeating is safe and there is time: a Backend around a Backend.

Only what fails quickly is tried again: no attempt begins later than ``PATIENCE`` seconds after the first, and all of
them have one deadline (``backends.deadline``).
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import tenacity

from backends.around import Around
from backends.deadline import Deadline, one_deadline
from backends.errors import BackendError

PATIENCE = 4.0
ATTEMPTS = 6

T = TypeVar("T")

log = logging.getLogger(__name__)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, BackendError) and error.retryable


def _note(state: tenacity.RetryCallState) -> None:
    assert state.outcome is not None
    log.info("the store failed, attempt %d: %s", state.attempt_number, state.outcome.exception())


def patiently(call: Callable[[], T]) -> T:
    """Call until it does not raise a retryable ``BackendError``, or there is no more time."""
    with one_deadline() as deadline:
        return _policy(deadline)(call)


def _policy(deadline: Deadline) -> tenacity.Retrying:
    def stop(state: tenacity.RetryCallState) -> bool:
        late = (state.seconds_since_start or 0.0) + state.upcoming_sleep > PATIENCE
        return late or deadline.is_over_in(state.upcoming_sleep) or state.attempt_number >= ATTEMPTS

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        stop=stop,
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=1),
        before_sleep=_note,
        reraise=True,
    )


class Retrying(Around):
    """Tries again what may pass: every operation but those on streams, which cannot be had twice.

    A driver of a remote store sends the parts of an ``append``, and asks for the pages of a scan, through ``patiently``
    itself.
    """

    def around(self, operation: str, call: Callable[[], T]) -> T:
        """Try again."""
        return call() if operation in {"append", "scan", "scan_uploads"} else patiently(call)
