"""The caller's own account: who they are, their password, their API tokens."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.metadata import credentials
from ocireg.metadata.credentials import StoredApiToken
from ocireg.web.accounts import own, own_token
from ocireg.web.api import fields
from ocireg.web.api.fields import Count, Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.api.tokens import MadeToken
from ocireg.web.api.users import User, shown
from ocireg.web.asked import Asked
from ocireg.web.doors import KNOWN, WHOLE

noun = Noun(
    "Account",
    "The caller's own account. What could make more of a credential than it is (a password, tokens) takes a password, "
    "or a token with every scope, without networks and without an end.",
)

TEN_YEARS = 10 * 366 * 86400


class Membership(Strict):
    """An organization, and the role in it."""

    organization = base.String(metadata={"example": "acme"})
    role = base.String(metadata={"example": "member"})


class Account(User):
    """The caller."""

    organizations = base.List(base.Nested(Membership))


class AccountChange(Strict):
    """What one can change of oneself: the password, and nothing else."""

    password = fields.password(required=True)


class ApiToken(Strict):
    """An API token; its secret is known to nobody here."""

    id = base.String(metadata={"example": "0123456789abcdef"})
    description = base.String(metadata={"example": "laptop"})
    scopes = base.List(base.String(), metadata={"example": ["read_packages"]})
    networks = base.String(metadata={"example": "192.0.2.0/24", "description": "Where it is good; empty: everywhere."})
    created_at = fields.time()
    expires_at = fields.time(allow_none=True)
    last_used_at = fields.time(allow_none=True)


class NewApiToken(Strict):
    """A token to be made."""

    description = fields.line("description", "laptop")
    scopes = fields.scopes(required=True)
    networks = base.String(
        validate=validate.Length(0, 1000), metadata={"example": "192.0.2.0/24, 2001:db8::/32", "format": "networks"}
    )
    expires_in = Count(
        allow_none=True,
        validate=validate.Range(1, TEN_YEARS),
        metadata={"example": 86400, "description": "Seconds that it lives; null: until it is revoked."},
    )


@noun.operation("GET", "/user", KNOWN, answer=Account)
def show_account(asked: Asked) -> dict[str, Any]:
    """Show who the caller is."""
    found = own(asked)
    held = asked.manager.users.organizations(found.name)
    return {**shown(found), "organizations": [{"organization": one, "role": role} for one, role in held]}


@noun.operation("PATCH", "/user", WHOLE, body=AccountChange, answer=Account)
def change_password(asked: Asked, body: dict[str, str]) -> dict[str, Any]:
    """Replace the caller's password: every login by the former one ends, and tokens stay."""
    asked.manager.users.set_password(asked.author, own(asked).name, body["password"])
    return show_account(asked)


@noun.operation("GET", "/user/tokens", WHOLE, query=PageQuery, answer=ApiToken(many=True))
def list_tokens(asked: Asked, query: dict[str, Any]) -> Any:
    """List the caller's API tokens, by identifier."""
    of = own(asked).id
    items, links = page(
        query, lambda window: credentials.api_tokens_page(asked.context.database, of, window), lambda one: one.id
    )
    return [shown_token(one) for one in items], links


@noun.operation("POST", "/user/tokens", WHOLE, body=NewApiToken, answer=MadeToken, status=201)
def create_token(asked: Asked, body: dict[str, Any]) -> Any:
    """Make an API token, which may what its scopes say and its user may."""
    made = asked.manager.tokens.create(
        asked.author,
        own(asked).name,
        scopes=body["scopes"],
        description=body.get("description", ""),
        networks=body.get("networks", ""),
        lifetime=body.get("expires_in"),
    )
    return made, 201, {"Location": f"/api/v1/user/tokens/{made.id}", "Cache-Control": "no-store"}


@noun.operation("GET", "/user/tokens/<token>", WHOLE, answer=ApiToken)
def show_token(asked: Asked, token: str) -> dict[str, Any]:
    """Show a token, but for its secret."""
    return shown_token(own_token(asked, token))


@noun.operation("DELETE", "/user/tokens/<token>", WHOLE)
def revoke_token(asked: Asked, token: str) -> None:
    """Revoke a token: it is good for nothing within two seconds."""
    asked.manager.tokens.revoke(asked.author, own_token(asked, token).id)


def shown_token(found: StoredApiToken) -> dict[str, Any]:
    """Return a token as answers have it."""
    return {
        "id": found.id,
        "description": found.description,
        "scopes": found.scopes.split(),
        "networks": found.networks,
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "last_used_at": found.last_used_at,
    }
