"""The entries of a layer, in its order, while its bytes stream by.

Read as the container runtimes read it (Go's archive/tar): two blocks of zeros, or the end of the bytes, end it, and
what follows is not looked at; a global extended header is passed over; links, directories and devices have no data.
"""

import time
from collections.abc import Callable, Iterator

from ocireg.contents import headers, names, pax
from ocireg.contents.entries import Entry, Kind
from ocireg.contents.errors import NotATar, TooMuch
from ocireg.contents.headers import BLOCK, Header
from ocireg.contents.limits import Limits, measured
from ocireg.contents.release import CANDIDATES, LARGEST
from ocireg.contents.source import Readable, Source

_KINDS = {
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"3": Kind.DEVICE,
    b"4": Kind.DEVICE,
    b"5": Kind.DIRECTORY,
    b"6": Kind.FIFO,
}
"""Every other type is a file, as POSIX has it."""
_PASSED_OVER = frozenset({b"g", b"V"})
_ZEROS = bytes(BLOCK)
_FIRST, _LAST = -62135596800, 253402300799
_LARGEST_ID = 2**53


def entries(
    reader: Readable, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Entry]:
    """Yield the entries of a layer: tar, plain or compressed with gzip or zstd, whatever the manifest calls it.

    ``TooMuch`` when a cap is met, ``NotATar`` when it is no archive or ends too early; what was yielded was there.
    """
    limits = limits or Limits()
    return _Listing(Source(reader, limits, clock), limits).entries()


class _Listing:
    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._text = 0

    def entries(self) -> Iterator[Entry]:
        count = 0
        while header := self._header():
            count += 1
            if count > self._limits.entries:
                raise TooMuch(f"It has more than {self._limits.entries:,} entries.")
            size = header.size if _KINDS.get(header.type, Kind.FILE) is Kind.FILE else 0
            entry = self._entry(header, size)
            self._skip(size - len(entry.content or b"" if entry else b""), -size % BLOCK)
            if entry:
                yield entry

    def _header(self) -> Header | None:
        """Return the next header that is a file's, with all that the ones before it say of it; None at the end."""
        said: dict[bytes, bytes] = {}
        while block := self._block():
            header = headers.parse(block)
            if header.type == b"x":
                said |= pax.records(self._extended(header))
            elif header.type in {b"L", b"K"}:
                key = b"path" if header.type == b"L" else b"linkpath"
                said[key] = self._extended(header).rstrip(b"\0")
            elif header.type in _PASSED_OVER:
                self._skip(header.size, -header.size % BLOCK)
            else:
                self._pass_over_map(header)
                return pax.applied(header, said)
        return None

    def _block(self) -> bytes | None:
        block = self._source.read(BLOCK)
        if block == _ZEROS:
            block = self._source.read(BLOCK)
            if block in {_ZEROS, b""}:
                return None
            raise NotATar("It is damaged: there is something between its files.")
        if block and len(block) < BLOCK:
            raise NotATar("It is no tar archive, or ends in the middle of a header.")
        return block or None

    def _extended(self, header: Header) -> bytes:
        if header.size > self._limits.header:
            raise TooMuch(f"An extended header is larger than {measured(self._limits.header)}.")
        data = self._source.read(headers.padded(header.size))
        if len(data) < header.size:
            raise NotATar("It ends in the middle of an extended header.")
        return data[: header.size]

    def _pass_over_map(self, header: Header) -> None:
        more = header.more
        while more:
            block = self._source.read(BLOCK)
            if len(block) < BLOCK:
                raise NotATar("It ends in the middle of a sparse file.")
            more = block[504] != 0

    def _skip(self, size: int, padding: int) -> None:
        if self._source.skip(size) < size:
            raise NotATar("It ends in the middle of a file.")
        self._source.skip(padding)  # some archives lack the last one

    def _entry(self, header: Header, size: int) -> Entry | None:
        """Return the entry, if it is one."""
        if size > self._limits.decompressed or header.real_size > self._limits.file:
            raise TooMuch("A file claims to be larger than any may be.")
        parts = names.parts(header.name, self._limits)
        self._count(header)
        last = parts[-1] if parts else b""
        hidden = names.mark(last)
        if names.reserved(last):
            return None
        if hidden is not None:
            path = [*parts[:-1], hidden] if hidden else parts[:-1]
            return Entry(names.shown(b"/".join(path)), Kind.WHITEOUT if hidden else Kind.OPAQUE)
        kind = _KINDS.get(header.type, Kind.FILE)
        if header.type == b"\0" and header.name.endswith(b"/"):
            kind = Kind.DIRECTORY
        if not parts and kind is not Kind.DIRECTORY:
            return None  # the root is a directory, whatever an archive says
        content = self._content(parts, kind, size)
        return self._described(names.shown(b"/".join(parts)), kind, header, content)

    def _content(self, parts: list[bytes], kind: Kind, size: int) -> bytes | None:
        if kind is not Kind.FILE or size > LARGEST or b"/".join(parts) not in CANDIDATES:
            return None
        return self._source.read(size)

    def _described(self, path: str, kind: Kind, header: Header, content: bytes | None) -> Entry:
        link = None
        if kind is Kind.SYMLINK:
            link = names.shown(names.checked(header.link, self._limits))
        elif kind is Kind.HARDLINK:
            link = names.shown(b"/".join(names.parts(header.link, self._limits)))
        return Entry(
            path,
            kind,
            size=header.real_size if kind is Kind.FILE else 0,
            mode=header.mode,
            uid=min(header.uid, _LARGEST_ID),
            gid=min(header.gid, _LARGEST_ID),
            mtime=min(max(header.mtime, _FIRST), _LAST),
            link=link,
            content=content,
        )

    def _count(self, header: Header) -> None:
        self._text += len(header.name) + len(header.link)
        if self._text > self._limits.text:
            raise TooMuch(f"Its names are longer than {measured(self._limits.text)} together.")
