"""What the paths of pages name. A repository of the root registry is below ``/root/``, and nowhere else."""

from dataclasses import replace
from typing import Any

from flask import request

from ocireg.auth import access, scopes
from ocireg.auth.access import Action, may
from ocireg.auth.actor import Actor
from ocireg.auth.manage.values import RESERVED
from ocireg.auth.places import target_of
from ocireg.metadata import registries
from ocireg.metadata.organizations import NOBODY
from ocireg.metadata.repositories import Reach
from ocireg.metadata.window import Window
from ocireg.oci.errors import InvalidName
from ocireg.oci.reference import parse_repository
from ocireg.web import doors
from ocireg.web.asked import Asked, Context
from ocireg.web.caller import Caller
from ocireg.web.doors import Place

ROOT = "/root"


def repository(asked: Asked, path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the registry that the repository of the path belongs to."""
    found, place = doors.repository(asked, path)
    is_root = found.place_registry is not None and found.place_registry.organization is None
    if found.place_registry is not None and is_root != request.path.startswith(f"{ROOT}/"):
        return found, replace(place, target=None)
    return found, place


def organization(asked: Asked, path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the organization that the path names, for who may read it or one of its registries. 401, or ``Unknown``.

    One that shows nothing to somebody takes the same work as one that is not there, and is answered alike.
    """
    found, place = doors.organization(asked, path)
    database, actor = asked.context.database, asked.caller.actor
    owner = found.place_organization
    shown = registries.listed(database, Window(1), seen(actor), owner.id if owner else NOBODY)
    if not shown:
        doors.decide(actor, Action.READ_ORGANIZATION, place)
    return found, place


def seen(actor: Actor, *, root: bool = False) -> Reach:
    """Return the registries that somebody sees: those that they may read, or at least pull from.

    Nobody is told of registries where everything is open, and sees where they can pull from.
    """
    told = scopes.READ_REGISTRIES in actor.scopes
    return access.reach(actor, Action.READ_REGISTRY if told else Action.PULL, root=root)


def elsewhere(context: Context, caller: Caller) -> str:
    """Return where the page is that somebody looks for by the name that ``docker pull`` takes, "" if there is none.

    That is a repository of the root registry: one that is there, and that they may see. One that is called as a page
    is leads nobody away from that.
    """
    path, settings = request.path, context.settings
    name = path[1:].partition("/-/")[0].partition("@")[0].partition(":")[0]
    if path.startswith("//") or name.partition("/")[0] in RESERVED or not settings.root_registry or not _is_name(name):
        return ""
    view = context.roster.now()
    if view.organization(name.partition("/")[0]) is not None:
        return ""
    there = may(caller.actor, Action.PULL, target_of(view.root())) and context.registry.catalog.knows(name)
    return ROOT + path if there else ""


def _is_name(text: str) -> bool:
    try:
        parse_repository(text)
    except InvalidName:
        return False
    return True
