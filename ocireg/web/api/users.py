"""Users, for whoever administers the instance."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.metadata import users
from ocireg.metadata.users import StoredUser
from ocireg.web.api import fields
from ocireg.web.api.fields import Flag, Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import Door, require_whole

noun = Noun("Users", "Whoever logs in. Those who administer the instance make and change them.")

READ = Door(Action.READ_ORGANIZATION)  # of the instance: it takes an admin
MANAGE = Door(Action.MANAGE_INSTANCE)


class User(Strict):
    """A user."""

    name = fields.user()
    admin = base.Boolean(metadata={"description": "Whether they administer the instance."})
    password = base.Boolean(metadata={"description": "Whether they have one: without, only tokens let them in."})
    created_at = fields.time()


class UserChange(Strict):
    """What can be changed of a user. A password of null is taken away. Both take all rights of an admin."""

    password = fields.password(allow_none=True)
    admin = Flag()


class NewUser(Strict):
    """A user to be made. ``admin`` takes all rights of an admin."""

    name = fields.user(required=True)
    password = fields.password()
    admin = Flag()


class UsersQuery(PageQuery):
    """Which users are listed."""

    search = base.String(
        validate=validate.Length(1, 100), metadata={"example": "ad", "description": "What names have in them."}
    )


@noun.operation("GET", "/users", READ, query=UsersQuery, answer=User(many=True))
def list_users(asked: Asked, query: dict[str, Any]) -> Any:
    """List the users, by name."""
    search = query.get("search", "")
    items, links = page(
        query, lambda window: users.listed(asked.context.database, window, search), lambda one: one.name
    )
    return [shown(one) for one in items], links


@noun.operation("POST", "/users", MANAGE, body=NewUser, answer=User, status=201, conflicts=True)
def create_user(asked: Asked, body: dict[str, Any]) -> Any:
    """Make a user."""
    admin = body.get("admin", False)
    if admin:
        require_whole(asked.caller.actor)
    made = asked.manager.users.create(asked.author, body["name"], password=body.get("password"), admin=admin)
    return shown(made), 201, {"Location": f"/api/v1/users/{made.name}"}


@noun.operation("GET", "/users/<user>", READ, answer=User)
def show_user(asked: Asked, user: str) -> dict[str, Any]:
    """Show a user."""
    return shown(asked.manager.users.get(user))


@noun.operation("PATCH", "/users/<user>", MANAGE, body=UserChange, answer=User, conflicts=True)
def change_user(asked: Asked, body: dict[str, Any], user: str) -> dict[str, Any]:
    """Replace a user's password, which ends every login by the former one, or let them administer the instance."""
    if body:
        require_whole(asked.caller.actor)
    if "admin" in body:
        asked.manager.users.set_admin(asked.author, user, admin=body["admin"])
    if "password" in body:
        asked.manager.users.set_password(asked.author, user, body["password"])
    return shown(asked.manager.users.get(user))


@noun.operation("DELETE", "/users/<user>", MANAGE, conflicts=True)
def delete_user(asked: Asked, user: str) -> None:
    """Delete a user, with tokens, grants and memberships; not the last one who administers the instance."""
    asked.manager.users.delete(asked.author, user)


def shown(found: StoredUser) -> dict[str, Any]:
    """Return a user as answers have it: of the password, whether there is one."""
    return {
        "name": found.name,
        "admin": bool(found.admin),
        "password": found.password is not None,
        "created_at": found.created_at,
    }
