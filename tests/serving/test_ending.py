"""How a server ends while requests are under way, and what its log says of that."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.wire import Wire, until
from tests.server import Server

pytestmark = pytest.mark.faults


@contextmanager
def pushing(server: Server) -> Iterator[Wire]:
    """Hold a request whose body does not end."""
    wire = Wire(server)
    wire.head("POST", "/v2/a/b/blobs/uploads/", Content_Length=0)
    location = wire.answer().headers["location"]
    wire.head("PATCH", location, Content_Length=1000, Expect="100-continue")
    assert b"100 Continue" in wire.file.readline()
    wire.file.readline()
    wire.send(b"x" * 500)
    yield wire
    wire.close()


def interrupt(server: Server) -> None:
    """Press Ctrl-C: the terminal sends SIGINT to master and workers."""
    assert server.process is not None
    os.killpg(server.process.pid, signal.SIGINT)


def says(server: Server, text: str) -> bool:
    return text in server.log.read_text()


def test_the_first_ctrl_c_waits_and_the_second_cuts(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1) as server, pushing(server):
        assert server.process is not None
        interrupt(server)
        until(lambda: says(server, "waiting up to 30 s for 1 request under way; Ctrl-C again cuts them off"))
        assert server.process.poll() is None
        interrupt(server)
        assert server.process.wait(20) == 0
        assert says(server, "1 request cut off, as told")
        assert not says(server, "Traceback")
        assert not says(server, "SIGKILL")


def test_a_request_that_ends_after_the_first_ctrl_c_is_answered(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1) as server, pushing(server) as wire:
        assert server.process is not None
        interrupt(server)
        until(lambda: says(server, "waiting up to"))
        wire.send(b"x" * 500)
        assert wire.answer().headers["range"] == "0-999"
        assert server.process.wait(20) == 0
        assert not says(server, "cut off,")


def test_the_end_of_the_grace_period_is_said_as_what_it_is(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1, grace_period="1s") as server, pushing(server):
        assert server.stop() == 0
        assert says(server, "waiting up to 1 s for 1 request under way\n")
        assert says(server, "1 request cut off, after the grace period of 1 s")
        assert not says(server, "out of memory")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_an_idle_server_ends_in_silence(tmp_path: Path, number: signal.Signals) -> None:
    with Server(tmp_path, workers=2) as server:
        assert server.process is not None
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert not any(says(server, text) for text in ("waiting up to", "cut off", "Traceback", "SIGKILL"))
