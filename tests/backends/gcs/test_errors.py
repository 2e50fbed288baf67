"""Errors of one line."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from backends import Backend, Session, load
from backends.errors import BackendError, Misconfigured, NotFound, Unavailable
from backends.testing import DATA, KEY
from tests.backends.gcs.place import both, small
from tests.server import free_port
from tests.stores.gcs import GcsStore
from tests.stores.proxy import Rule
from tests.stores.proxy import proxy as running_proxy


def refused_by(call: Callable[[], object], kind: type[BackendError], *said: str) -> None:
    """Expect that ``call`` raises an error of that kind, on one line that says all of ``said``."""
    with pytest.raises(BackendError) as caught:
        call()
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert all(one in str(caught.value) for one in said), str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gs:", "names no bucket"),
        ("gs://b?endpiont=x", "no option 'endpiont'"),
        ("gs://b?endpoint=127.0.0.1:4443", "as http://127.0.0.1:4443"),
        ("gs://b?endpoint=http://127.0.0.1:1&buffer=8MiB", "16MiB is the least"),
        ("gs://-b-?endpoint=http://127.0.0.1:1", "must start and end with a number or letter"),
    ],
)
def test_a_url_that_cannot_be_is_refused_with_the_reason(url: str, said: str) -> None:
    refused_by(lambda: load(url), Misconfigured, said)


@pytest.mark.parametrize("text", ["secret", '{"secret', "[]", '["secret"]', "5", "{}", '{"private_key": "secret"}'])
def test_a_key_that_is_none_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(Misconfigured, match="JSON key of a service account") as caught:
        load(f"gs://bucket?credentials={quote(text)}")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_whose_private_part_is_spoilt_is_refused_and_not_shown(key_json: dict[str, str]) -> None:
    text = json.dumps({**key_json, "private_key": "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----"})
    refused_by(lambda: load(f"gs://bucket?credentials={quote(text)}"), Misconfigured, "JSON key")


def test_a_machine_without_credentials_is_told_where_to_put_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    refused_by(lambda: load("gs://bucket"), Misconfigured, "GOOGLE_APPLICATION_CREDENTIALS")


@both
@pytest.mark.parametrize("operation", ["put", "append", "scan"])
def test_a_bucket_that_is_not_there_is_said(store: GcsStore, operation: str) -> None:
    backend = small(store, "nowhere")
    calls: dict[str, Callable[[], object]] = {
        "put": lambda: backend.put(KEY, DATA),
        "append": lambda: backend.append(backend.begin(KEY), [DATA]),
        "scan": lambda: list(backend.scan()),
    }
    refused_by(calls[operation], Misconfigured, "gs://nowhere", "no such bucket")


def operations(backend: Backend) -> list[Callable[[], object]]:
    """Return a call of each operation that asks the store."""
    session = Session(KEY, 1, {"upload": "0" * 32, "parts": [["0" * 16, 1]], "stale": []})
    return [
        lambda: backend.stat(KEY),
        lambda: backend.open(KEY),
        lambda: backend.put(KEY, DATA),
        lambda: backend.delete(KEY),
        lambda: list(backend.scan()),
        lambda: backend.append(backend.begin(KEY), [DATA]),
        lambda: backend.commit(session),
        lambda: backend.abort(session),
        lambda: list(backend.scan_uploads()),
    ]


@pytest.mark.parametrize("number", range(9))
def test_an_endpoint_that_refuses_connections_is_unavailable(number: int) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    call = operations(load(f"gs://bucket?endpoint={endpoint}"))[number]
    refused_by(call, Unavailable, "gs://bucket", endpoint, "Connection refused")


@pytest.mark.parametrize("number", range(9))
def test_a_store_that_refuses_the_credentials_is_misconfigured(fake_gcs: GcsStore, number: int) -> None:
    with running_proxy(fake_gcs.endpoint) as proxy:
        proxy.rules = [Rule("AccessDenied", times=1000)]
        call = operations(load(f"gs://bucket?endpoint={proxy.url}"))[number]
        refused_by(call, Misconfigured, "gs://bucket", "Storage Object User")


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}', Misconfigured, "Signature"),
        (200, b'{"access_token": "t", "expires_in": 3600}', NotFound, KEY),
    ],
)
def test_a_key_is_exchanged_for_a_token_or_refused(
    fake_gcs: GcsStore, key_json: dict[str, str], answering: Callable[..., str],
    status: int, body: bytes, kind: type[BackendError], said: str,
) -> None:  # fmt: skip
    key = json.dumps({**key_json, "token_uri": answering(lambda _request: (status, body))})
    backend = load(fake_gcs.url(fake_gcs.new_bucket(), credentials=key))
    refused_by(lambda: backend.stat(KEY), kind, said)


def test_a_token_that_cannot_be_had_now_is_unavailable(fake_gcs: GcsStore, key_json: dict[str, str]) -> None:
    backend = load(fake_gcs.url(fake_gcs.new_bucket(), credentials=json.dumps(key_json)))
    refused_by(lambda: backend.stat(KEY), Unavailable, "no token from Google")
