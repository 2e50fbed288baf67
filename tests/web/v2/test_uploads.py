"""Upload sessions over the wire (OCI distribution v1.1.1, end-4 to end-6, end-11, end-13, end-14)."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg import hashing
from ocireg.app import create_app
from ocireg.oci.digest import Digest
from ocireg.storage import Storage
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

CONTENT = bytes(range(256)) * 40
DIGEST = str(Digest.of(CONTENT))
SHA512 = str(Digest.of(CONTENT, "sha512"))


def begin(client: FlaskClient, query: str = "") -> str:
    answer = client.post("/v2/a/b/blobs/uploads/" + query)
    assert answer.status_code == 202
    assert answer.headers["Range"] == "0-0"
    assert answer.headers["Content-Length"] == "0"
    assert answer.headers["Location"].endswith(answer.headers["Docker-Upload-UUID"])
    return answer.headers["Location"]


def stored(client: FlaskClient, digest: str, repository: str = "a/b") -> bytes:
    answer = client.get(f"/v2/{repository}/blobs/{digest}")
    assert answer.status_code == 200
    assert answer.headers["Docker-Content-Digest"] == digest
    return answer.get_data()


@pytest.mark.parametrize("digest", [DIGEST, SHA512])
@pytest.mark.parametrize("announced", ["", "?digest-algorithm=sha512"])
def test_a_blob_comes_back_as_it_was_pushed_by_post_and_put(client: FlaskClient, digest: str, announced: str) -> None:
    location = begin(client, announced)
    answer = client.put(f"{location}?digest={digest}", data=CONTENT)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v2/a/b/blobs/{digest}"
    assert answer.headers["Docker-Content-Digest"] == digest
    assert stored(client, digest) == CONTENT
    assert client.get(location).status_code == 404


@pytest.mark.parametrize("digest", [DIGEST, SHA512])
@pytest.mark.parametrize("size", [97, 1000, 4096, len(CONTENT)])
def test_chunks_of_any_size_make_the_blob(client: FlaskClient, digest: str, size: int) -> None:
    location = begin(client)
    for first in range(0, len(CONTENT), size):
        piece = CONTENT[first : first + size]
        last = first + len(piece) - 1
        answer = client.patch(location, data=piece, headers={"Content-Range": f"{first}-{last}"})
        assert answer.status_code == 202
        assert answer.headers["Range"] == f"0-{last}"
        location = answer.headers["Location"]
    assert client.put(f"{location}?digest={digest}").status_code == 201
    assert stored(client, digest) == CONTENT


def test_streams_without_content_range_go_to_the_end(client: FlaskClient) -> None:
    location = begin(client)
    assert client.patch(location, data=CONTENT[:1000]).headers["Range"] == "0-999"
    assert client.patch(location, data=CONTENT[1000:2000]).headers["Range"] == "0-1999"
    assert client.put(f"{location}?digest={DIGEST}", data=CONTENT[2000:]).status_code == 201
    assert stored(client, DIGEST) == CONTENT


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("wrong", ["5-9", "0-4", "99999999-100000003"])
def test_a_chunk_out_of_order_gets_416_with_the_truth_and_the_session_goes_on(
    client: FlaskClient, method: str, wrong: str
) -> None:
    location = begin(client)
    client.patch(location, data=CONTENT[:10])
    target = location if method == "PATCH" else f"{location}?digest={DIGEST}"
    first, last = map(int, wrong.split("-"))
    body = b"x" * (last - first + 1)
    answer = client.open(target, method=method, data=body, headers={"Content-Range": wrong})
    assert answer.status_code == 416
    assert push.codes(answer) == ["BLOB_UPLOAD_INVALID"]
    assert answer.headers["Range"] == "0-9"
    assert answer.headers["Location"] == location
    asked = client.get(location)
    assert (asked.status_code, asked.headers["Range"]) == (204, "0-9")
    assert client.put(f"{location}?digest={DIGEST}", data=CONTENT[10:]).status_code == 201


def test_the_first_chunk_out_of_order_leaves_an_empty_session(client: FlaskClient) -> None:
    location = begin(client)
    assert client.patch(location, data=b"abc", headers={"Content-Range": "5-7"}).status_code == 416
    assert client.get(location).headers["Range"] == "0-0"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_the_empty_blob_is_a_blob(client: FlaskClient, algorithm: str) -> None:
    digest = str(Digest.of(b"", algorithm))
    assert client.put(f"{begin(client)}?digest={digest}").status_code == 201
    assert stored(client, digest) == b""


@pytest.mark.parametrize(
    ("query", "body", "status", "code"),
    [
        ("", CONTENT, 400, "DIGEST_INVALID"),
        ("?digest=", CONTENT, 400, "DIGEST_INVALID"),
        ("?digest=sha256:abc", CONTENT, 400, "DIGEST_INVALID"),
        ("?digest=md5:d41d8cd98f00b204e9800998ecf8427e", CONTENT, 400, "DIGEST_INVALID"),
        (f"?digest={DIGEST.upper()}", CONTENT, 400, "DIGEST_INVALID"),
        (f"?digest={DIGEST}", CONTENT[:-1], 400, "DIGEST_INVALID"),
        (f"?digest={SHA512}", CONTENT[:-1], 400, "DIGEST_INVALID"),
    ],
)
def test_a_put_that_does_not_name_its_content_makes_no_blob(
    client: FlaskClient, query: str, body: bytes, status: int, code: str
) -> None:
    answer = client.put(begin(client) + query, data=body)
    assert answer.status_code == status
    assert push.codes(answer) == [code]
    assert client.head(f"/v2/a/b/blobs/{DIGEST}").status_code == 404


def test_a_wrong_sha512_first_named_at_the_end_leaves_no_object(client: FlaskClient) -> None:
    location = begin(client)
    client.patch(location, data=CONTENT[:-1])
    assert client.put(f"{location}?digest={SHA512}").status_code == 400
    assert client.head(f"/v2/a/b/blobs/{SHA512}").status_code == 404


@pytest.mark.parametrize("header", ["5", "a-b", "-", "5-", "-5", "9-5", "1-2-3", "0-" + "9" * 5000, "bytes 0-1/x"])
def test_a_content_range_that_is_none_is_refused_and_nothing_is_lost(client: FlaskClient, header: str) -> None:
    location = begin(client)
    answer = client.patch(location, data=b"ab", headers={"Content-Range": header})
    assert answer.status_code == 400
    assert push.codes(answer) in (["BLOB_UPLOAD_INVALID"], ["SIZE_INVALID"])
    assert client.get(location).headers["Range"] == "0-0"


def test_a_content_range_of_another_length_than_the_body_is_refused(client: FlaskClient) -> None:
    location = begin(client)
    answer = client.patch(location, data=b"abc", headers={"Content-Range": "0-9"})
    assert (answer.status_code, push.codes(answer)) == (400, ["SIZE_INVALID"])
    assert client.get(location).headers["Range"] == "0-0"


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_session_is_unknown_to_every_other_repository(client: FlaskClient, method: str) -> None:
    location = begin(client).replace("/v2/a/b/", "/v2/a/c/")
    answer = client.open(f"{location}?digest={DIGEST}", method=method, data=CONTENT)
    assert answer.status_code == 404
    assert push.codes(answer) == ["BLOB_UPLOAD_UNKNOWN"]


def test_a_cancelled_session_is_gone(client: FlaskClient) -> None:
    location = begin(client)
    client.patch(location, data=CONTENT)
    assert client.delete(location).status_code == 204
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        answer = client.open(f"{location}?digest={DIGEST}", method=method, data=CONTENT)
        assert (answer.status_code, push.codes(answer)) == (404, ["BLOB_UPLOAD_UNKNOWN"])


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("digest", [DIGEST, SHA512])
def test_one_post_pushes_a_blob_with_or_without_the_slash(client: FlaskClient, slash: str, digest: str) -> None:
    answer = client.post(f"/v2/a/b/blobs/uploads{slash}?digest={digest}", data=CONTENT)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v2/a/b/blobs/{digest}"
    assert stored(client, digest) == CONTENT


def test_one_post_of_something_else_leaves_nothing(client: FlaskClient) -> None:
    answer = client.post(f"/v2/a/b/blobs/uploads/?digest={DIGEST}", data=b"something else")
    assert (answer.status_code, push.codes(answer)) == (400, ["DIGEST_INVALID"])
    assert client.head(f"/v2/a/b/blobs/{DIGEST}").status_code == 404


@pytest.mark.parametrize("algorithm", ["md5", "", "SHA256", "sha256:", "blake3", "../x"])
def test_an_algorithm_that_is_not_here_is_refused_at_once(client: FlaskClient, algorithm: str) -> None:
    answer = client.post(f"/v2/a/b/blobs/uploads/?digest-algorithm={algorithm}")
    assert (answer.status_code, push.codes(answer)) == (400, ["DIGEST_INVALID"])


@pytest.mark.parametrize("source", ["&from=other/place", ""])
def test_a_blob_is_mounted_from_where_it_is(client: FlaskClient, source: str) -> None:
    push.blob(client, "other/place", CONTENT)
    answer = client.post(f"/v2/a/b/blobs/uploads/?mount={DIGEST}{source}")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v2/a/b/blobs/{DIGEST}"
    assert answer.headers["Docker-Content-Digest"] == DIGEST
    assert stored(client, DIGEST) == CONTENT
    assert client.delete(f"/v2/other/place/blobs/{DIGEST}").status_code == 202
    assert stored(client, DIGEST) == CONTENT


@pytest.mark.parametrize("source", ["&from=other/place", "&from=not/there", "&from=NOT%20A%20NAME", ""])
def test_a_mount_that_cannot_be_becomes_an_upload(client: FlaskClient, source: str) -> None:
    answer = client.post(f"/v2/a/b/blobs/uploads/?mount={DIGEST}{source}")
    assert answer.status_code == 202
    assert client.put(f"{answer.headers['Location']}?digest={DIGEST}", data=CONTENT).status_code == 201


def test_nothing_is_read_back_to_be_hashed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise AssertionError("the blob was read back")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "open", fail)
        for digest, announced in ((DIGEST, ""), (SHA512, "?digest-algorithm=sha512")):
            location = begin(client, announced)
            for first in range(0, len(CONTENT), 3000):
                client.patch(location, data=CONTENT[first : first + 3000])
            assert client.put(f"{location}?digest={digest}").status_code == 201
    assert stored(client, DIGEST) == stored(client, SHA512) == CONTENT


@pytest.mark.parametrize("right", [True, False])
def test_where_no_state_can_be_kept_the_blob_is_read_back_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, right: bool
) -> None:
    monkeypatch.setattr(hashing, "libcrypto", lambda: None)
    location = begin(client)
    for first in range(0, len(CONTENT), 3000):
        client.patch(location, data=CONTENT[first : first + 3000])
    digest = DIGEST if right else Digest.of(b"something else")
    assert client.put(f"{location}?digest={digest}").status_code == (201 if right else 400)
    assert client.head(f"/v2/a/b/blobs/{digest}").status_code == (200 if right else 404)


def test_a_blob_that_is_too_large_is_refused_and_the_session_stays(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, blob_limit=10_000))
    app.test_client_class = BufferedClient
    client = app.test_client()
    location = begin(client)
    assert client.patch(location, data=CONTENT[:9_000]).status_code == 202
    answer = client.patch(location, data=CONTENT[9_000:])
    assert (answer.status_code, push.codes(answer)) == (413, ["SIZE_INVALID"])
    assert client.get(location).headers["Range"] == "0-8999"
    unread = io.BytesIO(CONTENT)
    answer = client.patch(location, input_stream=unread, content_length=1_001)
    assert (answer.status_code, answer.get_json()["errors"][0]["detail"]) == (413, {"limit": 10_000})
    assert unread.tell() == 0, "a length that is announced is refused before a byte is taken"
    installation(app).database.close()
