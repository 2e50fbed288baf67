"""New databases that do not wait for all migrations: a process applies them once, and the others begin as that one.

What ``Runner`` does to a database that has something in it is what it always does; so are its locks and refusals.
"""

import threading
import uuid
from typing import Any

import peewee
from playhouse.migrations import Runner

_first = threading.Lock()
_kept: list[tuple[Any, list[str]]] = []
"""A database in memory as the migrations made it, with nothing else in it; and their names."""


class ReplayingRunner(Runner):  # type: ignore[misc] # peewee has no types
    """Applies the migrations of one folder; an empty database gets what they made of the first."""

    def up(self, target: str | None = None, fake: bool = False) -> list[str]:
        """Apply what is pending; return the names."""
        if target is not None or fake or self.database.get_tables():
            return list(super().up(target, fake))
        connection = self.database.connection()
        with _first:
            if not _kept:
                applied = list(super().up())
                memory = peewee.sqlite3.connect(":memory:", check_same_thread=False)  # type: ignore[attr-defined] # as peewee
                connection.backup(memory)
                _kept.append((memory, applied))
                return applied
            memory, applied = _kept[0]
            try:
                memory.backup(connection)
            except peewee.sqlite3.Error:  # type: ignore[attr-defined] # what cannot be written fails as it does elsewhere
                return list(super().up())
        self.database.execute_sql("UPDATE fact SET value = ? WHERE name = 'installation'", (uuid.uuid4().hex,))
        return list(applied)
