"""A blob whose bytes the store has lost: said, logged, and healed by pushing it again."""

import logging
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import installation
from tests.web.v2 import push

CONTENT = b"layer"
CONFIG = b"{}"


@pytest.fixture
def store(app: Flask) -> Path:
    """The folder of objects."""
    return installation(app).settings.data / "storage" / "objects"


@pytest.fixture
def lost(client: FlaskClient, store: Path, tmp_path: Path) -> str:
    """The digest of a blob of two repositories, whose object was moved away from the store."""
    digest = push.blob(client, "a/b", CONTENT)
    assert client.post(f"/v2/c/d/blobs/uploads/?mount={digest}&from=a/b").status_code == 201
    (found,) = [one for one in (store / "blobs").rglob("*") if one.is_file()]
    (tmp_path / "kept").write_text(str(found))
    found.rename(tmp_path / "away")
    return digest


def status(client: FlaskClient, method: str, repository: str, digest: str) -> int:
    return client.open(f"/v2/{repository}/blobs/{digest}", method=method).status_code


def test_a_read_of_a_lost_blob_is_an_error_of_ours_with_key_and_digest_in_the_log(
    client: FlaskClient, lost: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        caplog.clear()
        answer = client.get(f"/v2/a/b/blobs/{lost}")
        assert (answer.status_code, push.codes(answer)) == (503, ["UNAVAILABLE"])
        assert "push it again" in answer.get_json()["errors"][0]["message"]
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert record.exc_info is None
        assert lost in record.getMessage()
        assert "blobs/" in record.getMessage()


def test_a_lost_blob_is_wanted_again_everywhere_and_its_push_heals_it_everywhere(
    client: FlaskClient, lost: str
) -> None:
    push.blob(client, "a/b", CONFIG)
    assert status(client, "HEAD", "a/b", lost) == 200  # nobody has noticed
    assert status(client, "GET", "a/b", lost) == 503
    for repository in ("a/b", "c/d"):
        assert status(client, "HEAD", repository, lost) == 404
        assert client.post(f"/v2/e/f/blobs/uploads/?mount={lost}&from={repository}").status_code == 202
    assert client.post(f"/v2/e/f/blobs/uploads/?mount={lost}").status_code == 202
    answer = client.put("/v2/a/b/manifests/v1", data=push.image(layers=(CONTENT,)))
    assert push.codes(answer) == ["MANIFEST_BLOB_UNKNOWN"]
    assert answer.get_json()["errors"][0]["detail"] == {"digest": lost}
    push.blob(client, "a/b", CONTENT)
    for repository in ("a/b", "c/d"):
        assert status(client, "HEAD", repository, lost) == 200
        assert client.get(f"/v2/{repository}/blobs/{lost}").get_data() == CONTENT
    push.manifest(client, "a/b", "v1", push.image(layers=(CONTENT,)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_bytes_that_come_back_are_found(client: FlaskClient, lost: str, tmp_path: Path, method: str) -> None:
    assert status(client, "GET", "a/b", lost) == 503
    (tmp_path / "away").rename((tmp_path / "kept").read_text())
    assert status(client, method, "a/b", lost) == 200
    assert status(client, "HEAD", "c/d", lost) == 200


def test_a_store_that_is_not_mounted_has_lost_nothing(client: FlaskClient, store: Path, tmp_path: Path) -> None:
    digest = push.blob(client, "a/b", CONTENT)
    store.rename(tmp_path / "unmounted")
    store.mkdir()
    answer = client.get(f"/v2/a/b/blobs/{digest}")
    assert (answer.status_code, push.codes(answer)) == (503, ["UNAVAILABLE"])
    assert "mounted" in answer.get_json()["errors"][0]["message"]
    assert status(client, "HEAD", "a/b", digest) == 200
    shutil.rmtree(store)
    (tmp_path / "unmounted").rename(store)
    assert client.get(f"/v2/a/b/blobs/{digest}").get_data() == CONTENT


def test_a_sweep_does_not_mark_a_store_that_is_not_mounted(app: Flask, client: FlaskClient, store: Path) -> None:
    push.blob(client, "a/b", CONTENT)
    shutil.rmtree(store)
    store.mkdir()
    assert installation(app).registry.sweep.run().foreign_store
    assert list(store.iterdir()) == []
