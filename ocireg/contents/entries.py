"""One entry of a layer."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an entry is. The last two are the marks of OCI image v1.1, layer.md, "Whiteouts"."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    DEVICE = "device"
    FIFO = "fifo"
    WHITEOUT = "whiteout"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: ``path`` from the root, without a slash at either end, escaped as :mod:`ocireg.contents.names` says.

    Of a whiteout it is the path that is hidden, of an opaque mark the directory; that of the root is "". ``size`` in
    bytes; ``mode`` are its lower twelve bits; ``mtime`` in seconds since the epoch, UTC. ``link`` is a symlink's target
    as it is written (escaped), or a hard link's other path. ``content`` is that of an os-release.
    """

    path: str
    kind: Kind
    size: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    link: str | None = None
    content: bytes | None = None
