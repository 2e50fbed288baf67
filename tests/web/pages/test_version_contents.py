"""What is in an image, as the page of a version shows it."""

import time
from urllib.parse import quote, urlencode

import pytest

from ocireg.contents import Kind
from ocireg.metadata.listings import KINDS
from tests.contents.archives import special, tar
from tests.security.statements import statements
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.markup import Page
from tests.web.pages.pushed import NAME, OPEN, Pusher, digest_of, platform

RELEASE = b'NAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
LOWER = tar(
    ("etc/", b""),
    ("etc/os-release", RELEASE),
    ("etc/motd", b"hello"),
    ("opt/gone", b"x"),
    special("bin", b"2", "usr/bin"),
    special("twin", b"1", "etc/motd"),
)
EVIL = "<b>\u202eexe.txt"
UPPER = tar(("opt/.wh.gone", b""), ("etc/motd", b"hello, world"), (EVIL, b"1"), ("a/b/c", b"deep"))
PATIENCE = 60
"""Seconds."""


def ready(browser: Browser, path: str) -> Page:
    """Return a page of contents once all is listed."""
    until = time.monotonic() + PATIENCE
    page = browser.get(path)
    while ("being listed" in page.text or "being counted" in page.text) and time.monotonic() < until:
        time.sleep(0.02)
        page = browser.get(path)
    assert "being listed" not in page.text
    return page


@pytest.fixture(scope="module")
def files(pushes: Pusher, bob: Browser) -> str:
    """The page of the contents of an image that has been listed."""
    pushes.image(NAME, "files", LOWER, UPPER)
    path = f"/{NAME}:files/-/contents"
    ready(bob, path)
    return path


def names(page: Page) -> list[str]:
    """Return the names in the table of files."""
    return [row[0] for row in page.rows if len(row) > 3]


def test_who_has_signed_in_need_only_come_and_sees_how_far_it_is(goods: Api, pushes: Pusher) -> None:
    pushes.image(NAME, "new", tar(("new", b"1")))
    browser = Browser(goods.app)
    browser.sign_in("bob")
    page = browser.get(f"/{NAME}:new/-/contents")
    if "being listed" in page.text:
        (bar,) = page.root.all("progress")
        assert int(bar.attributes["max"]) > 0
        assert [one for one in page.root.all("meta") if one.attributes.get("http-equiv") == "refresh"]
    assert names(ready(browser, f"/{NAME}:new/-/contents")) == ["new"]
    said = browser.ask("GET", f"/{NAME}:new/-/contents/progress").get_json()
    assert said["state"] == "ready"
    assert said["done"] == said["size"] > 0


def test_a_visitor_presses_a_button_and_a_program_that_follows_links_starts_nothing(goods: Api, pushes: Pusher) -> None:
    pushes.image(OPEN, "files", tar(("public", b"1")))
    visitor, path = Browser(goods.app), f"/{OPEN}:files/-/contents"
    for _ in range(2):
        page = visitor.get(path)
        assert "have not been listed yet" in page.text
    assert visitor.ask("GET", f"{path}/progress").get_json()["state"] == "unlisted"
    visitor.submit(path)
    assert names(ready(visitor, path)) == ["public"]


def test_directories_are_gone_through_as_all_layers_show_them(files: str, bob: Browser) -> None:
    page = ready(bob, files)
    assert names(page) == ["<b>\\u202eexe.txt", "a/", "bin → usr/bin", "etc/", "opt/", "twin is etc/motd"]
    assert "Debian GNU/Linux 12" in page.text
    assert "6 files" in page.text
    etc = bob.get(f"{files}{page.links['etc/']}")
    assert names(etc) == ["motd", "os-release"]
    assert [row[1] for row in etc.rows if row[0] == "motd"] == ["12 Bytes"]
    assert names(bob.get(f"{files}{page.links['opt/']}")) == []
    deep = bob.get(f"{files}?path=a/b")
    assert bob.get(f"{files}{deep.links['a']}").h1 == page.h1
    bob.get(f"{files}?path=absent", 404)
    bob.get(f"{files}?path=etc/motd", 404)


def test_one_layer_shows_what_it_changes(files: str, bob: Browser) -> None:
    lower, upper = (bob.get(f"{files}?layer={one}") for one in (0, 1))
    assert names(lower) == ["bin → usr/bin", "etc/", "opt/", "twin is etc/motd"]
    assert names(bob.get(f"{files}{upper.links['opt/']}")) == ["gone deleted"]
    assert names(bob.get(f"{files}?layer=0&path=opt")) == ["gone"]
    assert "This layer has no such directory" in bob.get(f"{files}?layer=0&path=a/b").text
    for odd in ("2", "99999999999", "-1"):
        bob.get(f"{files}?layer={odd}", 200 if odd in {"99999999999", "-1"} else 404)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("motd", ["etc/motd"]),
        ("MOTD", ["etc/motd"]),
        ("*/c", ["a/b/c"]),
        ("<b>", ["<b>\\u202eexe.txt"]),
        ("%", []),
        ("gone", []),
        ("' OR 1=1", []),
        ("[", []),
    ],
)
def test_a_path_is_searched_for(files: str, bob: Browser, text: str, found: list[str]) -> None:
    page = bob.get(f"{files}?{urlencode({'q': text})}")
    assert names(page) == found
    assert found or "No path is like that" in page.text


def test_what_cannot_be_shown_is_said_in_a_sentence(pushes: Pusher, bob: Browser) -> None:
    pushes.image(NAME, "broken", LOWER, b"this is no archive" * 100)
    page = ready(bob, f"/{NAME}:broken/-/contents")
    assert "One layer of 2 cannot be shown" in page.text
    assert "etc/" in names(page)
    assert "This layer cannot be shown" in bob.get(f"/{NAME}:broken/-/contents?layer=1").text


def test_the_contents_of_an_index_are_those_of_its_usual_image(pushes: Pusher, bob: Browser) -> None:
    arm, amd = (pushes.image(NAME, "", tar((one, b"1"))) for one in ("arm", "amd"))
    pushes.index(NAME, "both", (arm, platform("linux", "arm64")), (amd, platform("linux", "amd64")))
    page = ready(bob, f"/{NAME}:both/-/contents")
    assert page.path == f"/{NAME}@{digest_of(amd)}/-/contents?index=both"
    assert names(page) == ["amd"]
    assert names(ready(bob, page.links["linux/arm64"])) == ["arm"]


def test_a_hundred_thousand_files_take_as_many_statements_as_one(goods: Api, pushes: Pusher, bob: Browser) -> None:
    asked: dict[str, list[int]] = {}
    for count in (10, 100_000):
        layer = tar(("full/", b""), ("full/x", b"1"), (f"of-{count}", b""))
        pushes.image(NAME, f"full-{count}", layer)
        path = f"/{NAME}:full-{count}/-/contents"
        ready(bob, path)
        fill(goods, digest_of(layer), count - 1)
        for query in ("", "?path=full", "?path=full&after=f5", f"?q={quote('f0*')}"):
            bob.get(path + query)
            with statements() as found:
                page = bob.get(path + query)
            asked.setdefault(query, []).append(len(found))
            assert len(names(page)) <= 100
    assert all(few == many for few, many in asked.values()), asked
    page = bob.get(f"/{NAME}:full-100000/-/contents?path=full")
    following = bob.get(f"/{NAME}:full-100000/-/contents{page.links['Next →']}")
    assert names(page)[0] == "f00000"
    assert names(following)[0] == "f00100"


def fill(goods: Api, layer: str, count: int) -> None:
    """Let the directory ``full`` of a layer have so many files more."""
    database = goods.installed.database
    row = database.fetch(
        "SELECT d.id FROM layer l JOIN layer_directory d ON d.listing_id = l.listing WHERE l.digest = ? AND d.path = ?",
        layer,
        "full",
    )
    assert row
    kind = KINDS.index(Kind.FILE)
    with database.transaction():
        database.run_many(
            f"INSERT INTO layer_entry SELECT {row[0]}, printf('f%05d', value), {kind}, 0, 1, 420, 0, 0, 0, NULL"
            " FROM (WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value + 1 < ?)"
            " SELECT value FROM n WHERE value < ?)",
            [(count, count)],
        )
