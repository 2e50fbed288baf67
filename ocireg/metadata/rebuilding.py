"""What a database that is behind its store must learn: rows without objects, objects without rows, and what joins them.

Pages of rows are by key, so that one walk over them and one over the store's list meet: both are in byte order (of
another database than SQLite the column needs the collation "C").
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ocireg.metadata import tags
from ocireg.metadata.database import Database
from ocireg.metadata.immutability import Immutable

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Keyed:
    """A row and the key of its object."""

    id: int
    key: str
    digest: str
    size: int


def blobs_by_key(database: Database) -> Iterator[Keyed]:
    """Yield the blobs that the store is not known to have lost, by key."""
    return _by_key(database, "SELECT id, key, digest, size FROM blob WHERE key > ? AND NOT lost ORDER BY key LIMIT ?")


def manifests_by_key(database: Database) -> Iterator[Keyed]:
    """Yield the manifests, by key."""
    return _by_key(database, "SELECT id, key, digest, size FROM manifest WHERE key > ? ORDER BY key LIMIT ?")


def _by_key(database: Database, sql: str) -> Iterator[Keyed]:
    after = ""
    while found := database.fetch_all(sql, after, AT_ONCE):
        yield from (Keyed(*row) for row in found)
        after = found[-1][1]


def manifest(database: Database, repository: int, digest: str) -> tuple[int, float] | None:
    """Return the id of a manifest, and when it was pushed last."""
    sql = "SELECT id, pushed_at FROM manifest WHERE repository_id = ? AND digest = ?"
    found = database.fetch(sql, repository, digest)
    return (int(found[0]), float(found[1])) if found else None


def content(database: Database, manifest: int, key: str) -> tuple[str, str, bytes | None, float, list[str]] | None:
    """Return repository, media type, the row's copy, the time of the push and the tags of a manifest.

    None if it has another key by now.
    """
    sql = """
    SELECT r.name, m.media_type, m.content, m.pushed_at FROM manifest m JOIN repository r ON r.id = m.repository_id
    WHERE m.id = ? AND m.key = ?
    """
    found = database.fetch(sql, manifest, key)
    return (*found, tags.of_manifest(database, manifest)) if found else None


def rekey(database: Database, manifest: int, before: str, after: str) -> bool:
    """Let the object of a manifest be another one; False if it is another by now. Inside a transaction."""
    return database.change("UPDATE manifest SET key = ? WHERE id = ? AND key = ?", after, manifest, before) == 1


def point(database: Database, repository: int, name: str, manifest: int, digest: str, at: float) -> bool:
    """Let a tag point at a manifest as it was pushed with it ``at`` a time, unless it was set later. In a transaction.

    Nor if it is immutable, and points at another.

    Returns whether it does so now.
    """
    sql = "SELECT pushed_at FROM tag WHERE repository_id = ? AND name = ?"
    found = database.fetch(sql, repository, name)
    if found is not None and found[0] >= at:
        return False
    try:
        tags.point(database, repository, name, manifest, digest, "", at)
    except Immutable:  # by a rule of the snapshot: before anything was written
        return False
    return True


_LINK = """
INSERT INTO repository_blob (repository_id, blob_id, protected_until)
SELECT DISTINCT e.repository_id, b.id, ? FROM manifest_reference e JOIN blob b ON b.digest = e.digest
WHERE {which} = ?
ON CONFLICT (repository_id, blob_id) DO NOTHING
"""


def link_manifest(database: Database, manifest: int) -> None:
    """Let the repository of a manifest know the blobs that it names and that are there. Inside a transaction."""
    database.change(_LINK.format(which="e.manifest_id"), database.now(), manifest)


def link_blob(database: Database, blob: int) -> None:
    """Let the repositories know a blob whose manifests name it. Inside a transaction."""
    database.change(_LINK.format(which="b.id"), database.now(), blob)


_MISSING = """
FROM manifest_reference e WHERE e.kind <> 'foreign'
AND NOT EXISTS (SELECT 1 FROM blob b JOIN repository_blob l ON l.blob_id = b.id
    WHERE b.digest = e.digest AND l.repository_id = e.repository_id AND NOT b.lost)
AND NOT EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = e.repository_id AND m.digest = e.digest)
"""


def missing(database: Database, algorithm: str) -> int:
    """Return how many digests of an algorithm manifests name that are not there."""
    sql = f"SELECT COUNT(DISTINCT e.digest) {_MISSING} AND e.digest >= ? AND e.digest < ?"
    found = database.fetch(sql, f"{algorithm}:", f"{algorithm};")
    return int(found[0]) if found else 0


def incomplete(database: Database) -> int:
    """Return how many manifests name something that is not there."""
    found = database.fetch(f"SELECT COUNT(DISTINCT e.manifest_id) {_MISSING}")
    return int(found[0]) if found else 0


def is_named(database: Database, digest: str) -> bool:
    """Say whether a manifest names a digest of which there is no blob, or one that was lost."""
    sql = """
    SELECT 1 FROM manifest_reference e WHERE e.digest = ?
    AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.digest = e.digest AND NOT b.lost) LIMIT 1
    """
    return database.fetch(sql, digest) is not None
