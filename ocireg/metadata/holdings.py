"""Repositories with what they hold, their tags and the history of these: a page takes as many statements as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from ocireg.metadata import packages, window
from ocireg.metadata.database import Database
from ocireg.metadata.models import Blob, Manifest, Organization, Registry, Repository, RepositoryBlob, Tag, TagEvent
from ocireg.metadata.repositories import Reach, within
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class Holding:
    """A repository; ``size`` in bytes, of all it knows, each once; times in seconds since the epoch, UTC."""

    name: str
    registry_path: str
    registry_name: str
    public: bool
    created_at: float
    size: int
    packages: int
    tags: int
    pushed_at: float


@dataclass(frozen=True, slots=True)
class StoredTag:
    """A tag; ``size`` in bytes, of all that its manifest refers to."""

    name: str
    row: int
    digest: str
    media_type: str
    pushed_at: float
    size: int = 0


@dataclass(frozen=True, slots=True)
class TagChange:
    """What a tag pointed at from then on; None: it was deleted. ``present``: that is still there."""

    id: int
    digest: str | None
    at: float
    present: bool


def listed(
    database: Database, which: Window, reach: Reach, *, registry: int | None = None, prefix: str = ""
) -> list[Holding]:
    """Return a window of the repositories that are reached and hold a manifest, by name."""
    query = _holdings().where(*wanted) if (wanted := within(reach)) else _holdings()
    if registry is not None:
        query = query.where(Repository.registry == registry)
    if prefix:
        query = query.where(Repository.name >= prefix, Repository.name < f"{prefix}\x7f")
    return [_holding(row) for row in window.rows(database, query, which, Repository.name)]


def find(database: Database, name: str) -> Holding | None:
    """Return a repository, if it holds a manifest."""
    found = database.row(_holdings().where(Repository.name == name))
    return _holding(found) if found else None


def tags(database: Database, repository: str, which: Window) -> list[StoredTag]:
    """Return a window of the tags of a repository, by name."""
    rows = window.rows(database, _tags(repository), which, Tag.name)
    return _with_sizes(database, rows)


def tag(database: Database, repository: str, name: str) -> StoredTag | None:
    """Return a tag."""
    found = _with_sizes(database, database.rows(_tags(repository).where(Tag.name == name)))
    return found[0] if found else None


def history(database: Database, repository: str, name: str, which: Window) -> list[TagChange]:
    """Return a window of what a tag pointed at, the newest first."""
    there = (Manifest.repository == TagEvent.repository) & (Manifest.digest == TagEvent.digest)
    query = (
        TagEvent.select(TagEvent.id, TagEvent.digest, TagEvent.at, Manifest.id.is_null(False))
        .join(Repository, on=(Repository.id == TagEvent.repository))
        .switch(TagEvent)
        .join(Manifest, JOIN.LEFT_OUTER, on=there)
        .where(Repository.name == repository, TagEvent.name == name)
    )
    found = window.rows(database, query, which, TagEvent.id, descending=True)
    return [TagChange(row[0], row[1], row[2], bool(row[3])) for row in found]


def pointed_at(database: Database, repository: int, name: str, digest: str) -> bool:
    """Say whether the tag has pointed at this digest before, or does now."""
    query = TagEvent.select(TagEvent.id).where(
        TagEvent.repository == repository, TagEvent.name == name, TagEvent.digest == digest
    )
    return database.row(query.limit(1)) is not None


def _holdings() -> Any:
    of = Manifest.repository == Repository.id
    manifests = Manifest.select(fn.SUM(Manifest.size)).where(of)
    known = RepositoryBlob.select(fn.SUM(Blob.size)).join(Blob, on=(Blob.id == RepositoryBlob.blob))
    blobs = known.where(RepositoryBlob.repository == Repository.id)
    return (
        Repository.select(
            Repository.name,
            Organization.slug,
            Registry.slug,
            Registry.name,
            Registry.visibility,
            Repository.created_at,
            fn.COALESCE(manifests, 0) + fn.COALESCE(blobs, 0),
            Manifest.select(fn.COUNT(Manifest.id)).where(of),
            Tag.select(fn.COUNT(Tag.name)).where(Tag.repository == Repository.id),
            Manifest.select(fn.MAX(Manifest.pushed_at)).where(of),
        )
        .join(Registry, on=(Registry.id == Repository.registry))
        .join(Organization, JOIN.LEFT_OUTER, on=(Organization.id == Registry.organization))
        .where(fn.EXISTS(Manifest.select(Manifest.id).where(of)))
    )


def _holding(row: Sequence[Any]) -> Holding:
    name, organization, slug, registry, visibility, *rest = row
    path = f"{organization}/{slug}" if organization else "root"
    return Holding(name, path, registry, visibility == "public", *rest)


def _tags(repository: str) -> Any:
    return (
        Tag.select(Tag.name, Manifest.id, Manifest.digest, Manifest.media_type, Tag.pushed_at)
        .join(Repository, on=(Repository.id == Tag.repository))
        .switch(Tag)
        .join(Manifest, on=(Manifest.id == Tag.manifest))
        .where(Repository.name == repository)
    )


def _with_sizes(database: Database, rows: Sequence[Sequence[Any]]) -> list[StoredTag]:
    sizes = packages.total_sizes(database, [row[1] for row in rows])
    return [StoredTag(*(*row, sizes[row[1]])) for row in rows]
