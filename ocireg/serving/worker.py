"""The worker: gunicorn's gthread, with a limit on the patience that a client may ask for.

- A connection takes a thread when its first bytes are there, not before.
- A client that sends or takes nothing for ``client_timeout`` is let go, in the middle of a head, a body or an answer.
- A connection that ends with unread bytes is drained by the poller, so that the client gets to read its answer;
  gunicorn does that in the main thread, where each such client would hold up all others.
- gunicorn's own errors (a bad or too long request line, too large headers) are JSON of the specification's form.
"""

import errno
import json
import selectors
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers import gthread

from ocireg.app import settings_of
from ocireg.errors import BAD_REQUEST, TOO_LARGE, UNKNOWN

LINGER = 5.0
"""Seconds in which a client may still send what nobody reads, and read its answer."""
DRAIN = 0.1
"""Seconds in which the rest of an unread body must come for its connection to live on; they cost a thread."""
OUT_OF_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
LINGERING = 1000
"""How many connections linger at once; further ones are closed at once."""


class Connection(gthread.TConn):  # type: ignore[misc] # gunicorn has no types
    """A connection whose end is the poller's business."""

    def __init__(self, worker: "Worker", client: socket.socket, address: Any, server: Any) -> None:
        super().__init__(worker.cfg, client, address, server)
        self._worker = worker
        seconds = worker.client_timeout
        # Held by the kernel: it counts for the head and the TLS handshake, where gunicorn sets its own time-out (none).
        limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)

    def close(self, graceful: bool = False) -> None:
        """Close, after the client had time to read its answer if ``graceful``."""
        if graceful:
            self._worker.linger(self.sock)
        else:
            util.close(self.sock)


class Worker(gthread.ThreadWorker):  # type: ignore[misc] # likewise
    """See the module's text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client_timeout = 60.0
        self.lingering: deque[tuple[float, socket.socket]] = deque()
        self.heads: dict[Connection, float] = {}

    def load_wsgi(self) -> None:
        """Load the application, and take from its settings how long a client may stall."""
        super().load_wsgi()
        self.client_timeout = settings_of(self.wsgi).client_timeout

    def accept(self, listener: socket.socket) -> None:
        """Take a connection in, and let the poller wait for its first bytes."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in OUT_OF_ROOM:
                self.log.warning("cannot take in a connection: %s", error)
                time.sleep(0.1)  # the listener stays readable: without a pause this would spin
            return  # gone again, or another worker has it
        self.nr_conns += 1
        client.setblocking(False)
        connection = Connection(self, client, address, listener.getsockname())
        connection.timeout = time.monotonic() + self.client_timeout
        self.pending_conns.append(connection)
        self.poller.register(client, selectors.EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def handle(self, conn: Any) -> Any:
        """Serve what a connection has; its head must be whole in ``client_timeout``, drop by drop or not."""
        self.heads[conn] = time.monotonic() + self.client_timeout
        try:
            return super().handle(conn)
        finally:
            self.heads.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Serve a request, with a time-out on every read and write of it."""
        self.heads.pop(conn, None)
        conn.sock.settimeout(self.client_timeout)
        return bool(super().handle_request(req, conn))

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Say whether the connection takes another request: a body that nobody read is waited for but a moment."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + DRAIN))

    def linger(self, client: socket.socket) -> None:
        """Say that the answer is over, and throw away what still comes, for a while."""
        try:
            if len(self.lingering) >= LINGERING or not self.alive:
                util.close_graceful(client, timeout=0.5)
                return
            client.shutdown(socket.SHUT_WR)  # of TLS too: what follows is read as it comes, and thrown away
            client.setblocking(False)
            self.poller.register(client, selectors.EVENT_READ, self._drain)
        except (OSError, ValueError, KeyError):
            util.close(client)
            return
        self.lingering.append((time.monotonic() + LINGER, client))

    def _drain(self, client: socket.socket) -> None:
        try:
            if client.recv(1024 * 1024):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end(client)

    def _end(self, client: socket.socket) -> None:
        try:
            self.poller.unregister(client)
        except (OSError, KeyError, ValueError):
            return  # closed already
        util.close(client)

    def murder_pending(self) -> None:
        """Close what waited too long, here also for its head to be whole, or for its client to hang up."""
        super().murder_pending()
        now = time.monotonic()
        for connection, deadline in list(self.heads.items()):
            if deadline <= now:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RD)  # wakes the thread that waits for more
        while self.lingering and (self.lingering[0][0] <= now or self.lingering[0][1].fileno() < 0):
            self._end(self.lingering.popleft()[1])


def write_error(client: socket.socket, status: int, reason: str, message: str) -> None:
    """Write an error of gunicorn's own as JSON (OCI distribution v1.1.1, "Error Codes")."""
    row = TOO_LARGE if status in (414, 431) else UNKNOWN if status >= 500 else BAD_REQUEST
    said = message[:200] if status < 500 else row.message
    body = json.dumps({"errors": [{"code": row.code, "message": said or reason, "detail": None}]})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nDocker-Distribution-API-Version: registry/2.0\r\n\r\n"
    )
    util.write_nonblock(client, (head + body).encode("ascii"))


util.write_error = write_error  # the one place where gunicorn writes them
