"""Objects of the store that no row needs: their row went in a transaction, the object goes after the grace period."""

from collections.abc import Collection
from typing import Any

from peewee import fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Blob, Garbage, Manifest, Upload


def add(database: Database, key: str, *, after: float) -> None:
    """Let the object ``key`` be deleted in ``after`` seconds. Inside a transaction."""
    database.run(Garbage.insert(key=key, due_at=database.now() + after).on_conflict_ignore())


def due(database: Database, limit: int, *, early: float = 0) -> list[str]:
    """Return up to ``limit`` keys whose time has come, or comes within ``early`` seconds, the oldest first."""
    until = database.now() + early
    query = Garbage.select(Garbage.key).where(Garbage.due_at <= until).order_by(Garbage.due_at).limit(limit)
    return [row[0] for row in database.rows(query)]


def count_due(database: Database, *, early: float = 0) -> int:
    """Return how many keys ``due`` would return without a limit."""
    found = database.row(Garbage.select(fn.COUNT(Garbage.key)).where(Garbage.due_at <= database.now() + early))
    return int(found[0]) if found else 0


def needed(database: Database, keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that a blob, a manifest, an upload or this queue knows.

    One statement: what moves from one table to another meanwhile is in one of them.
    """
    wanted = list(keys)
    queued = Garbage.select(Garbage.key).where(Garbage.key.in_(wanted))
    return {row[0] for row in database.rows(_used(wanted) | queued)}


def in_use(database: Database, keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that a blob, a manifest or an upload has after all: they are no garbage."""
    return {row[0] for row in database.rows(_used(list(keys)))}


def _used(wanted: list[str]) -> Any:
    """Return the query for those that a blob, a manifest or an upload has, or an upload may have when it is moved."""
    fields = (Blob.key, Manifest.key, Upload.key, Upload.successor)
    blob, manifest, upload, successor = (field.model.select(field).where(field.in_(wanted)) for field in fields)
    return blob | manifest | upload | successor


def postpone(database: Database, key: str, *, by: float) -> None:
    """Try again in ``by`` seconds. Inside a transaction."""
    database.run(Garbage.update(due_at=database.now() + by).where(Garbage.key == key))


def remove(database: Database, key: str) -> None:
    """Forget the key: its object is gone. Inside a transaction."""
    database.run(Garbage.delete().where(Garbage.key == key))


def of(database: Database, prefix: str) -> list[str]:
    """Return the keys that begin so."""
    return [row[0] for row in database.rows(Garbage.select(Garbage.key).where(Garbage.key.startswith(prefix)))]
