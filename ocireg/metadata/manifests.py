"""Manifests of repositories, and the edges from them."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ocireg.metadata import candidates, garbage, immutability, tags
from ocireg.metadata.blobs import DIGESTS_AT_ONCE
from ocireg.metadata.candidates import DELETED, Going
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
    protected_until: float = 0


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
SELECT m.id, m.digest, m.media_type, m.size, m.key, {content}, r.id, m.protected_until FROM repository r
JOIN tag t ON t.repository_id = r.id AND t.name = ?
JOIN manifest m ON m.id = t.manifest_id
WHERE r.name = ? AND m.lost = 0
"""
_BY_DIGEST = """
SELECT m.id, m.digest, m.media_type, m.size, m.key, {content}, r.id, m.protected_until FROM repository r
JOIN manifest m ON m.repository_id = r.id AND m.digest = ?
WHERE r.name = ? AND m.lost = 0
"""


def find(
    database: Database, repository: str, *, tag: str = "", digest: str = "", content: bool = True
) -> StoredManifest | None:
    """Return the manifest that the tag points at, or that has the digest; None of one that is lost."""
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
    """Return those of ``digests`` that are no manifest of the repository, or are lost."""
    wanted = sorted(set(digests))
    known: set[str] = set()
    for first in range(0, len(wanted), DIGESTS_AT_ONCE):
        some = wanted[first : first + DIGESTS_AT_ONCE]
        query = Manifest.select(Manifest.digest).where(
            Manifest.repository == repository,
            Manifest.lost == False,  # noqa: E712 - SQL
            Manifest.digest.in_(some),
        )
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
    protection: float,
    grace: float,
    at: float | None = None,
) -> int:
    """Insert the manifest, or give one that is there the new object; return its id. Inside a transaction.

    ``manifest.id`` and its repository are not looked at. The object of a former push becomes garbage. It is not
    collected for ``protection`` seconds. When its tags are set, ``candidates.pushed`` is to be called. ``at``: when it
    was pushed, if not now.
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
        "pushed_at": database.now() if at is None else at,
        "pushed_by": by,
        "protected_until": database.now() + protection,
        "lost": False,
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
            "repository": repository,
        }
        for place, e in enumerate(edges)
    ]
    for first in range(0, len(rows), DIGESTS_AT_ONCE):
        database.run(ManifestReference.insert_many(rows[first : first + DIGESTS_AT_ONCE]))
    return new


def remove(database: Database, repository: str, digest: str, *, by: str, grace: float) -> bool:
    """Delete the manifest and every tag that points at it; say whether it was there. Inside a transaction.

    ``Immutable``, also of what an index with an immutable tag names.
    """
    row = database.row(
        Manifest.select(Manifest.id, Manifest.key, Manifest.repository)
        .join(Repository, on=(Repository.id == Manifest.repository))
        .where(Repository.name == repository, Manifest.digest == digest)
    )
    if row is None:
        return False
    manifest, key, where = row
    immutability.require_losable(database, where, digest)
    collect(database, Going(manifest, where, digest, DELETED, database.now()), key, by=by, grace=grace)
    return True


def collect(database: Database, going: Going, key: str, *, by: str, grace: float) -> None:
    """Delete a manifest and its tags, and let be looked at what it kept. Inside a transaction."""
    candidates.going(database, going)
    tags.forget_manifest(database, going.repository, going.id, by)
    database.run(Manifest.delete().where(Manifest.id == going.id))
    garbage.add(database, key, after=grace)


def protect(database: Database, repository: str, digest: str, *, seconds: float) -> bool:
    """Let the manifest not be collected for so long, if it is there; say whether it is. Inside a transaction.

    What is protected for half of that already stays as it is.
    """
    where = Repository.select(Repository.id).where(Repository.name == repository)
    of = (Manifest.repository == where, Manifest.digest == digest)
    now = database.now()
    late = Manifest.protected_until < now + seconds / 2
    if database.run(Manifest.update(protected_until=now + seconds).where(*of, late)):
        return True
    return database.row(Manifest.select(Manifest.id).where(*of)) is not None


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
