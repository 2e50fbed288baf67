"""Facts about the installation."""

from ocireg.metadata.database import Database
from ocireg.metadata.models import Fact


def installation(database: Database) -> str:
    """Return the identity that the first migration gave this database."""
    found = database.row(Fact.select(Fact.value).where(Fact.name == "installation"))
    assert found is not None, "the first migration wrote it"
    return str(found[0])
