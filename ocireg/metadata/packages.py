"""Manifests of registries as packages: what lists of them say, in as many statements for one as for a page."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from peewee import Case, Select, fn

from ocireg.metadata import window
from ocireg.metadata.database import Database
from ocireg.metadata.image_models import ImageParent
from ocireg.metadata.models import Manifest, Repository, Tag
from ocireg.metadata.window import Window

TAGS = 100
"""Tags of a package that are named."""
ANNOTATIONS = 8192
"""Characters of annotations that a list has; a package alone has all of its."""
PARTS = 60_000
"""Blobs and manifests, as often as they are named, that are looked at for the sizes of one list."""


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A manifest, and what is around it. ``annotations`` is None where a list leaves long ones out. Sizes in bytes.

    Times are seconds since the epoch, UTC. ``pushed_by`` is a name, "" where it is not known.
    """

    row: int
    repository_row: int
    repository: str
    registry: int
    digest: str
    size: int
    media_type: str
    artifact_type: str | None
    pushed_at: float
    pushed_by: str
    pulled_at: float | None
    downloads: int
    annotations: Mapping[str, str] | None
    tags: Sequence[str]
    total_size: int = 0

    @property
    def id(self) -> str:
        """What it is known by: no other ever has it, though SQLite gives the number of a row again.

        Repositories' numbers are not given again, and in one repository a digest is one manifest.
        """
        mark = hashlib.sha256(f"{self.repository_row}:{self.digest}".encode()).hexdigest()[:16]
        return f"{self.row}-{mark}"


_SOME = Tag.alias()
_NAMED = _SOME.select(_SOME.name).where(_SOME.manifest == Manifest.id).order_by(_SOME.name).limit(TAGS)
_TAGS = Select([_NAMED], [fn.json_group_array(_NAMED.c.name)])
_ROW = (
    Manifest.id,
    Repository.id,
    Repository.name,
    Repository.registry,
    Manifest.digest,
    Manifest.size,
    Manifest.media_type,
    Manifest.artifact_type,
    Manifest.pushed_at,
    Manifest.pushed_by,
    Manifest.pulled_at,
    Manifest.downloads,
)
_SIZES = """
SELECT top.id, (WITH RECURSIVE part(kind, digest, size) AS (
    SELECT 'manifest', top.digest, top.size
    UNION ALL
    SELECT r.kind, r.digest, r.size FROM part
    CROSS JOIN manifest m ON m.repository_id = top.repository_id AND m.digest = part.digest
    CROSS JOIN manifest_reference r ON r.manifest_id = m.id AND r.position < ? AND r.kind != 'foreign'
    WHERE part.kind = 'manifest')
    SELECT min(total(size), 9e18) FROM (
        SELECT max(size) AS size FROM (SELECT digest, size FROM part LIMIT ?) GROUP BY digest))
FROM manifest top WHERE top.id IN ({rows})
"""


def listed(
    database: Database,
    registry: int,
    which: Window,
    *,
    name: str | None = None,
    untagged: bool = False,
    sizes: bool = True,
) -> list[StoredPackage]:
    """Return a window of the packages of a registry, the newest first; those of one repository where it is named.

    ``untagged``: those that nothing there leads to: without a tag and a subject, and of no index of their repository.
    The keys of the window are rows.
    """
    short = fn.LENGTH(Manifest.annotations) <= ANNOTATIONS
    query = Manifest.select(*_ROW, Case(None, [(short, Manifest.annotations)]), _TAGS).join(
        Repository, on=(Repository.id == Manifest.repository)
    )
    if name is None:
        query = query.where(Repository.registry == registry)
    else:
        of = Repository.select(Repository.id).where(Repository.name == name, Repository.registry == registry)
        query = query.where(Manifest.repository == of)
    if untagged:
        query = query.where(Manifest.subject.is_null(), ~fn.EXISTS(_tagged()), ~fn.EXISTS(_parent()))
    found = [_package(row) for row in window.rows(database, query, which, Manifest.id, descending=True)]
    return _with_sizes(database, found) if sizes else found


def _tagged() -> Any:
    return Tag.select(Tag.name).where(Tag.manifest == Manifest.id)


def _parent() -> Any:
    """Return the indexes of its repository that refer to a manifest."""
    return ImageParent.select(ImageParent.manifest).where(
        ImageParent.repository == Manifest.repository, ImageParent.digest == Manifest.digest
    )


def find(database: Database, registry: int, identifier: str) -> StoredPackage | None:
    """Return the package of a registry that has this identifier, with all of its annotations."""
    number, _, _mark = identifier.partition("-")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    query = (
        Manifest.select(*_ROW, Manifest.annotations, _TAGS)
        .join(Repository, on=(Repository.id == Manifest.repository))
        .where(Manifest.id == int(number), Repository.registry == registry)
    )
    row = database.row(query)
    found = _package(row) if row else None
    return _with_sizes(database, [found])[0] if found and found.id == identifier else None


def row_of(cursor: str) -> int:
    """Return the key of a cursor of a list of packages; of what is none, one that nothing has."""
    number, _, _ = cursor.partition("-")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0


def _package(row: Sequence[Any]) -> StoredPackage:
    *plain, annotations, tags = row
    kept = json.loads(annotations) if isinstance(annotations, str) else None
    return StoredPackage(*(*plain, kept, json.loads(tags)))


def _with_sizes(database: Database, found: list[StoredPackage]) -> list[StoredPackage]:
    """Return them with their sizes: of all that each refers to, each digest once; foreign layers are not here."""
    sizes = total_sizes(database, [one.row for one in found])
    return [replace(one, total_size=sizes.get(one.row, one.size)) for one in found]


def total_sizes(database: Database, rows: Sequence[int]) -> dict[int, int]:
    """Return the bytes of manifests with all that they refer to, by row; less where that is more than is looked at.

    That is ``PARTS``, of which each has its share: thirty indexes of thousands would take seconds.
    """
    if not rows:
        return {}
    share = max(PARTS // len(rows), 1)
    query = _SIZES.format(rows=", ".join("?" * len(rows)))
    return {row: int(size) for row, size in database.fetch_all(query, share, share, *rows)}
