"""The caps on listing one layer."""

from dataclasses import dataclass

KIB, MIB, GIB = 2**10, 2**20, 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    """What a layer may have, in bytes and seconds, before its listing ends with ``TooMuch``.

    ``ratio``: decompressed bytes for each compressed one, over the first ``free`` ones. ``entries``: headers of the
    archive, or rows that they need. ``path``: bytes of a name or of a link's target; ``depth``: its parts.
    ``text``: all names together. ``header``: an extended header. ``window``: memory that a zstd frame may ask for.
    ``file``: what a sparse file may claim to be.
    """

    compressed: int = 16 * GIB
    decompressed: int = 64 * GIB
    ratio: int = 250
    free: int = 256 * MIB
    entries: int = 1_000_000
    path: int = 4096
    depth: int = 256
    text: int = 128 * MIB
    header: int = MIB
    window: int = 128 * MIB
    file: int = 2**50
    seconds: float = 900.0


def measured(size: int) -> str:
    """Return a number of bytes in words: 64 GiB, or 1000 bytes."""
    for unit, name in ((2**50, "PiB"), (2**40, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"
