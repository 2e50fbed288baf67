"""The rows of one kind of object beside what the store has of it, in one pass over each."""

from collections.abc import Iterator
from itertools import islice

from ocireg.metadata import garbage
from ocireg.metadata.database import Database
from ocireg.metadata.rebuilding import Keyed
from ocireg.storage import ObjectInfo

AT_ONCE = 500


def unmatched(rows: Iterator[Keyed], objects: Iterator[ObjectInfo]) -> Iterator[Keyed | ObjectInfo]:
    """Yield rows that have no object, and objects that have no row, of two lists in byte order of keys.

    What comes or goes meanwhile may be among them: whoever acts on one looks once more.
    """
    row, found = next(rows, None), next(objects, None)
    while row is not None or found is not None:
        if found is None or (row is not None and row.key < found.key):
            assert row is not None, "one of them is there"
            yield row
            row = next(rows, None)
        elif row is None or found.key < row.key:
            yield found
            found = next(objects, None)
        else:
            row, found = next(rows, None), next(objects, None)


def unknown(database: Database, objects: Iterator[ObjectInfo]) -> Iterator[ObjectInfo]:
    """Yield those that neither a row nor an upload nor the queue of garbage knows."""
    while some := list(islice(objects, AT_ONCE)):
        known = garbage.needed(database, {one.key for one in some})
        yield from (one for one in some if one.key not in known)
