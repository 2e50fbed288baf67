"""Repositories with what they hold, by the sums that are kept with their rows: a page takes one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from ocireg.metadata import window
from ocireg.metadata.database import Database
from ocireg.metadata.models import Registry, Repository
from ocireg.metadata.repositories import Reach, reached
from ocireg.metadata.searching import has
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class Holding:
    """A repository; ``size`` in bytes, of all it knows, each once; times in seconds since the epoch, UTC.

    ``downloads`` are of all it ever had, but for what an index there refers to.
    """

    name: str
    registry_path: str
    registry_name: str
    public: bool
    created_at: float
    size: int
    packages: int
    tags: int
    pushed_at: float
    downloads: int


def listed(
    database: Database,
    which: Window,
    reach: Reach,
    *,
    registry: int | None = None,
    prefix: str = "",
    search: str = "",
    inside: str = "",
) -> list[Holding]:
    """Return a window of the repositories that are reached and hold a manifest, by name, which has ``search`` in it.

    ``inside``: the path of the registry, where it is not looked for in that part of the names.
    """
    query = _holdings().where(*reached(reach))  # in the order of the index, whatever is reached
    if registry is not None:
        query = query.where(Repository.registry == registry)
    if prefix:
        query = query.where(Repository.name >= prefix, Repository.name < f"{prefix}\x7f")
    if search:
        name = fn.SUBSTR(Repository.name, len(inside) + 2) if inside else Repository.name
        query = query.where(has(search, name))
    return [_holding(row) for row in window.rows(database, query, which, Repository.name)]


def find(database: Database, name: str) -> Holding | None:
    """Return a repository, if it holds a manifest."""
    found = database.row(_holdings().where(Repository.name == name))
    return _holding(found) if found else None


def _holdings() -> Any:
    return (
        Repository.select(
            Repository.name,
            Registry.path,
            Registry.name,
            Registry.visibility,
            Repository.created_at,
            Repository.size,
            Repository.manifests,
            Repository.tags,
            Repository.pushed_at,
            Repository.downloads,
        )
        .join(Registry, on=(Registry.id == Repository.registry))
        .where(Repository.manifests > 0)
    )


def _holding(row: Sequence[Any]) -> Holding:
    name, path, registry, visibility, *rest = row
    return Holding(name, path or "root", registry, visibility == "public", *rest)
