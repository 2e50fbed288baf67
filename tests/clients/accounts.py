"""An installation with accounts: whose secrets may do what, for clients that log in."""

from dataclasses import dataclass
from pathlib import Path

from ocireg.auth.manage import Manager
from ocireg.auth.scopes import SCOPES, WRITE_PACKAGES
from ocireg.installation import open_manager
from ocireg.metadata.audit import SYSTEM
from tests.server import Server
from tests.settings import settings_for

ADMIN = "ocireg_" + "a" * 48
"""The API token of the user admin."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Secrets. ``writer`` is a user who may push to each registry and to the root; ``token`` an API token of hers.

    ``narrow`` is another of her tokens, that may not delete; ``reading`` a token of the registry ``acme/private``.
    """

    writer: str
    token: str
    narrow: str
    reading: str


def accounts_of(server: Server, policy: str = "") -> Accounts:
    """Make the registries ``acme/private`` and ``acme/public``, and who may what; before the server starts.

    ``policy``: the OIDC policy of ``acme/private``.
    """
    done = server.run("init")
    assert done.returncode == 0, done.stderr
    manager = manager_of(server.folder, server)
    manager.organizations.create(SYSTEM, "acme")
    manager.registries.create(SYSTEM, "acme/private")
    manager.registries.create(SYSTEM, "acme/public", visibility="public")
    manager.users.create(SYSTEM, "writer")
    for registry in ("acme/private", "acme/public", "root"):
        manager.registries.grant(SYSTEM, registry, "writer", "write")
    if policy:
        manager.registries.set_policy(SYSTEM, "acme/private", policy)
    return Accounts(
        writer="writer",
        token=manager.tokens.create(SYSTEM, "writer", scopes=SCOPES).secret,
        narrow=manager.tokens.create(SYSTEM, "writer", scopes=[WRITE_PACKAGES]).secret,
        reading=manager.tokens.create_for_registry(SYSTEM, "acme/private").secret,
    )


def manager_of(folder: Path, server: Server) -> Manager:
    """Return what changes access in a server's installation."""
    return open_manager(settings_for(folder, **{**server.settings, "open": "false"}))
