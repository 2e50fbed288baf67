"""The one way to SQLite: who writes when, what survives what, and which library may do it.

Several processes and threads read at any time (WAL). Writers of one process queue for a lock of the process before
they ask SQLite for its own with BEGIN IMMEDIATE, so that SQLite's polling (``busy_timeout``) is left for the few
other processes.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL that several connections write and checkpoint ("the WAL-reset bug"). The wheel
``pysqlite3`` brings a newer library, which peewee prefers by itself; an older one is refused. See
``docs/decisions/sqlite.rst``.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
from peewee import SqliteDatabase

from ocireg.errors import STORAGE_FULL, UNAVAILABLE, OperatorError, RegistryError
from ocireg.metadata.filesystem import refuse_network
from ocireg.metadata.room import is_full

SAFE_SQLITE = (3, 51, 3)
FULL = "the disk of the database is full: until there is room nothing can be pushed or deleted; pulls go on"


class Database:
    """A SQLite file. Each thread that asks has a connection of its own, kept until ``close`` or the thread's end.

    ``clock`` is what its times are by: seconds since the epoch, UTC.
    """

    def __init__(self, path: Path, busy_timeout: float = 10.0, clock: Callable[[], float] = time.time) -> None:
        found = peewee.sqlite3.sqlite_version_info  # type: ignore[attr-defined] # the module that it chose
        if found < SAFE_SQLITE:
            version = ".".join(map(str, found))
            raise OperatorError(f"SQLite {version} can corrupt a database in WAL mode: pip install 'pysqlite3>=0.6.1'")
        refuse_network(path.parent)
        self.path = path
        self.now = clock
        self._writing = threading.Lock()
        self._peewee = SqliteDatabase(
            str(path),
            timeout=busy_timeout,
            pragmas={
                "journal_mode": "wal",
                "foreign_keys": 1,
                "synchronous": "full",
                "journal_size_limit": 64 * 1024 * 1024,
            },
        )

    @property
    def peewee(self) -> SqliteDatabase:
        """What peewee's own tools (migrations) work on."""
        return self._peewee

    def rows(self, query: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a peewee query, or of an INSERT, UPDATE or DELETE with RETURNING."""
        with self._translated():
            return list(query.tuples().execute(self._peewee))

    @contextmanager
    def reading(self, query: Any) -> Iterator[Iterator[tuple[Any, ...]]]:
        """Hold the rows of a query open, for readers that may want no more than the first. Each is read when it is due.

        What is not read was never in memory. The rows are of one moment; a reader must not keep it for long.
        """
        with self._translated():
            cursor = query.tuples().execute(self._peewee)
            try:
                yield cursor.iterator()
            finally:
                cursor.cursor.close()

    def row(self, query: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        found = self.rows(query)
        return found[0] if found else None

    def run(self, query: Any) -> int:
        """Execute an INSERT, UPDATE or DELETE of peewee; return the rows it changed (the new id, of an INSERT)."""
        with self._translated():
            return int(query.execute(self._peewee) or 0)

    def fetch(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of SQL text, or None. For the reads of every pull, where building a query costs most.

        Values are by place, or one mapping has them by name; so it is below.
        """
        with self._translated():
            found: tuple[Any, ...] | None = self._peewee.execute_sql(sql, _given(values)).fetchone()
            return found

    def fetch_all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of SQL text. For what peewee has no words for."""
        with self._translated():
            return list(self._peewee.execute_sql(sql, _given(values)).fetchall())

    def change(self, sql: str, *values: object) -> int:
        """Execute SQL text that changes rows; return how many. Inside a transaction."""
        with self._translated():
            return int(self._peewee.execute_sql(sql, _given(values)).rowcount)

    def run_many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Execute SQL text for each of ``rows``. Inside a transaction. For so many that building queries costs most."""
        with self._translated():
            self._peewee.cursor().executemany(sql, rows)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[None]:
        """Write in one transaction, on disk when it returns if ``durable``.

        One that is not durable survives the death of processes and not the loss of power, unless a durable one
        followed.
        ``RegistryError`` of UNAVAILABLE when the database stays locked or cannot be written, of STORAGE_FULL when its
        disk is full; nothing is changed then.
        """
        with self._writing, self._translated():
            self._peewee.execute_sql(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with self._peewee.atomic("IMMEDIATE"):
                yield

    def close(self) -> None:
        """Close the calling thread's connection."""
        self._peewee.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the database's own failures into what a client may be told; the cause goes to the log.

        peewee wraps what ``execute`` raises; what fails at a later row is SQLite's own. A file that is malformed is a
        DatabaseError of no kind.
        """
        try:
            yield
        except (peewee.IntegrityError, peewee.sqlite3.IntegrityError, peewee.ProgrammingError):  # type: ignore[attr-defined] # as above
            raise  # a rule of ours that was broken, or a mistake of ours
        except (peewee.DatabaseError, peewee.sqlite3.DatabaseError) as error:  # type: ignore[attr-defined] # as above
            first = _first(error)
            if isinstance(first, RegistryError):
                raise first from first.__cause__
            said = str(first)
            if "is full" in said or ("disk I/O" in said and is_full(self.path.parent)):
                raise RegistryError(STORAGE_FULL, FULL) from first
            raise RegistryError(UNAVAILABLE, headers={"Retry-After": "1"}) from first


def _given(values: tuple[object, ...]) -> object:
    return values[0] if len(values) == 1 and isinstance(values[0], Mapping) else values


def _first(error: BaseException) -> BaseException:
    """Return what failed first: SQLite undoes a transaction that found no room, and then cannot roll it back."""
    while "cannot rollback" in str(error) and error.__context__:
        error = error.__context__
    return error
