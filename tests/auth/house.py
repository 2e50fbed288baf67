"""An installation with an organization or two, and somebody of every sort in it.

``acme`` has the registries ``containers`` (private) and ``shown`` (public), ``umbrella`` has ``goods`` (private); the
root registry is private. Users, by what they are: ``reader``, ``writer`` and ``keeper`` were granted a level on
``acme/containers``; ``member`` and ``head`` have a role in ``acme``, ``other`` in ``umbrella``; ``rooted`` may write
to the root registry; ``stranger`` may do nothing; ``admin`` administers the instance.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from ocireg.app import close, create_app
from ocireg.auth import identities
from ocireg.auth.actor import Actor
from ocireg.auth.gate import Gate
from ocireg.auth.login import Login
from ocireg.auth.manage import Manager
from ocireg.auth.roster import View
from ocireg.auth.scopes import SCOPES
from ocireg.config import Settings
from ocireg.installation import Installation
from ocireg.metadata.audit import SYSTEM, Author, StoredEvent, page
from ocireg.metadata.database import Database
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for

CONTAINERS, SHOWN, GOODS = "acme/containers", "acme/shown", "umbrella/goods"
PASSWORD = "a password of some length"
BY = Author("somebody", "a test", "192.0.2.1", "")


@dataclass(frozen=True, slots=True)
class House:
    """The installation, and short ways to what is in it."""

    app: Flask
    installed: Installation

    @property
    def settings(self) -> Settings:
        return self.installed.settings

    @property
    def database(self) -> Database:
        return self.installed.database

    @property
    def manager(self) -> Manager:
        return self.installed.access.manager

    @property
    def gate(self) -> Gate:
        return self.installed.access.gate

    @property
    def view(self) -> View:
        """Access as it is now."""
        return self.installed.access.roster.now()

    @property
    def client(self) -> BufferedClient:
        """A client in this process."""
        self.app.test_client_class = BufferedClient
        found = self.app.test_client()
        assert isinstance(found, BufferedClient)
        return found

    def token(self, user: str, scopes: Iterable[str] = SCOPES, **what: str | float) -> str:
        """Return the secret of a new API token."""
        return self.manager.tokens.create(SYSTEM, user, scopes=scopes, **what).secret  # type: ignore[arg-type] # by name

    def registry_token(self, path: str = CONTAINERS) -> str:
        """Return the secret of a new registry token."""
        return self.manager.tokens.create_for_registry(SYSTEM, path).secret

    def log_in(self, secret: str, name: str = "token", address: str | None = "192.0.2.7") -> Login:
        """Log in, as the web does."""
        return self.gate.log_in(name, secret, address, "a test")

    def actor(self, user: str) -> Actor:
        """Return a user who logged in by password."""
        found = identities.resolve(self.view, identities.of_password(self.manager.users.get(user)))
        assert found is not None
        return found

    def id_of(self, path: str) -> int:
        """Return what a registry is found by."""
        return self.manager.registries.get(path).id

    def organization(self, slug: str) -> int:
        """Return what an organization is found by."""
        return self.manager.organizations.get(slug).id

    def events(self, action: str) -> list[StoredEvent]:
        """Return the events of an action, the newest first."""
        return page(self.database, before=None, limit=1000, action=action)


@contextmanager
def opened(folder: Path, **changes: object) -> Iterator[House]:
    """Open what is in a folder; settings by name."""
    app = create_app(settings_for(folder, **{"open": "false", **changes}))
    made = House(app, installation(app))
    try:
        yield made
    finally:
        close(app)
        made.database.close()


@contextmanager
def house(folder: Path, **changes: object) -> Iterator[House]:
    """Build it in a folder; settings by name."""
    with opened(folder, **changes) as made:
        _furnish(made.manager)
        yield made


def _furnish(manager: Manager) -> None:
    manager.users.create(SYSTEM, "admin", admin=True)
    for name in ("reader", "writer", "keeper", "member", "head", "other", "rooted", "stranger"):
        manager.users.create(SYSTEM, name)
    for slug in ("acme", "umbrella"):
        manager.organizations.create(SYSTEM, slug)
    for path in (CONTAINERS, GOODS):
        manager.registries.create(SYSTEM, path)
    manager.registries.create(SYSTEM, SHOWN, visibility="public")
    for user, path, level in (
        ("reader", CONTAINERS, "read"),
        ("writer", CONTAINERS, "write"),
        ("keeper", CONTAINERS, "admin"),
        ("rooted", "root", "write"),
    ):
        manager.registries.grant(SYSTEM, path, user, level)
    for user, slug, role in (("member", "acme", "member"), ("head", "acme", "admin"), ("other", "umbrella", "member")):
        manager.organizations.enrol(SYSTEM, slug, user, role)
