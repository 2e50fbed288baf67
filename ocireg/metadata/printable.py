"""Text of others, made fit to be kept and shown: bounded, and without what steers a terminal or turns a line around."""

import json
import math
from collections.abc import Mapping
from itertools import islice

TEXT = 300
"""Characters of a text."""
DEPTH = 2
ITEMS = 50
"""How deep an object may be, and how many items a level of it may have."""
_CUT = {"truncated": True}


def printable(text: str, limit: int = TEXT) -> str:
    """Return at most ``limit`` characters, without any that cannot be printed (controls, bidi, lone surrogates)."""
    return "".join(one for one in text[: limit * 4] if one.isprintable())[:limit]


def object_text(content: Mapping[str, object], size: int) -> str:
    """Return an object as JSON of at most ``size`` bytes. Where items had no room, ``truncated`` is among the others.

    A number that JSON has not, or that its readers round, is a text.
    """
    items = _object(content, DEPTH)
    while len(text := _json(items).encode()) > size:
        kept = {name: value for name, value in items.items() if name not in _CUT}
        kept.popitem()
        items = kept | _CUT
    return text.decode()


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _object(content: Mapping[str, object], depth: int) -> dict[str, object]:
    found = {printable(str(name)): _cleaned(one, depth - 1) for name, one in islice(content.items(), ITEMS)}
    return found | _CUT if len(content) > ITEMS else found


def _cleaned(value: object, depth: int) -> object:
    if isinstance(value, Mapping | list | tuple) and not depth:
        return "…"
    if isinstance(value, Mapping):
        return _object(value, depth)
    if isinstance(value, list | tuple):
        return [*(_cleaned(one, depth - 1) for one in value[:ITEMS]), *(["…"] if len(value) > ITEMS else [])]
    return _scalar(value)


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else hex(value)[:TEXT]
    if isinstance(value, float) and math.isfinite(value):
        return value
    return printable(str(value))
