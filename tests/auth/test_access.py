"""The one rule, as a table that was written by hand: who may do what to what."""

from itertools import product

import pytest

from ocireg.auth import scopes
from ocireg.auth.access import INSTANCE, RULES, Action, Target, level_of, may, reach
from ocireg.auth.actor import ANONYMOUS, ANYBODY, Actor, Kind, user
from ocireg.auth.scopes import EVERY_SCOPE, Level

ACME, UMBRELLA = 1, 2
ROOT, CONTAINERS, GOODS = 10, 11, 12
PRIVATE, PUBLIC = Target(ACME, CONTAINERS), Target(ACME, CONTAINERS, public=True)

WHO = {
    "anonymous": ANONYMOUS,
    "anybody": ANYBODY,
    "stranger": user("stranger", "1", ""),
    "reader": user("reader", "2", "", levels={CONTAINERS: Level.READ}),
    "writer": user("writer", "3", "", levels={CONTAINERS: Level.WRITE}),
    "keeper": user("keeper", "4", "", levels={CONTAINERS: Level.ADMIN}),
    "member": user("member", "5", "", roles={ACME: Level.READ}),
    "head": user("head", "6", "", roles={ACME: Level.ADMIN}),
    "other": user("other", "7", "", roles={UMBRELLA: Level.ADMIN}, levels={GOODS: Level.ADMIN, ROOT: Level.ADMIN}),
    "admin": user("admin", "8", "", admin=True),
}
READERS = {"reader", "writer", "keeper", "member", "head", "admin"}
WRITERS = {"writer", "keeper", "head", "admin"}
KEEPERS = {"keeper", "head", "admin"}
HEADS = {"head", "admin"}

TABLE = [
    (Action.PULL, PRIVATE, READERS | {"anybody"}),
    (Action.PULL, PUBLIC, set(WHO)),
    (Action.PUSH, PRIVATE, WRITERS | {"anybody"}),
    (Action.PUSH, PUBLIC, WRITERS | {"anybody"}),
    (Action.DELETE, PRIVATE, WRITERS | {"anybody"}),
    (Action.DELETE, PUBLIC, WRITERS | {"anybody"}),
    (Action.READ_REGISTRY, PRIVATE, READERS),
    (Action.READ_REGISTRY, PUBLIC, set(WHO)),
    (Action.READ_SETTINGS, PRIVATE, KEEPERS),
    (Action.READ_SETTINGS, PUBLIC, KEEPERS),
    (Action.MANAGE_REGISTRY, PRIVATE, KEEPERS),
    (Action.MANAGE_REGISTRY, PUBLIC, KEEPERS),
    (Action.DELETE_REGISTRY, PRIVATE, KEEPERS),
    (Action.READ_AUDIT, PRIVATE, KEEPERS),
    (Action.SET_QUOTA, PRIVATE, HEADS),
    (Action.SET_QUOTA, PUBLIC, HEADS),
    (Action.SET_QUOTA, Target(ACME), {"admin"}),
    (Action.SET_QUOTA, Target(None, ROOT), {"admin"}),
    (Action.CREATE_REGISTRY, Target(ACME), HEADS),
    (Action.READ_ORGANIZATION, Target(ACME), {"member", "head", "admin"}),
    (Action.MANAGE_ORGANIZATION, Target(ACME), HEADS),
    (Action.READ_AUDIT, Target(ACME), HEADS),
    (Action.PULL, Target(None, ROOT), {"anybody", "other", "admin"}),
    (Action.PUSH, Target(None, ROOT), {"anybody", "other", "admin"}),
    *((action, INSTANCE, {"admin"}) for action in Action),
]


@pytest.mark.parametrize(
    ("action", "target", "allowed"), TABLE, ids=lambda one: one.value if isinstance(one, Action) else None
)
def test_who_may_is_as_the_table_says(action: Action, target: Target, allowed: set[str]) -> None:
    assert {name for name, actor in WHO.items() if may(actor, action, target)} == allowed


SINGLE = {
    scopes.READ_PACKAGES: {Action.PULL},
    scopes.WRITE_PACKAGES: {Action.PUSH},
    scopes.DELETE_PACKAGES: {Action.DELETE},
    scopes.READ_REGISTRIES: {Action.READ_REGISTRY, Action.READ_SETTINGS},
    scopes.WRITE_REGISTRIES: {Action.MANAGE_REGISTRY, Action.CREATE_REGISTRY},
    scopes.DELETE_REGISTRIES: {Action.DELETE_REGISTRY},
    scopes.READ_AUDIT_EVENTS: {Action.READ_AUDIT},
    scopes.READ_ORGANIZATION: {Action.READ_ORGANIZATION},
    scopes.WRITE_ORGANIZATION: {Action.MANAGE_ORGANIZATION, Action.MANAGE_INSTANCE, Action.SET_QUOTA},
}


def test_the_table_of_scopes_knows_every_scope_and_every_action() -> None:
    assert set(SINGLE) == EVERY_SCOPE
    assert {action for some in SINGLE.values() for action in some} == set(Action) == set(RULES)


@pytest.mark.parametrize("scope", SINGLE)
@pytest.mark.parametrize("target", [PRIVATE, Target(ACME), INSTANCE], ids=["registry", "organization", "instance"])
def test_one_scope_lets_even_an_admin_do_no_more_than_it_says(scope: str, target: Target) -> None:
    actor = user("admin", "8", "", admin=True, scopes=frozenset({scope}))
    assert {action for action in Action if may(actor, action, target)} == SINGLE[scope]


@pytest.mark.parametrize("action", Action)
def test_a_credential_without_scopes_may_what_everybody_may(action: Action) -> None:
    actor = user("admin", "8", "", admin=True, scopes=frozenset())
    assert not may(actor, action, PRIVATE)
    assert may(actor, action, PUBLIC) == may(ANONYMOUS, action, PUBLIC)


@pytest.mark.parametrize("who", ["admin", "head", "keeper"])
@pytest.mark.parametrize("target", [Target(ACME, GOODS), Target(None, ROOT), Target(ACME), INSTANCE])
def test_what_is_bound_to_a_registry_reaches_no_other_place(who: str, target: Target) -> None:
    bound = WHO[who].reading_only(CONTAINERS, 2e9)
    assert may(bound, Action.PULL, PRIVATE)
    assert not any(may(bound, action, target) for action in Action)
    assert not any(may(bound, action, PRIVATE) for action in Action if action is not Action.PULL)


def test_of_a_role_and_a_grant_the_higher_one_counts() -> None:
    both = user("both", "9", "", roles={ACME: Level.READ}, levels={CONTAINERS: Level.WRITE, GOODS: Level.READ})
    assert level_of(both, PRIVATE) is Level.WRITE
    assert level_of(both, Target(ACME, GOODS)) is Level.READ
    promoted = user("both", "9", "", roles={ACME: Level.ADMIN}, levels={CONTAINERS: Level.READ})
    assert level_of(promoted, PRIVATE) is Level.ADMIN


def test_a_grant_on_a_registry_says_nothing_of_its_organization() -> None:
    assert level_of(WHO["keeper"], Target(ACME)) is Level.NONE


def test_what_is_on_no_row_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RULES, Action.PULL)
    assert not any(may(actor, Action.PULL, PUBLIC) for actor in WHO.values())


EVERYWHERE = [Target(ACME, CONTAINERS), Target(UMBRELLA, GOODS), Target(None, ROOT)]
NARROWED = {
    **WHO,
    "no read scope": user("x", "9", "", admin=True, scopes=EVERY_SCOPE - {scopes.READ_PACKAGES}),
    "bound admin": WHO["admin"].reading_only(CONTAINERS, 2e9),
    "bound reader": WHO["reader"].reading_only(CONTAINERS, 2e9),
    "bound member": WHO["member"].reading_only(CONTAINERS, 2e9),
    "bound member of another": WHO["member"].reading_only(GOODS, 2e9),
    "bound elsewhere": WHO["reader"].reading_only(GOODS, 2e9),
    "registry token": Actor(
        Kind.REGISTRY_TOKEN,
        "t",
        scopes=frozenset({scopes.READ_PACKAGES}),
        levels={GOODS: Level.READ},
        bound_to=GOODS,
    ),
}


@pytest.mark.parametrize(("who", "target"), list(product(NARROWED, EVERYWHERE)))
def test_lists_reach_exactly_what_may_be_pulled_from(who: str, target: Target) -> None:
    actor = NARROWED[who]
    found = reach(actor, root=True)
    listed = found.everything or target.registry in found.registries or target.organization in found.organizations
    listed = listed and found.bound_to in {None, target.registry}
    assert listed == may(actor, Action.PULL, target)
