"""A proxy that lets each request wait: a client on a slow machine, or far away."""

import random
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

IDLE = 0.2
"""Seconds of silence after which what comes next counts as a new request."""


@contextmanager
def slow_proxy(address: str, least: float, most: float) -> Iterator[tuple[str, list[float]]]:
    """Pass on to ``address``, each request after ``least`` to ``most`` seconds; yield its address and the pauses."""
    pauses: list[float] = []
    host, port = address.split(":")

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((host, int(port))) as there:
                back = threading.Thread(target=_copy, args=(there, self.request), daemon=True)
                back.start()
                last = 0.0
                while data := self.request.recv(65536):
                    if time.monotonic() - last > IDLE:
                        pauses.append(random.uniform(least, most))
                        time.sleep(pauses[-1])
                    there.sendall(data)
                    last = time.monotonic()
                there.shutdown(socket.SHUT_WR)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A connection that breaks is the client's business."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", pauses
        server.shutdown()
        thread.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
