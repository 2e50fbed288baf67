"""The driver for Google Cloud Storage, on two stand-ins for it."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth.credentials import AnonymousCredentials, Credentials
from requests.adapters import HTTPAdapter

from backends import Backend, Session, load
from backends.budget import Budget
from backends.errors import BackendError, Misconfigured, NotFound, SessionLost, Unavailable
from backends.gcs import GcsBackend
from backends.gcs_client import Bucket
from backends.gcs_upload import UPLOADS
from backends.testing import DATA, KEY, BackendContract, contested
from backends.testing_base import OTHER, Interrupted, broken, pieces
from tests.server import free_port
from tests.stores.gcs import GcsStore, gcp_storage_emulator
from tests.stores.gcs_proxy import Fault, Proxy, proxied


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcsStore]:
    with gcp_storage_emulator(tmp_path_factory.mktemp("gcp-storage-emulator")) as server:
        yield server


class GcsContract(BackendContract):
    """The contract, in a bucket of its own for each test."""

    store: GcsStore
    bucket: str
    url: str

    def make(self, store: GcsStore, prefix: str) -> Backend:
        self.store, self.bucket, self.prefix = store, store.new_bucket(), prefix
        self.url = store.url(self.bucket, prefix=prefix)
        return load(self.url)

    def elsewhere(self, backend: Backend) -> Backend:
        del backend
        return load(self.url)

    def put_many(self, backend: Backend, keys: list[str]) -> None:
        """Put a few through the driver, and hundreds by plain requests."""
        for key in keys[:50]:
            backend.put(key, b"")
        self.store.put(self.bucket, {f"{self.prefix}{key}": b"1" for key in keys[50:]})

    def delete_many(self, backend: Backend, keys: list[str]) -> None:
        """Remove, likewise."""
        for key in keys[:50]:
            backend.delete(key)
        self.store.delete(self.bucket, [f"{self.prefix}{key}" for key in keys[50:]])


class TestFakeGcsServer(GcsContract):
    """On fake-gcs-server, below a prefix."""

    many = 1200  # seven in eight of them in one folder: more than a page

    @pytest.fixture
    def backend(self, fake_gcs: GcsStore) -> Backend:
        return self.make(fake_gcs, "a/prefix/")


class TestGcpStorageEmulator(GcsContract):
    """On gcp-storage-emulator, which writes down all of its objects whenever it gets one."""

    many = 300

    @pytest.fixture
    def backend(self, emulator: GcsStore) -> Backend:
        return self.make(emulator, "")


PART = 1000
STREAM = bytes(range(251)) * 450


def small(store: GcsStore, bucket: str, endpoint: str = "") -> GcsBackend:
    """Return a driver with parts of 1,000 bytes."""
    client = Bucket(bucket, AnonymousCredentials(), endpoint or store.endpoint)
    return GcsBackend(client, "", Budget(2**24), part=PART)


both = pytest.mark.parametrize("store", ["fake_gcs", "emulator"], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> GcsStore:
    """Either of them: fake-gcs-server, which is much quicker, unless the test asks for ``both``."""
    found: GcsStore = request.getfixturevalue(getattr(request, "param", "fake_gcs"))
    return found


@pytest.fixture
def bucket(store: GcsStore) -> str:
    return store.new_bucket()


@pytest.fixture
def proxy(store: GcsStore) -> Iterator[Proxy]:
    with proxied(store.endpoint) as running:
        yield running


@pytest.fixture
def backend(store: GcsStore, bucket: str, proxy: Proxy) -> GcsBackend:
    return small(store, bucket, proxy.endpoint)


def read(backend: Backend, key: str) -> bytes:
    with backend.open(key) as reader:
        return reader.read()


def parts(session: Session) -> list[Any]:
    found = session.state["parts"]
    assert isinstance(found, list)
    return found


# Parts


@pytest.mark.parametrize(
    ("store", "count"),
    [("emulator", 33), *(("fake_gcs", count) for count in (1, 31, 32, 33, 62, 63, 64, 100))],
    indirect=["store"],
)
def test_a_stream_of_any_number_of_parts_is_committed_by_one_compose(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore, count: int
) -> None:
    data = STREAM[: count * PART - 1]
    session = backend.append(backend.begin(KEY), pieces(data, 777))
    assert len(parts(session)) <= 32
    assert len(store.names(bucket)) == len(parts(session))
    proxy.seen.clear()
    backend.commit(session)
    assert proxy.count("POST", "/compose") == 1
    assert proxy.count("POST", "") == 1
    assert read(backend, KEY) == data
    assert store.names(bucket) == [KEY]


def test_many_small_appends_leave_few_parts(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    session = backend.begin(KEY)
    for piece in pieces(STREAM[:350], 5):
        session = backend.append(Session.load(session.dump()), [piece])
        assert len(parts(session)) <= 32
        assert len(store.names(bucket)) <= 33 + 32  # a value, and what the one before it needs
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:350]
    assert store.names(bucket) == [KEY]


def test_an_append_repeated_after_a_fold_finds_all_it_needs(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    old = backend.append(backend.begin(KEY), [STREAM[:30_000]])
    new = backend.append(old, [STREAM[30_000:50_000]])
    assert {name for name, _ in parts(old)}.isdisjoint(name for name, _ in parts(new))
    again = backend.append(old, [b"another end"])  # its caller died before storing the new one
    backend.commit(again)
    assert read(backend, KEY) == STREAM[:30_000] + b"another end"
    assert store.names(bucket) == [KEY]


@pytest.mark.parametrize("before", [1, 30_000, 40_000])
def test_a_take_over_shares_nothing_with_the_former_writer(backend: GcsBackend, before: int) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:before]])
    theirs = backend.append(contested(session), [b"theirs"])
    mine = backend.append(session, [STREAM[before:90_000]])
    theirs = backend.append(theirs, [STREAM[:50_000]])
    backend.commit(mine)
    backend.commit(theirs)
    assert mine.key == KEY
    assert theirs.key.rpartition("/")[0] == KEY.rpartition("/")[0]
    assert read(backend, mine.key) == STREAM[:90_000]
    assert read(backend, theirs.key) == STREAM[:before] + b"theirs" + STREAM[:50_000]


@pytest.mark.parametrize("at", [0, 5000, 70_000])
def test_a_stream_that_breaks_leaves_what_was_there_and_no_more(
    backend: GcsBackend, bucket: str, store: GcsStore, at: int
) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    before = store.names(bucket)
    with pytest.raises(Interrupted):
        backend.append(session, broken(STREAM, at))
    with pytest.raises(Interrupted):
        backend.append(contested(session), broken(STREAM, at))
    assert store.names(bucket) == before


@both
@pytest.mark.parametrize("size", [8 * 2**20, 8 * 2**20 + 1])
def test_what_is_put_may_be_large(backend: GcsBackend, size: int) -> None:
    backend.put(KEY, bytes(size))
    assert backend.stat(KEY).size == size


def test_a_part_that_was_tampered_with_is_not_committed(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    store.put(bucket, {store.names(bucket)[0]: b"short"})
    with pytest.raises(SessionLost):
        backend.commit(session)
    with pytest.raises(NotFound):
        backend.stat(KEY)


def test_nothing_does_not_replace_an_object(fake_gcs: GcsStore) -> None:
    backend = small(fake_gcs, fake_gcs.new_bucket())
    backend.put(KEY, DATA)
    with pytest.raises(SessionLost):
        backend.commit(backend.begin(KEY))
    assert read(backend, KEY) == DATA


@pytest.mark.parametrize(
    "change",
    [
        {"upload": "../other"}, {"upload": 5}, {"upload": None},
        {"parts": [["../../x", 2500]]}, {"parts": [["0" * 16, "2500"]]}, {"parts": [["0" * 16]]}, {"parts": [5]},
        {"parts": 5}, {"parts": []}, {"parts": [["0" * 16, 2499]]}, {"parts": [["0" * 16, 50]] * 50},
        {"stale": ["../x"]}, {"stale": [5]}, {"stale": None},
    ],
)  # fmt: skip
def test_a_session_names_nothing_but_its_own(backend: GcsBackend, change: dict[str, Any]) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    odd = Session(KEY, session.size, {**session.state, **change})
    with pytest.raises(SessionLost):
        backend.append(odd, [b"x"])
    with pytest.raises(SessionLost):
        backend.commit(odd)


# Scans


def test_a_scan_passes_by_parts_and_what_is_no_key(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    backend.append(backend.begin(KEY), [STREAM[:2500]])
    backend.put(KEY, b"1")
    store.put(bucket, {"README": b"1", "a folder/": b"1", ".hidden/x": b"1"})
    assert [one.key for one in backend.scan()] == [KEY]


@both
def test_uploads_are_found_each_once_and_an_abort_takes_one(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    for key in (KEY, KEY, OTHER):
        backend.append(backend.begin(key), [STREAM[:3500]])
    store.put(bucket, {f"{UPLOADS}not/of/this/driver": b"1"})
    found = list(backend.scan_uploads())
    assert sorted(one.session.key for one in found) == [KEY, KEY, OTHER]
    assert all(datetime.now(UTC) - one.modified < timedelta(hours=1) for one in found)
    before = store.names(bucket)
    gone = f"{found[0].session.state['upload']}/"
    backend.abort(found[0].session)
    assert store.names(bucket) == [name for name in before if gone not in name]
    assert len(before) - len(store.names(bucket)) == 4


# What networks do


@both
@pytest.mark.parametrize("fault", ["lose the answer", "busy", "error", "spoil the body"])
def test_a_part_that_fails_is_sent_again(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore, fault: Fault
) -> None:
    proxy.once(fault, "POST", "uploadType=media", times=2)
    backend.commit(backend.append(backend.begin(KEY), [STREAM[:5500]]))
    assert proxy.count("POST", "uploadType=media") == 6 + 2
    assert read(backend, KEY) == STREAM[:5500]
    assert store.names(bucket) == [KEY]


@both
@pytest.mark.parametrize("size", [0, 5500])
def test_a_commit_whose_answer_was_lost_is_done(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore, size: int
) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:size]])
    proxy.once("lose the answer", "POST", "")
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:size]
    assert store.names(bucket) == [KEY]


def test_a_commit_that_failed_can_be_done_later(backend: GcsBackend, proxy: Proxy) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:5500]])
    proxy.once("error", "POST", "/compose")
    with pytest.raises(Unavailable):
        backend.commit(session)
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:5500]


def test_a_fold_that_fails_is_done_again(backend: GcsBackend, proxy: Proxy) -> None:
    proxy.once("lose the answer", "POST", "/compose")
    backend.commit(backend.append(backend.begin(KEY), [STREAM]))
    assert read(backend, KEY) == STREAM


def test_a_store_that_fails_for_long_leaves_the_session_as_it_was(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore
) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    before = store.names(bucket)
    proxy.once("error", "POST", "uploadType=media", times=1000)
    with pytest.raises(Unavailable):
        backend.append(session, [STREAM[2500:9000]])
    proxy.fault = lambda _method, _path: None
    assert store.names(bucket) == before
    backend.commit(backend.append(session, [STREAM[2500:9000]]))
    assert read(backend, KEY) == STREAM[:9000]


def test_a_page_that_fails_is_asked_for_again(backend: GcsBackend, proxy: Proxy) -> None:
    backend.put(KEY, DATA)
    proxy.once("error", "GET", "/o?")
    assert [one.key for one in backend.scan()] == [KEY]


def test_parts_that_cannot_be_removed_are_found_later(backend: GcsBackend, proxy: Proxy) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    proxy.once("refuse", "DELETE", "", times=1)
    backend.commit(session)
    (found,) = backend.scan_uploads()
    backend.abort(found.session)
    assert list(backend.scan_uploads()) == []
    assert read(backend, KEY) == STREAM[:2500]


@both
@pytest.mark.parametrize(("start", "stop"), [(0, None), (100, 70_000)])
def test_a_download_that_breaks_is_mended(backend: GcsBackend, proxy: Proxy, start: int, stop: int | None) -> None:
    backend.put(KEY, DATA)
    proxy.once("cut the answer", "GET", "alt=media", times=3)
    with backend.open(KEY, start, stop) as reader:
        assert reader.read() == DATA[start:stop]
    assert proxy.count("GET", "alt=media") == 4


def test_a_download_that_breaks_again_and_again_is_not_short_in_silence(backend: GcsBackend, proxy: Proxy) -> None:
    backend.put(KEY, DATA)
    proxy.once("cut the answer", "GET", "alt=media", times=1000)
    with backend.open(KEY) as reader, pytest.raises(Unavailable):
        reader.read()


def test_an_object_replaced_while_it_is_read_is_not_mixed(fake_gcs: GcsStore) -> None:
    bucket = fake_gcs.new_bucket()
    with proxied(fake_gcs.endpoint) as proxy:
        backend = small(fake_gcs, bucket, proxy.endpoint)
        backend.put(KEY, DATA)
        proxy.once("cut the answer", "GET", "alt=media")
        with backend.open(KEY) as reader:
            backend.put(KEY, DATA[::-1])
            with pytest.raises(Unavailable):
                reader.read()


@both
def test_an_object_deleted_while_it_is_read_is_not_short_in_silence(backend: GcsBackend, proxy: Proxy) -> None:
    backend.put(KEY, DATA)
    proxy.once("cut the answer", "GET", "alt=media")
    with backend.open(KEY) as reader:
        backend.delete(KEY)
        with pytest.raises(Unavailable):
            reader.read()


# Credentials


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def key_json(private_key: rsa.RSAPrivateKey) -> dict[str, str]:
    """A service account's key, as it is downloaded."""
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return {
        "type": "service_account",
        "project_id": "tests",
        "private_key_id": "1",
        "private_key": private_key.private_bytes(*form).decode(),
        "client_email": "tests@tests.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:1/token",
    }


@both
def test_a_url_signed_with_a_key_serves_the_object_and_asks_nobody(store: GcsStore, key_json: dict[str, str]) -> None:
    bucket = store.new_bucket()
    load(store.url(bucket, prefix="p")).put(KEY, DATA)
    with proxied(store.endpoint) as proxy:
        url = store.url(bucket, prefix="p", endpoint=proxy.endpoint, credentials=json.dumps(key_json))
        signed = load(url).url(KEY, 60, "application/x-test", 'attachment; filename="a b"')
        assert proxy.seen == []
    assert signed is not None
    query = parse_qs(urlsplit(signed).query)
    assert query["X-Goog-Algorithm"] == ["GOOG4-RSA-SHA256"]
    assert query["X-Goog-Expires"] == ["60"]
    assert query["response-content-type"] == ["application/x-test"]  # neither stand-in heeds it
    assert query["response-content-disposition"] == ['attachment; filename="a b"']
    answer = requests.get(signed.replace(proxy.endpoint, store.endpoint), timeout=30)
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


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]], str]]:
    """A small server of Google's; give it what it answers, and get its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = answer(self)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


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
    assert "no iam.serviceAccounts.signBlob" in caplog.text


def test_a_signing_service_that_fails_is_unavailable(fake_gcs: GcsStore, answering: Callable[..., str]) -> None:
    backend = of_account(fake_gcs, answering(lambda _request: (503, b"{}")))
    with pytest.raises(Unavailable):
        backend.url(KEY, 60, "text/plain", "inline")


# Errors of one line


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
    with proxied(fake_gcs.endpoint) as proxy:
        proxy.fault = lambda _method, _path: "refuse"
        call = operations(load(f"gs://bucket?endpoint={proxy.endpoint}"))[number]
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
