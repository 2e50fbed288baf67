"""Tokens of registries: secrets that read one private registry."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Conflict
from ocireg.metadata import credentials
from ocireg.metadata.credentials import StoredRegistryToken
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.registry_tokens import of_registry

noun = Noun("Registry tokens", "A token of a private registry reads it, and is made for machines that pull.")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)


class RegistryToken(Strict):
    """A token of a registry; its secret is known to nobody here."""

    id = base.String(metadata={"example": "0123456789abcdef"})
    description = base.String(metadata={"example": "the cluster"})
    created_at = fields.time()
    last_used_at = fields.time(allow_none=True)


class NewRegistryToken(Strict):
    """A token to be made."""

    description = fields.line("description", "the cluster")


class MadeToken(Strict):
    """A token that was just made: its secret is shown now, and never again."""

    id = base.String(required=True, metadata={"example": "0123456789abcdef"})
    secret = base.String(required=True, metadata={"description": "To be kept: it is shown this once."})


@noun.operation("GET", f"{A_REGISTRY}/tokens", READ, query=PageQuery, answer=RegistryToken(many=True))
def list_registry_tokens(asked: Asked, query: dict[str, Any]) -> Any:
    """List the tokens of a registry, by identifier."""
    of = asked.registry.id
    return page(
        query,
        lambda window: credentials.registry_tokens_page(asked.context.database, of, window),
        lambda one: one.id,
    )


@noun.operation(
    "POST", f"{A_REGISTRY}/tokens", MANAGE, body=NewRegistryToken, answer=MadeToken, status=201, conflicts=True
)
def create_registry_token(asked: Asked, body: dict[str, str]) -> Any:
    """Make a token that reads a private registry. A public one needs none, and has none."""
    if asked.registry.public:
        raise Conflict("registry", f"{asked.path} is public: everybody may pull from it")
    made = asked.manager.tokens.create_for_registry(asked.author, asked.path, body.get("description", ""))
    return made, 201, {"Location": f"/api/v1/registries/{asked.path}/tokens/{made.id}", "Cache-Control": "no-store"}


@noun.operation("GET", f"{A_REGISTRY}/tokens/<token>", READ, answer=RegistryToken)
def show_registry_token(asked: Asked, token: str) -> StoredRegistryToken:
    """Show a token, but for its secret."""
    return of_registry(asked, token)


@noun.operation("DELETE", f"{A_REGISTRY}/tokens/<token>", MANAGE)
def revoke_registry_token(asked: Asked, token: str) -> None:
    """Revoke a token: it is good for nothing within two seconds."""
    asked.manager.tokens.revoke_for_registry(asked.author, asked.path, token)
