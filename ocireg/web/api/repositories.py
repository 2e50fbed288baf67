"""Repositories, their tags, and the history of these."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth import access
from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import downloads, holdings, immutability, tag_lists
from ocireg.metadata.downloads import DayCount
from ocireg.metadata.holdings import Holding
from ocireg.metadata.organizations import NOBODY
from ocireg.metadata.tag_lists import StoredTag, TagChange
from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from ocireg.web import doors, images
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.packages import Day, DaysQuery
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.api.registries import RegistryPart
from ocireg.web.asked import Asked
from ocireg.web.doors import EVERYBODY, Door

noun = Noun(
    "Repositories",
    "A repository is a full image name with its tags. A tag's history has all that it pointed at; while that is there, "
    "the tag can be restored.",
)

ONE = "/repositories/<repository:repository>"
TAGS = f"{ONE}/-/tags"
A_TAG = f"{TAGS}/<tag>"
READ = Door(Action.PULL, doors.repository)
WRITE = Door(Action.PUSH, doors.repository)
DELETE = Door(Action.DELETE, doors.repository)
REGISTRY = rf"^(?:root|{fields.SLUG[1:-1]}/{fields.SLUG[1:-1]})$"


class Repository(Strict):
    """A repository."""

    name = base.String(metadata={"example": "acme/containers/web/api"})
    registry = base.Nested(RegistryPart)
    size = base.Integer(metadata={"description": "Bytes of all it has, each once."})
    packages = base.Integer(metadata={"description": "How many manifests it has."})
    tags = base.Integer(metadata={"description": "How many tags it has."})
    created_at = fields.time()
    pushed_at = fields.time()
    downloads = fields.downloads()


class Tag(Strict):
    """A tag."""

    name = base.String(metadata={"example": "1.0"})
    digest = base.String(metadata={"example": "sha256:" + "0123456789abcdef" * 4})
    media_type = base.String(metadata={"example": "application/vnd.oci.image.index.v1+json"})
    size = base.Integer(
        metadata={"description": "Bytes, with all that is referred to, each digest once; less where that is thousands."}
    )
    pushed_at = fields.time()
    pushed_by = fields.pusher()
    pulled_at = fields.time(allow_none=True)
    downloads = fields.downloads()
    immutable = base.Boolean(metadata={"description": "Whether a rule lets it neither be moved nor deleted."})


class TagEvent(Strict):
    """What a tag pointed at from then on; a digest of null: it was deleted."""

    id = base.String(metadata={"example": "7"})
    name = base.String(metadata={"example": "1.0"})
    digest = base.String(allow_none=True)
    at = fields.time()
    by = base.String(metadata={"example": "ada", "description": "Who did it; empty: nobody knows any more."})
    present = base.Boolean(metadata={"description": "Whether that is still there, so that the tag can be restored."})


class RepositoriesQuery(PageQuery):
    """Which repositories are listed."""

    registry = fields.matching(REGISTRY, "acme/containers", longest=127)
    prefix = base.String(
        validate=validate.Length(1, 255), metadata={"example": "acme/", "description": "What names begin with."}
    )
    search = fields.search("api", "the name")


class TagsQuery(PageQuery):
    """Which tags are listed."""

    search = fields.search("1.0", "the name")
    order = fields.one_of(("name", "newest"), "newest", load_default="name")


class Move(Strict):
    """The new name."""

    to = fields.repository("acme/containers/web/server", required=True)


class Restore(Strict):
    """What the tag is to point at again."""

    digest = fields.digest(required=True)


@noun.operation("GET", "/repositories", EVERYBODY, query=RepositoriesQuery, answer=Repository(many=True))
def list_repositories(asked: Asked, query: dict[str, Any]) -> Any:
    """List the repositories that the caller may pull from and that hold something, by name."""
    reach = access.reach(asked.caller.actor, root=asked.context.settings.root_registry)
    registry = _registry(asked, query["registry"]) if "registry" in query else None
    prefix, search = query.get("prefix", ""), query.get("search", "")

    def find(window: Window) -> list[Holding]:
        database = asked.context.database
        return holdings.listed(database, window, reach, registry=registry, prefix=prefix, search=search)

    items, links = page(query, find, lambda one: one.name)
    return [_shown(one) for one in items], links


@noun.operation("GET", ONE, READ, answer=Repository)
def show_repository(asked: Asked) -> dict[str, Any]:
    """Show a repository."""
    return _shown(images.holding(asked))


@noun.operation("POST", f"{ONE}/-/move", DELETE, body=Move, answer=Repository, conflicts=True)
def move_repository(asked: Asked, body: dict[str, str]) -> dict[str, Any]:
    """Give a repository another name, and so perhaps another registry: a delete there, and a push here."""
    return _shown(images.move(asked, body["to"]))


@noun.operation("DELETE", ONE, DELETE)
def delete_repository(asked: Asked) -> None:
    """Delete a repository with all that is in it. Its bytes go later, where nothing else has them."""
    asked.manager.registries.delete_repository(asked.author, asked.repository)


@noun.operation("GET", f"{ONE}/-/downloads", READ, query=DaysQuery, answer=Day(many=True))
def list_repository_downloads(asked: Asked, query: dict[str, int]) -> list[DayCount]:
    """List how often a repository was pulled from on each of the last days, today's last."""
    return downloads.of_repository(asked.context.database, asked.repository, query["days"])


@noun.operation("GET", f"{ONE}/-/history", READ, query=PageQuery, answer=TagEvent(many=True))
def list_history(asked: Asked, query: dict[str, Any]) -> Any:
    """List what all tags of a repository pointed at, the newest first."""
    return _history(asked, query, None)


@noun.operation("GET", TAGS, READ, query=TagsQuery, answer=Tag(many=True))
def list_tags(asked: Asked, query: dict[str, Any]) -> Any:
    """List the tags of a repository, by name or those first that were pushed last."""
    newest, search = query["order"] == "newest", query.get("search", "")

    def find(window: Window) -> list[StoredTag]:
        return tag_lists.listed(asked.context.database, asked.repository, window, search=search, newest=newest)

    if newest:
        items, links = page(query, find, lambda one: one.place, tag_lists.place_of)
    else:
        items, links = page(query, find, lambda one: one.name)
    return _shown_tags(asked, items), links


@noun.operation("GET", A_TAG, READ, answer=Tag)
def show_tag(asked: Asked, tag: str) -> dict[str, Any]:
    """Show a tag."""
    found = tag_lists.find(asked.context.database, asked.repository, tag)
    if found is None:
        raise _no_tag(asked, tag)
    return _shown_tags(asked, [found])[0]


@noun.operation("DELETE", A_TAG, DELETE)
def delete_tag(asked: Asked, tag: str) -> None:
    """Delete a tag, and nothing that it points at: it can be restored."""
    show_tag(asked, tag)
    asked.context.registry.tags.delete(asked.repository, tag, asked.author)


@noun.operation("GET", f"{A_TAG}/history", READ, query=PageQuery, answer=TagEvent(many=True))
def list_tag_history(asked: Asked, query: dict[str, Any], tag: str) -> Any:
    """List what a tag pointed at, the newest first; also of a tag that is deleted."""
    return _history(asked, query, tag)


@noun.operation("POST", f"{A_TAG}/restore", WRITE, body=Restore, answer=Tag)
def restore_tag(asked: Asked, body: dict[str, str], tag: str) -> dict[str, Any]:
    """Let a tag point again at what it pointed at before, where that is still there."""
    digest = Digest.parse(body["digest"])
    asked.context.registry.tags.restore(asked.repository, tag, digest, asked.author)
    return show_tag(asked, tag)


def _shown_tags(asked: Asked, found: Sequence[StoredTag]) -> list[dict[str, Any]]:
    """Return tags as answers have them."""
    bound = immutability.among(asked.context.database, asked.repository, [one.name for one in found])
    return [{**asdict(one), "immutable": one.name in bound} for one in found]


def _history(asked: Asked, query: dict[str, Any], tag: str | None) -> Any:
    def find(window: Window) -> list[TagChange]:
        return tag_lists.history(asked.context.database, asked.repository, window, name=tag)

    return page(query, find, lambda one: str(one.id), _number)


def _registry(asked: Asked, path: str) -> int:
    """Return the registry of a filter; one that is not there has nothing, as one that is hidden shows nothing."""
    view = asked.context.roster.now()
    organization, _, slug = path.partition("/")
    found = view.root() if path == "root" else view.registry(organization, slug)
    return found.id if found else NOBODY


def _no_tag(asked: Asked, tag: str) -> Unknown:
    return Unknown("tag", f"{asked.repository} has no tag {tag!r}")


def _number(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18 else 0


def _shown(found: Holding) -> dict[str, Any]:
    visibility = "public" if found.public else "private"
    return {
        "name": found.name,
        "registry": {"path": found.registry_path, "name": found.registry_name, "visibility": visibility},
        "size": found.size,
        "packages": found.packages,
        "tags": found.tags,
        "created_at": found.created_at,
        "pushed_at": found.pushed_at,
        "downloads": found.downloads,
    }
