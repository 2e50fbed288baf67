"""Blobs over the wire: whole, in ranges, conditionally, deleted (OCI distribution v1.1.1, end-2 and end-10)."""

import email
import email.policy

import pytest
from flask.testing import FlaskClient

from ocireg.oci.digest import Digest
from tests.web.v2 import push

CONTENT = bytes(i * 7 % 251 for i in range(2048))


@pytest.fixture
def url(client: FlaskClient) -> str:
    return f"/v2/a/b/blobs/{push.blob(client, 'a/b', CONTENT)}"


def test_head_describes_what_get_returns(client: FlaskClient, url: str) -> None:
    head, get = client.head(url), client.get(url)
    assert head.status_code == get.status_code == 200
    assert head.get_data() == b""
    assert get.get_data() == CONTENT
    for name in ("Content-Length", "Content-Type", "Docker-Content-Digest", "ETag", "Accept-Ranges"):
        assert head.headers[name] == get.headers[name]
    assert get.headers["Content-Length"] == "2048"
    assert get.headers["Content-Type"] == "application/octet-stream"
    assert "Content-Encoding" not in get.headers


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-2047", 0, 2048),
        ("bytes=100-199", 100, 200),
        ("bytes=2047-", 2047, 2048),
        ("bytes=2000-9999", 2000, 2048),
        ("bytes=-1", 2047, 2048),
        ("bytes=-9999", 0, 2048),
        ("bytes=0-99,50-149", 0, 150),
    ],
)
def test_one_range_is_answered_with_206(client: FlaskClient, url: str, header: str, start: int, stop: int) -> None:
    answer = client.get(url, headers={"Range": header})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/2048"
    assert answer.headers["Content-Length"] == str(stop - start)
    assert answer.get_data() == CONTENT[start:stop]


def test_several_ranges_are_answered_as_multipart(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=0-9,100-199,-5"})
    assert answer.status_code == 206
    body = answer.get_data()
    assert int(answer.headers["Content-Length"]) == len(body)
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    parsed = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    parts = [(part["Content-Range"], part.get_payload(decode=True)) for part in parsed.iter_parts()]
    assert [one for one, _ in parts] == ["bytes 0-9/2048", "bytes 100-199/2048", "bytes 2043-2047/2048"]
    assert [one for _, one in parts] == [CONTENT[:10], CONTENT[100:200], CONTENT[-5:]]


@pytest.mark.parametrize("header", ["bytes=500-0", "bytes=5000-10000", "bytes=2048-", "bytes=-0"])
def test_a_range_outside_the_blob_is_416(client: FlaskClient, url: str, header: str) -> None:
    answer = client.get(url, headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */2048"
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())
    assert push.codes(answer) == ["SIZE_INVALID"]


@pytest.mark.parametrize("header", ["lines=1-2", "bytes", "bytes=", "bytes=x-y", "nonsense", "bytes=" + "9" * 9000])
def test_a_range_that_is_none_is_ignored(client: FlaskClient, url: str, header: str) -> None:
    answer = client.get(url, headers={"Range": header})
    assert answer.status_code in (200, 416)
    assert answer.status_code == 416 or answer.get_data() == CONTENT


def test_if_range_guards_a_range(client: FlaskClient, url: str) -> None:
    etag = client.head(url).headers["ETag"]
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(client: FlaskClient, url: str, method: str) -> None:
    etag = client.head(url).headers["ETag"]
    answer = client.open(url, method=method, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.get_data()) == (304, b"")
    assert client.open(url, method=method, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"a/b/blobs/{Digest.of(b'never')}", 404, "BLOB_UNKNOWN"),
        (f"not/there/blobs/{Digest.of(CONTENT)}", 404, "BLOB_UNKNOWN"),
        ("a/b/blobs/sha256:short", 400, "DIGEST_INVALID"),
        ("a/b/blobs/latest", 400, "DIGEST_INVALID"),
        (f"A/b/blobs/{Digest.of(CONTENT)}", 400, "NAME_INVALID"),
        (f"../b/blobs/{Digest.of(CONTENT)}", 400, "NAME_INVALID"),
        (f"a//b/blobs/{Digest.of(CONTENT)}", 400, "NAME_INVALID"),
        (f"a%00/blobs/{Digest.of(CONTENT)}", 400, "NAME_INVALID"),
        (f"{'a' * 256}/blobs/{Digest.of(CONTENT)}", 400, "NAME_INVALID"),
    ],
)
def test_what_is_not_there_is_said_in_json(
    client: FlaskClient, url: str, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(f"/v2/{path}", method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    if method != "HEAD":
        assert push.codes(answer) == [code]
    assert client.head(url).status_code == 200


def test_a_delete_is_of_one_repository_and_at_once(client: FlaskClient, url: str) -> None:
    push.blob(client, "c/d", CONTENT)
    assert client.delete(url).status_code == 202
    assert client.head(url).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.get(url.replace("a/b", "c/d")).get_data() == CONTENT


def test_a_blob_pushed_again_after_its_delete_is_there(client: FlaskClient, url: str) -> None:
    client.delete(url)
    push.blob(client, "a/b", CONTENT)
    assert client.get(url).get_data() == CONTENT
