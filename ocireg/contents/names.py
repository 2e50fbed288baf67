r"""Names of files, from bytes to what can be shown.

A name is where a runtime would put the file: read from the root, with ``.`` and ``..`` resolved, never above the root.
It is escaped so that two names are never shown as one: a backslash is doubled (as ``ls -b`` and ``tar -t`` do it),
``\xNN`` is a control character or a byte that is no UTF-8, and ``\uNNNN`` any other character that cannot be printed,
such as one that turns the line around.
"""

from ocireg.contents.errors import TooMuch
from ocireg.contents.limits import Limits

_WHITEOUT, _RESERVED, _OPAQUE = b".wh.", b".wh..wh.", b".wh..wh..opq"


def parts(raw: bytes, limits: Limits) -> list[bytes]:
    """Return the parts of a path from the root. ``TooMuch`` if it is too long or too deep."""
    checked(raw, limits)
    if b"//" not in raw and b"." not in raw:
        found = raw.strip(b"/").split(b"/") if raw.strip(b"/") else []
    else:
        found = []
        for part in raw.split(b"/"):
            if part == b"..":
                del found[-1:]
            elif part not in {b"", b"."}:
                found.append(part)
    if len(found) > limits.depth:
        raise TooMuch(f"A path is deeper than {limits.depth} directories.")
    return found


def checked(raw: bytes, limits: Limits) -> bytes:
    """Return a name or target. ``TooMuch`` if it is too long."""
    if len(raw) > limits.path:
        raise TooMuch(f"A path is longer than {limits.path} bytes.")
    return raw


def shown(raw: bytes) -> str:
    """Return a name, or a path of several, escaped."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="surrogateescape")
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(_escaped(one) for one in text)


def _escaped(one: str) -> str:
    code = ord(one)
    if one == "\\":
        return "\\\\"
    if one.isprintable():
        return one
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # the latter is a byte that was no UTF-8
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def mark(name: bytes) -> bytes | None:
    """Return what a name hides: a name, or "" for all that is below its directory; None if it hides nothing.

    OCI image v1.1, layer.md, "Whiteouts".
    """
    if not name.startswith(_WHITEOUT):
        return None
    return b"" if name == _OPAQUE else name[len(_WHITEOUT) :]


def reserved(name: bytes) -> bool:
    """Say whether a name is neither a file's nor a mark's: the bookkeeping of AUFS, and a whiteout of no name."""
    hidden = name[len(_WHITEOUT) :] if name.startswith(_WHITEOUT) else b"x"
    return hidden in {b"", b".", b".."} or (name.startswith(_RESERVED) and name != _OPAQUE)
