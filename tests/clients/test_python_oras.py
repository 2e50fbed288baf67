"""oras for Python: an artifact with annotations.

With its token back end it asks for one token, to pull, and shows that for the push too: whoever pushes wants ``basic``.
"""

from pathlib import Path

import oras.client
import pytest

from tests.clients.accounts import Accounts
from tests.server import Server


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go where there is something to push, with a home where nobody is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("oras.decorator.time.sleep", lambda _: None)  # it tries again for minutes what is refused
    Path("report.txt").write_text("a report")


@pytest.fixture
def client(server: Server, accounts: Accounts) -> oras.client.OrasClient:
    """A client that is logged in."""
    return logged_in(server, accounts.writer, accounts.token)


def stranger(server: Server) -> oras.client.OrasClient:
    return oras.client.OrasClient(hostname=server.address, insecure=True, auth_backend="token")


def logged_in(server: Server, name: str, secret: str) -> oras.client.OrasClient:
    made = oras.client.OrasClient(hostname=server.address, insecure=True, auth_backend="basic")
    made.auth.set_basic_auth(name, secret)  # its login looks for a docker engine first
    return made


def test_an_artifact_is_pushed_and_pulled(server: Server, client: oras.client.OrasClient) -> None:
    target = f"{server.address}/acme/private/python-oras:v1"
    answer = client.push(target=target, files=["report.txt"], manifest_annotations={"made": "here"})
    assert answer.status_code == 201
    client.pull(target=target, outdir="back")
    assert Path("back", "report.txt").read_text() == "a report"
    assert client.get_manifest(target)["annotations"]["made"] == "here"
    assert client.get_tags(target) == ["v1"]


def test_what_is_public_is_pulled_without_a_login(server: Server, client: oras.client.OrasClient) -> None:
    target = f"{server.address}/acme/public/python-oras:v1"
    client.push(target=target, files=["report.txt"])
    stranger(server).pull(target=target, outdir="back")
    assert Path("back", "report.txt").read_text() == "a report"


@pytest.mark.parametrize("login", ["none", "wrong", "registry token"])
def test_nothing_is_pushed_without_a_login_that_may(server: Server, accounts: Accounts, login: str) -> None:
    secrets = {"wrong": "ocireg_" + "0" * 48, "registry token": accounts.reading}
    target = f"{server.address}/acme/private/python-oras-refused:v1"
    client = logged_in(server, "token", secrets[login]) if login in secrets else stranger(server)
    with pytest.raises(ValueError, match=r"UNAUTHORIZED|DENIED"):
        client.push(target=target, files=["report.txt"])
