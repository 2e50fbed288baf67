"""Mounts by access token: from where blobs may be taken that the token does not name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ocireg.app import create_app
from ocireg.auth.scopes import SCOPES
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for

CONTENT = b"content of a layer"
DIGEST = Digest.of(CONTENT)
NAMED = "acme/one/app"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Registries ``acme/one`` and ``acme/two``, which a writer may write to, and ``acme/hidden``, which she may not."""
    made = create_app(settings_for(tmp_path, open="false"))
    made.test_client_class = BufferedClient
    yield made
    installation(made).database.close()


@pytest.fixture
def secret(app: Flask) -> str:
    """The writer's API token."""
    manager = installation(app).access.manager
    manager.organizations.create(SYSTEM, "acme")
    manager.users.create(SYSTEM, "admin", admin=True)
    manager.users.create(SYSTEM, "writer")
    for registry in ("acme/one", "acme/two", "acme/hidden"):
        manager.registries.create(SYSTEM, registry)
    for registry in ("acme/one", "acme/two", "root"):
        manager.registries.grant(SYSTEM, registry, "writer", "write")
    return manager.tokens.create(SYSTEM, "writer", scopes=SCOPES).secret


@pytest.mark.parametrize(
    ("held_by", "asked", "source", "status"),
    [
        ("acme/one/other", [], "", 201),
        ("acme/two/other", [], "", 202),
        ("acme/two/other", ["acme/two/other"], "", 201),
        ("other", [], "", 202),
        ("acme/hidden/other", [], "", 202),
        ("acme/hidden/other", ["acme/hidden/other"], "", 202),
        ("acme/one/other", ["acme/one/other"], "acme/one/other", 201),
        ("acme/two/other", ["acme/two/other"], "acme/two/other", 201),
        ("acme/one/other", [], "acme/one/other", 201),
        ("acme/two/other", [], "acme/two/other", 202),
        ("acme/hidden/other", ["acme/hidden/other"], "acme/hidden/other", 202),
    ],
)
def test_a_blob_is_mounted_from_what_the_token_names_and_from_the_same_registry(
    app: Flask, secret: str, held_by: str, asked: list[str], source: str, status: int
) -> None:
    """``asked``: what the token names besides the repository that is pushed to; ``source``: what the mount names."""
    manager, client = installation(app).access.manager, app.test_client()
    anything = manager.tokens.create(SYSTEM, "admin", scopes=SCOPES).secret
    pushed = client.post(f"/v2/{held_by}/blobs/uploads/?digest={DIGEST}", data=CONTENT, auth=("admin", anything))
    assert pushed.status_code == 201
    bearer = token(client, secret, [f"repository:{NAMED}:pull,push", *(f"repository:{one}:pull" for one in asked)])
    query = f"mount={DIGEST}" + (f"&from={source}" if source else "")
    answer = client.post(f"/v2/{NAMED}/blobs/uploads/?{query}", headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code == status


def token(client: FlaskClient, secret: str, scopes: list[str]) -> str:
    answer = client.get("/token", query_string={"scope": scopes}, auth=("writer", secret))
    return str(answer.get_json()["token"])
