"""A proxy between the registry and its store, which the tests can let fail."""

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PIECE = 256 * 1024
FAULTS = ("refused", "reset halfway", "500", "503", "silence", "truncated answer", "answer lost")
"""What can happen to any request. In the last two the store has done what it was asked."""

_ETAG = '"0123456789abcdef0123456789abcdef"'
_SLOW_DOWN = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'
_INTERNAL = b'<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We failed.</Message></Error>'
_INSTEAD = {
    "412": (412, b""),
    "429": (429, b""),
    "500": (500, _INTERNAL),
    "503": (503, _SLOW_DOWN),
    "200 with an error": (200, _INTERNAL),
}
_REFUSALS = {"AccessDenied": 403, "ExpiredToken": 400, "NoSuchBucket": 404, "NoSuchKey": 404, "InvalidAccessKeyId": 403}
_INSTEAD |= {
    code: (status, f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode())
    for code, status in _REFUSALS.items()
}


@dataclass
class Rule:
    """What happens to the next ``times`` requests of that method whose target has ``target`` in it.

    ``change``: of the fault "changed answer", a pattern and what takes its place, in each header and in the body.
    """

    fault: str
    method: str = ""
    target: str = ""
    times: int = 1
    change: tuple[str, str] = ("", "")


@dataclass
class Seen:
    """A request that passed: its head, when it came, and when it was answered."""

    method: str
    target: str
    headers: dict[str, str]
    began: float
    ended: float = field(default=0.0)


class Proxy(ThreadingHTTPServer):
    """Forwards every request as it is, but for what ``rules`` say. ``gate``: answers wait for it."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.rules: list[Rule] = []
        self.seen: list[Seen] = []
        self.gate = threading.Event()
        self.gate.set()
        self.lock = threading.Lock()

    def rule_for(self, method: str, target: str) -> Rule:
        """Return what is to happen to a request."""
        with self.lock:
            for rule in self.rules:
                if rule.times and rule.method in ("", method) and rule.target in target:
                    rule.times -= 1
                    return rule
        return Rule("")

    def requests(self, method: str, target: str = "") -> list[Seen]:
        """Return what has passed."""
        with self.lock:
            return [one for one in self.seen if one.method == method and target in one.target]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: connections break here on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body of an answer are two writes
    server: Proxy

    def handle_one_request(self) -> None:
        """Read a head, forward the request, answer."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, time.monotonic())
        with self.server.lock:
            self.server.seen.append(seen)
        self._forward(self.server.rule_for(self.command, self.path))
        seen.ended = time.monotonic()

    def handle_expect_100(self) -> bool:
        """Let the body come."""
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _forward(self, rule: Rule) -> None:
        fault = rule.fault
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(0 if fault == "refused" else length // 2 if fault == "reset halfway" else length)
        if fault == "silence":
            with suppress(OSError):
                self.connection.recv(1)  # until the client gives up
        if fault in ("refused", "reset halfway", "silence"):
            self._reset()
        elif fault in _INSTEAD:
            status, content = _INSTEAD[fault]
            self._answer(status, [("Content-Type", "application/xml")], content)
        else:
            self._pass_on(rule, body)

    def _pass_on(self, rule: Rule, body: bytes) -> None:
        """Ask the store, and hand its answer on, or most of it."""
        fault = rule.fault
        if fault == "spoilt body":
            body = bytes([body[0] ^ 1]) + body[1:]
        upstream = http.client.HTTPConnection(str(self.server.upstream.hostname), self.server.upstream.port, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect", "transfer-encoding"):
                upstream.putheader(name, value)
        upstream.endheaders(body)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        self.server.gate.wait(60)
        if fault == "answer lost":
            self._reset()
            return
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() != "transfer-encoding"]
        if fault == "wrong ETag":
            headers = [(name, _ETAG if name.lower() == "etag" else value) for name, value in headers]
        if fault == "changed answer":
            changed = [re.sub(*rule.change, f"{name}: {value}").partition(": ") for name, value in headers]
            headers = [(name, value) for name, _, value in changed if name and name.lower() != "content-length"]
            content = re.sub(rule.change[0].encode(), rule.change[1].encode(), content)
        self._answer(answer.status, headers, content, cut=fault == "truncated answer")

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names and status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut:
            self.wfile.write(content[: len(content) // 2])
            self._reset()
            return
        self.wfile.write(content)

    def _reset(self) -> None:
        """Break the connection off, with a reset."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """Run a proxy in front of a store."""
    server = Proxy(upstream)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
