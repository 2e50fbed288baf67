"""Digests (OCI image v1.1, descriptor.md, "Digests")."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.digest import ALGORITHMS, Digest
from ocireg.oci.errors import InvalidDigest

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA512 = "sha512:" + "0123456789abcdef" * 8
BLAKE3 = "blake3:" + "ab" * 32

digests = st.sampled_from(sorted(ALGORITHMS)).flatmap(
    lambda name: st.text("0123456789abcdef", min_size=ALGORITHMS[name], max_size=ALGORITHMS[name]).map(
        lambda encoded: f"{name}:{encoded}"
    )
)


@given(digests)
def test_a_digest_is_written_as_it_was_read(text: str) -> None:
    assert str(Digest.parse(text)) == text
    assert Digest.parse_any(text) == Digest.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "sha256",
        "sha256:",
        "sha256:baddigeststring",
        SHA256[:-1],
        SHA256 + "0",
        SHA256.upper(),
        "SHA256" + SHA256[6:],
        SHA256[:-1] + "F",
        SHA256[:-1] + "g",
        SHA256[:-1] + "\u0661",  # a digit, but of Arabic
        SHA256 + "\n",
        " " + SHA256,
        SHA256.replace(":", "-"),
        SHA256.replace(":", "::"),
        "sha256+" + SHA256,
        "sha512:" + "0" * 64,
        "sha256:" + "0" * 128,
        "sha256:../../../../etc/passwd",
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidDigest):
        Digest.parse(text)


@pytest.mark.parametrize(
    "text", [BLAKE3, "md5:" + "0" * 32, "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564="]
)
def test_a_digest_of_an_algorithm_that_is_not_supported_is_refused_unless_any_will_do(text: str) -> None:
    with pytest.raises(InvalidDigest, match="not supported: use sha256 or sha512"):
        Digest.parse(text)
    assert str(Digest.parse_any(text)) == text


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "a+" * 50_000 + ":0", "sha256:" + "0" * 100_000, "blake3:" + "0" * 100_000, "+:0", "a:/"]
)
def test_a_hostile_digest_is_refused_without_an_echo(text: str) -> None:
    with pytest.raises(InvalidDigest) as caught:
        Digest.parse_any(text)
    assert len(str(caught.value)) < 120


@given(st.text())
def test_any_text_is_a_digest_or_refused(text: str) -> None:
    try:
        assert str(Digest.parse(text)) == text
    except InvalidDigest:
        assert not any(text == str(Digest.of(text.encode("utf-8", "replace"), name)) for name in ALGORITHMS)


@given(st.binary(), st.sampled_from(sorted(ALGORITHMS)))
def test_the_digest_of_content_is_that_of_hashlib(content: bytes, algorithm: str) -> None:
    assert str(Digest.of(content, algorithm)) == f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def test_content_is_addressed_by_sha256_unless_told() -> None:
    assert str(Digest.of(b"")) == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_digests_are_values() -> None:
    assert {Digest.parse(SHA256), Digest.parse(SHA256), Digest.parse(SHA512)} == {
        Digest.parse(SHA512),
        Digest.parse(SHA256),
    }
    assert Digest.parse(SHA256) < Digest.parse(SHA512)
