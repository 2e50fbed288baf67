"""What the database says should be there beside what the store lists: one pass over both, in the order of keys."""

from collections.abc import Iterator

from ocireg.metadata.checking import Row
from ocireg.storage import ObjectInfo

Pair = tuple[Row | None, ObjectInfo | None]


def pairs(rows: Iterator[Row], listed: Iterator[ObjectInfo]) -> Iterator[Pair]:
    """Yield each row with its object, or without; and each object without a row.

    Memory is bounded by what the two hold. Where they are not of one moment, or one order, a pair may come apart:
    each half is to be looked at once more.
    """
    row, found = next(rows, None), next(listed, None)
    while row is not None or found is not None:
        if found is None or (row is not None and row.key < found.key):
            yield row, None
            row = next(rows, None)
        elif row is None or found.key < row.key:
            yield None, found
            found = next(listed, None)
        else:
            yield row, found
            row, found = next(rows, None), next(listed, None)
