"""Lists by pages (OCI distribution v1.1.1, end-8b and end-12; RFC 8288)."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from ocireg.oci.errors import InvalidPageSize

_NUMBER = re.compile(r"[0-9]{1,1000}")
_DIGITS = 18


def parse_n(text: str | None, default: int | None, cap: int) -> int | None:
    """Return how many items are wanted: ``default`` for None, and never more than ``cap``. ``InvalidPageSize``.

    A large number is cut down, not refused: clients ask for 100,000 and follow the Link.
    """
    if text is None:
        return default
    if not _NUMBER.fullmatch(text):
        raise InvalidPageSize("n is not a number of items")
    trimmed = text.lstrip("0")
    return cap if len(trimmed) > _DIGITS else min(int(trimmed or "0"), cap)


def next_link(path: str, query: Mapping[str, str | int]) -> str:
    """Return a Link header to the next page, relative, so that nothing in front of the registry can make it wrong."""
    return f'<{quote(path, safe="/:")}?{urlencode(query)}>; rel="next"'
