"""Clients of the wrong protocol, and the bytes of a blob, in the log."""

import re
import socket
import ssl
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import until
from tests.server import Server
from tests.serving.certificates import self_signed


def test_tls_on_the_plain_port_is_answered_and_logged_once_in_plain_words(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1) as server:
        host, port = server.address.split(":")
        context = ssl.create_default_context()
        for _ in range(3):
            with socket.create_connection((host, int(port)), timeout=30) as plain, pytest.raises(ssl.SSLError):
                context.wrap_socket(plain, server_hostname=host)
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            plain.sendall(b"\x16\x03\x01\x02\x00")
            answer = plain.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 400 ")  # clients go on with plain HTTP when they see this
        assert b"plain HTTP, not HTTPS" in answer
        log = server.log.read_text()
    assert log.count("this port speaks plain HTTP, not HTTPS") == 1
    assert "Invalid request" not in log
    assert "WARNING" not in log


def test_plain_http_on_the_tls_port_is_told_so_and_a_failed_handshake_is_one_line(tmp_path: Path) -> None:
    self_signed(tmp_path)
    server = Server(tmp_path, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem", workers=1)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(tmp_path / "cert.pem")
        server.url, server.session = f"https://{server.address}", session
        with server:
            answer = requests.get(f"http://{server.address}/v2/", timeout=30)
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["message"] == "this port speaks HTTPS, not plain HTTP"
            host, port = server.address.split(":")
            with socket.create_connection((host, int(port)), timeout=30) as plain, pytest.raises(ssl.SSLError):
                ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            until(lambda: "no TLS with 127.0.0.1: it does not trust the certificate" in server.log.read_text())
            log = server.log.read_text()
    assert "WARNING" not in log
    assert "Traceback" not in log


def test_the_access_log_has_the_bytes_of_a_blob(tmp_path: Path) -> None:
    content = bytes(1_234_567)
    with Server(tmp_path, workers=1) as server:
        digest = Digest.of(content)
        pushed = requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={digest}", data=content, timeout=30)
        assert pushed.status_code == 201
        url = f"{server.url}/v2/a/b/blobs/{digest}"
        assert requests.get(url, timeout=30).content == content
        requests.get(url, headers={"Range": "bytes=10-1009"}, timeout=30)
        requests.head(url, timeout=30)
        wanted = ["1234567", "1000", "0"]
        pattern = r'"(?:GET|HEAD) /v2/a/b/blobs/\S+ HTTP/1.1" \d+ (\d+) bytes'
        until(lambda: re.findall(pattern, server.log.read_text()) == wanted, why=server.log.read_text())
