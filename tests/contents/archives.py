"""Archives made for tests: well-formed ones, and headers that no program would write."""

import gzip
import io
import tarfile
import tracemalloc
from collections.abc import Callable, Iterable

import zstandard

from ocireg.contents import Entry, Limits, entries

END = bytes(1024)


def header(name: bytes = b"a", *, kind: bytes = b"0", size: int | bytes = 0, **fields: bytes) -> bytes:
    """Return one header of 512 bytes, with a right checksum; ``fields`` are raw bytes of others."""
    block = bytearray(512)
    block[:100] = name[:100].ljust(100, b"\0")
    block[100:108] = fields.get("mode", b"0000644\0")
    block[108:116] = fields.get("uid", b"0000000\0")
    block[116:124] = b"0000000\0"
    block[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    block[136:148] = fields.get("mtime", b"00000000000\0")
    block[156:157] = kind
    block[157:257] = fields.get("link", b"")[:100].ljust(100, b"\0")
    block[257:265] = fields.get("magic", b"ustar\x0000").ljust(8, b"\0")
    block[345:500] = fields.get("prefix", b"").ljust(155, b"\0")
    if "sparse" in fields:
        block[482:495] = fields["sparse"]
    return summed(block)


def summed(block: bytearray) -> bytes:
    """Return a header with the checksum that its bytes have."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    """Return data as it stands in an archive."""
    return data + bytes(-len(data) % 512)


def pax(**records: bytes | str) -> bytes:
    """Return an extended header of those records; a ``__`` in a key stands for a dot."""
    body = b"".join(record(key.replace("__", "."), value) for key, value in records.items())
    return header(b"pax", kind=b"x", size=len(body)) + padded(body)


def record(key: str, value: bytes | str) -> bytes:
    """Return a record of an extended header."""
    text = b" %s=%s\n" % (key.encode(), value if isinstance(value, bytes) else value.encode())
    length = len(text) + 1
    while len(str(length)) + len(text) != length:
        length = len(str(length)) + len(text)
    return b"%d%s" % (length, text)


def long_name(name: bytes, kind: bytes = b"L") -> bytes:
    """Return a long name, or (``K``) target, as GNU tar writes it."""
    return header(b"././@LongLink", kind=kind, size=len(name) + 1) + padded(name + b"\0")


def tar(*members: tuple[str, bytes] | tarfile.TarInfo, style: int = tarfile.PAX_FORMAT) -> bytes:
    """Return an archive of files, of directories (names that end in ``/``), and of others as they are described."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=style) as archive:
        for member in members:
            described, content = (member, b"") if isinstance(member, tarfile.TarInfo) else _described(*member)
            archive.addfile(described, io.BytesIO(content))
    return into.getvalue()


def _described(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    found = tarfile.TarInfo(name.rstrip("/"))
    found.size = len(content)
    if name.endswith("/"):
        found.type = tarfile.DIRTYPE
        found.mode = 0o755
    return found, content


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    """Describe a link, a device or the like."""
    found = tarfile.TarInfo(name)
    found.type = kind
    found.linkname = link
    return found


def zstd(data: bytes) -> bytes:
    """Compress."""
    return zstandard.ZstdCompressor().compress(data)


def gzipped(data: bytes) -> bytes:
    """Compress, the same at all times."""
    return gzip.compress(data, mtime=0)


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzipped,
    "zstd": zstd,
    "gzip in members": lambda data: gzipped(data[:700]) + gzipped(b"") + gzipped(data[700:]),
    "zstd in frames": lambda data: zstd(data[:700]) + zstd(data[700:]),
    "zstd after a skippable frame": lambda data: b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstd(data),
    "zstd before a skippable frame": lambda data: zstd(data) + b"\x5f\x2a\x4d\x18\x04\0\0\0skip",
}


class Endless:
    """A stream of pieces, as large as they are, read in whatever sizes; ``taken`` bytes of it were."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""
        self.taken = 0

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""
        if not self._left:
            self._left = next(filter(None, self._pieces), b"")
        piece, self._left = self._left[:size], self._left[size:]
        self.taken += len(piece)
        return piece


def listed(data: bytes, limits: Limits | None = None) -> list[Entry]:
    """List an archive."""
    return list(entries(io.BytesIO(data), limits))


def paths(data: bytes) -> list[str]:
    """Return the paths of an archive."""
    return [one.path for one in listed(data)]


def peak(work: Callable[[], object]) -> int:
    """Return the bytes that Python held at most while it worked."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
