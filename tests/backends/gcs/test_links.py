"""URLs that are signed with a key, or by IAM."""

import base64
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth.credentials import Credentials
from requests.adapters import HTTPAdapter

from backends import load
from backends.budget import Budget
from backends.gcs import GcsBackend
from backends.gcs_client import Bucket
from backends.gcs_links import REST, Links
from backends.testing import DATA, KEY
from tests.backends.gcs.place import both
from tests.stores.gcs import GcsStore
from tests.stores.proxy import proxy as running_proxy


@both
def test_a_url_signed_with_a_key_serves_the_object_and_asks_nobody(store: GcsStore, key_json: dict[str, str]) -> None:
    bucket = store.new_bucket()
    load(store.url(bucket, prefix="p")).put(KEY, DATA)
    with running_proxy(store.endpoint) as proxy:
        url = store.url(bucket, prefix="p", endpoint=proxy.url, credentials=json.dumps(key_json))
        signed = load(url).url(KEY, 60, "application/x-test", 'attachment; filename="a b"')
        assert proxy.seen == []
    assert signed is not None
    query = parse_qs(urlsplit(signed).query)
    assert query["X-Goog-Algorithm"] == ["GOOG4-RSA-SHA256"]
    assert query["X-Goog-Expires"] == ["60"]
    assert query["response-content-type"] == ["application/x-test"]  # neither stand-in heeds it
    assert query["response-content-disposition"] == ['attachment; filename="a b"']
    answer = requests.get(signed.replace(proxy.url, store.endpoint), timeout=30)
    assert answer.content == DATA
    assert answer.headers.get("Content-Disposition", "not heeded") in ('attachment; filename="a b"', "not heeded")


def test_a_signed_url_lasts_a_week_at_most(store: GcsStore, key_json: dict[str, str]) -> None:
    signed = load(store.url("bucket", credentials=json.dumps(key_json))).url(KEY, 10**7, "text/plain", "inline")
    assert parse_qs(urlsplit(signed or "").query)["X-Goog-Expires"] == ["604800"]


def test_nobody_signs_nothing(backend: GcsBackend) -> None:
    assert backend.url(KEY, 60, "text/plain", "inline") is None


class Account(Credentials):
    """The credentials of a machine of Google's: a name and a token, no key."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library has no types there
        self.service_account_email = "default"

    def refresh(self, request: object) -> None:
        """Get a token, and with it the name."""
        del request
        self.token = "a-token"
        self.service_account_email = "machine@tests.iam.gserviceaccount.com"


class Rerouted(HTTPAdapter):
    """Sends requests to another server."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        """Send it there."""
        request.url = self.target + urlsplit(request.url or "").path
        return super().send(request, *arguments, **named)


def of_account(store: GcsStore, iam: str) -> GcsBackend:
    client = Bucket(store.new_bucket(), Account(), store.endpoint)
    client.session.mount("https://iamcredentials.googleapis.com/", Rerouted(iam))
    return GcsBackend(client, "", Budget(2**24))


def test_a_url_is_signed_by_iam_where_there_is_no_key(
    fake_gcs: GcsStore, private_key: rsa.RSAPrivateKey, answering: Callable[..., str]
) -> None:
    asked: list[tuple[str, str | None, bytes]] = []

    def sign(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        text = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        payload = base64.b64decode(text["payload"])
        asked.append((request.path, request.headers["Authorization"], payload))
        signature = private_key.sign(payload, padding.PKCS1v15(), hashes.SHA256())
        return 200, json.dumps({"keyId": "1", "signedBlob": base64.b64encode(signature).decode()}).encode()

    backend = of_account(fake_gcs, answering(sign))
    backend.put(KEY, DATA)
    signed = backend.url(KEY, 60, "text/plain", "inline")
    assert signed is not None
    assert requests.get(signed, timeout=30).content == DATA
    name = "machine@tests.iam.gserviceaccount.com"
    ((path, token, payload),) = asked
    assert (path, token) == (f"/v1/projects/-/serviceAccounts/{name}:signBlob", "Bearer a-token")
    query = parse_qs(urlsplit(signed).query)
    assert query["X-Goog-Credential"][0].startswith(f"{name}/")
    signature = bytes.fromhex(query["X-Goog-Signature"][0])
    private_key.public_key().verify(signature, payload, padding.PKCS1v15(), hashes.SHA256())


def test_an_account_that_may_not_sign_gives_no_urls_and_does_not_ask_again(
    fake_gcs: GcsStore, answering: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def refuse(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        asked.append(request.path)
        return 403, b'{"error": {"code": 403, "message": "no iam.serviceAccounts.signBlob"}}'

    backend = of_account(fake_gcs, answering(refuse))
    assert [backend.url(KEY, 60, "text/plain", "inline") for _ in range(3)] == [None, None, None]
    assert len(asked) == 1
    (line,) = caplog.messages
    assert "no iam.serviceAccounts.signBlob" in line
    assert "grant it the role Service Account Token Creator on itself" in line
    assert "Storage" not in line, "a role on the bucket is of no use here"


def test_a_signing_service_that_fails_costs_one_url_and_is_asked_for_the_next(
    fake_gcs: GcsStore, answering: Callable[..., str]
) -> None:
    answers = [(503, b"{}"), (200, b"[]"), (200, b"{}"), (200, b'{"signedBlob": "c2lnbmVk"}')]
    backend = of_account(fake_gcs, answering(lambda _request: answers.pop(0)))
    found = [backend.url(KEY, 60, "text/plain", "inline") for _ in range(4)]
    assert found[:3] == [None, None, None]
    assert found[3] is not None


def test_an_account_that_may_sign_later_is_found_out_later(fake_gcs: GcsStore, answering: Callable[..., str]) -> None:
    answers = [(403, b"{}"), (200, b'{"signedBlob": "c2lnbmVk"}')]
    now = 1000.0
    links = Links(of_account(fake_gcs, answering(lambda _request: answers.pop(0))).bucket, lambda: now)
    assert links.url(KEY, 60, "text/plain", "inline") is None
    now += REST - 1
    assert links.url(KEY, 60, "text/plain", "inline") is None
    now += 1
    assert links.url(KEY, 60, "text/plain", "inline") is not None
