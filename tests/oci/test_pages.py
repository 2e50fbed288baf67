"""Lists by pages (OCI distribution v1.1.1, end-8b; RFC 8288)."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.errors import InvalidPageSize
from ocireg.oci.pages import next_link, parse_n

CAP = 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, 100),
        ("0", 0),
        ("1", 1),
        ("007", 7),
        ("1000", CAP),
        ("1001", CAP),
        ("100000", CAP),
        (str(2**31), CAP),
        (str(10**30), CAP),
        ("9" * 1000, CAP),
        ("0" * 999 + "5", 5),
    ],
)
def test_a_page_has_as_many_items_as_wanted_up_to_the_cap(text: str | None, expected: int) -> None:
    assert parse_n(text, 100, CAP) == expected


def test_without_n_a_page_is_what_the_registry_says() -> None:
    assert parse_n(None, None, CAP) is None


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", " 1", "1\n", "1.0", "1e3", "0x10", "ten", "\u0661", "1_0", "9" * 100_000]
)
def test_what_is_no_number_of_items_is_refused(text: str) -> None:
    with pytest.raises(InvalidPageSize):
        parse_n(text, 100, CAP)


def test_the_next_page_is_a_relative_link() -> None:
    assert next_link("/v2/a/b/tags/list", {"n": 2, "last": "v1"}) == '</v2/a/b/tags/list?n=2&last=v1>; rel="next"'


def test_a_digest_in_the_path_stays_as_it_is() -> None:
    assert next_link("/v2/a/referrers/sha256:00", {"last": "x"}) == '</v2/a/referrers/sha256:00?last=x>; rel="next"'


@given(st.text(), st.integers(0))
def test_values_survive_the_link_and_cannot_leave_it(last: str, n: int) -> None:
    link = next_link("/v2/_catalog", {"n": n, "last": last})
    assert link.isascii()
    assert link.isprintable()
    target, _, rest = link.removeprefix("<").partition(">")
    assert rest == '; rel="next"'
    assert urlsplit(target).path == "/v2/_catalog"
    assert parse_qsl(urlsplit(target).query, keep_blank_values=True) == [("n", str(n)), ("last", last)]
