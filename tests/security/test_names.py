"""An organization takes no repository away from those who have it."""

import pytest

from ocireg.auth.manage.errors import Conflict
from ocireg.auth.manage.organizations import NAMED
from ocireg.metadata.audit import SYSTEM
from tests.auth.conftest import house
from tests.auth.house import House
from tests.web.basic import basic
from tests.web.v2 import push

__all__ = ["house"]


def shown(house: House, who: str = "rooted") -> dict[str, str]:
    """Return the header that somebody shows."""
    return basic(house.token(who))


def contents(house: House, name: str) -> dict[str, object]:
    """Return all that is in a repository, as a client reads it."""
    client, headers = house.client, shown(house, "admin")
    tags = client.get(f"/v2/{name}/tags/list", headers=headers).get_json()["tags"]
    manifests = {tag: client.get(f"/v2/{name}/manifests/{tag}", headers=headers) for tag in tags}
    found: dict[str, object] = {tag: (one.data, one.headers["Docker-Content-Digest"]) for tag, one in manifests.items()}
    subject = manifests["1"].headers["Docker-Content-Digest"]
    found["referrers"] = client.get(f"/v2/{name}/referrers/{subject}", headers=headers).get_json()
    for content in (b"layer", b"{}"):
        digest = push.descriptor(content, "")["digest"]
        found[digest] = client.get(f"/v2/{name}/blobs/{digest}", headers=headers).data
    return found


def filled(house: House, name: str) -> dict[str, object]:
    """Push two tags and a referrer; return what is there then."""
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = shown(house)["Authorization"]
    image = push.manifest(client, name, "1")
    push.manifest(client, name, "latest", push.image())
    media_type = "application/vnd.oci.image.manifest.v1+json"
    subject = {"mediaType": media_type, "digest": image, "size": len(push.image())}
    push.manifest(client, name, "signature", push.image(subject=subject, artifactType="text/x-signature"))
    return contents(house, name)


@pytest.mark.parametrize("name", ["claimed", "claimed/app", "claimed/team/app", "claimed/a/b/c"])
def test_an_organization_over_repositories_is_refused_with_their_names(house: House, name: str) -> None:
    filled(house, name)
    with pytest.raises(Conflict) as refused:
        house.manager.organizations.create(SYSTEM, "claimed", admin="head")
    assert refused.value.names == (name,)
    assert name in refused.value.message
    assert "ocireg repository move" in refused.value.message
    assert [one.slug for one in house.manager.organizations.every()] == ["acme", "umbrella"]
    assert contents(house, name)["1"]


@pytest.mark.parametrize("name", ["claimed-too/app", "claimedtoo", "claimed.x/app", "other/claimed/app"])
def test_names_that_only_look_alike_do_not_stand_in_the_way(house: House, name: str) -> None:
    before = filled(house, name)
    house.manager.organizations.create(SYSTEM, "claimed")
    assert contents(house, name) == before


def test_not_more_are_named_than_one_can_read(house: House) -> None:
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = shown(house)["Authorization"]
    for number in range(NAMED + 5):
        push.blob(client, f"claimed/{number:02}", b"layer")
    with pytest.raises(Conflict) as refused:
        house.manager.organizations.create(SYSTEM, "claimed")
    assert len(refused.value.names) == NAMED


def test_after_they_have_moved_it_works_and_nothing_is_lost(house: House) -> None:
    before = filled(house, "claimed/app")
    manager = house.manager
    manager.registries.move_repository(SYSTEM, "claimed/app", "moved/app")
    manager.organizations.create(SYSTEM, "claimed")
    manager.registries.create(SYSTEM, "claimed/registry")
    manager.registries.move_repository(SYSTEM, "moved/app", "claimed/registry/app")
    assert contents(house, "claimed/registry/app") == before
    for gone in ("claimed/app", "moved/app"):
        assert house.client.get(f"/v2/{gone}/tags/list", headers=shown(house, "admin")).status_code == 404
    report = house.installed.registry.sweep.run(grace=0, expiry=0)
    assert contents(house, "claimed/registry/app") == before, report


def test_who_could_read_it_at_its_old_name_cannot_at_the_new_one_without_being_let(house: House) -> None:
    filled(house, "claimed/app")
    house.manager.registries.move_repository(SYSTEM, "claimed/app", "acme/containers/app")
    path = "/v2/acme/containers/app/manifests/1"
    assert house.client.get(path, headers=shown(house, "rooted")).status_code == 404
    assert house.client.get(path, headers=shown(house, "reader")).status_code == 200


def test_an_upload_goes_on_where_its_repository_went(house: House) -> None:
    filled(house, "claimed/app")
    begun = house.client.post("/v2/claimed/app/blobs/uploads/", headers=shown(house, "admin"))
    house.manager.registries.move_repository(SYSTEM, "claimed/app", "acme/containers/app")
    session = begun.headers["Docker-Upload-UUID"]
    digest = push.descriptor(b"late", "")["digest"]
    query = {"digest": digest}
    gone = f"/v2/claimed/app/blobs/uploads/{session}"
    there = f"/v2/acme/containers/app/blobs/uploads/{session}"
    headers = shown(house, "admin")
    assert house.client.put(gone, query_string=query, headers=headers, data=b"late").status_code == 404
    assert house.client.put(there, query_string=query, headers=headers, data=b"late").status_code == 201


def test_a_push_to_a_name_that_is_claimed_meanwhile_makes_nothing_in_the_root(house: House) -> None:
    house.manager.organizations.create(SYSTEM, "claimed")
    answer = house.client.post("/v2/claimed/app/blobs/uploads/", headers=shown(house))
    assert answer.status_code == 404
    assert push.codes(answer) == ["NAME_UNKNOWN"]
