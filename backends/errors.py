"""What a driver may raise. Nothing else leaves a driver: an SDK's or the system's error is its ``__cause__``.

::

    BackendError
    ├── NotFound          no object under this key
    ├── InvalidKey        the key is not of the grammar in ``base.py``
    ├── InvalidRange      the range begins past the end of the object
    ├── SessionLost       the upload session is gone or its bytes cannot be trusted: begin again
    ├── SessionBusy       another writer holds the session at this moment: it goes on, not you
    ├── ReadOnly          the store may be read, and no more
    ├── NoSpace           the store is full; nothing was changed
    ├── TooLarge          no object of that size can be stored here
    ├── Unavailable       the store did not do it now; the same call may succeed later  (retryable)
    │   └── Failed        it is not to be asked again by itself: a disk that failed once may lie the next time
    └── Misconfigured     the URL, a credential or a missing package: an operator must act
"""


class BackendError(Exception):
    """Base of everything a driver raises."""

    retryable = False


class NotFound(BackendError):  # noqa: N818 - the field's word for it
    """There is no object under this key."""


class InvalidKey(BackendError):  # noqa: N818
    """The key does not follow the grammar of keys."""


class InvalidRange(BackendError):  # noqa: N818
    """The range begins past the end of the object."""


class SessionLost(BackendError):  # noqa: N818
    """The session, or bytes that it counts, no longer exist; the upload must begin again."""


class SessionBusy(BackendError):  # noqa: N818
    """Another writer is at work on the session at this moment."""


class NoSpace(BackendError):  # noqa: N818
    """The store is full; nothing visible was changed."""


class TooLarge(BackendError):  # noqa: N818
    """No object may have more than ``limit`` bytes, as the store is configured."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"an object of more than {limit} bytes cannot be stored here")
        self.limit = limit


class ReadOnly(BackendError):  # noqa: N818
    """The store may be read, and no more."""


class Unavailable(BackendError):  # noqa: N818
    """The store failed or did not answer; the same call may succeed later."""

    retryable = True


class Failed(Unavailable):
    """The store failed, and is not to be asked again at once: a repeated fsync succeeds and has lost the bytes."""

    retryable = False


class Misconfigured(BackendError):  # noqa: N818
    """The driver cannot work as it was configured; the message says what to do, in one line."""
