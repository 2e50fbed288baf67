"""Tags of a repository: listed, deleted (OCI distribution v1.1.1, end-8, end-9)."""

from ocireg.errors import MANIFEST_UNKNOWN, NAME_UNKNOWN, RegistryError
from ocireg.metadata import audit, repositories, tags
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.database import Database


class Tags:
    """The use-cases of tags."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, repository: str, after: str, limit: int) -> tuple[list[str], bool]:
        """Return up to ``limit`` tags greater than ``after`` in ASCII order, and whether more follow. NAME_UNKNOWN."""
        where = repositories.find(self._database, repository)
        if where is None:
            raise RegistryError(NAME_UNKNOWN, detail={"name": repository})
        found = tags.page(self._database, where, after, limit + 1)
        return found[:limit], len(found) > limit

    def delete(self, repository: str, tag: str, by: Author = SYSTEM) -> None:
        """Delete the tag, and nothing that it pointed at. MANIFEST_UNKNOWN, NAME_UNKNOWN."""
        with self._database.transaction():
            gone = tags.remove(self._database, repository, tag)
            if gone:
                audit.write(self._database, Event("tag.delete", by, repository=repository, subject=tag))
        if gone:
            return
        if repositories.find(self._database, repository) is None:
            raise RegistryError(NAME_UNKNOWN, detail={"name": repository})
        raise RegistryError(MANIFEST_UNKNOWN, detail={"tag": tag})
