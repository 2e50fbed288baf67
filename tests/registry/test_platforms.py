"""Platforms of lists: read once, known from then on, and no page waits long for them."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocireg.metadata import tag_lists
from ocireg.metadata.database import Database
from ocireg.metadata.models import Blob
from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from ocireg.registry.versions import configs
from ocireg.registry.versions.platforms import READS, REST
from tests.registry.built import Built, platform
from tests.security.statements import statements
from tests.web.v2 import push


@dataclass(frozen=True)
class Row:
    """A manifest of a list."""

    row: int
    digest: str


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Built]:
    found = Built(tmp_path, busy_timeout=0.2)
    yield found
    found.close()


def told(built: Built) -> dict[str, list[str]]:
    """Return the platforms of the tags, as a page shows them."""
    tags = tag_lists.listed(built.database, "a/b", Window(1000))
    found = built.registry.versions.platforms(tags)
    return {one.name: list(map(str, found[one.row])) for one in tags if one.row in found}


def config(architecture: str) -> dict[str, str]:
    return {"os": "linux", "architecture": architecture}


def test_each_tag_has_the_platforms_of_what_it_points_at(built: Built) -> None:
    arm, amd = built.image("arm", b"1", config=config("arm64")), built.image("amd", b"1", config=config("amd64"))
    note = {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    unknown = {**note, **platform("unknown", "unknown")}
    odd = platform("unknown", "unknown")
    built.index("all", (arm, platform("linux", "arm64")), (amd, platform("linux", "amd64")), (arm, unknown), (amd, odd))
    built.image("odd", b"1", config=b"no JSON")
    built.image("silent", b"1", config={"os": 7})
    built.artifact("file", (b"x", "text/plain"))
    wanted = {
        "all": ["linux/arm64", "linux/amd64"],
        "amd": ["linux/amd64"],
        "arm": ["linux/arm64"],
        "file": [],
        "odd": [],
        "silent": [],
    }
    assert told(built) == wanted
    assert told(built) == wanted


def test_a_page_reads_so_many_and_the_next_look_the_rest_then_one_statement_has_all(built: Built) -> None:
    for number in range(READS + 3):
        built.image(f"{number:03}", b"1", config={**config("amd64"), "a": number})
    assert len(told(built)) == READS
    assert len(told(built)) == READS + 3
    tags = tag_lists.listed(built.database, "a/b", Window(1000))
    with statements() as asked:
        assert len(built.registry.versions.platforms(tags)) == READS + 3
    assert len(asked) == 1
    with statements() as asked:
        built.registry.versions.platforms(tags[:1])
    assert len(asked) == 1


def test_images_of_one_config_are_read_once(built: Built) -> None:
    built.image("1", b"1", config=config("amd64"))
    built.image("2", b"2", config=config("amd64"))
    told(built)
    assert built.database.fetch("SELECT count(*) FROM image_platform") == (1,)


def test_a_database_that_is_busy_costs_nobody_the_page(built: Built) -> None:
    built.image("1", b"1", config=config("amd64"))
    other = Database(built.database.path, 0.2)
    with other.transaction():
        assert told(built) == {"1": ["linux/amd64"]}
    other.close()
    assert built.database.fetch("SELECT count(*) FROM image_platform") == (0,)


def test_a_config_that_the_store_has_lost_is_not_known_until_it_is_there_again(built: Built) -> None:
    built.image("1", b"1", config=config("amd64"))
    name = str(Digest.of(json.dumps(config("amd64")).encode()))
    (row,) = built.database.rows(Blob.select(Blob.key).where(Blob.digest == name))
    (path,) = built.settings.data.rglob(row[0].rpartition("/")[2])
    content = path.read_bytes()
    path.unlink()
    assert told(built) == {}
    path.write_bytes(content)
    built.image("2", b"2", config=config("amd64"))
    assert told(built)["2"] == ["linux/amd64"]


def test_a_store_that_fails_is_asked_once_and_then_left_alone_for_a_while(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in "12":
        built.image(number, b"1", config={**config("amd64"), "a": number})
    name = str(Digest.of(json.dumps({**config("amd64"), "a": "1"}).encode()))
    (row,) = built.database.rows(Blob.select(Blob.key).where(Blob.digest == name))
    (path,) = built.settings.data.rglob(row[0].rpartition("/")[2])
    content = path.read_bytes()
    path.unlink()
    path.symlink_to(path.name)  # which no driver follows: it is there, and cannot be read
    assert told(built) == {}
    path.unlink()
    path.write_bytes(content)
    assert told(built) == {}
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + REST)
    assert told(built) == {"1": ["linux/amd64"], "2": ["linux/amd64"]}


def test_a_store_that_is_silent_holds_few_threads_and_the_others_answer_without(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.image("1", b"1", config=config("amd64"))
    monkeypatch.setattr(configs, "WAIT", 0.01)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(configs.READING)
        assert told(built) == {}
        image = built.show("1").image
        assert image is not None
        assert image.problem == configs.LATER
    image = built.show("1").image
    assert image is not None
    assert image.problem == ""


def test_what_is_known_of_a_config_is_told_where_the_config_is(tmp_path: Path) -> None:
    built = Built(tmp_path / "sparse", sparse=True)
    content = built.image("1", b"1", config=config("amd64"))
    assert told(built) == {"1": ["linux/amd64"]}
    push.manifest(built.client, "c/d", "1", content)  # by somebody who has heard of its digest
    (tag,) = tag_lists.listed(built.database, "c/d", Window(10))
    assert built.registry.versions.platforms([tag]) == {tag.row: ()}
    built.close()


def test_a_row_that_is_another_manifest_by_now_tells_nothing(built: Built) -> None:
    built.image("1", b"1", config=config("amd64"))
    (tag,) = tag_lists.listed(built.database, "a/b", Window(10))
    assert built.registry.versions.platforms([Row(tag.row, str(Digest.of(b"another")))]) == {}
    assert built.registry.versions.platforms([]) == {}


def test_what_has_not_been_read_for_long_is_forgotten_and_read_again(built: Built) -> None:
    built.image("1", b"1", config=config("amd64"))
    told(built)
    with built.database.transaction():
        built.database.fetch_all("UPDATE image_platform SET read_at = 0 RETURNING 1")
    built.registry.sweep.run()
    assert built.database.fetch("SELECT count(*) FROM image_platform") == (0,)
    assert told(built) == {"1": ["linux/amd64"]}
