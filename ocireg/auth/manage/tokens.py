"""API tokens of users, and tokens of registries. A secret is returned once, and then known to nobody here."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from ocireg.auth import identities, secrets
from ocireg.auth.manage import values
from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.errors import Invalid, Unknown
from ocireg.auth.manage.registries import Registries
from ocireg.auth.manage.users import Users
from ocireg.metadata import credentials, sessions
from ocireg.metadata.audit import Author
from ocireg.metadata.credentials import StoredApiToken, StoredRegistryToken
from ocireg.metadata.registries import StoredRegistry

MOST = 1000
"""Tokens of one user, or of one registry."""
LONGEST_LIFE = 36_500 * 86_400.0
"""Seconds that a token which expires may live: what is beyond is a slip."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: its identifier, and its secret, which is shown now and never again."""

    id: str
    secret: str


class Tokens:
    """The use-cases of tokens."""

    def __init__(self, changes: Changes, users: Users, registries: Registries) -> None:
        self._changes = changes
        self._database = changes.database
        self._users = users
        self._registries = registries

    def of_user(self, user: str) -> list[StoredApiToken]:
        """Return the API tokens of a user. ``Unknown``."""
        return credentials.api_tokens(self._database, self._users.get(user).id)

    def create(
        self,
        by: Author,
        user: str,
        *,
        scopes: Iterable[str],
        description: str = "",
        networks: str = "",
        lifetime: float | None = None,
    ) -> NewToken:
        """Make an API token that lives for ``lifetime`` seconds, or until it is revoked. ``Invalid``, ``Unknown``."""
        kept = {
            "description": values.optional_text(description, "description"),
            "scopes": values.scopes(scopes),
            "networks": values.networks(networks),
        }
        if lifetime is not None and not 0 < lifetime <= LONGEST_LIFE:
            raise Invalid("expires", f"expires lies in the future, {LONGEST_LIFE / 86400:.0f} days at most")
        secret = secrets.new(secrets.API_TOKEN)
        expires_at = None if lifetime is None else time.time() + lifetime
        with self._changes.by(by) as record:
            owner = self._users.get(user)
            if len(credentials.api_tokens(self._database, owner.id)) >= MOST:
                raise Invalid("user", f"{user} has {MOST} tokens: revoke some first")
            new = credentials.add_api_token(
                self._database, owner.id, secrets.digest(secret), **kept, expires_at=expires_at
            )
            record("token.create", subject=new, detail={"user": user, **kept, "expires_at": expires_at})
        return NewToken(new, secret)

    def revoke(self, by: Author, token: str) -> None:
        """Revoke an API token. ``Unknown``."""
        with self._changes.by(by) as record:
            found = credentials.api_token(self._database, token=token) if token else None
            if found is None:
                raise Unknown("token", f"there is no API token {token!r}")
            credentials.remove_api_token(self._database, found.id)
            sessions.remove_by(self._database, found.user, identities.of_api_token(found.id))
            record("token.revoke", subject=found.id, detail={"description": found.description})

    def of_registry(self, path: str) -> list[StoredRegistryToken]:
        """Return the tokens of a registry. ``Unknown``."""
        return credentials.registry_tokens(self._database, self._registries.get(path).id)

    def create_for_registry(self, by: Author, path: str, description: str = "") -> NewToken:
        """Make a token that reads a private registry, for machines that pull. ``Invalid``, ``Unknown``."""
        text = values.optional_text(description, "description")
        secret = secrets.new(secrets.REGISTRY_TOKEN)
        with self._changes.by(by) as record:
            registry = self._registries.get(path)
            if registry.public:
                raise Invalid("registry", f"{path} is public: everybody may pull from it")
            if len(credentials.registry_tokens(self._database, registry.id)) >= MOST:
                raise Invalid("registry", f"{path} has {MOST} tokens: revoke some first")
            new = credentials.add_registry_token(self._database, registry.id, secrets.digest(secret), description=text)
            record("registry_token.create", **_about(registry, path), subject=new, detail={"description": text})
        return NewToken(new, secret)

    def revoke_for_registry(self, by: Author, path: str, token: str) -> None:
        """Revoke a token of this registry; one of another is not there. ``Unknown``."""
        with self._changes.by(by) as record:
            registry = self._registries.get(path)
            found = credentials.registry_token(self._database, token=token) if token else None
            if found is None or found.registry != registry.id:
                raise Unknown("token", f"{path} has no token {token!r}")
            credentials.remove_registry_token(self._database, found.id)
            detail: dict[str, object] = {"description": found.description}
            record("registry_token.revoke", **_about(registry, path), subject=found.id, detail=detail)


def _about(registry: StoredRegistry, path: str) -> dict[str, str | None]:
    return {"registry": path, "organization": registry.organization_slug or None}
