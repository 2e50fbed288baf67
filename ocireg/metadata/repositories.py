"""Repositories by name."""

import time
from collections.abc import Collection
from typing import Any

from peewee import fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Manifest, Registry, Repository, RepositoryBlob, TagEvent, Upload

_BY_NAME = "SELECT r.id FROM repository r WHERE r.name = ?"
_KNOWN = """
SELECT r.id FROM repository r WHERE r.name = ? AND (
    EXISTS (SELECT 1 FROM manifest WHERE repository_id = r.id)
    OR EXISTS (SELECT 1 FROM repository_blob WHERE repository_id = r.id)
    OR EXISTS (SELECT 1 FROM tag_event WHERE repository_id = r.id)
)
"""


def find(database: Database, name: str) -> int | None:
    """Return the id of the repository, or None: also where nothing but uploads has been begun in it so far."""
    found = database.fetch(_KNOWN, name)
    return found[0] if found else None


def ensure(database: Database, name: str) -> int:
    """Return the id of the repository, made in the root registry if it was not there. Inside a transaction."""
    found = database.fetch(_BY_NAME, name)
    if found is not None:
        return int(found[0])
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


def empty(database: Database) -> list[int]:
    """Return the repositories that hold nothing, neither uploads nor a history of tags."""
    return [row[0] for row in database.rows(Repository.select(Repository.id).where(*_empty()))]


def remove_empty(database: Database, some: Collection[int]) -> int:
    """Forget those of ``some`` that still hold nothing; return how many. Inside a transaction."""
    return database.run(Repository.delete().where(Repository.id.in_(list(some)), *_empty()))


def _empty() -> tuple[Any, ...]:
    """Return what is true of a repository that holds nothing.

    The newest row stays whatever it holds: SQLite would give its id to the next, and a reader that has the id in hand
    would be shown another repository.
    """
    newest = Repository.select(fn.MAX(Repository.id))
    holds = (
        fn.EXISTS(model.select(model.repository).where(model.repository == Repository.id))
        for model in (Manifest, RepositoryBlob, TagEvent, Upload)
    )
    return (Repository.id < newest, *(~one for one in holds))
