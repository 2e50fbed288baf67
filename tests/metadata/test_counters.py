"""What is kept with rows is what there is: the sums of repositories, the paths of registries, who pushed."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.migrations import Runner

from ocireg.app import close, create_app
from ocireg.metadata import repositories
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import FOLDER
from ocireg.oci.digest import Digest
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

KEPT = "SELECT name, manifests, tags, size, pushed_at FROM repository ORDER BY name"
COUNTED = """
SELECT name, (SELECT count(*) FROM manifest WHERE repository_id = r.id),
    (SELECT count(*) FROM tag WHERE repository_id = r.id),
    (SELECT coalesce(sum(size), 0) FROM manifest WHERE repository_id = r.id) + (SELECT coalesce(sum(size), 0)
        FROM blob b JOIN repository_blob l ON l.blob_id = b.id WHERE l.repository_id = r.id), r.pushed_at
FROM repository r ORDER BY name
"""


@pytest.fixture
def database(client: FlaskClient) -> Database:
    """The database that the client's pushes reach."""
    return installation(client.application).database


def rows(database: Database, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return database.fetch_all(sql, *values)


def agrees(database: Database) -> list[tuple[Any, ...]]:
    """Return the sums, which must be those that counting finds."""
    kept = rows(database, KEPT)
    assert kept == rows(database, COUNTED)
    return kept


def image(client: FlaskClient, name: str, tag: str, *layers: bytes) -> bytes:
    for one in (*layers, b"{}"):
        push.blob(client, name, one)
    content = push.image(layers=layers)
    push.manifest(client, name, tag, content)
    return content


def test_the_sums_of_a_repository_follow_whatever_comes_and_goes(client: FlaskClient, database: Database) -> None:
    one = image(client, "a/b", "1", b"shared", b"one")
    assert [row[1:4] for row in agrees(database)] == [(1, 1, len(one) + len(b"sharedone{}"))]
    two = image(client, "a/b", "1", b"shared", b"two")
    push.manifest(client, "a/b", "again", two)
    assert [row[1:3] for row in agrees(database)] == [(2, 2)]
    shared = Digest.of(b"shared")
    assert client.post(f"/v2/c/d/blobs/uploads/?mount={shared}&from=a/b").status_code == 201
    assert [row[3] for row in agrees(database)][1] == len(b"shared")
    push.blob(client, "c/d", b"shared")  # which it knows
    assert client.delete(f"/v2/a/b/blobs/{shared}").status_code == 202
    assert client.delete(f"/v2/c/d/blobs/{shared}").status_code == 202  # the last that knew it
    assert agrees(database)[1][3] == 0
    assert client.delete("/v2/a/b/manifests/again").status_code == 202
    assert client.delete(f"/v2/a/b/manifests/{Digest.of(two)}").status_code == 202
    assert agrees(database)[0][1:3] == (1, 0)


def test_the_sums_follow_what_foreign_keys_take_along(client: FlaskClient, database: Database) -> None:
    image(client, "a/b", "1", b"shared")
    image(client, "c/d", "1", b"shared")
    with database.transaction():
        repositories.purge(database, "a/b", grace=0)
    assert [row[1:3] for row in agrees(database)] == [(1, 1)]
    with database.transaction():
        database.fetch("DELETE FROM blob WHERE digest = ?", str(Digest.of(b"shared")))
    agrees(database)
    with database.transaction():
        database.fetch("DELETE FROM manifest")
    assert [row[1:3] for row in agrees(database)] == [(0, 0)]


def test_the_last_push_stays_that_when_what_was_pushed_is_deleted(client: FlaskClient, database: Database) -> None:
    before = time.time()
    image(client, "a/b", "1", b"one")
    first = agrees(database)[0][4]
    two = image(client, "a/b", "2", b"two")
    last = agrees(database)[0][4]
    assert before < first < last < time.time()
    client.delete(f"/v2/a/b/manifests/{Digest.of(two)}")
    assert agrees(database)[0][4] == last
    image(client, "a/b", "1", b"one")
    assert agrees(database)[0][4] > last


def test_who_pushed_is_kept_with_manifests_tags_and_their_history(client: FlaskClient, database: Database) -> None:
    content = image(client, "a/b", "1", b"one")
    client.delete("/v2/a/b/manifests/1")
    push.manifest(client, "a/b", "2", content)
    client.delete(f"/v2/a/b/manifests/{Digest.of(content)}")
    (who,) = {row[0] for row in rows(database, "SELECT actor FROM audit_event")}
    assert who
    assert rows(database, 'SELECT name, digest IS NULL, "by" FROM tag_event ORDER BY id') == [
        ("1", 0, who),
        ("1", 1, who),
        ("2", 0, who),
        ("2", 1, who),
    ]
    push.manifest(client, "a/b", "3", content)
    assert rows(database, "SELECT m.pushed_by, t.pushed_by FROM manifest m, tag t") == [(who, who)]


BEFORE = """
INSERT INTO organization VALUES (1, 'acme', 'Acme', 0);
INSERT INTO registry
(id, organization_id, slug, name, description, emoji, colour, visibility, created_at, policy, policy_id)
VALUES (2, 1, 'goods', 'Goods', '', '', '', 'private', 0, '', '');
INSERT INTO repository VALUES (1, 2, 'acme/goods/app', 0), (2, 2, 'acme/goods/empty', 0);
INSERT INTO blob VALUES (1, 'sha256:b', 100, 'k', 0, 0);
INSERT INTO repository_blob VALUES (1, 1, 0);
INSERT INTO manifest (id, repository_id, digest, size, media_type, key, annotations, pushed_at)
VALUES (1, 1, 'sha256:m', 10, 'x/y', 'm', '{}', 5), (2, 1, 'sha256:n', 1, 'x/y', 'n', '{}', 7);
INSERT INTO tag VALUES (1, 't', 1, 5);
INSERT INTO tag_event VALUES (1, 1, 't', 'sha256:m', 5)
"""


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Database]:
    """A database as the version before left it, with something in it."""
    folder = tmp_path / "older" / "data"
    folder.mkdir(parents=True)
    made = Database(folder / "ocireg.db")
    Runner(made.peewee, str(FOLDER)).up("0007_contents")
    with made.transaction():
        for sql in BEFORE.strip().split(";\n"):
            made.fetch(sql)
    yield made
    made.close()


def test_what_was_there_before_is_counted_and_nobody_knows_who_pushed_it(older: Database, tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path / "older"))
    app.test_client_class = BufferedClient
    assert agrees(older) == [("acme/goods/app", 2, 1, 111, 7.0), ("acme/goods/empty", 0, 0, 0, None)]
    assert rows(older, "SELECT path FROM registry ORDER BY id") == [("",), ("acme/goods",)]
    assert rows(older, "SELECT pushed_by, pulled_at, downloads FROM manifest") == [("", None, 0)] * 2
    assert rows(older, 'SELECT t.pushed_by, e."by" FROM tag t, tag_event e') == [("", "")]
    image(app.test_client(), "acme/goods/app", "2", b"layer")
    assert agrees(older)[0][1:3] == (3, 2)
    close(app)
    installation(app).database.close()
