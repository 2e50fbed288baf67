"""Organizations by slug."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from ocireg.metadata import generation, window
from ocireg.metadata.database import Database
from ocireg.metadata.models import Organization, Registry, Repository
from ocireg.metadata.searching import has
from ocireg.metadata.window import Window

NOBODY = -1
"""No identifier of an organization."""


@dataclass(frozen=True, slots=True)
class StoredOrganization:
    """An organization."""

    id: int
    slug: str
    name: str
    created_at: float


_ROW = (Organization.id, Organization.slug, Organization.name, Organization.created_at)


def by_slug(database: Database, slug: str) -> StoredOrganization | None:
    """Return the organization of that slug."""
    found = database.row(Organization.select(*_ROW).where(Organization.slug == slug))
    return StoredOrganization(*found) if found else None


def page(database: Database, after: str = "", limit: int = 1000) -> list[StoredOrganization]:
    """Return up to ``limit`` organizations with slugs greater than ``after``, in order."""
    query = Organization.select(*_ROW).where(Organization.slug > after).order_by(Organization.slug).limit(limit)
    return [StoredOrganization(*row) for row in database.rows(query)]


def listed(
    database: Database, which: Window, within: Collection[int] | None = None, search: str = ""
) -> list[StoredOrganization]:
    """Return a window of the organizations, by slug: of all, or of those whose identifiers are given.

    Their slug or their name has ``search`` in it.
    """
    query = Organization.select(*_ROW)
    if search:
        query = query.where(has(search, Organization.slug, Organization.name))
    if within is not None:
        query = query.where(Organization.id.in_(sorted(within)))
    return [StoredOrganization(*row) for row in window.rows(database, query, which, Organization.slug)]


def add(database: Database, slug: str, name: str) -> int:
    """Make an organization; return its identifier. Inside a transaction; the slug is free."""
    new = generation.new_id(database, Organization)
    database.run(Organization.insert(id=new, slug=slug, name=name, created_at=time.time()))
    return new


def rename(database: Database, organization: int, name: str) -> None:
    """Replace the name, not the slug. Inside a transaction."""
    database.run(Organization.update(name=name).where(Organization.id == organization))


def remove(database: Database, organization: int) -> None:
    """Forget the organization, which has no registries any more, and its memberships. Inside a transaction."""
    database.run(Organization.delete().where(Organization.id == organization))


def claimed_by_root(database: Database, slug: str, limit: int) -> list[str]:
    """Return up to ``limit`` repositories of the root registry whose names an organization of that slug would claim."""
    query = (
        Repository.select(Repository.name)
        .join(Registry, on=(Registry.id == Repository.registry))
        .where(
            Registry.organization.is_null(),
            (Repository.name == slug) | ((Repository.name >= f"{slug}/") & (Repository.name < f"{slug}0")),
        )
        .order_by(Repository.name)
        .limit(limit)
    )
    return [row[0] for row in database.rows(query)]
