"""A proxy that lets a client's bytes through slowly: a long way, or a thin line."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 1024
"""Bytes that pass at once."""


class NarrowProxy(socketserver.ThreadingTCPServer):
    """Passes on what comes, at most ``rate`` bytes per second of each connection; nothing slows what comes back."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, there: str, rate: float) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        host, port = there.split(":")
        self.there = (host, int(port))
        self.rate = rate
        self.address = f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks is the client's business."""


class _Connection(socketserver.BaseRequestHandler):
    server: NarrowProxy

    def handle(self) -> None:
        with socket.create_connection(self.server.there) as there, suppress(OSError):
            back = threading.Thread(target=_copy, args=(there, self.request), daemon=True)
            back.start()
            while data := self.request.recv(PIECE):
                time.sleep(len(data) / self.server.rate)
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def narrow_proxy(there: str, rate: float) -> Iterator[NarrowProxy]:
    """Run one."""
    with NarrowProxy(there, rate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
