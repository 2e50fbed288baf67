"""Tags and their history. An immutable tag can neither be moved nor deleted here (``immutability.py``)."""

from ocireg.metadata import candidates, immutability
from ocireg.metadata.database import Database
from ocireg.metadata.models import Repository, Tag, TagEvent


def page(database: Database, repository: int, after: str, limit: int | None) -> list[str]:
    """Return up to ``limit`` names greater than ``after``, in ASCII order."""
    query = Tag.select(Tag.name).where(Tag.repository == repository, Tag.name > after).order_by(Tag.name).limit(limit)
    return [row[0] for row in database.rows(query)]


def point(
    database: Database, repository: int, name: str, manifest: int, digest: str, by: str, at: float | None = None
) -> None:
    """Let the tag point at the manifest; a change of what it points at is kept, and by whom. Inside a transaction.

    ``at``: when that was, if not now. ``Immutable``.
    """
    now = database.now() if at is None else at
    before = database.row(Tag.select(Tag.manifest).where(Tag.repository == repository, Tag.name == name))
    if before is not None and before[0] != manifest:
        immutability.require_changeable(database, repository, [name], immutability.MOVED)
    database.run(
        Tag.insert(repository=repository, name=name, manifest=manifest, pushed_at=now, pushed_by=by).on_conflict(
            conflict_target=[Tag.repository, Tag.name], preserve=[Tag.manifest, Tag.pushed_at, Tag.pushed_by]
        )
    )
    if before is None or before[0] != manifest:
        database.run(TagEvent.insert(repository=repository, name=name, digest=digest, at=now, by=by))
        candidates.drop(database, manifest)
    if before is not None and before[0] != manifest:
        candidates.moved(database, before[0])


def remove(database: Database, repository: str, name: str, by: str) -> bool:
    """Delete the tag; say whether it was there. Inside a transaction. ``Immutable``."""
    where = Repository.select(Repository.id).where(Repository.name == repository)
    columns = (Tag.repository, Tag.manifest)
    gone = database.rows(Tag.delete().where(Tag.repository.in_(where), Tag.name == name).returning(*columns))
    for repository_id, manifest in gone:
        immutability.require_changeable(database, repository_id, [name], immutability.DELETED)
        database.run(TagEvent.insert(repository=repository_id, name=name, digest=None, at=database.now(), by=by))
        candidates.untagged(database, manifest)
    return bool(gone)


def forget(database: Database, repository: int, name: str, by: str) -> None:
    """Delete the tag of a manifest that is looked at already, and keep that in the history. Inside a transaction.

    ``Immutable``.
    """
    immutability.require_changeable(database, repository, [name], immutability.DELETED)
    database.run(Tag.delete().where(Tag.repository == repository, Tag.name == name))
    database.run(TagEvent.insert(repository=repository, name=name, digest=None, at=database.now(), by=by))


def of_manifest(database: Database, manifest: int) -> list[str]:
    """Return the tags that point at the manifest."""
    return [row[0] for row in database.rows(Tag.select(Tag.name).where(Tag.manifest == manifest))]


def forget_manifest(database: Database, repository: int, manifest: int, by: str) -> None:
    """Keep in the history that the tags of a manifest go with it. Inside a transaction, before its row goes.

    ``Immutable``.
    """
    names = of_manifest(database, manifest)
    immutability.require_changeable(database, repository, names, immutability.DELETED)
    for name in names:
        database.run(TagEvent.insert(repository=repository, name=name, digest=None, at=database.now(), by=by))
    database.run(Tag.delete().where(Tag.manifest == manifest))
