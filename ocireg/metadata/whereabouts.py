"""Which repositories know a digest, as a manifest or as a blob."""

from dataclasses import dataclass

from peewee import JOIN

from ocireg.metadata.database import Database
from ocireg.metadata.models import Blob, Manifest, Repository, RepositoryBlob
from ocireg.metadata.repositories import Reach, within


@dataclass(frozen=True, slots=True)
class Holding:
    """A repository (its row and its name) that knows a digest: the row of the manifest, if it is one.

    ``protected_until``: of a blob.
    """

    repository: int
    name: str
    manifest: int | None
    protected_until: float


def manifests(database: Database, digest: str, reach: Reach, limit: int, after: str = "") -> list[Holding]:
    """Return up to ``limit`` repositories of a reach that have the manifest, in ASCII order, after one of that name."""
    query = (
        Repository.select(Repository.id, Repository.name, Manifest.id, Manifest.protected_until)
        .join(Manifest, JOIN.INNER, on=((Manifest.repository == Repository.id) & (Manifest.digest == digest)))
        .where(Repository.name > after, *within(reach))
    )
    return [Holding(*row) for row in database.rows(query.order_by(Repository.name).limit(limit))]


def blobs(database: Database, digest: str, reach: Reach, limit: int, after: str = "") -> list[Holding]:
    """Return those that have the blob; likewise."""
    query = (
        RepositoryBlob.select(Repository.id, Repository.name, RepositoryBlob.protected_until)
        .join(Blob, on=(Blob.id == RepositoryBlob.blob))
        .join(Repository, on=(Repository.id == RepositoryBlob.repository))
        .where(Blob.digest == digest, Repository.name > after, *within(reach))
    )
    rows = database.rows(query.order_by(Repository.name).limit(limit))
    return [Holding(row[0], row[1], None, row[2]) for row in rows]
