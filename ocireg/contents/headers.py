"""The 512 bytes before each file of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format"; GNU's variant)."""

import re
from dataclasses import dataclass

from ocireg.contents.errors import NotATar

BLOCK = 512
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_USTAR = b"ustar\0"


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it is written. ``size``: bytes that follow it, without the padding.

    ``real_size``: that of a sparse file. ``more``: another header with the map of a sparse file follows.
    """

    name: bytes
    type: bytes
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: bytes
    real_size: int
    more: bool


def parse(block: bytes) -> Header:
    """Return the header. ``NotATar`` if its checksum or a number is not one."""
    if not _sum_fits(block):
        raise NotATar("It is no tar archive, or a damaged one: a header has a wrong checksum.")
    kind = block[156:157]
    name = _text(block[:100])
    if block[257:263] == _USTAR and (prefix := _text(block[345:500])):
        name = prefix + b"/" + name
    size = number(block[124:136])
    sparse = kind == b"S"
    return Header(
        name=name,
        type=kind,
        size=size,
        mode=number(block[100:108]) & 0o7777,
        uid=number(block[108:116]),
        gid=number(block[116:124]),
        mtime=number(block[136:148], signed=True),
        link=_text(block[157:257]),
        real_size=number(block[483:495]) if sparse else size,
        more=sparse and block[482] != 0,
    )


def padded(size: int) -> int:
    """Return ``size`` bytes rounded up to blocks."""
    return -(-size // BLOCK) * BLOCK


def number(field: bytes, *, signed: bool = False) -> int:
    """Return a number: octal digits, or GNU's base 256. ``NotATar`` if it is none, or negative and not ``signed``."""
    if field[0] & 0x80:
        bits = len(field) * 8 - 1
        value = int.from_bytes(field, "big") & ((1 << bits) - 1)
        value -= (value >> (bits - 1)) << bits
    else:
        found = _OCTAL.fullmatch(field)
        if found is None:
            raise NotATar("A header of the archive is damaged: a number is none.")
        value = int(found[1] or b"0", 8)
    if value < 0 and not signed:
        raise NotATar("A header of the archive is damaged: a number is negative.")
    return value


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _sum_fits(block: bytes) -> bool:
    """Say whether the checksum is that of the bytes, unsigned or, as some old programs do it, signed."""
    found = _OCTAL.fullmatch(block[148:156])
    if found is None or not found[1]:
        return False
    stated = int(found[1], 8)
    total = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if total == stated:
        return True
    rest = block[:148] + block[156:]
    return total - 256 * sum(one >= 0x80 for one in rest) == stated
