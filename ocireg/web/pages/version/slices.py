"""Parts of lists that are whole in memory, as the pager links them: ``after`` and ``before`` are places."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ocireg.web.windows import Part

T = TypeVar("T")


def sliced(items: Sequence[T], size: int, query: Mapping[str, str]) -> Part[T]:
    """Return up to ``size`` items: those from the place ``after`` on, or those before the place ``before``."""
    before = _place(query.get("before"))
    first = max(before - size, 0) if before else _place(query.get("after"))
    last = first + size
    return Part(
        list(items[first:last]),
        after=str(last) if last < len(items) else "",
        before=str(first) if 0 < first <= len(items) else "",
    )


def _place(text: str | None) -> int:
    fit = text is not None and text.isascii() and text.isdigit() and len(text) <= 9
    return int(text) if fit and text else 0
