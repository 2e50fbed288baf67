"""The repositories of the whole installation (Docker's ``_catalog``)."""

from ocireg.metadata import repositories
from ocireg.metadata.database import Database
from ocireg.metadata.repositories import Reach


class Catalog:
    """The use-case of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, after: str, limit: int, reach: Reach = repositories.EVERYTHING) -> tuple[list[str], bool]:
        """Return up to ``limit`` names greater than ``after`` in ASCII order, and whether more follow.

        ``reach`` says which registries are looked at.
        """
        found = repositories.page(self._database, after, limit + 1, reach)
        return found[:limit], len(found) > limit

    def knows(self, repository: str) -> bool:
        """Say whether there is such a repository."""
        return repositories.find(self._database, repository) is not None
