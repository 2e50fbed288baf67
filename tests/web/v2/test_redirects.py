"""The policy of redirects, as a table."""

from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

from ocireg.web.v2.redirects import Redirects, store_reads_alike, through
from tests.settings import settings_for

PUBLIC = "https://bucket.example.com/blobs/aa/1?X-Amz-Signature=5"
PLAIN = PUBLIC.replace("https:", "http:")
PRIVATE = "https://10.0.0.1:9000/bucket/blobs/aa/1?X-Amz-Signature=5"
LOOPBACK = "http://[::1]:9000/bucket/blobs/aa/1?X-Amz-Signature=5"
CDN = "https://cdn.example.com/blobs/aa/1?X-Amz-Signature=5"
IN, OUT = "192.0.2.1", "198.51.100.1"
LOCAL = {"redirect_except": "192.0.2.0/24"}
FRONT = {"redirect_url": "https://cdn.example.com"}
PRIVATE_FRONT = {"redirect_url": "http://10.0.0.2"}


@pytest.mark.parametrize(
    ("mode", "signed", "https", "client", "more", "target"),
    [
        ("auto", PUBLIC, False, OUT, {}, PUBLIC),
        ("auto", PUBLIC, True, OUT, {}, PUBLIC),
        ("auto", PLAIN, False, OUT, {}, PLAIN),
        ("auto", PLAIN, True, OUT, {}, None),
        ("auto", PRIVATE, False, OUT, {}, None),
        ("auto", PRIVATE, True, OUT, {}, None),
        ("auto", LOOPBACK, False, OUT, {}, None),
        ("auto", None, False, OUT, {}, None),
        ("auto", PUBLIC, True, None, {}, PUBLIC),
        ("auto", PUBLIC, False, OUT, LOCAL, PUBLIC),
        ("auto", PUBLIC, False, IN, LOCAL, None),
        ("auto", PRIVATE, True, OUT, FRONT, CDN.replace("/blobs", "/bucket/blobs")),
        ("auto", PLAIN, True, OUT, FRONT, CDN),
        ("auto", PUBLIC, False, OUT, PRIVATE_FRONT, None),
        ("auto", PUBLIC, True, IN, FRONT | LOCAL, None),
        ("auto", None, False, OUT, FRONT, None),
        ("always", PUBLIC, False, OUT, {}, PUBLIC),
        ("always", PLAIN, True, OUT, {}, PLAIN),
        ("always", PRIVATE, False, OUT, {}, PRIVATE),
        ("always", LOOPBACK, True, OUT, {}, LOOPBACK),
        ("always", LOOPBACK, False, None, LOCAL, LOOPBACK),
        ("always", PUBLIC, False, IN, LOCAL, None),
        ("always", PUBLIC, False, OUT, FRONT, CDN),
        ("always", None, False, OUT, {}, None),
        ("never", PUBLIC, False, OUT, {}, None),
        ("never", PUBLIC, True, OUT, FRONT, None),
    ],
)
def test_a_pull_is_sent_to_the_store_or_served_here(
    tmp_path: Path, mode: str, signed: str | None, client: str | None, more: dict[str, str], target: str | None,
    *, https: bool,
) -> None:  # fmt: skip
    names = {"bucket.example.com", "cdn.example.com"}
    policy = Redirects(settings_for(tmp_path, redirect=mode, **more), lambda host: host in names)
    assert policy.target(client, lambda _expires: signed, https=https) == target


def test_a_url_is_signed_for_as_long_as_the_settings_say_and_only_if_it_may_be_used(tmp_path: Path) -> None:
    asked: list[int] = []

    def sign(expires: int) -> str:
        asked.append(expires)
        return PUBLIC

    for changes in ({"redirect": "never"}, {"redirect_expires": "90s"}, LOCAL):
        policy = Redirects(settings_for(tmp_path, **changes), lambda _host: True)
        policy.target(IN, sign, https=False)
    assert asked == [90]


@pytest.mark.parametrize(
    ("front", "location"),
    [
        ("", "https://s3.example.com:9000/bucket/a%20b?x=1%2F2&y="),
        ("http://cdn.example.com:81", "http://cdn.example.com:81/bucket/a%20b?x=1%2F2&y="),
        ("https://example.com/a/b", "https://example.com/a/b/bucket/a%20b?x=1%2F2&y="),
    ],
)
def test_what_stands_in_front_takes_the_place_of_the_store(front: str, location: str) -> None:
    assert through(front, "https://s3.example.com:9000/bucket/a%20b?x=1%2F2&y=") == location


@pytest.mark.parametrize(
    ("headers", "alike"),
    [
        ({}, True),
        ({"Range": "bytes=0-9"}, True),
        ({"Range": "bytes=10-"}, True),
        ({"Range": "bytes=-10"}, True),
        ({"Range": "bytes=0-9,20-29"}, False),
        ({"Range": "bytes=0-9,"}, False),
        ({"Range": "bytes = 0-9"}, False),
        ({"Range": "Bytes=0-9"}, False),
        ({"Range": "bytes=-"}, False),
        ({"Range": "bytes=x-y"}, False),
        ({"Range": "lines=0-9"}, False),
        ({"Range": "bytes=0-" + "9" * 19}, False),
        ({"Range": ""}, False),
        ({"If-None-Match": '"x"'}, True),
        ({"If-Range": '"x"'}, False),
        ({"Range": "bytes=0-9", "If-Range": '"x"'}, False),
        ({"If-Match": '"x"'}, False),
        ({"If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, False),
        ({"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, False),
        ({"If-None-Match": '"x"', "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, False),
    ],
    ids=str,
)
def test_the_store_gets_what_it_reads_as_we_do(headers: dict[str, str], *, alike: bool) -> None:
    assert store_reads_alike(Headers(headers)) is alike
