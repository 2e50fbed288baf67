"""Blobs whose object goes, or ends, in the middle of an answer: the client gets no more, and the log gets one line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import Wire, until
from tests.server import Server
from tests.stores.proxy import Proxy, Rule, proxy
from tests.stores.s3 import S3Store
from tests.stores.served import s3_credentials

LARGE = os.urandom(1024 * 1024) * 12
SEVERAL = {"Range": f"bytes=0-1,9-{len(LARGE) - 1}"}


@pytest.fixture
def bucket(seaweedfs: S3Store) -> str:
    return seaweedfs.new_bucket()


@pytest.fixture
def store(seaweedfs: S3Store) -> Iterator[Proxy]:
    """What stands between the registry and the store."""
    with proxy(seaweedfs.endpoint) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, seaweedfs: S3Store, bucket: str, store: Proxy) -> Iterator[Server]:
    storage = seaweedfs.url(bucket, endpoint=store.url, prefix="p")
    with s3_credentials(), Server(tmp_path, storage=storage, redirect="never", workers=1) as running:
        yield running


def path_of(server: Server, content: bytes) -> str:
    """Push a blob; return its path."""
    digest = Digest.of(content)
    answer = requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={digest}", data=content, timeout=60)
    assert answer.status_code == 201
    return f"/v2/a/b/blobs/{digest}"


def logged(server: Server) -> list[str]:
    """Return the lines of the log that are no requests, once the one about an answer is there."""

    def found() -> list[str]:
        lines = server.log.read_text().splitlines()
        return [line for line in lines if "ends early" in line] and [
            line for line in lines if "ERROR" in line or "Traceback" in line
        ]

    lines: list[str] = until(found)
    return lines


@pytest.mark.parametrize("headers", [{}, SEVERAL], ids=["whole", "several"])
def test_an_object_that_goes_during_an_answer_ends_it_and_is_lost_from_then_on(
    server: Server, store: Proxy, seaweedfs: S3Store, bucket: str, headers: dict[str, str]
) -> None:
    path = path_of(server, LARGE)
    # The last of the ranges breaks off, and when the rest of it is asked for, the object is not there any more.
    store.rules = [Rule("", "GET", "/p/blobs/", times=1)] if headers else []
    store.rules += [Rule("truncated answer", "GET", "/p/blobs/"), Rule("NoSuchKey", "GET", "/p/blobs/", times=100)]
    wire = Wire(server)
    wire.head("GET", path, **headers)
    assert wire.file.readline().split()[1] in (b"200", b"206")
    wire.head("GET", "/healthz")
    rest = wire.file.read()
    wire.close()
    assert len(rest) < len(LARGE)
    assert b'{"status":"ok"}' not in rest
    (line,) = logged(server)
    assert f"GET {path}: the answer ends early: the store has lost this blob" in line
    for one in seaweedfs.names(bucket):
        if "/blobs/" in one:
            seaweedfs.client.delete_object(Bucket=bucket, Key=one)
    assert requests.head(server.url + path, timeout=30).status_code == 404  # a client pushes it again


def test_a_store_that_fails_during_an_answer_ends_it_and_has_lost_nothing(server: Server, store: Proxy) -> None:
    path = path_of(server, LARGE)
    store.rules = [Rule("truncated answer", "GET", "/p/blobs/", times=100)]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(server.url + path, timeout=60)
    (line,) = logged(server)
    assert f"GET {path}: the answer ends early: the registry cannot do this now: " in line
    store.rules = []
    answer = requests.get(server.url + path, timeout=60)
    assert (answer.status_code, Digest.of(answer.content)) == (200, Digest.parse(path.rpartition("/")[2]))


def test_a_file_that_is_cut_during_an_answer_is_one_line_in_the_log(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1) as server:
        path = path_of(server, LARGE)
        (file,) = (one for one in server.data.rglob("objects/blobs/*/*") if one.is_file())
        wire = Wire(server)
        wire.head("GET", path)
        assert wire.file.readline().split()[1] == b"200"
        os.truncate(file, 100)
        assert len(wire.file.read()) < len(LARGE)
        wire.close()
        (line,) = logged(server)
    assert f"GET {path}: the answer ends early" in line
