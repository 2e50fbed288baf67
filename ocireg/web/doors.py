"""What a route of the REST API, or a page, needs: declared beside it, and asked before anything else is looked at.

What may not be seen is answered by 404, in the words of what is not there; what may be seen and not be done, by 403.
Whoever has shown nothing is told to log in instead, of what is hidden and what is absent alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from ocireg.auth.access import INSTANCE, Action, Target, may
from ocireg.auth.actor import Actor, Kind
from ocireg.auth.gate import Gate
from ocireg.auth.login import Refused
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.places import locate, target_of
from ocireg.auth.scopes import EVERY_SCOPE
from ocireg.config import Settings
from ocireg.web.asked import Asked, Context, context, keep
from ocireg.web.caller import Caller, identify_by_secret
from ocireg.web.problems import Problem

CHALLENGE = 'Basic realm="ocireg", charset="UTF-8", Bearer realm="ocireg"'
"""RFC 7617 and RFC 6750 section 3: both take a secret, and neither an access token of ``/token``."""

NOWHERE = "-"
"""What no repository can be called."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: what is acted on, None where there is nothing; who may see it; and its words if it is not.

    ``instead`` is what a name would belong to if nobody claimed it: what is hidden is answered as such a one.
    """

    target: Target | None
    seen_by: tuple[Action, ...]
    absent: tuple[str, str]
    instead: Target | None = None


Identify = Callable[[Gate, Settings], Caller]
Finder = Callable[[Asked, dict[str, Any]], tuple[Asked, Place]]


def instance(asked: Asked, _path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the instance, which is no secret."""
    return asked, Place(INSTANCE, (), ("", ""))


def organization(asked: Asked, path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the organization that the path names."""
    return _organization(asked, path["organization"])


def organization_or_instance(asked: Asked, _path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the organization that the query names, or the instance where it names none."""
    slug = request.args.get("organization")
    return instance(asked, {}) if slug is None else _organization(asked, slug)


def _organization(asked: Asked, slug: str) -> tuple[Asked, Place]:
    found = asked.context.roster.now().organization(slug)
    target = Target(found.id) if found else None
    absent = ("organization", f"there is no organization {slug!r}")
    return replace(asked, place_organization=found), Place(target, (Action.READ_ORGANIZATION,), absent)


def registry(asked: Asked, path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the registry that the path names, the root registry where it names none: if that is not switched off."""
    view = asked.context.roster.now()
    name = f"{path['organization']}/{path['registry']}" if "organization" in path else "root"
    if name == "root":
        found = view.root() if asked.context.settings.root_registry else None
    else:
        found = view.registry(path["organization"], path["registry"])
    target = target_of(found) if found else None
    absent = ("registry", f"there is no registry {name!r}: it is ORGANIZATION/REGISTRY, or root")
    return replace(asked, place_registry=found), Place(target, (Action.READ_REGISTRY, Action.PULL), absent)


def repository(asked: Asked, path: dict[str, Any]) -> tuple[Asked, Place]:
    """Find the registry that the repository of the path belongs to."""
    name, settings, view = path["repository"], asked.context.settings, asked.context.roster.now()
    found = locate(view, settings, name).registry
    target = target_of(found) if found else None
    root = target_of(view.root()) if settings.root_registry else None
    place = Place(target, (Action.READ_REGISTRY, Action.PULL), no_repository(name), root)
    return replace(asked, place_registry=found, repository=name), place


def no_repository(name: str) -> tuple[str, str]:
    """Return the words of a repository that is not there, or must look so."""
    return ("repository", f"there is no repository {name!r}")


@dataclass(frozen=True, slots=True)
class Door:
    """What a route needs. Without an action: somebody known or, where ``everybody``, nobody in particular.

    ``whole``: a user with all their rights, so that no token can be turned into another that may more.
    """

    action: Action | None = None
    on: Finder = instance
    everybody: bool = False
    whole: bool = False

    def ask(self, identify: Identify = identify_by_secret) -> None:
        """Let the request under way through, and keep what it is about; or raise what it is answered."""
        here = context()
        try:
            caller = identify(here.gate, here.settings)
        except Refused as error:
            raise Problem(401, "what was shown is not good", headers={"WWW-Authenticate": CHALLENGE}) from error
        path = dict(request.view_args or {})
        found, place = self.on(Asked(here, caller), path)
        if self.action is not None:
            decide(caller.actor, self.action, place)
            _require_repository(found, here)
        elif not self.everybody:
            require_known(caller.actor)
        if self.whole:
            require_whole(caller.actor)
        keep(found)


def decide(actor: Actor, action: Action, place: Place) -> None:
    """Let an actor do this there; 401, 403 or 404."""
    if place.target is not None and may(actor, action, place.target):
        return
    require_asker(actor)
    seen = _sees(actor, place.target, place.seen_by)
    if not seen and place.instead is not None and may(actor, action, place.instead):
        context().registry.catalog.knows(NOWHERE)  # the work of one that is not there
        raise Unknown(*place.absent)
    if seen or not place.absent[1] or _sees(actor, place.instead, place.seen_by):
        raise Problem(403, f"{actor.name} may not do this here: {action.value}")
    raise Unknown(*place.absent)


def _sees(actor: Actor, target: Target | None, by: tuple[Action, ...]) -> bool:
    return target is not None and any(may(actor, one, target) for one in by)


def _require_repository(found: Asked, here: Context) -> None:
    """Raise where the path names a repository, and there is none."""
    if found.repository and not here.registry.catalog.knows(found.repository):
        raise Unknown(*no_repository(found.repository))


def require_asker(actor: Actor) -> None:
    """Tell whoever has shown nothing to log in: they may see more then."""
    if actor.kind is Kind.ANONYMOUS:
        raise Problem(401, "log in to do this", headers={"WWW-Authenticate": CHALLENGE})


def require_known(actor: Actor) -> None:
    """Let whoever is known through; 401, or 403 where nobody is asked who they are."""
    require_asker(actor)
    if not actor.is_known:
        raise Problem(403, "everything is open here, and nobody is asked who they are: this is for somebody")


def is_visitor(actor: Actor) -> bool:
    """Say whether it is nobody in particular, where people are asked who they are."""
    return not actor.is_known and actor.kind is not Kind.ANYBODY


def is_whole(actor: Actor) -> bool:
    """Say whether it is a user whose credential takes nothing away: a password, or a token without limits."""
    unlimited = actor.expires_at is None and not actor.networks and actor.bound_to is None
    return actor.kind is Kind.USER and actor.scopes >= EVERY_SCOPE and unlimited


def require_whole(actor: Actor) -> None:
    """Let users with all their rights through; 403."""
    if not is_whole(actor):
        raise Problem(403, "this takes a password, or a token with every scope, without networks and without an end")


EVERYBODY = Door(everybody=True)
KNOWN = Door()
WHOLE = Door(whole=True)
