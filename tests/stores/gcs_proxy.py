"""A proxy between a driver and its store: it counts requests, and does to them what networks do."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["lose the answer", "cut the answer", "spoil the body", "busy", "error", "refuse"]
STATUS = {"busy": 429, "error": 503, "refuse": 403}


class Proxy:
    """``fault`` says of each request (method, path) what happens to it; ``seen`` are the requests so far."""

    def __init__(self, endpoint: str) -> None:
        self.seen: list[tuple[str, str]] = []
        self.fault: Callable[[str, str], Fault | None] = lambda _method, _path: None
        self.upstream = urlsplit(endpoint).netloc
        self.endpoint = ""

    def count(self, method: str, part: str) -> int:
        """Return how many requests had that method, and that in their path."""
        return sum(1 for one, path in self.seen if one == method and part in path)

    def once(self, fault: Fault, method: str, part: str, times: int = 1) -> None:
        """Let the next ``times`` requests of that method, with that in their path, have that fault."""
        left = [times]

        def choose(seen: str, path: str) -> Fault | None:
            if left[0] and seen == method and part in path:
                left[0] -= 1
                return fault
            return None

        self.fault = choose


@contextmanager
def proxied(endpoint: str) -> Iterator[Proxy]:
    """Pass requests on to ``endpoint`` as long as the block runs."""
    proxy = Proxy(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body of an answer are two writes

        def forward(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            data = self.rfile.read(length)
            proxy.seen.append((self.command, self.path))
            fault = proxy.fault(self.command, self.path)
            if fault is not None and fault in STATUS:
                self.send_response(STATUS[fault])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if fault == "spoil the body":
                data = bytes([data[0] ^ 1]) + data[1:]
            there = http.client.HTTPConnection(proxy.upstream, timeout=60)
            there.request(self.command, self.path, data, {**self.headers, "Host": proxy.upstream})
            answer = there.getresponse()
            body = answer.read()
            there.close()
            if fault == "lose the answer":
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault == "cut the answer":
                body = body[: len(body) // 2]
                self.close_connection = True
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815 - the base looks for these names

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A connection that breaks is the client's business."""

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
        thread.join()
