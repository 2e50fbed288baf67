"""Organizations and their members."""

import pytest

from ocireg.auth.manage.errors import Conflict, Invalid, Unknown
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import BY, CONTAINERS, SHOWN, House


def test_an_organization_is_made_with_its_first_admin(house: House) -> None:
    made = house.manager.organizations.create(BY, "new-one", "New One", admin="stranger")
    assert (made.slug, made.name) == ("new-one", "New One")
    assert [(one.user, one.standing) for one in house.manager.organizations.members("new-one")] == [
        ("stranger", "admin")
    ]
    assert house.events("member.add")[0].subject == "stranger"


@pytest.mark.parametrize(
    "slug", ["", "Acme", "a_b", "a.b", "-a", "a-", "a--b", "a/b", "ä", "a" * 64, "a\n", "v2", "api", "token", "login"]
)
def test_a_slug_that_cannot_be_or_is_a_path_of_the_service_is_refused(house: House, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.manager.organizations.create(BY, slug)
    assert refused.value.field == "organization"


def test_a_slug_is_taken_once(house: House) -> None:
    with pytest.raises(Conflict, match="there is an organization 'acme' already"):
        house.manager.organizations.create(BY, "acme")


def test_a_first_admin_who_is_not_there_makes_no_organization(house: House) -> None:
    with pytest.raises(Unknown):
        house.manager.organizations.create(BY, "new-one", admin="nobody")
    with pytest.raises(Unknown):
        house.manager.organizations.get("new-one")


def test_an_organization_with_registries_is_not_deleted(house: House) -> None:
    with pytest.raises(Conflict) as refused:
        house.manager.organizations.delete(BY, "acme")
    assert refused.value.names == (CONTAINERS, SHOWN)
    for path in refused.value.names:
        house.manager.registries.delete(BY, path)
    house.manager.organizations.delete(BY, "acme")
    assert [one.slug for one in house.manager.organizations.every()] == ["umbrella"]
    assert house.actor("member").roles == {}


def test_a_role_is_given_replaced_and_taken(house: House) -> None:
    organizations = house.manager.organizations
    organizations.enrol(BY, "acme", "stranger", "member")
    organizations.enrol(BY, "acme", "stranger", "admin")
    standing = {one.user: one.standing for one in organizations.members("acme")}
    assert standing == {"head": "admin", "member": "member", "stranger": "admin"}
    organizations.dismiss(BY, "acme", "stranger")
    with pytest.raises(Unknown, match="stranger does not belong to acme"):
        organizations.dismiss(BY, "acme", "stranger")


@pytest.mark.parametrize("role", ["", "owner", "Admin", "read", "write"])
def test_there_are_two_roles(house: House, role: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.manager.organizations.enrol(BY, "acme", "stranger", role)
    assert refused.value.field == "role"


def test_a_name_for_people_changes_and_the_slug_does_not(house: House) -> None:
    house.manager.organizations.rename(BY, "acme", "  Acme Incorporated ")
    assert house.manager.organizations.get("acme").name == "Acme Incorporated"
    for name in ("", "  ", "two\nlines", "x" * 501, "turned \u202e around"):
        with pytest.raises(Invalid):
            house.manager.organizations.rename(SYSTEM, "acme", name)


def test_what_is_not_there_is_unknown_and_changes_nothing(house: House) -> None:
    organizations, before = house.manager.organizations, house.view.generation
    for change in (
        lambda: organizations.rename(BY, "nowhere", "x"),
        lambda: organizations.delete(BY, "nowhere"),
        lambda: organizations.enrol(BY, "nowhere", "reader", "member"),
        lambda: organizations.enrol(BY, "acme", "nobody", "member"),
        lambda: organizations.dismiss(BY, "nowhere", "reader"),
        lambda: organizations.members("nowhere"),
    ):
        with pytest.raises(Unknown):
            change()
    assert house.view.generation == before
