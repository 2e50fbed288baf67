"""What is kept with rows is what there is: the sums of repositories, the paths of registries, who pushed."""

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.migrations import Runner

from ocireg.app import close, create_app
from ocireg.errors import RegistryError
from ocireg.metadata import repositories
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import FOLDER
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_INDEX
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


HOUSES, TAGS, LAYERS = ("a/b", "c/d", "e/f"), ("1", "2", "3"), (b"one", b"two", b"three", b"four")


class Anything:
    """One of all that changes rows, as chance has it; what is not there to be changed is refused, and changes nothing.

    What is refused is as good a test: its transaction is undone.
    """

    def __init__(self, client: FlaskClient, database: Database, chance: random.Random) -> None:
        self.client, self.database, self.chance = client, database, chance
        self.pushed = [push.image(layers=(b"one",))]
        self.steps = (self.push, self.push, self.index, self.untag, self.unpush, self.mount, self.unlink, self.restore)
        self.rare = (self.move, self.purge, self.lose, self.sweep)

    def step(self) -> None:
        self.chance.choice(self.steps if self.chance.random() < 0.7 else self.rare)()

    @property
    def where(self) -> str:
        return self.chance.choice(HOUSES)

    def push(self) -> None:
        some = tuple(self.chance.sample(LAYERS, self.chance.randint(1, 3)))
        self.pushed.append(image(self.client, self.where, self.chance.choice(TAGS), *some))

    def index(self) -> None:
        content = push.index(*self.chance.sample(self.pushed, 1))
        self.client.put(f"/v2/{self.where}/manifests/{self.chance.choice(TAGS)}", data=content, content_type=OCI_INDEX)

    def untag(self) -> None:
        self.client.delete(f"/v2/{self.where}/manifests/{self.chance.choice(TAGS)}")

    def unpush(self) -> None:
        self.client.delete(f"/v2/{self.where}/manifests/{Digest.of(self.chance.choice(self.pushed))}")

    def mount(self) -> None:
        digest = Digest.of(self.chance.choice(LAYERS))
        self.client.post(f"/v2/{self.where}/blobs/uploads/?mount={digest}&from={self.where}")

    def unlink(self) -> None:
        self.client.delete(f"/v2/{self.where}/blobs/{Digest.of(self.chance.choice(LAYERS))}")

    def restore(self) -> None:
        with suppress(RegistryError):
            tags = installation(self.client.application).registry.tags
            tags.restore(self.where, self.chance.choice(TAGS), Digest.of(self.chance.choice(self.pushed)))

    def move(self) -> None:
        name = self.where
        with self.database.transaction():
            if repositories.move(self.database, name, "new/name", 1):
                repositories.move(self.database, "new/name", name, 1)

    def purge(self) -> None:
        with self.database.transaction():
            repositories.purge(self.database, self.where, grace=0)

    def lose(self) -> None:
        """Take a row, and what foreign keys take with it."""
        table = self.chance.choice(("manifest", "blob"))
        with self.database.transaction():
            self.database.fetch(f"DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table})")

    def sweep(self) -> None:
        installation(self.client.application).registry.sweep.run()


CHAINS = """
SELECT manifest_id FROM image_chain c WHERE NOT EXISTS (
    SELECT 1 FROM manifest m JOIN repository r ON r.id = m.repository_id
    WHERE m.id = c.manifest_id AND r.registry_id = c.registry_id)
"""
PARENTS = "SELECT repository_id, digest, manifest_id FROM image_parent ORDER BY 1, 2, 3"
NAMED = """
SELECT DISTINCT m.repository_id, f.digest, m.id FROM manifest_reference f JOIN manifest m ON m.id = f.manifest_id
WHERE f.kind = 'manifest' ORDER BY 1, 2, 3
"""


@pytest.mark.parametrize("seed", range(2))
def test_the_sums_are_right_whatever_happens_in_whatever_order(
    client: FlaskClient, database: Database, seed: int
) -> None:
    anything = Anything(client, database, random.Random(seed))
    for _ in range(60):
        anything.step()
        agrees(database)
    assert rows(database, CHAINS) == []
    assert rows(database, PARENTS) == rows(database, NAMED)
    assert rows(database, "SELECT 1 FROM manifest"), "something is left to be counted"


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
