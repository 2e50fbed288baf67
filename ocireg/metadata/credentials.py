"""API tokens and registry tokens. Secrets are never here: only their hashes."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from peewee import fn

from ocireg.metadata import window
from ocireg.metadata.access_models import ApiToken, RegistryToken
from ocireg.metadata.database import Database
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class StoredApiToken:
    """An API token. Times are seconds since the epoch, UTC; ``expires_at`` None of one that does not."""

    id: str
    user: str
    description: str
    scopes: str
    networks: str
    created_at: float
    expires_at: float | None
    last_used_at: float | None


@dataclass(frozen=True, slots=True)
class StoredRegistryToken:
    """A registry token. Times are seconds since the epoch, UTC."""

    id: str
    registry: int
    description: str
    created_at: float
    last_used_at: float | None


_API = (
    ApiToken.id,
    ApiToken.user,
    ApiToken.description,
    ApiToken.scopes,
    ApiToken.networks,
    ApiToken.created_at,
    ApiToken.expires_at,
    ApiToken.last_used_at,
)
_REGISTRY = (
    RegistryToken.id,
    RegistryToken.registry,
    RegistryToken.description,
    RegistryToken.created_at,
    RegistryToken.last_used_at,
)


def api_token(database: Database, *, token: str = "", digest: str = "") -> StoredApiToken | None:
    """Return an API token by its identifier, or by the hash of its secret."""
    condition = ApiToken.id == token if token else ApiToken.hash == digest
    found = database.row(ApiToken.select(*_API).where(condition))
    return StoredApiToken(*found) if found else None


def registry_token(database: Database, *, token: str = "", digest: str = "") -> StoredRegistryToken | None:
    """Return a registry token by its identifier, or by the hash of its secret."""
    condition = RegistryToken.id == token if token else RegistryToken.hash == digest
    found = database.row(RegistryToken.select(*_REGISTRY).where(condition))
    return StoredRegistryToken(*found) if found else None


def api_tokens(database: Database, user: str) -> list[StoredApiToken]:
    """Return the API tokens of a user, the oldest first."""
    query = ApiToken.select(*_API).where(ApiToken.user == user).order_by(ApiToken.created_at, ApiToken.id)
    return [StoredApiToken(*row) for row in database.rows(query)]


def registry_tokens(database: Database, registry: int) -> list[StoredRegistryToken]:
    """Return the tokens of a registry, the oldest first."""
    query = RegistryToken.select(*_REGISTRY).where(RegistryToken.registry == registry)
    return [StoredRegistryToken(*row) for row in database.rows(query.order_by(RegistryToken.created_at))]


def api_tokens_page(database: Database, user: str, which: Window) -> list[StoredApiToken]:
    """Return a window of the API tokens of a user, by identifier."""
    query = ApiToken.select(*_API).where(ApiToken.user == user)
    return [StoredApiToken(*row) for row in window.rows(database, query, which, ApiToken.id)]


def registry_tokens_page(database: Database, registry: int, which: Window) -> list[StoredRegistryToken]:
    """Return a window of the tokens of a registry, by identifier."""
    query = RegistryToken.select(*_REGISTRY).where(RegistryToken.registry == registry)
    return [StoredRegistryToken(*row) for row in window.rows(database, query, which, RegistryToken.id)]


def api_tokens_by_age(database: Database, user: str, which: Window) -> list[StoredApiToken]:
    """Return a window of the API tokens of a user, the newest first: by ``age_key``."""
    query = ApiToken.select(*_API).where(ApiToken.user == user)
    return [StoredApiToken(*row) for row in window.rows(database, query, which, _age(ApiToken), descending=True)]


def registry_tokens_by_age(database: Database, registry: int, which: Window) -> list[StoredRegistryToken]:
    """Return a window of the tokens of a registry, the newest first: by ``age_key``."""
    query = RegistryToken.select(*_REGISTRY).where(RegistryToken.registry == registry)
    found = window.rows(database, query, which, _age(RegistryToken), descending=True)
    return [StoredRegistryToken(*row) for row in found]


def age_key(token: StoredApiToken | StoredRegistryToken) -> str:
    """Return what a token is ordered by: its age in microseconds, and its identifier."""
    return f"{int(token.created_at * 1_000_000):020d}-{token.id}"


def _age(model: Any) -> Any:
    """Return ``age_key`` in SQL."""
    return fn.PRINTF("%020d-%s", (model.created_at * 1_000_000).cast("INTEGER"), model.id)


def add_api_token(
    database: Database,
    user: str,
    digest: str,
    *,
    description: str,
    scopes: str,
    networks: str = "",
    expires_at: float | None = None,
    identifier: str = "",
) -> str:
    """Keep a new API token; return its identifier. Inside a transaction."""
    new = identifier or secrets.token_hex(8)
    values = {"description": description, "scopes": scopes, "networks": networks, "expires_at": expires_at}
    database.run(ApiToken.insert(id=new, user=user, hash=digest, created_at=time.time(), **values))
    return new


def add_registry_token(database: Database, registry: int, digest: str, *, description: str) -> str:
    """Keep a new registry token; return its identifier. Inside a transaction."""
    new = secrets.token_hex(8)
    values = {"registry": registry, "hash": digest, "description": description, "created_at": time.time()}
    database.run(RegistryToken.insert(id=new, **values))
    return new


def remove_api_token(database: Database, token: str) -> bool:
    """Revoke an API token; say whether it was there. Inside a transaction."""
    return database.run(ApiToken.delete().where(ApiToken.id == token)) == 1


def remove_registry_token(database: Database, token: str) -> bool:
    """Revoke a registry token; say whether it was there. Inside a transaction."""
    return database.run(RegistryToken.delete().where(RegistryToken.id == token)) == 1


def touch_api_token(database: Database, token: str) -> None:
    """Note that it was used now. Inside a transaction."""
    database.run(ApiToken.update(last_used_at=time.time()).where(ApiToken.id == token))


def touch_registry_token(database: Database, token: str) -> None:
    """Note that it was used now. Inside a transaction."""
    database.run(RegistryToken.update(last_used_at=time.time()).where(RegistryToken.id == token))
