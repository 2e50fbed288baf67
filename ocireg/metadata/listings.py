"""The entries of one layer, as they are kept: put in order while they come, a batch in each transaction.

A layer is put in order as :mod:`ocireg.contents.merge` says: a whiteout beside a directory of its name is an opaque
directory, what has something below it is a directory, and of several entries the last one counts.
"""

from collections.abc import Sequence

import peewee

from ocireg.contents import Entry, Kind, TooMuch
from ocireg.contents.limits import Limits, measured
from ocireg.metadata.database import Database
from ocireg.metadata.layer_models import LayerDirectory, LayerListing
from ocireg.metadata.layers import Summary

BATCH = 500
"""Entries of one transaction: others wait for it for a few milliseconds."""
REMEMBERED = 10_000
"""Directories whose numbers are known without asking."""
MARK, WHITEOUT, IMPLIED, DIRECTORY = range(4)
KINDS = (
    Kind.OPAQUE,
    Kind.WHITEOUT,
    Kind.DIRECTORY,
    Kind.DIRECTORY,
    Kind.FILE,
    Kind.SYMLINK,
    Kind.HARDLINK,
    Kind.DEVICE,
    Kind.FIFO,
)
"""By the number that is kept. What follows ``DIRECTORY`` is none.

A ``MARK`` is a directory in which a layer has no more than marks: nothing by itself, but if it is opaque it hides what
the layers below have in it. One that is ``IMPLIED`` has files, and no entry of its own.
"""
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_COLUMNS = ("kind", "size", "mode", "uid", "gid", "mtime", "link")
_TAKEN = f"CASE WHEN excluded.kind >= {DIRECTORY} OR excluded.kind > kind THEN excluded.{{0}} ELSE {{0}} END"
_ADD = f"""
INSERT INTO layer_entry (directory_id, name, opaque, {", ".join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (directory_id, name) DO UPDATE SET
opaque = opaque OR excluded.opaque,
{", ".join(f"{one} = {_TAKEN.format(one)}" for one in _COLUMNS)}
"""  # noqa: S608 - names of columns, all above
_MAKE_DIRECTORY = f"""
UPDATE layer_entry SET kind = {IMPLIED}, size = 0, mode = 0, uid = 0, gid = 0, mtime = 0, link = NULL
WHERE directory_id = (SELECT id FROM layer_directory WHERE listing_id = ? AND path = ?) AND name = ?
AND kind > {DIRECTORY} AND EXISTS (
    SELECT 1 FROM layer_directory d CROSS JOIN layer_entry e ON e.directory_id = d.id
    WHERE d.listing_id = ? AND d.path = ? AND e.kind > {WHITEOUT})
"""  # noqa: S608 - numbers, likewise
_SUMMARY = f"""
SELECT count(*), total(e.kind > {DIRECTORY}), min(total(CASE WHEN e.kind > {DIRECTORY} THEN e.size ELSE 0 END), 9e18)
FROM layer_directory d CROSS JOIN layer_entry e ON e.directory_id = d.id WHERE d.listing_id = ?
"""  # noqa: S608 - a number, likewise
_SOME_ENTRIES = """
DELETE FROM layer_entry WHERE (directory_id, name) IN (
    SELECT e.directory_id, e.name FROM layer_directory d CROSS JOIN layer_entry e ON e.directory_id = d.id
    WHERE d.listing_id = ? LIMIT ?)
"""
_SOME_DIRECTORIES = """
DELETE FROM layer_directory WHERE id IN (SELECT id FROM layer_directory WHERE listing_id = ? LIMIT ?)
"""


class Lost(Exception):  # noqa: N818 - an event, not a failure of ours
    """The listing is gone: another one is at the layer, or has been."""


class Recorder:
    """Keeps the entries of a listing. ``TooMuch`` where they need more rows or text than ``limits`` allow."""

    def __init__(self, database: Database, listing: int, limits: Limits) -> None:
        self._database = database
        self._listing = listing
        self._limits = limits
        self._directories: dict[str, tuple[int, int]] = {}
        self._opaque = False
        self._releases: dict[str, str] = {}
        self._rows = 0
        self._text = 0

    def add(self, entries: Sequence[Entry]) -> None:
        """Keep some. ``Lost``. Inside a transaction; where it fails, the listing has failed."""
        try:
            self._add(entries)
        except (peewee.IntegrityError, peewee.sqlite3.IntegrityError) as error:  # type: ignore[attr-defined] # peewee's
            raise Lost from error

    def _add(self, entries: Sequence[Entry]) -> None:
        self._rows += len(entries)
        for entry in entries:
            if entry.content is not None:
                self._releases[entry.path] = entry.content.decode(errors="replace").replace("\0", "")
            if not entry.path:
                self._opaque |= entry.kind is Kind.OPAQUE
        self._database.run_many(_ADD, [self._row(entry) for entry in entries if entry.path])

    def _row(self, entry: Entry) -> tuple[object, ...]:
        above, _, name = entry.path.rpartition("/")
        kind = _NUMBERS[entry.kind]
        self._count(len(name) + len(entry.link or ""))
        directory = self._directory(above, MARK if kind <= WHITEOUT else IMPLIED)
        own = (entry.size, entry.mode, entry.uid, entry.gid, entry.mtime, entry.link)
        return (directory, name, kind <= WHITEOUT, kind, *own)

    def _directory(self, path: str, kind: int) -> int:
        """Return the number of a directory, and see that it, and each above it, is at least of that kind."""
        number, known = self._directories.get(path, (None, -1))
        if number is not None and known >= kind:
            return number
        if number is None:
            number = self._number(path)
        if len(self._directories) >= REMEMBERED:
            self._directories.clear()
        self._directories[path] = (number, kind)
        if path:
            above, _, name = path.rpartition("/")
            row = (self._directory(above, kind), name, False, kind, 0, 0, 0, 0, 0, None)
            self._database.run_many(_ADD, [row])
        return number

    def _number(self, path: str) -> int:
        row = self._database.fetch(
            "SELECT id FROM layer_directory WHERE listing_id = ? AND path = ?", self._listing, path
        )
        if row:
            return int(row[0])
        self._rows += 1
        self._count(len(path))
        return self._database.run(LayerDirectory.insert(listing=self._listing, path=path))

    def _count(self, text: int) -> None:
        self._text += text
        if self._rows > self._limits.entries:
            raise TooMuch(f"It has more than {self._limits.entries:,} files and directories.")
        if self._text > self._limits.text:
            raise TooMuch(f"Its names are longer than {measured(self._limits.text)} together.")

    def put_in_order(self, after: str) -> str | None:
        """See that some directories, from after a path on, are directories; return the last one, if there are more.

        Inside a transaction, when all entries have come.
        """
        some = LayerDirectory.select(LayerDirectory.path).where(
            LayerDirectory.listing == self._listing, LayerDirectory.path > after
        )
        paths = [row[0] for row in self._database.rows(some.order_by(LayerDirectory.path).limit(BATCH))]
        self._database.run_many(
            _MAKE_DIRECTORY,
            [(self._listing, path.rpartition("/")[0], path.rpartition("/")[2], self._listing, path) for path in paths],
        )
        return paths[-1] if len(paths) == BATCH else None

    def summary(self) -> Summary:
        """Return what was found."""
        row = self._database.fetch(_SUMMARY, self._listing)
        assert row is not None, "an aggregate always has one"
        release = self._releases.get("etc/os-release", self._releases.get("usr/lib/os-release"))
        return Summary(row[0], int(row[1]), int(row[2]), self._opaque, release)


def unused(database: Database, limit: int) -> list[int]:
    """Return up to ``limit`` listings that are of no layer: of one that is gone, or of an attempt that failed."""
    query = "SELECT id FROM layer_listing l WHERE NOT EXISTS (SELECT 1 FROM layer WHERE listing = l.id) LIMIT ?"
    return [row[0] for row in database.fetch_all(query, limit)]


def clear(database: Database, listing: int, limit: int) -> bool:
    """Remove up to ``limit`` rows of a listing; say whether there are more. Inside a transaction."""
    for some in (_SOME_ENTRIES, _SOME_DIRECTORIES):
        changed = database.fetch_all(f"{some} RETURNING 1", listing, limit)
        if len(changed) == limit:
            return True
    database.run(LayerListing.delete().where(LayerListing.id == listing))
    return False
