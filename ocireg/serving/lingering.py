"""Connections that were answered, until their clients have read the answer.

A socket that is closed with unread bytes is reset, and its client may lose what it had not read yet. So the end is
said first, and what still comes is thrown away for a while (RFC 9112 section 9.6). All of this runs in the worker's
main thread, where waiting for one client would hold up all others: nothing here waits.
"""

import selectors
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

from gunicorn import util

LINGER = 5.0
"""Seconds in which a client may still send what nobody reads, and read its answer."""
LINGERING = 250
"""How many connections linger at once. With one more, or when the worker stops, there is no lingering."""
_PIECE = 1024 * 1024


class Lingering:
    """The connections of ``worker`` that linger. They count among its connections, as gunicorn limits those."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._ends: dict[socket.socket, float] = {}  # in the order of their ends, since all linger as long

    def begin(self, client: socket.socket) -> None:
        """Say that the answer is over, and let the connection linger where there is room."""
        try:
            say_end(client)
            socket.socket.shutdown(client, socket.SHUT_WR)  # that of TLS would drop its state
            if self._worker.alive and len(self._ends) < LINGERING:
                self._worker.poller.register(client, selectors.EVENT_READ, self._drain)
                self._ends[client] = time.monotonic() + LINGER
                self._worker.nr_conns += 1
                return
            _throw_away(client)
        except (OSError, ValueError, KeyError):
            pass  # the client hung up, or the socket is closed already
        util.close(client)

    def end(self, now: float) -> None:
        """Close those whose time is over at ``now`` (monotonic seconds)."""
        for client, end in list(self._ends.items()):
            if end > now:
                break
            self._end(client)

    def _drain(self, client: socket.socket) -> None:
        if not _throw_away(client):
            self._end(client)

    def _end(self, client: socket.socket) -> None:
        del self._ends[client]
        self._worker.nr_conns -= 1
        with suppress(OSError, KeyError, ValueError):
            self._worker.poller.unregister(client)
        util.close(client)


def _throw_away(client: socket.socket) -> bool:
    """Read what has come, of TLS as it is; say whether more may come."""
    try:
        return bool(socket.socket.recv(client, _PIECE))
    except BlockingIOError:
        return True
    except OSError:
        return False


def say_end(client: socket.socket) -> None:
    """Say in TLS that nothing follows (RFC 8446 section 6.1), so that no client takes the end for a cut.

    It does not wait, neither for room to send nor for the client to say the same. Afterwards ``client`` does not block.
    """
    client.setblocking(False)
    if isinstance(client, ssl.SSLSocket):
        with suppress(OSError, ValueError):
            client.unwrap()
