"""Pulls that are redirected to Cloud Storage: signed by a service account's key, followed, and the bytes agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import until
from tests.server import Server
from tests.stores.gcs import GcsStore
from tests.stores.gcs_account import Account, account
from tests.web.v2 import push

LARGE = bytes(range(251)) * 40_000
"""More than a part: composed of two."""


@pytest.fixture(scope="module")
def service() -> Iterator[Account]:
    with account() as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, fake_gcs: GcsStore, service: Account) -> Iterator[Server]:
    """A registry that redirects all it can."""
    storage = fake_gcs.url(fake_gcs.new_bucket(), prefix="p")
    folder = tmp_path_factory.mktemp("redirecting")
    with Server(folder, storage=storage, gcs_credentials=service.key, redirect="always", log_level="debug") as running:
        yield running


def pushed(server: Server, content: bytes) -> tuple[str, Digest]:
    """Push a blob; return its URL and digest."""
    digest = Digest.of(content)
    uploads = f"{server.url}/v2/a/b/blobs/uploads/"
    assert requests.post(uploads, params={"digest": str(digest)}, data=content, timeout=60).status_code == 201
    return f"{server.url}/v2/a/b/blobs/{digest}", digest


@pytest.mark.parametrize("content", [b"layer", LARGE], ids=["small", "large"])
def test_a_pull_is_sent_to_the_store_by_a_signed_url_and_the_bytes_hash_to_the_digest(
    server: Server, service: Account, fake_gcs: GcsStore, content: bytes
) -> None:
    url, digest = pushed(server, content)
    answer = requests.get(url, timeout=60)
    (redirect,) = answer.history
    assert (redirect.status_code, redirect.content, redirect.headers["Cache-Control"]) == (307, b"", "no-store")
    assert redirect.headers["Docker-Content-Digest"] == str(digest)
    assert answer.url.startswith(f"{fake_gcs.endpoint}/")
    assert answer.status_code == 200
    assert Digest.of(answer.content) == digest
    service.require_signed(answer.url)


def test_a_range_is_the_stores_too_and_several_are_answered_here(server: Server) -> None:
    url, _ = pushed(server, LARGE)
    one = requests.get(url, headers={"Range": "bytes=8388600-8388700"}, timeout=60)
    assert ([first.status_code for first in one.history], one.status_code) == ([307], 206)
    assert one.content == LARGE[8388600:8388701]
    several = requests.get(url, headers={"Range": "bytes=0-1,5-9"}, timeout=60)
    assert (several.history, several.status_code) == ([], 206)


def test_an_image_is_pulled_whole(server: Server) -> None:
    layer, config = pushed(server, LARGE)[0], pushed(server, b"{}")[0]
    manifest = push.image(layers=(LARGE,))
    there = f"{server.url}/v2/a/b/manifests/v1"
    headers = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
    assert requests.put(there, data=manifest, headers=headers, timeout=30).status_code == 201
    found = requests.get(there, timeout=30).json()
    for described, url in ((found["layers"][0], layer), (found["config"], config)):
        assert url.endswith(described["digest"])
        assert str(Digest.of(requests.get(url, timeout=60).content)) == described["digest"]


def test_a_store_that_nobody_signs_for_serves_through_the_registry(tmp_path: Path, fake_gcs: GcsStore) -> None:
    with Server(tmp_path, storage=fake_gcs.url(fake_gcs.new_bucket()), redirect="always") as server:
        url, digest = pushed(server, LARGE)
        answer = requests.get(url, timeout=60)
    assert (answer.history, answer.status_code, Digest.of(answer.content)) == ([], 200, digest)


def test_no_log_holds_a_signature_or_the_key(server: Server, service: Account) -> None:
    url, _ = pushed(server, b"a layer")
    assert requests.get(url, timeout=60).history
    line = f'"GET {url.removeprefix(server.url)} HTTP/1.1" 307'
    until(lambda: line in server.log.read_text())  # it is written after the answer
    said = server.log.read_text()
    for secret in ("X-Goog", "Signature", "PRIVATE KEY", "a-token"):
        assert secret not in said
    assert service.tokens.rpartition("/")[0] not in said
