"""The migration that lets an installation collect garbage: what it had is queued, and nothing goes at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playhouse.migrations import Runner

from ocireg.metadata.database import Database
from ocireg.metadata.migrate import FOLDER, migrate

BEFORE = """
INSERT INTO repository (id, registry_id, name, created_at) VALUES (7, 1, 'app', 0), (8, 1, 'other', 0);
INSERT INTO blob (id, digest, size, key, created_at) VALUES (1, 'sha256:a', 1, 'k1', 0), (2, 'sha256:b', 1, 'k2', 0);
INSERT INTO repository_blob VALUES (7, 1, 0), (7, 2, 0), (8, 1, 0);
INSERT INTO manifest (id, repository_id, digest, size, media_type, key, annotations, pushed_at)
VALUES (1, 7, 'sha256:m', 1, 'x/y', 'm1', '{}', 0), (2, 7, 'sha256:n', 1, 'x/y', 'm2', '{}', 0);
INSERT INTO manifest_reference (manifest_id, position, digest, media_type, size, kind)
VALUES (1, 0, 'sha256:a', 'x', 1, 'blob');
INSERT INTO tag (repository_id, name, manifest_id, pushed_at) VALUES (7, 't', 1, 0)
"""
NOW = 2_000_000.0


@pytest.fixture
def migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that the version before left, with something in it, brought up to date."""
    made = Database(tmp_path / "ocireg.db")
    Runner(made.peewee, str(FOLDER)).up("0010_sessions")
    with made.transaction():
        for sql in BEFORE.strip().split(";\n"):
            made.change(sql)
    monkeypatch.setattr("time.time", lambda: NOW)
    migrate(made)
    yield made
    made.close()


def test_references_know_their_repository_also_those_that_come_later(migrated: Database) -> None:
    with migrated.transaction():
        migrated.change(
            "INSERT INTO manifest_reference (manifest_id, position, digest, media_type, size, kind) "
            "VALUES (2, 0, 'x', 'x', 1, 'blob')"
        )
    sql = "SELECT manifest_id, repository_id FROM manifest_reference ORDER BY manifest_id"
    assert migrated.fetch_all(sql) == [(1, 7), (2, 7)]


def test_what_has_no_tag_waits_as_if_it_had_lost_it_within_the_next_hour(migrated: Database) -> None:
    ((manifest, reason, since),) = migrated.fetch_all("SELECT manifest_id, reason, since FROM manifest_candidate")
    assert (manifest, reason) == (2, "untagged")
    assert NOW <= since < NOW + 3600


def test_what_no_manifest_of_its_repository_names_waits_likewise(migrated: Database) -> None:
    found = migrated.fetch_all("SELECT repository_id, blob_id, reason, since FROM blob_candidate ORDER BY 1, 2")
    assert [row[:3] for row in found] == [(7, 2, "pushed"), (8, 1, "pushed")]
    assert all(NOW <= row[3] < NOW + 3600 for row in found)
