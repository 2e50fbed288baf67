"""Copies of the database, each of one moment, made while others write to it; and what a file is that may be one.

This is the seam: SQLite alone has such copies. Of another database its own tools make them (``pg_dump``).
"""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import peewee
from peewee import SqliteDatabase

from ocireg.errors import STORAGE_FULL, UNAVAILABLE, RegistryError
from ocireg.metadata import inspection
from ocireg.metadata.database import Database
from ocireg.metadata.room import is_full

LEFT_OUT = ("login_session", "upload", "layer_entry", "layer_directory", "layer_listing", "layer", "layer_stack")
"""Tables whose rows no copy has, what refers to others first: browsers that are signed in, uploads under way, whose
parts are gone when a copy is wanted, and what layers hold, which is read again when somebody looks."""

log = logging.getLogger(__name__)

_COUNTS = tuple(f"SELECT count(*) FROM {table}" for table in ("repository", "manifest", "blob"))  # noqa: S608 - likewise


@dataclass(frozen=True, slots=True)
class Description:
    """What is in a copy: its installation, its newest migration, and how much of what."""

    installation: str
    migration: str
    repositories: int
    manifests: int
    blobs: int


def copy(database: Database, target: Path) -> Description:
    """Make a copy in the file ``target``, for nobody else to read, and look it through. UNAVAILABLE, STORAGE_FULL.

    Writers are not kept waiting: it is read from one state of the WAL. What was deleted is not in it, nor in gaps.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    database.fetch_all("VACUUM INTO ?", str(target))
    made = SqliteDatabase(str(target), pragmas={"secure_delete": 1, "synchronous": 0, "journal_mode": "memory"})
    try:
        there = set(made.get_tables())
        with made.atomic():
            for table in LEFT_OUT:
                if table in there:
                    made.execute_sql(f'DELETE FROM "{table}"')  # noqa: S608 - names of ours
    except peewee.DatabaseError as error:
        full = "is full" in str(error) or is_full(target.parent)
        raise RegistryError(STORAGE_FULL if full else UNAVAILABLE, "the copy of the database failed") from error
    finally:
        made.close()
    return examined(target)


def examined(path: Path) -> Description:
    """Return what is in a copy that is sound. UNAVAILABLE, with SQLite's own word for it as cause, of another."""
    try:
        wrong = inspection.problems(path)
        with inspection.reading(path) as opened:
            (identity,) = opened.execute_sql("SELECT value FROM fact WHERE name = 'installation'").fetchone()
            (newest,) = opened.execute_sql("SELECT max(name) FROM schema_migration").fetchone()
            counted = [opened.execute_sql(sql).fetchone()[0] for sql in _COUNTS]
    except inspection.UnusableDatabase as error:
        raise RegistryError(UNAVAILABLE, "the copy of the database is damaged") from error
    if wrong:
        raise RegistryError(UNAVAILABLE, "the copy of the database is damaged") from ValueError("; ".join(wrong))
    return Description(str(identity), str(newest), *counted)


def settle(path: Path) -> None:
    """Let all of a database that nobody has open be in its file, and nothing in its WAL; of a damaged one it stays."""
    opened = SqliteDatabase(str(path))
    try:
        opened.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except peewee.DatabaseError as error:
        log.warning("%s cannot be read (%s): its WAL goes with it under its new name", path, error)
    finally:
        opened.close()
