"""Layers that are made to take all memory, disk or time: each ends by its cap, and little is held meanwhile."""

import gzip
import itertools
import struct
import zlib
from collections.abc import Iterator

import pytest
import zstandard

from ocireg.contents import Limits, TooMuch, entries
from ocireg.contents.limits import GIB, MIB
from tests.contents.archives import Endless, header, pax, peak, zstd

ZEROS = bytes(MIB)
LITTLE = 48 * MIB


def gzipped(size: int) -> Iterator[bytes]:
    """Yield a gzip stream of a file of so many zeros, as far as it is wanted.

    A MiB of them is compressed once: after a full flush nothing refers to what came before, so it can be repeated.
    """
    deflate = zlib.compressobj(wbits=-15)
    first = header(size=size)
    yield b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952, 2.3: deflate, no name, no time
    yield deflate.compress(first) + deflate.flush(zlib.Z_FULL_FLUSH)
    zeros = deflate.compress(ZEROS) + deflate.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(first)
    for _ in range(size // MIB):
        yield zeros
        crc = zlib.crc32(ZEROS, crc)
    yield deflate.flush() + struct.pack("<II", crc, (len(first) + size) % 2**32)


def ended(pieces: object, limits: Limits | None = None) -> tuple[str, int]:
    """List an archive that is refused; return the reason, and the bytes that were taken of it."""
    source = Endless(pieces)  # type: ignore[arg-type] # pieces of any kind
    with pytest.raises(TooMuch) as refused:
        for _ in entries(source, limits):
            pass
    return refused.value.reason, source.taken


def test_ten_gib_of_zeros_in_a_small_gzip_end_by_their_ratio_in_little_memory() -> None:
    found: list[tuple[str, int]] = []
    assert peak(lambda: found.append(ended(gzipped(10 * GIB)))) < LITTLE
    assert found[0][0] == "It decompresses to more than 250 times its size."
    assert found[0][1] < MIB


def test_a_zstd_of_zeros_ends_so_too() -> None:
    into = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    pieces = [into.compress(header(size=GIB)), *(into.compress(ZEROS) for _ in range(1024)), into.flush()]
    found: list[tuple[str, int]] = []
    assert peak(lambda: found.append(ended(pieces))) < LITTLE
    assert found[0][0] == "It decompresses to more than 250 times its size."


def test_a_zstd_of_blocks_of_one_repeated_byte_is_taken_in_morsels() -> None:
    block = (1 << 1 | (128 * 1024) << 3).to_bytes(3, "little") + b"\0"  # RFC 8878, 3.1.1.2: an RLE block of 128 KiB
    frame = b"\x28\xb5\x2f\xfd\x00\x50" + block * 100_000
    assert peak(lambda: ended([frame], Limits(free=0))) < LITTLE


def test_a_zstd_frame_that_wants_two_gib_of_memory_is_refused() -> None:
    frame = b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\x00\x00"  # a window of 2 GiB
    assert ended([frame])[0] == "Its zstd frames want more than 128 MiB of memory."


def test_ten_million_entries_end_by_their_cap() -> None:
    found: list[tuple[str, int]] = []
    thousand = header(b"x") * 1000
    limits = Limits(entries=10_000)
    assert peak(lambda: found.append(ended(itertools.repeat(thousand, 10_000), limits))) < LITTLE
    assert found[0][0] == "It has more than 10,000 entries."
    assert found[0][1] < 6 * MIB


def test_gzip_members_without_end_that_hold_nothing_end_by_the_time() -> None:
    empty = gzip.compress(b"") * 1000
    ticks = itertools.count()
    with pytest.raises(TooMuch, match="takes longer than 900 seconds"):
        list(entries(Endless(itertools.repeat(empty)), Limits(), lambda: float(next(ticks))))


def test_zstd_frames_without_end_that_hold_nothing_end_by_the_time() -> None:
    empty = zstd(b"") * 1000
    ticks = itertools.count()
    with pytest.raises(TooMuch, match="takes longer than 900 seconds"):
        list(entries(Endless(itertools.repeat(empty)), Limits(), lambda: float(next(ticks))))


def test_extended_headers_without_a_file_end_by_their_bytes() -> None:
    said = pax(comment="x" * 100_000) * 10
    reason, _ = ended(itertools.repeat(said), Limits(decompressed=32 * MIB))
    assert reason == "It has more than 32 MiB when it is decompressed."


def test_a_thousand_records_in_each_of_many_headers_are_held_one_header_at_a_time() -> None:
    said = pax(**{f"key{number}": "x" for number in range(5000)})
    limits = Limits(decompressed=2 * MIB)
    assert peak(lambda: ended(itertools.repeat(said), limits)) < LITTLE
