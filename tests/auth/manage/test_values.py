"""What names and texts may be, that people choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.auth.manage import values
from ocireg.auth.manage.errors import Invalid
from ocireg.oci.reference import parse_repository


@pytest.mark.parametrize("emoji", ["", "🐳", "1️⃣", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇫🇷", "❤️", "👋🏽", "™️"])
def test_an_emoji_may_be_made_of_several_characters(emoji: str) -> None:
    assert values.emoji(emoji) == emoji


@pytest.mark.parametrize(
    "text", ["x", "1", "é", "<🐳>", "🐳\n", "🐳\x1b[2J", "🐳\u202e", "🐳 🐳", "🐳" * 17, "\u200d\x00é"]
)
def test_what_is_no_emoji_is_refused(text: str) -> None:
    """It is shown to everybody, in pages and on terminals."""
    with pytest.raises(Invalid):
        values.emoji(text)


@given(st.text(max_size=80))
def test_a_slug_of_a_name_is_a_slug_or_refused(name: str) -> None:
    try:
        made = values.slug_of(name)
    except Invalid:
        return
    assert values.slug(made) == made
    assert parse_repository(made) == made


@given(st.from_regex(r"[a-z0-9-]{1,63}", fullmatch=True))
def test_every_slug_is_a_part_of_a_repository_name(text: str) -> None:
    try:
        made = values.slug(text)
    except Invalid:
        assert text.startswith("-") or text.endswith("-") or "--" in text
        return
    assert parse_repository(f"{made}/{made}/image")


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("", ""),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("192.0.2.1", "192.0.2.1/32"),
        ("2001:db8::/32 , 10.0.0.0/8", "2001:db8::/32, 10.0.0.0/8"),
    ],
)
def test_networks_are_kept_as_they_can_be_read_again(given_: str, kept: str) -> None:
    found = values.networks(given_)
    assert values.networks(found) == found
    assert found.replace("/32", "").split(",")[0] == kept.replace("/32", "").split(",")[0]


def test_scopes_are_kept_in_one_order_and_once() -> None:
    assert values.scopes(["write_packages", "read_packages", "write_packages"]) == "read_packages write_packages"
