"""What of the protocol is a download, and what is not."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.app import close, create_app
from ocireg.metadata import holdings
from ocireg.oci.digest import Digest
from tests.conftest import BufferedClient, installation
from tests.security.statements import statements
from tests.settings import settings_for
from tests.web.v2 import push

DIGEST = Digest.of(push.image())
TAG = "/v2/a/b/manifests/v1"


def counted(client: FlaskClient) -> int:
    """Return the downloads of the repository, those included that wait."""
    close(client.application)
    found = holdings.find(installation(client.application).database, "a/b")
    assert found is not None
    return found.downloads


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "count"),
    [
        ("GET", TAG, {}, 200, 1),
        ("GET", f"/v2/a/b/manifests/{DIGEST}", {}, 200, 1),
        ("GET", TAG, {"Accept": "text/plain"}, 200, 1),
        ("GET", TAG, {"If-None-Match": '"other"'}, 200, 1),
        ("GET", TAG, {"If-None-Match": f'"{DIGEST}"'}, 304, 0),
        ("HEAD", TAG, {}, 200, 0),
        ("HEAD", f"/v2/a/b/manifests/{DIGEST}", {}, 200, 0),
        ("GET", "/v2/a/b/manifests/v2", {}, 404, 0),
        ("GET", "/v2/a/b/tags/list", {}, 200, 0),
        ("GET", f"/v2/a/b/referrers/{DIGEST}", {}, 200, 0),
        ("GET", f"/v2/a/b/blobs/{Digest.of(b'layer')}", {}, 200, 0),
        ("PUT", TAG, {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}, 201, 0),
    ],
)
def test_a_get_of_a_manifest_that_is_answered_with_it_is_a_download(
    client: FlaskClient, method: str, path: str, headers: dict[str, str], status: int, count: int
) -> None:
    push.manifest(client, "a/b", "v1")
    data = push.image() if method == "PUT" else None
    assert client.open(path, method=method, headers=headers, data=data).status_code == status
    assert counted(client) == count


def test_a_pull_writes_nothing(client: FlaskClient) -> None:
    push.manifest(client, "a/b", "v1")
    client.get(TAG)
    with statements() as asked:
        assert client.get(TAG).status_code == 200
    assert [one.split()[0] for one in asked] == ["SELECT"] * len(asked)
    assert counted(client) == 2


def test_an_image_that_is_pulled_for_a_platform_is_one_download(client: FlaskClient) -> None:
    push.manifest(client, "a/b", str(DIGEST))
    push.manifest(client, "a/b", "v1", push.index(push.image()))
    client.get(TAG)
    client.get(f"/v2/a/b/manifests/{DIGEST}")
    assert counted(client) == 1


def test_where_all_is_read_only_nothing_is_counted(client: FlaskClient, tmp_path: Path) -> None:
    push.manifest(client, "a/b", "v1")
    app = create_app(settings_for(tmp_path, read_only=True))
    app.test_client_class = BufferedClient
    assert app.test_client().get(TAG).status_code == 200
    close(app)
    installation(app).database.close()
    assert counted(client) == 0
