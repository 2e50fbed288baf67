"""Which registry a repository name belongs to, and what somebody is told of it.

``a/b/c`` belongs to registry ``b`` of organization ``a`` where that is; where ``a`` is and ``b`` is not, or the name is
shorter, to nobody. A name that no organization claims belongs to the root registry.

What somebody may not read must look as if it were not there. So such a name is answered as one that nobody claims and
that the root registry does not hold: unknown, to whoever may read the root registry; refused, to all others.
"""

from dataclasses import dataclass
from enum import Enum

from ocireg.auth.access import Action, Target, may
from ocireg.auth.actor import Actor
from ocireg.auth.roster import View
from ocireg.config import Settings
from ocireg.metadata.organizations import StoredOrganization
from ocireg.metadata.registries import StoredRegistry


@dataclass(frozen=True, slots=True)
class Place:
    """The registry that a name belongs to, if any, and the organization that claims it, if any."""

    registry: StoredRegistry | None
    organization: StoredOrganization | None = None


class Verdict(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    ABSENT = "absent"
    """It is answered as if the repository were not there."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a request; ``message``: what a reader of the organization is told.

    ``creates``: the slugs of the organization and of the registry that a push makes.
    """

    verdict: Verdict
    message: str = ""
    creates: tuple[str, str] | None = None


def target_of(registry: StoredRegistry) -> Target:
    """Return a registry as what is acted on."""
    return Target(registry.organization, registry.id, registry.public)


def locate(view: View, settings: Settings, name: str) -> Place:
    """Return where a repository name belongs."""
    first, *rest = name.split("/")
    organization = view.organization(first)
    registry = view.registry(first, rest[0]) if len(rest) > 1 else None  # so that time does not tell who claims it
    if organization is None:
        return Place(view.root() if settings.root_registry else None)
    return Place(registry, organization)


def judge(view: View, settings: Settings, actor: Actor, action: Action, name: str) -> Judgement:
    """Say what becomes of a request for a repository of that name."""
    place = locate(view, settings, name)
    if place.registry is not None and may(actor, action, target_of(place.registry)):
        return Judgement(Verdict.ALLOWED)
    if place.organization is not None:
        if place.registry is not None and may(actor, Action.PULL, target_of(place.registry)):
            return Judgement(Verdict.REFUSED)
        if place.registry is None and (judgement := _gap(settings, actor, action, name, place.organization)):
            return judgement
    return _unclaimed(view, settings, actor, action)


def _gap(
    settings: Settings, actor: Actor, action: Action, name: str, organization: StoredOrganization
) -> Judgement | None:
    """Judge a name that an organization claims, and no registry of it holds: a push may make the registry.

    None for whoever could not read it if there were one: what there is not must not be told from what is hidden.
    """
    slug, target = organization.slug, Target(organization.id)
    parts = name.split("/")
    makes = may(actor, Action.CREATE_REGISTRY, target) and may(actor, action, target)
    if settings.create_on_push and action is Action.PUSH and makes and len(parts) > 2:
        return Judgement(Verdict.ALLOWED, creates=(slug, parts[1]))
    if not may(actor, Action.PULL, target):
        return None
    if len(parts) < 3:
        return Judgement(Verdict.ABSENT, f"images of {slug} are named {slug}/REGISTRY/IMAGE")
    return Judgement(Verdict.ABSENT, f"{slug} has no registry {parts[1]}: images are named {slug}/REGISTRY/IMAGE")


def _unclaimed(view: View, settings: Settings, actor: Actor, action: Action) -> Judgement:
    """Judge a name as if nobody claimed it and nothing held it."""
    if settings.root_registry and not may(actor, action, target_of(view.root())):
        return Judgement(Verdict.REFUSED)
    return Judgement(Verdict.ABSENT)
