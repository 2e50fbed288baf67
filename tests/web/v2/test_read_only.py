"""A registry that is read-only: pulls go on, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.app import clean_up, create_app
from ocireg.errors import OperatorError
from ocireg.oci.digest import Digest
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

LAYER = Digest.of(b"layer")


@pytest.fixture
def read_only(tmp_path: Path, client: FlaskClient) -> Iterator[FlaskClient]:
    """A second application on the same data, which may only be read."""
    push.manifest(client, "a/b", "v1")
    app = create_app(settings_for(tmp_path, read_only=True))
    app.test_client_class = BufferedClient
    yield app.test_client()
    installation(app).database.close()


def test_pulls_go_on(read_only: FlaskClient) -> None:
    assert read_only.get("/v2/a/b/manifests/v1").get_data() == push.image()
    assert read_only.get(f"/v2/a/b/blobs/{LAYER}").get_data() == b"layer"
    assert read_only.get("/v2/a/b/tags/list").status_code == 200
    assert read_only.get("/v2/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/a/b/blobs/uploads/"),
        ("POST", f"/v2/c/d/blobs/uploads/?mount={LAYER}&from=a/b"),
        ("PATCH", "/v2/a/b/blobs/uploads/x"),
        ("PUT", f"/v2/a/b/blobs/uploads/x?digest={LAYER}"),
        ("DELETE", "/v2/a/b/blobs/uploads/x"),
        ("DELETE", f"/v2/a/b/blobs/{LAYER}"),
        ("PUT", "/v2/a/b/manifests/v2"),
        ("DELETE", "/v2/a/b/manifests/v1"),
        ("DELETE", f"/v2/a/b/manifests/{Digest.of(push.image())}"),
    ],
)
def test_what_changes_something_is_refused(read_only: FlaskClient, method: str, path: str) -> None:
    answer = read_only.open(path, method=method, data=b"")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.get_json()["errors"][0]["code"] == "UNSUPPORTED"
    assert "read-only" in answer.get_json()["errors"][0]["message"]
    assert read_only.get("/v2/a/b/manifests/v1").status_code == 200


def test_the_clean_up_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="read_only is set"):
        clean_up(settings_for(tmp_path, read_only=True))
