"""TLS: requests sent ahead, and the end of a connection."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.server import Server
from tests.serving.certificates import self_signed

pytestmark = pytest.mark.faults


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    self_signed(tmp_path)
    server = Server(tmp_path, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem", workers=1)
    server.url = f"https://{server.address}"
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(tmp_path / "cert.pem")
        server.session = session
        with server:
            yield server


@pytest.fixture
def client(server: Server) -> Iterator[ssl.SSLSocket]:
    """A connection that takes no end for an end but the one that TLS has."""
    context = ssl.create_default_context(cafile=str(server.folder / "cert.pem"))
    host, port = server.address.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False) as wrapped,
    ):
        yield wrapped


def read_to_the_end(client: ssl.SSLSocket) -> bytes:
    found = b""
    while piece := client.recv(65536):
        found += piece
    return found


def request(path: str, method: str = "GET", body: bytes = b"", **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: a", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def test_a_request_that_came_in_one_record_with_a_body_before_it_is_served(client: ssl.SSLSocket) -> None:
    first = request("/v2/a/manifests/b", "PUT", b"x" * 10_000)  # more than is read with a head
    client.sendall(first + request("/healthz", Connection="close"))
    answers = read_to_the_end(client)
    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 200 OK") == 1


def test_the_end_of_a_connection_is_said(client: ssl.SSLSocket) -> None:
    client.sendall(request("/healthz", Connection="close"))
    assert read_to_the_end(client).startswith(b"HTTP/1.1 200 ")


def test_the_end_of_an_idle_connection_is_said(server: Server, client: ssl.SSLSocket) -> None:
    client.sendall(request("/healthz"))
    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert server.stop() == 0
    assert b"HTTP/" not in read_to_the_end(client)
