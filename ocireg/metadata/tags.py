"""Tags and their history."""

import time

from ocireg.metadata.database import Database
from ocireg.metadata.models import Repository, Tag, TagEvent


def page(database: Database, repository: int, after: str, limit: int | None) -> list[str]:
    """Return up to ``limit`` names greater than ``after``, in ASCII order."""
    query = Tag.select(Tag.name).where(Tag.repository == repository, Tag.name > after).order_by(Tag.name).limit(limit)
    return [row[0] for row in database.rows(query)]


def point(database: Database, repository: int, name: str, manifest: int, digest: str, by: str) -> None:
    """Let the tag point at the manifest; a change of what it points at is kept, and by whom. Inside a transaction."""
    now = time.time()
    before = database.row(Tag.select(Tag.manifest).where(Tag.repository == repository, Tag.name == name))
    database.run(
        Tag.insert(repository=repository, name=name, manifest=manifest, pushed_at=now, pushed_by=by).on_conflict(
            conflict_target=[Tag.repository, Tag.name], preserve=[Tag.manifest, Tag.pushed_at, Tag.pushed_by]
        )
    )
    if before is None or before[0] != manifest:
        database.run(TagEvent.insert(repository=repository, name=name, digest=digest, at=now, by=by))


def remove(database: Database, repository: str, name: str, by: str) -> bool:
    """Delete the tag; say whether it was there. Inside a transaction."""
    where = Repository.select(Repository.id).where(Repository.name == repository)
    gone = database.rows(Tag.delete().where(Tag.repository.in_(where), Tag.name == name).returning(Tag.repository))
    for row in gone:
        database.run(TagEvent.insert(repository=row[0], name=name, digest=None, at=time.time(), by=by))
    return bool(gone)


def of_manifest(database: Database, manifest: int) -> list[str]:
    """Return the tags that point at the manifest."""
    return [row[0] for row in database.rows(Tag.select(Tag.name).where(Tag.manifest == manifest))]


def forget_manifest(database: Database, repository: int, manifest: int, by: str) -> None:
    """Keep in the history that the tags of a manifest go with it. Inside a transaction, before its row goes."""
    for name in of_manifest(database, manifest):
        database.run(TagEvent.insert(repository=repository, name=name, digest=None, at=time.time(), by=by))
    database.run(Tag.delete().where(Tag.manifest == manifest))
