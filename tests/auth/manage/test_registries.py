"""Registries, who has a level on them, their policies, and the repositories in them."""

from base64 import b64encode

import pytest

from ocireg.auth.manage.errors import Conflict, Invalid, Unknown
from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.models import Repository
from tests.auth.house import BY, CONTAINERS, SHOWN, House
from tests.web.v2 import push

POLICY = "- iss: https://agent.buildkite.com\n  claims: {organization_slug: acme}\n"


@pytest.fixture(name="house")
def with_images(house: House) -> House:
    """Push an image to ``acme/containers/web``, and to ``app``."""
    secret = house.token("admin")
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = "Basic " + b64encode(f"token:{secret}".encode()).decode()
    for name in (f"{CONTAINERS}/web", "app"):
        push.manifest(client, name, "1")
    return house


def names(house: House) -> list[str]:
    """Return the repositories that hold something."""
    return house.installed.registry.catalog.page("", 100)[0]


def test_a_registry_is_private_where_nothing_is_said(house: House) -> None:
    made = house.manager.registries.create(BY, "acme/new", emoji="🐳", colour="#1F6FEB")
    assert (made.path, made.name, made.public, made.emoji, made.colour) == ("acme/new", "new", False, "🐳", "#1f6feb")
    with pytest.raises(Conflict, match="there is a registry 'acme/new' already"):
        house.manager.registries.create(BY, "acme/new")


@pytest.mark.parametrize(
    ("path", "texts", "field"),
    [
        ("acme", {}, "registry"),
        ("acme/", {}, "registry"),
        ("acme/a/b", {}, "registry"),
        ("acme/a_b", {}, "registry"),
        ("acme/New", {}, "registry"),
        ("acme/new", {"visibility": "secret"}, "visibility"),
        ("acme/new", {"colour": "red"}, "colour"),
        ("acme/new", {"colour": "#1f6feb;"}, "colour"),
        ("acme/new", {"name": " "}, "name"),
        ("acme/new", {"description": "two\nlines"}, "description"),
        ("acme/new", {"emoji": "x"}, "emoji"),
        ("acme/new", {"organization": "umbrella"}, "organization"),
        ("acme/new", {"id": "1"}, "id"),
        ("acme/new", {"policy": POLICY}, "policy"),
        ("acme/new", {"slug": "other"}, "slug"),
    ],
)
def test_what_cannot_be_or_is_not_to_be_set_is_refused_by_field(
    house: House, path: str, texts: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        house.manager.registries.create(BY, path, **texts)
    assert refused.value.field == field
    if path == "acme/new":
        with pytest.raises(Invalid):
            house.manager.registries.change(BY, CONTAINERS, **texts)


@pytest.mark.parametrize("path", ["nowhere/new", "root/new"])
def test_a_registry_needs_its_organization(house: House, path: str) -> None:
    with pytest.raises(Unknown) as refused:
        house.manager.registries.create(BY, path)
    assert refused.value.field == "organization"


def test_a_push_that_names_what_somebody_made_meanwhile_finds_it(house: House) -> None:
    house.manager.registries.create_on_push(BY, "acme", "new")
    house.manager.registries.create_on_push(BY, "acme", "new")
    assert house.manager.registries.get("acme/new").public is False


def test_the_root_registry_is_changed_by_its_own_name_and_never_deleted(house: House) -> None:
    assert house.manager.registries.change(BY, "root", visibility="public").public
    for contents in (True, False):
        with pytest.raises(Invalid, match="the root registry cannot be deleted"):
            house.manager.registries.delete(BY, "root", contents=contents)
    assert [one.path for one in house.manager.registries.every()] == ["", CONTAINERS, SHOWN, "umbrella/goods"]
    assert [one.path for one in house.manager.registries.every("acme")] == [CONTAINERS, SHOWN]


def test_a_registry_that_holds_something_is_deleted_only_with_it(house: House) -> None:
    with pytest.raises(Conflict) as refused:
        house.manager.registries.delete(BY, CONTAINERS)
    assert refused.value.names == ("acme/containers/web",)
    assert house.manager.registries.delete(BY, CONTAINERS, contents=True) == 1
    assert names(house) == ["app"]
    assert house.events("repository.delete")[0].organization == "acme"
    assert house.events("registry.delete")[0].registry == CONTAINERS
    with pytest.raises(Unknown):
        house.manager.registries.get(CONTAINERS)


def test_a_repository_is_deleted_with_what_it_holds(house: House) -> None:
    house.manager.registries.delete_repository(BY, "acme/containers/web")
    assert names(house) == ["app"]
    (event,) = house.events("repository.delete")
    assert (event.repository, event.registry, event.organization) == ("acme/containers/web", CONTAINERS, "acme")
    with pytest.raises(Unknown):
        house.manager.registries.delete_repository(BY, "acme/containers/web")


def test_what_is_left_of_a_deleted_repository_is_none(house: House) -> None:
    """Its row stays under a name that nobody can ask for, so that its id is not given to the next."""
    for name in names(house):
        house.manager.registries.delete_repository(BY, name)
    ((left,),) = house.database.rows(Repository.select(Repository.name))
    registries = house.manager.registries
    with pytest.raises(Unknown):
        registries.require_repository(left)
    with pytest.raises(Unknown):
        registries.delete_repository(BY, left)
    with pytest.raises(Unknown):
        registries.move_repository(BY, left, "app")
    assert house.database.rows(Repository.select(Repository.name)) == [(left,)]


def test_a_repository_moves_to_another_registry(house: House) -> None:
    house.manager.registries.move_repository(BY, "app", "acme/shown/app")
    assert names(house) == ["acme/containers/web", "acme/shown/app"]
    (event,) = house.events("repository.move")
    assert (event.repository, event.subject, event.registry) == ("app", "acme/shown/app", "acme/shown")


@pytest.mark.parametrize(
    ("name", "to", "error", "field"),
    [
        ("app", "acme/none/app", Invalid, "to"),
        ("app", "acme", Invalid, "to"),
        ("app", "acme/containers", Invalid, "to"),
        ("app", "acme/containers/web", Conflict, "to"),
        ("app", "Upper", Invalid, "to"),
        ("app", "acme/containers/../x", Invalid, "to"),
        ("app", "-5", Invalid, "to"),
        ("app", "", Invalid, "to"),
        ("app", "a" * 256, Invalid, "to"),
        ("app", "app", Conflict, "to"),
        ("none", "acme/shown/app", Unknown, "repository"),
    ],
)
def test_a_repository_moves_nowhere_that_it_could_not_be_had_from(
    house: House, name: str, to: str, error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as refused:
        house.manager.registries.move_repository(BY, name, to)
    assert getattr(refused.value, "field") == field  # noqa: B009 - any error
    assert names(house) == ["acme/containers/web", "app"]


def test_a_level_is_given_replaced_and_taken(house: House) -> None:
    registries = house.manager.registries
    registries.grant(BY, CONTAINERS, "stranger", "read")
    registries.grant(BY, CONTAINERS, "stranger", "admin")
    found = {one.user: one.standing for one in registries.grants(CONTAINERS)}
    assert found == {"keeper": "admin", "reader": "read", "stranger": "admin", "writer": "write"}
    registries.withdraw(BY, CONTAINERS, "stranger")
    with pytest.raises(Unknown):
        registries.withdraw(BY, CONTAINERS, "stranger")
    with pytest.raises(Invalid, match="level is one of read, write, admin"):
        registries.grant(BY, CONTAINERS, "stranger", "owner")


def test_each_new_policy_ends_the_logins_by_the_former_one_were_it_the_same(house: House) -> None:
    registries = house.manager.registries
    registries.set_policy(BY, CONTAINERS, POLICY)
    first = registries.get(CONTAINERS)
    registries.set_policy(BY, CONTAINERS, POLICY)
    second = registries.get(CONTAINERS)
    assert first.policy == second.policy == POLICY
    assert first.policy_id != second.policy_id
    registries.set_policy(BY, CONTAINERS, " \n")
    assert registries.get(CONTAINERS).policy_id == ""


def test_a_policy_with_a_fault_is_refused_and_the_former_one_stays(house: House) -> None:
    house.manager.registries.set_policy(SYSTEM, CONTAINERS, POLICY)
    before = house.manager.registries.get(CONTAINERS)
    with pytest.raises(Invalid) as refused:
        house.manager.registries.set_policy(BY, CONTAINERS, POLICY.replace("agent", "agents"))
    assert refused.value.field == "policy"
    assert house.manager.registries.get(CONTAINERS) == before


def test_what_is_not_there_is_unknown_and_changes_nothing(house: House) -> None:
    registries, before = house.manager.registries, house.view.generation
    for path in ("acme/none", "acme", "", "none/none", "acme/containers/web"):
        for change in (
            lambda path=path: registries.change(BY, path, name="x"),
            lambda path=path: registries.delete(BY, path),
            lambda path=path: registries.grant(BY, path, "reader", "read"),
            lambda path=path: registries.withdraw(BY, path, "reader"),
            lambda path=path: registries.set_policy(BY, path, POLICY),
        ):
            with pytest.raises(Unknown):
                change()
    assert house.view.generation == before
