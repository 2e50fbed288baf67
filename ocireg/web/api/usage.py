"""What is in use, and what may be."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.auth.manage.quotas import MOST
from ocireg.metadata import usage
from ocireg.metadata.quotas import Allowance
from ocireg.web import doors, overview
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

noun = Noun(
    "Usage",
    "Bytes, and how many of what. What several repositories of a registry have counts once there, and what several "
    "registries have in each of them. What was deleted counts until it is collected. A push that would pass a quota is "
    "refused; from 85 per cent of one on, pushes are answered with a warning.",
)

LISTED = 100
"""Registries that an answer names at most, and repositories."""


class Usage(Strict):
    """What is in use."""

    size = base.Integer(metadata={"description": "Bytes of blobs and manifests, each blob once."})
    blobs = base.Integer()
    manifests = base.Integer()
    repositories = base.Integer(metadata={"description": "Those that hold a manifest."})
    uploads = base.Integer(metadata={"description": "Uploads under way."})
    upload_size = base.Integer(metadata={"description": "Bytes that these have brought so far."})


def _percent() -> base.Integer:
    return base.Integer(allow_none=True, metadata={"example": 42, "description": "Of the quota; null without one."})


class QuotaChange(Strict):
    """What may be used at most."""

    quota = fields.Count(
        required=True,
        allow_none=True,
        validate=validate.Range(0, MOST),
        metadata={"example": 10_000_000_000, "description": "Bytes; null is no limit."},
    )


class Quota(QuotaChange):
    """What may be used, and is."""

    size = base.Integer(metadata={"description": "Bytes in use."})
    percent = _percent()


class RegistrySize(Quota):
    """What a registry has in use."""

    path = base.String(metadata={"example": "acme/containers"})


class RepositorySize(Strict):
    """What a repository has in use. What it shares with others counts in each."""

    name = base.String(metadata={"example": "acme/containers/web"})
    size = base.Integer(metadata={"description": "Bytes."})


class OrganizationUsage(Quota):
    """What the registries of an organization have in use together: the sum of each."""

    registries = base.List(base.Nested(RegistrySize), metadata={"description": "The 100 that use most."})


class RegistryUsage(Usage):
    """What a registry has in use."""

    quota = base.Integer(allow_none=True, metadata={"description": "Bytes; null is no limit."})
    percent = _percent()
    largest = base.List(base.Nested(RepositorySize), metadata={"description": "The 100 that use most."})


class Disk(Strict):
    """A disk that pushes fill."""

    use = base.String(metadata={"example": "data", "description": "What is on it: data, or blobs."})
    free = base.Integer(metadata={"description": "Bytes."})
    size = base.Integer(metadata={"description": "Bytes."})


class InstanceUsage(Usage):
    """What the instance has in use. What registries share counts in each, and once in the whole."""

    users = base.Integer()
    administrators = base.Integer(metadata={"description": "Users who administer the instance."})
    organizations = base.Integer()
    registry_count = base.Integer(metadata={"description": "Registries, without the root registry."})
    version = base.String(metadata={"example": "0.1.0", "description": "Of the program."})
    store = base.String(metadata={"example": "s3://bucket/prefix", "description": "Where blobs are; no secrets."})
    disks = base.List(base.Nested(Disk))
    contents_entries = base.Integer(metadata={"description": "Files of images whose lists are kept."})

    registries = base.List(base.Nested(RegistrySize), metadata={"description": "The 100 that use most."})


@noun.operation("GET", "/usage", Door(Action.READ_ORGANIZATION), answer=InstanceUsage)
def show_usage(asked: Asked) -> dict[str, Any]:
    """Show what the whole instance has in use."""
    database = asked.context.database
    whole = usage.of_instance(database)
    shown = {name: getattr(whole, name) for name in usage.Usage.__slots__}
    here, there = overview.of(asked.context), usage.population(database)
    return {
        **shown,
        "users": there.users,
        "administrators": there.administrators,
        "organizations": there.organizations,
        "registry_count": there.registries,
        "version": here.version,
        "store": here.store,
        "disks": here.disks,
        "contents_entries": here.entries,
        "registries": usage.largest(database, LISTED),
    }


@noun.operation(
    "GET",
    "/organizations/<organization>/usage",
    Door(Action.READ_ORGANIZATION, doors.organization),
    answer=OrganizationUsage,
)
def show_organization_usage(asked: Asked) -> dict[str, Any]:
    """Show what the registries of an organization have in use together."""
    found, database = asked.organization, asked.context.database
    allowance = asked.manager.quotas.of_organization(found.slug)
    return {**_shown(allowance), "registries": usage.largest(database, LISTED, found.id)}


@noun.operation(
    "PUT",
    "/organizations/<organization>/quota",
    Door(Action.SET_QUOTA, doors.organization),
    body=QuotaChange,
    answer=Quota,
)
def set_organization_quota(asked: Asked, body: dict[str, int | None]) -> dict[str, Any]:
    """Let the registries of an organization use so much together. For who administers the instance."""
    return _shown(asked.manager.quotas.set_organization(asked.author, asked.organization.slug, body["quota"]))


@noun.operation("GET", f"{A_REGISTRY}/usage", Door(Action.READ_SETTINGS, doors.registry), answer=RegistryUsage)
def show_registry_usage(asked: Asked) -> dict[str, Any]:
    """Show what a registry has in use."""
    database, registry = asked.context.database, asked.registry.id
    found = usage.of_registry(database, registry)
    shown = {name: getattr(found, name) for name in usage.Usage.__slots__}
    largest = usage.largest_repositories(database, registry, LISTED)
    return {**_shown(asked.manager.quotas.of_registry(asked.path)[0]), **shown, "largest": largest}


@noun.operation(
    "PUT",
    f"{A_REGISTRY}/quota",
    Door(Action.SET_QUOTA, doors.registry),
    body=QuotaChange,
    answer=Quota,
    conflicts=True,
)
def set_registry_quota(asked: Asked, body: dict[str, int | None]) -> dict[str, Any]:
    """Let a registry use so much. For who administers its organization; of the root registry, the instance."""
    return _shown(asked.manager.quotas.set_registry(asked.author, asked.path, body["quota"])[0])


def _shown(one: Allowance) -> dict[str, Any]:
    return {"size": one.used, "quota": one.quota, "percent": one.percent}
