"""Request bodies that stall, come too slowly or break off, over real sockets."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.wire import Wire, until
from tests.server import Server
from tests.serving.kernel import held, unread

FRAMINGS = pytest.mark.parametrize("framing", ["length", "chunked"])
SENT = 200_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(
        tmp_path_factory.mktemp("bodies"), workers=1, threads=4, client_timeout="2s", upload_lease="1s"
    ) as running:
        yield running


def begin(server: Server) -> str:
    return requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]


def patch(server: Server, location: str, framing: str, sent: int) -> Wire:
    """Begin to send a body of a million bytes."""
    wire = Wire(server)
    if framing == "length":
        wire.head("PATCH", location, Content_Length=10**6)
    else:
        wire.head("PATCH", location, Transfer_Encoding="chunked")
        wire.send(f"{10**6:x}\r\n".encode())
    wire.send(b"x" * sent)
    return wire


def reached(server: Server, location: str) -> str:
    return requests.get(server.url + location, timeout=30).headers["Range"]


@FRAMINGS
def test_what_came_before_a_stall_is_kept_and_the_answer_says_that_the_connection_ends(
    server: Server, framing: str
) -> None:
    location = begin(server)
    wire = patch(server, location, framing, SENT)
    answer = wire.answer()
    assert (answer.status, answer.codes) == (408, ["SIZE_INVALID"])
    assert answer.headers["connection"] == "close"
    assert wire.file.read() == b""
    wire.close()
    assert reached(server, location) == f"0-{SENT - 1}"


@FRAMINGS
@pytest.mark.parametrize("how", ["ends", "is reset"])
def test_what_came_before_a_connection_breaks_is_kept(server: Server, framing: str, how: str) -> None:
    location = begin(server)
    wire = patch(server, location, framing, SENT)
    until(lambda: held(wire) and not unread(wire))  # a reset takes away what was not read yet
    if how == "is reset":
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()
    until(lambda: reached(server, location) == f"0-{SENT - 1}")


def test_an_answer_to_malformed_chunks_says_that_the_connection_ends(server: Server) -> None:
    wire = Wire(server)
    wire.head("PUT", "/v2/a/manifests/b", Transfer_Encoding="chunked")
    wire.send(b"nonsense\r\n")
    answer = wire.answer()
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert wire.file.read() == b""
    wire.close()


def drops(wire: Wire, drop: Callable[[], bytes], pause: float = 0.1) -> threading.Thread:
    """Send a drop now and then, until the server ends the connection."""

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                wire.send(drop())
                time.sleep(pause)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_clients_that_send_drop_by_drop_do_not_hold_the_threads_of_uploads(server: Server) -> None:
    wires = [patch(server, begin(server), "length", 1) for _ in range(3)]
    threads = [drops(wire, lambda: b"x") for wire in wires]
    location = begin(server)

    def pushed() -> bool:
        return requests.patch(server.url + location, data=b"y", timeout=30).status_code == 202

    until(lambda: not pushed())
    until(pushed)
    for wire, thread in zip(wires, threads, strict=True):
        answer = wire.answer()
        assert (answer.status, answer.codes) == (408, ["SIZE_INVALID"])
        assert b"1024 bytes a second" in answer.body
        wire.close()
        thread.join()


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (f"{10**6:x}\r\n", b"x"),  # within a chunk
        ("", b"1\r\nx\r\n"),  # many chunks
        ("", b"0"),  # within the length of one
        ("0\r\n", b"X: y\r\n"),  # trailers without an end
    ],
)
def test_drops_of_any_part_of_a_chunked_body_are_too_slow(server: Server, before: str, drop: bytes) -> None:
    wire = Wire(server)
    wire.head("PATCH", begin(server), Transfer_Encoding="chunked")
    wire.send(before.encode())
    thread = drops(wire, lambda: drop)
    answer = wire.answer()
    assert (answer.status, answer.codes) == (408, ["SIZE_INVALID"])
    wire.close()
    thread.join()


@pytest.mark.parametrize(("framing", "rate"), [("length", "0"), ("chunked", "0"), ("length", "50"), ("chunked", "50")])
def test_a_slow_body_that_is_fast_enough_arrives(tmp_path: Path, framing: str, rate: str) -> None:
    """At 300 bytes a second or so, for longer than the rate is averaged over."""
    with Server(tmp_path, workers=1, client_timeout="2s", min_rate=rate) as server:
        location = begin(server)
        wire = Wire(server)
        headers = {"Content_Length": 900} if framing == "length" else {"Transfer_Encoding": "chunked"}
        wire.head("PATCH", location, **headers)
        for _ in range(30):
            time.sleep(0.1)
            (wire.send if framing == "length" else wire.chunk)(b"x" * 30)
        if framing == "chunked":
            wire.send(b"0\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.headers["range"]) == (202, "0-899")
        wire.close()
