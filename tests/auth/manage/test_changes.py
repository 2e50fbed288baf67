"""Each change is one transaction with its event and the next generation, whatever others do at the same time."""

import threading
from contextlib import suppress

import pytest

from ocireg.auth.manage.errors import ChangeError
from ocireg.metadata import audit
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from tests.auth.house import BY, CONTAINERS, House, opened
from tests.web.basic import basic


def test_a_change_comes_with_its_event_and_the_next_generation(house: House) -> None:
    before, events = house.view.generation, audit.newest(house.database)
    house.manager.registries.grant(BY, CONTAINERS, "stranger", "read")
    assert house.view.generation == before + 1
    assert audit.newest(house.database) == events + 1
    assert house.events("grant.set")[0].actor == "somebody"


def test_a_change_whose_event_cannot_be_written_is_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = house.view.generation

    def fail(*_: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(audit, "write", fail)
        with pytest.raises(OSError, match="no room"):
            house.manager.registries.grant(BY, CONTAINERS, "stranger", "read")
    assert "stranger" not in [one.user for one in house.manager.registries.grants(CONTAINERS)]
    assert house.view.generation == before


def test_changes_that_cross_each_other_end_or_are_refused_and_nothing_else(house: House) -> None:
    """What one looks up may be deleted by another before it is used: that is an answer, not a failure."""
    manager, wrong, rounds = house.manager, [], 25
    together = threading.Barrier(3)

    def run(*changes: object) -> None:
        together.wait()
        for _ in range(rounds):
            for change in changes:
                try:
                    with suppress(ChangeError):
                        change()  # type: ignore[operator] # a change
                except Exception as error:  # noqa: BLE001 - whatever it is
                    wrong.append(error)
        house.database.close()

    threads = [
        threading.Thread(
            target=run,
            args=(
                lambda: manager.organizations.create(BY, "brief", admin="passing"),
                lambda: manager.organizations.delete(BY, "brief"),
            ),
        ),
        threading.Thread(
            target=run,
            args=(lambda: manager.users.create(BY, "passing"), lambda: manager.users.delete(BY, "passing")),
        ),
        threading.Thread(
            target=run,
            args=(
                lambda: manager.registries.create(BY, "brief/registry"),
                lambda: manager.registries.grant(BY, "brief/registry", "passing", "read"),
                lambda: manager.organizations.enrol(BY, "brief", "passing", "member"),
                lambda: manager.tokens.create(BY, "passing", scopes=["read_packages"]),
                lambda: manager.tokens.create_for_registry(BY, "brief/registry"),
                lambda: manager.registries.delete(BY, "brief/registry", contents=True),
            ),
        ),
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_a_change_that_is_refused_has_no_event(house: House) -> None:
    before = audit.newest(house.database)
    with pytest.raises(ChangeError):
        house.manager.users.delete(SYSTEM, "admin")
    with pytest.raises(ChangeError):
        house.manager.organizations.delete(SYSTEM, "acme")
    assert audit.newest(house.database) == before


def test_no_id_of_a_deleted_organization_or_registry_is_given_again(house: House) -> None:
    """Who was of the former one is known for a second more, in other processes, as somebody of that id."""
    manager, seen = house.manager, []
    for slug in ("first", "second", "third"):
        manager.organizations.create(SYSTEM, slug)
        for registry in ("x", "y"):
            manager.registries.create(SYSTEM, f"{slug}/{registry}")
            seen.append(("registry", house.id_of(f"{slug}/{registry}")))
            manager.registries.delete(SYSTEM, f"{slug}/{registry}")
        seen.append(("organization", house.organization(slug)))
        manager.organizations.delete(SYSTEM, slug)
    assert len(set(seen)) == len(seen)


def test_an_admin_of_a_deleted_organization_is_nobody_in_the_next_not_even_for_a_moment(house: House) -> None:
    manager, name = house.manager, "next/x/web"
    manager.organizations.create(SYSTEM, "former", admin="other")
    manager.registries.create(SYSTEM, "former/x")
    shown = basic(house.token("other"))
    with opened(house.settings.data.parent) as elsewhere:
        assert elsewhere.client.get("/v2/former/x/web/tags/list", headers=shown).status_code == 404
        manager.registries.delete(SYSTEM, "former/x")
        manager.organizations.delete(SYSTEM, "former")
        manager.organizations.create(SYSTEM, "next")
        manager.registries.create(SYSTEM, "next/x")
        digest = Digest.of(b"x")
        answer = elsewhere.client.post(f"/v2/{name}/blobs/uploads/?digest={digest}", data=b"x", headers=shown)
        assert answer.status_code == 403
