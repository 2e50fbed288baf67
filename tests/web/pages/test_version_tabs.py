"""Layers, configuration, attachments and details of a version."""

import hashlib
import json

import pytest

from ocireg.web.pages.version.configuration import LARGEST, pretty
from tests.web.pages.browser import Browser
from tests.web.pages.markup import Page
from tests.web.pages.pushed import NAME, Pusher, digest_of, path_of, platform, subject

CONFIG = {
    "os": "linux",
    "architecture": "amd64",
    "config": {
        "User": "app",
        "Env": ["PATH=/bin", "EMPTY=", "=odd"],
        "Entrypoint": ["/run"],
        "Cmd": [],
        "WorkingDir": "/srv",
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/data": {}},
        "Labels": {"team": "web"},
        "StopSignal": "SIGINT",
    },
    "history": [
        {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
        {"created_by": "ENV A=b", "empty_layer": True},
        {"created_by": f"RUN |1 A=b /bin/sh -c apt-get install {'x' * 300} # buildkit", "comment": "buildkit"},
    ],
}


def steps(page: Page) -> list[list[str]]:
    """Return the rows of the table of steps."""
    return [row for row in page.rows if len(row) == 4]


def test_steps_are_beside_the_layers_that_they_made(pushes: Pusher, bob: Browser) -> None:
    pushes.image(NAME, "steps", b"1" * 1024, b"2" * 3072, config=CONFIG)
    page = bob.get(f"/{NAME}:steps/-/layers")
    first, second, third = steps(page)
    assert first[1].startswith("ADD file:1 in / ")
    assert second[1].startswith("ENV A=b")
    assert third[1].startswith("RUN apt-get install xxx")
    assert f"{'x' * 300} # buildkit" in third[1], "the whole is there too"
    assert [row[2].split(" ")[:2] for row in (first, third)] == [["1", "KiB"], ["3", "KiB"]]
    assert [row[3] for row in (first, second, third)] == ["25.0 %", "", "75.0 %"]
    assert "2 layers, 4 KiB in all" in page.text


@pytest.mark.parametrize("said", [" " * 32_000 + "x", "RUN |1 " + " " * 32_000, "# buildkit " * 2_900])
def test_a_step_of_nothing_but_gaps_is_read_in_one_go(pushes: Pusher, bob: Browser, said: str) -> None:
    pushes.image(NAME, "gaps", b"1", config={"history": [{"created_by": f"{said}{place}"} for place in range(100)]})
    page = bob.get(f"/{NAME}:gaps/-/layers")  # a look for the end at each gap of each would take many minutes
    assert len(steps(page)) == 100


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "The image does not say how its layers were made."),
        ({"history": [{"created_by": "ONE"}]}, "The history tells of 1 layer, and there are 2"),
        (b"no JSON", "The config is not JSON that can be read."),
    ],
)
def test_what_does_not_fit_is_said(pushes: Pusher, bob: Browser, config: object, said: str) -> None:
    pushes.image(NAME, "misfit", b"11", b"22", config=config)
    page = bob.get(f"/{NAME}:misfit/-/layers")
    assert said in page.text
    assert len([row for row in steps(page) if "Bytes" in row[2]]) == 2


def test_the_configuration_says_what_a_container_does(pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "configured", b"1", b"2", config=CONFIG, annotations={"note": "here"})
    page = bob.get(f"/{NAME}:configured/-/configuration")
    table = dict(row for row in page.rows if len(row) == 2)
    assert table["Entrypoint"] == "/run"
    assert table["Command"] == "empty"
    assert (table["User"], table["Working directory"]) == ("app", "/srv")
    assert (table["Ports"], table["Volumes"], table["Stop signal"]) == ("80/tcp", "/data", "SIGINT")
    for said in ("PATH /bin", "team web", "note here", '"schemaVersion": 2'):
        assert said in page.text
    raw = bob.ask("GET", page.links["Download the configuration"])
    assert raw.get_json(force=True) == CONFIG
    assert bob.ask("GET", page.links["Download the manifest"]).data == image


def test_an_artifact_shows_its_parts(pushes: Pusher, bob: Browser) -> None:
    pushes.artifact(NAME, "parts", ("a/note.txt", b"hello"))
    page = bob.get(f"/{NAME}:parts/-/configuration")
    answer = bob.ask("GET", page.links["Download a/note.txt"])
    assert answer.data == b"hello"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="note.txt"'


def test_a_manifest_is_shown_as_text_that_nothing_steers() -> None:
    content = json.dumps({"a": "\u202e\x1b\u2028\U000e0001 ü <b>"}).encode()
    shown = pretty(content)
    assert json.loads(shown) == json.loads(content)
    assert shown.replace("\n", "").isprintable()
    assert "ü <b>" in shown


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a":' * 100_000, b" " * LARGEST + b"{}", b'{"a":NaN}'])
def test_a_manifest_that_cannot_be_shown_is_not(content: bytes) -> None:
    assert pretty(content) == ""


def test_details_prove_what_it_is(pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "proved", b"1", config=CONFIG)
    page = bob.get(f"/{NAME}:proved/-/details")
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert [name.upper(), hashlib.new(name, image).hexdigest()] in page.rows
    for digest in (digest_of(image), digest_of(b"1"), digest_of(json.dumps(CONFIG).encode())):
        assert digest in page.text
    pushes.index(NAME, "proved-index", (image, platform("linux", "amd64")))
    page = bob.get(f"/{NAME}:proved-index/-/details")
    assert ["linux/amd64", digest_of(image)] in [[row[0], row[1].split()[0]] for row in page.rows if len(row) == 3]


def test_attachments_are_listed_with_what_can_be_downloaded(pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "attached", b"attached to")
    nothing = bob.get(f"/{NAME}:attached/-/attachments")
    assert "Nothing is attached" in nothing.text
    assert f"cosign sign registry.example.com/{NAME}@{digest_of(image)}" in nothing.text
    sbom = pushes.artifact(
        NAME,
        "",
        ("sbom.json", b"{}\n"),
        artifactType="application/spdx+json",
        annotations={"org.opencontainers.image.created": "2026-01-02T03:04:05Z", "by": "syft"},
        **subject(image),
    )
    page = bob.get(f"/{NAME}:attached/-/attachments")
    for said in ("SBOM", "application/spdx+json", "by syft", "3 Bytes"):
        assert said in page.text
    assert bob.ask("GET", page.links["sbom.json"]).data == b"{}\n"
    attached = bob.get(path_of(NAME, sbom))
    assert bob.get(attached.links[digest_of(image)[:19]]).h1 == f"app@{digest_of(image)[:19]}"


def test_attachments_are_shown_by_pages(pushes: Pusher, bob: Browser) -> None:
    image = pushes.image(NAME, "popular", b"popular")
    for number in range(31):
        pushes.artifact(NAME, "", ("a", b"a"), annotations={"n": str(number)}, **subject(image))
    path = f"/{NAME}:popular/-/attachments"
    page = bob.get(path)
    assert len(list(page.root.all("article"))) == 30
    assert len(list(bob.get(path + page.links["Next →"]).root.all("article"))) == 1
    assert len(list(bob.get(f"{path}?after=odd").root.all("article"))) == 30


def test_of_thousands_of_annotations_and_labels_the_first_are_shown(pushes: Pusher, bob: Browser) -> None:
    many = {f"name-{place}": "<" for place in range(5000)}
    labels = {f"label-{place}": "x" for place in range(900)}
    pushes.image(NAME, "talkative", b"1", config={"config": {"Labels": labels}}, annotations=many)
    page = bob.get(f"/{NAME}:talkative/-/configuration")
    assert "name-199" in page.text
    assert "name-200" not in page.text
    assert "And 4,800 more" in page.text
    assert "And 700 more" in page.text
