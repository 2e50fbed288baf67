"""Readiness: what is said when the database or the store does not answer."""

import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.app import create_app
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push


def test_what_works_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("content", [os.urandom(100_000), b"", b"SQLite format 3\0" + b"\xff" * 100_000])
def test_a_database_that_cannot_be_read_is_not_ready_and_pulls_say_why(tmp_path: Path, content: bytes) -> None:
    app = create_app(settings_for(tmp_path))
    app.test_client_class = BufferedClient
    client = app.test_client()
    installation(app).database.close()
    (tmp_path / "data" / "ocireg.db").write_bytes(content)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "the database does not answer")
    pull = client.get("/v2/a/b/manifests/v1")
    assert (pull.status_code, push.codes(pull)) == (503, ["UNAVAILABLE"])
    assert client.get("/healthz").status_code == 200
    installation(app).database.close()


def test_a_store_that_is_gone_is_not_ready(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "data" / "storage").rename(tmp_path / "elsewhere")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "the store does not answer")
