"""What a scalar is: YAML 1.2's words, JSON's numbers, text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.auth.policy import scalars

PLAIN = {
    "true": True, "True": True, "TRUE": True, "tRUE": "tRUE", "false": False, "False": False, "FALSE": False,
    "yes": "yes", "Yes": "Yes", "no": "no", "on": "on", "off": "off", "y": "y", "n": "n",
    "null": None, "Null": None, "NULL": None, "~": None, "": None, "none": "none", "nil": "nil",
    "0": 0, "7": 7, "-7": -7, "+7": "+7", "007": "007", "0123": "0123", "0o17": "0o17", "0x1F": "0x1F", "0b1": "0b1",
    "1_000": "1_000", "1,000": "1,000", "12:30": "12:30", "12:30:45": "12:30:45", "2026-01-31": "2026-01-31",
    "1.5": 1.5, "-0.5": -0.5, "1.0": 1.0, "1e3": 1000.0, "1E-3": 0.001, ".5": ".5", "5.": "5.", "1.5.2": "1.5.2",
    ".inf": ".inf", "-.inf": "-.inf", ".nan": ".nan", "nan": "nan", "inf": "inf", "Infinity": "Infinity",
    "1e": "1e", "e5": "e5", "-": "-", "=": "=", "main": "main", "a/b": "a/b", "\u0661": "\u0661",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), PLAIN.items())
def test_a_plain_scalar_is_what_the_table_says(text: str, value: object) -> None:
    found = scalars.plain(text)
    assert (type(found), found) == (type(value), value)


@settings(deadline=None)
@given(st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none())
def test_what_json_writes_without_quotes_is_what_json_reads(value: float | None) -> None:
    found = scalars.plain(json.dumps(value))
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", ["1" * 31, "0." + "1" * 40, "1e999", "-12e4567"])
def test_a_number_that_could_be_taken_for_another_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quote it, if it is text"):
        scalars.plain(text)


def test_quotes_make_text_of_anything_and_join_pairs() -> None:
    assert [scalars.quoted(one) for one in ("true", "1", "", "\ud83d\ude00")] == ["true", "1", "", "😀"]
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        scalars.quoted("a\ude00")
