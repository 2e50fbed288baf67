"""Repositories as an operator counts them."""

from dataclasses import dataclass

from peewee import fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Manifest, Organization, Registry, Repository, Tag


@dataclass(frozen=True, slots=True)
class CountedRepository:
    """A repository; ``registry`` is the path of its registry, "" the root. ``created_at`` in seconds, UTC."""

    name: str
    registry: str
    tags: int
    manifests: int
    created_at: float


def page(database: Database, after: str, limit: int, registry: int | None = None) -> list[CountedRepository]:
    """Return up to ``limit`` repositories with names greater than ``after``, in ASCII order, the empty ones too.

    ``registry``: those of one.
    """
    tags = Tag.select(fn.COUNT(Tag.name)).where(Tag.repository == Repository.id)
    manifests = Manifest.select(fn.COUNT(Manifest.id)).where(Manifest.repository == Repository.id)
    query = (
        Repository.select(Repository.name, Organization.slug, Registry.slug, tags, manifests, Repository.created_at)
        .join(Registry, on=(Registry.id == Repository.registry))
        .left_outer_join(Organization, on=(Organization.id == Registry.organization))
        # what begins with "-" was deleted: see ``repositories.purge``
        .where(Repository.name > after, ~Repository.name.startswith("-"))
    )
    if registry is not None:
        query = query.where(Repository.registry == registry)
    found = database.rows(query.order_by(Repository.name).limit(limit))
    return [CountedRepository(row[0], f"{row[1]}/{row[2]}" if row[1] else "", *row[3:]) for row in found]
