"""Whatever comes in, the answer is a success or a 4xx of the specification's form; never a 5xx."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocireg.app import create_app
from ocireg.errors import CODES
from ocireg.oci.media_types import OCI_INDEX, OCI_MANIFEST
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

KNOWN = {row.code for row in CODES}
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
TEXT = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["..", "a/../b", "%2e%2e", "a//b", "A", "a" * 300, "sha256:" + "0" * 64, "v1", "_catalog", "a\x00b"]
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    ["schemaVersion", "mediaType", "config", "layers", "manifests", "subject", "artifactType", "annotations", "blobs"]
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """One application for all examples."""
    app = create_app(settings_for(Path(tmp_path_factory.mktemp("bad"))))
    app.test_client_class = BufferedClient
    made = app.test_client()
    push.manifest(made, "a/b", "v1")
    yield made
    installation(app).database.close()


def require_lawful(client: FlaskClient, path: str, **request: object) -> None:
    """Send a request; check that its answer is one."""
    answer = client.open(path, **request)  # type: ignore[arg-type] # any request
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.content_type == "application/json"
        if request.get("method") != "HEAD":
            assert set(push.codes(answer)) <= KNOWN


@quick
@given(
    method=METHODS,
    name=TEXT,
    form=st.sampled_from(["blobs/{}", "manifests/{}", "tags/list{}", "blobs/uploads/{}", "referrers/{}"]),
    argument=TEXT,
)
def test_any_name_and_reference(client: FlaskClient, method: str, name: str, form: str, argument: str) -> None:
    require_lawful(client, f"/v2/{quote(name)}/{form.format(quote(argument))}", method=method, data=b"x")


@quick
@given(
    method=METHODS, query=st.dictionaries(TEXT | st.sampled_from(["n", "last", "digest", "mount", "from", "tag"]), TEXT)
)
def test_any_query(client: FlaskClient, method: str, query: dict[str, str]) -> None:
    for path in ("/v2/_catalog", "/v2/a/b/tags/list", "/v2/a/b/blobs/uploads/", "/v2/a/b/manifests/v1"):
        require_lawful(client, path, method=method, query_string=query)


@quick
@given(
    header=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
    | st.from_regex(r"\Abytes=[0-9,\- ]{1,40}\Z", fullmatch=True)
)
def test_any_range(client: FlaskClient, header: str) -> None:
    digest = push.blob(client, "a/b", b"0123456789")
    require_lawful(client, f"/v2/a/b/blobs/{digest}", method="GET", headers={"Range": header.replace("\n", "")})


@quick
@given(
    header=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
    | st.from_regex(r"\A[0-9]{1,30}-[0-9]{1,30}\Z")
)
def test_any_content_range(client: FlaskClient, header: str) -> None:
    location = client.post("/v2/a/b/blobs/uploads/").headers["Location"]
    require_lawful(client, location, method="PATCH", data=b"x", headers={"Content-Range": header})


@quick
@given(
    content=st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(FIELDS, JSON).map(lambda body: json.dumps({"schemaVersion": 2, **body}).encode()),
    content_type=st.sampled_from([OCI_MANIFEST, OCI_INDEX, "", "text/html", "a/b; c=d", "\x7f"]),
)
def test_any_manifest(client: FlaskClient, content: bytes, content_type: str) -> None:
    require_lawful(client, "/v2/a/b/manifests/any", method="PUT", data=content, content_type=content_type)


@quick
@given(digest=TEXT, source=TEXT, algorithm=TEXT)
def test_any_upload(client: FlaskClient, digest: str, source: str, algorithm: str) -> None:
    for query in ({"mount": digest, "from": source}, {"digest": digest}, {"digest-algorithm": algorithm}):
        require_lawful(client, "/v2/a/b/blobs/uploads/", method="POST", query_string=query, data=b"x")
