"""A change of access holds on every process within two seconds, for Basic, Bearer and refresh tokens alike.

The changes are made by another process than those that serve. How long each takes is printed and not asserted: a busy
machine is late, and no test fails for that.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from ocireg.auth import identities, keys
from ocireg.auth.manage import Manager
from ocireg.auth.signing import Access, Signer
from ocireg.config import Settings
from ocireg.installation import open_manager
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import PASSWORD
from tests.server import Server
from tests.settings import settings_for
from tests.web.basic import basic, bearer
from tests.web.v2 import push

REGISTRY, IMAGE = "acme/containers", "acme/containers/web"
OPERATOR = "chosen-by-the-operator"
POLICY = "- iss: https://agent.buildkite.com\n  claims: {organization_slug: acme}\n"
BOUND = 60.0
"""Seconds after which a change that is not seen is a fault, and not a busy machine."""
AT_ONCE = 12
"""Requests on connections of their own: of two processes both answer some."""

_serial = itertools.count()


@dataclass(frozen=True, slots=True)
class Served:
    """A server of two processes, and what changes its access from outside."""

    server: Server
    settings: Settings
    manager: Manager

    def get(self, headers: dict[str, str]) -> int:
        """Ask for the image; return the status."""
        return requests.get(f"{self.server.url}/v2/{IMAGE}/manifests/1", headers=headers, timeout=30).status_code

    def token(self, headers: dict[str, str], **more: str) -> dict[str, str]:
        """Get an access token for the image."""
        query = {"scope": f"repository:{IMAGE}:pull", **more}
        found: dict[str, str] = requests.get(
            f"{self.server.url}/token", params=query, headers=headers, timeout=30
        ).json()
        return found

    def refreshed(self, refresh: str) -> int:
        """Show a refresh token; return the status."""
        data = {"grant_type": "refresh_token", "refresh_token": refresh}
        return requests.post(f"{self.server.url}/token", data=data, timeout=30).status_code


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An image in a private registry, and two processes that serve it."""
    folder = tmp_path_factory.mktemp("served")
    limits = {"login_failures": 100_000, "token_requests": 100_000}
    chosen: dict[str, object] = {"open": "false", "admin_token": OPERATOR, "workers": 2, **limits}
    with Server(folder, **chosen) as server:  # type: ignore[arg-type] # settings by name
        settings = settings_for(folder, open="false")
        manager = open_manager(settings)
        manager.organizations.create(SYSTEM, "acme")
        manager.registries.create(SYSTEM, REGISTRY)
        server.wait_for_workers(2)
        _push(server)
        yield Served(server, settings, manager)


def _push(server: Server) -> None:
    def pushed(method: str, path: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        headers = {**basic(OPERATOR), "Content-Type": content_type}
        answer = requests.request(method, server.url + path, data=content, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text

    for content in (b"layer", b"{}"):
        pushed("POST", f"/v2/{IMAGE}/blobs/uploads/?digest={push.descriptor(content, '')['digest']}", content)
    pushed("PUT", f"/v2/{IMAGE}/manifests/1", push.image(), "application/vnd.oci.image.manifest.v1+json")


@pytest.fixture
def user(served: Served) -> str:
    """A user of each test's own, who may read the registry."""
    name = f"user-{next(_serial)}"
    served.manager.users.create(SYSTEM, name, password=PASSWORD)
    served.manager.registries.grant(SYSTEM, REGISTRY, name, "read")
    return name


Probe = Callable[[], int]


def until_all(probe: Probe, status: int) -> None:
    """Ask until that many in a row are answered so, each on a connection of its own."""
    until, row = time.monotonic() + BOUND, 0
    while row < AT_ONCE:
        found = probe()
        row = row + 1 if found == status else 0
        assert time.monotonic() < until, f"{found} instead of {status} for {BOUND} s"


def changed(what: str, probes: dict[str, tuple[Probe, int, int]], change: Callable[[], object]) -> None:
    """Make a change; see each probe's status before, and its other one after it."""
    for probe, before, _ in probes.values():
        until_all(probe, before)
    change()
    began = time.monotonic()
    for probe, _, after in probes.values():
        until_all(probe, after)
    print(f"{what}: holds for {', '.join(probes)} after {time.monotonic() - began:.2f} s at most")


def ways(served: Served, secret: str, name: str, after: int) -> dict[str, tuple[Probe, int, int]]:
    """Return every way in for one secret; ``after`` is what Basic is told when it is over."""
    shown = basic(secret, name)
    until_all(lambda: served.get(shown), 200)
    issued = served.token(shown, offline_token="true")
    kept, refresh = bearer(issued["token"]), issued["refresh_token"]
    return {
        "Basic": (lambda: served.get(shown), 200, after),
        "Bearer": (lambda: served.get(kept), 200, 401),
        "refresh": (lambda: served.refreshed(refresh), 200, 401 if after == 401 else 200),
    }


def test_a_revoked_token_ends_everywhere(served: Served, user: str) -> None:
    made = served.manager.tokens.create(SYSTEM, user, scopes=["read_packages"])
    probes = ways(served, made.secret, "token", 401)
    changed("revocation", probes, lambda: served.manager.tokens.revoke(SYSTEM, made.id))


def test_a_revoked_registry_token_ends_everywhere(served: Served) -> None:
    made = served.manager.tokens.create_for_registry(SYSTEM, REGISTRY)
    probes = ways(served, made.secret, "token", 401)
    changed(
        "revocation of a registry token",
        probes,
        lambda: served.manager.tokens.revoke_for_registry(SYSTEM, REGISTRY, made.id),
    )


def test_a_deleted_user_ends_everywhere(served: Served, user: str) -> None:
    made = served.manager.tokens.create(SYSTEM, user, scopes=["read_packages"])
    by_token = {f"token by {way}": one for way, one in ways(served, made.secret, "token", 401).items()}
    by_password = {f"password by {way}": one for way, one in ways(served, PASSWORD, user, 401).items()}
    changed("deletion", by_token | by_password, lambda: served.manager.users.delete(SYSTEM, user))


def test_a_password_that_changed_ends_the_logins_by_the_former_one_and_no_others(served: Served, user: str) -> None:
    token = served.manager.tokens.create(SYSTEM, user, scopes=["read_packages"]).secret
    probes = ways(served, PASSWORD, user, 401)
    stays = {"token": (lambda: served.get(basic(token)), 200, 200)}
    changed(
        "change of a password", probes | stays, lambda: served.manager.users.set_password(SYSTEM, user, PASSWORD + "2")
    )
    until_all(lambda: served.get(basic(PASSWORD + "2", user)), 200)


def test_a_level_that_was_taken_away_is_gone_everywhere(served: Served, user: str) -> None:
    probes = ways(served, PASSWORD, user, 403)
    changed("a grant taken away", probes, lambda: served.manager.registries.withdraw(SYSTEM, REGISTRY, user))


def test_a_registry_that_becomes_public_and_private_again_is_so_everywhere(served: Served) -> None:
    name = f"user-{next(_serial)}"
    served.manager.users.create(SYSTEM, name, password=PASSWORD)
    kept: dict[str, str] = {}

    def show(visibility: str) -> object:
        return served.manager.registries.change(SYSTEM, REGISTRY, visibility=visibility)

    def fresh() -> int:
        return served.get(bearer(served.token({})["token"]))

    opened: dict[str, tuple[Probe, int, int]] = {
        "nobody": (lambda: served.get({}), 401, 200),
        "Basic": (lambda: served.get(basic(PASSWORD, name)), 403, 200),
        "Bearer": (fresh, 401, 200),
    }
    changed("private to public", opened, lambda: show("public"))
    kept.update(bearer(served.token({})["token"]))
    shut = {way: (probe, after, before) for way, (probe, before, after) in opened.items()}
    changed(
        "public to private", {**shut, "a Bearer kept": (lambda: served.get(kept), 200, 401)}, lambda: show("private")
    )


def test_a_policy_that_changed_ends_the_sessions_by_the_former_one(served: Served) -> None:
    """The session is signed here as the exchange of a JWT would be, with the key of the installation."""
    served.manager.registries.set_policy(SYSTEM, REGISTRY, POLICY)
    registry = served.manager.registries.get(REGISTRY)
    signer, until = Signer(keys.load(served.settings)), time.time() + 600
    reference = identities.of_oidc(
        registry.id, registry.policy_id, "https://agent.buildkite.com", "job", frozenset({"read_packages"}), until
    )
    access = signer.access(Access(reference, {IMAGE: frozenset({"pull"})}, catalog=False), until)
    refresh = signer.refresh(reference, until)
    probes: dict[str, tuple[Probe, int, int]] = {
        "Bearer": (lambda: served.get(bearer(access)), 200, 401),
        "refresh": (lambda: served.refreshed(refresh), 200, 401),
    }
    changed("policy", probes, lambda: served.manager.registries.set_policy(SYSTEM, REGISTRY, POLICY))


def test_both_processes_were_asked(served: Served) -> None:
    for _ in range(200):
        served.get(basic(OPERATOR))
        if len(set(served.server.served("GET", f"/v2/{IMAGE}/manifests/1"))) == 2:
            break
    assert len(set(served.server.served("GET", f"/v2/{IMAGE}/manifests/1"))) == 2


def test_no_secret_is_in_the_log(served: Served, tmp_path: Path) -> None:
    assert tmp_path.exists()
    log = served.server.log.read_text()
    for secret in (OPERATOR, PASSWORD, "ocireg_", keys.load(served.settings)[0]):
        assert secret not in log
