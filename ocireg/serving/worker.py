"""The worker: gunicorn's gthread, with limits on the patience that a client may ask for.

- A connection takes a thread when its first bytes are there, not before.
- A client that sends or takes nothing for ``client_timeout`` is let go, in the middle of a head, a body or an answer.
- A connection that ends lingers in the poller, so that the client gets to read its answer (``lingering``); gunicorn
  waits for that in the main thread, where each such client would hold up all others.
- An answer that ends its connection says so, and bodies must come at a least rate (``middleware``).
- When the worker stops, it waits for requests, not for connections that have sent none.
- What TLS has decrypted of a next request is served, and the end of a connection is said in TLS too.
- gunicorn's own errors (a bad or too long request line, too large headers) are JSON of the specification's form.
- A client of the wrong protocol is told so (``strangers``), and the end is an orderly one (``ending``).
"""

import errno
import math
import selectors
import socket
import ssl
import struct
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers import gthread

from ocireg.app import close, settings_of
from ocireg.serving import sendfile, strangers
from ocireg.serving.ending import Ending
from ocireg.serving.lingering import Lingering, say_end
from ocireg.serving.middleware import Middleware
from ocireg.serving.refusals import write_error

DRAIN = 0.1
"""Seconds in which the rest of an unread body must come for its connection to live on; they cost a thread."""
OUT_OF_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
STOP_PATIENCE = 2.0
"""Seconds that a stopping worker waits for the first bytes of a connection, or the rest of a head."""


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
            self._worker.lingering.begin(self.sock)
            return
        with suppress(OSError):
            say_end(self.sock)
        util.close(self.sock)


class Worker(gthread.ThreadWorker):  # type: ignore[misc] # likewise
    """See the module's text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client_timeout = 60.0
        self.lingering = Lingering(self)
        self.heads: dict[Connection, float] = {}  # and when they began
        self.serving: set[Connection] = set()
        self.stopping = math.inf  # since when
        self.ending = Ending(self.log, lambda: len(self.serving), lambda: close(self.wsgi))
        self._met_strangers = False

    def load_wsgi(self) -> None:
        """Load the application, and take from its settings how long a client may stall, and requests may end."""
        super().load_wsgi()
        settings = settings_of(self.wsgi)
        self.client_timeout = settings.client_timeout
        pace = (settings.min_rate, settings.client_timeout)
        self.wsgi.wsgi_app = Middleware(self.wsgi.wsgi_app, *pace, settings.trusted_proxies)
        self.ending.grace = max(round(settings.grace_period), 1)
        self.cfg.set("graceful_timeout", self.ending.grace)  # in this process: the master's is longer

    def run(self) -> None:
        """Serve until told to end, and then until the requests under way have, or their time is over."""
        super().run()
        if self.serving or self.heads:
            self.ending.cut()
        close(self.wsgi)

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
        self.heads[conn] = time.monotonic()
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
        if not keepalive or not conn.parser.finish_body(deadline=time.monotonic() + DRAIN):
            return False
        if isinstance(conn.sock, ssl.SSLSocket) and (decrypted := conn.sock.pending()):
            # The poller does not see these. gunicorn serves at once what its parser holds of a next request.
            unreader = conn.parser.unreader
            unreader.unread(unreader.take_buffered() + conn.sock.recv(decrypted))
        return True

    def murder_pending(self) -> None:
        """Close what waited too long, here also for its head to be whole, or for its client to hang up."""
        super().murder_pending()
        now = time.monotonic()
        for connection, began in list(self.heads.items()):
            if now - began > self.client_timeout or now - max(began, self.stopping) > STOP_PATIENCE:
                with suppress(OSError):
                    # Wakes the thread that waits for more. That of TLS would take away what the thread works with.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RD)
        self.lingering.end(now)

    def _cap_keepalive(self, deadline: float) -> None:
        """Begin to stop (gunicorn calls this once, then): connections without a request are not waited for long."""
        super()._cap_keepalive(deadline)
        self.stopping = time.monotonic()
        for connection in self.pending_conns:
            connection.timeout = min(connection.timeout, self.stopping + STOP_PATIENCE)
        self.lingering.end(math.inf)


util.write_error = write_error  # the one place where gunicorn writes them
sendfile.count()
