"""How every change of access is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ocireg.metadata import audit, generation
from ocireg.metadata.audit import Author, Event
from ocireg.metadata.database import Database

Record = Callable[..., None]
"""Adds an event to the audit log: its action, and what it is about by name."""


class Changes:
    """Transactions that change access. ``forget`` lets this process look again at once."""

    def __init__(self, database: Database, forget: Callable[[], None]) -> None:
        self.database = database
        self.forget = forget

    @contextmanager
    def by(self, author: Author) -> Iterator[Record]:
        """Change access in one transaction, on disk when it returns."""

        def record(action: str, **about: str | dict[str, object] | None) -> None:
            audit.write(self.database, Event(action, author, **about))  # type: ignore[arg-type] # by name

        with self.database.transaction():
            yield record
            generation.bump(self.database)
        self.forget()
