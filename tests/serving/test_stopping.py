"""A stop waits for requests, not for connections that have sent none."""

from pathlib import Path

import pytest

from tests.faults.wire import Wire, until
from tests.server import Server
from tests.serving.kernel import held, unread


@pytest.mark.parametrize("sent", [b"", b"GET /v2/ HT", b"GET /v2/ HTTP/1.1\r\nHost: a"])
def test_a_connection_without_a_request_does_not_delay_the_stop_for_the_grace_period(
    tmp_path: Path, sent: bytes
) -> None:
    with Server(tmp_path, workers=1, grace_period="50s") as server:
        assert server.process is not None
        wire = Wire(server)
        wire.send(sent)
        until(lambda: held(wire) and not unread(wire))
        server.process.terminate()
        assert server.process.wait(20) == 0
        wire.close()
        assert "Traceback" not in server.log.read_text()


def test_a_request_under_way_is_waited_for_beside_a_connection_without_one(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1) as server:
        assert server.process is not None
        idle = Wire(server)
        wire = Wire(server)
        wire.head("POST", "/v2/a/b/blobs/uploads/", Content_Length=0)
        wire.head("PATCH", wire.answer().headers["location"], Content_Length=10, Expect="100-continue")
        assert wire.file.readline() == b"HTTP/1.1 100 Continue\r\n"
        wire.file.readline()
        server.process.terminate()
        idle.socket.settimeout(20)
        assert idle.file.read() == b""
        wire.send(b"x" * 10)
        assert wire.answer().headers["range"] == "0-9"
        assert server.process.wait(20) == 0
        idle.close()
        wire.close()
