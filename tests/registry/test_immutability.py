"""Immutable tags: whatever would move or delete one is refused, whoever asks and by whatever way."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ocireg.errors import RegistryError
from ocireg.metadata import immutability, tags
from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.immutable_rules import Matcher, Rule
from ocireg.metadata.models import Garbage, Manifest, Repository, Tag, TagEvent
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.web.api.conftest import pusher
from tests.web.installed import Api
from tests.web.v2 import push

TAG = "v1"
NUMBERS = count()

RULES: dict[str, Rule | None] = {
    "free": None,
    "bound": Rule(("x", "v*")),
    "named": Rule(("v?",), repositories=("app*",)),
    "excepted": Rule(("v*",), exceptions=("v1", "x")),
    "elsewhere": Rule(("v*",), repositories=("lib*",)),
}
BINDING = {"bound", "named"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A registry of acme for each rule."""
    made = Api(tmp_path_factory.mktemp("immutable"))
    made.manager.organizations.create(SYSTEM, "acme")
    for name, rule in RULES.items():
        made.manager.registries.create(SYSTEM, f"acme/{name}")
        if rule:
            made.manager.immutable.add(SYSTEM, f"acme/{name}", rule)
    yield made
    made.close()


@dataclass(frozen=True, slots=True)
class Target:
    """A repository with the tag v1, which pointed at ``former`` before it was made to point at ``digest``."""

    api: Api
    client: FlaskClient
    name: str
    digest: str
    former: str
    content: bytes

    def put(self, reference: str, content: bytes) -> TestResponse:
        """Push a manifest."""
        return self.client.put(f"/v2/{self.name}/manifests/{reference}", data=content, content_type=OCI_MANIFEST)

    def delete(self, path: str) -> TestResponse:
        """Delete something of the repository over the protocol."""
        return self.client.delete(f"/v2/{self.name}/{path}")

    @property
    def tag(self) -> str:
        """What the tag points at, "" of none; asked of the database, since the repository may have gone."""
        query = Manifest.select(Manifest.digest).join(Tag).join(Repository, on=(Repository.id == Tag.repository))
        found = self.api.installed.database.row(query.where(Repository.name == self.name, Tag.name == TAG))
        return str(found[0]) if found else ""


def image(client: FlaskClient, name: str, note: str) -> bytes:
    """Return an image whose blobs are there."""
    for one in (b"layer", b"{}"):
        push.blob(client, name, one)
    return push.image(annotations={"note": note})


def target(api: Api, registry: str) -> Target:
    """Make one in a registry, whose rules meanwhile are not asked: its tag was moved before there were any."""
    client, name = pusher(api), f"acme/{registry}/app{next(NUMBERS)}"
    path = f"acme/{registry}"
    rules = api.manager.immutable.rules(path)
    for one in rules:
        api.manager.immutable.remove(SYSTEM, path, one.id)
    contents = [image(client, name, note) for note in ("former", "now")]
    former, digest = (push.manifest(client, name, TAG, one) for one in contents)
    for one in rules:
        api.manager.immutable.add(SYSTEM, path, one)
    return Target(api, client, name, digest, former, contents[1])


def other(one: Target) -> bytes:
    """Return an image that the tag does not point at."""
    return image(one.client, one.name, "other")


def package(one: Target) -> str:
    """Return where the API has the manifest."""
    registry = "/".join(one.name.split("/")[:2])
    listed = one.api.get(f"/registries/{registry}/packages?name={one.name}")
    found = next(p["id"] for p in listed if p["digests"]["sha256"] == one.digest)
    return f"/registries/{registry}/packages/{found}"


WAYS: dict[str, Callable[[Target], TestResponse]] = {
    "push by tag": lambda one: one.put(TAG, other(one)),
    "push by digest with the tag": lambda one: one.put(
        f"{Digest.of(content := other(one))}?tag=free&tag={TAG}", content
    ),
    "push as sha512": lambda one: one.put(f"{Digest.of(one.content, 'sha512')}?tag={TAG}", one.content),
    "delete by tag": lambda one: one.delete(f"manifests/{TAG}"),
    "delete by digest": lambda one: one.delete(f"manifests/{one.digest}"),
    "delete a layer": lambda one: one.delete(f"blobs/{Digest.of(b'layer')}"),
    "delete the tag by the API": lambda one: one.api.ask("DELETE", f"/repositories/{one.name}/-/tags/{TAG}"),
    "delete the package by the API": lambda one: one.api.ask("DELETE", package(one)),
    "delete the repository by the API": lambda one: one.api.ask("DELETE", f"/repositories/{one.name}"),
    "move the repository by the API": lambda one: one.api.ask(
        "POST", f"/repositories/{one.name}/-/move", json={"to": f"{one.name}-moved"}
    ),
    "restore by the API": lambda one: one.api.ask(
        "POST", f"/repositories/{one.name}/-/tags/{TAG}/restore", json={"digest": one.former}
    ),
}


@pytest.mark.parametrize("registry", RULES)
@pytest.mark.parametrize("way", WAYS)
def test_a_tag_changes_by_no_way_where_a_rule_binds_it(api: Api, way: str, registry: str) -> None:
    one = target(api, registry)
    answer = WAYS[way](one)
    said = answer.get_data(as_text=True)
    if registry not in BINDING:
        assert answer.status_code < 300, said
        if "layer" not in way:
            assert one.tag != one.digest
        return
    assert answer.status_code == 403, said
    assert f"the tag v1 of {one.name} is immutable (rule: {RULES[registry]})" in said
    if "API" not in way:
        assert push.codes(answer) == ["DENIED"]
    assert one.tag == one.digest
    assert one.api.get(f"/repositories/{one.name}/-/tags/{TAG}")["immutable"] is True
    assert one.client.get(f"/v2/{one.name}/blobs/{Digest.of(b'layer')}").status_code == 200
    assert one.client.get(f"/v2/{one.name}/tags/list").get_json()["tags"] == [TAG], "nothing is half done"
    events = one.api.installed.database.rows(TagEvent.select().join(Repository).where(Repository.name == one.name))
    assert len(events) == 2


def test_what_is_refused_leaves_nothing_behind(api: Api) -> None:
    one, database = target(api, "bound"), api.installed.database
    content = other(one)
    before = [database.rows(model.select()) for model in (Manifest, Garbage)]
    for _ in range(2):
        assert one.put(TAG, content).status_code == 403
    assert [database.rows(model.select()) for model in (Manifest, Garbage)] == before


@pytest.mark.parametrize("registry", RULES)
def test_the_same_digest_is_pushed_again_and_new_tags_too(api: Api, registry: str) -> None:
    one = target(api, registry)
    assert one.put(TAG, one.content).status_code == 201
    assert one.put(f"{one.digest}?tag={TAG}&tag=v2", one.content).status_code == 201
    assert one.put("v3", other(one)).status_code == 201


def test_a_tag_that_was_deleted_is_restored_and_moves_no_more(api: Api) -> None:
    one, path = target(api, "bound"), "acme/bound"
    (rule,) = api.manager.immutable.rules(path)
    api.manager.immutable.remove(SYSTEM, path, rule.id)
    assert one.delete(f"manifests/{TAG}").status_code == 202
    api.manager.immutable.add(SYSTEM, path, rule)
    restore = f"/repositories/{one.name}/-/tags/{TAG}/restore"
    assert api.ask("POST", restore, json={"digest": one.former}).status_code == 200
    assert one.tag == one.former
    assert api.ask("POST", restore, json={"digest": one.digest}).status_code == 403
    assert api.ask("POST", restore, json={"digest": one.former}).status_code == 200, "it points there already"


def test_what_an_index_with_an_immutable_tag_names_stays(api: Api) -> None:
    one = target(api, "bound")
    child = image(one.client, one.name, "child")
    digest = push.manifest(one.client, one.name, str(Digest.of(child)), child)
    inner, outer = push.index(child), push.index(push.index(child))
    push.manifest(one.client, one.name, str(Digest.of(inner)), inner)
    push.manifest(one.client, one.name, "v9", outer)
    for path in (f"manifests/{digest}", f"manifests/{Digest.of(inner)}", f"blobs/{Digest.of(b'layer')}"):
        answer = one.delete(path)
        assert answer.status_code == 403, path
        assert "the tag v" in answer.get_json()["errors"][0]["message"]
    lone = image(one.client, one.name, "lone")
    push.manifest(one.client, one.name, "free", lone)
    assert one.delete(f"manifests/{Digest.of(lone)}").status_code == 202


def test_a_registry_with_images_is_deleted_when_its_rules_are_gone(api: Api) -> None:
    api.manager.registries.create(SYSTEM, "acme/last")
    rule = api.manager.immutable.add(SYSTEM, "acme/last", Rule(("v*",)))
    push.manifest(pusher(api), "acme/last/app", TAG)
    refused = api.ask("DELETE", "/registries/acme/last?contents=true")
    assert (refused.status_code, refused.get_json()["message"]) == (
        409,
        "acme/last has rules for immutable tags: remove these first",
    )
    api.manager.immutable.remove(SYSTEM, "acme/last", rule.id)
    assert api.ask("DELETE", "/registries/acme/last?contents=true").status_code == 204


def test_an_empty_registry_is_deleted_with_its_rules(api: Api) -> None:
    api.manager.registries.create(SYSTEM, "acme/void")
    rule = api.manager.immutable.add(SYSTEM, "acme/void", Rule(("v*",)))
    assert api.ask("DELETE", "/registries/acme/void").status_code == 204
    assert api.installed.database.fetch("SELECT 1 FROM immutable_rule WHERE id = ?", rule.id) is None


@pytest.mark.parametrize("fallback", [False, True])
@pytest.mark.parametrize("suffix", ["", ".sig", ".att", ".sbom"])
def test_tags_of_signatures_are_written_again_unless_a_rule_binds_them_too(
    api: Api, suffix: str, fallback: bool
) -> None:
    path = f"acme/signed-{fallback}{suffix.replace('.', '-')}".lower()
    api.manager.registries.create(SYSTEM, path)
    api.manager.immutable.add(SYSTEM, path, Rule(("*",), fallback_tags=fallback))
    name, client = f"{path}/app", pusher(api)
    for note, wanted in (("one", 201), ("two", 403 if fallback else 201)):
        content = image(client, name, note)
        answer = client.put(f"/v2/{name}/manifests/sha256-{'0' * 64}{suffix}", data=content, content_type=OCI_MANIFEST)
        assert answer.status_code == wanted


@pytest.mark.parametrize("tag", [f"build-{'0' * 64}", f"sha256-{'0' * 63}", f"sha256-{'G' * 64}.sig", "latest.sig"])
def test_what_only_looks_like_the_tag_of_a_signature_is_bound(tag: str) -> None:
    matcher = Matcher((Rule(("*",)),), "app")
    assert matcher.rule_of(tag) is not None
    assert matcher.rule_of(f"sha256-{'0' * 64}.sig") is None


def test_of_pushes_of_a_new_tag_at_the_same_time_one_wins(api: Api) -> None:
    api.manager.registries.create(SYSTEM, "acme/raced")
    api.manager.immutable.add(SYSTEM, "acme/raced", Rule(("*",)))
    name, racers = "acme/raced/app", 4
    contents = [image(pusher(api), name, str(number)) for number in range(racers)]
    for tag in ("a", "b", "c"):
        barrier = Barrier(racers)

        def race(content: bytes, tag: str = tag, barrier: Barrier = barrier) -> tuple[int, str]:
            client = pusher(api)
            barrier.wait()
            answer = client.put(f"/v2/{name}/manifests/{tag}", data=content, content_type=OCI_MANIFEST)
            return answer.status_code, answer.headers.get("Docker-Content-Digest", "")

        with ThreadPoolExecutor(racers) as pool:
            found = sorted(pool.map(race, contents))
        assert [status for status, _ in found] == [201, 403, 403, 403]
        there = pusher(api).get(f"/v2/{name}/manifests/{tag}")
        assert there.headers["Docker-Content-Digest"] == found[0][1]
        assert str(Digest.of(json.dumps(there.get_json()).encode())) == found[0][1]


@pytest.mark.parametrize("change", ["forget", "point", "remove", "forget_manifest"])
def test_the_functions_that_change_tags_refuse_by_themselves(api: Api, change: str) -> None:
    """Retention, and whatever else comes, calls these."""
    one, database = target(api, "bound"), api.installed.database
    row = database.fetch("SELECT id FROM repository WHERE name = ?", one.name)
    assert row is not None
    manifest = database.fetch("SELECT manifest_id FROM tag WHERE repository_id = ?", row[0])
    assert manifest is not None
    calls: dict[str, Callable[[], object]] = {
        "forget": lambda: tags.forget(database, row[0], TAG, "x"),
        "point": lambda: tags.point(database, row[0], TAG, manifest[0] - 1, one.former, "x"),
        "remove": lambda: tags.remove(database, one.name, TAG, "x"),
        "forget_manifest": lambda: tags.forget_manifest(database, row[0], manifest[0], "x"),
    }
    with pytest.raises(RegistryError, match="is immutable"), database.transaction():
        calls[change]()
    assert one.tag == one.digest
    assert set(immutability.among(database, row[0], [TAG, "x", "w"])) == {TAG, "x"}
