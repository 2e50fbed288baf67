"""What people search lists by: a piece of a name, as it is written."""

from typing import Any

LONGEST = 300
"""Characters of what is searched for; no name has more."""


def has(text: str, *columns: Any) -> Any:
    """Return what is true where one of the columns has the text in it, in upper or lower case (ASCII)."""
    first, *others = (column.contains(text[:LONGEST]) for column in columns)
    for one in others:
        first |= one
    return first
