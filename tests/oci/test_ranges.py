"""Ranges of a download (RFC 9110 section 14), and places of chunks (OCI distribution v1.1.1, end-5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.errors import InvalidContentRange, Unsatisfiable
from ocireg.oci.ranges import ByteRange, format_content_range, parse_content_range, parse_range

SIZE = 2048

UNDERSTOOD = [
    ("bytes=0-0", [(0, 1)]),
    ("bytes=0-99", [(0, 100)]),
    ("bytes=100-", [(100, 2048)]),
    ("bytes=0-", [(0, 2048)]),
    ("bytes=-1", [(2047, 2048)]),
    ("bytes=-5000", [(0, 2048)]),
    ("bytes=2047-2047", [(2047, 2048)]),
    ("bytes=2000-5000", [(2000, 2048)]),
    ("Bytes=0-99", [(0, 100)]),
    ("bytes= 0-99 , 200-299", [(0, 100), (200, 300)]),
    ("bytes=,0-99,,200-299,", [(0, 100), (200, 300)]),
    ("bytes=000000000000000000000000000-00000000000000000000000099", [(0, 100)]),
    ("bytes=0-" + "9" * 5000, [(0, 2048)]),
    ("bytes=-" + "9" * 5000, [(0, 2048)]),
    # the order of the client is kept
    ("bytes=200-299,0-99", [(200, 300), (0, 100)]),
    ("bytes=-1,0-0", [(2047, 2048), (0, 1)]),
    # what overlaps or touches becomes one, in the place of the first
    ("bytes=0-99,100-199", [(0, 200)]),
    ("bytes=500-599,0-99,550-700", [(500, 701), (0, 100)]),
    ("bytes=550-700,0-99,500-599", [(500, 701), (0, 100)]),
    ("bytes=0-9,20-29,5-24,1000-", [(0, 30), (1000, 2048)]),
    ("bytes=0-,0-,0-,0-", [(0, 2048)]),
    ("bytes=5-5,5-5", [(5, 6)]),
    # what does not lie in the content is left out where something else does
    ("bytes=5000-10000,0-99", [(0, 100)]),
    ("bytes=500-0,0-99", [(0, 100)]),
    ("bytes=0-99,-0", [(0, 100)]),
]
IGNORED = [
    None,
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes 0-99",
    "items=0-99",
    "0-99",
    "bytes=-",
    "bytes=a-b",
    "bytes=0",
    "bytes=0-99,junk",
    "bytes=--1",
    "bytes=1--2",
    "bytes=+0-99",
    "bytes=0-9 9",
    "bytes=0x0-0x9",
    "bytes=0.0-9.9",
    "bytes=\u0660-\u0669",
    "bytes=0-99;200-299",
]
UNSATISFIABLE = [
    "bytes=2048-",
    "bytes=5000-10000",
    "bytes=500-0",
    "bytes=-0",
    "bytes=" + "9" * 5000 + "-",
    "bytes=-0,9-8",
]


@pytest.mark.parametrize(("header", "expected"), UNDERSTOOD)
def test_a_range_is_half_open_and_lies_in_the_content(header: str, expected: list[tuple[int, int]]) -> None:
    assert parse_range(header, SIZE) == [ByteRange(*one) for one in expected]


@pytest.mark.parametrize("header", IGNORED)
def test_what_is_not_understood_asks_for_the_whole(header: str | None) -> None:
    assert parse_range(header, SIZE) is None


@pytest.mark.parametrize("header", UNSATISFIABLE)
def test_a_range_outside_the_content_is_unsatisfiable(header: str) -> None:
    with pytest.raises(Unsatisfiable, match=str(SIZE)):
        parse_range(header, SIZE)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=5-9"])
def test_content_without_a_byte_is_served_whole(header: str) -> None:
    assert parse_range(header, 0) is None


@pytest.mark.parametrize(("count", "ignored"), [(1, False), (7, False), (8, True), (100_000, True)])
def test_more_ranges_than_the_limit_ask_for_the_whole(count: int, ignored: bool) -> None:
    header = "bytes=" + ",".join(f"{10 * place}-{10 * place}" for place in range(count))
    assert (parse_range(header, 10 * count, limit=7) is None) == ignored


bounds = st.integers(0, 80)
specifications = st.one_of(
    st.tuples(bounds, bounds).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    bounds.map(lambda first: f"{first}-"),
    bounds.map(lambda length: f"-{length}"),
)


def places(specification: str, size: int) -> set[int]:
    """Return which bytes of the content a specification names, by the words of section 14.1.2."""
    first, _, last = specification.partition("-")
    if not first:
        return set(range(size)[-int(last) :]) if int(last) else set()
    return {place for place in range(size) if int(first) <= place <= (int(last) if last else size)}


@given(st.lists(specifications, min_size=1, max_size=8), st.integers(1, 64))
def test_the_answer_is_every_byte_asked_for_once(asked: list[str], size: int) -> None:
    wanted = set().union(*(places(one, size) for one in asked))
    try:
        found = parse_range("bytes=" + ", ".join(asked), size)
    except Unsatisfiable:
        assert not wanted
        return
    assert found is not None
    assert sorted(place for one in found for place in range(one.start, one.stop)) == sorted(wanted)
    assert not {one.start for one in found} & {one.stop for one in found}


@given(st.permutations([(0, 3), (10, 13), (20, 23), (30, 33), (40, 43)]))
def test_ranges_that_are_apart_keep_the_order_of_the_client(asked: list[tuple[int, int]]) -> None:
    header = "bytes=" + ",".join(f"{start}-{stop - 1}" for start, stop in asked)
    assert parse_range(header, 50) == [ByteRange(*one) for one in asked]


@given(st.text() | st.text("bytes=0123456789-, ").map("bytes=".__add__), st.integers(0, 2**63))
def test_any_range_header_is_understood_ignored_or_unsatisfiable(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except Unsatisfiable:
        return
    assert found is None or all(0 <= one.start < one.stop <= size for one in found)


def test_the_content_range_of_an_answer_is_inclusive_and_has_the_total() -> None:
    assert format_content_range(ByteRange(0, 1), 2048) == "bytes 0-0/2048"
    assert format_content_range(ByteRange(100, 2048), 2048) == "bytes 100-2047/2048"


@given(st.integers(0, 2**59), st.integers(1, 2**58))
def test_the_place_of_a_chunk_is_inclusive_on_the_wire(start: int, length: int) -> None:
    assert parse_content_range(f"{start}-{start + length - 1}") == ByteRange(start, start + length)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "-",
        "0-",
        "-5",
        "5-4",
        "a-b",
        "0--1",
        "+0-5",
        " 0-5",
        "0-5\n",
        "0 - 5",
        "0-5,6-9",
        "\u0660-\u0665",
        "0-" + "9" * 19,
        "9" * 5000 + "-" + "9" * 5000,
        # RFC 9110's form: the specification's pattern has neither unit nor total
        "bytes 0-5/6",
        "bytes 0-5/*",
        "bytes=0-5",
        "0-5/6",
    ],
)
def test_what_is_no_place_of_a_chunk_is_refused(header: str) -> None:
    with pytest.raises(InvalidContentRange):
        parse_content_range(header)


@given(st.text() | st.text("0123456789-"))
def test_any_content_range_is_a_place_or_refused(header: str) -> None:
    try:
        found = parse_content_range(header)
    except InvalidContentRange:
        return
    assert 0 <= found.start < found.stop < 2**63
