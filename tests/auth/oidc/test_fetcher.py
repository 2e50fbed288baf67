"""Documents over real sockets: what is fetched, and what no request is sent to."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.auth.oidc import Fetcher, FetchError
from ocireg.auth.oidc.addresses import may_be_reached
from ocireg.auth.oidc.fetcher import MOST_BYTES
from ocireg.config.networks import Networks
from tests.auth.oidc.certificates import certificate
from tests.auth.oidc.issuer import DISCOVERY, LOOPBACK, Answer, Issuer, issuer
from tests.auth.oidc.raw import raw_server

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]
REFUSED = {
    "loopback": "127.0.0.1",
    "loopback elsewhere": "127.8.9.10",
    "loopback of IPv6": "::1",
    "nothing": "0.0.0.0",
    "this network": "0.1.2.3",
    "nothing of IPv6": "::",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "private 192": "192.168.1.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "metadata of IPv6": "fd00:ec2::254",
    "metadata behind carriers": "100.100.100.200",
    "shared": "100.64.0.1",
    "protocol assignments": "192.0.0.1",
    "documentation": "192.0.2.1",
    "relays of 6to4": "192.88.99.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "public multicast": "232.1.1.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unique local": "fc00::1",
    "link-local of IPv6": "fe80::1",
    "link-local of an interface": "fe80::1%lo",
    "site-local": "fec0::1",
    "multicast of IPv6": "ff02::1",
    "public multicast of IPv6": "ff0e::1",
    "documentation of IPv6": "2001:db8::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped metadata": "::ffff:169.254.169.254",
    "mapped public": "::ffff:1.1.1.1",
    "compatible": "::127.0.0.1",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 of metadata": "64:ff9b::a9fe:a9fe",
    "NAT64 of an operator": "64:ff9b:1::7f00:1",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 of metadata": "2002:a9fe:a9fe::1",
    "Teredo": "2001:0:7f00:1::1",
    "discard": "100::1",
    "no address": "gitlab.com",
    "an empty one": "",
    "a number": "2130706433",
    "octal": "0177.0.0.1",
}
ODD_HOSTS = ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "localhost", "[::]", "0"]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_may_be_reached(address: str) -> None:
    assert may_be_reached(address, Networks())


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED.keys())
def test_an_address_that_leads_inside_is_refused_and_no_connection_made(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not may_be_reached(address, Networks())
    made: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *arguments, **_: made.append(arguments))
    for addresses in ([address], [*PUBLIC, address], [address, *PUBLIC]):
        fetcher = Fetcher(resolve=lambda _, found=addresses: found)  # type: ignore[misc]
        with pytest.raises(FetchError, match="which is not of the internet, nor in oidc_networks"):
            fetcher.get("https://issuer.example.com/x")
    assert made == []


@pytest.mark.parametrize("host", ODD_HOSTS)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_host_that_is_this_machine_by_another_spelling_is_refused(issuer: Issuer, host: str, scheme: str) -> None:
    with pytest.raises(FetchError):
        Fetcher().get(f"{scheme}://{host}:{issuer.port}{DISCOVERY}")
    assert issuer.requests == []


def test_an_address_in_the_networks_of_the_setting_may_be_reached() -> None:
    networks = Networks.parse("10.1.2.0/24, 169.254.169.254, fd00::/8")
    listed = ("10.1.2.3", "169.254.169.254", "fd00::1", "::ffff:10.1.2.3")
    assert all(may_be_reached(one, networks) for one in listed)
    assert not any(may_be_reached(one, networks) for one in ("10.1.3.1", "169.254.169.253", "fc00::1", "127.0.0.1"))


def test_a_name_is_resolved_once_and_the_address_that_was_judged_is_connected_to(issuer: Issuer) -> None:
    asked: list[str] = []

    def rebinding(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    found = Fetcher(LOOPBACK, resolve=rebinding).get(f"http://localhost:{issuer.port}{DISCOVERY}")
    assert found["issuer"] == issuer.url
    assert asked == ["localhost"]


def test_http_is_for_this_machine_whatever_its_name_resolves_to() -> None:
    everywhere = Networks.parse("0.0.0.0/0")
    with pytest.raises(FetchError, match=r"is at 192\.0\.2\.1, which is not this machine: wanted https"):
        Fetcher(everywhere, resolve=lambda _: ["192.0.2.1"]).get("http://localhost/x")


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "file:///etc/passwd", "http://example.com/", "https://a@127.0.0.1/", "https://", "x", ""],
)
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(FetchError):
        Fetcher(LOOPBACK).get(url)


def get(issuer: Issuer, answer: Answer, *, deadline: float = 10) -> dict[str, object]:
    """Fetch what an issuer answers."""
    issuer.instead["/x"] = answer
    return Fetcher(LOOPBACK, deadline=deadline).get(issuer.url + "/x")


def refusal(issuer: Issuer, answer: Answer, *, deadline: float = 10) -> str:
    """Return why it is refused, without the URL, which comes first."""
    with pytest.raises(FetchError) as caught:
        get(issuer, answer, deadline=deadline)
    url, _, reason = str(caught.value).partition("': ")
    assert url == f"'{issuer.url}/x"
    assert "\n" not in reason
    return reason


def test_an_object_is_fetched(issuer: Issuer) -> None:
    assert get(issuer, Answer(body=b'{"a": [1]}')) == {"a": [1]}


def test_an_object_in_chunks_is_fetched() -> None:
    said = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n'
    with raw_server(said) as url:
        assert Fetcher(LOOPBACK).get(url) == {"a": 1}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(issuer: Issuer, other: Issuer, status: int) -> None:
    answer = Answer(status, b'{"a": 1}', {"Location": other.url + DISCOVERY})
    assert refusal(issuer, answer) == f"the answer is {status}, not 200"
    assert other.requests == []


@pytest.mark.parametrize("status", [201, 204, 206, 400, 401, 404, 500, 503])
def test_an_answer_that_is_not_200_is_none(issuer: Issuer, status: int) -> None:
    assert refusal(issuer, Answer(status, b'{"a": 1}')) == f"the answer is {status}, not 200"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is not JSON"),
        (b"<html>", "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (b'{"a": "\xff"}', "it is not UTF-8 text"),
        (b'{"a": 1, "a": 2}', "it has an object with a key twice"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": ' + b"[" * 100_000, "it is nested too deeply"),
        (b'{"a": "\\udfff"}', "it is not UTF-8 text"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_object_of_json_is_refused(issuer: Issuer, body: bytes, reason: str) -> None:
    assert refusal(issuer, Answer(body=body)) == reason


def test_a_number_without_end_is_refused(issuer: Issuer) -> None:
    assert "limit" in refusal(issuer, Answer(body=b'{"a": ' + b"9" * 5000 + b"}"))


def test_a_body_has_a_largest_size(issuer: Issuer) -> None:
    body = json.dumps({"a": "x" * (MOST_BYTES - 9)}).encode()
    assert len(body) == MOST_BYTES
    assert get(issuer, Answer(body=body))["a"]
    assert refusal(issuer, Answer(body=body + b" ")) == "the answer is larger than 256 KiB"


def test_a_body_without_end_is_left(issuer: Issuer) -> None:
    answer = Answer(body=b" " * (64 * MOST_BYTES), headers={"Content-Length": str(10**12)})
    assert refusal(issuer, answer) == "the answer is larger than 256 KiB"


def test_an_answer_that_comes_byte_by_byte_is_left_at_the_deadline(issuer: Issuer) -> None:
    assert refusal(issuer, Answer(body=b" " * 1000, drip=0.02), deadline=0.3) == "it takes too long"


def test_a_head_that_comes_byte_by_byte_is_left_at_the_deadline() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000, drip=0.02) as url, pytest.raises(FetchError) as caught:
        Fetcher(LOOPBACK, deadline=0.3).get(url)
    assert str(caught.value).endswith("it takes too long")


def test_silence_is_left_at_the_deadline(issuer: Issuer) -> None:
    over = threading.Event()
    try:
        assert refusal(issuer, Answer(before=lambda: over.wait(30)), deadline=0.3) == "it takes too long"
    finally:
        over.set()


def test_a_resolver_that_says_nothing_is_left_at_the_deadline() -> None:
    over = threading.Event()

    def silent(_: str) -> list[str]:
        over.wait(30)
        return []

    try:
        with pytest.raises(FetchError, match="it takes too long"):
            Fetcher(resolve=silent, deadline=0.2).get("https://issuer.example.com/")
    finally:
        over.set()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\x01",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
        b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"a":',
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_what_is_no_answer_of_http_is_refused(raw: bytes) -> None:
    with raw_server(raw) as url, pytest.raises(FetchError) as caught:
        Fetcher(LOOPBACK).get(url)
    assert len(str(caught.value)) < 300


def test_nobody_listening_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(FetchError, match="Connection refused"):
        Fetcher(LOOPBACK).get(f"http://127.0.0.1:{port}/")


def test_the_next_address_is_tried_if_one_does_not_answer(issuer: Issuer) -> None:
    fetcher = Fetcher(LOOPBACK, resolve=lambda _: ["127.0.0.2", "::1", "127.0.0.1"])
    assert fetcher.get(f"http://localhost:{issuer.port}{DISCOVERY}")["issuer"] == issuer.url


@pytest.mark.parametrize("found", [OSError("no such host"), UnicodeError("label too long")])
def test_a_name_that_is_none_is_told(found: Exception) -> None:
    def failing(_: str) -> list[str]:
        raise found

    with pytest.raises(FetchError, match=r"issuer\.example\.com cannot be resolved"):
        Fetcher(resolve=failing).get("https://issuer.example.com/")
    with pytest.raises(FetchError, match=r"issuer\.example\.com has no address"):
        Fetcher(resolve=lambda _: []).get("https://issuer.example.com/")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"])
def test_a_proxy_of_the_environment_is_not_used(
    issuer: Issuer, other: Issuer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, other.url)
    assert Fetcher(LOOPBACK).get(issuer.url + DISCOVERY)["issuer"] == issuer.url
    assert other.requests == []


@pytest.fixture(name="secure")
def tls_issuer(tmp_path: Path) -> Iterator[Issuer]:
    """An issuer over TLS, whose certificate is for issuer.test."""
    certificate(tmp_path, "issuer.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with issuer(context) as made:
        made.names = names
        yield made


def trusting(folder: Path) -> ssl.SSLContext:
    """Return what trusts the certificate of the issuer, as the system's trust would."""
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


def test_a_certificate_is_checked_by_the_name_and_the_name_is_asked_for(secure: Issuer, tmp_path: Path) -> None:
    fetcher = Fetcher(LOOPBACK, resolve=lambda _: ["127.0.0.1"], context=trusting(tmp_path))
    assert fetcher.get(f"https://issuer.test:{secure.port}{DISCOVERY}")["issuer"] == secure.url
    assert secure.names == ["issuer.test"]
    assert secure.hosts == [f"issuer.test:{secure.port}"]


def test_a_certificate_of_another_name_is_refused(secure: Issuer, tmp_path: Path) -> None:
    fetcher = Fetcher(LOOPBACK, resolve=lambda _: ["127.0.0.1"], context=trusting(tmp_path))
    with pytest.raises(FetchError, match=r"the certificate is refused: .*other\.test"):
        fetcher.get(f"https://other.test:{secure.port}{DISCOVERY}")
    assert secure.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Issuer) -> None:
    fetcher = Fetcher(LOOPBACK, resolve=lambda _: ["127.0.0.1"])
    with pytest.raises(FetchError, match=r"the certificate is refused: self.signed certificate"):
        fetcher.get(f"https://issuer.test:{secure.port}{DISCOVERY}")
    assert secure.requests == []


def test_the_certificates_of_ssl_cert_file_are_trusted(
    secure: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    fetcher = Fetcher(LOOPBACK, resolve=lambda _: ["127.0.0.1"])
    assert fetcher.get(f"https://issuer.test:{secure.port}{DISCOVERY}")["issuer"] == secure.url


def test_https_to_what_speaks_http_is_refused(issuer: Issuer) -> None:
    with pytest.raises(FetchError) as caught:
        Fetcher(LOOPBACK).get(f"https://127.0.0.1:{issuer.port}/")
    assert "\n" not in str(caught.value)
