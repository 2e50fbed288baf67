"""Whether requests can be served."""

from ocireg.errors import UNAVAILABLE, RegistryError
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.storage import INSTALLATION, Storage


class Health:
    """The use-case of readiness."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def require_ready(self) -> None:
        """Raise UNAVAILABLE, saying which, if the database or the store does not answer."""
        try:
            facts.installation(self._database)  # a query that reads a page: SELECT 1 needs no file at all
        except RegistryError as error:
            raise RegistryError(UNAVAILABLE, "the database does not answer") from error
        try:
            self._storage.open(INSTALLATION).close()
        except RegistryError as error:
            raise RegistryError(UNAVAILABLE, "the store does not answer") from error
