"""What commands change holds in a registry that serves, within two seconds."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.cli.commanded import Commands
from tests.server import Server

WITHIN = 2.0
"""Seconds that a change may take."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A registry with accounts, in the working folder of the commands."""
    with Server(tmp_path, workers=2, threads=4, open="false", admin_token="a" * 40) as running:
        yield running


@pytest.fixture
def run(server: Server, capsys: pytest.CaptureFixture[str]) -> Commands:  # noqa: ARG001 - it has made the database
    """The commands beside it, with a user bob and a registry."""
    commands = Commands(capsys)
    commands("user", "add", "bob", "--no-password")
    commands("org", "create", "acme")
    commands("registry", "create", "acme/apps")
    return commands


def push(server: Server, secret: str) -> int:
    """Return how the begin of a push ends, on each worker alike; 0 where they do not agree."""
    url = f"{server.url}/v2/acme/apps/web/blobs/uploads/"
    found = {requests.post(url, auth=("bob", secret), timeout=30).status_code for _ in range(6)}
    return found.pop() if len(found) == 1 else 0


def settles(ask: Callable[[], int], wanted: int) -> None:
    """Wait until every worker answers so, for as long as a change may take."""
    time.sleep(WITHIN)
    assert ask() == wanted


def test_a_grant_and_a_token_hold_in_the_running_service_and_so_do_their_ends(server: Server, run: Commands) -> None:
    made = run.json("token", "create", "--user", "bob", "--scope", "write_packages,read_packages")
    settles(lambda: push(server, made["secret"]), 403)
    run("grant", "set", "acme/apps", "bob", "write")
    settles(lambda: push(server, made["secret"]), 202)
    run("grant", "remove", "acme/apps", "bob")
    settles(lambda: push(server, made["secret"]), 403)
    run("org", "member", "add", "acme", "bob", "--role", "admin")
    settles(lambda: push(server, made["secret"]), 202)
    run("token", "revoke", made["id"])
    settles(lambda: push(server, made["secret"]), 401)


def bearer(server: Server, secret: str) -> str:
    """Return an access token of admin."""
    answer = requests.get(f"{server.url}/token", auth=("admin", secret), timeout=30)
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.text)["token"])


def test_a_rotation_keeps_tokens_good_and_two_of_them_end_those_of_the_first(server: Server, run: Commands) -> None:
    old = bearer(server, "a" * 40)

    def ask(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        found = {requests.get(f"{server.url}/v2/", headers=headers, timeout=30).status_code for _ in range(6)}
        return found.pop() if len(found) == 1 else 0

    assert ask(old) == 200
    run("key", "rotate")
    settles(lambda: ask(old), 200)
    new = bearer(server, "a" * 40)
    run("key", "rotate")
    settles(lambda: ask(old), 401)
    assert ask(new) == 200
