"""Works the queues of ``candidates.py`` off: what is due, and what becomes of it. It is changed inside transactions."""

from dataclasses import dataclass

from ocireg.metadata.candidates import PUSHED, UNTAGGED
from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class BlobCandidate:
    """A blob of a repository that may have lost its last use. ``begun``: when the push began that brought it."""

    repository: int
    blob: int
    digest: str
    size: int
    reason: str
    since: float
    begun: float
    protected_until: float


_MANIFESTS = """
SELECT manifest_id FROM manifest_candidate WHERE reason = ? AND since <= ? AND not_before <= ?
ORDER BY since DESC LIMIT ?
"""
# The index of what has no tag wants its reason in the text.
_UNTAGGED = """
SELECT manifest_id FROM manifest_candidate
WHERE reason = 'untagged' AND stays IS NULL AND since <= ? AND not_before <= ? ORDER BY since DESC LIMIT ?
"""
_BY_POLICIES = """
SELECT c.manifest_id FROM (SELECT DISTINCT untagged FROM retention WHERE untagged > 0) e
CROSS JOIN manifest_candidate c
WHERE c.reason = 'untagged' AND c.stays = e.untagged AND c.since <= :now - e.untagged AND c.not_before <= :now
ORDER BY c.since DESC LIMIT :limit
"""
_BLOBS = """
SELECT c.repository_id, c.blob_id, b.digest, b.size, c.reason, c.since, c.begun, l.protected_until
FROM blob_candidate c CROSS JOIN blob b CROSS JOIN repository_blob l
WHERE c.reason = ? AND c.since <= ? AND b.id = c.blob_id AND l.repository_id = c.repository_id AND l.blob_id = c.blob_id
ORDER BY c.since LIMIT ?
"""
_BLOB = """
SELECT c.repository_id, c.blob_id, b.digest, b.size, c.reason, c.since, c.begun, l.protected_until
FROM blob b CROSS JOIN repository_blob l CROSS JOIN blob_candidate c
WHERE b.digest = ? AND l.blob_id = b.id AND l.repository_id = ?
    AND c.repository_id = l.repository_id AND c.blob_id = b.id
"""
_PUSHING = """
SELECT 1 FROM upload WHERE repository_id = :repository AND expires_at > :now AND created_at <= :until
UNION ALL
SELECT 1 FROM repository_blob l CROSS JOIN blob_candidate c
WHERE l.repository_id = :repository AND l.protected_until > :now
    AND c.repository_id = l.repository_id AND c.blob_id = l.blob_id AND c.begun <= :until LIMIT 1
"""


def manifests(database: Database, reason: str, until: float, limit: int) -> list[int]:
    """Return up to ``limit`` manifests that were condemned for a reason until then, the latest first.

    What names others was pushed after them, and goes before them.
    """
    return [row[0] for row in database.fetch_all(_MANIFESTS, reason, until, database.now(), limit)]


def untagged(database: Database, stays: float | None, limit: int) -> list[int]:
    """Return up to ``limit`` manifests that lost their last tag, or have had none, for too long.

    That is ``stays`` seconds (None: for ever) where no policy of their registry says how long.
    """
    now, found = database.now(), list[tuple[int]]()
    if stays is not None:
        found = database.fetch_all(_UNTAGGED, now - stays, now, limit)
    return [row[0] for row in found or database.fetch_all(_BY_POLICIES, {"now": now, "limit": limit})]


def first_untagged(database: Database) -> list[tuple[float | None, float]]:
    """Return since when the first of what has no tag waits, with how long the policy says that it stays, for each."""
    sql = "SELECT stays, min(since) FROM manifest_candidate WHERE reason = ? GROUP BY stays"
    return [(row[0], row[1]) for row in database.fetch_all(sql, UNTAGGED)]


def blobs(database: Database, reason: str, until: float, limit: int) -> list[BlobCandidate]:
    """Return up to ``limit`` blobs of repositories, those first that were first; likewise."""
    return [BlobCandidate(*row) for row in database.fetch_all(_BLOBS, reason, until, limit)]


def blob(database: Database, repository: int, digest: str) -> BlobCandidate | None:
    """Return a blob of a repository, if it waits."""
    found = database.fetch(_BLOB, digest, repository)
    return BlobCandidate(*found) if found else None


def postpone(database: Database, manifest: int, *, since: float, not_before: float) -> None:
    """Look at a manifest again then."""
    sql = "UPDATE manifest_candidate SET since = ?, not_before = ? WHERE manifest_id = ?"
    database.change(sql, since, not_before, manifest)


def drop_blob(database: Database, one: BlobCandidate) -> None:
    """A blob is in use, and whatever ends that will say so."""
    database.change("DELETE FROM blob_candidate WHERE repository_id = ? AND blob_id = ?", one.repository, one.blob)


def protect(database: Database, one: BlobCandidate, until: float) -> None:
    """Look at a blob again when its protection ends, which is then."""
    where = "WHERE repository_id = ? AND blob_id = ?"
    sql = f"UPDATE blob_candidate SET reason = ?, since = ? {where}"  # noqa: S608 - a constant
    database.change(sql, PUSHED, until, one.repository, one.blob)
    database.change(f"UPDATE repository_blob SET protected_until = ? {where}", until, one.repository, one.blob)  # noqa: S608


def is_pushed(database: Database, one: BlobCandidate) -> bool:
    """Say whether the push of a blob may go on: another began while it was protected, and has not ended."""
    values = {"repository": one.repository, "now": database.now(), "until": one.protected_until}
    return database.fetch(_PUSHING, values) is not None


def waiting(database: Database) -> dict[str, tuple[int, float]]:
    """Return how many wait for each reason, and since when the first does."""
    found = database.fetch_all(
        "SELECT reason, sum(n), min(since) FROM ("
        "SELECT reason, count(*) AS n, min(since) AS since FROM manifest_candidate GROUP BY reason UNION ALL "
        "SELECT reason, count(*), min(since) FROM blob_candidate GROUP BY reason) AS queue GROUP BY reason"
    )
    return {reason: (int(count), float(since)) for reason, count, since in found}
