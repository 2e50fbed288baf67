"""What keeps what: a manifest by the tags, the indexes and the subject of its repository, a blob by its manifests."""

from dataclasses import dataclass, replace

from ocireg.metadata import immutability
from ocireg.metadata.candidates import FOLLOWED, fallback_tags
from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Node:
    """A manifest as a garbage collector sees it: one of its tags, and why it waits in the queue, if it does.

    A tag that stands for a subject which went is none.
    ``stays``: what the policy of its registry says how long it stays without a tag (seconds, 0: for ever; None:
    nothing).
    """

    id: int
    repository: int
    digest: str
    key: str
    size: int
    subject: str | None
    pushed_at: float
    pulled_at: float | None
    protected_until: float
    reason: str | None
    since: float | None
    tag: str | None
    stays: float | None

    @property
    def used_at(self) -> float:
        """When it was pushed or pulled last, or lost its tag to another."""
        return max(self.pushed_at, self.pulled_at or 0.0, self.since or 0.0)


_NODE = """
SELECT m.id, m.repository_id, m.digest, m.key, m.size, m.subject, m.pushed_at, m.pulled_at, m.protected_until,
    c.reason, c.since, (SELECT name FROM tag WHERE manifest_id = m.id LIMIT 1), c.stays
FROM manifest m LEFT JOIN manifest_candidate c ON c.manifest_id = m.id WHERE m.id = ?
"""
_NAMING = "SELECT DISTINCT manifest_id FROM manifest_reference WHERE repository_id = ? AND digest = ? LIMIT ?"


def node(database: Database, manifest: int) -> Node | None:
    """Return the manifest of a row."""
    found = database.fetch(_NODE, manifest)
    one = Node(*found) if found else None
    if one is None or one.tag is None or one.reason != FOLLOWED:
        return one
    orphaned = set(orphaned_tags(database, one.repository, one.id))
    tags = (row[0] for row in database.fetch_all("SELECT name FROM tag WHERE manifest_id = ?", one.id))
    return replace(one, tag=next((tag for tag in tags if tag not in orphaned), None))


def naming(database: Database, repository: int, digest: str, limit: int) -> list[int]:
    """Return up to ``limit`` manifests of the repository that name a digest."""
    return [row[0] for row in database.fetch_all(_NAMING, repository, digest, limit)]


def manifest(database: Database, repository: int, digest: str) -> int | None:
    """Return the manifest of that digest."""
    found = database.fetch("SELECT id FROM manifest WHERE repository_id = ? AND digest = ?", repository, digest)
    return int(found[0]) if found else None


_STANDING = """
SELECT t.name FROM tag t WHERE t.repository_id = ? AND t.manifest_id = ? AND t.name LIKE '%-%'
"""
_SUBJECTS = "SELECT 1 FROM manifest WHERE repository_id = ? AND digest >= ? AND digest < ?"


def orphaned_tags(database: Database, repository: int, manifest: int) -> list[str]:
    """Return those tags of a manifest that stand for a subject which the repository does not have.

    One that is immutable is a tag like others.
    """
    names = [row[0] for row in database.fetch_all(_STANDING, repository, manifest)]
    found = [name for name in names if (start := subject_of(name)) and not _has(database, repository, start)]
    kept = immutability.among(database, repository, found) if found else {}
    return [name for name in found if name not in kept]


def subject_of(tag: str) -> str | None:
    """Return how the digest begins for which a tag stands; None of other tags."""
    algorithm, dash, rest = tag.partition("-")
    digest = f"{algorithm}:{rest.partition('.')[0]}"
    return digest if dash and tag in fallback_tags(digest) and len(rest.partition(".")[0]) == 64 else None


def _has(database: Database, repository: int, start: str) -> bool:
    """Say whether there is a manifest whose digest begins so: that of sha512 is cut in the tag."""
    return database.fetch(_SUBJECTS, repository, start, f"{start}g") is not None
