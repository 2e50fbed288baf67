"""What layers show, one on the other, by queries that read no more than is shown (OCI image v1.1, layer.md).

The rule is that of :mod:`ocireg.contents.merge`. For each directory there is a *floor*: the lowest layer that shows in
it, which is the highest one that hides, replaces or empties it or one above it. Of the layers from there on the highest
one decides about a name.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocireg.contents import Kind
from ocireg.metadata.database import Database
from ocireg.metadata.listings import DIRECTORY, IMPLIED, KINDS, MARK, WHITEOUT

MOST = 400
"""Layers of a stack; each is a part of one statement, which may have 500."""
LOOKS = 10
"""How often the layers are asked for a page: hidden files may fill no page in so many, and then it is a short one."""
_ATTRIBUTES = "e.kind, e.opaque, e.size, e.mode, e.uid, e.gid, e.mtime, e.link"
_NAMED = f"""
SELECT w.key, s.key, e.name, {_ATTRIBUTES}
FROM json_each(?) s CROSS JOIN json_each(?) w CROSS JOIN layer_directory d CROSS JOIN layer_entry e
WHERE d.listing_id = s.value AND d.path = json_extract(w.value, '$[0]')
AND e.directory_id = d.id AND e.name = json_extract(w.value, '$[1]') ORDER BY s.key
"""  # noqa: S608 - names of columns
_DIRECTORIES = """
SELECT s.key, d.id FROM json_each(?) s CROSS JOIN layer_directory d WHERE d.listing_id = s.value AND d.path = ?
"""
_RANGE = f"""
SELECT * FROM (SELECT ? AS layer, e.name, {_ATTRIBUTES} FROM layer_entry e
WHERE e.directory_id = ? AND e.name > ? ORDER BY e.name LIMIT ?)
"""  # noqa: S608 - likewise


@dataclass(frozen=True, slots=True)
class Listing:
    """A layer of a stack: the number of its listing, and whether it hides all that is below it."""

    id: int
    opaque: bool = False


Stack = Sequence[Listing]
"""The lowest first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file or directory as it is to be seen; ``layer`` is its place in the stack. ``size`` in bytes.

    ``mtime`` in seconds since the epoch, UTC. One that is ``implied`` is described by no layer; one that is ``opaque``
    hides what the layers below have in it.
    """

    path: str
    kind: Kind
    layer: int
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str | None
    implied: bool = False
    opaque: bool = False

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what there is, in the order of bytes; ``after`` is where the next page begins, None where there is none.

    A page may be short, or empty, though there is another.
    """

    entries: tuple[Shown, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a layer. ``hides``: nothing of its path shows of the layers below."""

    layer: int
    name: str
    kind: int
    opaque: bool
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str | None

    @property
    def hides(self) -> bool:
        """Say so."""
        return bool(self.opaque) or self.kind not in {MARK, IMPLIED, DIRECTORY}

    def shown(self, path: str) -> Shown:
        """Return what it shows."""
        own = (self.size, self.mode, self.uid, self.gid, self.mtime, self.link)
        kind = Kind.DIRECTORY if self.kind == MARK else KINDS[self.kind]
        return Shown(path, kind, self.layer, *own, implied=self.kind in {MARK, IMPLIED}, opaque=bool(self.opaque))


def directory(
    database: Database, stack: Stack, path: str, after: str = "", limit: int = 1000, *, marks: bool = False
) -> Page | None:
    """Return up to ``limit`` entries of a directory, with names greater than ``after``; None where there is none.

    ``marks``: whiteouts too, and directories that have nothing else, for one layer alone.
    The statements, and the rows that are read for each layer, are as many however many files there are.
    """
    floor = floor_of(database, stack, path, marks=marks)
    if floor is None:
        return None
    parts = [row for row in database.fetch_all(_DIRECTORIES, _numbers(stack), path) if row[0] >= floor]
    found: list[Shown] = []
    cursor: str | None = after
    for _ in range(LOOKS):
        rows, cursor = _look(database, parts, str(cursor), limit + 1)
        found += [one for name, of in rows if (one := settled(of, joined(path, name), marks=marks))]
        if cursor is None or len(found) > limit:
            break
    if len(found) > limit:
        return Page(tuple(found[:limit]), found[limit - 1].name)
    return Page(tuple(found), cursor)


def _look(
    database: Database, parts: Sequence[tuple[int, int]], after: str, limit: int
) -> tuple[list[tuple[str, list[Row]]], str | None]:
    """Return the rows of the next names, the highest layer's first, and where to go on; None where that was all."""
    if not parts:
        return [], None
    values = [value for layer, number in parts for value in (layer, number, after, limit)]
    by_layer: dict[int, list[Row]] = {}
    for found in database.fetch_all(" UNION ALL ".join([_RANGE] * len(parts)), *values):
        by_layer.setdefault(found[0], []).append(Row(*found))
    last = min((rows[-1].name for rows in by_layer.values() if len(rows) == limit), default=None)
    named: dict[str, list[Row]] = {}
    for layer in sorted(by_layer, reverse=True):
        for row in by_layer[layer]:
            if last is None or row.name <= last:
                named.setdefault(row.name, []).append(row)
    return sorted(named.items()), last


def settled(rows: Iterable[Row], path: str, *, marks: bool = False) -> Shown | None:
    """Return what rows of one path show, the highest layer's first; None if it is hidden.

    A directory that is implied is as the layers below have it, where nothing is between.
    """
    top = None
    for row in rows:
        if marks and row.kind in {MARK, WHITEOUT}:
            return row.shown(path)
        if row.kind == MARK:
            continue
        if top is None and row.kind == WHITEOUT:
            return None
        if row.kind == DIRECTORY or (top is None and row.kind != IMPLIED):
            return row.shown(path)
        if row.kind != IMPLIED:
            break
        top = top or row
        if row.opaque:
            break
    return top.shown(path) if top else None


def floor_of(database: Database, stack: Stack, path: str, *, marks: bool = False) -> int | None:
    """Return the lowest layer that shows in a directory; None where there is no such directory."""
    lowest = max((place for place, listing in enumerate(stack) if listing.opaque), default=0)
    if not path:
        return lowest
    names = path.split("/")
    asked = [("/".join(names[:depth]), name) for depth, name in enumerate(names)]
    rows: dict[int, list[Row]] = {}
    for depth, row in _named(database, stack, asked):
        rows.setdefault(depth, []).append(row)
    for depth in range(len(names)):
        there = [row for row in rows.get(depth, []) if row.layer >= lowest]
        kinds = [row.kind for row in there if marks or row.kind != MARK]
        if not kinds or kinds[-1] not in {MARK, IMPLIED, DIRECTORY}:
            return None
        lowest = max((row.layer for row in there if row.hides), default=lowest)
    return lowest


def of_names(database: Database, stack: Stack, path: str, names: Sequence[str]) -> list[Shown]:
    """Return those of ``names`` in a directory that show, in their order."""
    floor = floor_of(database, stack, path)
    if floor is None:
        return []
    rows: dict[int, list[Row]] = {}
    for place, row in _named(database, stack, [(path, name) for name in names]):
        if row.layer >= floor:
            rows.setdefault(place, []).insert(0, row)
    shown = (settled(rows.get(place, []), joined(path, name)) for place, name in enumerate(names))
    return [one for one in shown if one]


def _named(database: Database, stack: Stack, asked: Sequence[tuple[str, str]]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of paths, each a directory and a name, with the place of the path; the lowest layer's first."""
    for place, *row in database.fetch_all(_NAMED, _numbers(stack), json.dumps(asked)):
        yield place, Row(*row)


def _numbers(stack: Stack) -> str:
    return json.dumps([listing.id for listing in stack])


def joined(directory: str, name: str) -> str:
    """Return the path of a name in a directory."""
    return f"{directory}/{name}" if directory else name
