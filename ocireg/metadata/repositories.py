"""Repositories by name."""

import time

from peewee import fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Manifest, Registry, Repository, RepositoryBlob, Upload


def find(database: Database, name: str) -> int | None:
    """Return the id of the repository, or None."""
    found = database.fetch("SELECT id FROM repository WHERE name = ?", name)
    return found[0] if found else None


def ensure(database: Database, name: str) -> int:
    """Return the id of the repository, made in the root registry if it was not there. Inside a transaction."""
    found = find(database, name)
    if found is not None:
        return found
    root = database.row(Registry.select(Registry.id).where(Registry.organization.is_null()))
    assert root is not None, "the first migration makes the root registry"
    return database.run(Repository.insert(registry=root[0], name=name, created_at=time.time()))


def remove_unused(database: Database, name: str) -> None:
    """Forget a repository that holds nothing and is not being pushed to. Inside a transaction."""
    held = [model.select().where(model.repository == Repository.id) for model in (Manifest, RepositoryBlob, Upload)]
    unused = [~fn.EXISTS(one) for one in held]
    database.run(Repository.delete().where(Repository.name == name, *unused))


def page(database: Database, after: str, limit: int) -> list[str]:
    """Return up to ``limit`` names greater than ``after``, in ASCII order, of repositories that hold a manifest.

    An empty repository is not listed: it may be all that is left of a push that was given up.
    """
    holds = Manifest.select(Manifest.id).where(Manifest.repository == Repository.id)
    query = (
        Repository.select(Repository.name)
        .where(Repository.name > after, fn.EXISTS(holds))
        .order_by(Repository.name)
        .limit(limit)
    )
    return [row[0] for row in database.rows(query)]
