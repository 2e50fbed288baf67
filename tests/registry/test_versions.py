"""Versions: images, indexes, charts and other artifacts, as a person sees them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocireg.errors import RegistryError
from ocireg.metadata.models import Blob
from ocireg.oci.digest import Digest
from ocireg.oci.image_config import LARGEST
from ocireg.oci.platform import Platform
from ocireg.registry.versions import Kind
from ocireg.registry.versions.configs import LOST_IT, ODD, TOO_LARGE
from tests.registry.built import Built, platform
from tests.web.v2 import push

CONFIG = {
    "created": "2026-05-01T12:00:00.123456789Z",
    "author": "Ada",
    "os": "linux",
    "architecture": "arm64",
    "variant": "v8",
    "config": {
        "User": "1000:1000",
        "ExposedPorts": {"8080/tcp": {}},
        "Env": ["PATH=/usr/bin", "EMPTY="],
        "Entrypoint": ["/bin/app"],
        "Cmd": [],
        "WorkingDir": "/srv",
        "Volumes": {"/data": {}},
        "Labels": {"org.opencontainers.image.vendor": "Acme", "org.label-schema.url": "https://old.example.com"},
        "StopSignal": "SIGINT",
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30_000_000_000, "Retries": 3},
    },
    "history": [
        {"created_by": "ADD rootfs /", "created": "2026-04-01T00:00:00Z"},
        {"created_by": "ENV EMPTY=", "empty_layer": True},
        {"created_by": "COPY app /bin", "comment": "buildkit"},
    ],
}


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Built]:
    found = Built(tmp_path)
    yield found
    found.close()


def test_an_image_tells_how_it_is_run_and_how_it_was_made(built: Built) -> None:
    notes = {
        "org.opencontainers.image.url": "javascript:alert(1)",
        "org.opencontainers.image.source": "https://e.org/a",
    }
    content = built.image("1", b"low", b"higher", config=CONFIG, annotations=notes)
    push.manifest(built.client, "a/b", "latest", content)
    found = built.show("1")
    assert (found.kind, found.tags, found.tag_count, found.content) == (Kind.IMAGE, ("1", "latest"), 2, content)
    assert found.total_size == len(content) + len(json.dumps(CONFIG)) + len(b"lowhigher")
    assert (found.about.vendor, found.about.source and found.about.source.url) == ("Acme", "https://e.org/a")
    assert found.about.homepage is not None
    assert (found.about.homepage.text, found.about.homepage.url) == ("javascript:alert(1)", None)
    assert found.image is not None
    config = found.image.config
    assert config.platform == Platform("linux", "arm64", "v8")
    assert (config.entrypoint, config.cmd, config.ports) == (("/bin/app",), (), ("8080/tcp",))
    assert config.variables == (("PATH", "/usr/bin"), ("EMPTY", ""))
    assert config.healthcheck is not None
    assert (config.healthcheck.interval, config.healthcheck.timeout, config.healthcheck.retries) == (30.0, None, 3)
    told = [(one.history and one.history.created_by, one.layer and one.layer.part.size) for one in found.image.steps]
    assert told == [("ADD rootfs /", 3), ("ENV EMPTY=", None), ("COPY app /bin", 6)]
    assert [one.layer.share for one in found.image.steps if one.layer] == [3 / 9, 6 / 9]
    assert (found.image.problem, found.image.misfit, found.image.cut) == ("", "", False)


@pytest.mark.parametrize(
    ("history", "misfit", "steps"),
    [
        (None, "does not say how", [(None, 3), (None, 6)]),
        ("none", "does not say how", [(None, 3), (None, 6)]),
        ([{"created_by": "one"}], "tells of 1 layer, and there are 2", [(None, 3), (None, 6), ("one", None)]),
        ([{}] * 3, "tells of 3 layers", [(None, 3), (None, 6), *[("", None)] * 3]),
        ([7, None], "", [("", 3), ("", 6)]),
        ([{"created_by": ["x"]}, {"created_by": "two", "empty_layer": "true"}], "", [("", 3), ("two", 6)]),
    ],
)
def test_a_history_that_fits_no_layers_is_shown_apart(
    built: Built, history: Any, misfit: str, steps: list[tuple[str | None, int | None]]
) -> None:
    built.image("1", b"low", b"higher", config={"history": history})
    image = built.show("1").image
    assert image is not None
    assert misfit in image.misfit
    assert bool(misfit) == bool(image.misfit)
    assert [(one.history and one.history.created_by, one.layer and one.layer.part.size) for one in image.steps] == steps


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (b"", ODD),
        (b"[]", ODD),
        (b'{"os": NaN}', ODD),
        (b"\xff", ODD),
        (b"[" * 200_000, ODD),
        (b'{"a":' * 200_000, ODD),
        (b'"' + b"x" * LARGEST + b'"', TOO_LARGE),
    ],
    ids=["nothing", "a list", "NaN", "no text", "deep", "deep objects", "large"],
)
def test_a_config_that_cannot_be_read_costs_nothing_but_itself(built: Built, config: bytes, problem: str) -> None:
    built.image("1", b"low", config=config)
    found = built.show("1")
    assert (found.kind, found.image and found.image.problem) == (Kind.IMAGE, problem)
    assert found.image is not None
    assert [one.layer and one.layer.part.size for one in found.image.steps] == [3]


def test_a_config_that_the_store_has_lost_is_said_to_be_lost(built: Built) -> None:
    built.image("1", b"low", config=CONFIG)
    name = str(Digest.of(json.dumps(CONFIG).encode()))
    (row,) = built.database.rows(Blob.select(Blob.key).where(Blob.digest == name))
    (path,) = built.settings.data.rglob(row[0].rpartition("/")[2])
    path.unlink()
    image = built.show("1").image
    assert image is not None
    assert image.problem == LOST_IT
    assert image.config_part.present
    again = built.show("1")
    assert again.image is not None
    assert not again.image.config_part.present


def test_an_index_has_children_and_attestations_apart_and_speaks_for_silent_images(built: Built) -> None:
    arm = built.image("", b"arm", config={"os": "linux", "architecture": "arm64"})
    notes = {"org.opencontainers.image.description": "its own"}
    amd = built.image("", b"amd", config={"os": "linux", "architecture": "amd64"}, annotations=notes)
    made = built.artifact("", (b"made so", "application/vnd.in-toto+json"))
    of_arm = {
        "annotations": {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": str(Digest.of(arm)),
        },
        **platform("unknown", "unknown"),
    }
    said = {"org.opencontainers.image.description": "of all", "org.opencontainers.image.licenses": "MIT"}
    children = [(arm, platform("linux", "arm64", variant="v8")), (amd, platform("linux", "amd64")), (made, of_arm)]
    built.index("1", *children, annotations=said)
    found = built.show("1")
    assert (found.kind, found.child_count, found.about.description) == (Kind.INDEX, 3, "of all")
    assert [(str(one.platform), one.present) for one in found.images] == [
        ("linux/arm64/v8", True),
        ("linux/amd64", True),
    ]
    assert [one.about for one in found.children if one.is_attestation] == [str(Digest.of(arm))]
    versions = built.registry.versions
    shown = [versions.child(found), versions.child(found, "linux/arm64/v8"), versions.child(found, "linux/s390x")]
    assert [one and one.content for one in shown] == [amd, arm, None]
    assert [one.about.description for one in shown if one] == ["its own", "of all"]
    assert [one.about.licences for one in shown if one] == ["MIT", "MIT"]
    page = versions.attachments("a/b", Digest.of(arm), index=found)
    assert [(one.source, one.kind, one.digest) for one in page.attachments] == [
        ("index", "attestation", str(Digest.of(made)))
    ]


def test_the_children_of_an_index_come_by_places(built: Built) -> None:
    images = [built.image("", b"%d" % one) for one in range(5)]
    content = built.index("1", *((one, {}) for one in images))
    versions = built.registry.versions
    some = versions.children("a/b", Digest.of(content), 2, 2)
    assert [(one.position, one.digest) for one in some] == [
        (2, str(Digest.of(images[2]))),
        (3, str(Digest.of(images[3]))),
    ]
    assert versions.children("a/b", Digest.of(content), 7, 2) == ()
    assert versions.children("a/b", Digest.of(images[0])) == ()
    assert versions.child(built.show("1")) is not None
    assert versions.child(built.show(images[0])) is None


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        ("linux", None),
        ([], None),
        ({"os": 7}, None),
        ({"os": "linux", "architecture": ["amd64"]}, "linux/unknown"),
        ({"os": "l\u202einux\n", "architecture": "a" * 1000}, f"linux/{'a' * 63}…"),
        ({"os": "windows", "architecture": "amd64", "os.version": "10.0"}, "windows/amd64"),
    ],
)
def test_an_odd_platform_is_none_or_fit_to_be_shown(built: Built, odd: Any, shown: str | None) -> None:
    image = built.image("", b"x")
    built.index("1", (image, {"platform": odd}))
    (child,) = built.show("1").children
    assert (child.platform and str(child.platform)) == shown


def test_a_chart_tells_its_name_and_version(built: Built) -> None:
    kind = "application/vnd.cncf.helm.config.v1+json"
    chart = {
        "name": "web",
        "version": "1.2.3",
        "description": "A chart",
        "appVersion": "9",
        "home": "https://example.com",
        "sources": ["data:x", 7],
        "maintainers": [{"name": "Ada"}, "x", {"name": 1}],
        "deprecated": True,
    }
    raw = json.dumps(chart).encode()
    push.blob(built.client, "a/b", raw)
    archive = (b"chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
    built.artifact("1.2.3", archive, config=push.descriptor(raw, kind))
    found = built.show("1.2.3")
    assert (found.kind, found.about.title, found.about.version) == (Kind.CHART, "web", "1.2.3")
    assert found.chart is not None
    assert (found.chart.app_version, found.chart.maintainers, found.chart.deprecated) == ("9", ("Ada",), True)
    assert [(one.text, one.url) for one in found.chart.sources] == [("data:x", None)]
    push.blob(built.client, "a/b", b"no JSON")
    built.artifact("odd", archive, config=push.descriptor(b"no JSON", kind))
    assert (built.show("odd").kind, built.show("odd").chart) == (Kind.CHART, None)


def test_an_artifact_has_files_with_titles(built: Built) -> None:
    layer = {
        **push.descriptor(b"text", "text/plain"),
        "annotations": {"org.opencontainers.image.title": "a\n\u202eb.txt"},
    }
    away = {**push.descriptor(b"elsewhere", "text/plain"), "urls": ["https://example.com/x"]}
    push.blob(built.client, "a/b", b"text")
    built.artifact("1", artifactType="application/vnd.example", layers=[layer, away])
    found = built.show("1")
    assert (found.kind, found.artifact_type, found.image) == (Kind.ARTIFACT, "application/vnd.example", None)
    assert [(one.kind, one.title, one.size, one.present) for one in found.parts] == [
        ("config", "", 2, True),
        ("layer", "a b.txt", 4, True),
        ("foreign", "", 9, False),
    ]


def test_checksums_are_of_the_bytes_that_were_pushed(built: Built) -> None:
    content = built.image("1", b"x")
    found = built.registry.versions.checksums(built.show("1"))
    named = (("md5", found.md5), ("sha1", found.sha1), ("sha256", found.sha256), ("sha512", found.sha512))
    assert all(hashlib.new(name, content).hexdigest() == value for name, value in named)


def test_sizes_that_nothing_can_have_break_no_sum(built: Built) -> None:
    push.blob(built.client, "a/b", b"x")
    push.blob(built.client, "a/b", b"y")
    huge = [{**push.descriptor(one, "application/x.tar"), "size": 2**63 - 1} for one in (b"x", b"y")]
    built.image("1", layers=huge)
    found = built.show("1")
    assert found.image is not None
    assert found.image.layers_size == 2**64 - 2
    assert 0 < found.total_size < 2**63
    (listed,) = built.client.get("/api/v1/registries/root/packages").get_json()
    assert listed["size"] == found.total_size


@pytest.mark.parametrize(("repository", "code"), [("a/b", "MANIFEST_UNKNOWN"), ("no/where", "NAME_UNKNOWN")])
def test_what_is_not_there_is_said_so(built: Built, repository: str, code: str) -> None:
    built.image("1", b"x")
    for reference in ("2", Digest.of(b"nothing")):
        with pytest.raises(RegistryError) as caught:
            built.registry.versions.show(repository, reference)
        assert caught.value.error.code == code
