"""Facts about the installation."""

from ocireg.metadata.database import Database
from ocireg.metadata.models import Fact


def installation(database: Database) -> str:
    """Return the identity that the first migration gave this database."""
    found = database.row(Fact.select(Fact.value).where(Fact.name == "installation"))
    assert found is not None, "the first migration wrote it"
    return str(found[0])


BEHIND = "behind"


def behind(database: Database) -> str | None:
    """Return why the database may not know all that was pushed; None where it does.

    Until that is mended (``ocireg rebuild``) nothing may go for which no use is known here.
    """
    found = database.row(Fact.select(Fact.value).where(Fact.name == BEHIND))
    return str(found[0]) if found else None


def fall_behind(database: Database, why: str) -> None:
    """Say so; a reason that was given before stays. Inside a transaction."""
    database.run(Fact.insert(name=BEHIND, value=why).on_conflict_ignore())


def catch_up(database: Database) -> None:
    """Say that it knows all again. Inside a transaction."""
    database.run(Fact.delete().where(Fact.name == BEHIND))
