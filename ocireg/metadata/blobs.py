"""Blobs, and which repository knows which."""

from collections.abc import Collection
from dataclasses import dataclass

from peewee import fn

from ocireg.metadata import candidates, garbage, immutability
from ocireg.metadata.database import Database
from ocireg.metadata.models import Blob, Repository, RepositoryBlob
from ocireg.metadata.repositories import Reach, within

# One statement must not carry more variables than SQLite takes (32,766); a page of digests stays well below.
DIGESTS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Where the bytes of a digest are: the key in the store, and their size; ``lost`` if they were not there.

    ``repository`` is the number of the row of the one that knows it; there it is not collected until then.
    """

    id: int
    key: str
    size: int
    lost: bool = False
    repository: int = 0
    protected_until: float = 0


_FIND = """
SELECT b.id, b.key, b.size, b.lost, r.id, l.protected_until FROM repository r
JOIN blob b ON b.digest = ?
JOIN repository_blob l ON l.repository_id = r.id AND l.blob_id = b.id
WHERE r.name = ?
"""


def find(database: Database, repository: str, digest: str) -> StoredBlob | None:
    """Return the blob if the repository of that name knows it."""
    found = database.fetch(_FIND, digest, repository)
    return StoredBlob(found[0], found[1], found[2], bool(found[3]), *found[4:]) if found else None


def find_anywhere(database: Database, digest: str) -> StoredBlob | None:
    """Return the blob if any repository knows it and the store has not lost it."""
    query = (
        Blob.select(Blob.id, Blob.key, Blob.size)
        .where(
            Blob.digest == digest,
            Blob.lost == False,  # noqa: E712 - SQL
            fn.EXISTS(RepositoryBlob.select().where(RepositoryBlob.blob == Blob.id)),
        )
        .limit(1)
    )
    found = database.row(query)
    return StoredBlob(*found) if found else None


def holders(database: Database, digest: str, limit: int, reach: Reach) -> list[str]:
    """Return up to ``limit`` repositories that know the blob, of the registries that ``reach`` names."""
    query = (
        Repository.select(Repository.name)
        .join(RepositoryBlob, on=(RepositoryBlob.repository == Repository.id))
        .join(Blob, on=(Blob.id == RepositoryBlob.blob))
        .where(Blob.digest == digest, *within(reach))
        .limit(limit)
    )
    return [row[0] for row in database.rows(query)]


def missing(database: Database, repository: int, digests: Collection[str]) -> set[str]:
    """Return those of ``digests`` that the repository does not know, or the store has lost."""
    wanted = sorted(set(digests))
    known: set[str] = set()
    for first in range(0, len(wanted), DIGESTS_AT_ONCE):
        query = (
            Blob.select(Blob.digest)
            .join(RepositoryBlob, on=(RepositoryBlob.blob == Blob.id))
            .where(
                RepositoryBlob.repository == repository,
                Blob.lost == False,  # noqa: E712 - SQL
                Blob.digest.in_(wanted[first : first + DIGESTS_AT_ONCE]),
            )
        )
        known.update(row[0] for row in database.rows(query))
    return set(wanted) - known


def sizes(database: Database, repository: str, digests: Collection[str]) -> dict[str, int]:
    """Return the sizes of those of ``digests`` that the repository knows and the store has not lost."""
    wanted = sorted(set(digests))
    known: dict[str, int] = {}
    for first in range(0, len(wanted), DIGESTS_AT_ONCE):
        query = (
            Blob.select(Blob.digest, Blob.size)
            .join(RepositoryBlob, on=(RepositoryBlob.blob == Blob.id))
            .join(Repository, on=(Repository.id == RepositoryBlob.repository))
            .where(
                Repository.name == repository,
                Blob.lost == False,  # noqa: E712 - SQL
                Blob.digest.in_(wanted[first : first + DIGESTS_AT_ONCE]),
            )
        )
        known |= dict(database.rows(query))
    return known


def store(database: Database, digest: str, key: str, size: int, *, grace: float) -> int:
    """Let ``digest`` be found under ``key`` from now on; what held it before becomes garbage. Inside a transaction.

    The newest object wins: pushing a blob again heals one whose object was lost or damaged.
    """
    before = database.row(Blob.select(Blob.id, Blob.key).where(Blob.digest == digest))
    if before is None:
        return database.run(Blob.insert(digest=digest, key=key, size=size, created_at=database.now()))
    if before[1] != key:
        database.run(Blob.update(key=key, size=size, lost=False).where(Blob.id == before[0]))
        garbage.add(database, before[1], after=grace)
    return int(before[0])


def mark(database: Database, blob: StoredBlob, *, lost: bool) -> bool:
    """Note whether the store has the object; False if the blob has another by now, or is gone. In a transaction."""
    return database.run(Blob.update(lost=lost).where(Blob.id == blob.id, Blob.key == blob.key)) == 1


def link(database: Database, repository: int, blob: int, *, protected_until: float, begun: float) -> None:
    """Let the repository know the blob, and protect it until then. Inside a transaction. ``begun``: its push."""
    database.run(
        RepositoryBlob.insert(repository=repository, blob=blob, protected_until=protected_until).on_conflict(
            conflict_target=[RepositoryBlob.repository, RepositoryBlob.blob],
            preserve=[RepositoryBlob.protected_until],
        )
    )
    candidates.protected(database, repository, blob, protected_until, begun)


def protect(database: Database, blob: StoredBlob, *, until: float) -> bool:
    """Protect a blob that was found until then; False if its repository does not know it now. Inside a transaction."""
    same = Blob.select(Blob.id).where(Blob.id == blob.id, Blob.key == blob.key)
    query = RepositoryBlob.update(protected_until=until).where(
        RepositoryBlob.repository == blob.repository, RepositoryBlob.blob == same
    )
    if not database.run(query):
        return False
    candidates.protected(database, blob.repository, blob.id, until, database.now())
    return True


def unlink(database: Database, repository: str, digest: str, *, grace: float) -> bool:
    """Let the repository forget the blob; one that no repository knows becomes garbage. Inside a transaction.

    Returns whether the repository knew it. ``Immutable`` of what an immutable tag leads to.
    """
    row = database.row(
        Blob.select(Blob.id, RepositoryBlob.repository)
        .join(RepositoryBlob, on=(RepositoryBlob.blob == Blob.id))
        .join(Repository, on=(Repository.id == RepositoryBlob.repository))
        .where(Repository.name == repository, Blob.digest == digest)
    )
    if row is None:
        return False
    immutability.require_losable(database, row[1], digest)
    forget(database, row[1], row[0], grace=grace)
    return True


def forget(database: Database, where: int, blob: int, *, grace: float) -> bool:
    """Let a repository forget a blob; likewise. Say whether no repository knows it now."""
    database.run(RepositoryBlob.delete().where(RepositoryBlob.repository == where, RepositoryBlob.blob == blob))
    if database.row(RepositoryBlob.select(RepositoryBlob.blob).where(RepositoryBlob.blob == blob).limit(1)):
        return False
    for row in database.rows(Blob.delete().where(Blob.id == blob).returning(Blob.key)):
        garbage.add(database, row[0], after=grace)
    return True
