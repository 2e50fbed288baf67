"""gunicorn as it is run here: its own errors, its limits, its configuration file, TLS."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.config import load
from ocireg.serving.addresses import is_loopback
from ocireg.serving.options import options
from tests.faults.wire import Wire
from tests.server import Server, environment, free_port, stopped_at_the_end
from tests.serving.certificates import self_signed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("gunicorn"), workers=1, client_timeout="5s") as running:
        yield running


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "SIZE_INVALID"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431, "SIZE_INVALID"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431, "SIZE_INVALID"),
        (b"nonsense\r\n\r\n", 400, "UNSUPPORTED"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n", 400, "UNSUPPORTED"),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400, "UNSUPPORTED"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, "UNSUPPORTED"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "UNSUPPORTED"),
        (b"PUT /v2/a/manifests/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "UNSUPPORTED"),
    ],
)
def test_an_error_of_gunicorns_own_is_json(server: Server, sent: bytes, status: int, code: str) -> None:
    wire = Wire(server)
    wire.send(sent)
    answer = wire.answer()
    wire.close()
    assert (answer.status, answer.codes) == (status, [code])
    assert answer.headers["content-type"] == "application/json"


def test_a_connection_takes_many_requests_with_bodies_of_both_kinds(server: Server) -> None:
    wire = Wire(server)
    for number in range(5):
        wire.head("POST", "/v2/keep/alive/blobs/uploads/", Content_Length=0)
        location = wire.answer().headers["location"]
        body = bytes([number]) * 400_000
        if number % 2:
            wire.head("PATCH", location, Content_Length=len(body))
            wire.send(body)
        else:
            wire.head("PATCH", location, Transfer_Encoding="chunked")
            for first in range(0, len(body), 70_000):
                wire.chunk(body[first : first + 70_000])
            wire.send(b"0\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.headers["range"]) == (202, "0-399999")
    wire.close()


def test_requests_sent_ahead_are_answered_in_turn(server: Server) -> None:
    wire = Wire(server)
    wire.head("POST", "/v2/a/b/blobs/uploads/", Content_Length=0)
    location = wire.answer().headers["location"]
    request = f"PATCH {location} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    wire.send((request * 3 + f"GET {location} HTTP/1.1\r\nHost: a\r\n\r\n").encode())
    assert [wire.answer().headers["range"] for _ in range(4)] == ["0-4", "0-9", "0-14", "0-14"]
    wire.close()


def test_an_expectation_is_met(server: Server) -> None:
    wire = Wire(server)
    wire.head("POST", "/v2/a/b/blobs/uploads/", Content_Length=0)
    location = wire.answer().headers["location"]
    wire.head("PATCH", location, Content_Length=5, Expect="100-continue")
    assert wire.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert wire.file.readline() == b"\r\n"
    wire.send(b"hello")
    assert wire.answer().headers["range"] == "0-4"
    wire.close()


def test_a_path_cannot_write_lines_into_the_log(server: Server) -> None:
    requests.get(f"{server.url}/v2/a%0a127.0.0.1%20forged/tags/list?secret=1", timeout=30)
    log = server.log.read_text()
    assert "\n127.0.0.1 forged" not in log
    assert "secret=1" not in log


def test_the_configuration_file_of_gunicorn_does_the_same(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [str(Path(sys.executable).parent / "gunicorn"), "-c", str(ROOT / "conf" / "gunicorn.conf.py")]
    server = Server(tmp_path)
    server.address, server.url = address, f"http://{address}"
    with server.log.open("wb") as log:
        server.process = subprocess.Popen(
            command,
            env=environment(data=tmp_path / "data", bind=address, low_water=0, open="true"),
            stdout=log,
            stderr=log,
        )
    with stopped_at_the_end(server.process):
        server.wait_until_ready()
        assert requests.get(f"{server.url}/v2/", timeout=30).status_code == 200
    assert f"ocireg listens on http://{address}" in server.log.read_text()


def test_a_mistake_in_the_configuration_is_one_line_from_gunicorn_too(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "gunicorn"), "-c", str(ROOT / "conf" / "gunicorn.conf.py")]
    done = subprocess.run(
        command, env=environment(data=tmp_path, workers="many"), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "workers" in done.stderr


def test_tls_is_served(tmp_path: Path) -> None:
    self_signed(tmp_path)
    server = Server(tmp_path, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem", workers=1)
    server.url = f"https://{server.address}"
    with requests.Session() as session:
        session.trust_env = False  # a bundle of authorities that the environment names would go above the next line
        session.verify = str(tmp_path / "cert.pem")
        server.session = session
        with server:
            content = bytes(3_000_000)
            begun = session.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30)
            assert begun.status_code == 202
            answer = session.patch(server.url + begun.headers["Location"], data=content, timeout=30)
            assert answer.headers["Range"] == f"0-{len(content) - 1}"
    assert f"ocireg listens on https://{server.address}" in server.log.read_text()


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.1", False),
        ("registry.example.com", False),
    ],
)
def test_only_loopback_is_loopback(host: str, wanted: bool) -> None:
    assert is_loopback(host) is wanted


def test_what_matters_is_set() -> None:
    found = options(load({}, {"client_timeout": "7", "grace_period": "9"}, None).settings)
    assert found["keepalive"] == 75
    assert found["control_socket_disable"] is True
    assert found["limit_request_line"] == 8190
    assert found["graceful_timeout"] == 11
    assert found["threads"] == 32
    json.dumps({name: value for name, value in found.items() if not callable(value)})
