"""The page of a version: what it is, how it is pulled, and what is beside it."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ocireg.metadata import downloads
from tests.security.statements import statements
from tests.web.api.conftest import pusher
from tests.web.basic import basic
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.pushed import HOST, NAME, OPEN, Pusher, digest_of, path_of, platform, subject
from tests.web.v2 import push

OS_AND_MORE = {"os": "linux", "architecture": "amd64", "created": "2026-01-02T03:04:05Z"}
TABS = ("", "/-/contents", "/-/layers", "/-/configuration", "/-/attachments", "/-/details")
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


def test_an_image_is_shown_with_how_it_is_pulled(pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "1.0", b"one", config=OS_AND_MORE)
    page = bob.get(f"/{NAME}:1.0")
    assert page.h1 == "app:1.0"
    assert f"docker pull {HOST}/{NAME}:1.0" in page.text
    assert f"docker pull {HOST}/{NAME}@{digest_of(image)}" in page.text
    assert f"FROM {HOST}/{NAME}:1.0" in page.text
    assert f"image: {HOST}/{NAME}:1.0@{digest_of(image)}" in page.text
    for client in ("podman pull", "skopeo copy docker://", "crane pull"):
        assert client in page.text
    assert (page.links["acme/goods"], page.links["app"]) == ("/acme/goods", f"/{NAME}")
    by_digest = bob.get(path_of(NAME, image))
    assert by_digest.h1 == f"app@{digest_of(image)[:19]}"
    assert f"docker pull {HOST}/{NAME}:1.0" in by_digest.text, "it is under that tag"


@pytest.fixture(scope="module")
def kinds(pushes: Pusher) -> None:
    """One of each kind, under its name."""
    image = pushes.image(NAME, "image", b"one", config=OS_AND_MORE)
    pushes.index(NAME, "index", (image, platform("linux", "amd64")))
    pushes.index(NAME, "index-of-nothing")
    pushes.image(NAME, "no-layers")
    pushes.image(NAME, "odd", b"one", config=b"no JSON")
    pushes.chart(NAME, "chart", {"name": "app", "version": "1.2.3"})
    pushes.artifact(NAME, "artifact", ("a.txt", b"a"))


@pytest.mark.usefixtures("kinds")
@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("tag", ["image", "index", "no-layers", "odd", "chart", "artifact", "index-of-nothing"])
def test_every_tab_of_every_kind_is_a_page_or_says_that_it_is_not_there(bob: Browser, tag: str, tab: str) -> None:
    has_layers = tag in {"image", "index", "no-layers", "odd"}
    page = bob.get(f"/{NAME}:{tag}{tab}", 200 if has_layers or tab not in {"/-/contents", "/-/layers"} else 404)
    assert page.status == 404 or ("Layers" in page.links) == has_layers


def test_an_index_has_a_switch_of_platforms_and_an_image_of_it_leads_back(pushes: Pusher, bob: Browser) -> None:
    amd, arm = (pushes.image(NAME, "", one, config=OS_AND_MORE) for one in (b"amd", b"arm"))
    children = ((amd, platform("linux", "amd64")), (arm, platform("linux", "arm64", variant="v8")))
    pushes.index(NAME, "many", *children)
    page = bob.get(f"/{NAME}:many/-/configuration")
    assert [row[0] for row in page.rows if row[0].startswith("linux")] == ["linux/amd64", "linux/arm64/v8"]
    child = bob.get(page.links["linux/arm64/v8"])
    assert child.path == f"{path_of(NAME, arm)}?index=many"
    switch = bob.get(f"/{NAME}:many/-/attachments").links["linux/arm64/v8"]
    assert bob.get(switch).path == f"{path_of(NAME, arm)}?index=many"
    kept = next(one for one in bob.get(f"/{NAME}:many/-/details").root.all("nav") if "Platforms" in str(one.attributes))
    assert [one.attributes["href"].rpartition("/-/")[2] for one in kept.all("a")][1:] == ["details?index=many"] * 2
    assert child.links["Index many"] == f"/{NAME}:many"
    assert f"docker pull --platform linux/arm64/v8 {HOST}/{NAME}:many" in child.text
    assert bob.get(f"/{NAME}:many/-/layers").path == f"{path_of(NAME, amd)}/-/layers?index=many"
    assert bob.get(f"/{NAME}:many?platform=linux/arm64/v8").path == f"{path_of(NAME, arm)}?index=many"
    bob.get(f"/{NAME}:many?platform=plan9/mips", 404)


@pytest.mark.parametrize("index", ["1.0", "absent", "..", "sha256:0", f"sha512:{'0' * 128}", "md5:abc", HOSTILE])
def test_an_index_that_it_is_not_in_is_nothing_to_go_back_to(pushes: Pusher, bob: Browser, index: str) -> None:
    image = pushes.image(NAME, "1.0", b"one", config=OS_AND_MORE)
    page = bob.get(f"{path_of(NAME, image)}?{urlencode({'index': index})}")
    assert "Index" not in page.text


def test_a_platform_that_a_shell_would_run_is_in_no_command(pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "", b"sh")
    pushes.index(NAME, "shell", (image, platform("linux", "amd64; rm -rf $HOME")))
    page = bob.get(f"{path_of(NAME, image)}?index=shell")
    assert not [one.text for one in page.root.all("pre") if "rm -rf" in one.text]


@pytest.mark.parametrize("reference", [":absent", f"@sha256:{'0' * 64}", "@sha256:00", "@md5:00"])
@pytest.mark.parametrize("tab", TABS)
def test_what_is_not_there_is_not_found(pushes: Pusher, bob: Browser, reference: str, tab: str) -> None:
    pushes.image(NAME, "1.0", b"one")
    bob.get(f"/{NAME}{reference}{tab}", 404)


def test_a_login_command_is_made_when_it_is_asked_for(goods: Api, pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "1.0", b"one")
    assert "docker login" not in bob.get(f"/{NAME}:1.0").text
    page = bob.submit(f"/{NAME}:1.0")
    assert "10 minutes" in page.text
    found = re.search(rf"docker login {re.escape(HOST)} -u token -p (\S+)", page.text)
    assert found
    assert "oras login" in page.text
    asks = goods.app.test_client().get
    assert asks(f"/v2/{NAME}/manifests/1.0", headers=basic(found[1])).data == image
    other = asks("/v2/acme/open/app/blobs/uploads/", headers=basic(found[1]))
    assert other.status_code != 202
    pushes.image(OPEN, "1", b"one")
    visitor = Browser(goods.app)
    page = visitor.get(f"/{OPEN}:1")
    assert "nobody needs to log in" in page.text
    assert "docker login" not in visitor.submit(f"/{OPEN}:1").text


def test_nothing_asks_to_log_in_where_all_is_open(tmp_path: Path) -> None:
    api = Api(tmp_path, open="true")
    Pusher(pusher(api)).image("app", "1", b"one")
    browser = Browser(api.app)
    assert "Everything is open here" in browser.get("/root/app:1").text
    assert "docker login" not in browser.submit("/root/app:1").text
    assert browser.get("/app:1").path == "/root/app:1"
    api.close()


def test_a_chart_is_installed_with_helm(pushes: Pusher, bob: Browser) -> None:
    config = {"name": "app", "version": "1.2.3+b.1", "description": "A chart", "appVersion": "9", "deprecated": True}
    pushes.chart(NAME, "1.2.3_b.1", config)
    page = bob.get(f"/{NAME}:1.2.3_b.1")
    assert f"helm install app oci://{HOST}/{NAME} --version 1.2.3+b.1" in page.text
    assert f"helm pull oci://{HOST}/{NAME} --version 1.2.3+b.1" in page.text
    assert "docker pull" not in page.text
    for said in ("Helm chart", "A chart", "App version 9", "Deprecated"):
        assert said in page.text


def test_an_artifact_is_pulled_with_oras(pushes: Pusher, bob: Browser) -> None:
    artifact = pushes.artifact(NAME, "files", ("a.txt", b"a"), artifactType="text/x-note")
    page = bob.get(f"/{NAME}:files")
    assert f"oras pull {HOST}/{NAME}@{digest_of(artifact)}" in page.text
    assert "docker pull" not in page.text
    assert "text/x-note" in page.text
    assert f"/{NAME}:files/-/contents" not in page.links.values()


def test_the_column_beside_says_what_it_says_of_itself(goods: Api, pushes: Pusher, bob: Browser) -> None:
    prefix = "org.opencontainers.image."
    said = {
        "description": "What it is for",
        "version": "4.5.6",
        "url": "https://example.com/home",
        "source": "javascript:alert(1)",
        "licenses": "MIT",
        "documentation": "http://example.com/docs",
    }
    image = pushes.image(
        NAME, "told", b"told", config=OS_AND_MORE, annotations={prefix + name: one for name, one in said.items()}
    )
    database = goods.installed.database
    row = database.fetch("SELECT id FROM manifest WHERE digest = ?", digest_of(image))
    assert row
    with database.transaction():
        database.run_many("INSERT INTO download VALUES (?, ?, ?)", [(row[0], downloads.today(), 1234)])
        database.run_many("UPDATE manifest SET downloads = ? WHERE id = ?", [(56789, row[0])])
    page = bob.get(f"/{NAME}:told")
    for one in (*said.values(), "linux/amd64", "by admin", "acme/goods", "Private", "1,234", "56,789"):
        assert one in page.text
    assert page.links["https://example.com/home"] == "https://example.com/home"
    assert "javascript:alert(1)" not in page.links
    (link,) = (one for one in page.root.all("a") if one.text == "https://example.com/home")
    assert link.attributes["rel"] == "nofollow noopener noreferrer"


def test_a_base_image_is_linked_and_said_to_have_moved_on(pushes: Pusher, bob: Browser) -> None:
    base = pushes.image("acme/goods/base", "12", b"below", config=OS_AND_MORE)
    pushes.image(NAME, "on-base", b"below", b"above", config=OS_AND_MORE)
    page = bob.get(f"/{NAME}:on-base")
    assert page.links["acme/goods/base:12"] == "/acme/goods/base:12"
    assert "moved on" not in page.text
    pushes.image("acme/goods/base", "12", b"below, newer", config=OS_AND_MORE)
    page = bob.get(f"/{NAME}:on-base")
    assert "The base has moved on: 12 is another image" in page.text
    assert page.links["acme/goods/base:12"] == path_of("acme/goods/base", base)
    assert page.links["12"] == "/acme/goods/base:12"


def test_a_base_that_is_hidden_is_as_if_it_were_not_there(goods: Api, pushes: Pusher, bob: Browser) -> None:
    pushes.image("evil/hidden/base", "1", b"secret below", config=OS_AND_MORE)
    pushes.image(NAME, "on-hidden", b"secret below", b"above", config=OS_AND_MORE)
    assert "evil/hidden" not in bob.get(f"/{NAME}:on-hidden").source
    admin = Browser(goods.app)
    admin.sign_in("admin")
    assert admin.get(f"/{NAME}:on-hidden").links["evil/hidden/base:1"] == "/evil/hidden/base:1"


@pytest.fixture(scope="module")
def hostile(pushes: Pusher) -> bytes:
    """Push an image all of whose texts want to be more than texts."""
    config = {
        "os": HOSTILE,
        "architecture": HOSTILE,
        "author": HOSTILE,
        "config": {
            "User": HOSTILE,
            "Env": [f"A={HOSTILE}", HOSTILE],
            "Cmd": [HOSTILE],
            "Entrypoint": HOSTILE,
            "WorkingDir": HOSTILE,
            "Labels": {HOSTILE: HOSTILE},
            "ExposedPorts": {HOSTILE: {}},
            "Volumes": {HOSTILE: {}},
            "StopSignal": HOSTILE,
            "Healthcheck": {"Test": [HOSTILE]},
        },
        "history": [{"created_by": HOSTILE, "comment": HOSTILE, "author": HOSTILE}],
    }
    names = ("title", "description", "version", "url", "source", "documentation", "licenses", "vendor", "authors")
    said = {f"org.opencontainers.image.{name}": HOSTILE for name in names}
    said |= {"org.opencontainers.image.base.name": HOSTILE, HOSTILE: HOSTILE}
    image = pushes.image(NAME, "hostile", b"hostile", config=config, annotations=said)
    pushes.artifact(NAME, "", (HOSTILE, b"attached"), annotations={HOSTILE: HOSTILE}, **subject(image))
    pushes.index(NAME, "hostile-index", (image, platform(HOSTILE, HOSTILE)), annotations=said)
    return image


@pytest.mark.parametrize("tab", TABS)
def test_what_was_pushed_is_text_whatever_it_says(hostile: bytes, bob: Browser, tab: str) -> None:
    for path in (f"/{NAME}:hostile", f"/{NAME}:hostile-index", path_of(NAME, hostile)):
        page = bob.get(f"{path}{tab}")
        assert "\u202e" not in page.source
        assert "\x1b" not in page.source
        assert "<script>alert" not in page.source
        assert len(list(page.root.all("script"))) == 2


MANY = 500
ELSEWHERE = "application/vnd.oci.image.layer.nondistributable.v1.tar"
"""Layers that need not be pushed."""


def test_a_page_asks_as_much_of_the_database_however_many_layers_there_are(pushes: Pusher, bob: Browser) -> None:
    asked: dict[str, list[int]] = {}
    below = [push.descriptor(b"layer 0", ELSEWHERE)]
    content = json.loads(pushes.image(NAME, "")) | {"layers": below}
    push.manifest(pushes.client, NAME, "below", json.dumps(content).encode())
    for count in (2, MANY):
        config = {"history": [{"created_by": f"RUN {one}"} for one in range(count)]}
        named = [push.descriptor(f"layer {one}".encode(), ELSEWHERE) for one in range(count)]
        content = json.loads(pushes.image(NAME, "", config=config)) | {"layers": named}
        push.manifest(pushes.client, NAME, f"layers-{count}", json.dumps(content).encode())
        for tab in ("", "/-/layers", "/-/configuration", "/-/details", "/-/attachments"):
            with statements() as found:
                bob.get(f"/{NAME}:layers-{count}{tab}")
            asked.setdefault(tab, []).append(len(found))
    assert all(few == many for few, many in asked.values()), asked
    page = bob.get(f"/{NAME}:layers-{MANY}/-/layers")
    assert [row[0] for row in page.rows if len(row) == 4] == [str(one) for one in range(1, 101)]
    following = bob.get(f"/{NAME}:layers-{MANY}/-/layers{page.links['Next →']}")
    assert following.rows[0][0] == "101"
    assert bob.get(f"/{NAME}:layers-{MANY}/-/layers{following.links['← Previous']}").rows[0][0] == "1"


def test_a_package_leads_to_the_page_of_it(goods: Api, pushes: Pusher) -> None:
    pushes.image("app", "1", b"in the root registry")
    for registry in ("acme/goods", "root"):
        found = goods.get(f"/registries/{registry}/packages")[0]
        browser = Browser(goods.app)
        browser.sign_in("admin")
        assert found["web_url"].startswith(f"https://{HOST}/")
        browser.get(found["web_url"].removeprefix(f"https://{HOST}"))
    assert found["web_url"].startswith(f"https://{HOST}/root/app@sha256:")
