"""How slowly a body may come: a client that sends drop by drop would hold a thread for as long as it likes."""

import time
from collections.abc import Callable
from typing import Any

PACE = "ocireg.pace"
"""Where a server's WSGI environ has the least rate (bytes a second; 0: any will do) and the window (seconds)."""


class TooSlow(TimeoutError):  # noqa: N818 - an event, not a failure of ours
    """The body comes more slowly than this server waits for."""


class Pace:
    """The rate of one body on its way in, averaged over ``window`` seconds of waiting for it.

    It is that of the connection: chunks count with their framing. Only waiting counts: a store that is slow to take
    the bytes is no fault of the client's.
    """

    def __init__(self, rate: float, window: float) -> None:
        self._rate = rate
        self._window = window
        self._count = 0
        self._waited = 0.0

    @classmethod
    def of(cls, environ: dict[str, Any]) -> "Pace":
        """Return what the server wants; a server that says nothing takes its time."""
        return cls(*environ.get(PACE, (0, 0.0)))

    def wait(self, receive: Callable[..., Any], *args: Any) -> Any:
        """Return ``receive(*args)``: bytes, or their count. ``TooSlow`` when a window is over with too few of them."""
        began = time.monotonic()
        received = receive(*args)
        self._waited += time.monotonic() - began
        self._count += received if isinstance(received, int) else len(received)
        if self._rate and self._waited >= self._window:
            if self._count < self._rate * self._waited:
                raise TooSlow(f"the body came at less than {self._rate} bytes a second")
            self._count, self._waited = 0, 0.0
        return received
