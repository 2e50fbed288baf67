"""Quotas, as clients meet them: refused before bytes are taken, exact at the end, with nothing left of what is not."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ocireg.app import close, create_app
from ocireg.metadata import quotas
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

NAME, OTHER = "acme/goods/app", "acme/spare/app"


class World:
    """An installation with two registries of one organization."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.client: FlaskClient = app.test_client()
        self.installed = installation(app)
        self.blobs = folder / "data" / "storage"
        self.serial = 0
        self.manager = self.installed.access.manager
        self.manager.organizations.create(SYSTEM, "acme")
        for slug in ("goods", "spare"):
            self.manager.registries.create(SYSTEM, f"acme/{slug}")

    @property
    def used(self) -> int:
        return self.manager.quotas.of_registry("acme/goods")[0].used

    def allow(self, more: int | None, organization: int | None = None) -> None:
        """Let the registry use so many bytes more than it does, and the organization."""
        quota = None if more is None else self.used + more
        whole = self.manager.quotas.of_organization("acme").used
        self.manager.quotas.set_organization(SYSTEM, "acme", None if organization is None else whole + organization)
        self.manager.quotas.set_registry(SYSTEM, "acme/goods", quota)

    def content(self, size: int) -> bytes:
        """Return bytes that are nowhere yet."""
        self.serial += 1
        return f"{self.serial:08}".encode().ljust(size, b".")

    def post(self, content: bytes, name: str = NAME) -> TestResponse:
        return self.client.post(f"/v2/{name}/blobs/uploads/?digest={Digest.of(content)}", data=content)

    def begin(self, name: str = NAME) -> str:
        return self.client.post(f"/v2/{name}/blobs/uploads/").headers["Location"]

    def left(self) -> tuple[int, int]:
        """Return how many uploads, and how many files of the store no row needs."""
        database = self.installed.database
        keys = {row[0] for row in database.fetch_all("SELECT key FROM blob UNION SELECT key FROM manifest")}
        there = {str(path.relative_to(self.blobs)) for path in self.blobs.rglob("*") if path.is_file()}
        stored = {path for path in there if path.split("/")[0] in {"blobs", "manifests"}}
        uploads = database.fetch_all("SELECT id FROM upload WHERE size > 0 OR settled")
        return len(uploads), len({one for one in stored if not any(one.startswith(key) for key in keys)})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("quotas")
    app = create_app(settings_for(folder))
    app.test_client_class = BufferedClient
    yield World(app, folder)
    close(app)
    installation(app).database.close()


def refused(answer: TestResponse) -> str:
    """Return what is said, of an answer that clients do not try again."""
    assert answer.status_code == 403, answer.get_data(as_text=True)
    assert push.codes(answer) == ["DENIED"]
    return str(answer.get_json()["errors"][0]["message"])


class Unread:
    """A body of which no byte is to be read."""

    def read(self, _size: int = -1) -> bytes:
        raise AssertionError("bytes were taken")


def test_a_blob_that_fills_the_quota_goes_and_one_byte_more_does_not(world: World) -> None:
    world.allow(100)
    assert world.post(world.content(100)).status_code == 201
    said = refused(world.post(world.content(8)))
    assert said.startswith("quota of acme/goods exceeded: ")
    assert said.endswith(" used, this needs 8 Bytes")
    assert world.left() == (0, 0)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "manifest"])
def test_what_says_its_length_is_refused_before_a_byte_is_read(world: World, method: str) -> None:
    world.allow(100)
    content, path = world.content(101), f"/v2/{NAME}/manifests/{Digest.of(b'new')}"
    if method == "POST":
        path = f"/v2/{NAME}/blobs/uploads/?digest={Digest.of(content)}"
    elif method != "manifest":
        path = world.begin() + (f"?digest={Digest.of(content)}" if method == "PUT" else "")
    verb = "PUT" if method == "manifest" else method
    unread = {"wsgi.input": Unread(), "CONTENT_LENGTH": "101"}
    answer = world.client.open(path, method=verb, content_type=OCI_MANIFEST, environ_overrides=unread)
    assert "this needs 101 Bytes" in refused(answer)
    assert world.left() == (0, 0)


def test_a_stream_of_unknown_length_is_stopped_when_it_passes_the_quota_and_its_upload_is_gone(world: World) -> None:
    world.allow(5_000_000)
    location, taken = world.begin(), []

    class Stream:
        def read(self, size: int = -1) -> bytes:
            taken.append(size)
            return b"." * size if len(taken) < 20 else b""

    unending = {"wsgi.input": Stream(), "wsgi.input_terminated": True}
    answer = world.client.patch(location, environ_overrides=unending)
    refused(answer)
    assert sum(taken) < 7_000_000
    assert world.client.get(location).status_code == 404
    assert world.left() == (0, 0)


def test_the_chunks_of_an_upload_count_together_and_those_of_others_do_not(world: World) -> None:
    world.allow(100)
    first, second = world.begin(), world.begin()
    assert world.client.patch(first, data=b"." * 60).status_code == 202
    assert world.client.patch(second, data=b"." * 60).status_code == 202
    refused(world.client.patch(first, data=b"." * 60))
    assert world.client.put(f"{second}?digest={Digest.of(b'.' * 60)}").status_code == 201
    assert world.left() == (0, 0)


def test_what_was_filled_by_others_meanwhile_is_refused_at_the_end_and_leaves_nothing(world: World) -> None:
    world.allow(100)
    content, location = world.content(60), world.begin()
    assert world.client.patch(location, data=content).status_code == 202
    assert world.post(world.content(60)).status_code == 201
    refused(world.client.put(f"{location}?digest={Digest.of(content)}"))
    assert world.left() == (0, 0)


def test_what_adds_nothing_goes_beyond_the_quota_too(world: World) -> None:
    world.allow(None)
    layer = world.content(50)
    push.blob(world.client, NAME, layer)
    push.blob(world.client, NAME, b"{}")
    manifest = push.image(layers=(layer,))
    push.manifest(world.client, NAME, "1", manifest)
    world.allow(-40)
    before = world.used
    assert world.post(layer, "acme/goods/another").status_code == 201  # which the registry knows by another repository
    location = world.begin("acme/goods/third")
    assert world.client.put(f"{location}?digest={Digest.of(layer)}", data=layer).status_code == 201
    mount = f"/v2/acme/goods/fourth/blobs/uploads/?mount={Digest.of(layer)}&from={NAME}"
    assert world.client.post(mount).status_code == 201
    push.manifest(world.client, NAME, "2", manifest)
    push.manifest(world.client, NAME, str(Digest.of(manifest)), manifest)
    assert world.used == before
    refused(world.client.put(f"/v2/{NAME}/manifests/3", data=manifest + b" ", content_type=OCI_MANIFEST))
    assert world.client.get(f"/v2/{NAME}/manifests/1").status_code == 200
    assert world.client.delete(f"/v2/{NAME}/manifests/{Digest.of(manifest)}").status_code == 202
    assert world.used == before - len(manifest)
    assert world.left()[0] == 0


def test_a_mount_from_another_registry_counts_there(world: World) -> None:
    world.allow(None)
    layer = world.content(70)
    push.blob(world.client, OTHER, layer)
    world.allow(69)
    mount = f"/v2/{NAME}/blobs/uploads/?mount={Digest.of(layer)}&from={OTHER}"
    refused(world.client.post(mount))
    assert world.client.head(f"/v2/{NAME}/blobs/{Digest.of(layer)}").status_code == 404
    world.allow(70)
    assert world.client.post(mount).status_code == 201


def test_an_organization_counts_what_its_registries_use_together(world: World) -> None:
    world.allow(None, organization=100)
    assert world.post(world.content(60)).status_code == 201
    assert "quota of organization acme exceeded" in refused(world.post(world.content(60), OTHER))
    assert world.post(world.content(40), OTHER).status_code == 201


def test_a_push_is_warned_from_85_per_cent_on(world: World) -> None:
    world.allow(None)
    push.blob(world.client, NAME, world.content(100_000))
    world.allow(100_000, organization=100_000)
    assert "Warning" not in world.post(world.content(10)).headers
    world.allow(10_000, organization=10_000)
    told = world.post(world.content(10)).headers.getlist("Warning")
    assert len(told) == 2
    assert told[0].startswith('299 - "acme/goods uses 9')
    assert told[1].startswith('299 - "organization acme uses 9')
    assert all(one.endswith('"') and one.count('"') == 2 and one.isascii() for one in told)
    push.blob(world.client, NAME, b"{}")
    answer = world.client.put(
        f"/v2/{NAME}/manifests/warned", data=push.image(layers=(), config=b"{}"), content_type=OCI_MANIFEST
    )
    assert answer.status_code == 201
    assert len(answer.headers.getlist("Warning")) == 2
    assert "Warning" not in world.client.get(f"/v2/{NAME}/manifests/warned").headers


def test_a_repository_is_not_moved_to_where_it_does_not_fit(world: World) -> None:
    world.allow(None)
    push.blob(world.client, "acme/spare/big", world.content(500))
    world.allow(499)
    with pytest.raises(Exception, match="quota of acme/goods exceeded"):
        world.manager.registries.move_repository(SYSTEM, "acme/spare/big", "acme/goods/big")
    world.allow(500)
    before = world.used
    world.manager.registries.move_repository(SYSTEM, "acme/spare/big", "acme/goods/big")
    assert world.used == before + 500


PUSHERS, SIZE = 16, 1000


@pytest.mark.parametrize("fits", [0, 5, 15])
def test_pushers_at_once_fill_a_quota_and_never_pass_it(world: World, fits: int) -> None:
    world.allow(fits * SIZE + SIZE // 2)
    before, contents = world.used, [world.content(SIZE) for _ in range(PUSHERS)]
    codes, most, done = list[int](), list[int](), threading.Event()
    start = threading.Barrier(PUSHERS)

    def pusher(content: bytes) -> None:
        with world.client.application.test_client() as client:
            location = client.post(f"/v2/{NAME}/blobs/uploads/").headers["Location"]
            start.wait()
            patched = client.patch(location, data=content)
            if patched.status_code == 202:
                patched = client.put(f"{location}?digest={Digest.of(content)}")
            codes.append(patched.status_code)
        world.installed.database.close()

    def watcher() -> None:
        while not done.is_set():
            most.append(world.used)
        world.installed.database.close()

    threads = [threading.Thread(target=pusher, args=(one,)) for one in contents]
    watching = threading.Thread(target=watcher)
    for one in (watching, *threads):
        one.start()
    for one in threads:
        one.join()
    done.set()
    watching.join()
    assert sorted(codes) == [201] * fits + [403] * (PUSHERS - fits)
    assert world.used == before + fits * SIZE
    assert max(most) <= before + fits * SIZE + SIZE // 2
    assert world.left() == (0, 0)
    known = [one for one in contents if quotas.has_blob(world.installed.database, _row(world), str(Digest.of(one)))]
    assert len(known) == fits


def _row(world: World) -> int:
    found = world.installed.database.fetch("SELECT id FROM repository WHERE name = ?", NAME)
    assert found is not None
    return int(found[0])
