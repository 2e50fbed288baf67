"""The one rule of access: may this actor do this to this?

``may`` is asked by ``/v2/``, the token end-point, the commands, the REST API and the pages alike. An action is a row:
the scope that the credential must have, the level that the actor must have on what it is done to, and whether a public
registry lets everybody do it. What is on no row is not allowed.
"""

from dataclasses import dataclass
from enum import StrEnum

from ocireg.auth import scopes
from ocireg.auth.actor import Actor, Kind
from ocireg.auth.scopes import Level
from ocireg.metadata.repositories import Reach


class Action(StrEnum):
    """What can be done."""

    PULL = "pull"
    PUSH = "push"
    DELETE = "delete"
    READ_REGISTRY = "read registry"
    READ_SETTINGS = "read settings"
    MANAGE_REGISTRY = "manage registry"
    CREATE_REGISTRY = "create registry"
    DELETE_REGISTRY = "delete registry"
    READ_ORGANIZATION = "read organization"
    MANAGE_ORGANIZATION = "manage organization"
    MANAGE_INSTANCE = "manage instance"
    SET_QUOTA = "set quota"
    READ_AUDIT = "read audit"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action needs: a scope, a level; ``public``: everybody may where the registry is public.

    ``above``: the level is that on what the target belongs to, which no level on the target itself stands for.
    """

    scope: str
    level: Level
    public: bool = False
    above: bool = False


RULES: dict[Action, Rule] = {
    Action.PULL: Rule(scopes.READ_PACKAGES, Level.READ, public=True),
    Action.PUSH: Rule(scopes.WRITE_PACKAGES, Level.WRITE),
    Action.DELETE: Rule(scopes.DELETE_PACKAGES, Level.WRITE),
    Action.READ_REGISTRY: Rule(scopes.READ_REGISTRIES, Level.READ, public=True),
    Action.READ_SETTINGS: Rule(scopes.READ_REGISTRIES, Level.ADMIN),
    Action.MANAGE_REGISTRY: Rule(scopes.WRITE_REGISTRIES, Level.ADMIN),
    Action.CREATE_REGISTRY: Rule(scopes.WRITE_REGISTRIES, Level.ADMIN),
    Action.DELETE_REGISTRY: Rule(scopes.DELETE_REGISTRIES, Level.ADMIN),
    Action.READ_ORGANIZATION: Rule(scopes.READ_ORGANIZATION, Level.READ),
    Action.MANAGE_ORGANIZATION: Rule(scopes.WRITE_ORGANIZATION, Level.ADMIN),
    Action.MANAGE_INSTANCE: Rule(scopes.WRITE_ORGANIZATION, Level.ADMIN),
    Action.SET_QUOTA: Rule(scopes.WRITE_ORGANIZATION, Level.ADMIN, above=True),
    Action.READ_AUDIT: Rule(scopes.READ_AUDIT_EVENTS, Level.ADMIN),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is acted on: a registry, an organization, or with neither the instance.

    A registry without an organization is the root registry.
    """

    organization: int | None = None
    registry: int | None = None
    public: bool = False

    @property
    def above(self) -> "Target":
        """What it belongs to: the organization of a registry, the instance of anything else."""
        return Target() if self.registry is None else Target(self.organization)


INSTANCE = Target()


def may(actor: Actor, action: Action, target: Target) -> bool:
    """Say whether the actor may do this to this. The credential is taken for good: ``Actor.fault`` says whether."""
    rule = RULES.get(action)
    if rule is None:
        return False
    if rule.public and target.public:
        return True
    if rule.scope not in actor.scopes:
        return False
    if actor.bound_to is not None and target.registry != actor.bound_to:
        return False
    return level_of(actor, target.above if rule.above else target) >= rule.level


def organizations(actor: Actor, action: Action) -> frozenset[int]:
    """Return the organizations that the actor has a role in and may do this to."""
    return frozenset(one for one in actor.roles if may(actor, action, Target(one)))


def level_of(actor: Actor, target: Target) -> Level:
    """Return the highest level that the actor has there, by whatever way."""
    if actor.admin:
        return Level.ADMIN
    by_role = actor.roles.get(target.organization, Level.NONE) if target.organization is not None else Level.NONE
    if target.registry is None:
        return by_role
    if actor.kind is Kind.ANYBODY:  # everything is open: to pushes, pulls and deletes, not to administration
        return Level.WRITE
    return max(by_role, actor.levels.get(target.registry, Level.NONE))


def reach(actor: Actor, action: Action = Action.PULL, *, root: bool) -> Reach:
    """Return the registries that the actor may do this to, as ``may`` says of each: what wants the level of a reader.

    Those that are public are among them, where ``Reach`` says so; ``root``: if there is a root one. Its organizations
    are those of which it holds too.
    """
    if RULES[action].scope not in actor.scopes:
        return Reach(root=root)
    if actor.admin or actor.kind is Kind.ANYBODY:
        return Reach(everything=True, bound_to=actor.bound_to, root=root)
    return Reach(
        registries=frozenset(one for one, level in actor.levels.items() if level >= Level.READ),
        organizations=frozenset(one for one, level in actor.roles.items() if level >= Level.READ),
        bound_to=actor.bound_to,
        root=root,
    )
