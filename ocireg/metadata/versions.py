"""Manifests of a repository with what is around them: tags, and what tells of them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Case, fn

from ocireg.metadata.database import Database
from ocireg.metadata.models import Manifest, Repository, Tag

TAGS = 100
"""Tags of a version that are named."""
CONTENT = 64 * 1024
"""Bytes of a manifest that a list reads."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A manifest; ``content`` is None where it is long, or the row's copy was emptied. ``pushed_at`` of UTC."""

    row: int
    digest: str
    media_type: str
    artifact_type: str | None
    size: int
    pushed_at: float
    subject: str | None
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Who pushed a manifest ("" where that is not known), when it was pulled last (UTC), and how often in all."""

    pushed_by: str = ""
    pulled_at: float | None = None
    downloads: int = 0


_COLUMNS = (
    Manifest.id,
    Manifest.digest,
    Manifest.media_type,
    Manifest.artifact_type,
    Manifest.size,
    Manifest.pushed_at,
    Manifest.subject,
)
_SHORT = Case(None, [(Manifest.size <= CONTENT, Manifest.content)])


def find(database: Database, repository: str, *, tag: str = "", digest: str = "") -> StoredVersion | None:
    """Return the manifest that the tag points at, or that has the digest, without its content."""
    query = Manifest.select(*_COLUMNS).join(Repository, on=(Repository.id == Manifest.repository))
    query = query.where(Repository.name == repository)
    if tag:
        query = query.join(Tag, on=(Tag.manifest == Manifest.id)).where(
            Tag.repository == Repository.id, Tag.name == tag
        )
    else:
        query = query.where(Manifest.digest == digest)
    found = database.row(query)
    return StoredVersion(*(*found, None)) if found else None


def usage(database: Database, row: int) -> Usage:
    """Return who has had to do with a manifest."""
    query = Manifest.select(Manifest.pushed_by, Manifest.pulled_at, Manifest.downloads).where(Manifest.id == row)
    found = database.row(query)
    return Usage(*found) if found else Usage()


def tags(database: Database, row: int) -> tuple[tuple[str, ...], int]:
    """Return the first tags of a manifest by name, and how many it has."""
    named = database.rows(Tag.select(Tag.name).where(Tag.manifest == row).order_by(Tag.name).limit(TAGS))
    count = database.row(Tag.select(fn.COUNT(Tag.name)).where(Tag.manifest == row))
    return tuple(one[0] for one in named), int(count[0]) if count else 0


def referrers(database: Database, repository: str, subject: str, after: str, limit: int) -> list[StoredVersion]:
    """Return up to ``limit`` manifests with that subject and a digest greater than ``after``, in order of digest."""
    query = _with_content(repository).where(Manifest.subject == subject, Manifest.digest > after)
    return [_stored(row) for row in database.rows(query.order_by(Manifest.digest).limit(limit))]


def by_digest(database: Database, repository: str, digests: Collection[str]) -> list[StoredVersion]:
    """Return those of some manifests that the repository has."""
    query = _with_content(repository).where(Manifest.digest.in_(sorted(set(digests))))
    return [_stored(row) for row in database.rows(query)]


def by_tag(database: Database, repository: str, names: Sequence[str]) -> dict[str, StoredVersion]:
    """Return the manifests that tags point at."""
    query = _with_content(repository, Tag.name).join(Tag, on=(Tag.manifest == Manifest.id))
    found = database.rows(query.where(Tag.repository == Repository.id, Tag.name.in_(names)))
    return {row[-1]: _stored(row[:-1]) for row in found}


def present(database: Database, repository: str, digests: Collection[str]) -> set[str]:
    """Return those of ``digests`` that are manifests of the repository."""
    found = database.fetch_all(
        "SELECT m.digest FROM json_each(?) w CROSS JOIN repository r CROSS JOIN manifest m"
        " WHERE r.name = ? AND m.repository_id = r.id AND m.digest = w.value",
        json.dumps(sorted(set(digests))),
        repository,
    )
    return {row[0] for row in found}


def _with_content(repository: str, *more: Any) -> Any:
    query = Manifest.select(*_COLUMNS, _SHORT, *more).join(Repository, on=(Repository.id == Manifest.repository))
    return query.where(Repository.name == repository)


def _stored(row: Sequence[Any]) -> StoredVersion:
    *plain, content = row
    return StoredVersion(*(*plain, None if content is None else bytes(content)))
