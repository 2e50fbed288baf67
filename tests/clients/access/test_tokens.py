"""The token end-point as clients use it: what they ask for, what they keep of it, and what becomes of that."""

import json

import pytest

from ocireg.auth.scopes import SCOPES
from ocireg.metadata.audit import SYSTEM
from tests.clients import images
from tests.clients.access.parties import Party, daemon_of, works
from tests.clients.access.programs import CLIENTS
from tests.clients.accounts import Accounts, manager_of
from tests.clients.run import Run
from tests.faults.wire import until
from tests.server import Server


@pytest.fixture
def party(request: pytest.FixtureRequest, stranger: Run, address: str, small: images.Layout) -> Party:
    """Somebody who is not logged in, with the client that the test's parameter names."""
    client = next(one for one in CLIENTS if one.name == request.param)
    return Party(client, stranger, address, small.path, daemon_of(client, request))


@pytest.mark.parametrize("party", ["docker"], indirect=True)
def test_docker_keeps_a_refresh_token_and_not_the_secret(party: Party, server: Server, accounts: Accounts) -> None:
    party.logged_in(accounts.writer, accounts.token)
    kept = (party.run.home / ".docker" / "config.json").read_text()
    assert json.loads(kept)["auths"][server.address]["identitytoken"]
    assert accounts.token not in kept
    before = asked(server, "POST", "docker/")
    works(party.load_and_push("acme/private/tokens/docker"))
    works(party.pull("acme/private/tokens/docker"))
    assert asked(server, "POST", "docker/") > before


@pytest.mark.parametrize("party", ["docker"], indirect=True)
def test_a_refresh_token_ends_with_the_token_that_it_was_given_for(
    party: Party, server: Server, accounts: Accounts
) -> None:
    tokens = manager_of(server.folder, server).tokens
    made = tokens.create(SYSTEM, accounts.writer, scopes=SCOPES)
    party.logged_in(accounts.writer, made.secret)
    works(party.load_and_push("acme/private/tokens/revoked"))
    tokens.revoke(SYSTEM, made.id)
    until(lambda: party.pull("acme/private/tokens/revoked").returncode, why="a revoked token still pulls")


@pytest.mark.parametrize("party", ["ctr"], indirect=True)
def test_containerd_asks_by_a_form_and_need_not_fall_back(party: Party, server: Server, accounts: Accounts) -> None:
    before = {method: asked(server, method, "containerd/") for method in ("GET", "POST")}
    works(party.logged_in(accounts.writer, accounts.token).load_and_push("acme/private/tokens/ctr"))
    assert asked(server, "POST", "containerd/") > before["POST"]
    assert asked(server, "GET", "containerd/") == before["GET"]


@pytest.mark.parametrize("party", ["regctl", "crane", "oras", "skopeo", "helm"], indirect=True)
def test_who_asks_by_a_query_gets_no_refresh_token_unasked(party: Party, server: Server, accounts: Accounts) -> None:
    agent = {"regctl": "regclient/", "helm": "Helm/"}.get(party.client.name, f"{party.client.name}/")
    before = asked(server, "GET", agent)
    works(party.logged_in(accounts.writer, accounts.token).load_and_push(f"acme/private/{party.client.name}/app"))
    assert asked(server, "GET", agent) > before
    assert "identitytoken" not in "".join(one.read_text() for one in party.run.home.rglob("*.json"))


def asked(server: Server, method: str, agent: str) -> int:
    """Return how often clients of that name were given a token."""
    lines = server.log.read_text().splitlines()
    return sum(f'"{method} /token HTTP/1.1" 200 ' in one and f'"{agent}' in one for one in lines)
