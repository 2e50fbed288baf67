"""What is in use."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth.access import Action
from ocireg.metadata import usage
from ocireg.web import doors, overview
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

noun = Noun("Usage", "Bytes, and how many of what. What several repositories have counts once.")

LISTED = 100
"""Registries that the instance's answer names."""


class Usage(Strict):
    """What is in use."""

    size = base.Integer(metadata={"description": "Bytes of blobs and manifests, each blob once."})
    blobs = base.Integer()
    manifests = base.Integer()
    repositories = base.Integer(metadata={"description": "Those that hold a manifest."})
    uploads = base.Integer(metadata={"description": "Uploads under way."})
    upload_size = base.Integer(metadata={"description": "Bytes that these have brought so far."})


class RegistrySize(Strict):
    """What a registry has in use."""

    path = base.String(metadata={"example": "acme/containers"})
    size = base.Integer()


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


@noun.operation("GET", f"{A_REGISTRY}/usage", Door(Action.READ_SETTINGS, doors.registry), answer=Usage)
def show_registry_usage(asked: Asked) -> usage.Usage:
    """Show what a registry has in use."""
    return usage.of_registry(asked.context.database, asked.registry.id)
