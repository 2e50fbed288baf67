"""The first start: somebody can log in, with a secret that is shown once and kept nowhere."""

import re
from pathlib import Path

import requests

from tests.server import Server

SECRET = re.compile(r"^  (ocireg_[0-9a-f]{48})$", re.MULTILINE)


def test_a_token_is_shown_once_and_logs_in_on_every_start(tmp_path: Path) -> None:
    server = Server(tmp_path, open="false")
    with server:
        (secret,) = SECRET.findall(server.log.read_text())
        assert f"echo {secret} | docker login {server.address} -u admin --password-stdin" in server.log.read_text()
        assert requests.get(f"{server.url}/v2/", auth=("admin", secret), timeout=30).status_code == 200
        assert requests.get(f"{server.url}/v2/", timeout=30).status_code == 401
    server.log.unlink()
    with server:
        assert requests.get(f"{server.url}/v2/", auth=("admin", secret), timeout=30).status_code == 200
        assert "ocireg_" not in server.log.read_text()
    for file in server.data.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


def test_the_token_of_the_operator_is_not_shown(tmp_path: Path) -> None:
    chosen = "chosen-by-the-operator"
    with Server(tmp_path, open="false", admin_token=chosen) as server:
        assert requests.get(f"{server.url}/v2/", auth=("admin", chosen), timeout=30).status_code == 200
        assert chosen not in server.log.read_text()
        assert "first start" not in server.log.read_text()


def test_the_key_and_the_database_are_for_their_owner_alone(tmp_path: Path) -> None:
    with Server(tmp_path, open="false") as server:
        assert {file.stat().st_mode & 0o077 for file in (server.data / "secret.key", server.data / "ocireg.db")} == {0}
