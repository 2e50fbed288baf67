"""Pages of lists that others change meanwhile: after an item, or before one, by the key of the list's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Window:
    """Up to ``limit`` items: those that follow ``after``, those that come last before ``before``, or the first ones."""

    limit: int
    after: Any = None
    before: Any = None


def rows(
    database: Database, query: Any, window: Window, column: Any, *, descending: bool = False
) -> Sequence[tuple[Any, ...]]:
    """Return a window of a query in the order of a column, or of an expression, whose values are unique."""
    backwards = window.before is not None
    wanted = window.before if backwards else window.after
    downwards = backwards != descending
    if wanted is not None:
        query = query.where(column < wanted if downwards else column > wanted)
    found = database.rows(query.order_by(column.desc() if downwards else column.asc()).limit(window.limit))
    return found[::-1] if backwards else found
