"""Pushes over a thin line, that take longer than what they were allowed with: a JWT, or an access token."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.auth.oidc.issuer import Issuer, issuer
from tests.clients import images
from tests.clients.access.parties import Party, daemon_of, works
from tests.clients.access.programs import CLIENTS
from tests.clients.accounts import Accounts, accounts_of
from tests.clients.run import Run
from tests.faults.narrow_proxy import narrow_proxy
from tests.server import Server

RATE = 20_000.0
"""Bytes per second."""
JWT_LIFE = 15
TOKEN_LIFE = 60
"""Seconds; the least that there is."""


@dataclass(frozen=True, slots=True)
class Line:
    """A registry, the issuer that it believes, and the thin line to it that is its address to clients."""

    server: Server
    issuer: Issuer
    accounts: Accounts
    address: str

    def jwt(self) -> str:
        """Return a JWT that dies soon."""
        now = int(time.time())
        return self.issuer.token(aud=f"http://{self.address}/acme/private", iat=now, exp=now + JWT_LIFE)

    def is_good(self, secret: str) -> bool:
        """Say whether a secret still lets somebody in."""
        answer = requests.get(f"{self.server.url}/token", auth=("oidc", secret), timeout=30)
        assert answer.status_code in {200, 401}
        return answer.status_code == 200


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A registry at the end of a thin line."""
    server = Server(
        tmp_path_factory.mktemp("narrow"), open="false", workers=1, token_life=TOKEN_LIFE, login_failures=1000
    )
    with issuer() as known, narrow_proxy(server.address, RATE) as proxy:
        server.settings |= {"url": f"http://{proxy.address}", "oidc_issuers": known.url, "oidc_networks": "127.0.0.0/8"}
        accounts = accounts_of(server, policy=f"- iss: {known.url}\n  claims: {{ref: main}}\n")
        with server:
            made = Line(server, known, accounts, proxy.address)
            assert made.is_good(made.jwt())  # the issuer's keys are known before all come at once
            yield made


def all_push(
    request: pytest.FixtureRequest, folder: Path, line: Line, seconds: int, secret: Callable[[], str]
) -> dict[str, bool]:
    """Let every client log in and push at once, for so long each; return whether its secret was good at the end."""
    large = images.make(folder / "large", layers=2, noise=os.urandom(int(seconds * RATE)))
    parties = [
        Party(client, Run(folder / client.name), line.address, large.path, daemon_of(client, request))
        for client in CLIENTS
    ]
    for party in parties:
        party.load(f"acme/private/{party.client.name}/app")

    def push(party: Party) -> tuple[str, bool]:
        shown = secret()
        works(party.logged_in("oidc", shown).push(f"acme/private/{party.client.name}/app"))
        return party.client.name, line.is_good(shown)

    with ThreadPoolExecutor(len(parties)) as pool:
        return dict(pool.map(push, parties))


@pytest.mark.parametrize("seconds", [JWT_LIFE + 10, pytest.param(70, marks=pytest.mark.long)])
def test_a_push_goes_on_after_its_jwt_has_died(
    request: pytest.FixtureRequest, tmp_path: Path, line: Line, seconds: int
) -> None:
    still_good = all_push(request, tmp_path, line, seconds, line.jwt)
    assert still_good == dict.fromkeys([one.name for one in CLIENTS], False)


@pytest.mark.long
def test_a_push_goes_on_after_its_access_token_has_expired(
    request: pytest.FixtureRequest, tmp_path: Path, line: Line
) -> None:
    still_good = all_push(request, tmp_path, line, TOKEN_LIFE + 20, lambda: line.accounts.token)
    assert still_good == dict.fromkeys([one.name for one in CLIENTS], True)
