"""Pages of lists that others change meanwhile: after an item, or before one, by the key of the list's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Window:
    """Up to ``limit`` items: the first ones, or the first after ``after``; without that the last before ``before``."""

    limit: int
    after: Any = None
    before: Any = None


def rows(
    database: Database, query: Any, which: Window, column: Any, *, descending: bool = False
) -> Sequence[tuple[Any, ...]]:
    """Return a window of a query in the order of a column, or of an expression, whose values are unique."""
    later, earlier = (
        (column < which.after, column > which.before) if descending else (column > which.after, column < which.before)
    )
    if which.after is not None:
        query = query.where(later)
    if which.before is not None:
        query = query.where(earlier)
    backwards = which.before is not None and which.after is None
    ordered = column.desc() if backwards != descending else column.asc()
    found = database.rows(query.order_by(ordered).limit(which.limit))
    return found[::-1] if backwards else found
