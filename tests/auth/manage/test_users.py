"""Users: made, changed, deleted; and never the last who administers the instance."""

import pytest

from ocireg.auth.manage.errors import Conflict, Invalid, Unknown
from tests.auth.house import BY, CONTAINERS, PASSWORD, House


def test_a_user_is_made_once(house: House) -> None:
    made = house.manager.users.create(BY, "nina", password=PASSWORD)
    assert (made.name, made.admin) == ("nina", False)
    assert made.password is not None
    assert PASSWORD not in made.password
    with pytest.raises(Conflict, match="there is a user 'nina' already"):
        house.manager.users.create(BY, "nina")
    (event,) = [one for one in house.events("user.create") if one.subject == "nina"]
    assert (event.actor, event.credential, event.address) == ("somebody", "a test", "192.0.2.1")
    assert PASSWORD not in repr(event)


@pytest.mark.parametrize("name", ["", "Nina", "-nina", "nina-", "ni na", "ninä", "n" * 65, "nina\n", "../nina", "n/a"])
def test_a_name_that_cannot_be_is_refused_by_field(house: House, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.manager.users.create(BY, name)
    assert refused.value.field == "user"


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "half a \ud800 character"])
def test_a_password_that_cannot_be_is_refused_and_changes_nothing(house: House, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.manager.users.create(BY, "nina", password=password)
    assert refused.value.field == "password"
    with pytest.raises(Unknown):
        house.manager.users.get("nina")
    with pytest.raises(Invalid):
        house.manager.users.set_password(BY, "reader", password)
    assert house.manager.users.get("reader").password is None


def test_a_password_is_replaced_and_taken_away(house: House) -> None:
    users = house.manager.users
    users.set_password(BY, "reader", PASSWORD)
    first = users.get("reader").password
    users.set_password(BY, "reader", PASSWORD)
    assert users.get("reader").password != first, "every login by the former one ends, were it the same"
    users.set_password(BY, "reader", None)
    assert users.get("reader").password is None
    said = [one.detail for one in house.events("user.change")]
    assert said == [{"password": "removed"}, {"password": "changed"}, {"password": "changed"}]


def test_the_last_admin_stays_one(house: House) -> None:
    users = house.manager.users
    alone = "admin is the only one who administers this instance"
    with pytest.raises(Conflict, match=alone):
        users.delete(BY, "admin")
    with pytest.raises(Conflict, match=alone):
        users.set_admin(BY, "admin", admin=False)
    users.set_admin(BY, "head", admin=True)
    users.set_admin(BY, "admin", admin=False)
    users.delete(BY, "admin")
    with pytest.raises(Conflict):
        users.delete(BY, "head")


def test_a_deleted_user_leaves_no_token_grant_or_membership(house: House) -> None:
    house.token("reader")
    house.manager.users.delete(BY, "reader")
    house.manager.users.delete(BY, "member")
    assert "reader" not in [one.user for one in house.manager.registries.grants(CONTAINERS)]
    assert [one.user for one in house.manager.organizations.members("acme")] == ["head"]
    assert house.database.fetch("SELECT count(*) FROM api_token") == (0,)


def test_an_organization_of_a_user_is_listed_with_the_role(house: House) -> None:
    assert house.manager.users.organizations("head") == [("acme", "admin")]
    assert house.manager.users.organizations("reader") == []


@pytest.mark.parametrize("name", ["nobody", "", "Reader", "reader\0"])
def test_who_is_not_there_is_unknown_to_every_change(house: House, name: str) -> None:
    users = house.manager.users
    for change in (
        lambda: users.set_password(BY, name, PASSWORD),
        lambda: users.set_password(BY, name, None),
        lambda: users.set_admin(BY, name, admin=True),
        lambda: users.delete(BY, name),
        lambda: users.organizations(name),
    ):
        before = house.view.generation
        with pytest.raises(Unknown) as refused:
            change()
        assert refused.value.field == "user"
        assert house.view.generation == before
