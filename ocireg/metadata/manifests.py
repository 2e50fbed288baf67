"""Manifests of repositories, and the edges from them."""

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ocireg.metadata import garbage, tags
from ocireg.metadata.blobs import DIGESTS_AT_ONCE
from ocireg.metadata.database import Database
from ocireg.metadata.models import Manifest, ManifestReference, Repository


@dataclass(frozen=True, slots=True)
class StoredManifest:
    """A manifest as it was pushed. ``content`` is None where the row's copy was emptied, or was not asked for.

    ``repository`` is the number of the repository's row: no other one ever has it.
    """

    id: int
    digest: str
    media_type: str
    size: int
    key: str
    content: bytes | None
    repository: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """One reference of a manifest."""

    kind: str
    digest: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Referrer:
    """What the referrers API says of a manifest that has a subject (OCI distribution v1.1.1, end-12)."""

    digest: str
    media_type: str
    size: int
    artifact_type: str | None
    annotations: Mapping[str, str] = field(default_factory=dict)


_BY_TAG = """
SELECT m.id, m.digest, m.media_type, m.size, m.key, {content}, r.id FROM repository r
JOIN tag t ON t.repository_id = r.id AND t.name = ?
JOIN manifest m ON m.id = t.manifest_id
WHERE r.name = ?
"""
_BY_DIGEST = """
SELECT m.id, m.digest, m.media_type, m.size, m.key, {content}, r.id FROM repository r
JOIN manifest m ON m.repository_id = r.id AND m.digest = ?
WHERE r.name = ?
"""


def find(
    database: Database, repository: str, *, tag: str = "", digest: str = "", content: bool = True
) -> StoredManifest | None:
    """Return the manifest that the tag points at, or that has the digest."""
    sql = (_BY_TAG if tag else _BY_DIGEST).format(content="m.content" if content else "NULL")
    found = database.fetch(sql, tag or digest, repository)
    return StoredManifest(*found) if found else None


def edges(database: Database, repository: str, digest: str) -> list[Edge] | None:
    """Return what a manifest refers to, in its order; None where the repository has no such manifest."""
    found = find(database, repository, digest=digest, content=False)
    if found is None:
        return None
    columns = (ManifestReference.kind, ManifestReference.digest, ManifestReference.media_type, ManifestReference.size)
    query = ManifestReference.select(*columns).where(ManifestReference.manifest == found.id)
    return [Edge(*row) for row in database.rows(query.order_by(ManifestReference.position))]


def missing(database: Database, repository: int, digests: Collection[str]) -> set[str]:
    """Return those of ``digests`` that are no manifest of the repository."""
    wanted = sorted(set(digests))
    known: set[str] = set()
    for first in range(0, len(wanted), DIGESTS_AT_ONCE):
        some = wanted[first : first + DIGESTS_AT_ONCE]
        query = Manifest.select(Manifest.digest).where(Manifest.repository == repository, Manifest.digest.in_(some))
        known.update(row[0] for row in database.rows(query))
    return set(wanted) - known


def store(
    database: Database,
    repository: int,
    manifest: StoredManifest,
    edges: Iterable[Edge],
    referrer: Referrer,
    subject: str | None,
    *,
    by: str,
    grace: float,
) -> int:
    """Insert the manifest, or give one that is there the new object; return its id. Inside a transaction.

    ``manifest.id`` and its repository are not looked at. The object of a former push becomes garbage.
    """
    before = database.row(
        Manifest.select(Manifest.id, Manifest.key).where(
            Manifest.repository == repository, Manifest.digest == manifest.digest
        )
    )
    values = {
        "size": manifest.size,
        "media_type": manifest.media_type,
        "key": manifest.key,
        "content": manifest.content,
        "artifact_type": referrer.artifact_type,
        "subject": subject,
        "annotations": json.dumps(dict(referrer.annotations), ensure_ascii=False),
        "pushed_at": time.time(),
        "pushed_by": by,
    }
    if before is not None:
        database.run(Manifest.update(**values).where(Manifest.id == before[0]))
        garbage.add(database, before[1], after=grace)
        return int(before[0])
    new = database.run(Manifest.insert(repository=repository, digest=manifest.digest, **values))
    rows = [
        {
            "manifest": new,
            "position": place,
            "kind": e.kind,
            "digest": e.digest,
            "media_type": e.media_type,
            "size": e.size,
        }
        for place, e in enumerate(edges)
    ]
    for first in range(0, len(rows), DIGESTS_AT_ONCE):
        database.run(ManifestReference.insert_many(rows[first : first + DIGESTS_AT_ONCE]))
    return new


def remove(database: Database, repository: str, digest: str, *, by: str, grace: float) -> bool:
    """Delete the manifest and every tag that points at it; say whether it was there. Inside a transaction."""
    row = database.row(
        Manifest.select(Manifest.id, Manifest.key, Manifest.repository)
        .join(Repository, on=(Repository.id == Manifest.repository))
        .where(Repository.name == repository, Manifest.digest == digest)
    )
    if row is None:
        return False
    manifest, key, where = row
    tags.forget_manifest(database, where, manifest, by)
    database.run(Manifest.delete().where(Manifest.id == manifest))
    garbage.add(database, key, after=grace)
    return True


@contextmanager
def referrers(
    database: Database, repository: str, subject: str, artifact_type: str | None, after: str
) -> Iterator[Iterator[Referrer]]:
    """Hold open the manifests with that subject and a digest greater than ``after``, in order of digest.

    Their annotations may be large: each is read when it is asked for, and who asks for no more holds no more.
    """
    query = (
        Manifest.select(
            Manifest.digest, Manifest.media_type, Manifest.size, Manifest.artifact_type, Manifest.annotations
        )
        .join(Repository, on=(Repository.id == Manifest.repository))
        .where(Repository.name == repository, Manifest.subject == subject, Manifest.digest > after)
        .order_by(Manifest.digest)
    )
    if artifact_type is not None:
        query = query.where(Manifest.artifact_type == artifact_type)
    with database.reading(query) as rows:
        yield (Referrer(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows)
