"""What the log and the database hold after a session with every kind of secret: names, and none of the secrets."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from ocireg.app import initialise
from ocireg.auth.scopes import SCOPES
from ocireg.installation import Installation
from ocireg.metadata.audit import SYSTEM
from tests.auth.oidc.issuer import Issuer, issuer
from tests.server import Server
from tests.settings import settings_for

ADMIN_TOKEN = "an-admin-token-of-an-operator"
KEY = "a-key-that-signs-and-is-told-to-nobody-at-all"
PASSWORD, WRONG = "correct horse battery", "wrong horse battery staple"
REPOSITORY = "acme/private/app"
LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:|\[\d\d/\w{3}/\d{4}:")
"""How each line of the log begins."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server, and secrets that it knows: by what they are."""

    server: Server
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that logs all that it can, with somebody of each kind."""
    folder = tmp_path_factory.mktemp("logs")
    with issuer() as someone:
        server = Server(
            folder,
            workers=1,
            open="false",
            log_level="debug",
            audit_pulls="true",
            admin_token=ADMIN_TOKEN,
            secret_key=KEY,
            oidc_issuers=someone.url,
            oidc_networks="127.0.0.1",
            login_failures=1000,
        )
        server.settings["url"] = server.url
        secrets = people(folder, someone, server.url)
        with server:
            yield Running(server, secrets)


def people(folder: Path, someone: Issuer, url: str) -> dict[str, str]:
    """Make an installation with somebody of each kind; return their secrets."""
    settings = settings_for(folder, open="false", secret_key=KEY, admin_token=ADMIN_TOKEN, oidc_issuers=someone.url)
    initialise(settings)
    installed = Installation.open(settings)
    manager = installed.access.manager
    manager.users.create(SYSTEM, "alice", password=PASSWORD)
    manager.organizations.create(SYSTEM, "acme", admin="alice")
    manager.registries.create(SYSTEM, "acme/private")
    manager.registries.set_policy(SYSTEM, "acme/private", f"- iss: {someone.url}\n  claims: {{ref: main}}\n")
    secrets = {
        "password": PASSWORD,
        "wrong password": WRONG,
        "API token": manager.tokens.create(SYSTEM, "alice", scopes=SCOPES).secret,
        "registry token": manager.tokens.create_for_registry(SYSTEM, "acme/private").secret,
        "no token": "ocireg_" + "0" * 48,
        "JWT": someone.token(aud=f"{url}/acme/private"),
        "JWT of another branch": someone.token(aud=f"{url}/acme/private", ref="evil"),
        "operator's token": ADMIN_TOKEN,
    }
    installed.database.close()
    return secrets


def session(running: Running) -> dict[str, str]:
    """Do with each secret all that can be done; return those that came of it."""
    url, made = running.server.url, {}
    for kind, secret in running.secrets.items():
        who = ("alice", secret)
        query = {"scope": f"repository:{REPOSITORY}:pull,push", "offline_token": "true", "password": secret}
        got = requests.get(f"{url}/token", auth=who, params=query, timeout=30)
        assert (got.status_code == 200) == (kind not in {"wrong password", "no token", "JWT of another branch"}), kind
        form = {"grant_type": "password", "username": "alice", "password": secret, "access_type": "offline"}
        requests.post(f"{url}/token", data=form, timeout=30)
        for name in ("token", "refresh_token"):
            if got.ok:
                made[f"{name} of {kind}"] = got.json()[name]
        for method in ("GET", "HEAD", "POST", "DELETE"):
            for path in (f"/v2/{REPOSITORY}/blobs/uploads/", f"/v2/{REPOSITORY}/manifests/v1", "/v2/_catalog"):
                requests.request(method, url + path, auth=who, timeout=30)
    for token in list(made.values()):
        headers = {"Authorization": f"Bearer {token}"}
        requests.get(f"{url}/v2/{REPOSITORY}/tags/list", headers=headers, timeout=30)
        requests.get(f"{url}/v2/{REPOSITORY}/tags/list?access_token={token}", timeout=30)
        requests.post(f"{url}/token", data={"grant_type": "refresh_token", "refresh_token": token}, timeout=30)
    return made


def test_no_log_and_no_database_has_a_secret(running: Running) -> None:
    made = session(running)
    assert len(made) == 10
    running.server.stop()
    log = running.server.log.read_bytes()
    assert b"/token" in log
    kept = b"".join(one.read_bytes() for one in running.server.data.rglob("ocireg.db*"))
    assert b"login.refused" in kept
    for kind, secret in {**running.secrets, **made, "key": KEY}.items():
        for part in (secret, secret[:40]):
            assert part.encode() not in log, kind
            assert part.encode() not in kept, kind
    running.server.start()


@pytest.mark.parametrize(
    "evil", ["\r\n[2026-01-01] forged", "\x1b[31m forged", "\x85forged", "\u2028forged", "\x00forged"]
)
def test_nothing_of_a_stranger_begins_a_line_of_the_log(running: Running, evil: str) -> None:
    raw, before = evil.encode(), len(running.server.log.read_bytes())
    for request in (
        b"GET /v2/" + raw + b"/tags/list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /v2/" + quote(evil).encode() + b"/tags/list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nHost: a\r\nUser-Agent: " + raw + b"\r\nConnection: close\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nHost: " + raw + b"\r\nConnection: close\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nHost: a\r\nAuthorization: " + raw + b"\r\nConnection: close\r\n\r\n",
    ):
        host, _, port = running.server.address.partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as wire:
            wire.sendall(request)
            while wire.recv(65536):
                pass
    log = running.server.log.read_bytes()[before:]
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", log)
    lines = log.decode().split("\n")
    assert len(lines) > 2
    assert [line for line in lines if line and not LINE.match(line)] == []
