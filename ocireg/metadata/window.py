"""Pages of lists that others change meanwhile: after an item, or before one, by the key of the list's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Tuple, Value

from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Window:
    """Up to ``limit`` items: the first ones, or the first after ``after``; without that the last before ``before``."""

    limit: int
    after: Any = None
    before: Any = None


def rows(
    database: Database, query: Any, which: Window, *columns: Any, descending: bool = False
) -> Sequence[tuple[Any, ...]]:
    """Return a window of a query in the order of columns, or expressions, whose values together are unique.

    A key of several columns is a tuple.
    """
    key = columns[0] if len(columns) == 1 else Tuple(*columns)
    after, before = (
        one if one is None or len(columns) == 1 else Tuple(*(Value(part) for part in one))
        for one in (which.after, which.before)
    )
    if after is not None:
        query = query.where(key < after if descending else key > after)
    if before is not None:
        query = query.where(key > before if descending else key < before)
    backwards = which.before is not None and which.after is None
    ordered = [one.desc() if backwards != descending else one.asc() for one in columns]
    found = database.rows(query.order_by(*ordered).limit(which.limit))
    return found[::-1] if backwards else found
