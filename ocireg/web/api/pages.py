"""Lists of the API: a page of them, with the way to the next and the former one (RFC 8288)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from flask import request
from marshmallow import fields, validate

from ocireg.metadata.window import Window
from ocireg.web.api.fields import Count, Strict
from ocireg.web.windows import part

T = TypeVar("T")

DEFAULT, MOST = 30, 100
"""Items of a page."""


class ForwardQuery(Strict):
    """Which page is wanted of a list that is read in one direction."""

    per_page = Count(
        load_default=DEFAULT,
        validate=validate.Range(1, MOST),
        metadata={"query": True, "description": "How many items a page has.", "example": 30},
    )
    after = fields.String(
        validate=validate.Length(1, 300), metadata={"description": "The page that follows this item, as Link has it."}
    )


class PageQuery(ForwardQuery):
    """Which page is wanted."""

    before = fields.String(
        validate=validate.Length(1, 300),
        metadata={"description": "The page that ends before it; with after: what lies between."},
    )


def page(
    query: Mapping[str, Any],
    find: Callable[[Window], Sequence[T]],
    cursor: Callable[[T], str],
    read: Callable[[str], Any] = str,
) -> tuple[list[T], dict[str, str]]:
    """Return the items of the page that is wanted, and the header of its links.

    ``find`` returns a window of the list; ``cursor`` names an item in a link, and ``read`` makes a key of that again.
    """
    after, before = query.get("after"), query.get("before")
    found = part(find, cursor, read, size=query["per_page"], after=after, before=before)
    links = []
    if found.after:
        links.append(_link("next", after=found.after))
    if found.before:
        links.append(_link("prev", before=found.before))
    return found.items, {"Link": ", ".join(links)} if links else {}


def forward(after: str | None) -> dict[str, str]:
    """Return the header of the link to the page that follows, if there is one."""
    return {} if after is None else {"Link": _link("next", after=after)}


def _link(rel: str, **cursor: str) -> str:
    """Return a link, relative, so that nothing in front of the registry can make it wrong."""
    kept = {name: value for name, value in request.args.items() if name not in {"after", "before"}}
    return f'<{quote(request.path, safe="/:")}?{urlencode({**kept, **cursor})}>; rel="{rel}"'
