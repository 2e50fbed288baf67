"""Entries of layers: well-formed archives, and hostile ones."""

import io
import random
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.contents import Entry, Kind, Limits, NotATar, TooMuch, entries
from tests.contents.archives import (
    COMPRESSIONS,
    END,
    gzipped,
    header,
    listed,
    long_name,
    padded,
    paths,
    pax,
    record,
    special,
    summed,
    tar,
)

LONG = "long" * 30 + "/" + "n" * 90


@pytest.mark.parametrize("style", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("compression", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_each_kind_of_entry_is_told_whatever_the_format_and_compression(style: int, compression: object) -> None:
    assert callable(compression)
    members = (
        ("etc/", b""),
        ("etc/motd", b"hello"),
        (LONG, b"x" * 1000),
        special("bin", tarfile.SYMTYPE, "usr/bin"),
        special("etc/motd2", tarfile.LNKTYPE, "./etc/motd"),
        special("dev/null", tarfile.CHRTYPE),
        special("dev/disk", tarfile.BLKTYPE),
        special("run/pipe", tarfile.FIFOTYPE),
        ("etc/.wh.gone", b""),
        ("var/.wh..wh..opq", b""),
    )
    assert [
        (one.path, one.kind.value, one.size, one.mode, one.link)
        for one in listed(compression(tar(*members, style=style)))
    ] == [
        ("etc", "directory", 0, 0o755, None),
        ("etc/motd", "file", 5, 0o644, None),
        (LONG, "file", 1000, 0o644, None),
        ("bin", "symlink", 0, 0o644, "usr/bin"),
        ("etc/motd2", "hardlink", 0, 0o644, "etc/motd"),
        ("dev/null", "device", 0, 0o644, None),
        ("dev/disk", "device", 0, 0o644, None),
        ("run/pipe", "fifo", 0, 0o644, None),
        ("etc/gone", "whiteout", 0, 0, None),
        ("var", "opaque", 0, 0, None),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"/abs/file", "abs/file"),
        (b"./a//b/./c", "a/b/c"),
        (b"../../../etc/passwd", "etc/passwd"),
        (b"a/../../b/../c", "c"),
        (b"a b", "a b"),
        ("größe".encode(), "größe"),
        (b"bad\xff\xfe", "bad\\xff\\xfe"),
        (b"line\nfeed\x1b[31m", "line\\x0afeed\\x1b[31m"),
        ("turn\u202egpj.exe".encode(), "turn\\u202egpj.exe"),
        ("wide\u00a0space".encode(), "wide\\u00a0space"),
        ("tag\U000e0041".encode(), "tag\\U000e0041"),
        (b"system-x2d\\x2d.slice", "system-x2d\\\\x2d.slice"),
        (b"<img src=x>", "<img src=x>"),
        (b".wh..wh.plnk", None),
        (b"a/.wh.", None),
        (b"a/.wh...", None),
        (b"a/.wh..", None),
    ],
    ids=repr,
)
def test_a_name_is_where_the_file_would_be_put_and_can_be_shown(name: bytes, shown: str | None) -> None:
    assert paths(header(name) + END) == ([] if shown is None else [shown])


def test_a_name_of_an_extended_header_may_have_a_nul_which_is_shown() -> None:
    assert paths(pax(path=b"a\0b") + header() + END) == ["a\\x00b"]


@given(
    st.lists(st.binary(min_size=1, max_size=6).filter(lambda raw: not set(raw) & set(b"/\0.")), min_size=2, unique=True)
)
@settings(max_examples=100, deadline=None)
def test_no_two_names_are_shown_as_one_and_all_are_printable(names: list[bytes]) -> None:
    # The first bytes say how a layer is compressed, to whoever unpacks it: a name of its own keeps them from doing so.
    found = paths(b"".join(header(one) for one in (b"first", *names)) + END)[1:]
    assert len(set(found)) == len(names)
    assert all(one.isprintable() for one in found)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (b"no archive at all", "ends in the middle of a header"),
        (b"\x00", "ends in the middle of a header"),
        (b"PK\x03\x04" + bytes(600), "wrong checksum"),
        (b"\xfd7zXZ\x00" + bytes(600), "wrong checksum"),
        (header()[:-1] + b"x" + END, "wrong checksum"),
        (header(size=600) + bytes(100), "in the middle of a file"),
        (header(size=8 * 2**30) + bytes(1024), "in the middle of a file"),
        (header()[:300], "in the middle of a header"),
        (header() + bytes(512) + header(), "something between its files"),
        (header(size=b"77777x77777\0"), "a number is none"),
        (header(size=b"1_000000000\0"), "a number is none"),
        (header(size=b"-0000000001\0"), "a number is none"),
        (header(size=b"\xff" * 12), "a number is negative"),
        (header(kind=b"x", size=100) + bytes(10), "in the middle of an extended header"),
        (header(kind=b"x", size=9) + padded(b"99 path=a") + header(), "extended header of the archive is damaged"),
        (header(kind=b"x", size=9) + padded(b"9 pathxa\n") + header(), "extended header of the archive is damaged"),
        (header(kind=b"x", size=4) + padded(b"0 =\n") + header(), "extended header of the archive is damaged"),
        (header(kind=b"x", size=5) + padded(b"-5 a=") + header(), "extended header of the archive is damaged"),
        (pax(size="-1") + header(), "a number is none"),
        (pax(size="9" * 30) + header(), "a number is none"),
        (pax(mtime="nan") + header(), "a number is none"),
        (header(kind=b"S", sparse=b"\x0100000000000\0"), "in the middle of a sparse file"),
        (gzipped(tar(("a", b"b" * 5000)))[:-20], "gzip compression ends in the middle"),
        (gzipped(header())[:6], "gzip compression ends in the middle"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 100, "gzip compression is damaged"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 100, "zstd compression is damaged"),
        (COMPRESSIONS["zstd"](tar(("a", random.Random(0).randbytes(5000))))[:-100], "ends in the middle"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_whole_archive_is_said_so(archive: bytes, reason: str) -> None:
    with pytest.raises(NotATar, match=reason):
        listed(archive)


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        END,
        header(),
        header(size=3) + b"abc",
        header() + END + b"garbage of any length " * 999,
        gzipped(header() + END) + b"garbage",
        gzipped(header()) + b"\x1f",
        header() + bytes(512),
        header(kind=b"g", size=20) + padded(b"20 path=everywhere..") + header() + END,
        header(b"volume", kind=b"V") + header() + END,
        pax(path="lost") + END,
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_the_runtimes_take_is_taken(archive: bytes) -> None:
    assert set(paths(archive)) <= {"a"}


@pytest.mark.parametrize(
    ("archive", "limits", "reason"),
    [
        (long_name(b"n" * 65536) + header(), Limits(), "A path is longer than 4096 bytes."),
        (pax(path="n/" * 32768) + header(), Limits(), "A path is longer than 4096 bytes."),
        (pax(linkpath="n" * 65536) + header(kind=b"2"), Limits(), "A path is longer than 4096 bytes."),
        (long_name(b"n" * 65536, b"K") + header(kind=b"1"), Limits(), "A path is longer than 4096 bytes."),
        (pax(path="n/" * 300) + header(), Limits(), "A path is deeper than 256 directories."),
        (header(kind=b"x", size=2**21) + bytes(2**21), Limits(), "An extended header is larger than 1 MiB."),
        (header(kind=b"L", size=2**33 - 1), Limits(), "An extended header is larger than 1 MiB."),
        (header(size=b"\x80\0\0\x7f" + bytes(8)), Limits(), "A file claims to be larger than any may be."),
        (pax(size="9" * 19) + header(), Limits(), "A file claims to be larger than any may be."),
        (header(kind=b"S", sparse=b"\0\x80\x7f" + bytes(10)), Limits(), "A file claims to be larger than any may be."),
        (pax(GNU__sparse__realsize="9" * 19) + header(), Limits(), "A file claims to be larger than any may be."),
        (header(kind=b"g", size=b"\x80\0\0\x7f" + bytes(8)), Limits(), "more than 64 GiB when it is decompressed"),
        (header() * 4, Limits(entries=3), "It has more than 3 entries."),
        (header(b"x" * 90) * 4, Limits(text=300), "Its names are longer than 300 bytes together."),
        (header(size=5000) + bytes(5120) + header(), Limits(compressed=4096), "It is larger than 4 KiB."),
        (header(size=5000) + bytes(5120) + header(), Limits(decompressed=5500), "more than 5500 bytes when"),
        (gzipped(header(size=2**20) + bytes(2**20)), Limits(free=0, ratio=20), "more than 20 times its size"),
        (COMPRESSIONS["zstd"](header() * 999), Limits(window=1024), "want more than 1 KiB of memory"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_cap_ends_it_with_a_plain_sentence(archive: bytes, limits: Limits, reason: str) -> None:
    with pytest.raises(TooMuch, match=reason) as ended:
        listed(archive, limits)
    assert ended.value.reason.endswith(".")
    assert ended.value.reason.isprintable()


def test_the_time_is_capped_by_the_clock_and_not_by_the_bytes() -> None:
    ticks = iter(range(100))
    with pytest.raises(TooMuch, match="takes longer than 2 seconds"):
        list(entries(io.BytesIO(header() * 5000), Limits(seconds=2), lambda: float(next(ticks))))


def test_a_sparse_file_has_the_size_it_claims_and_the_next_is_found_behind_its_map() -> None:
    old = header(b"old", kind=b"S", size=512, sparse=b"\x01" + b"\x80" + (2**40).to_bytes(11, "big"))
    again, last = bytearray(512), bytearray(512)
    again[504] = 1
    sparse = old + bytes(again) + bytes(last) + bytes(512)
    new = pax(GNU__sparse__major="1", GNU__sparse__name="new", GNU__sparse__realsize=str(2**41)) + header(size=512)
    found = listed(sparse + new + bytes(512) + header(b"next") + END)
    assert [(one.path, one.size) for one in found] == [("old", 2**40), ("new", 2**41), ("next", 0)]


def test_headers_say_what_they_say_in_their_own_format() -> None:
    ustar = header(b"name", prefix=b"folder")
    gnu = header(b"name", prefix=b"12345", magic=b"ustar  \0")
    old = header(b"folder/", kind=b"\0", magic=b"")
    signed = bytearray(header(b"sign\xe9d"))
    signed[148:156] = b"%06o\0 " % (int(signed[148:154], 8) - 256)
    found = listed(ustar + gnu + old + bytes(signed) + END)
    assert [(one.path, one.kind) for one in found] == [
        ("folder/name", Kind.FILE),
        ("name", Kind.FILE),
        ("folder", Kind.DIRECTORY),
        ("sign\\xe9d", Kind.FILE),
    ]
    assert summed(bytearray(header())) == header()


def test_numbers_out_of_reason_are_brought_into_it() -> None:
    far = pax(mtime="-9999999999999.5", uid="9" * 19) + header(mode=b"7777777\0")
    (one,) = listed(far + END)
    assert (one.mtime, one.uid, one.mode) == (-62135596800, 2**53, 0o7777)


def test_data_of_links_and_directories_is_not_passed_over() -> None:
    assert paths(header(b"l", kind=b"1", size=512) + header(b"d/", kind=b"5", size=512) + header(b"f") + END) == [
        "l",
        "d",
        "f",
    ]


def test_the_last_word_on_a_name_counts() -> None:
    assert paths(pax(path="first") + pax(path="second") + header() + header(b"b") + END) == ["second", "b"]
    body = record("path", "one") + record("path", "two") + record("comment", "x")
    assert paths(header(kind=b"x", size=len(body)) + padded(body) + header() + END) == ["two"]


def test_links_in_a_loop_are_told_and_not_followed() -> None:
    a, b = special("a", tarfile.SYMTYPE, "b"), special("b", tarfile.SYMTYPE, "../../../a")
    hard = special("c", tarfile.LNKTYPE, "/../c")
    assert [(one.path, one.link) for one in listed(tar(a, b, hard))] == [("a", "b"), ("b", "../../../a"), ("c", "c")]


def test_the_content_of_an_os_release_is_there_and_of_nothing_else() -> None:
    large = b"x" * 70_000
    archive = tar(("./etc/os-release", b"ID=a\n"), ("usr/lib/os-release", large), ("etc/passwd", b"root"))
    assert [(one.path, one.content) for one in listed(archive)] == [
        ("etc/os-release", b"ID=a\n"),
        ("usr/lib/os-release", None),
        ("etc/passwd", None),
    ]


def test_the_root_is_a_directory_or_nothing() -> None:
    assert listed(header(b"./", kind=b"5") + header(b"..", kind=b"0") + END) == [Entry("", Kind.DIRECTORY, mode=0o644)]
