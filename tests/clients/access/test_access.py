"""Each client with accounts: what it may do with which secret, and what it is refused."""

from collections.abc import Callable

import pytest
import requests

from tests.clients import images
from tests.clients.access.parties import TAG, Party, daemon_of, is_refused, works
from tests.clients.access.programs import CLIENTS, Client
from tests.clients.accounts import ADMIN, Accounts
from tests.clients.run import Run
from tests.server import Server

Meet = Callable[[], Party]
MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"


def named(client: Client) -> str:
    return client.name


@pytest.fixture(scope="module", params=CLIENTS, ids=named)
def client(request: pytest.FixtureRequest) -> Client:
    """Each client."""
    found: Client = request.param
    return found


@pytest.fixture(scope="module")
def meet(
    request: pytest.FixtureRequest,
    client: Client,
    address: str,
    small: images.Layout,
    tmp_path_factory: pytest.TempPathFactory,
) -> Meet:
    """Return somebody new with the client, who is not logged in."""
    daemon = daemon_of(client, request)
    return lambda: Party(client, Run(tmp_path_factory.mktemp(client.name)), address, small.path, daemon)


@pytest.fixture(scope="module")
def writer(meet: Meet, server: Server, logins: dict[str, Accounts], client: Client) -> Party:
    """Somebody who has logged in with an API token, and has pushed to a private and to a public registry."""
    accounts = logins[server.address]
    party = meet().logged_in(accounts.writer, accounts.token)
    works(party.load_and_push(f"acme/private/{client.name}/app"))
    works(party.load_and_push(f"acme/public/{client.name}/app"))
    return party


def is_there(address: str, repository: str) -> bool:
    answer = requests.head(
        f"http://{address}/v2/{repository}/manifests/{TAG}",
        headers={"Accept": MANIFESTS},
        auth=("admin", ADMIN),
        timeout=30,
    )
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


def test_whoever_is_logged_in_pushes_and_pulls(writer: Party, address: str) -> None:
    repository = f"acme/private/{writer.client.name}/app"
    assert is_there(address, repository)
    works(writer.pull(repository))


def test_nobody_logs_in_with_a_wrong_secret(meet: Meet, address: str, client: Client) -> None:
    party, repository = meet(), f"acme/public/{client.name}/wrong"
    is_refused(party.login("writer", "ocireg_" + "0" * 48) or party.load_and_push(repository))
    assert not is_there(address, repository)


def test_without_a_login_nothing_private_is_pulled_and_nothing_pushed(
    meet: Meet, writer: Party, address: str, client: Client
) -> None:
    party = meet()
    is_refused(party.pull(f"acme/private/{writer.client.name}/app"))
    is_refused(party.load_and_push(f"acme/public/{client.name}/stranger"))
    assert not is_there(address, f"acme/public/{client.name}/stranger")


def test_what_is_public_is_pulled_without_a_login(meet: Meet, writer: Party) -> None:
    works(meet().pull(f"acme/public/{writer.client.name}/app"))


def test_a_registry_token_pulls_and_pushes_nothing(
    meet: Meet, writer: Party, address: str, logins: dict[str, Accounts]
) -> None:
    name = writer.client.name
    party = meet().logged_in("token", logins[address].reading)
    works(party.pull(f"acme/private/{name}/app"))
    works(party.pull(f"acme/public/{name}/app"))
    is_refused(party.load_and_push(f"acme/private/{name}/refused"))
    assert not is_there(address, f"acme/private/{name}/refused")


@pytest.mark.parametrize("client", [one for one in CLIENTS if one.copy], ids=named, indirect=True)
def test_what_is_copied_within_the_registry_is_mounted(writer: Party, server: Server) -> None:
    name = writer.client.name
    works(writer.copy(f"acme/private/{name}/app", f"acme/public/{name}/copy"))
    assert is_there(server.address, f"acme/public/{name}/copy")
    log = server.log.read_text()
    mounts = [line for line in log.splitlines() if f'"POST /v2/acme/public/{name}/copy/blobs/uploads/' in line]
    assert [line for line in mounts if 'HTTP/1.1" 201' in line], mounts


@pytest.mark.parametrize("client", [one for one in CLIENTS if one.delete], ids=named, indirect=True)
def test_a_delete_wants_a_token_that_may(meet: Meet, writer: Party, address: str, logins: dict[str, Accounts]) -> None:
    repository = f"acme/private/{writer.client.name}/deleted"
    works(writer.load_and_push(repository))
    party = meet().logged_in("token", logins[address].narrow)
    is_refused(party.delete(repository))
    assert is_there(address, repository)
    works(writer.delete(repository))
    assert not is_there(address, repository)
