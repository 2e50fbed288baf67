"""Who asks, and how: what is believed of a proxy, and of which."""

from pathlib import Path

import pytest
import requests
from flask import Flask

from ocireg.errors import RegistryError
from ocireg.web import client
from tests.server import Server
from tests.settings import settings_for

PROXY = "127.0.0.1,10.0.0.0/8,2001:db8:1::/48"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.9", "203.0.113.1", "192.0.2.9"),  # a peer that nobody trusts may say what it likes
        ("192.0.2.9", None, "192.0.2.9"),
        ("::ffff:192.0.2.9", "203.0.113.1", "192.0.2.9"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("::ffff:127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "198.51.100.7, 203.0.113.1", "203.0.113.1"),  # what the client sent stands to the left
        ("127.0.0.1", "203.0.113.1, 10.1.1.1", "203.0.113.1"),
        ("127.0.0.1", "198.51.100.7,203.0.113.1,10.1.1.1 ,\t10.2.2.2", "203.0.113.1"),
        ("127.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),  # all are ours: the farthest
        ("127.0.0.1", "203.0.113.1:4711", "203.0.113.1"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "2001:DB8:0::7", "2001:db8::7"),
        ("127.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:db8:1::1", "2001:db8::7, 2001:db8:1::2", "2001:db8::7"),
        ("127.0.0.1", "::ffff:203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "203.0.113.1, ::ffff:10.1.1.1", "203.0.113.1"),
        ("127.0.0.1", "203.0.113.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1, , 10.1.1.1", "10.1.1.1"),
        ("127.0.0.1", "203.0.113.1, _hidden, 10.1.1.1", "10.1.1.1"),
        ("127.0.0.1", "203.0.113.999", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1:", "127.0.0.1"),
        ("127.0.0.1", "fe80::1%\x1b[31m", "127.0.0.1"),
        ("127.0.0.1", "[2001:db8::7", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1\u00a0", "127.0.0.1"),
        ("127.0.0.1", ",".join(["203.0.113.1"] + ["10.0.0.9"] * client.HOPS), "10.0.0.9"),
        ("127.0.0.1", ",".join(["203.0.113.1"] + ["10.0.0.9"] * (client.HOPS - 1)), "203.0.113.1"),
        ("", "203.0.113.1", None),  # a Unix socket
        ("/run/x.sock", "203.0.113.1", "/run/x.sock"),
    ],
)
def test_the_client_is_the_nearest_that_no_trusted_proxy_is(
    tmp_path: Path, peer: str, forwarded: str | None, address: str | None
) -> None:
    environ = {"REMOTE_ADDR": peer} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    settings = settings_for(tmp_path, trusted_proxies=PROXY)
    with Flask("x").test_request_context(environ_overrides=environ):
        assert client.address(settings) == address
        assert client.address(settings_for(tmp_path)) == client.address_in(
            {"REMOTE_ADDR": peer}, settings.trusted_proxies
        )


@pytest.mark.parametrize(
    ("changes", "headers", "base"),
    [
        ({}, {"Host": "localhost:8000"}, "http://localhost:8000"),
        ({}, {"Host": "Registry.Example.com"}, "http://registry.example.com"),
        ({}, {"Host": "[::1]:8000"}, "http://[::1]:8000"),
        ({}, {"Host": "a", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}, "http://a"),
        ({"trusted_proxies": "10.0.0.0/8"}, {"Host": "a", "X-Forwarded-Proto": "https"}, "http://a"),
        ({"trusted_proxies": PROXY}, {"Host": "a"}, "http://a"),
        ({"trusted_proxies": PROXY}, {"Host": "a", "X-Forwarded-Proto": "https"}, "https://a"),
        ({"trusted_proxies": PROXY}, {"Host": "a", "X-Forwarded-Proto": "HTTPS , http"}, "https://a"),
        ({"trusted_proxies": PROXY}, {"Host": "a", "X-Forwarded-Proto": "http, https"}, "http://a"),
        ({"trusted_proxies": PROXY}, {"Host": "a", "X-Forwarded-Proto": "javascript"}, "http://a"),
        ({"trusted_proxies": PROXY}, {"Host": "a", "X-Forwarded-Host": "b.example:8443 , c"}, "http://b.example:8443"),
        ({"url": "https://r.example/"}, {"Host": "a"}, "https://r.example"),
        ({"url": "http://R.example:5000"}, {"Host": "!", "X-Forwarded-Host": "!"}, "http://R.example:5000"),
        (
            {"url": "https://r.example", "trusted_proxies": PROXY},
            {"Host": "a", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "b"},
            "https://r.example",
        ),
        ({"tls_cert": "/x", "tls_key": "/x"}, {"Host": "a"}, "https://a"),
    ],
    ids=str,
)
def test_the_address_of_this_service_is_the_one_that_the_client_used(
    tmp_path: Path, changes: dict[str, str], headers: dict[str, str], base: str
) -> None:
    settings = settings_for(tmp_path, **changes)
    with Flask("x").test_request_context(headers=headers, environ_overrides={"REMOTE_ADDR": "127.0.0.1"}):
        assert client.base_url(settings) == base
        assert client.uses_https(settings) == base.startswith("https:")
        assert client.host(settings) == base.partition("//")[2].lower()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "a/b",
        "a\\b",
        "a@b",
        "user:pass@a",
        "a:",
        "a:99999",
        "a:x",
        "a:80:80",
        ":80",
        "a..b",
        "-a",
        "a-",
        ".a",
        "[::1",
        "[::g]",
        "[]",
        "[1.2.3.4.5]",
        "::1",
        'a"b',
        "a?b",
        "a#b",
        "<script>",
        "a,b",
        "a\tb",
        "a%00",
        "xn--é",
        "a" * 64,
        ".".join(["a" * 50] * 6),
    ],
)
def test_a_host_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    for header, trusted in (("HTTP_HOST", ""), ("HTTP_X_FORWARDED_HOST", PROXY)):
        if header == "HTTP_X_FORWARDED_HOST" and "," in name:
            continue  # the first of two
        environ = {"HTTP_HOST": "a", "REMOTE_ADDR": "127.0.0.1", header: name}
        settings = settings_for(tmp_path, trusted_proxies=trusted)
        with (
            Flask("x").test_request_context(environ_overrides=environ),
            pytest.raises(RegistryError, match="names no valid host") as caught,
        ):
            client.base_url(settings)
        assert caught.value.error.status == 400


def test_the_access_log_has_the_client_and_not_the_proxy(tmp_path: Path) -> None:
    with Server(tmp_path, workers=1, trusted_proxies="127.0.0.1") as server:
        for told in ("203.0.113.1", "203.0.113.2 forged", None):
            requests.get(f"{server.url}/v2/", headers={"X-Forwarded-For": told}, timeout=30)
    lines = [line.split() for line in server.log.read_text().splitlines() if '"GET /v2/ HTTP' in line]
    assert [line[line.index('"GET') - 1] for line in lines] == ["203.0.113.1", "127.0.0.1", "127.0.0.1"]
