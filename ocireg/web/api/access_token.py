"""What the caller has shown, said back, and revoked."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth import desk
from ocireg.auth.access import Action
from ocireg.auth.login import Login
from ocireg.auth.manage.errors import Conflict
from ocireg.metadata import credentials
from ocireg.metadata.registries import StoredRegistry
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import KNOWN

noun = Noun("Access token", "The credential that the request itself shows.")

KINDS = {
    "user": "password",
    "api": "API token",
    "registry": "registry token",
    "temporary": "temporary token",
    "oidc": "OIDC",
}


class AccessToken(Strict):
    """A credential, without its secret."""

    kind = fields.one_of(KINDS.values(), "API token")
    id = base.String(allow_none=True, metadata={"example": "0123456789abcdef", "description": "null: it has none."})
    description = base.String(metadata={"example": "laptop"})
    name = base.String(metadata={"example": "ada", "description": "Whose it is."})
    scopes = base.List(base.String(), metadata={"example": ["read_packages"]})
    networks = base.String(metadata={"example": "192.0.2.0/24", "description": "Where it is good; empty: everywhere."})
    registry = base.String(allow_none=True, metadata={"description": "The one it is for; null: all its owner reaches."})
    expires_at = fields.time(allow_none=True)


class NewTemporaryToken(Strict):
    """What a temporary token is to be for."""

    registry = base.String(required=True, metadata={"example": "acme/containers", "description": "Or ``root``."})


class TemporaryToken(Strict):
    """A temporary token: its secret is shown now, and never again."""

    secret = base.String(required=True, metadata={"description": "What ``docker login`` takes."})
    expires_in = base.Integer(required=True, metadata={"example": 600, "description": "Seconds, at most."})


@noun.operation("GET", "/access-token", KNOWN, answer=AccessToken)
def show_access_token(asked: Asked) -> dict[str, Any]:
    """Say what the credential of this very request is, and what it lets do."""
    actor, (kind, identifier) = asked.caller.actor, _shown(asked)
    view = asked.context.roster.now()
    bound = view.registry_by_id(actor.bound_to) if actor.bound_to is not None else None
    return {
        "kind": KINDS[kind],
        "id": identifier,
        "description": _description(asked, kind, identifier),
        "name": actor.name,
        "scopes": sorted(actor.scopes),
        "networks": str(actor.networks),
        "registry": (bound.path or "root") if bound else None,
        "expires_at": actor.expires_at,
    }


@noun.operation(
    "POST",
    "/access-token/temporary",
    KNOWN,
    body=NewTemporaryToken,
    answer=TemporaryToken,
    status=201,
    changes=False,
    conflicts=True,
)
def create_temporary_token(asked: Asked, body: dict[str, str]) -> Any:
    """Make a token that pulls from one registry, for some minutes, as long as the credential of this request is good.

    A temporary token makes no other.
    """
    registry = _registry(asked, body["registry"])
    reference = asked.caller.reference
    assert reference is not None, "the door lets in nobody without a credential"
    if reference[0] == "temporary":
        raise Conflict("token", "a temporary token makes no other")
    secret = desk.temporary(asked.context.roster.now(), Login(asked.caller.actor, reference), registry.id)
    made = {"secret": secret, "expires_in": int(desk.TEMPORARY_LIFE)}
    return made, 201, {"Cache-Control": "no-store"}


def _registry(asked: Asked, path: str) -> StoredRegistry:
    """Return a registry that may be pulled from; else what whoever asks for it by its path is answered."""
    organization, _, slug = path.partition("/")
    found, place = doors.registry(asked, {} if path == "root" else {"organization": organization, "registry": slug})
    doors.decide(asked.caller.actor, Action.PULL, place)
    return found.registry


@noun.operation("DELETE", "/access-token", KNOWN, conflicts=True)
def revoke_access_token(asked: Asked) -> None:
    """Revoke the token of this very request, whatever its scopes. A password and what a CI service issued cannot be."""
    kind, identifier = _shown(asked)
    tokens = asked.manager.tokens
    if kind == "api" and identifier:
        tokens.revoke(asked.author, identifier)
    elif kind == "registry" and identifier and asked.caller.actor.bound_to is not None:
        registry = asked.context.roster.now().registry_by_id(asked.caller.actor.bound_to)
        tokens.revoke_for_registry(asked.author, (registry.path if registry else "") or "root", identifier)
    else:
        raise Conflict("token", f"a credential of this kind cannot be revoked: {KINDS[kind]}")


def _shown(asked: Asked) -> tuple[str, str | None]:
    reference = asked.caller.reference
    assert reference is not None, "the door lets in nobody without a credential"
    kind = str(reference[0])
    return kind, str(reference[1]) if kind in {"api", "registry"} else None


def _description(asked: Asked, kind: str, identifier: str | None) -> str:
    database = asked.context.database
    if kind == "api" and identifier and (token := credentials.api_token(database, token=identifier)):
        return token.description
    if kind == "registry" and identifier and (other := credentials.registry_token(database, token=identifier)):
        return other.description
    return ""
