"""Objects of the store that no row needs: their row went in a transaction, the object goes after the grace period."""

import time
from collections.abc import Collection

from peewee import fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Blob, Garbage, Manifest, Upload


def add(database: Database, key: str, *, after: float) -> None:
    """Let the object ``key`` be deleted in ``after`` seconds. Inside a transaction."""
    database.run(Garbage.insert(key=key, due_at=time.time() + after).on_conflict_ignore())


def due(database: Database, limit: int, *, early: float = 0) -> list[str]:
    """Return up to ``limit`` keys whose time has come, or comes within ``early`` seconds, the oldest first."""
    until = time.time() + early
    query = Garbage.select(Garbage.key).where(Garbage.due_at <= until).order_by(Garbage.due_at).limit(limit)
    return [row[0] for row in database.rows(query)]


def count_due(database: Database, *, early: float = 0) -> int:
    """Return how many keys ``due`` would return without a limit."""
    found = database.row(Garbage.select(fn.COUNT(Garbage.key)).where(Garbage.due_at <= time.time() + early))
    return int(found[0]) if found else 0


def needed(database: Database, keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that a blob, a manifest, an upload or this queue knows.

    One statement: what moves from one table to another meanwhile is in one of them.
    """
    wanted = list(keys)
    blob, manifest, upload, queued = (
        model.select(model.key).where(model.key.in_(wanted)) for model in (Blob, Manifest, Upload, Garbage)
    )
    return {row[0] for row in database.rows(blob | manifest | upload | queued)}


def in_use(database: Database, keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that a blob, a manifest or an upload has after all: they are no garbage."""
    wanted = list(keys)
    blob, manifest, upload = (
        model.select(model.key).where(model.key.in_(wanted)) for model in (Blob, Manifest, Upload)
    )
    return {row[0] for row in database.rows(blob | manifest | upload)}


def postpone(database: Database, key: str, *, by: float) -> None:
    """Try again in ``by`` seconds. Inside a transaction."""
    database.run(Garbage.update(due_at=time.time() + by).where(Garbage.key == key))


def remove(database: Database, key: str) -> None:
    """Forget the key: its object is gone. Inside a transaction."""
    database.run(Garbage.delete().where(Garbage.key == key))
