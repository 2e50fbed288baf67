"""Lists over the wire: tags, repositories, referrers (OCI distribution v1.1.1, end-8 and end-12; Docker's catalog)."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from ocireg.app import create_app
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_INDEX, OCI_MANIFEST
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

NAMES = ["1", "10", "2", "A", "B.c", "_x", "a", "a-b", "a.b", "ab", "z" * 128]


@pytest.fixture
def tags(client: FlaskClient) -> FlaskClient:
    push.manifest(client, "a/b", NAMES[0])
    for name in reversed(NAMES[1:]):
        push.manifest(client, "a/b", name, push.image())
    return client


def follow(client: FlaskClient, url: str, field: str) -> list[str]:
    """Return all items of a list, page by page, as its links lead."""
    found: list[str] = []
    for _ in range(100):
        answer = client.get(url)
        assert answer.status_code == 200
        found += answer.get_json()[field]
        if "Link" not in answer.headers:
            return found
        link, relation = answer.headers["Link"].split(";")
        assert relation.strip() == 'rel="next"'
        url = link.strip("<>")
        assert url.startswith("/v2/")
    raise AssertionError("the links lead nowhere")


def test_tags_come_in_ascii_order(tags: FlaskClient) -> None:
    assert tags.get("/v2/a/b/tags/list").get_json() == {"name": "a/b", "tags": sorted(NAMES)}


@pytest.mark.parametrize("size", [1, 2, 3, 10, 11, 12])
def test_pages_of_tags_make_the_whole(tags: FlaskClient, size: int) -> None:
    first = tags.get(f"/v2/a/b/tags/list?n={size}")
    assert len(first.get_json()["tags"]) == min(size, len(NAMES))
    assert ("Link" in first.headers) == (size < len(NAMES))
    assert follow(tags, f"/v2/a/b/tags/list?n={size}", "tags") == sorted(NAMES)


def test_last_works_without_n_and_is_not_itself_listed(tags: FlaskClient) -> None:
    for last in (*NAMES, "", "0", "zzzz", "not a tag"):
        wanted = [name for name in sorted(NAMES) if name > last]
        assert tags.get("/v2/a/b/tags/list", query_string={"last": last}).get_json()["tags"] == wanted


@pytest.mark.parametrize("path", ["a/b/tags/list", "_catalog"])
@pytest.mark.parametrize(
    ("n", "status"),
    [
        ("0", 200),
        ("2147483648", 200),
        ("9" * 500, 200),
        ("-1", 400),
        ("x", 400),
        ("", 400),
        ("1.5", 400),
        ("\uff19", 400),
    ],
)
def test_any_n_is_answered_and_none_of_them_costs_memory(tags: FlaskClient, path: str, n: str, status: int) -> None:
    answer = tags.get(f"/v2/{path}", query_string={"n": n})
    assert answer.status_code == status
    if n == "0":
        assert "Link" not in answer.headers
        assert answer.get_json().get("tags", answer.get_json().get("repositories")) == []


def test_the_tags_of_an_unknown_repository_are_not_found(client: FlaskClient) -> None:
    answer = client.get("/v2/not/there/tags/list")
    assert (answer.status_code, push.codes(answer)) == (404, ["NAME_UNKNOWN"])


def test_the_tags_of_a_repository_in_which_uploads_were_only_begun_are_not_found(client: FlaskClient) -> None:
    begun = client.post("/v2/a/b/blobs/uploads/").headers["Location"]
    for _ in range(2):
        answer = client.get("/v2/a/b/tags/list")
        assert (answer.status_code, push.codes(answer)) == (404, ["NAME_UNKNOWN"])
        client.delete(begun)
    push.blob(client, "a/b", b"layer")
    assert client.get("/v2/a/b/tags/list").get_json() == {"name": "a/b", "tags": []}


def test_after_the_last_tag_went_the_list_is_empty_and_not_null(client: FlaskClient) -> None:
    push.manifest(client, "a/b", "v1")
    client.delete("/v2/a/b/manifests/v1")
    assert client.get("/v2/a/b/tags/list").get_json() == {"name": "a/b", "tags": []}


def test_the_catalog_lists_repositories_that_hold_something_by_pages(client: FlaskClient) -> None:
    names = ["a", "a-b", "a/b", "a/b/c", "ab", "b"]
    for name in reversed(names):
        push.manifest(client, name, "v1")
    client.post("/v2/given/up/blobs/uploads/")
    assert client.get("/v2/_catalog").get_json() == {"repositories": sorted(names)}
    for size in (1, 2, 5, 6, 7):
        assert follow(client, f"/v2/_catalog?n={size}", "repositories") == sorted(names)


def test_a_page_is_never_larger_than_the_setting(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, catalog_page=2, catalog_page_limit=3, tags_page=2, referrers_page=2))
    app.test_client_class = BufferedClient
    client = app.test_client()
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        push.manifest(client, name, "v1")
        push.manifest(client, "a", name)
    assert len(client.get("/v2/_catalog").get_json()["repositories"]) == 2
    assert len(client.get("/v2/_catalog?n=100000").get_json()["repositories"]) == 3
    assert follow(client, "/v2/_catalog?n=100000", "repositories") == names
    assert follow(client, "/v2/a/tags/list", "tags") == [*names, "v1"]
    installation(app).database.close()


def refer(client: FlaskClient, subject: bytes, number: int, **more: str) -> str:
    """Push something that refers to ``subject``; ``more`` are further fields."""
    body = {"subject": push.descriptor(subject, OCI_MANIFEST), "annotations": {"n": str(number)}, **more}
    content = json.dumps(json.loads(push.image()) | body).encode()
    return push.manifest(client, "a/b", f"r{number}", content)


def test_referrers_are_described_and_filtered(client: FlaskClient) -> None:
    push.manifest(client, "a/b", "v1")
    subject = push.image()
    plain = refer(client, subject, 1)
    typed = refer(client, subject, 2, artifactType="application/example.sbom")
    listed = push.index(subject=push.descriptor(subject, OCI_MANIFEST), annotations={"n": "3"})
    index = push.manifest(client, "a/b", "r3", listed)
    url = f"/v2/a/b/referrers/{Digest.of(subject)}"
    answer = client.get(url)
    assert (answer.status_code, answer.content_type) == (200, OCI_INDEX)
    body = answer.get_json(force=True)
    assert (body["schemaVersion"], body["mediaType"]) == (2, OCI_INDEX)
    found = {one["digest"]: one for one in body["manifests"]}
    assert set(found) == {plain, typed, index}
    assert found[plain]["artifactType"] == "application/vnd.oci.empty.v1+json"
    assert found[typed]["artifactType"] == "application/example.sbom"
    assert "artifactType" not in found[index]
    assert [found[one]["annotations"] for one in (plain, typed, index)] == [{"n": "1"}, {"n": "2"}, {"n": "3"}]
    filtered = client.get(url, query_string={"artifactType": "application/example.sbom"})
    assert filtered.headers["OCI-Filters-Applied"] == "artifactType"
    assert [one["digest"] for one in filtered.get_json(force=True)["manifests"]] == [typed]
    client.delete(f"/v2/a/b/manifests/{typed}")
    assert len(client.get(url).get_json(force=True)["manifests"]) == 2


@pytest.mark.parametrize("repository", ["a/b", "not/there"])
def test_what_nothing_refers_to_has_an_empty_index(client: FlaskClient, repository: str) -> None:
    push.manifest(client, "a/b", "v1")
    for digest in (Digest.of(b"unknown"), Digest("sha256", "0" * 64), Digest.of(b"", "sha512")):
        answer = client.get(f"/v2/{repository}/referrers/{digest}")
        assert (answer.status_code, answer.content_type) == (200, OCI_INDEX)
        assert answer.get_json(force=True)["manifests"] == []


@pytest.mark.parametrize("digest", ["v1", "sha256:short", "md5:d41d8cd98f00b204e9800998ecf8427e"])
def test_referrers_of_what_is_no_digest_are_refused(client: FlaskClient, digest: str) -> None:
    answer = client.get(f"/v2/a/b/referrers/{digest}")
    assert (answer.status_code, push.codes(answer)) == (400, ["DIGEST_INVALID"])


def test_referrers_that_do_not_fit_one_manifest_are_linked_to(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, manifest_limit=20_000))
    app.test_client_class = BufferedClient
    client = app.test_client()
    push.manifest(client, "a/b", "v1")
    subject = push.image()
    made = {refer(client, subject, number) for number in range(5)}
    large = [
        push.manifest(
            client,
            "a/b",
            f"l{number}",
            push.image(subject=push.descriptor(subject, OCI_MANIFEST), annotations={"big": str(number) * 9_000}),
        )
        for number in range(4)
    ]
    found: list[str] = []
    url = f"/v2/a/b/referrers/{Digest.of(subject)}?artifactType=application/vnd.oci.empty.v1%2Bjson"
    pages = 0
    while url:
        answer = client.get(url)
        pages += 1
        found += [one["digest"] for one in json.loads(answer.get_data())["manifests"]]
        link = answer.headers.get("Link", "")
        url = link.partition(";")[0].strip("<>")
        if url:
            assert parse_qs(urlsplit(url).query)["artifactType"] == ["application/vnd.oci.empty.v1+json"]
    assert sorted(found) == sorted({*made, *large})
    assert pages > 1
    installation(app).database.close()


def test_the_catalog_has_nothing_of_a_root_registry_that_is_switched_off(tmp_path: Path) -> None:
    for root, listed in (("true", ["held"]), ("false", [])):
        app = create_app(settings_for(tmp_path, root_registry=root))
        app.test_client_class = BufferedClient
        client = app.test_client()
        if listed:
            push.manifest(client, "held", "latest")
        assert client.get("/v2/_catalog").get_json() == {"repositories": listed}
        installation(app).database.close()
