"""Names, references, digests and sessions that lead elsewhere: refused, and nothing is where it should not be."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.web.v2 import push

EVIL_NAMES = [
    "..",
    "../..",
    "a/../b",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "/a",
    "a/",
    "%2e%2e/a",
    "a%2f..%2fb",
    "a%252fb",
    "a%00b",
    "a%0ab",
    "a%0d%0ab",
    "a\\b",
    "a%5cb",
    "~a",
    "-a",
    "a-",
    "_catalog",
    "A",
    "a/B",
    "é",
    "a%c0%afb",
    "a%ef%bc%8fb",
    "con:a",
    "a b",
    "a%20",
    "a?b",
    "*",
    "a" * 256,
    "/".join(["a"] * 129),
]
EVIL_DIGESTS = [
    "sha256:../../../../etc/passwd",
    "sha256:..%2f..%2fsecret.key",
    "sha256:" + "A" * 64,
    "sha256:" + "0" * 63,
    "sha256:" + "0" * 65,
    "SHA256:" + "0" * 64,
    "sha256:" + "0" * 64 + "%00",
    "sha256:" + "0" * 64 + "%0a",
    "md5:" + "0" * 32,
    "sha1:" + "0" * 40,
    "sha384:" + "0" * 96,
    "..:" + "0" * 64,
    "a+b:" + "0" * 64,
    ":" + "0" * 64,
    "sha256:",
]
EVIL_TAGS = ["..", ".", ".a", "-a", "%2e%2e", "a%2fb", "a%00", "a%0a", "a b", "é", "a" * 129, "a%5cb"]
EVIL_SESSIONS = ["..", ".", "%2e%2e", "..%2f..%2fsecret.key", "%00", "*", "%25", "' OR 1=1 --", "0" * 5000]


def files(folder: Path) -> set[Path]:
    """Return what there is in a folder, but for what a database is made of."""
    return {one.relative_to(folder) for one in folder.rglob("*") if not one.name.startswith("ocireg.db")}


def requests_for() -> list[tuple[str, str, str]]:
    """Return requests: their kind, method and path."""
    zeros = "sha256:" + "0" * 64
    found = []
    for name in EVIL_NAMES:
        found += [
            ("name", "GET", f"/v2/{name}/manifests/v1"),
            ("name", "PUT", f"/v2/{name}/manifests/v1"),
            ("name", "GET", f"/v2/{name}/blobs/{zeros}"),
            ("name", "POST", f"/v2/{name}/blobs/uploads/"),
            ("name", "GET", f"/v2/{name}/tags/list"),
        ]
    for digest in EVIL_DIGESTS:
        found += [("digest", one, f"/v2/a/b/blobs/{digest}") for one in ("GET", "HEAD", "DELETE")]
        found += [("digest", "GET", f"/v2/a/b/referrers/{digest}"), ("digest", "PUT", f"/v2/a/b/manifests/{digest}")]
        found += [("digest", "POST", f"/v2/a/b/blobs/uploads/?digest={digest}")]
        found += [("digest", "POST", f"/v2/a/b/blobs/uploads/?mount={digest}&from=a/b")]
    for tag in EVIL_TAGS:
        found += [("tag", one, f"/v2/a/b/manifests/{tag}") for one in ("GET", "PUT", "DELETE")]
        found += [("tag", "PUT", f"/v2/a/b/manifests/{Digest.of(push.image())}?tag={tag}")]
    for session in EVIL_SESSIONS:
        found += [("session", one, f"/v2/a/b/blobs/uploads/{session}") for one in ("GET", "PATCH", "DELETE")]
        found += [("session", "PUT", f"/v2/a/b/blobs/uploads/{session}?digest={Digest.of(b'x')}")]
    return found


def test_a_path_that_traverses_is_refused_and_leaves_nothing(client: FlaskClient, tmp_path: Path) -> None:
    push.manifest(client, "a/b", "v1")
    before = files(tmp_path)
    answered = {}
    for kind, method, path in requests_for():
        answer = client.open(path, method=method, data=push.image(), content_type=OCI_MANIFEST)
        answered[kind, method, path] = answer.status_code
        assert "secret" not in str(answer.headers), path
        assert b"root:" not in answer.get_data()
    assert {one: status for one, status in answered.items() if status not in {400, 404}} == {}
    assert files(tmp_path) == before
    assert client.get("/v2/_catalog").get_json() == {"repositories": ["a/b"]}
    assert client.get("/v2/a/b/tags/list").get_json()["tags"] == ["v1"]


@pytest.mark.parametrize("source", EVIL_NAMES)
def test_a_mount_from_a_name_that_traverses_is_an_upload(client: FlaskClient, source: str) -> None:
    push.manifest(client, "a/b", "v1")
    answer = client.post(f"/v2/c/d/blobs/uploads/?mount={Digest.of(b'layer')}&from={source}")
    assert answer.status_code == 202
