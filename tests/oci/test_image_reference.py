"""References to images as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.image_reference import ImageReference

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("alpine", ("", "alpine", "", "")),
        ("alpine:3.20", ("", "alpine", "3.20", "")),
        ("acme/containers/base:1", ("", "acme/containers/base", "1", "")),
        ("docker.io/library/alpine:3.20", ("docker.io", "library/alpine", "3.20", "")),
        ("localhost/a", ("localhost", "a", "", "")),
        ("LOCALHOST:5000/a:1", ("localhost:5000", "a", "1", "")),
        ("[::1]:5000/a", ("[::1]:5000", "a", "", "")),
        (f"registry.example.com/a/b:1@{DIGEST}", ("registry.example.com", "a/b", "1", DIGEST)),
        (f"a@{DIGEST}", ("", "a", "", DIGEST)),
    ],
)
def test_a_reference_is_taken_apart(text: str, wanted: tuple[str, str, str, str]) -> None:
    assert ImageReference.parse(text) == ImageReference(*wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":1",
        "a:",
        "a@",
        "a@sha256:0",
        f"a@@{DIGEST}",
        "A",
        "a//b",
        "../a",
        "example.com/",
        "https://example.com/a",
        "a b",
        "a\n",
        "a:1:2",
        "\u0430",
        "<script>",
        "a/" * 400,
    ],
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert ImageReference.parse(text) is None


@given(st.text(max_size=100) | st.text("a:@/.0-", max_size=30))
def test_any_text_is_a_reference_or_none(text: str) -> None:
    found = ImageReference.parse(text)
    assert found is None or found.name in text
