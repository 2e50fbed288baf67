"""Extended headers: records of ``length key=value`` (POSIX.1-2017, pax, "pax Extended Header")."""

import re
from collections.abc import Mapping
from dataclasses import replace

from ocireg.contents.errors import NotATar
from ocireg.contents.headers import Header

_USED = frozenset(
    {
        b"path",
        b"linkpath",
        b"size",
        b"uid",
        b"gid",
        b"mtime",
        b"GNU.sparse.name",
        b"GNU.sparse.size",
        b"GNU.sparse.realsize",
    }
)
_WHOLE = re.compile(rb"(-?[0-9]{1,19})(?:\.[0-9]*)?")
_LENGTH = 8


def records(data: bytes) -> dict[bytes, bytes]:
    """Return those records that a listing uses; the last one of a key counts. ``NotATar`` if they are damaged."""
    found = {}
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + _LENGTH)
        length = data[at:space]
        end = at + int(length) if space > at and length.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not space < end <= len(data) or not equals or data[end - 1 : end] != b"\n":
            raise NotATar("An extended header of the archive is damaged.")
        if key in _USED:
            found[key] = value
        at = end
    return found


def applied(header: Header, found: Mapping[bytes, bytes]) -> Header:
    """Return the header with what the records say instead. An empty one says nothing. ``NotATar``."""
    if not found:
        return header
    size = _number(found, b"size", header.size)
    real = _number(found, b"GNU.sparse.size", header.real_size if header.type == b"S" else size)
    return replace(
        header,
        name=found.get(b"GNU.sparse.name") or found.get(b"path") or header.name,
        link=found.get(b"linkpath") or header.link,
        size=size,
        real_size=_number(found, b"GNU.sparse.realsize", real),
        uid=_number(found, b"uid", header.uid),
        gid=_number(found, b"gid", header.gid),
        mtime=_number(found, b"mtime", header.mtime, signed=True),
    )


def _number(found: Mapping[bytes, bytes], key: bytes, default: int, *, signed: bool = False) -> int:
    if not found.get(key):
        return default
    whole = _WHOLE.fullmatch(found[key])
    if whole is None or (not signed and whole[1].startswith(b"-")):
        raise NotATar("An extended header of the archive is damaged: a number is none.")
    return int(whole[1])
