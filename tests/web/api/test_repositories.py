"""Packages, repositories, tags and what is in use, over the API."""

import re

import pytest
from flask.testing import FlaskClient
from peewee import fn

from ocireg.app import close
from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.models import Manifest, Repository, Tag, TagEvent
from ocireg.oci.digest import Digest
from tests.security.statements import statements
from tests.web.api.conftest import Api, Make, pusher, said
from tests.web.v2 import push

NAME = "acme/goods/app"


@pytest.fixture
def api(make: Make) -> Api:
    """The organization acme of ada with bob as its member, and in it goods (private) and open (public)."""
    found = make()
    for name in ("ada", "bob", "eve", "wes"):
        found.user(name)
    found.manager.organizations.create(SYSTEM, "acme", "Acme", admin="ada")
    found.manager.organizations.enrol(SYSTEM, "acme", "bob", "member")
    found.manager.registries.create(SYSTEM, "acme/goods", name="Goods")
    found.manager.registries.create(SYSTEM, "acme/open", visibility="public")
    found.manager.registries.grant(SYSTEM, "acme/goods", "wes", "write")
    return found


@pytest.fixture
def client(api: Api) -> FlaskClient:
    """Whoever pushes: the admin."""
    return pusher(api)


def image(client: FlaskClient, name: str, tag: str, *layers: bytes, **more: object) -> bytes:
    """Push an image of those layers."""
    for one in (*layers, b"{}"):
        push.blob(client, name, one)
    content = push.image(layers=layers, **more)  # type: ignore[arg-type] # further fields
    push.manifest(client, name, tag, content)
    return content


def test_a_package_is_a_manifest_with_all_around_it(api: Api, client: FlaskClient) -> None:
    content = image(client, NAME, "1", b"one", b"four", annotations={"org.example.a": "b"})
    push.manifest(client, NAME, "latest", content)
    (listed,) = api.get("/registries/acme/goods/packages", "bob")
    sha256, sha512 = (str(Digest.of(content, one)) for one in ("sha256", "sha512"))
    wanted = {
        "id": listed["id"],
        "url": f"https://registry.example.com/api/v1/registries/acme/goods/packages/{listed['id']}",
        "web_url": f"https://registry.example.com/{NAME}@{sha256}",
        "name": NAME,
        "version": "1, latest",
        "tags": ["1", "latest"],
        "created_at": listed["created_at"],
        "pushed_by": "admin",
        "pulled_at": None,
        "downloads": 0,
        "digests": {"sha256": sha256, "sha512": None},
        "size": len(content) + len(b"{}onefour"),
        "media_type": "application/vnd.oci.image.manifest.v1+json",
        "artifact_type": listed["artifact_type"],
        "organization": {"slug": "acme"},
        "registry": {"path": "acme/goods", "name": "Goods", "visibility": "private"},
        "metadata": {"org.example.a": "b"},
    }
    assert listed == wanted
    one = api.get(f"/registries/acme/goods/packages/{listed['id']}", "bob")
    assert one == {**wanted, "digests": {"sha256": sha256, "sha512": sha512}}


def test_the_size_of_an_index_counts_what_its_children_share_once(api: Api, client: FlaskClient) -> None:
    first = image(client, NAME, "a", b"shared", b"a")
    second = image(client, NAME, "b", b"shared", b"b")
    index = push.index(first, second)
    push.manifest(client, NAME, "both", index)
    listed = {one["version"]: one["size"] for one in api.get("/registries/acme/goods/packages")}
    assert listed["both"] == len(index) + len(first) + len(second) + len(b"{}sharedab")


def test_packages_come_by_pages_the_newest_first(api: Api, client: FlaskClient) -> None:
    for number in range(5):
        image(client, f"acme/goods/n{number % 2}", f"v{number}", b"%d" % number)
    path = "/registries/acme/goods/packages?per_page=2"
    first = api.ask("GET", path)
    assert [one["version"] for one in first.get_json()] == ["v4", "v3"]
    second = api.ask("GET", f"{path}&after={first.get_json()[1]['id']}")
    assert [one["version"] for one in second.get_json()] == ["v2", "v1"]
    assert second.headers["Link"].count("rel=") == 2
    back = api.ask("GET", f"{path}&before={second.get_json()[0]['id']}")
    assert back.get_json() == first.get_json()
    named = api.get("/registries/acme/goods/packages?name=acme/goods/n1")
    assert [one["version"] for one in named] == ["v3", "v1"]


def test_a_package_is_deleted_by_whoever_may_and_its_identifier_is_nobodys(api: Api, client: FlaskClient) -> None:
    content = image(client, NAME, "1", b"one")
    (listed,) = api.get("/registries/acme/goods/packages")
    path = f"/registries/acme/goods/packages/{listed['id']}"
    assert api.ask("DELETE", path, "bob").status_code == 403
    assert api.ask("DELETE", path, "eve").status_code == 404
    assert api.ask("DELETE", path, "wes").status_code == 204
    assert api.ask("GET", path).status_code == 404
    push.manifest(client, NAME, "1", push.image(layers=(), config=b"{}"))  # SQLite gives the row's number again
    (other,) = api.get("/registries/acme/goods/packages")
    assert other["id"].partition("-")[0] == listed["id"].partition("-")[0]
    assert other["id"] != listed["id"]
    assert api.ask("GET", path).status_code == 404
    api.ask("DELETE", f"/registries/acme/goods/packages/{other['id']}")
    image(client, "acme/goods/other", "1", b"one")
    (third,) = api.get("/registries/acme/goods/packages")
    assert third["digests"]["sha256"] == str(Digest.of(content))
    assert third["id"] != listed["id"]


@pytest.mark.parametrize("identifier", ["1", "1-", "-1", "x", "1-0000000000000000", "9" * 30, "\u0661-0", "1-%00"])
def test_what_is_no_identifier_is_no_package(api: Api, client: FlaskClient, identifier: str) -> None:
    image(client, NAME, "1", b"one")
    assert api.ask("GET", f"/registries/acme/goods/packages/{identifier}").status_code == 404
    assert api.get(f"/registries/acme/goods/packages?before={identifier}") is not None


def test_a_list_leaves_out_long_annotations_and_names_a_hundred_tags(api: Api, client: FlaskClient) -> None:
    content = image(client, NAME, "t000", b"one", annotations={"long": "x" * 10_000})
    for number in range(1, 105):
        push.manifest(client, NAME, f"t{number:03}", content)
    (listed,) = api.get("/registries/acme/goods/packages")
    assert listed["metadata"] is None
    assert listed["tags"] == [f"t{number:03}" for number in range(100)]
    assert api.get(f"/registries/acme/goods/packages/{listed['id']}")["metadata"] == {"long": "x" * 10_000}


def test_repositories_are_listed_with_what_they_hold(api: Api, client: FlaskClient) -> None:
    content = image(client, NAME, "1", b"one")
    push.manifest(client, NAME, "2", content)
    image(client, "acme/open/app", "1", b"one")
    image(client, "tool", "1", b"one")
    names = {who: [one["name"] for one in api.get("/repositories", who)] for who in ("", "bob", "eve", "admin")}
    assert names == {
        "": ["acme/open/app"],
        "eve": ["acme/open/app"],
        "bob": [NAME, "acme/open/app"],
        "admin": [NAME, "acme/open/app", "tool"],
    }
    shown = api.get(f"/repositories/{NAME}")
    assert {"size": len(content) + 5, "packages": 1, "tags": 2}.items() <= shown.items()
    assert shown["registry"] == {"path": "acme/goods", "name": "Goods", "visibility": "private"}
    assert api.get("/repositories/acme%2Fgoods%2Fapp") == shown
    assert [one["name"] for one in api.get("/repositories?registry=root")] == ["tool"]
    assert [one["name"] for one in api.get("/repositories?prefix=acme/o")] == ["acme/open/app"]
    assert api.get("/repositories?registry=acme/goods", "eve") == api.get("/repositories?registry=acme/no", "eve") == []


@pytest.mark.parametrize("path", ["", "/-/tags", "/-/tags/1", "/-/tags/1/history"])
def test_a_hidden_repository_is_answered_as_one_that_is_not_there(api: Api, client: FlaskClient, path: str) -> None:
    image(client, NAME, "1", b"one")
    for who, status in (("eve", 404), ("", 401)):
        answers = [api.ask("GET", f"/repositories/acme/goods/{one}{path}", who) for one in ("app", "apx")]
        hidden, absent = (one.get_data(as_text=True).replace("apx", "app") for one in answers)
        assert [one.status_code for one in answers] == [status, status]
        assert hidden == absent
    assert api.ask("GET", f"/repositories/acme/goods/apx{path}", "bob").status_code == 404


def test_tags_are_listed_deleted_and_restored(api: Api, client: FlaskClient) -> None:
    old, new = image(client, NAME, "1", b"old"), image(client, NAME, "1", b"newer")
    digests = [str(Digest.of(one)) for one in (old, new)]
    (listed,) = api.get(f"/repositories/{NAME}/-/tags", "bob")
    assert (listed["name"], listed["digest"], listed["size"]) == ("1", digests[1], len(new) + 7)
    assert api.ask("DELETE", f"/repositories/{NAME}/-/tags/1", "bob").status_code == 403
    assert api.ask("DELETE", f"/repositories/{NAME}/-/tags/1", "wes").status_code == 204
    assert api.ask("GET", f"/repositories/{NAME}/-/tags/1").status_code == 404
    history = api.get(f"/repositories/{NAME}/-/tags/1/history", "bob")
    assert [(one["digest"], one["present"]) for one in history] == [
        (None, False),
        (digests[1], True),
        (digests[0], True),
    ]
    path = f"/repositories/{NAME}/-/tags/1/restore"
    assert api.ask("POST", path, "bob", {"digest": digests[0]}).status_code == 403
    assert api.ask("POST", path, "wes", {"digest": digests[0]}).get_json()["digest"] == digests[0]
    pulled = client.get(f"/v2/{NAME}/manifests/1")
    assert pulled.get_data() == old
    (event,) = api.get("/audit-events?action=tag.restore")
    assert (event["actor"], event["subject"], event["detail"]) == ("wes", "1", {"digest": digests[0]})
    first = api.ask("GET", f"/repositories/{NAME}/-/tags/1/history?per_page=1")
    assert first.get_json()[0]["digest"] == digests[0]
    assert (
        api.get(f"/repositories/{NAME}/-/tags/1/history?per_page=1&after={first.get_json()[0]['id']}")[0]["digest"]
        is None
    )


def test_a_tag_is_not_restored_to_what_it_never_was_nor_to_what_is_gone(api: Api, client: FlaskClient) -> None:
    old = image(client, NAME, "1", b"old")
    image(client, NAME, "1", b"new")
    other = image(client, NAME, "2", b"other")
    path = f"/repositories/{NAME}/-/tags/1/restore"
    assert api.ask("POST", path, json={"digest": str(Digest.of(other))}).status_code == 404
    client.delete(f"/v2/{NAME}/manifests/{Digest.of(old)}")
    assert api.ask("POST", path, json={"digest": str(Digest.of(old))}).status_code == 404
    assert said(api.ask("POST", path, json={"digest": "sha256:x"})) == [("digest", "invalid")]
    assert api.get(f"/repositories/{NAME}/-/tags/1")["digest"] != str(Digest.of(other))


def test_who_pushed_and_pulled_is_shown_wherever_it_is_listed(api: Api, client: FlaskClient) -> None:
    content = image(client, NAME, "1", b"one")
    for _ in range(3):
        client.get(f"/v2/{NAME}/manifests/1")
    close(api.app)
    (package,) = api.get("/registries/acme/goods/packages", "bob")
    (tag,) = api.get(f"/repositories/{NAME}/-/tags", "bob")
    for one in (package, tag, api.get(f"/repositories/{NAME}/-/tags/1")):
        assert (one["pushed_by"], one["downloads"]) == ("admin", 3)
        assert one["pulled_at"] >= tag["pushed_at"]
    assert api.get(f"/repositories/{NAME}")["downloads"] == 3
    registry = api.get("/registries/acme/goods", "bob")
    assert (registry["images"], registry["downloads"]) == (1, 3)
    assert registry["pushed_at"] == api.get(f"/repositories/{NAME}")["pushed_at"]
    assert registry in api.get("/registries?search=GOODS")
    assert api.ask("DELETE", f"/repositories/{NAME}/-/tags/1", "wes").status_code == 204
    history = api.get(f"/repositories/{NAME}/-/history", "bob")
    assert [(one["name"], one["by"], one["present"]) for one in history] == [("1", "wes", False), ("1", "admin", True)]
    restore = {"digest": str(Digest.of(content))}
    assert api.ask("POST", f"/repositories/{NAME}/-/tags/1/restore", "wes", restore).get_json()["pushed_by"] == "wes"


def test_downloads_are_told_by_day(api: Api, client: FlaskClient) -> None:
    image(client, NAME, "1", b"one")
    client.get(f"/v2/{NAME}/manifests/1")
    close(api.app)
    (package,) = api.get("/registries/acme/goods/packages")
    for path in (f"/registries/acme/goods/packages/{package['id']}/downloads", f"/repositories/{NAME}/-/downloads"):
        found = api.get(f"{path}?days=3", "bob")
        assert [one["count"] for one in found] == [0, 0, 1]
        assert [one["day"] for one in found] == sorted({one["day"] for one in found})
        assert len(api.get(path, "bob")) == 30
        assert api.ask("GET", f"{path}?days=401").status_code == api.ask("GET", f"{path}?days=0").status_code == 422
        assert api.ask("GET", path, "eve").status_code == 404
    assert api.ask("GET", "/registries/acme/goods/packages/1-0/downloads").status_code == 404


def test_lists_are_searched(api: Api, client: FlaskClient) -> None:
    for name, tag in ((NAME, "v1.0"), (NAME, "v1.1"), (NAME, "latest"), ("acme/open/app", "1"), ("tool", "1")):
        image(client, name, tag, b"one")
    names = {text: [one["name"] for one in api.get(f"/repositories?search={text}", "bob")] for text in ("ope", "%25")}
    assert names == {"ope": ["acme/open/app"], "%25": []}
    tags = f"/repositories/{NAME}/-/tags"
    assert [one["name"] for one in api.get(f"{tags}?search=V1.")] == ["v1.0", "v1.1"]
    assert [one["path"] for one in api.get("/registries?search=e/o", "bob")] == ["acme/open"]
    assert api.get("/registries?search=open&organization=acme", "eve") != []
    assert api.get("/registries?search=goods", "eve") == []
    assert said(api.ask("GET", f"{tags}?search={'x' * 301}")) == [("search", "invalid")]
    assert said(api.ask("GET", f"{tags}?order=oldest")) == [("order", "invalid")]


def test_the_newest_tags_come_by_pages(api: Api, client: FlaskClient) -> None:
    for tag in ("b", "a", "c", "b"):
        image(client, NAME, tag, b"one")
    path = f"/repositories/{NAME}/-/tags?order=newest&per_page=2"
    first = api.ask("GET", path)
    assert [one["name"] for one in first.get_json()] == ["b", "c"]
    (link,) = re.findall(r'<([^>]+)>; rel="next"', first.headers["Link"])
    second = api.ask("GET", link.removeprefix("/api/v1"))
    assert [one["name"] for one in second.get_json()] == ["a"]
    (link,) = re.findall(r'<([^>]+)>; rel="prev"', second.headers["Link"])
    assert api.get(link.removeprefix("/api/v1")) == first.get_json()


def test_what_nothing_leads_to_is_listed_by_itself(api: Api, client: FlaskClient) -> None:
    old, child = image(client, NAME, "1", b"old"), image(client, NAME, "1", b"child")
    image(client, NAME, "1", b"new")
    push.manifest(client, NAME, "index", push.index(child))
    image(client, "acme/goods/other", "1", b"one")
    path = "/registries/acme/goods/packages?untagged"
    assert [one["digests"]["sha256"] for one in api.get(f"{path}=true")] == [str(Digest.of(old))]
    assert api.get(f"{path}=true&name=acme/goods/other") == []
    assert len(api.get(f"{path}=false")) == 5
    assert said(api.ask("GET", f"{path}=1")) == [("untagged", "invalid")]


def test_a_repository_moves_and_goes(api: Api, client: FlaskClient) -> None:
    image(client, NAME, "1", b"one")
    path, move = f"/repositories/{NAME}/-/move", {"to": "acme/open/app"}
    assert api.ask("POST", path, "bob", move).status_code == 403
    assert api.ask("POST", path, "eve", move).status_code == 404
    assert api.ask("POST", path, "wes", move).status_code == 403  # who may not push there
    assert api.ask("POST", path, "", move).status_code == 401
    assert api.post(path, move, "ada")["registry"]["path"] == "acme/open"
    assert api.ask("GET", f"/repositories/{NAME}").status_code == 404
    assert api.ask("POST", path, "ada", move).status_code == 404
    taken = api.ask("POST", "/repositories/acme/open/app/-/move", "ada", move)
    assert (taken.status_code, said(taken)) == (409, [("to", "conflict")])
    assert api.ask("DELETE", "/repositories/acme/open/app", "bob").status_code == 403
    assert api.ask("DELETE", "/repositories/acme/open/app", "ada").status_code == 204
    assert api.ask("DELETE", "/repositories/acme/open/app", "ada").status_code == 404


def test_what_is_in_use_counts_each_blob_once(api: Api, client: FlaskClient) -> None:
    first = image(client, NAME, "1", b"shared")
    second = image(client, "acme/open/app", "1", b"shared")
    client.post("/v2/tool/blobs/uploads/")
    shown = api.get("/usage")
    size = len(first) + len(b"{}shared")
    expected = {
        "size": size + len(second),
        "blobs": 2,
        "manifests": 2,
        "repositories": 2,
        "uploads": 1,
        "upload_size": 0,
        "registries": [
            {"path": path, "size": size, "quota": None, "percent": None} for path in ("acme/goods", "acme/open")
        ],
        "users": 5,
        "administrators": 1,
        "organizations": 1,
        "registry_count": 2,
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown["store"].startswith("file:")
    assert [one["use"] for one in shown["disks"]] == ["data", "blobs"]
    one = api.get("/registries/acme/goods/usage", "ada")
    assert one == {
        "size": size,
        "blobs": 2,
        "manifests": 1,
        "repositories": 1,
        "uploads": 0,
        "upload_size": 0,
        "quota": None,
        "percent": None,
        "largest": [{"name": NAME, "size": size}],
    }
    assert api.ask("GET", "/usage", "ada").status_code == 403
    assert api.ask("GET", "/registries/acme/goods/usage", "bob").status_code == 403


def test_lists_ask_the_database_no_more_of_a_thousand_than_of_ten(api: Api, client: FlaskClient) -> None:
    image(client, NAME, "1", b"one")
    paths = (
        "/repositories?per_page=100",
        "/registries/acme/goods/packages?per_page=100",
        "/registries/acme/goods/packages?per_page=100&untagged=true",
        f"/repositories/{NAME}/-/tags?per_page=100",
        f"/repositories/{NAME}/-/tags?per_page=100&order=newest",
        f"/repositories/{NAME}/-/history?per_page=100",
        f"/repositories/{NAME}/-/downloads",
        f"/repositories/{NAME}/-/tags/1/history?per_page=100",
        "/registries?per_page=100",
        "/audit-events?per_page=100",
        "/usage",
        "/registries/acme/goods/usage",
        "/organizations/acme/usage",
    )
    counts = []
    for wanted in (10, 1000):
        fill(api, wanted)
        taken = []
        for path in paths:
            api.ask("GET", path)
            with statements() as asked:
                answer = api.ask("GET", path)
            assert answer.status_code == 200
            taken.append(len(asked))
        counts.append(taken)
        assert len(api.get("/repositories?per_page=100")) == min(wanted, 100)
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 8


def fill(api: Api, wanted: int) -> None:
    """Let there be so many repositories more, each with a manifest and a tag, and as many manifests and tags of one."""
    database = api.installed.database
    values = {"size": 1, "media_type": "x/y", "content": b"", "annotations": "{}", "pushed_at": 0}
    with database.transaction(durable=False):
        found = database.row(Repository.select(Repository.registry, Repository.id).where(Repository.name == NAME))
        assert found is not None
        have = database.row(Tag.select(fn.COUNT(Tag.name)).where(Tag.repository == found[1]))
        for number in range(have[0] if have else 0, wanted):
            digest = f"sha256:{number:064x}"
            new = database.run(Repository.insert(registry=found[0], name=f"acme/goods/m{number:04}", created_at=0))
            for where in (new, found[1]):
                key = f"{where} {number}"
                row = database.run(Manifest.insert(repository=where, digest=digest, key=key, **values))
                database.run(Tag.insert(repository=where, name=f"t{number:04}", manifest=row, pushed_at=0))
            database.run(TagEvent.insert(repository=found[1], name="1", digest=digest, at=0))
