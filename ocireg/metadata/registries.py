"""Registries, and which one a repository name belongs to."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

from peewee import fn

from ocireg.metadata import generation, window
from ocireg.metadata.database import Database
from ocireg.metadata.models import Organization, Registry, Repository
from ocireg.metadata.repositories import Reach, reached
from ocireg.metadata.searching import has
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class StoredRegistry:
    """A registry. ``organization`` is None of the root registry; ``policy_id`` is "" where there is no OIDC policy."""

    id: int
    organization: int | None
    organization_slug: str
    slug: str
    name: str
    description: str
    emoji: str
    colour: str
    public: bool
    policy: str
    policy_id: str
    created_at: float

    @property
    def path(self) -> str:
        """How people name it: ``acme/containers``; "" is the root registry."""
        return f"{self.organization_slug}/{self.slug}" if self.organization_slug else ""


_ROW = (
    Registry.id,
    Registry.organization,
    Organization.slug,
    Registry.slug,
    Registry.name,
    Registry.description,
    Registry.emoji,
    Registry.colour,
    Registry.visibility,
    Registry.policy,
    Registry.policy_id,
    Registry.created_at,
)


def _select() -> object:
    return Registry.select(*_ROW).left_outer_join(Organization, on=(Organization.id == Registry.organization))


def _stored(row: tuple[object, ...]) -> StoredRegistry:
    values = list(row)
    values[2] = values[2] or ""
    values[8] = values[8] == "public"
    return StoredRegistry(*values)  # type: ignore[arg-type] # as the columns are


def root(database: Database) -> StoredRegistry:
    """Return the registry that belongs to no organization."""
    found = database.row(_select().where(Registry.organization.is_null()))  # type: ignore[attr-defined]
    assert found is not None, "the first migration makes the root registry"
    return _stored(found)


def by_slugs(database: Database, organization: str, registry: str) -> StoredRegistry | None:
    """Return the registry of an organization."""
    found = database.row(
        _select().where(Organization.slug == organization, Registry.slug == registry)  # type: ignore[attr-defined]
    )
    return _stored(found) if found else None


def by_id(database: Database, registry: int) -> StoredRegistry | None:
    """Return the registry."""
    found = database.row(_select().where(Registry.id == registry))  # type: ignore[attr-defined]
    return _stored(found) if found else None


def page(database: Database, *, organization: int | None = None, limit: int = 10_000) -> list[StoredRegistry]:
    """Return the registries, the root first; those of one organization where that is given."""
    query = _select().order_by(Organization.slug, Registry.slug).limit(limit)  # type: ignore[attr-defined]
    if organization is not None:
        query = query.where(Registry.organization == organization)
    return [_stored(row) for row in database.rows(query)]


def listed(
    database: Database, which: Window, reach: Reach, organization: int | None = None, search: str = ""
) -> list[StoredRegistry]:
    """Return a window of the registries that are reached, by path, the root first; or those of one organization.

    ``search`` is in their name or path.
    """
    query: Any = _select()
    if wanted := reached(reach):
        query = query.where(*wanted)
    if organization is not None:
        query = query.where(Registry.organization == organization)
    if search:
        query = query.where(has(search, Registry.name, Registry.path))
    return [_stored(row) for row in window.rows(database, query, which, Registry.path)]


def add(database: Database, organization: int, slug: str, **values: str) -> int:
    """Make a registry; return its identifier. Inside a transaction; the slug is free in the organization."""
    new = generation.new_id(database, Registry)
    database.run(Registry.insert(id=new, organization=organization, slug=slug, created_at=time.time(), **values))
    return new


def change(database: Database, registry: int, **values: str) -> None:
    """Replace columns. Inside a transaction."""
    database.run(Registry.update(**values).where(Registry.id == registry))


def set_policy(database: Database, registry: int, text: str) -> None:
    """Replace the OIDC policy; what was let in by the former one is not let in by this. Inside a transaction."""
    change(database, registry, policy=text, policy_id=uuid.uuid4().hex if text else "")


def repositories_of(database: Database, registry: int, limit: int) -> list[str]:
    """Return up to ``limit`` repositories of the registry."""
    query = Repository.select(Repository.name).where(Repository.registry == registry).order_by(Repository.name)
    return [row[0] for row in database.rows(query.limit(limit))]


def repository_count(database: Database, registry: int) -> int:
    """Return how many repositories the registry has."""
    found = database.row(Repository.select(fn.COUNT(Repository.id)).where(Repository.registry == registry))
    return int(found[0]) if found else 0


def remove(database: Database, registry: int) -> None:
    """Forget a registry that holds no repositories any more, with its tokens and grants. Inside a transaction."""
    database.run(Registry.delete().where(Registry.id == registry))
