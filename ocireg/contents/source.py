"""The decompressed bytes of a layer, one piece at a time, under the caps on bytes, ratio and time.

The first bytes say how it is compressed: what a manifest says of it is not asked.
"""

import time
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard

from ocireg.contents.errors import NotATar, TooMuch
from ocireg.contents.limits import Limits, measured

COMPRESSED = 64 * 1024
PIECE = 256 * 1024
COMPRESSED_ZSTD = 8 * 1024
MORSEL = 1024
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; none at the end."""


class Source:
    """Reads a layer. ``clock`` gives seconds."""

    def __init__(self, reader: Readable, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._limits = limits
        self._clock = clock
        self._until = clock() + limits.seconds
        self._compressed = 0
        self._decompressed = 0
        self._pieces = self._decompress()
        self._piece = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, or fewer at the end. ``TooMuch``; ``NotATar`` where the compression is damaged."""
        found = self._piece[self._at : self._at + size]
        self._at += len(found)
        if len(found) == size:
            return found
        collected = bytearray(found)
        while len(collected) < size and self._next():
            self._at = min(size - len(collected), len(self._piece))
            collected += self._piece[: self._at]
        return bytes(collected)

    def skip(self, size: int) -> int:
        """Pass over ``size`` bytes, or as many as there are; return how many."""
        if size > self._limits.decompressed:
            raise self._too_large()
        passed = min(size, len(self._piece) - self._at)
        self._at += passed
        while passed < size and self._next():
            self._at = min(size - passed, len(self._piece))
            passed += self._at
        return passed

    def _next(self) -> bool:
        """Take the next piece; say whether there is one."""
        self._piece, self._at = next(self._pieces, b""), 0
        return bool(self._piece)

    def _decompress(self) -> Iterator[bytes]:
        """Yield pieces that are not empty, counted."""
        head = self._compressed_bytes(COMPRESSED)
        while 0 < len(head) < len(_ZSTD) and (more := self._compressed_bytes(COMPRESSED)):
            head += more
        for piece in self._decoder(head):
            self._decompressed += len(piece)
            self._check()
            if piece:
                yield piece

    def _decoder(self, head: bytes) -> Iterator[bytes]:
        if head.startswith(_GZIP):
            return self._gzip(head)
        if _begins_frame(head):
            return self._zstd(head)
        return self._plain(head)

    def _plain(self, head: bytes) -> Iterator[bytes]:
        while head:
            yield head
            head = self._compressed_bytes(PIECE)

    def _gzip(self, data: bytes) -> Iterator[bytes]:
        """Yield what the members hold. What follows the last one is nobody's."""
        while data.startswith(_GZIP):
            inflate = zlib.decompressobj(wbits=31)
            while not inflate.eof:
                data = data or self._compressed_bytes(COMPRESSED)
                ended = not data
                try:
                    piece = inflate.decompress(data, PIECE)
                except zlib.error as error:
                    raise NotATar("Its gzip compression is damaged.") from error
                if ended and not piece:
                    raise NotATar("Its gzip compression ends in the middle.")
                data = inflate.unconsumed_tail
                yield piece
            data = inflate.unused_data
            while len(data) < len(_GZIP) and (more := self._compressed_bytes(COMPRESSED)):
                data += more

    def _zstd(self, data: bytes) -> Iterator[bytes]:
        """Yield what the frames hold, likewise. A few bytes of input at a time: each four may become 128 KiB."""
        decompressor = zstandard.ZstdDecompressor(max_window_size=self._limits.window)
        while _begins_frame(data):
            frame = decompressor.decompressobj()
            while not frame.eof:
                data = data or self._compressed_bytes(COMPRESSED_ZSTD)
                if not data:
                    raise NotATar("Its zstd compression ends in the middle.")
                yield self._inflated(frame, data[:MORSEL])
                data = frame.unused_data + data[MORSEL:]
            while len(data) < len(_ZSTD) and (more := self._compressed_bytes(COMPRESSED)):
                data += more

    def _inflated(self, frame: "zstandard.ZstdDecompressionObj", data: bytes) -> bytes:
        try:
            return frame.decompress(data)
        except zstandard.ZstdError as error:
            if "too much memory" in str(error):
                raise TooMuch(f"Its zstd frames want more than {measured(self._limits.window)} of memory.") from error
            raise NotATar("Its zstd compression is damaged.") from error

    def _compressed_bytes(self, size: int) -> bytes:
        piece = self._reader.read(size)
        self._compressed += len(piece)
        self._check()
        return piece

    def _check(self) -> None:
        limits = self._limits
        if self._compressed > limits.compressed:
            raise TooMuch(f"It is larger than {measured(limits.compressed)}.")
        if self._decompressed > limits.decompressed:
            raise self._too_large()
        if self._decompressed > limits.free + limits.ratio * self._compressed:
            raise TooMuch(f"It decompresses to more than {limits.ratio} times its size.")
        if self._clock() > self._until:
            raise TooMuch(f"Listing it takes longer than {limits.seconds:g} seconds.")

    def _too_large(self) -> TooMuch:
        return TooMuch(f"It has more than {measured(self._limits.decompressed)} when it is decompressed.")


def _begins_frame(data: bytes) -> bool:
    return data.startswith(_ZSTD) or (data[1:4] == _SKIPPABLE and data[0] & 0xF0 == 0x50)
