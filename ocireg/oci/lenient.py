"""Values out of JSON that may be of any type: what is not as it should be is left out, and never an error.

All text is fit to be shown: without controls and what turns a line around, but for line ends and tabs, and bounded.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

LONGEST = 32_768
"""Characters of a text."""
MOST = 1000
"""Items of a list or a map."""
LAST = 253_402_300_799.0
"""Seconds since the epoch, where the years have five digits."""
_KEPT = frozenset("\n\t")


def shown(text: str, longest: int = LONGEST) -> str:
    """Return text that is fit to be shown; what is cut off ends with "…"."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text if text.isprintable() else "".join(one for one in text if one.isprintable() or one in _KEPT)


def line(text: str, longest: int = LONGEST) -> str:
    """Return text of one line that is fit to be shown."""
    return " ".join(shown(text, longest).split())


def text_of(value: object) -> str:
    """Return a text; "" of what is none."""
    return shown(value) if isinstance(value, str) else ""


def texts_of(value: object) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(shown(one) for one in islice(list_of(value), MOST) if isinstance(one, str))


def list_of(value: object) -> list[Any]:
    """Return a list; an empty one of what is none."""
    return value if isinstance(value, list) else []


def map_of(value: object) -> Mapping[str, Any]:
    """Return an object of JSON; an empty one of what is none."""
    return value if isinstance(value, dict) else {}


def pairs_of(value: object) -> dict[str, str]:
    """Return the texts of an object by their names, in its order."""
    found = ((shown(name), shown(one)) for name, one in map_of(value).items() if isinstance(one, str))
    return dict(islice(found, MOST))


def names_of(value: object) -> tuple[str, ...]:
    """Return the names of an object: what it holds for each says nothing (OCI image v1.1, config.md, "Volumes")."""
    return tuple(islice(_names(value), MOST))


def _names(value: object) -> Iterator[str]:
    yield from (shown(name) for name in map_of(value))


def time_of(value: object) -> float | None:
    """Return a time of RFC 3339 in seconds since the epoch, UTC; None of what is none, or before."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < LAST else None
