"""Lists of the API: a page of them, with the way to the next and the former one (RFC 8288)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from flask import request
from marshmallow import fields, validate

from ocireg.metadata.window import Window
from ocireg.web.api.fields import Count, Strict

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
    size = query["per_page"]
    after, before = query.get("after"), query.get("before")
    window = Window(size + 1, None if after is None else read(after), None if before is None else read(before))
    found = list(find(window))
    more = len(found) > size
    backwards = before is not None and after is None
    items = (found[1:] if backwards else found[:-1]) if more else found
    links = []
    if items and (backwards or more):
        links.append(_link("next", after=cursor(items[-1])))
    if items and (after is not None or (backwards and more)):
        links.append(_link("prev", before=cursor(items[0])))
    return items, {"Link": ", ".join(links)} if links else {}


def forward(after: str | None) -> dict[str, str]:
    """Return the header of the link to the page that follows, if there is one."""
    return {} if after is None else {"Link": _link("next", after=after)}


def _link(rel: str, **cursor: str) -> str:
    """Return a link, relative, so that nothing in front of the registry can make it wrong."""
    kept = {name: value for name, value in request.args.items() if name not in {"after", "before"}}
    return f'<{quote(request.path, safe="/:")}?{urlencode({**kept, **cursor})}>; rel="{rel}"'
