"""Blobs whose object is not what it was: the client is told, and the connection stays in step with its requests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import Wire
from tests.server import Server

CONTENT = bytes(range(250)) * 4
LARGE = os.urandom(1024 * 1024) * 24


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("damaged"), workers=1) as running:
        yield running


def push(server: Server, content: bytes) -> tuple[str, Path]:
    """Push a blob; return its path and the file that holds it."""
    digest = Digest.of(content)
    answer = requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={digest}", data=content, timeout=30)
    assert answer.status_code == 201
    (file,) = (one for one in server.data.rglob("objects/blobs/*/*") if one.stat().st_size == len(content))
    return f"/v2/a/b/blobs/{digest}", file


@pytest.mark.parametrize("size", [0, 100, len(CONTENT) - 1, len(CONTENT) + 1])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-49"}, {"Range": "bytes=900-"}, {"Range": "bytes=0-1,900-"}])
def test_an_object_of_another_size_is_a_503_and_the_next_answer_is_that_to_the_next_request(
    server: Server, size: int, headers: dict[str, str]
) -> None:
    path, file = push(server, CONTENT)
    os.truncate(file, size)
    wire = Wire(server)
    wire.head("GET", path, **headers)
    wire.head("GET", "/healthz")
    first, second = wire.answer(), wire.answer()
    wire.close()
    file.unlink()
    assert (first.status, first.codes) == (503, ["UNAVAILABLE"])
    assert (second.status, second.body) == (200, b'{"status":"ok"}\n')


@pytest.mark.parametrize("headers", [{}, {"Range": f"bytes=0-1,9-{len(LARGE) - 1}"}], ids=["whole", "several"])
def test_an_answer_that_ends_short_ends_the_connection(server: Server, headers: dict[str, str]) -> None:
    path, file = push(server, LARGE)
    wire = Wire(server)
    wire.head("GET", path, **headers)
    assert wire.file.readline().split()[1] in (b"200", b"206")
    os.truncate(file, 100)
    wire.head("GET", "/healthz")
    rest = wire.file.read()
    wire.close()
    file.unlink()
    assert len(rest) < len(LARGE)
    assert b'{"status":"ok"}' not in rest
