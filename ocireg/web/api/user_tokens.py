"""API tokens of users, for whoever administers the instance and has all their rights: a token is its user."""

from typing import Any

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import credentials
from ocireg.metadata.credentials import StoredApiToken
from ocireg.web.api.account import ApiToken, NewApiToken, shown_token
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.api.tokens import MadeToken
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

noun = Noun("User tokens", "API tokens of other users. It takes all the rights of whoever administers the instance.")

MANAGE = Door(Action.MANAGE_INSTANCE, whole=True)
TOKENS = "/users/<user>/tokens"


@noun.operation("GET", TOKENS, MANAGE, query=PageQuery, answer=ApiToken(many=True))
def list_user_tokens(asked: Asked, query: dict[str, Any], user: str) -> Any:
    """List the API tokens of a user, by identifier."""
    of = asked.manager.users.get(user).id
    items, links = page(
        query, lambda window: credentials.api_tokens_page(asked.context.database, of, window), lambda one: one.id
    )
    return [shown_token(one) for one in items], links


@noun.operation("POST", TOKENS, MANAGE, body=NewApiToken, answer=MadeToken, status=201)
def create_user_token(asked: Asked, body: dict[str, Any], user: str) -> Any:
    """Make an API token of a user, for a machine that is one."""
    made = asked.manager.tokens.create(
        asked.author,
        user,
        scopes=body["scopes"],
        description=body.get("description", ""),
        networks=body.get("networks", ""),
        lifetime=body.get("expires_in"),
    )
    return made, 201, {"Location": f"/api/v1/users/{user}/tokens/{made.id}", "Cache-Control": "no-store"}


@noun.operation("GET", f"{TOKENS}/<token>", MANAGE, answer=ApiToken)
def show_user_token(asked: Asked, user: str, token: str) -> dict[str, Any]:
    """Show a token of a user, but for its secret."""
    return shown_token(_of(asked, user, token))


@noun.operation("DELETE", f"{TOKENS}/<token>", MANAGE)
def revoke_user_token(asked: Asked, user: str, token: str) -> None:
    """Revoke a token of a user: it is good for nothing within two seconds."""
    asked.manager.tokens.revoke(asked.author, _of(asked, user, token).id)


def _of(asked: Asked, user: str, token: str) -> StoredApiToken:
    found = credentials.api_token(asked.context.database, token=token)
    if found is None or found.user != asked.manager.users.get(user).id:
        raise Unknown("token", f"{user} has no API token {token!r}")
    return found
