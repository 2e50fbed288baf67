"""An installation with everybody in it: what its registries hold, who may come, and what each of them shows."""

import base64
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ocireg.app import close, create_app
from ocireg.auth import desk
from ocireg.auth.scopes import SCOPES
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.auth.oidc.issuer import Issuer
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

URL = "https://registry.example.com"
PRIVATE, PUBLIC, ROOT, OTHER = "acme/private/app", "acme/public/app", "app", "evil/private/app"
PLACES = (PRIVATE, PUBLIC, ROOT, OTHER)
TAG = "a-tag-of-ours"
PASSWORD = "correct horse battery"
ANYONE = ""
"""Whoever shows nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a repository holds: an image under ``TAG``, with what refers to it."""

    layer: bytes
    image: bytes
    signature: bytes

    @classmethod
    def of(cls, name: str) -> "Held":
        """Return what one of that name holds: nothing that another holds too."""
        layer, config = f"layer of {name}".encode(), f'{{"of":"{name}"}}'.encode()
        image = push.image(layers=(layer,), config=config)
        subject = push.descriptor(image, OCI_MANIFEST)
        return cls(layer, image, push.image(layers=(layer,), config=config, subject=subject))

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of all of it."""
        config = json.loads(self.image)["config"]["digest"]
        return (*(str(Digest.of(one)) for one in (self.layer, self.image, self.signature)), config)


def basic(name: str, secret: str) -> str:
    """Return what ``Authorization`` is for a name and a secret."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def everything(names: Iterable[str]) -> list[str]:
    """Return scopes that ask for all that can be had."""
    return [*(f"repository:{name}:pull,push,delete" for name in names), "registry:catalog:*"]


class World:
    """The installation. ``secrets`` has, by who somebody is, what they show by Basic; ``bearers`` access tokens."""

    def __init__(self, folder: Path, issuer: Issuer, **changes: object) -> None:
        given = {
            "open": "false",
            "url": URL,
            "oidc_issuers": issuer.url,
            "oidc_networks": "127.0.0.1",
            "login_failures": 10**6,
            "token_requests": 10**6,
            **changes,
        }
        self.issuer, self.folder, self.given = issuer, folder, given
        self.app = create_app(settings_for(folder, **given))
        self.app.test_client_class = BufferedClient
        self.client = self.app.test_client()
        self.installed = installation(self.app)
        self.manager = self.installed.access.manager
        self.secrets: dict[str, str] = {}
        self.bearers: dict[str, str] = {}
        self._people()
        self._places()
        self._tokens()
        self._dead()

    def ask(self, method: str, path: str, shown: str = ANYONE, **more: object) -> TestResponse:
        """Send a request with that ``Authorization``."""
        headers = {"Authorization": shown} if shown else {}
        return self.client.open(path, method=method, headers=headers, **more)  # type: ignore[arg-type] # any request

    def as_admin(self) -> FlaskClient:
        """Return a client of whoever administers the instance."""
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = self.secrets["instance admin"]
        return client

    def fill(self, name: str) -> None:
        """Let a repository hold what it should."""
        client, held = self.as_admin(), Held.of(name)
        push.blob(client, name, held.layer)
        push.blob(client, name, f'{{"of":"{name}"}}'.encode())
        push.manifest(client, name, TAG, held.image)
        push.manifest(client, name, str(Digest.of(held.signature)), held.signature)

    def begin(self, name: str, shown: str) -> str:
        """Begin an upload; return its path."""
        answer = self.ask("POST", f"/v2/{name}/blobs/uploads/", shown)
        assert answer.status_code == 202, answer.get_data(as_text=True)
        return answer.headers["Location"]

    def token(self, shown: str, scopes: Iterable[str], address: str = "127.0.0.1") -> str:
        """Return an access token, as ``Authorization`` shows it."""
        query, environ = {"scope": list(scopes)}, {"REMOTE_ADDR": address}
        answer = self.ask("GET", "/token", shown, query_string=query, environ_overrides=environ)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return f"Bearer {answer.get_json()['token']}"

    def remember(self, who: str, name: str, secret: str, address: str = "127.0.0.1") -> None:
        """Keep what somebody shows, by Basic and by Bearer."""
        self.secrets[who] = basic(name, secret)
        self.bearers[who] = self.token(self.secrets[who], everything(PLACES), address)

    def forget(self) -> None:
        """Let nothing that is known of access be known any more, as after a change of it."""
        self.manager.users.set_admin(SYSTEM, "admin", admin=True)

    def close(self) -> None:
        """Close it."""
        close(self.app)
        self.installed.database.close()

    def _people(self) -> None:
        manager = self.manager
        manager.users.create(SYSTEM, "admin", password=PASSWORD, admin=True)
        self.secrets["instance admin"] = basic("admin", PASSWORD)
        for name in ("reader", "writer", "keeper", "member", "owner", "stranger", "gone", "left", "roots", "rootw"):
            manager.users.create(SYSTEM, name, password=PASSWORD)
        manager.organizations.create(SYSTEM, "acme", admin="owner")
        manager.organizations.create(SYSTEM, "evil", admin="stranger")
        for name in ("member", "left", "gone"):
            manager.organizations.enrol(SYSTEM, "acme", name, "member")

    def _places(self) -> None:
        registries = self.manager.registries
        for path, visibility in (("acme/private", "private"), ("acme/public", "public"), ("evil/private", "private")):
            registries.create(SYSTEM, path, visibility=visibility)
        for path, user, level in (
            ("acme/private", "reader", "read"),
            ("acme/private", "writer", "write"),
            ("acme/private", "keeper", "admin"),
            ("root", "roots", "read"),
            ("root", "rootw", "write"),
        ):
            registries.grant(SYSTEM, path, user, level)
        registries.set_policy(SYSTEM, "acme/private", f"- iss: {self.issuer.url}\n  claims: {{ref: main}}\n")
        for name in PLACES:
            self.fill(name)

    def _tokens(self) -> None:
        for who, name in (
            ("reader", "reader"),
            ("writer", "writer"),
            ("registry admin", "keeper"),
            ("member", "member"),
            ("organization admin", "owner"),
            ("instance admin", "admin"),
            ("stranger", "stranger"),
            ("reader of the root", "roots"),
            ("writer of the root", "rootw"),
        ):
            self.remember(who, name, PASSWORD)
        tokens = self.manager.tokens
        self.remember("registry token", "x", tokens.create_for_registry(SYSTEM, "acme/private").secret)
        self.remember("registry token of another", "x", tokens.create_for_registry(SYSTEM, "evil/private").secret)
        for scope in SCOPES:
            self.remember(f"token {scope}", "x", tokens.create(SYSTEM, "admin", scopes=[scope]).secret)
        self.remember("OIDC", "x", self.issuer.token(aud=f"{URL}/acme/private"))
        self.remember("temporary token", "x", self.temporary("writer"))
        self.secrets["nobody"] = basic("", "")
        self.bearers["nobody"] = self.token(ANYONE, everything(PLACES))

    def temporary(self, user: str) -> str:
        """Return a temporary token for the private registry, of a user."""
        access, registry = self.installed.access, self.manager.registries.get("acme/private").id
        login = access.gate.log_in(user, PASSWORD, "127.0.0.1", "")
        return desk.temporary(access.roster.now(), login, registry)

    def _dead(self) -> None:
        """Let those come whose credentials were good once, or are good elsewhere."""
        manager = self.manager
        until = time.time() + 2
        expiring = manager.tokens.create(SYSTEM, "admin", scopes=SCOPES, lifetime=2).secret
        self.remember("expired token", "x", expiring)
        revoked = manager.tokens.create(SYSTEM, "admin", scopes=SCOPES)
        self.remember("revoked token", "x", revoked.secret)
        elsewhere = manager.tokens.create(SYSTEM, "admin", scopes=SCOPES, networks="10.0.0.0/8").secret
        self.remember("token of another network", "x", elsewhere, "10.1.2.3")
        of_gone = manager.tokens.create(SYSTEM, "gone", scopes=SCOPES).secret
        self.remember("token of a deleted user", "x", of_gone)
        self.remember("deleted user", "gone", PASSWORD)
        self.remember("former member", "left", PASSWORD)
        manager.tokens.revoke(SYSTEM, revoked.id)
        manager.users.delete(SYSTEM, "gone")
        manager.organizations.dismiss(SYSTEM, "acme", "left")
        time.sleep(max(until - time.time(), 0))


@contextmanager
def world(folder: Path, issuer: Issuer, **changes: object) -> Iterator[World]:
    """Let a world be while the block lasts."""
    made = World(folder, issuer, **changes)
    try:
        yield made
    finally:
        made.close()
