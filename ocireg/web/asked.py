"""What the REST API and the pages work with, and what a request is about."""

from dataclasses import dataclass

from flask import current_app, g

from ocireg.auth.audit import Trail
from ocireg.auth.gate import Gate
from ocireg.auth.manage import Manager
from ocireg.auth.roster import Roster
from ocireg.config import Settings
from ocireg.metadata.audit import Author
from ocireg.metadata.database import Database
from ocireg.metadata.organizations import StoredOrganization
from ocireg.metadata.registries import StoredRegistry
from ocireg.registry import Registry
from ocireg.web.caller import Caller

EXTENSION = "ocireg.context"


@dataclass(frozen=True, slots=True)
class Context:
    """The use-cases, access, and the settings. ``database`` is for lists, which change nothing; ``trail`` for pulls."""

    database: Database
    registry: Registry
    settings: Settings
    gate: Gate
    manager: Manager
    roster: Roster
    trail: Trail


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and what they ask for: what the path names, where the rule of the route let them through to it."""

    context: Context
    caller: Caller
    place_organization: StoredOrganization | None = None
    place_registry: StoredRegistry | None = None
    repository: str = ""

    @property
    def manager(self) -> Manager:
        """What changes access."""
        return self.context.manager

    @property
    def author(self) -> Author:
        """Who is named in the audit log."""
        return self.caller.author

    @property
    def organization(self) -> StoredOrganization:
        """The organization that the path names."""
        assert self.place_organization is not None, "the rule of the route finds it"
        return self.place_organization

    @property
    def registry(self) -> StoredRegistry:
        """The registry that the path names, or that of the repository."""
        assert self.place_registry is not None, "the rule of the route finds it"
        return self.place_registry

    @property
    def path(self) -> str:
        """The path of that registry, as use-cases of access take it."""
        return self.registry.path or "root"


def context() -> Context:
    """Return that of the application."""
    found: Context = current_app.extensions[EXTENSION]
    return found


def asked() -> Asked:
    """Return what the request under way is about, as the rule of its route found."""
    found: Asked = g.asked
    return found


def keep(found: Asked) -> None:
    """Keep it for ``asked``."""
    g.asked = found
