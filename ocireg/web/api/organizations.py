"""Organizations and their members."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth import access
from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.scopes import ROLES
from ocireg.metadata import memberships, organizations
from ocireg.metadata.memberships import Standing
from ocireg.metadata.organizations import StoredOrganization
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import KNOWN, Door

noun = Noun("Organizations", "An organization owns registries. Its members may read them, its admins do anything.")

READ = Door(Action.READ_ORGANIZATION, doors.organization)
MANAGE = Door(Action.MANAGE_ORGANIZATION, doors.organization)


class Organization(Strict):
    """An organization."""

    slug = fields.slug("acme", required=True)
    name = fields.line("name", "Acme Corporation", required=True)
    created_at = fields.time()


class NewOrganization(Strict):
    """An organization to be made."""

    slug = fields.slug("acme", required=True)
    name = fields.line("name", "Acme Corporation")
    first_admin = fields.user()


class OrganizationChange(Strict):
    """What can be changed of an organization."""

    name = fields.line("name", "Acme Corporation", empty=False)


class Member(Strict):
    """Somebody who belongs to an organization."""

    user = fields.user(required=True)
    role = fields.one_of(ROLES, "member", required=True)


class Role(Strict):
    """The role of a member."""

    role = fields.one_of(ROLES, "member", required=True)


class OrganizationsQuery(PageQuery):
    """Which organizations are listed."""

    search = base.String(
        validate=validate.Length(1, 100), metadata={"example": "ac", "description": "What slugs or names have in them."}
    )


@noun.operation("GET", "/organizations", KNOWN, query=OrganizationsQuery, answer=Organization(many=True))
def list_organizations(asked: Asked, query: dict[str, Any]) -> Any:
    """List the organizations that the caller may read, by slug."""
    reach = access.reach(asked.caller.actor, Action.READ_ORGANIZATION, root=True)
    within = None if reach.everything else reach.organizations
    if reach.bound_to is not None:  # a credential for one registry is for no organization
        within = frozenset()
    search = query.get("search", "")
    return page(
        query, lambda window: organizations.listed(asked.context.database, window, within, search), lambda one: one.slug
    )


@noun.operation(
    "POST",
    "/organizations",
    Door(Action.MANAGE_INSTANCE),
    body=NewOrganization,
    answer=Organization,
    status=201,
    conflicts=True,
)
def create_organization(asked: Asked, body: dict[str, str]) -> Any:
    """Make an organization."""
    first = body.get("first_admin", "")
    made = asked.manager.organizations.create(asked.author, body["slug"], body.get("name", ""), admin=first)
    return made, 201, {"Location": f"/api/v1/organizations/{made.slug}"}


@noun.operation("GET", "/organizations/<organization>", READ, answer=Organization)
def show_organization(asked: Asked) -> StoredOrganization:
    """Show an organization."""
    return asked.manager.organizations.get(asked.organization.slug)


@noun.operation("PATCH", "/organizations/<organization>", MANAGE, body=OrganizationChange, answer=Organization)
def change_organization(asked: Asked, body: dict[str, str]) -> StoredOrganization:
    """Change the name that people see; the slug stays."""
    if "name" in body:
        asked.manager.organizations.rename(asked.author, asked.organization.slug, body["name"])
    return asked.manager.organizations.get(asked.organization.slug)


@noun.operation("DELETE", "/organizations/<organization>", MANAGE, conflicts=True)
def delete_organization(asked: Asked) -> None:
    """Delete an organization that has no registries any more."""
    asked.manager.organizations.delete(asked.author, asked.organization.slug)


@noun.operation("GET", "/organizations/<organization>/members", READ, query=PageQuery, answer=Member(many=True))
def list_members(asked: Asked, query: dict[str, Any]) -> Any:
    """List the members, by name."""
    of = asked.organization.id
    found = page(
        query, lambda window: memberships.members_page(asked.context.database, of, window), lambda one: one.user
    )
    return [_member(one) for one in found[0]], found[1]


@noun.operation("GET", "/organizations/<organization>/members/<user>", READ, answer=Member)
def show_member(asked: Asked, user: str) -> dict[str, str]:
    """Show the role of a member."""
    for one in asked.manager.organizations.members(asked.organization.slug):
        if one.user == user:
            return _member(one)
    raise Unknown("user", f"{user} does not belong to {asked.organization.slug}")


@noun.operation("PUT", "/organizations/<organization>/members/<user>", MANAGE, body=Role, answer=Member)
def set_member(asked: Asked, body: dict[str, str], user: str) -> dict[str, str]:
    """Let a user belong to an organization, or have another role in it."""
    asked.manager.organizations.enrol(asked.author, asked.organization.slug, user, body["role"])
    return {"user": user, "role": body["role"]}


@noun.operation("DELETE", "/organizations/<organization>/members/<user>", MANAGE)
def remove_member(asked: Asked, user: str) -> None:
    """Let a user no longer belong to an organization."""
    asked.manager.organizations.dismiss(asked.author, asked.organization.slug, user)


def _member(found: Standing) -> dict[str, str]:
    return {"user": found.user, "role": found.standing}
