"""Which part of a list is shown: after an item, or before one, and whether there is more on either side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ocireg.metadata.window import Window

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Items of a list; ``after`` finds the next ones and ``before`` the former ones, "" where there are none."""

    items: list[T]
    after: str = ""
    before: str = ""


def row_of(cursor: str) -> int:
    """Return the number that a cursor is; of what is none, one that nothing has."""
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18 else 0


def part(
    find: Callable[[Window], Sequence[T]],
    cursor: Callable[[T], str],
    read: Callable[[str], Any] = str,
    *,
    size: int,
    after: str | None = None,
    before: str | None = None,
) -> Part[T]:
    """Return up to ``size`` items.

    ``find`` returns a window of the list; ``cursor`` names an item for a link, and ``read`` makes a key of that again.
    """
    window = Window(size + 1, None if after is None else read(after), None if before is None else read(before))
    found = list(find(window))
    more = len(found) > size
    backwards = before is not None and after is None
    items = (found[1:] if backwards else found[:-1]) if more else found
    if not items:
        return Part([])
    return Part(
        items,
        after=cursor(items[-1]) if backwards or more else "",
        before=cursor(items[0]) if after is not None or (backwards and more) else "",
    )
