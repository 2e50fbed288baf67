"""python-dxf: blobs and aliases. It shows no secret over plain HTTP: with accounts it wants TLS."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from dxf import DXF, DXFBase, exceptions

from tests.clients.accounts import Accounts, accounts_of
from tests.server import Server
from tests.serving.certificates import self_signed

Auth = Callable[[DXFBase, requests.Response], None]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Server]:
    """A registry where everything is open."""
    with Server(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, logins: dict[str, Accounts]) -> Iterator[Server]:
    """A registry with accounts, over TLS."""
    folder = tmp_path_factory.mktemp("secured")
    self_signed(folder)
    certificate = folder / "cert.pem"
    server = Server(folder, open="false", tls_cert=certificate, tls_key=folder / "key.pem")
    server.url = f"https://{server.address}"
    logins[server.address] = accounts_of(server)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(certificate)
        server.session = session
        with server:
            yield server


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no certificates of this machine's be meant instead."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def shown(name: str, secret: str) -> Auth:
    """Return what logs in when the registry asks for it."""

    def log_in(client: DXFBase, response: requests.Response) -> None:
        client.authenticate(name, secret, response=response)

    return log_in


def go_through(client: DXF, path: Path) -> None:
    """Push, pull, list and delete."""
    path.write_bytes(b"content" * 100_000)
    digest = client.push_blob(str(path))
    pulled: Any = client.pull_blob(digest)
    assert b"".join(pulled) == b"content" * 100_000
    assert client.blob_size(digest) == 700_000
    client.set_alias("v1", digest)
    assert client.list_aliases() == ["v1"]
    assert client.get_alias("v1") == [digest]
    client.del_alias("v1")
    assert client.list_aliases() == []
    client.del_blob(digest)
    with pytest.raises(requests.HTTPError, match="404"):
        client.get_alias("v1")


def test_a_blob_and_an_alias_are_pushed_pulled_listed_and_deleted(opened: Server, tmp_path: Path) -> None:
    with DXF(opened.address, "python/dxf", insecure=True) as client:
        go_through(client, tmp_path / "blob")


@pytest.mark.usefixtures("trusted")
def test_the_same_is_done_after_a_login(secured: Server, logins: dict[str, Accounts], tmp_path: Path) -> None:
    known = logins[secured.address]
    certificate = str(secured.folder / "cert.pem")
    with DXF(secured.address, "acme/private/dxf", shown(known.writer, known.token), tlsverify=certificate) as client:
        go_through(client, tmp_path / "blob")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("login", ["none", "wrong", "registry token"])
def test_nothing_is_pushed_without_a_login_that_may(
    secured: Server, logins: dict[str, Accounts], tmp_path: Path, login: str
) -> None:
    secrets = {"none": None, "wrong": "ocireg_" + "0" * 48, "registry token": logins[secured.address].reading}
    secret = secrets[login]
    (tmp_path / "blob").write_bytes(b"content")
    auth = shown("token", secret) if secret else None
    certificate = str(secured.folder / "cert.pem")
    with (
        DXF(secured.address, "acme/private/dxf", auth, tlsverify=certificate) as client,
        pytest.raises((requests.HTTPError, exceptions.DXFUnauthorizedError)),
    ):
        client.push_blob(str(tmp_path / "blob"))


def test_no_secret_is_shown_over_plain_http(server: Server, accounts: Accounts, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"content")
    auth = shown(accounts.writer, accounts.token)
    with (
        DXF(server.address, "acme/private/dxf", auth, insecure=True) as client,
        pytest.raises(exceptions.DXFAuthInsecureError),
    ):
        client.push_blob(str(tmp_path / "blob"))
