"""Brings a database to the schema of this program, once, whoever comes first."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import peewee
from playhouse.migrations import Runner

from ocireg.errors import OperatorError
from ocireg.metadata.database import Database
from ocireg.metadata.room import is_full

FOLDER = Path(__file__).parent / "migrations"


def newer(path: Path, migration: str) -> OperatorError:
    """Return what is said of a database that a newer ocireg made."""
    return OperatorError(f"{path} was made by a newer ocireg (migration {migration}): install that one again")


def unusable(path: Path, error: Exception) -> OperatorError:
    """Return what is said of a database that cannot be read or written, and why."""
    if "is full" in str(error) or is_full(path.parent):
        return OperatorError(f"the disk of {path} is full: make room on it")
    return OperatorError(f"cannot use {path} as database: {error}")


def migrate(database: Database, before: Callable[[], None] = lambda: None) -> list[str]:
    """Apply the pending migrations in order, each in a transaction, under a lock; return their names.

    ``before`` is called first, under the lock, where one is pending and the database is not new.
    ``OperatorError`` if the database was made by a newer ocireg, or is no database of ocireg.
    """
    lock = database.path.with_name(database.path.name + ".migrating")
    try:
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            runner = Runner(database.peewee, str(FOLDER))
            every = runner.status()
            unknown = [one.name for one in every if one.path is None]
            if unknown:
                raise newer(database.path, unknown[-1])
            if len({bool(one.applied) for one in every}) > 1:
                before()
            return [str(name) for name in runner.up()]
    except peewee.DatabaseError as error:
        raise unusable(database.path, error) from error
    except OSError as error:
        raise OperatorError(f"cannot write {error.filename or lock}: {error.strerror}") from error
