"""Clients that leave in the middle, or stall: the offset stays true, and others are served."""

import contextlib
import select
import time
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import Wire, until
from tests.server import Server

pytestmark = pytest.mark.faults

BLOB = bytes(range(256)) * 4000
DIGEST = Digest.of(BLOB)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path, workers=1, threads=8, client_timeout="4s", upload_lease="1s")


def begin(server: Server) -> str:
    return requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]


def offset(server: Server, location: str) -> int:
    answer = requests.get(server.url + location, timeout=30)
    assert answer.status_code == 204
    last = int(answer.headers["Range"].partition("-")[2])
    return last + 1 if last else 0


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("sent", [0, 10, 300_000])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_what_a_vanished_client_sent_is_counted_truly_and_the_upload_goes_on(
    server: Server, framing: str, sent: int, method: str
) -> None:
    with server:
        location = begin(server)
        target = f"{location}?digest={DIGEST}" if method == "PUT" else location
        wire = Wire(server)
        if framing == "length":
            wire.head(method, target, Content_Length=len(BLOB))
            wire.send(BLOB[:sent])
        else:
            wire.head(method, target, Transfer_Encoding="chunked")
            if sent:
                wire.send(f"{len(BLOB):x}\r\n".encode() + BLOB[:sent])
        wire.close()

        def settled() -> bool:
            answer = requests.patch(
                server.url + location,
                data=BLOB[offset(server, location) :],
                headers={"Content-Range": f"{offset(server, location)}-{len(BLOB) - 1}"},
                timeout=30,
            )
            return answer.status_code == 202

        until(settled)
        assert offset(server, location) == len(BLOB)
        assert requests.put(f"{server.url}{location}?digest={DIGEST}", timeout=30).status_code == 201
        assert requests.get(f"{server.url}/v2/a/b/blobs/{DIGEST}", timeout=30).content == BLOB


def test_as_many_stalled_uploads_as_threads_hold_up_nobody_and_are_let_go(server: Server) -> None:
    with server:
        assert (
            requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={DIGEST}", data=BLOB, timeout=30).status_code
            == 201
        )
        locations = [begin(server) for _ in range(8)]
        wires = []
        for location in locations:
            wire = Wire(server)
            wire.head("PATCH", location, Content_Length=1000)
            wire.send(b"x" * 10)
            wires.append(wire)
        time.sleep(0.5)
        refused = [wire for wire in wires if select.select([wire.socket], [], [], 0)[0]]
        assert requests.get(f"{server.url}/healthz", timeout=1.5).status_code == 200
        assert requests.head(f"{server.url}/v2/a/b/blobs/{DIGEST}", timeout=1.5).status_code == 200
        answers = [wire.answer() for wire in refused]
        assert [(one.status, one.codes, "retry-after" in one.headers) for one in answers] == [
            (429, ["TOOMANYREQUESTS"], True)
        ] * len(refused)
        assert len(refused) == 2  # eight threads, of which uploads hold three quarters
        for wire in wires:
            with contextlib.suppress(ConnectionResetError):
                while wire.file.read(65536):
                    pass  # until it was let go
            wire.close()
        again = requests.patch(server.url + locations[0], data=b"y", timeout=30)
        assert again.status_code == 202


@pytest.mark.parametrize("sent", [b"", b"GET /v2/ HT", b"GET /v2/ HTTP/1.1\r\nHost: a"])
def test_a_client_that_sends_half_a_head_is_let_go(server: Server, sent: bytes) -> None:
    with server:
        wire = Wire(server)
        wire.send(sent)
        wire.socket.settimeout(30)
        wire.file.read(1000)
        wire.close()
        assert "Traceback" not in server.log.read_text()


def test_a_head_that_comes_drop_by_drop_is_not_waited_for_for_ever(server: Server) -> None:
    with server:
        wire = Wire(server)
        wire.send(b"GET /v2/ HTTP/1.1\r\nX: ")

        def ended() -> bool:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                wire.send(b"a")
                return bool(select.select([wire.socket], [], [], 0.2)[0])
            return True

        until(ended)
        wire.close()
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_login_that_comes_drop_by_drop_is_let_go(server: Server, framing: str) -> None:
    """Nobody is asked who they are before: as many as there are threads would hold up everybody."""
    with server:
        wire = Wire(server)
        sized = {"Content_Length": 60_000} if framing == "length" else {"Transfer_Encoding": "chunked"}
        wire.head("POST", "/token", Content_Type="application/x-www-form-urlencoded", **sized)

        def ended() -> bool:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                wire.send(b"a") if framing == "length" else wire.chunk(b"a")
                return bool(select.select([wire.socket], [], [], 0.2)[0])
            return True

        until(ended)
        wire.close()
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_form_in_pieces_is_read_whole(server: Server, framing: str) -> None:
    form = [b"grant_type=refresh_", b"token&refresh_token=x"]
    with server:
        wire = Wire(server)
        sized = {"Content_Length": sum(map(len, form))} if framing == "length" else {"Transfer_Encoding": "chunked"}
        wire.head("POST", "/token", Content_Type="application/x-www-form-urlencoded", **sized)
        for one in form:
            wire.send(one) if framing == "length" else wire.chunk(one)
            time.sleep(0.1)
        wire.send(b"0\r\n\r\n" if framing == "chunked" else b"")
        answer = wire.answer()
        assert (answer.status, answer.codes) == (401, ["UNAUTHORIZED"])
        wire.close()


def test_a_client_that_takes_nothing_is_let_go(server: Server) -> None:
    big = bytes(50_000_000)
    with server:
        digest = Digest.of(big)
        requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={digest}", data=big, timeout=30)
        wires = []
        for _ in range(8):
            wire = Wire(server)
            wire.head("GET", f"/v2/a/b/blobs/{digest}")
            wires.append(wire)
        assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
        for wire in wires:
            wire.close()
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("size", [4 * 2**20 + 1, 30_000_000])
def test_a_client_that_sends_too_much_gets_to_read_why(server: Server, framing: str, size: int) -> None:
    with server:
        wire = Wire(server)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it was told already
            if framing == "length":
                wire.head("PUT", "/v2/a/b/manifests/v1", Content_Length=size)
                wire.send(bytes(size))
            else:
                wire.head("PUT", "/v2/a/b/manifests/v1", Transfer_Encoding="chunked")
                for first in range(0, size, 65536):
                    wire.chunk(bytes(min(65536, size - first)))
                wire.send(b"0\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.codes) == (413, ["SIZE_INVALID"])
        wire.close()
