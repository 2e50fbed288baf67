"""A number that grows whenever access changes. Processes re-read it, and forget then what they knew of access."""

from dataclasses import dataclass

from peewee import Model, fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Fact


@dataclass(frozen=True, slots=True)
class State:
    """The generation, and the fingerprint of the key that the newest process signs with ("" before there was one)."""

    generation: int
    signing_key: str


def read(database: Database) -> State:
    """Return both."""
    found = dict(database.rows(Fact.select(Fact.name, Fact.value).where(Fact.name.in_(["generation", "signing_key"]))))
    return State(int(found["generation"]), found.get("signing_key", ""))


def bump(database: Database, *, by: int = 1) -> None:
    """Let every process know that access has changed. Inside the transaction that changes it."""
    database.run(Fact.update(value=Fact.value.cast("INTEGER") + by).where(Fact.name == "generation"))


def new_id(database: Database, model: type[Model]) -> int:
    """Return an id that no row of the model has or had. Inside the transaction that changes access.

    SQLite would give the id of the newest row, when that is deleted, to the next one: and whoever was known a moment
    ago as admin of the one would be taken for one of the other. An id is never greater than the next generation, and
    a deletion begins another one.
    """
    greatest = database.row(model.select(fn.MAX(model.id)))  # type: ignore[attr-defined] # of each of them
    return max((greatest or (0,))[0] or 0, read(database).generation) + 1


def announce_key(database: Database, fingerprint: str) -> str:
    """Say which key this process signs with; return which one was said before. Inside a transaction."""
    before = read(database).signing_key
    database.run(
        Fact.insert(name="signing_key", value=fingerprint).on_conflict(
            conflict_target=[Fact.name], preserve=[Fact.value]
        )
    )
    return before


def forget_key(database: Database) -> None:
    """Let no key be said: none of this database's has signed anything yet. Inside a transaction."""
    database.run(Fact.delete().where(Fact.name == "signing_key"))
