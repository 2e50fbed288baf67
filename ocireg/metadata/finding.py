"""Searches of what layers show, and the count of it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from ocireg.contents.merge import ancestors
from ocireg.metadata.database import Database
from ocireg.metadata.layer_models import LayerEntry, LayerStack
from ocireg.metadata.listings import DIRECTORY, IMPLIED, WHITEOUT
from ocireg.metadata.stacks import Page, Shown, Stack, joined, of_names

LONGEST = 200
"""Characters of what is searched for."""
CANDIDATES = 2000
"""Paths of one search that are looked at; hidden ones may be among them, and then the page is a short one."""
HIDDEN = 200_000
"""Directories that are hidden in part, beyond which nothing is counted."""
OFTEN = 500
"""Rows between two rests."""
_WILD = frozenset("*?[")
_FULL = "CASE WHEN d.path = '' THEN e.name ELSE d.path || '/' || e.name END"
_MATCHING = """
SELECT * FROM (SELECT d.listing_id, d.path, e.name
FROM layer_directory d CROSS JOIN layer_entry e ON e.directory_id = d.id
WHERE d.listing_id = ? AND d.path >= ? AND (d.path > ? OR e.name > ?) AND e.kind > 1 AND {match}
ORDER BY d.path, e.name LIMIT ?)
"""
_SIZES = 51
"""Bits that the size of a file has at most (``Limits.file``)."""
_EVERYTHING = f"""
SELECT d.path, e.name, max(CASE WHEN e.kind THEN (s.key << 4) | e.kind ELSE -1 END),
max(CASE WHEN e.kind THEN (s.key << {_SIZES}) | e.size ELSE -1 END), max(e.kind IN ({IMPLIED}, {DIRECTORY})),
max(CASE WHEN e.opaque OR e.kind = {WHITEOUT} OR e.kind > {DIRECTORY} THEN s.key ELSE -1 END)
FROM json_each(?) s CROSS JOIN layer_directory d CROSS JOIN layer_entry e
WHERE d.listing_id = s.value AND e.directory_id = d.id GROUP BY d.path, e.name ORDER BY d.path, e.name
"""  # noqa: S608 - numbers


@dataclass(frozen=True, slots=True)
class Count:
    """How many files show, directories not among them, and their bytes; None where that takes too much memory."""

    files: int | None
    bytes: int | None


def search(database: Database, stack: Stack, text: str, after: str = "", limit: int = 100) -> Page:
    """Return up to ``limit`` paths that have ``text`` in them, in upper or lower case (ASCII), directory by directory.

    With ``*``, ``?`` or ``[`` in it, it is a pattern, of the whole path or of the name. ``after``: as of a ``Page``.
    """
    candidates, last = _candidates(database, stack, text, after, limit + 1)
    shown: list[Shown] = []
    seen = 0
    for path, of in groupby(candidates[:CANDIDATES], key=lambda row: row[0]):
        names = [row[1] for row in of]
        shown += of_names(database, stack, path, names)
        seen += len(names)
        if len(shown) > limit:
            return Page(tuple(shown[:limit]), shown[limit - 1].path)
    if seen < len(candidates):
        last = candidates[seen - 1]
    return Page(tuple(shown), joined(*last) if last else None)


def _candidates(
    database: Database, stack: Stack, text: str, after: str, most: int
) -> tuple[list[tuple[str, str]], tuple[str, str] | None]:
    """Return the next paths that match in some layer, and the last one, where there are more."""
    match, values = _condition(text[:LONGEST].lstrip("/"))
    before, _, name = after.rpartition("/")
    statement = " UNION ALL ".join([_MATCHING.format(match=match)] * len(stack))
    given = [one for listing in stack for one in (listing.id, before, before, name, *values, most)]
    found: dict[int, list[tuple[str, str]]] = {}
    for listing, *path in database.fetch_all(statement, *given) if stack else []:
        found.setdefault(listing, []).append((path[0], path[1]))
    last = min((rows[-1] for rows in found.values() if len(rows) == most), default=None)
    return sorted({row for rows in found.values() for row in rows if last is None or row <= last}), last


def _condition(text: str) -> tuple[str, tuple[str, ...]]:
    if not _WILD.isdisjoint(text):
        return f"({_FULL} GLOB ? OR e.name GLOB ?)", (text, text)
    for one in "\\%_":
        text = text.replace(one, "\\" + one)
    return f"{_FULL} LIKE ? ESCAPE '\\'", (f"%{text}%",)


def count(database: Database, stack: Stack, rest: Callable[[], None] = lambda: None) -> Count:
    """Return how much shows of all layers. It reads all there is, and calls ``rest`` now and then."""
    lowest = max((place for place, listing in enumerate(stack) if listing.opaque), default=0)
    floors: dict[str, int] = {}
    files = size = floor = 0
    directory = None
    query = LayerEntry.raw(_EVERYTHING, json.dumps([listing.id for listing in stack]))
    with database.reading(query) as rows:
        for number, (path, name, top, sized, has_directory, hides) in enumerate(rows):
            if number % OFTEN == 0:
                rest()
            if path != directory:
                directory = path
                floor = max(lowest, *(floors.get(one, 0) for one in (path, *ancestors(path))), 0)
            if top & 15 > DIRECTORY and top >> 4 >= floor:
                files += 1
                size += sized & ((1 << _SIZES) - 1)
            if has_directory and hides > floor:
                floors[joined(path, name)] = hides
                if len(floors) > HIDDEN:
                    return Count(None, None)
    return Count(files, min(size, 2**63 - 1))


def kept_count(database: Database, digest: str) -> Count | None:
    """Return what was counted of the stack of that digest."""
    found = database.fetch("SELECT files, bytes FROM layer_stack WHERE digest = ?", digest)
    return Count(*found) if found else None


def keep_count(database: Database, digest: str, found: Count) -> None:
    """Keep what was counted. Inside a transaction."""
    row = LayerStack.insert(digest=digest, files=found.files, bytes=found.bytes, counted_at=time.time())
    database.run(row.on_conflict_replace())


def prune_counts(database: Database, before: float, limit: int) -> int:
    """Forget up to ``limit`` counts from before that time (seconds, UTC); return how many. Inside a transaction."""
    old = LayerStack.select(LayerStack.digest).where(LayerStack.counted_at < before).limit(limit)
    return database.run(LayerStack.delete().where(LayerStack.digest.in_(old)))
