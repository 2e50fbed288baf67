"""Downloads from the page of a version: files that a browser keeps and does not open."""

from pathlib import Path

import pytest
from werkzeug.http import parse_options_header

from ocireg.oci.descriptor import Descriptor
from ocireg.oci.digest import Digest
from ocireg.web.pages.version.download import LONGEST, attachment, file_name
from tests.web.api.conftest import pusher
from tests.web.installed import Api, peopled
from tests.web.pages.browser import Browser
from tests.web.pages.pushed import NAME, OPEN, Pusher, digest_of, path_of
from tests.web.v2 import push

DIGEST = Digest.of(b"")
HEX = DIGEST.encoded[:12]


def described(title: str | None = None, media_type: str = "application/octet-stream") -> Descriptor:
    """Return what a manifest says of a blob."""
    notes = {} if title is None else {"org.opencontainers.image.title": title}
    return Descriptor(media_type, DIGEST, 0, notes, None, ())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("sbom.json", "sbom.json"),
        ("dir/sbom.json", "sbom.json"),
        ("dir\\sbom.json", "sbom.json"),
        ("../../etc/passwd", "passwd"),
        ("/", f"sha256-{HEX}.bin"),
        ("..", f"sha256-{HEX}.bin"),
        (".bashrc", "bashrc"),
        ("a\r\nSet-Cookie: b=c", "a Set-Cookie_ b=c"),
        ('a";filename="b.exe', "a_;filename=_b.exe"),
        ("tx\u202egpj.exe", "txgpj.exe"),
        ("naïve ☃.txt", "naïve ☃.txt"),
        ("con|in<v>al?*%41", "con_in_v_al___41"),
        (f"{'x' * 500}.tar.gz", f"{'x' * (LONGEST - 20)}.gz"),
        ("", f"sha256-{HEX}.bin"),
    ],
)
def test_a_file_is_named_by_its_title_made_harmless(title: str, name: str) -> None:
    assert file_name(described(title)) == name


@pytest.mark.parametrize(
    ("media_type", "ending"),
    [
        ("application/vnd.oci.image.layer.v1.tar+gzip", ".tar.gz"),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", ".tar.gz"),
        ("application/vnd.oci.image.layer.v1.tar+zstd", ".tar.zst"),
        ("application/vnd.oci.image.layer.v1.tar", ".tar"),
        ("application/vnd.oci.image.config.v1+json", ".json"),
        ("application/json; charset=utf-8", ".json"),
        ("text/html", ".bin"),
    ],
)
def test_a_file_without_a_title_is_named_by_its_digest_and_type(media_type: str, ending: str) -> None:
    assert file_name(described(media_type=media_type)) == f"sha256-{HEX}{ending}"


@pytest.mark.parametrize("name", ["a.txt", "a b.txt", "naïve ☃.txt", "a;b,c.txt", "a=b"])
def test_the_header_says_the_name_that_is_meant(name: str) -> None:
    kind, said = parse_options_header(attachment(name))
    assert kind == "attachment"
    assert said["filename"] == name
    assert attachment(name).isascii()


def test_a_browser_keeps_what_it_is_sent_and_opens_nothing(pushes: Pusher, bob: Browser) -> None:
    page = b"<script>alert(1)</script>"
    artifact = pushes.artifact(NAME, "", ("index.html", page))
    path = path_of(NAME, artifact, f"/-/blobs/{digest_of(page)}")
    answer = bob.ask("GET", path)
    assert answer.data == page
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="index.html"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    part = bob.ask("GET", path, headers={"Range": "bytes=1-6"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"script", f"bytes 1-6/{len(page)}")
    assert bob.ask("GET", path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    head = bob.ask("HEAD", path)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(page)))


def test_nothing_is_sent_that_the_manifest_does_not_name(goods: Api, pushes: Pusher, bob: Browser) -> None:
    artifact = pushes.artifact(NAME, "named", ("a", b"named"))
    push.blob(pushes.client, NAME, b"known, and not named")
    pushes.artifact(OPEN, "other", ("b", b"in another repository"))
    for content in (b"known, and not named", b"in another repository", b"nowhere", artifact):
        bob.get(f"/{NAME}:named/-/blobs/{digest_of(content)}", 404)
    visitor = Browser(goods.app)
    assert visitor.ask("GET", f"/{NAME}:named/-/blobs/{digest_of(b'named')}").headers["Location"].startswith("/login")
    eve = Browser(goods.app)
    eve.sign_in("eve")
    assert eve.ask("GET", f"/{NAME}:named/-/blobs/{digest_of(b'named')}").status_code in {403, 404}


@pytest.mark.parametrize("blob", ["sha256:00", "md5:abc", f"sha512:{'0' * 128}", "x"])
def test_what_is_no_digest_is_nothing(pushes: Pusher, bob: Browser, blob: str) -> None:
    pushes.artifact(NAME, "named", ("a", b"named"))
    bob.get(f"/{NAME}:named/-/blobs/{blob}", 404)


def test_downloads_are_in_the_audit_log_where_pulls_are(tmp_path: Path) -> None:
    api = peopled(Api(tmp_path, audit_pulls="true"))
    pushes, browser = Pusher(pusher(api)), Browser(api.app)
    artifact = pushes.artifact("app", "1", ("a", b"noted"))
    browser.sign_in("admin")
    browser.ask("GET", f"/root/app:1/-/blobs/{digest_of(b'noted')}")
    browser.ask("GET", "/root/app:1/-/manifest")
    api.close()
    query = "SELECT action, actor, subject FROM audit_event WHERE action LIKE '%.pull' ORDER BY id"
    wanted = [("blob.pull", "admin", digest_of(b"noted")), ("manifest.pull", "admin", digest_of(artifact))]
    assert api.installed.database.fetch_all(query) == wanted
    api.installed.database.close()
