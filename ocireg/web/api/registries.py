"""Registries."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth import access
from ocireg.auth.access import Action
from ocireg.auth.manage import values
from ocireg.auth.manage.errors import Conflict
from ocireg.metadata import overviews, registries
from ocireg.metadata.organizations import NOBODY
from ocireg.metadata.overviews import RegistryOverview
from ocireg.metadata.registries import StoredRegistry
from ocireg.metadata.window import Window
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import EVERYBODY, Door

noun = Noun(
    "Registries",
    "A registry is a collection of repositories, of an organization; the root registry belongs to none, and has what "
    "no organization claims.",
)


class RegistryPart(Strict):
    """The registry that something is of."""

    path = base.String(metadata={"example": "acme/containers", "description": "ORGANIZATION/REGISTRY, or root."})
    name = base.String(metadata={"example": "Containers"})
    visibility = fields.one_of(values.VISIBILITIES, "private")


class Registry(RegistryPart):
    """A registry."""

    organization = base.String(allow_none=True, metadata={"example": "acme", "description": "null: the root registry."})
    slug = base.String(metadata={"example": "containers"})
    description = base.String(metadata={"example": "What we run."})
    emoji = base.String(metadata={"example": "📦"})
    colour = base.String(metadata={"example": "#1f6feb"})
    oidc = base.Boolean(metadata={"description": "Whether there is an OIDC policy."})
    created_at = fields.time()
    images = base.Integer(metadata={"example": 3, "description": "How many repositories hold something."})
    pushed_at = fields.time(allow_none=True)
    downloads = fields.downloads()


class RegistryChange(Strict):
    """What can be changed of a registry."""

    name = fields.line("name", "Containers", empty=False)
    description = fields.line("description", "What we run.")
    emoji = fields.emoji()
    colour = fields.colour()
    visibility = fields.one_of(values.VISIBILITIES, "private")


class NewRegistry(RegistryChange):
    """A registry to be made. Without a slug it gets that of its name; it is private, where nothing is said."""

    name = fields.line("name", "Containers", empty=False, required=True)
    slug = fields.slug("containers")


class RegistriesQuery(PageQuery):
    """Which registries are listed."""

    organization = fields.slug("acme")
    search = fields.search("contain", "the name or the path")


class DeleteQuery(Strict):
    """How a registry is deleted."""

    contents = fields.Switch(metadata={"description": "With all its repositories, where it is not empty."})


@noun.operation("GET", "/registries", EVERYBODY, query=RegistriesQuery, answer=Registry(many=True))
def list_registries(asked: Asked, query: dict[str, Any]) -> Any:
    """List the registries that the caller may read, the root registry first and then by path."""
    actor, owner = asked.caller.actor, None
    if slug := query.get("organization"):
        found = asked.context.roster.now().organization(slug)
        owner = found.id if found else NOBODY  # after the same work as of one that is hidden
    reach = access.reach(actor, Action.READ_REGISTRY, root=asked.context.settings.root_registry)
    search = query.get("search", "")

    def find(window: Window) -> list[StoredRegistry]:
        return registries.listed(asked.context.database, window, reach, owner, search)

    items, links = page(query, find, _path, _key)
    return [_shown(one) for one in overviews.of(asked.context.database, items)], links


@noun.operation(
    "POST",
    "/organizations/<organization>/registries",
    Door(Action.CREATE_REGISTRY, doors.organization),
    body=NewRegistry,
    answer=Registry,
    status=201,
    conflicts=True,
)
def create_registry(asked: Asked, body: dict[str, str]) -> Any:
    """Make a registry."""
    slug = body.pop("slug", "") or values.slug_of(body["name"])
    made = asked.manager.registries.create(asked.author, f"{asked.organization.slug}/{slug}", **body)
    return shown(asked, made), 201, {"Location": f"/api/v1/registries/{made.path}"}


@noun.operation("GET", A_REGISTRY, Door(Action.READ_REGISTRY, doors.registry), answer=Registry)
def show_registry(asked: Asked) -> dict[str, Any]:
    """Show a registry."""
    return shown(asked, asked.manager.registries.get(asked.path))


@noun.operation("PATCH", A_REGISTRY, Door(Action.MANAGE_REGISTRY, doors.registry), body=RegistryChange, answer=Registry)
def change_registry(asked: Asked, body: dict[str, str]) -> dict[str, Any]:
    """Change a registry; its slug stays, since images are named by it."""
    return shown(asked, asked.manager.registries.change(asked.author, asked.path, **body))


@noun.operation("DELETE", A_REGISTRY, Door(Action.DELETE_REGISTRY, doors.registry), query=DeleteQuery, conflicts=True)
def delete_registry(asked: Asked, query: dict[str, bool]) -> None:
    """Delete a registry that is empty, or with all that it has. The root registry cannot be deleted."""
    if asked.registry.organization is None:
        raise Conflict("registry", "the root registry cannot be deleted: OCIREG_ROOT_REGISTRY=false switches it off")
    asked.manager.registries.delete(asked.author, asked.path, contents=query.get("contents", False))


def shown(asked: Asked, found: StoredRegistry) -> dict[str, Any]:
    """Return a registry as answers have it."""
    return _shown(overviews.of(asked.context.database, [found])[0])


def _shown(overview: RegistryOverview) -> dict[str, Any]:
    found = overview.registry
    return {
        **shown_part(found),
        "organization": found.organization_slug or None,
        "slug": found.slug,
        "description": found.description,
        "emoji": found.emoji,
        "colour": found.colour,
        "oidc": bool(found.policy_id),
        "created_at": found.created_at,
        "images": overview.images,
        "pushed_at": overview.pushed_at,
        "downloads": overview.downloads,
    }


def shown_part(found: StoredRegistry) -> dict[str, Any]:
    """Return of a registry what others say of it."""
    return {"path": _path(found), "name": found.name, "visibility": "public" if found.public else "private"}


def _path(found: StoredRegistry) -> str:
    return found.path or "root"


def _key(cursor: str) -> str:
    return "" if cursor == "root" else cursor
