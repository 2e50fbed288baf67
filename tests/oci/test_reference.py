"""Repository names and references (OCI distribution v1.1.1, "Pulling manifests")."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidDigest, InvalidName, InvalidTag
from ocireg.oci.grammar import REPOSITORY_NAME, TAG
from ocireg.oci.reference import is_tag, parse_reference, parse_repository, parse_tag

SHA256 = "sha256:" + "0123456789abcdef" * 4

NAMES = [
    "a",
    "0",
    "library/alpine",
    "a.b/c_d/e__f/g-h/i---j",
    "a/b/c/d/e/f/g/h",
    "blobs/uploads",
    "x/manifests/y",
    "tags/list",
    "a" * 255,
    "/".join(["a"] * 128),
]
NO_NAMES = [
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "A",
    "aB/c",
    "-a",
    "a-",
    "a/-b",
    "a/b-",
    ".a",
    "a.",
    "_a",
    "a_",
    "a..b",
    "a___b",
    "a._b",
    "a.-b",
    "a-_b",
    "a b",
    "a\n",
    "a:b",
    "a@b",
    "a%2fb",
    "..",
    "a/../b",
    "a\\b",
    "a\0b",
    "\u00e9",
    "\u0430",  # looks like an a
    "\u0661",
    "a" * 256,
]
TAGS = ["a", "A", "0", "_", "latest", "v1.0-rc_2", "__", "a.", "a-", "a..b", "a" * 128, "sha256-" + "a" * 64]
NO_TAGS = ["", ".", "-", ".a", "-a", "a/b", "a b", "a\n", "a+b", "a%", "\u00e9", "a\u0661", "a" * 129, ".INVALID_NAME"]


@pytest.mark.parametrize("text", NAMES)
def test_a_repository_name_is_taken_as_it_is(text: str) -> None:
    assert parse_repository(text) == text


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_repository_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidName):
        parse_repository(text)


@pytest.mark.parametrize("text", TAGS)
def test_a_tag_is_taken_as_it_is(text: str) -> None:
    assert is_tag(text)
    assert parse_tag(text) == text
    assert parse_reference(text) == text


@pytest.mark.parametrize("text", NO_TAGS)
def test_what_is_no_tag_is_refused(text: str) -> None:
    assert not is_tag(text)
    with pytest.raises(InvalidTag):
        parse_tag(text)
    with pytest.raises(InvalidTag):
        parse_reference(text)


def test_a_reference_with_a_colon_is_a_digest_and_nothing_else() -> None:
    assert parse_reference(SHA256) == Digest.parse(SHA256)
    for text in ("sha256:baddigeststring", "sha256:totallywrong", "latest:", ":latest", ":"):
        with pytest.raises(InvalidDigest):
            parse_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "a" * 100_000 + "!",
        "a-" * 50_000 + "!",
        "a/" * 50_000,
        "a" + "-" * 100_000 + "!",
        "a__" * 33_000 + "!",
        "-" * 100_000,
    ],
    ids=lambda text: f"{text[:5]}...{text[-1]}",
)
def test_a_hostile_text_is_refused_in_linear_time_and_without_an_echo(text: str) -> None:
    # Were a pattern to backtrack more than linearly, this would not end.
    assert bool(REPOSITORY_NAME.fullmatch(text)) == (set(text) == {"a"})
    assert TAG.fullmatch(text) is None
    with pytest.raises(InvalidName) as caught:
        parse_repository(text)
    assert len(str(caught.value)) < 120
    with pytest.raises(InvalidTag) as refused:
        parse_tag(text)
    assert len(str(refused.value)) < 120


components = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)


@given(st.lists(components, min_size=1, max_size=8))
def test_components_of_the_grammar_make_a_name(parts: list[str]) -> None:
    assert parse_repository("/".join(parts)) == "/".join(parts)


@given(st.text("aA0._-/ :\n\u00e9", max_size=12) | st.text())
def test_any_text_is_taken_unchanged_or_refused(text: str) -> None:
    for parse, refusal in ((parse_repository, InvalidName), (parse_tag, InvalidTag)):
        try:
            assert parse(text) == text
        except refusal:
            continue
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(" :@%?#&\\")


@given(st.text("aA0._-", min_size=1, max_size=130))
def test_a_text_of_the_letters_of_a_tag_is_one_unless_it_is_long_or_begins_badly(text: str) -> None:
    assert is_tag(text) == (len(text) <= 128 and text[0] not in ".-")
