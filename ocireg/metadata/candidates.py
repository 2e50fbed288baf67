"""The queues of what may have lost its last use, and since when. See ``docs/decisions/garbage-collection.rst``.

Whatever takes a use away calls one of these in its own transaction. When something is due follows from its reason and
the settings, which are not known here.
"""

from dataclasses import dataclass

from ocireg.metadata.database import Database

UNTAGGED = "untagged"
"""It was pushed by digest, or its last tag moved away, or what kept it had no more use."""
DELETED = "deleted"
"""Its last tag was deleted, or a manifest that named it."""
FOLLOWED = "followed"
"""Its subject went."""
PUSHED = "pushed"
"""A blob, whose protection ends."""
RELEASED = "released"
"""A blob, of a manifest that had no more use."""

SUFFIXES = ("", ".sig", ".att", ".sbom")
"""What follows ``sha256-<hex>`` in tags that stand for a subject: the referrers tag schema, and cosign's."""


@dataclass(frozen=True, slots=True)
class Going:
    """A manifest that is about to be deleted, for what reason, and since when it was condemned."""

    id: int
    repository: int
    digest: str
    reason: str
    since: float


_WITHOUT_TAG = """
INSERT INTO manifest_candidate (manifest_id, reason, since) SELECT id, ?, ? FROM manifest m
WHERE id = ? AND NOT EXISTS (SELECT 1 FROM tag WHERE manifest_id = m.id)
ON CONFLICT (manifest_id) DO UPDATE SET reason = excluded.reason, since = excluded.since, not_before = 0
"""
# One that was pushed, or lost a tag by a move, after the parent was condemned has a time of its own. One that waited
# for the parent to go first is looked at now.
_CHILDREN = """
INSERT INTO manifest_candidate (manifest_id, reason, since)
SELECT DISTINCT c.id, CASE WHEN c.pushed_at <= :until THEN 'deleted' ELSE 'untagged' END,
    CASE WHEN c.pushed_at <= :until THEN :until WHEN c.pulled_at > c.pushed_at THEN c.pulled_at ELSE c.pushed_at END
FROM manifest_reference e CROSS JOIN manifest c
WHERE e.manifest_id = :id AND c.repository_id = :repository AND c.digest = e.digest
    AND NOT EXISTS (SELECT 1 FROM tag WHERE manifest_id = c.id)
ON CONFLICT (manifest_id) DO UPDATE SET not_before = 0,
    reason = CASE WHEN {other} THEN excluded.reason ELSE manifest_candidate.reason END,
    since = CASE WHEN {other} THEN excluded.since ELSE manifest_candidate.since END
"""
_OTHER = """
(manifest_candidate.reason = excluded.reason AND manifest_candidate.since < excluded.since)
    OR (manifest_candidate.reason = 'untagged' AND manifest_candidate.since <= excluded.since)
"""
# Each once: no statement may change a row twice.
_REFERRERS = """
INSERT INTO manifest_candidate (manifest_id, reason, since)
SELECT r.id, 'followed', CASE WHEN r.pushed_at > :since THEN r.pushed_at ELSE :since END FROM manifest r
WHERE r.repository_id = :repository AND r.subject = :digest
UNION ALL
SELECT m.id, 'followed', CASE WHEN m.pushed_at > :since THEN m.pushed_at ELSE :since END
FROM tag t CROSS JOIN manifest m
WHERE t.repository_id = :repository AND t.name IN ({names}) AND m.id = t.manifest_id
    AND coalesce(m.subject, '') != :digest
    AND NOT EXISTS (SELECT 1 FROM tag f WHERE f.manifest_id = m.id AND f.name IN ({names}) AND f.name < t.name)
ON CONFLICT (manifest_id) DO UPDATE SET reason = excluded.reason, since = excluded.since, not_before = 0
"""
_FOLLOWED = """
INSERT INTO manifest_candidate (manifest_id, reason, since) VALUES (?, 'followed', ?) ON CONFLICT DO NOTHING
"""
_BLOBS = """
INSERT INTO blob_candidate (repository_id, blob_id, reason, since, begun)
SELECT DISTINCT l.repository_id, l.blob_id, :reason, :since, :now
FROM manifest_reference e CROSS JOIN blob b CROSS JOIN repository_blob l
WHERE e.manifest_id = :id AND b.digest = e.digest AND l.repository_id = :repository AND l.blob_id = b.id
ON CONFLICT (repository_id, blob_id) DO UPDATE SET reason = excluded.reason, since = excluded.since
WHERE blob_candidate.reason != 'deleted' OR (excluded.reason = 'deleted' AND blob_candidate.since < excluded.since)
"""
# What a manifest kept that was deleted has its grace, too. A push that begins long after the last one is another.
_LINKED = """
INSERT INTO blob_candidate (repository_id, blob_id, reason, since, begun)
VALUES (:repository, :blob, 'pushed', :until, :begun)
ON CONFLICT (repository_id, blob_id) DO UPDATE SET
    reason = CASE WHEN blob_candidate.reason = 'deleted' THEN 'deleted' ELSE excluded.reason END,
    since = CASE WHEN blob_candidate.reason = 'deleted' THEN blob_candidate.since ELSE excluded.since END,
    begun = CASE WHEN blob_candidate.begun < excluded.begun AND blob_candidate.begun > excluded.begun - :another
        THEN blob_candidate.begun ELSE excluded.begun END
"""
ANOTHER = 24 * 3600.0
"""Seconds after which the push of a blob is another than that which brought it."""


def pushed(database: Database, manifest: int) -> None:
    """A manifest was pushed, maybe again, and its tags point at it."""
    drop(database, manifest)
    moved(database, manifest)


def moved(database: Database, manifest: int) -> None:
    """A tag does not point at a manifest any more: it points at another."""
    database.change(_WITHOUT_TAG, UNTAGGED, database.now(), manifest)


def untagged(database: Database, manifest: int) -> None:
    """A tag that pointed at a manifest was deleted."""
    database.change(_WITHOUT_TAG, DELETED, database.now(), manifest)


def followed(database: Database, manifest: int, since: float) -> None:
    """What kept a manifest has to go, and waits for it."""
    database.change(_FOLLOWED, manifest, since)


def drop(database: Database, manifest: int) -> None:
    """A manifest lives, and whatever ends that will say so."""
    database.change("DELETE FROM manifest_candidate WHERE manifest_id = ?", manifest)


def going(database: Database, one: Going) -> None:
    """A manifest goes, and with it what kept its children, its blobs and its referrers. Before its row is deleted."""
    now = database.now()
    deleted = one.reason != UNTAGGED
    values = {"id": one.id, "repository": one.repository, "digest": one.digest, "now": now}
    # Those that were pushed later than that have a time of their own; of what was not deleted all have.
    until = one.since if deleted else -1.0
    database.change(_CHILDREN.format(other=_OTHER), values | {"until": until})
    names = {f"name{place}": name for place, name in enumerate(fallback_tags(one.digest))}
    listed = ", ".join(f":{name}" for name in names)
    database.change(_REFERRERS.format(names=listed), values | names | {"since": one.since if deleted else now})
    how = {"reason": DELETED, "since": one.since} if deleted else {"reason": RELEASED, "since": now}
    database.change(_BLOBS, values | how)


def protected(database: Database, repository: int, blob: int, until: float, begun: float) -> None:
    """A repository knows a blob, which is protected until then. ``begun``: when its push did."""
    values = {"repository": repository, "blob": blob, "until": until, "begun": begun, "another": ANOTHER}
    database.change(_LINKED, values)


def fallback_tags(digest: str) -> list[str]:
    """Return the tags that stand for a subject, cut as the referrers tag schema says."""
    algorithm, _, encoded = digest.partition(":")
    return [f"{algorithm[:32]}-{encoded[:64]}{suffix}" for suffix in SUFFIXES]
