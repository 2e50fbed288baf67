"""Requests whose every byte a test decides, over a socket of its own."""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from tests.server import Server


@dataclass
class Answer:
    """An answer: status, headers with lower-case names, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def codes(self) -> list[str]:
        """The codes of an error."""
        errors: list[dict[str, Any]] = json.loads(self.body)["errors"]
        return [one["code"] for one in errors]


class Wire:
    """One connection to a server."""

    def __init__(self, server: Server) -> None:
        host, port = server.address.split(":")
        self.address = server.address
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.file = self.socket.makefile("rb")

    def head(self, method: str, path: str, **headers: object) -> None:
        """Send a request's head; ``Content_Length=5`` is the header Content-Length."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def chunk(self, data: bytes) -> None:
        """Send a chunk of a chunked body."""
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def answer(self) -> Answer:
        """Read an answer."""
        status = int(self.file.readline().split()[1])
        headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = self.file.read(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.socket.close()


def until(condition: Any, seconds: float = 30, why: object = "") -> Any:
    """Wait until ``condition()`` is true, and return what it returned; fail, and say ``why``, if it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it never came to be: {why}")
