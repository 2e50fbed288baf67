"""The worker: gunicorn's gthread, with a limit on the patience that a client may ask for.

- A connection takes a thread when its first bytes are there, not before.
- A client that sends or takes nothing for ``client_timeout`` is let go, in the middle of a head, a body or an answer.
- A connection that ends with unread bytes is drained by the poller, so that the client gets to read its answer;
  gunicorn does that in the main thread, where each such client would hold up all others.
- gunicorn's own errors (a bad or too long request line, too large headers) are JSON of the specification's form.
- A client of the wrong protocol is told so (``strangers``), and the end is an orderly one (``ending``).
"""

import errno
import selectors
import socket
import ssl
import struct
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers import gthread

from ocireg.app import settings_of
from ocireg.serving import sendfile, strangers
from ocireg.serving.ending import Ending
from ocireg.serving.refusals import write_error

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
        self.serving: set[Connection] = set()
        self.ending = Ending(self.log, lambda: len(self.serving))
        self._met_strangers = False

    def load_wsgi(self) -> None:
        """Load the application, and take from its settings how long a client may stall, and requests may end."""
        super().load_wsgi()
        settings = settings_of(self.wsgi)
        self.client_timeout = settings.client_timeout
        self.ending.grace = max(round(settings.grace_period), 1)
        self.cfg.set("graceful_timeout", self.ending.grace)  # in this process: the master's is longer

    def run(self) -> None:
        """Serve until told to end, and then until the requests under way have, or their time is over."""
        super().run()
        if self.serving or self.heads:
            self.ending.cut()

    def handle_exit(self, sig: int, _frame: Any) -> None:
        """Begin to end, or end at once if that was begun. A signal handler: what it has to say, the main loop says."""
        self.alive = False
        if todo := self.ending.told(sig):
            self.method_queue.defer(todo)

    handle_quit = handle_exit

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
        if not conn.initialized and (mistake := strangers.mistaken(conn.sock, tls=self.cfg.is_ssl)):
            self._turn_away(conn, mistake)
            return False
        self.heads[conn] = time.monotonic() + self.client_timeout
        try:
            return super().handle(conn)
        finally:
            self.heads.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Serve a request, with a time-out on every read and write of it."""
        self.heads.pop(conn, None)
        conn.sock.settimeout(self.client_timeout)
        self.serving.add(conn)
        try:
            return bool(super().handle_request(req, conn))
        finally:
            self.serving.discard(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what gunicorn cannot read. A handshake of TLS that fails is an event, and cannot be answered."""
        if req is None and isinstance(exc, ssl.SSLError):
            self.log.info("no TLS with %s: %s", addr[0] if addr else "a client", strangers.reason(exc))
            return
        super().handle_error(req, client, addr, exc)

    def _turn_away(self, conn: Any, mistake: str) -> None:
        """Tell a client of the wrong protocol, in plain HTTP; tell the log once, for many do this every day."""
        with suppress(OSError):
            write_error(conn.sock, 400, "Bad Request", mistake)
        say = self.log.debug if self._met_strangers else self.log.info
        say("a client was turned away: %s (only the first one is logged)", mistake)
        self._met_strangers = True

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


util.write_error = write_error  # the one place where gunicorn writes them
sendfile.count()
