"""Tags of a repository: listed, deleted (OCI distribution v1.1.1, end-8, end-9), restored."""

from ocireg.errors import MANIFEST_UNKNOWN, NAME_UNKNOWN, RegistryError
from ocireg.metadata import audit, manifests, repositories, tag_lists, tags
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.database import Database
from ocireg.oci.digest import Digest


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
        """Delete the tag, and nothing that it pointed at. MANIFEST_UNKNOWN, NAME_UNKNOWN.

        DENIED of an immutable one.
        """
        with self._database.transaction():
            gone = tags.remove(self._database, repository, tag, by.name)
            if gone:
                audit.write(self._database, Event("tag.delete", by, repository=repository, subject=tag))
        if gone:
            return
        if repositories.find(self._database, repository) is None:
            raise RegistryError(NAME_UNKNOWN, detail={"name": repository})
        raise RegistryError(MANIFEST_UNKNOWN, detail={"tag": tag})

    def restore(self, repository: str, tag: str, digest: Digest, by: Author = SYSTEM) -> None:
        """Let the tag point again at what it pointed at before. MANIFEST_UNKNOWN where it did not, or that is gone.

        DENIED of an immutable one that is there.
        """
        with self._database.transaction():
            where = repositories.find(self._database, repository)
            found = manifests.find(self._database, repository, digest=str(digest), content=False)
            if where is None or found is None or not tag_lists.pointed_at(self._database, where, tag, str(digest)):
                raise RegistryError(
                    MANIFEST_UNKNOWN,
                    f"{tag} of {repository} did not point at {digest}, or that is gone",
                    detail={"tag": tag, "digest": str(digest)},
                )
            tags.point(self._database, where, tag, found.id, str(digest), by.name)
            detail = {"digest": str(digest)}
            audit.write(self._database, Event("tag.restore", by, repository=repository, subject=tag, detail=detail))
