"""Manifests over the wire (OCI distribution v1.1.1, end-3, end-7, end-9)."""

import json
import threading
from pathlib import Path
from queue import Queue

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ocireg.app import create_app
from ocireg.metadata.models import TagEvent
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    DOCKER_SCHEMA1,
    DOCKER_SCHEMA1_SIGNED,
    OCI_INDEX,
    OCI_MANIFEST,
)
from ocireg.registry.manifests import PARSING
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

LIMIT = 4 * 2**20


@pytest.fixture
def image(client: FlaskClient) -> bytes:
    """An image whose blobs are there."""
    push.blob(client, "a/b", b"layer")
    push.blob(client, "a/b", b"{}")
    return push.image()


def put(
    client: FlaskClient, content: bytes, reference: str = "v1", content_type: str | None = OCI_MANIFEST
) -> TestResponse:
    return client.put(f"/v2/a/b/manifests/{reference}", data=content, content_type=content_type)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_manifest_comes_back_byte_for_byte_by_tag_and_by_digest(
    client: FlaskClient, image: bytes, algorithm: str
) -> None:
    odd = image.replace(b", ", b",\n\t   ") + b"\n"
    digest = str(Digest.of(odd, algorithm))
    answer = client.put(f"/v2/a/b/manifests/{digest}?tag=v1", data=odd, content_type=OCI_MANIFEST)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v2/a/b/manifests/{digest}"
    assert answer.headers["Docker-Content-Digest"] == digest
    for reference in ("v1", digest):
        for method in ("GET", "HEAD"):
            got = client.open(f"/v2/a/b/manifests/{reference}", method=method, headers={"Accept": "text/html"})
            assert got.status_code == 200
            assert got.get_data() == (odd if method == "GET" else b"")
            assert got.headers["Content-Type"] == OCI_MANIFEST
            assert got.headers["Content-Length"] == str(len(odd))
            assert got.headers["Docker-Content-Digest"] == digest
            assert got.headers["ETag"] == f'"{digest}"'


def test_what_the_client_has_is_not_sent_again(client: FlaskClient, image: bytes) -> None:
    put(client, image)
    for method in ("GET", "HEAD"):
        answer = client.open("/v2/a/b/manifests/v1", method=method, headers={"If-None-Match": f'"{Digest.of(image)}"'})
        assert (answer.status_code, answer.get_data()) == (304, b"")


def test_a_tag_moves_and_its_history_is_kept(client: FlaskClient, image: bytes) -> None:
    other = push.image(annotations={"other": "yes"})
    for content in (image, other, other, image):
        assert put(client, content).status_code == 201
    assert client.get("/v2/a/b/manifests/v1").get_data() == image
    assert client.get(f"/v2/a/b/manifests/{Digest.of(other)}").get_data() == other
    client.delete("/v2/a/b/manifests/v1")
    events = installation(client.application).database.rows(TagEvent.select(TagEvent.digest).order_by(TagEvent.id))
    assert [one[0] for one in events] == [str(Digest.of(image)), str(Digest.of(other)), str(Digest.of(image)), None]


def test_several_tags_are_set_in_one_push(client: FlaskClient, image: bytes) -> None:
    digest = Digest.of(image)
    names = [f"t{number}" for number in range(10)]
    query = "&".join(f"tag={name}" for name in names)
    answer = client.put(f"/v2/a/b/manifests/{digest}?{query}", data=image, content_type=OCI_MANIFEST)
    assert answer.status_code == 201
    assert [one.strip() for one in answer.headers["OCI-Tag"].split(",")] == names
    assert client.get("/v2/a/b/tags/list").get_json()["tags"] == names


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("&".join(f"tag=t{number}" for number in range(33)), 414, "UNSUPPORTED"),
        ("tag=.bad", 400, "MANIFEST_INVALID"),
        ("tag=" + "a" * 129, 400, "MANIFEST_INVALID"),
        ("tag=ok&tag=", 400, "MANIFEST_INVALID"),
    ],
)
def test_a_push_with_bad_tags_sets_none(client: FlaskClient, image: bytes, query: str, status: int, code: str) -> None:
    answer = client.put(f"/v2/a/b/manifests/{Digest.of(image)}?{query}", data=image, content_type=OCI_MANIFEST)
    assert (answer.status_code, push.codes(answer)) == (status, [code])
    assert client.get("/v2/a/b/tags/list").get_json()["tags"] == []


def test_the_subject_is_confirmed_and_need_not_be_there(client: FlaskClient, image: bytes) -> None:
    del image
    subject = push.descriptor(b"never pushed", OCI_MANIFEST)
    answer = put(client, push.image(subject=subject))
    assert (answer.status_code, answer.headers["OCI-Subject"]) == (201, subject["digest"])


def test_an_index_and_a_nested_index_are_accepted(client: FlaskClient, image: bytes) -> None:
    put(client, image)
    index = push.index(image)
    assert put(client, index, "index", OCI_INDEX).status_code == 201
    nested = push.index(index)
    assert put(client, nested, "nested", OCI_INDEX).status_code == 201
    assert put(client, push.index(), "empty", OCI_INDEX).status_code == 201


def test_an_index_may_list_blobs_as_build_caches_do(client: FlaskClient, image: bytes) -> None:
    del image
    listed = [push.descriptor(b"layer", "application/vnd.oci.image.layer.v1.tar+gzip")]
    cache = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}).encode()
    assert put(client, cache, "cache", OCI_INDEX).status_code == 201


def test_each_missing_part_is_named(client: FlaskClient, image: bytes) -> None:
    del image
    absent = push.image(layers=(b"layer", b"absent one", b"absent two"))
    answer = put(client, absent)
    assert answer.status_code == 400
    assert push.codes(answer) == ["MANIFEST_BLOB_UNKNOWN"] * 2
    named = {one["detail"]["digest"] for one in answer.get_json()["errors"]}
    assert named == {str(Digest.of(b"absent one")), str(Digest.of(b"absent two"))}
    assert client.get("/v2/a/b/manifests/v1").status_code == 404
    assert push.codes(put(client, push.index(b"absent child"), "i", OCI_INDEX)) == ["MANIFEST_BLOB_UNKNOWN"]


def test_a_blob_of_another_repository_is_missing_here(client: FlaskClient) -> None:
    push.blob(client, "other", b"layer")
    push.blob(client, "other", b"{}")
    assert push.codes(put(client, push.image())) == ["MANIFEST_BLOB_UNKNOWN"] * 2


def test_foreign_layers_need_not_be_there(client: FlaskClient, image: bytes) -> None:
    layer = push.descriptor(b"elsewhere", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    body = json.loads(image)
    body["layers"].append({**layer, "urls": ["https://example.com/layer"]})
    assert put(client, json.dumps(body).encode()).status_code == 201


@pytest.mark.parametrize(
    ("media_type", "listed"), [(DOCKER_MANIFEST, False), (DOCKER_LIST, True)], ids=["manifest", "list"]
)
def test_docker_schema_2_is_kept_as_it_is(client: FlaskClient, image: bytes, media_type: str, listed: bool) -> None:
    put(client, image)
    content = (push.index(image) if listed else image).replace(
        (OCI_INDEX if listed else OCI_MANIFEST).encode(), media_type.encode(), 1
    )
    assert put(client, content, "docker", media_type).status_code == 201
    answer = client.get("/v2/a/b/manifests/docker", headers={"Accept": OCI_MANIFEST})
    assert (answer.content_type, answer.get_data()) == (media_type, content)


BAD = {
    "nothing": (b"", OCI_MANIFEST),
    "no JSON": (b"{", OCI_MANIFEST),
    "not UTF-8": (b'{"schemaVersion":2,"x":"\xff"}', OCI_MANIFEST),
    "NaN": (b'{"schemaVersion":2,"layers":[],"x":NaN}', OCI_MANIFEST),
    "a list": (b"[]", OCI_MANIFEST),
    "a key twice": (b'{"schemaVersion":2,"layers":[],"layers":[]}', OCI_MANIFEST),
    "deep": (b'{"schemaVersion":2,"x":' + b"[" * 100_000, OCI_MANIFEST),
    "deep and closed": (b'{"schemaVersion":2,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", OCI_MANIFEST),
    "a huge number": (b'{"schemaVersion":2,"layers":[],"x":' + b"9" * 100_000 + b"}", OCI_MANIFEST),
    "schema 1": (b'{"schemaVersion":1,"fsLayers":[]}', DOCKER_SCHEMA1),
    "signed schema 1": (b'{"schemaVersion":1,"fsLayers":[]}', DOCKER_SCHEMA1_SIGNED),
    "layers and manifests": (b'{"schemaVersion":2,"layers":[],"manifests":[]}', OCI_MANIFEST),
    "another type than announced": (push.index(), OCI_MANIFEST),
    "a header in the type": (b'{"schemaVersion":2,"layers":[],"mediaType":"a/b\\r\\nX: y"}', ""),
    "a size that is none": (
        b'{"schemaVersion":2,"layers":[{"mediaType":"a/b","size":-1,"digest":"sha256:%s"}]}' % (b"0" * 64),
        OCI_MANIFEST,
    ),
    "a digest that is none": (
        b'{"schemaVersion":2,"layers":[{"mediaType":"a/b","size":1,"digest":"../../x"}]}',
        OCI_MANIFEST,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_manifest_is_refused_and_leaves_nothing(client: FlaskClient, name: str) -> None:
    content, content_type = BAD[name]
    answer = put(client, content, content_type=content_type)
    assert (answer.status_code, push.codes(answer)) == (400, ["MANIFEST_INVALID"])
    assert client.get("/v2/a/b/tags/list").status_code == 404


@pytest.mark.parametrize("chunked", [False, True])
def test_a_manifest_of_one_byte_too_many_is_413(client: FlaskClient, image: bytes, chunked: bool) -> None:
    body = json.loads(image)
    body["annotations"] = {"padding": ""}
    body["annotations"]["padding"] = "x" * (LIMIT - len(json.dumps(body)))
    fits = json.dumps(body).encode()
    assert len(fits) == LIMIT
    assert put(client, fits).status_code == 201
    url = "/v2/a/b/manifests/large"
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    answer = client.put(url, data=fits + b" ", content_type=OCI_MANIFEST, headers=headers)
    assert (answer.status_code, push.codes(answer)) == (413, ["SIZE_INVALID"])
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("reference", "method", "status", "code"),
    [
        ("sha256:baddigeststring", "PUT", 400, "DIGEST_INVALID"),
        ("sha256:baddigeststring", "GET", 400, "DIGEST_INVALID"),
        (".INVALID_MANIFEST_NAME", "GET", 404, "MANIFEST_UNKNOWN"),
        (".INVALID_MANIFEST_NAME", "PUT", 400, "MANIFEST_INVALID"),
        ("a" * 129, "PUT", 400, "MANIFEST_INVALID"),
        (str(Digest.of(b"another")), "PUT", 400, "DIGEST_INVALID"),
        ("unknown", "GET", 404, "MANIFEST_UNKNOWN"),
        ("unknown", "DELETE", 404, "MANIFEST_UNKNOWN"),
        (str(Digest.of(b"another")), "DELETE", 404, "MANIFEST_UNKNOWN"),
        ("sha256-" + "0" * 64, "GET", 404, "MANIFEST_UNKNOWN"),
    ],
)
def test_bad_references(client: FlaskClient, image: bytes, reference: str, method: str, status: int, code: str) -> None:
    data = image if method == "PUT" else b"a body on a GET"
    answer = client.open(f"/v2/a/b/manifests/{reference}", method=method, data=data, content_type=OCI_MANIFEST)
    assert (answer.status_code, push.codes(answer)) == (status, [code])


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("reference", ["v1", str(Digest.of(b"x"))])
def test_an_unknown_repository_is_said_to_be_one(client: FlaskClient, method: str, reference: str) -> None:
    answer = client.open(f"/v2/not/there/manifests/{reference}", method=method)
    assert (answer.status_code, push.codes(answer)) == (404, ["NAME_UNKNOWN"])


def test_deleting_a_tag_leaves_the_manifest(client: FlaskClient, image: bytes) -> None:
    put(client, image, "one")
    put(client, image, "two")
    assert client.delete("/v2/a/b/manifests/one").status_code == 202
    assert client.get("/v2/a/b/manifests/one").status_code == 404
    assert client.get("/v2/a/b/manifests/two").status_code == 200
    assert client.delete("/v2/a/b/manifests/two").status_code == 202
    assert client.get(f"/v2/a/b/manifests/{Digest.of(image)}").status_code == 200


def test_deleting_a_manifest_takes_every_tag_of_it(client: FlaskClient, image: bytes) -> None:
    other = push.image(annotations={"other": "yes"})
    put(client, image, "one")
    put(client, image, "two")
    put(client, other, "three")
    assert client.delete(f"/v2/a/b/manifests/{Digest.of(image)}").status_code == 202
    assert client.get("/v2/a/b/tags/list").get_json()["tags"] == ["three"]
    assert client.get(f"/v2/a/b/manifests/{Digest.of(image)}").status_code == 404
    assert put(client, image, "one").status_code == 201


def test_a_sparse_manifest_is_accepted_where_the_operator_wants_it_with_a_warning(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, sparse=True))
    app.test_client_class = BufferedClient
    client = app.test_client()
    answer = put(client, push.image(layers=(b"absent",)))
    assert answer.status_code == 201
    assert answer.headers["Warning"] == '299 - "2 parts of this manifest are not in the repository"'
    push.manifest(client, "a/b", "whole")
    assert "Warning" not in put(client, push.image()).headers
    installation(app).database.close()


def test_a_manifest_that_is_parsed_holds_its_slot_and_few_are_parsed_at_once(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, upload_threads=1))
    push.manifest(app.test_client(), "a/b", "v1")
    statuses: Queue[int] = Queue()

    def one() -> None:
        statuses.put(put(app.test_client(), push.image()).status_code)
        installation(app).database.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    with PARSING, PARSING:
        for thread in threads:
            thread.start()
        assert statuses.get(timeout=30) == 429
        assert statuses.empty()
    assert statuses.get(timeout=30) == 201
    for thread in threads:
        thread.join()
    installation(app).database.close()
