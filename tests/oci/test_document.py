"""JSON from bytes that nobody vouches for (RFC 8259)."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.document import MOST_MARKS, decode
from ocireg.oci.errors import InvalidManifest

LIMIT = 4 * 1024 * 1024

REFUSED = {
    "nothing": (b"", "not JSON"),
    "no JSON": (b"{'a': 1}", "not JSON"),
    "cut short": (b'{"a": 1', "not JSON"),
    "followed by more": (b"{} {}", "not JSON"),
    "a comma too many": (b'{"a": 1,}', "not JSON"),
    "a control character": (b'{"a": "\x00"}', "not JSON"),
    "a list": (b"[]", "not a JSON object"),
    "a string": (b'"a"', "not a JSON object"),
    "null": (b"null", "not a JSON object"),
    "Latin-1": (b'{"a": "\xe9"}', "not UTF-8"),
    "UTF-8 longer than it must be": (b'{"a": "\xc0\x80"}', "not UTF-8"),
    "UTF-16": ("{}".encode("utf-16"), "not UTF-8"),
    "UTF-16 without a mark": ("{}".encode("utf-16-le"), "not JSON"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "BOM"),
    "half a pair": (b'{"a": "\\uD83d"}', "not UTF-8"),
    "half a pair in a key": (b'{"\\udc00": 1}', "not UTF-8"),
    "half a pair as bytes": (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
    "a key twice": (b'{"a": 1, "a": 1}', "key twice"),
    "a key twice, once escaped": (b'{"a": 1, "\\u0061": 2}', "key twice"),
    "a key twice inside": (b'{"a": [{"b": 1, "b": 2}]}', "key twice"),
    "NaN": (b'{"a": NaN}', "NaN is not JSON"),
    "Infinity": (b'{"a": Infinity}', "Infinity is not JSON"),
    "-Infinity": (b'{"a": -Infinity}', "-Infinity is not JSON"),
    "deep lists": (b"[" * MOST_MARKS, "nested too deeply"),
    "deep lists that end": (b"[" * MOST_MARKS + b"]" * MOST_MARKS, "nested too deeply"),
    "deep objects": (b'{"a":' * (MOST_MARKS // 2), "nested too deeply"),
    "deeper lists": (b"[" * LIMIT, "too many values"),
    "deeper objects": (b'{"a":' * (LIMIT // 5), "too many values"),
    "many objects": (b'{"a":[' + b'{"":0},' * (LIMIT // 8) + b"0]}", "too many values"),
    "many numbers": (b'{"a":[' + b"0," * (LIMIT // 3) + b"0]}", "too many values"),
    "many empty strings": (b'{"a":[' + b'"",' * (LIMIT // 4) + b"0]}", "too many values"),
    "many strings and nothing between": (b'{"a":"' + b"," * (MOST_MARKS + 1) + b'"' + b'""' * 10**6, "too many values"),
    "many quotes that are escaped": (b'{"a":"' + b"," * (MOST_MARKS + 1) + b'\\"' * 10**6, "not JSON"),
    "a huge number": (b'{"a": ' + b"9" * LIMIT + b"}", "number that is too long"),
}


@pytest.mark.parametrize(("raw", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_readers_could_understand_in_two_ways_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(InvalidManifest, match=reason) as caught:
        decode(raw)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"{}", {}),
        (b' \r\n\t{"a" : 1} \n', {"a": 1}),
        (b'{"a": "\xc3\xa9"}', {"a": "\u00e9"}),
        (b'{"a": "\\ud83d\\uDE00"}', {"a": "\U0001f600"}),
        (b'{"a": "\\\\ud83d"}', {"a": "\\ud83d"}),
        (b'{"a": 1e400, "A": 2}', {"a": float("inf"), "A": 2}),
        (b'{"a": "' + b'[{,:\\"' * 500_000 + b'"}', {"a": '[{,:"' * 500_000}),
        (b'{"a": [' + b"0," * (MOST_MARKS - 4) + b"0]}", {"a": [0] * (MOST_MARKS - 3)}),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_object_is_understood(raw: bytes, expected: object) -> None:
    assert decode(raw) == expected


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), values), st.booleans())
def test_every_object_comes_back_escaped_or_not(body: dict[str, object], escaped: bool) -> None:
    assert decode(json.dumps(body, ensure_ascii=escaped).encode()) == body


def outcome(raw: bytes) -> dict[str, object] | str:
    """Return the object, or why there is none."""
    try:
        return decode(raw)
    except InvalidManifest as error:
        return str(error)


@given(st.binary() | st.text('{}[]",:\\ud8 0aN').map(str.encode))
def test_any_bytes_are_an_object_or_refused(raw: bytes) -> None:
    assert isinstance(outcome(raw), dict | str)


@given(st.binary())
def test_what_was_pushed_is_not_echoed(raw: bytes) -> None:
    assert len(str(outcome(b'{"a": ' + raw * 1000))) < 150


@pytest.mark.parametrize("piece", [b'{"":0},', b"{},", b"[],", b"1.5,", b'"",'])
def test_many_values_are_refused_before_any_is_made(piece: bytes) -> None:
    raw = b'{"a":[' + piece * (LIMIT // len(piece)) + b"0]}"
    tracemalloc.start()
    with pytest.raises(InvalidManifest, match="too many values"):
        decode(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LIMIT
