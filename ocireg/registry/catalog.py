"""The repositories of the whole installation (Docker's ``_catalog``)."""

from ocireg.metadata import repositories
from ocireg.metadata.database import Database


class Catalog:
    """The use-case of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, after: str, limit: int) -> tuple[list[str], bool]:
        """Return up to ``limit`` names greater than ``after`` in ASCII order, and whether more follow."""
        found = repositories.page(self._database, after, limit + 1)
        return found[:limit], len(found) > limit
