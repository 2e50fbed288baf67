"""Packages: manifests as people count them, of whatever repository of a registry."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import downloads, packages
from ocireg.metadata.downloads import KEPT, DayCount
from ocireg.metadata.packages import StoredPackage
from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from ocireg.web import client, doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Count, Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.api.registries import RegistryPart, shown_part
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import links

noun = Noun("Packages", "A package is a manifest: an image for one platform, an index, a chart, a signature.")

READ = Door(Action.PULL, doors.registry)


class OrganizationPart(Strict):
    """The organization that something is of."""

    slug = base.String(metadata={"example": "acme"})


class Digests(Strict):
    """The digests of the manifest; a list has the one that it was pushed by, and null for the other."""

    sha256 = base.String(allow_none=True)
    sha512 = base.String(allow_none=True)


class Package(Strict):
    """A package. A list leaves out what is long: ``metadata`` of more than 8,192 characters is null there."""

    id = base.String(metadata={"example": "42-0123456789abcdef", "description": "No other package ever has it."})
    url = base.String(metadata={"description": "Where it is in this API."})
    web_url = base.String(metadata={"description": "The page of it."})
    name = base.String(metadata={"example": "acme/containers/web/api"})
    version = base.String(metadata={"example": "1.0", "description": "Its tags, or its digest if it has none."})
    tags = base.List(base.String(), metadata={"example": ["1.0", "latest"], "description": "The first 100."})
    created_at = fields.time()
    pushed_by = fields.pusher()
    pulled_at = fields.time(allow_none=True)
    downloads = fields.downloads()
    digests = base.Nested(Digests)
    size = base.Integer(
        metadata={"description": "Bytes, with all it refers to, each digest once; less where that is thousands."}
    )
    media_type = base.String(metadata={"example": "application/vnd.oci.image.manifest.v1+json"})
    artifact_type = base.String(allow_none=True)
    organization = base.Nested(OrganizationPart, allow_none=True)
    registry = base.Nested(RegistryPart)
    metadata = base.Dict(
        keys=base.String(), values=base.String(), allow_none=True, metadata={"description": "Its annotations."}
    )


class PackagesQuery(PageQuery):
    """Which packages are listed."""

    name = fields.repository()
    untagged = fields.Switch(
        metadata={"description": "Those alone that nothing leads to: no tag, no index of theirs, no subject."}
    )


class DaysQuery(Strict):
    """How many days are told."""

    days = Count(
        load_default=30,
        validate=validate.Range(1, KEPT),
        metadata={"query": True, "description": "The last days, today's among them (of UTC).", "example": 30},
    )


class Day(Strict):
    """The downloads of a day."""

    day = base.Date(metadata={"example": "2026-05-01"})
    count = base.Integer()


@noun.operation("GET", f"{A_REGISTRY}/packages", READ, query=PackagesQuery, answer=Package(many=True))
def list_packages(asked: Asked, query: dict[str, Any]) -> Any:
    """List the packages of a registry, the newest first."""
    database, of, name, untagged = asked.context.database, asked.registry.id, query.get("name"), query.get("untagged")

    def find(window: Window) -> list[StoredPackage]:
        return packages.listed(database, of, window, name=name, untagged=bool(untagged))

    items, links = page(query, find, lambda one: one.id, packages.row_of)
    return [_shown(asked, one) for one in items], links


@noun.operation("GET", f"{A_REGISTRY}/packages/<package>", READ, answer=Package)
def show_package(asked: Asked, package: str) -> dict[str, Any]:
    """Show a package."""
    found = find(asked, package)
    content = asked.context.registry.manifests.get(found.repository, Digest.parse(found.digest)).content
    both = {name: str(Digest.of(content, name)) for name in ("sha256", "sha512")}
    return {**_shown(asked, found), "digests": both}


@noun.operation("GET", f"{A_REGISTRY}/packages/<package>/downloads", READ, query=DaysQuery, answer=Day(many=True))
def list_package_downloads(asked: Asked, query: dict[str, int], package: str) -> list[DayCount]:
    """List how often a package was pulled on each of the last days, today's last."""
    return downloads.of_manifest(asked.context.database, find(asked, package).row, query["days"])


@noun.operation("DELETE", f"{A_REGISTRY}/packages/<package>", Door(Action.DELETE, doors.registry))
def delete_package(asked: Asked, package: str) -> None:
    """Delete a package, and every tag that points at it."""
    found = find(asked, package)
    asked.context.registry.manifests.delete(found.repository, Digest.parse(found.digest), asked.author)


def find(asked: Asked, package: str) -> StoredPackage:
    """Return the package of a path. 404."""
    found = packages.find(asked.context.database, asked.registry.id, package)
    if found is None:
        raise Unknown("package", f"{asked.path} has no package {package!r}")
    return found


def _shown(asked: Asked, found: StoredPackage) -> dict[str, Any]:
    base_url = client.base_url(asked.context.settings)
    algorithm = found.digest.partition(":")[0]
    return {
        "id": found.id,
        "url": f"{base_url}/api/v1/registries/{asked.path}/packages/{found.id}",
        "web_url": f"{base_url}{links.version(found.repository, found.digest)}",
        "name": found.repository,
        "version": ", ".join(found.tags) or found.digest,
        "tags": found.tags,
        "created_at": found.pushed_at,
        "pushed_by": found.pushed_by,
        "pulled_at": found.pulled_at,
        "downloads": found.downloads,
        "digests": {"sha256": None, "sha512": None, algorithm: found.digest},
        "size": found.total_size,
        "media_type": found.media_type,
        "artifact_type": found.artifact_type,
        "organization": {"slug": asked.registry.organization_slug} if asked.registry.organization_slug else None,
        "registry": shown_part(asked.registry),
        "metadata": found.annotations,
    }
