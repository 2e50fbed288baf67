"""URLs of buckets."""

import pytest

from backends.errors import Misconfigured
from backends.urls import Place

KNOWN = {"endpoint", "buffer", "addressing"}


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://images", "images", ""),
        ("s3://images/", "images", ""),
        ("s3://images/a", "images", "a/"),
        ("gs://images/a/b/?buffer=1MiB", "images", "a/b/"),
    ],
)
def test_a_url_names_a_bucket_and_a_prefix(url: str, bucket: str, prefix: str) -> None:
    found = Place.parse(url, KNOWN)
    assert (found.bucket, found.prefix) == (bucket, prefix)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3:", "names no bucket"),
        ("s3:///x", "names no bucket"),
        ("s3://[", "no URL .Invalid IPv6 URL.: s3://bucket/prefix is"),
        ("s3://a]b/secret", "no URL .Invalid IPv6 URL."),
        ("s3://key:secret@bucket/x", "credentials are not part of the URL"),
        ("s3://key:sec/secret@bucket/x", "credentials are not part of the URL"),
        ("s3://b/../c", "not a prefix"),
        ("s3://b/a//c", "not a prefix"),
        ("s3://b?endpiont=x", "no option 'endpiont' .there are addressing, buffer, endpoint"),
        ("s3://b?buffer=1&buffer=2", "twice"),
    ],
)
def test_what_is_no_such_url_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(Misconfigured, match=reason) as caught:
        Place.parse(url, KNOWN)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_option_is_text_a_choice_or_a_size() -> None:
    place = Place.parse("s3://b?endpoint=http://127.0.0.1:8333&buffer=64MiB&addressing=path", KNOWN)
    assert place.text("endpoint") == "http://127.0.0.1:8333"
    assert place.size("buffer", 1) == 64 * 2**20
    assert place.choice("addressing", ("path", "virtual"), "path") == "path"
    empty = Place.parse("s3://b?endpoint=", KNOWN)
    assert empty.text("endpoint", "default") == "default"
    assert empty.size("buffer", 5) == 5


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5MiB", "1TB", "12 parsecs"])
def test_an_option_that_is_no_size_is_refused(value: str) -> None:
    with pytest.raises(Misconfigured, match="it is a size"):
        Place.parse(f"s3://b?buffer={value}", KNOWN).size("buffer", 1)


def test_an_option_out_of_its_choices_is_refused_with_them() -> None:
    with pytest.raises(Misconfigured, match="one of path, virtual"):
        Place.parse("s3://b?addressing=maybe", KNOWN).choice("addressing", ("path", "virtual"), "path")
