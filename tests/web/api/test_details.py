"""Packages from inside, over the API: a real index of two platforms, pushed and looked at."""

import hashlib
import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from tests.contents.archives import tar
from tests.web.api.conftest import Api, Make, pusher, said
from tests.web.v2 import push

NAME, BASE = "acme/goods/app", "acme/goods/base"
TAR = "application/vnd.oci.image.layer.v1.tar"
RELEASE = b"ID=debian\nNAME=Debian\nVERSION_ID=12\n"
LAYERS = (tar(("etc/os-release", RELEASE), ("bin/x", b"")), tar(("srv/app", b"hello"), ("srv/other", b"x")))


class Pushed:
    """What a build for two platforms pushes, and the base that it is built on."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.client: FlaskClient = pusher(api)
        self.base = self.image(BASE, "12", "amd64", LAYERS[:1])
        self.amd, self.arm = (self.image(NAME, "", one, LAYERS) for one in ("amd64", "arm64"))
        children = [
            {**push.descriptor(one, OCI_MANIFEST), "platform": {"os": "linux", "architecture": name}}
            for one, name in ((self.amd, "amd64"), (self.arm, "arm64"))
        ]
        body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children}
        self.index = json.dumps(body).encode()
        push.manifest(self.client, NAME, "1.0", self.index)
        signature = b"signature"
        push.blob(self.client, NAME, signature)
        push.blob(self.client, NAME, b"{}")
        signed = push.image(
            layers=(signature,),
            subject=push.descriptor(self.amd, OCI_MANIFEST),
            artifactType="application/vnd.example.signature",
        )
        push.manifest(self.client, NAME, str(Digest.of(signed)), signed)
        self.ids = {
            one["digests"]["sha256"]: one["id"] for one in api.get("/registries/acme/goods/packages?per_page=100")
        }

    def image(self, name: str, tag: str, architecture: str, layers: tuple[bytes, ...]) -> bytes:
        """Push an image."""
        labels = {"org.opencontainers.image.licenses": "MIT"}
        config = {
            "os": "linux",
            "architecture": architecture,
            "created": "2026-05-01T12:00:00Z",
            "config": {
                "Env": ["A=1"],
                "Labels": labels,
                "ExposedPorts": {"80": {}},
            },
            "history": [{"created_by": f"ADD {one}"} for one in range(len(layers))],
        }
        raw = json.dumps(config).encode()
        for one in (raw, *layers):
            push.blob(self.client, name, one)
        listed = [push.descriptor(one, TAR) for one in layers]
        content = push.image(layers=layers, config=raw)
        body = {**json.loads(content), "config": push.descriptor(raw, OCI_CONFIG), "layers": listed}
        content = json.dumps(body).encode()
        push.manifest(self.client, name, tag or str(Digest.of(content)), content)
        return content

    def path(self, content: bytes, below: str) -> str:
        """Return where something of a package is."""
        return f"/registries/acme/goods/packages/{self.ids[str(Digest.of(content))]}/{below}"

    def get(self, content: bytes, below: str, who: str = "bob") -> Any:
        """Return it."""
        return self.api.get(self.path(content, below), who)


@pytest.fixture
def pushed(make: Make) -> Pushed:
    """Of acme, whose member is bob; eve is a stranger."""
    api = make()
    for name in ("ada", "bob", "eve"):
        api.user(name)
    api.manager.organizations.create(SYSTEM, "acme", "Acme", admin="ada")
    api.manager.organizations.enrol(SYSTEM, "acme", "bob", "member")
    api.manager.registries.create(SYSTEM, "acme/goods", name="Goods")
    return Pushed(api)


def test_an_image_is_shown_from_inside(pushed: Pushed) -> None:
    shown = pushed.get(pushed.amd, "configuration")
    assert (shown["kind"], shown["about"]["licences"], shown["problem"], shown["chart"]) == ("image", "MIT", "", None)
    platform = {"os": "linux", "architecture": "amd64", "variant": "", "os_version": ""}
    assert shown["image"]["platform"] == platform
    assert (shown["image"]["created_at"], shown["image"]["exposed_ports"]) == ("2026-05-01T12:00:00.000Z", ["80"])
    layers = pushed.get(pushed.amd, "layers")
    assert (layers["count"], layers["size"], layers["misfit"], layers["blobs"]) == (2, sum(map(len, LAYERS)), "", [])
    steps = [(one["history"]["created_by"], one["layer"]["size"], one["layer"]["present"]) for one in layers["steps"]]
    assert steps == [("ADD 0", len(LAYERS[0]), True), ("ADD 1", len(LAYERS[1]), True)]
    assert pushed.get(pushed.amd, "children") == []
    sums = pushed.get(pushed.amd, "checksums")
    assert sums["manifest"]["sha1"] == hashlib.sha1(pushed.amd, usedforsecurity=False).hexdigest()
    assert [one["digest"] for one in sums["blobs"]][1:] == [str(Digest.of(one)) for one in LAYERS]
    (signature,) = pushed.get(pushed.amd, "attachments")
    assert (signature["kind"], signature["source"], [one["size"] for one in signature["blobs"]]) == (
        "signature",
        "referrer",
        [9],
    )


def test_an_index_has_its_children_by_pages(pushed: Pushed) -> None:
    assert pushed.get(pushed.index, "configuration")["kind"] == "index"
    children = pushed.get(pushed.index, "children")
    assert [(one["platform"]["architecture"], one["present"]) for one in children] == [("amd64", True), ("arm64", True)]
    path = pushed.path(pushed.index, "children")
    first = pushed.api.ask("GET", f"{path}?per_page=1")
    assert first.get_json() == children[:1]
    assert 'after=0>; rel="next"' in first.headers["Link"]
    second = pushed.api.ask("GET", f"{path}?per_page=1&after=0")
    assert second.get_json() == children[1:]
    assert pushed.api.get(f"{path}?per_page=1&before=1") == children[:1]
    assert pushed.api.get(f"{path}?after=nonsense") == []
    dependencies = pushed.get(pushed.index, "dependencies")
    assert [(one["source"], one["platform"]["architecture"]) for one in dependencies] == [
        ("child", "amd64"),
        ("child", "arm64"),
    ]


def test_the_base_is_told_to_whom_it_may_be(pushed: Pushed) -> None:
    (found,) = pushed.get(pushed.arm, "dependencies")
    assert (found["source"], found["name"], found["moved_on"]) == ("layers", f"{BASE}:12", None)
    new = pushed.image(BASE, "12", "amd64", LAYERS[1:])
    (found,) = pushed.get(pushed.arm, "dependencies")
    assert found["moved_on"]["digest"] == str(Digest.of(new))
    pushed.api.manager.registries.create(SYSTEM, "acme/open", visibility="public")
    push.blob(pushed.client, "acme/open/app", json.dumps({}).encode())
    copy = pushed.image("acme/open/app", "1", "arm64", LAYERS)
    packages = pushed.api.get("/registries/acme/open/packages", "eve")
    path = f"/registries/acme/open/packages/{packages[0]['id']}/dependencies"
    assert packages[0]["digests"]["sha256"] == str(Digest.of(copy))
    assert pushed.api.get(path, "eve") == []
    assert [one["repository"] for one in pushed.api.get(path, "bob")] == [BASE]


def test_contents_are_asked_for_and_then_read(pushed: Pushed) -> None:
    path = pushed.path(pushed.amd, "contents")
    assert pushed.api.get(path, "bob")["state"] == "unlisted"
    answer = pushed.api.ask("POST", path, "bob")
    assert answer.status_code == 202
    until = time.monotonic() + 60
    while answer.status_code == 202 and time.monotonic() < until:
        time.sleep(0.02)
        answer = pushed.api.ask("POST", path, "bob")
    state = answer.get_json()
    assert (answer.status_code, state["state"], state["done"]) == (200, "ready", sum(map(len, LAYERS)))
    assert [one["path"] for one in pushed.api.get(path, "bob")["entries"]] == ["bin", "etc", "srv"]
    first = pushed.api.ask("GET", f"{path}?path=srv&per_page=1", "bob")
    assert [(one["path"], one["size"], one["layer"]) for one in first.get_json()["entries"]] == [("srv/app", 5, 1)]
    assert 'after=app>; rel="next"' in first.headers["Link"]
    (other,) = pushed.api.get(f"{path}?path=srv&per_page=1&after=app", "bob")["entries"]
    assert other["path"] == "srv/other"
    assert [one["path"] for one in pushed.api.get(f"{path}?layer=0", "bob")["entries"]] == ["bin", "etc"]
    assert [one["path"] for one in pushed.api.get(f"{path}/search?q=OS-rel", "bob")] == ["etc/os-release"]
    totals = pushed.api.get(f"{path}/totals", "bob")
    while totals["files"] is None and time.monotonic() < until:
        time.sleep(0.02)
        totals = pushed.api.get(f"{path}/totals", "bob")
    assert (totals["files"], totals["distribution"]) == (4, {"id": "debian", "name": "Debian", "version": "12"})
    for query, field in (("?path=nowhere", "path"), ("?layer=9", "path"), ("/search?q=x&layer=9", "layer")):
        assert said(pushed.api.ask("GET", f"{path}{query}", "bob")) == [(field, "not_found")]


@pytest.mark.parametrize("below", ["contents", "contents/totals", "contents/search?q=x"])
def test_what_is_no_image_has_no_contents(pushed: Pushed, below: str) -> None:
    answer = pushed.api.ask("GET", pushed.path(pushed.index, below), "bob")
    assert (answer.status_code, said(answer)) == (404, [("contents", "not_found")])


@pytest.mark.parametrize("query", ["layer=-1", "layer=x", "per_page=0", "after=", "path=a&path=b", "x=1"])
def test_what_no_directory_can_be_is_refused(pushed: Pushed, query: str) -> None:
    assert pushed.api.ask("GET", pushed.path(pushed.amd, f"contents?{query}"), "bob").status_code == 422
