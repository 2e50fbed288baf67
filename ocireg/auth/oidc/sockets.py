"""A connection to one address, whose every wait ends at one deadline."""

import io
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

CONNECT_TIMEOUT = 3.0
"""Seconds for one address of several."""
MOST_ADDRESSES = 4
"""Addresses that are tried."""


class Timed:
    """A socket as ``http.client`` uses one. A peer that sends a byte now and then does not move the deadline."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._until = until

    def sendall(self, data: bytes) -> None:
        """Send all. ``TimeoutError`` at the deadline."""
        self._sock.settimeout(left(self._until))
        self._sock.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        """Return what reads the answer."""
        return io.BufferedReader(_Answer(self._sock, self._until))

    def close(self) -> None:
        """Leave the socket open: whoever opened it closes it, when the answer is read."""


class _Answer(io.RawIOBase):
    def __init__(self, sock: socket.socket, until: float) -> None:
        super().__init__()
        self._sock = sock
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(left(self._until))
        return self._sock.recv_into(buffer)


@contextmanager
def connected(
    addresses: Sequence[str], port: int, until: float, context: ssl.SSLContext | None, host: str
) -> Iterator[Timed]:
    """Connect to the first address that answers, with TLS for the name ``host`` if there is a context. ``OSError``."""
    sock = _reached(addresses[:MOST_ADDRESSES], port, until)
    try:
        if context is not None:
            sock.settimeout(left(until))
            sock = context.wrap_socket(sock, server_hostname=host)
        yield Timed(sock, until)
    finally:
        sock.close()


def left(until: float) -> float:
    """Return the seconds until then, by the monotonic clock. ``TimeoutError`` if there are none."""
    if (found := until - time.monotonic()) <= 0:
        raise TimeoutError("it takes too long")
    return found


def _reached(addresses: Sequence[str], port: int, until: float) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), min(CONNECT_TIMEOUT, left(until)))
        except OSError:  # the next may do
            continue
    return socket.create_connection((addresses[-1], port), min(CONNECT_TIMEOUT, left(until)))
