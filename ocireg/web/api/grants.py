"""Levels of users on registries."""

from typing import Any

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.scopes import LEVELS
from ocireg.metadata import memberships
from ocireg.metadata.memberships import Standing
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

noun = Noun(
    "Grants",
    "A grant lets a user read, write or administer one registry. Of it and a role in the organization the higher "
    "counts.",
)

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)


class Level(Strict):
    """What a user may do: each level includes those before it."""

    level = fields.one_of(LEVELS, "write", required=True)


class Grant(Level):
    """The level of a user on a registry."""

    user = fields.user(required=True)


@noun.operation("GET", f"{A_REGISTRY}/grants", READ, query=PageQuery, answer=Grant(many=True))
def list_grants(asked: Asked, query: dict[str, Any]) -> Any:
    """List whom levels were granted to, by name."""
    of = asked.registry.id
    items, links = page(
        query, lambda window: memberships.granted_page(asked.context.database, of, window), lambda one: one.user
    )
    return [_grant(one) for one in items], links


@noun.operation("GET", f"{A_REGISTRY}/grants/<user>", READ, answer=Grant)
def show_grant(asked: Asked, user: str) -> dict[str, str]:
    """Show the level that was granted to a user."""
    for one in asked.manager.registries.grants(asked.path):
        if one.user == user:
            return _grant(one)
    raise Unknown("user", f"{user} was granted nothing on {asked.path}")


@noun.operation("PUT", f"{A_REGISTRY}/grants/<user>", MANAGE, body=Level, answer=Grant)
def set_grant(asked: Asked, body: dict[str, str], user: str) -> dict[str, str]:
    """Let a user have a level on a registry, in place of the one before."""
    asked.manager.registries.grant(asked.author, asked.path, user, body["level"])
    return {"user": user, "level": body["level"]}


@noun.operation("DELETE", f"{A_REGISTRY}/grants/<user>", MANAGE)
def remove_grant(asked: Asked, user: str) -> None:
    """Take a user's level on a registry away."""
    asked.manager.registries.withdraw(asked.author, asked.path, user)


def _grant(found: Standing) -> dict[str, str]:
    return {"user": found.user, "level": found.standing}
