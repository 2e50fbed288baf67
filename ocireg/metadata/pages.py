"""Lists that are read a page at a time, so that none is cut off and none is held whole by the database."""

from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def pages(page: Callable[[str], list[T]], name: Callable[[T], str]) -> Iterator[list[T]]:
    """Yield pages until there is nothing more. ``page`` returns what has names greater than the one it is given."""
    after = ""
    while found := page(after):
        yield found
        after = name(found[-1])
