"""Two stand-ins for Google Cloud Storage, a driver on each, and a server that answers as Google's."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from backends.gcs import GcsBackend
from tests.backends.gcs.place import small
from tests.stores.gcs import GcsStore, gcp_storage_emulator
from tests.stores.gcs_account import key_of, new_private_key
from tests.stores.proxy import Proxy
from tests.stores.proxy import proxy as running_proxy


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcsStore]:
    with gcp_storage_emulator(tmp_path_factory.mktemp("gcp-storage-emulator")) as server:
        yield server


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
    with running_proxy(store.endpoint) as running:
        yield running


@pytest.fixture
def backend(store: GcsStore, bucket: str, proxy: Proxy) -> GcsBackend:
    return small(store, bucket, proxy.url)


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return new_private_key()


@pytest.fixture(scope="session")
def key_json(private_key: rsa.RSAPrivateKey) -> dict[str, str]:
    return key_of(private_key, "http://127.0.0.1:1/token")


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
