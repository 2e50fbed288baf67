"""The table of end-points: every row is served, and nothing else is; paths are parsed from the right."""

import pytest
from flask.testing import FlaskClient

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from ocireg.web.v2 import HANDLERS
from ocireg.web.v2.endpoints import ENDPOINTS, RESOURCES, EndPoint, Match, match
from tests.web.v2 import push

LAYER = Digest.of(b"layer")
IMAGE = Digest.of(push.image())


def request_for(client: FlaskClient, row: EndPoint) -> tuple[str, bytes]:
    """Return a path and a body that a row serves, in a repository that holds an image."""
    begun = client.post("/v2/a/b/blobs/uploads/").headers["Location"]
    paths = {
        "base": "/v2/",
        "catalog": "/v2/_catalog",
        "tags": "/v2/a/b/tags/list",
        "uploads": "/v2/a/b/blobs/uploads/",
        "upload": begun,
        "blob": f"/v2/a/b/blobs/{LAYER}",
        "manifest": f"/v2/a/b/manifests/{IMAGE}",
        "referrers": f"/v2/a/b/referrers/{IMAGE}",
    }
    body = {"manifest": push.image(), "base": b""}.get(row.resource, b"layer")
    query = row.query.replace("<digest>", str(LAYER)).replace("<algorithm>", "sha512").replace("<integer>", "5")
    query = query.replace("<name>", "c/d").replace("<tag>", "v2").replace("<type>", "a%2Fb")
    if row.method == "PUT" and row.resource == "upload":
        query = f"digest={LAYER}"
    return paths[row.resource] + (f"?{query}" if query else ""), body if row.method not in ("GET", "HEAD") else b""


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: f"{row.clause} {row.method} {row.resource} {row.query}")
def test_every_row_of_the_table_is_served(client: FlaskClient, row: EndPoint) -> None:
    push.manifest(client, "a/b", "v1")
    path, body = request_for(client, row)
    answer = client.open(path, method=row.method, data=body, content_type=OCI_MANIFEST)
    assert answer.status_code in row.success, answer.get_data(as_text=True)
    assert answer.headers["Docker-Distribution-API-Version"] == "registry/2.0"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_handlers_are_those_of_the_table() -> None:
    assert set(HANDLERS) == {(row.resource, row.method) for row in ENDPOINTS}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.name)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_405_and_says_which_there_are(client: FlaskClient, resource: object, method: str) -> None:
    name = getattr(resource, "name")  # noqa: B009 - the parameter is any resource
    served = {row.method for row in ENDPOINTS if row.resource == name}
    if method in served or (method == "HEAD" and "GET" in served):
        return
    row = next(row for row in ENDPOINTS if row.resource == name)
    path, _ = request_for(client, row)
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert served <= set(answer.headers["Allow"].split(", "))
    if method != "HEAD":
        assert push.codes(answer) == ["UNSUPPORTED"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("", Match("base", "", "")),
        ("a/blobs/uploads/b", Match("upload", "a", "b")),
        ("a/blobs/uploads/b/tags/list", Match("tags", "a/blobs/uploads/b", "")),
        ("a/blobs/uploads/b/manifests/v1", Match("manifest", "a/blobs/uploads/b", "v1")),
        ("a/blobs/uploads/b/blobs/uploads/", Match("uploads", "a/blobs/uploads/b", "")),
        ("a/blobs/uploads/b/blobs/uploads/c", Match("upload", "a/blobs/uploads/b", "c")),
        ("x/manifests/y/manifests/z", Match("manifest", "x/manifests/y", "z")),
        ("tags/list/tags/list", Match("tags", "tags/list", "")),
        ("tags/list/manifests/list", Match("manifest", "tags/list", "list")),
        ("manifests/manifests/manifests", Match("manifest", "manifests", "manifests")),
        ("blobs/uploads/blobs/uploads", Match("uploads", "blobs/uploads", "")),
        ("referrers/referrers/x", Match("referrers", "referrers", "x")),
        ("tags/list", None),
        ("a/tags/list/", None),
        ("a", None),
        ("blobs/x", None),
        ("a/manifests/", None),
        ("_oci/ext/discover", None),
    ],
)
def test_what_comes_last_decides(path: str, wanted: Match | None) -> None:
    assert match(path) == wanted


@pytest.mark.parametrize("name", ["a/blobs/uploads/b", "x/manifests/y", "tags/list", "a/referrers/b", "blobs/uploads"])
def test_names_that_look_like_routes_are_repositories(client: FlaskClient, name: str) -> None:
    digest = push.manifest(client, name, "v1")
    assert client.get(f"/v2/{name}/manifests/{digest}").get_data() == push.image()
    assert client.get(f"/v2/{name}/tags/list").get_json() == {"name": name, "tags": ["v1"]}
    assert client.get(f"/v2/{name}/blobs/{LAYER}").get_data() == b"layer"
    assert client.get("/v2/_catalog").get_json() == {"repositories": [name]}


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_this_is_a_registry(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()) == (200, {})


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/a/b", "/v2/a/b/c/d", "/v2/a/manifests/"])
def test_what_is_no_end_point_is_404_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, push.codes(answer)) == (404, ["UNSUPPORTED"])


def test_health_and_readiness_are_told(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ready"}
