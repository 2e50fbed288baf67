"""Looks at a database and changes nothing: it makes no database, applies no migration, sets no mode of the journal.

It is opened for writing all the same, as ``query_only``: one that only reads leaves the files of the WAL behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import peewee
from peewee import SqliteDatabase
from playhouse.migrations import Runner

from ocireg.metadata.migrate import FOLDER

TOLD = 3
_DATABASE_ERRORS: tuple[type[Exception], ...] = (
    peewee.DatabaseError,
    peewee.sqlite3.DatabaseError,  # type: ignore[attr-defined] # fetching raises the module's own
)
_PASSING: tuple[type[Exception], ...] = (
    peewee.OperationalError,
    peewee.sqlite3.OperationalError,  # type: ignore[attr-defined] # likewise
)


class UnusableDatabase(Exception):  # noqa: N818 - what it is
    """The file cannot be read as a database; the message is SQLite's own.

    ``damaged``: for what is in it, and not because it is locked or its folder cannot be written.
    """

    def __init__(self, message: str, *, damaged: bool) -> None:
        super().__init__(message)
        self.damaged = damaged


@dataclass(frozen=True, slots=True)
class Migrations:
    """Names of migrations: applied, still to come, and those of a newer ocireg."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the library in use."""
    found: tuple[int, ...] = peewee.sqlite3.sqlite_version_info  # type: ignore[attr-defined] # the module that it chose
    return found


def problems(path: Path) -> list[str]:
    """Return the first few faults that SQLite's quick check finds. ``UnusableDatabase``."""
    with reading(path) as database:
        found = [str(row[0]) for row in database.execute_sql(f"PRAGMA quick_check({TOLD})").fetchall()]
    return [] if found == ["ok"] else found


def migrations(path: Path) -> Migrations:
    """Return which migrations the database has had. ``UnusableDatabase``."""
    with reading(path) as database:
        every = Runner(database, str(FOLDER)).status()
    return Migrations(
        applied=tuple(one.name for one in every if one.applied),
        pending=tuple(one.name for one in every if not one.applied),
        unknown=tuple(one.name for one in every if one.path is None),
    )


@contextmanager
def reading(path: Path) -> Iterator[SqliteDatabase]:
    """Hold a database open to look at it. ``UnusableDatabase``, for whatever fails meanwhile."""
    name = f"file:{quote(str(path.absolute()))}?mode=rw"
    database = SqliteDatabase(name, uri=True, timeout=5, pragmas={"query_only": 1})
    try:
        yield database
    except _DATABASE_ERRORS as error:
        damaged = not isinstance(error, _PASSING)
        raise UnusableDatabase(" ".join(str(error).split()), damaged=damaged) from error
    finally:
        database.close()
