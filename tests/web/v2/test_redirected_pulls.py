"""Pulls that are redirected to a real store, and those that are not."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from ocireg.app import create_app
from ocireg.oci.digest import Digest
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.stores.front import front
from tests.stores.s3 import S3Store
from tests.stores.served import on_s3, s3_credentials
from tests.web.v2 import push

CONTENT = bytes(i * 7 % 251 for i in range(4096))
Make = Callable[..., FlaskClient]


@pytest.fixture
def make(seaweedfs: S3Store, tmp_path: Path) -> Iterator[Make]:
    """Make a client of an application over a bucket, with settings of the test's."""
    with ExitStack() as stack:
        stack.enter_context(s3_credentials())

        def call(**changes: object) -> FlaskClient:
            url = seaweedfs.url(seaweedfs.new_bucket(), prefix="p")
            app = create_app(settings_for(tmp_path, storage=url, **changes))
            stack.callback(installation(app).database.close)
            app.test_client_class = BufferedClient
            return app.test_client()

        yield call


@pytest.fixture
def client(make: Make) -> FlaskClient:
    """A client of an application that always redirects."""
    return make(redirect="always")


@pytest.fixture
def url(client: FlaskClient) -> str:
    return pushed(client)


def pushed(client: FlaskClient, content: bytes = CONTENT) -> str:
    """Push a blob; return its path."""
    return f"/v2/a/b/blobs/{push.blob(client, 'a/b', content)}"


def location(client: FlaskClient, url: str, **headers: str) -> str:
    """Return where a GET is sent."""
    answer = client.get(url, headers=headers)
    assert answer.status_code == 307
    return answer.headers["Location"]


def follow(target: str, **headers: str) -> requests.Response:
    """Ask the store as a client does: with the headers of its own request."""
    return requests.get(target, headers=headers, timeout=30)


def test_a_get_is_sent_to_the_store(client: FlaskClient, url: str, seaweedfs: S3Store) -> None:
    answer = client.get(url)
    assert answer.status_code == 307
    assert answer.get_data() == b""
    assert answer.headers["Location"].startswith(f"{seaweedfs.endpoint}/")
    assert answer.headers["Docker-Content-Digest"] == url.rpartition("/")[2]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == "0"
    assert "ETag" not in answer.headers


def test_the_store_sends_the_bytes_as_an_attachment(client: FlaskClient, url: str) -> None:
    answer = follow(location(client, url))
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-4095", 0, 4096),
        ("bytes=100-199", 100, 200),
        ("bytes=4000-", 4000, 4096),
        ("bytes=4000-99999", 4000, 4096),
        ("bytes=-5", 4091, 4096),
    ],
)
def test_the_store_sends_one_range(client: FlaskClient, url: str, asked: str, start: int, stop: int) -> None:
    answer = follow(location(client, url, Range=asked), Range=asked)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/4096"
    assert answer.content == CONTENT[start:stop]


def test_a_large_blob_comes_whole_and_in_part(client: FlaskClient) -> None:
    content = bytes(range(256)) * 80_000  # 20 MB: more than a part of the store's
    target = location(client, pushed(client, content))
    assert follow(target).content == content
    assert follow(target, Range="bytes=16777200-16777300").content == content[16777200:16777301]


def test_head_is_answered_here(client: FlaskClient, url: str) -> None:
    answer = client.head(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == "4096"
    assert answer.headers["Docker-Content-Digest"] == url.rpartition("/")[2]


def test_several_ranges_are_answered_here(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=0-9,20-29"})
    assert answer.status_code == 206
    assert answer.content_type.startswith("multipart/byteranges")
    assert client.get(url, headers={"Range": "bytes=0-9,5-29"}).get_data() == CONTENT[:30]


def test_a_range_outside_the_blob_is_refused_here(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=4096-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */4096"


def test_conditions_are_judged_here(client: FlaskClient, url: str) -> None:
    etag = client.head(url).headers["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 307
    assert client.get(url, headers={"If-Modified-Since": "Wed, 01 Jan 2125 00:00:00 GMT"}).get_data() == CONTENT
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).get_data() == CONTENT[:10]
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).get_data() == CONTENT


def test_an_empty_blob_is_served_here_to_those_who_ask_for_ranges_of_everything(client: FlaskClient) -> None:
    url = pushed(client, b"")
    assert client.get(url).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-"}).status_code == 200


def test_a_blob_of_another_repository_has_no_url(client: FlaskClient, url: str) -> None:
    answer = client.get(url.replace("a/b", "c/d"))
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_url_that_has_expired_is_refused_by_the_store(make: Make) -> None:
    client = make(redirect="always", redirect_expires="1s")
    target = location(client, pushed(client))
    until = time.monotonic() + 30
    while (answer := follow(target)).status_code == 200:
        assert time.monotonic() < until, "the store takes a URL that has expired"
        time.sleep(0.2)
    assert answer.status_code == 403
    assert CONTENT not in answer.content


def test_a_url_that_was_tampered_with_is_refused_by_the_store(client: FlaskClient, url: str) -> None:
    target = location(client, url)
    other = location(client, pushed(client, b"another blob"))
    changed = [
        target.replace("attachment", "inline"),
        target.replace("octet-stream", "html"),
        target.replace("X-Amz-Expires=600", "X-Amz-Expires=60000"),
        target.replace(target.partition("?")[0], other.partition("?")[0]),
        target[:-1] + ("0" if target[-1] != "0" else "1"),
        target.partition("?")[0],
    ]
    assert target not in changed
    assert [follow(one).status_code for one in changed] == [403] * 6
    assert requests.put(target, data=b"mine", timeout=30).status_code == 403
    assert requests.delete(target, timeout=30).status_code == 403
    assert follow(target).content == CONTENT


def test_a_store_on_loopback_is_not_where_clients_are_sent_by_themselves(make: Make) -> None:
    client = make()
    answer = client.get(pushed(client))
    assert (answer.status_code, answer.get_data()) == (200, CONTENT)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect": "never"},
        {"redirect": "always", "redirect_except": "127.0.0.0/8"},
        {"redirect": "auto", "redirect_url": "http://localhost:1"},
    ],
    ids=str,
)
def test_settings_keep_pulls_here(make: Make, changes: dict[str, str]) -> None:
    client = make(**changes)
    url = pushed(client)
    assert client.get(url).get_data() == CONTENT
    assert client.get(url, headers={"Range": "bytes=5-9"}).get_data() == CONTENT[5:10]


def test_a_client_outside_the_excepted_networks_is_redirected(make: Make) -> None:
    client = make(redirect="always", redirect_except="10.0.0.0/8,::1")
    location(client, pushed(client))


def test_what_stands_in_front_of_the_store_serves_the_redirect(make: Make, seaweedfs: S3Store) -> None:
    with front(seaweedfs.endpoint, "/cdn/x") as (address, asked):
        client = make(redirect="always", redirect_url=address)
        target = location(client, pushed(client))
        assert target.startswith(f"{address}/")
        answer, part = follow(target), follow(target, Range="bytes=10-19")
        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert answer.headers["Content-Disposition"] == "attachment"
        assert (part.status_code, part.content) == (206, CONTENT[10:20])
        assert follow(target.replace("attachment", "inline")).status_code == 403
    assert len(asked) == 3


def test_no_log_holds_a_signature(tmp_path: Path, seaweedfs: S3Store) -> None:
    with on_s3(tmp_path, seaweedfs, redirect="always", log_level="debug") as server:
        digest = str(Digest.of(CONTENT))
        uploads = f"{server.url}/v2/a/b/blobs/uploads/"
        assert requests.post(uploads, params={"digest": digest}, data=CONTENT, timeout=30).status_code == 201
        url = f"{server.url}/v2/a/b/blobs/{digest}"
        followed = requests.get(url, timeout=30)
        assert [one.status_code for one in followed.history] == [307]
        assert "X-Amz-Signature" in followed.url
        assert followed.content == CONTENT
        assert requests.get(url, headers={"Range": "bytes=1-2"}, timeout=30).content == CONTENT[1:3]
        assert requests.get(url, headers={"Range": "bytes=9999-"}, timeout=30).status_code == 416
        assert requests.head(url, timeout=30).status_code == 200
        server.stop()
        logged = server.log.read_text()
    assert logged.count(f'"GET /v2/a/b/blobs/{digest} HTTP/1.1" 307') == 2
    assert "X-Amz" not in logged
    assert "Signature" not in logged
