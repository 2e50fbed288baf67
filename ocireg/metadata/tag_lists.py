"""Tags with what they point at, and their history: a page takes as many statements as one tag."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from ocireg.metadata import packages, window
from ocireg.metadata.database import Database
from ocireg.metadata.models import Manifest, Repository, Tag, TagEvent
from ocireg.metadata.searching import has
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class StoredTag:
    """A tag; ``size`` is what ``packages.total_sizes`` says of its manifest. Times are seconds since the epoch, UTC.

    ``pushed_by`` is a name, "" where it is not known; ``pulled_at`` and ``downloads`` are of its manifest, whose number
    is ``row``.
    """

    name: str
    row: int
    digest: str
    media_type: str
    artifact_type: str | None
    pushed_at: float
    pushed_by: str
    pulled_at: float | None
    downloads: int
    size: int = 0

    @property
    def place(self) -> str:
        """Where it is among the newest: what ``place_of`` reads."""
        return f"{self.pushed_at!r}~{self.name}"


@dataclass(frozen=True, slots=True)
class TagChange:
    """What a tag pointed at from then on; None: it was deleted. ``present``: that is still there.

    ``by`` is a name, "" where it is not known.
    """

    id: int
    name: str
    digest: str | None
    at: float
    by: str
    present: bool


def listed(
    database: Database, repository: str, which: Window, *, search: str = "", newest: bool = False
) -> list[StoredTag]:
    """Return a window of the tags of a repository that have ``search`` in their names.

    They come by name, and keys of the window are names; or the ``newest`` first, by ``place_of`` what ``place`` said.
    """
    query = _tags(repository)
    if search:
        query = query.where(has(search, Tag.name))
    order = (Tag.pushed_at, Tag.name) if newest else (Tag.name,)
    return _with_sizes(database, window.rows(database, query, which, *order, descending=newest))


def find(database: Database, repository: str, name: str) -> StoredTag | None:
    """Return a tag."""
    found = _with_sizes(database, database.rows(_tags(repository).where(Tag.name == name)))
    return found[0] if found else None


def place_of(cursor: str) -> tuple[float, str]:
    """Return the key of a place among the newest; of what is none, one that is after all of them."""
    at, _, name = cursor.partition("~")
    try:
        return float(at), name
    except ValueError:
        return float("-inf"), ""


def history(database: Database, repository: str, which: Window, *, name: str | None = None) -> list[TagChange]:
    """Return a window of what tags of a repository pointed at, the newest first; or of one that is named."""
    there = (Manifest.repository == TagEvent.repository) & (Manifest.digest == TagEvent.digest)
    of = Repository.select(Repository.id).where(Repository.name == repository)
    query = (
        TagEvent.select(
            TagEvent.id, TagEvent.name, TagEvent.digest, TagEvent.at, TagEvent.by, Manifest.id.is_null(False)
        )
        .join(Manifest, JOIN.LEFT_OUTER, on=there)
        .where(TagEvent.repository == of)
    )
    if name is not None:
        query = query.where(TagEvent.name == name)
    found = window.rows(database, query, which, TagEvent.id, descending=True)
    return [TagChange(*(*row[:-1], bool(row[-1]))) for row in found]


def pointed_at(database: Database, repository: int, name: str, digest: str) -> bool:
    """Say whether the tag has pointed at this digest before, or does now."""
    query = TagEvent.select(TagEvent.id).where(
        TagEvent.repository == repository, TagEvent.name == name, TagEvent.digest == digest
    )
    return database.row(query.limit(1)) is not None


def pointing(database: Database, repository: str, names: Collection[str]) -> dict[str, str]:
    """Return what tags of a repository point at now, by name; of one that is not there nothing."""
    query = _tags(repository).where(Tag.name.in_(sorted(names)))
    return {row[0]: row[2] for row in database.rows(query)}


def _tags(repository: str) -> Any:
    of = Repository.select(Repository.id).where(Repository.name == repository)
    return (
        Tag.select(
            Tag.name,
            Manifest.id,
            Manifest.digest,
            Manifest.media_type,
            Manifest.artifact_type,
            Tag.pushed_at,
            Tag.pushed_by,
            Manifest.pulled_at,
            Manifest.downloads,
        )
        .join(Manifest, on=(Manifest.id == Tag.manifest))
        .where(Tag.repository == of)
    )


def _with_sizes(database: Database, rows: Sequence[Sequence[Any]]) -> list[StoredTag]:
    sizes = packages.total_sizes(database, [row[1] for row in rows])
    return [StoredTag(*(*row, sizes.get(row[1], 0))) for row in rows]
