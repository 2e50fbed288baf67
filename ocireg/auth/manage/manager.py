"""All use-cases of access, wired."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.immutable import ImmutableTags
from ocireg.auth.manage.organizations import Organizations
from ocireg.auth.manage.quotas import Quotas
from ocireg.auth.manage.registries import Registries
from ocireg.auth.manage.sessions import Sessions
from ocireg.auth.manage.tokens import Tokens
from ocireg.auth.manage.users import Users
from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Manager:
    """What the web and the commands call."""

    users: Users
    organizations: Organizations
    registries: Registries
    quotas: Quotas
    tokens: Tokens
    sessions: Sessions
    immutable: ImmutableTags

    @classmethod
    def build(
        cls, database: Database, issuers: Container[str], forget: Callable[[], None], *, grace: float
    ) -> "Manager":
        """Wire them. ``grace``: seconds until the bytes of what is deleted go."""
        changes = Changes(database, forget)
        users = Users(changes)
        organizations = Organizations(changes, users)
        registries = Registries(changes, users, organizations, issuers, grace=grace)
        quotas = Quotas(changes, organizations, registries)
        tokens = Tokens(changes, users, registries)
        immutable = ImmutableTags(changes, registries)
        return cls(users, organizations, registries, quotas, tokens, Sessions(changes, users), immutable)
