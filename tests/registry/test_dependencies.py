"""What versions are built on: said or recognised, moved on or not, and never told to whom it is hidden from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocireg.metadata import repositories
from ocireg.metadata.models import Organization, Registry
from ocireg.metadata.repositories import EVERYTHING, Reach
from ocireg.oci.digest import Digest
from ocireg.registry.versions import Dependency, Move
from tests.registry.built import Built, platform
from tests.security.statements import statements
from tests.web.v2 import push

HOST = "registry.example.com"
NAME, DIGEST = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"
NOTHING = Reach(root=False)


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Built]:
    found = Built(tmp_path)
    yield found
    found.close()


def of(
    built: Built, content: bytes | str, reach: Reach = EVERYTHING, repository: str = "a/b"
) -> tuple[Dependency, ...]:
    return built.registry.versions.dependencies(built.show(content, repository), reach, HOST)


def named(content: bytes) -> str:
    return str(Digest.of(content))


def test_the_longest_image_whose_layers_come_first_is_the_base(built: Built) -> None:
    built.image("os", b"1", repository="base/os")
    runtime = built.image("20", b"1", b"2", repository="base/runtime")
    built.image("other", b"1", b"x", repository="base/other")
    built.image("same", b"1", b"2", b"3", repository="base/same")
    app = built.image("app", b"1", b"2", b"3")
    (found,) = of(built, app)
    assert found == Dependency(
        "layers", "base/runtime:20", named(runtime), "base/runtime", "20", named(runtime), layers=2
    )
    (below,) = of(built, runtime, repository="base/runtime")
    assert (below.name, below.layers) == ("base/os:os", 1)
    assert of(built, "os", repository="base/os") == ()


def test_a_tagged_image_is_the_base_before_one_without_a_tag_and_then_the_oldest(built: Built) -> None:
    built.image("", b"1", config={"a": 1}, repository="base/first")
    second = built.image("t", b"1", config={"a": 2}, repository="base/second")
    built.image("t", b"1", config={"a": 3}, repository="base/third")
    (found,) = of(built, built.image("app", b"1", b"2"))
    assert (found.repository, found.digest) == ("base/second", named(second))


def test_an_image_that_only_an_index_leads_to_is_a_tagged_one(built: Built) -> None:
    built.image("", b"1", config={"a": 1}, repository="base/first")
    arm = built.image("", b"1", config={"a": 2}, repository="base/multi")
    built.index("3", (arm, platform("linux", "arm64")), repository="base/multi")
    (found,) = of(built, built.image("app", b"1", b"2"))
    assert (found.repository, found.tag, found.digest, found.moved_on) == ("base/multi", "3", named(arm), None)
    newer = built.image("", b"new", repository="base/multi")
    index = built.index("3", (newer, platform("linux", "arm64")), repository="base/multi")
    (found,) = of(built, "app")
    assert found.repository == "base/first"
    assert found.moved_on is None
    built.registry.manifests.delete(
        "base/first", Digest.of(built.image("", b"1", config={"a": 1}, repository="base/first"))
    )
    (found,) = of(built, "app")
    assert found.moved_on is not None
    assert (found.repository, found.tag, found.moved_on.digest) == ("base/multi", "3", named(index))


@pytest.mark.parametrize("deleted", [False, True])
def test_a_base_whose_tag_points_elsewhere_now_has_moved_on(built: Built, deleted: bool) -> None:
    old = built.image("3", b"1", repository="base/os")
    app = built.image("app", b"1", b"2", annotations={NAME: f"{HOST}/base/os:3", DIGEST: named(old)})
    (found,) = of(built, app)
    assert found == Dependency("annotation", f"{HOST}/base/os:3", named(old), "base/os", "3", named(old))
    new = built.image("3", b"new", repository="base/os")
    if deleted:
        built.registry.tags.delete("base/os", "3")
    (found,) = of(built, app)
    assert found.here == named(old)
    assert found.moved_on is not None
    assert (found.moved_on.tag, found.moved_on.digest) == ("3", None if deleted else named(new))
    assert found.moved_on.at is not None


def test_a_tag_that_leads_to_another_index_of_the_same_image_has_not_moved_on(built: Built) -> None:
    arm = built.image("", b"1", repository="base/os")
    built.index("3", (arm, {}), repository="base/os")
    app = built.image("app", b"x", annotations={NAME: "base/os:3", DIGEST: named(arm)})
    amd = built.image("", b"amd", repository="base/os")
    built.index("3", (arm, {}), (amd, {}), repository="base/os")
    (found,) = of(built, app)
    assert (found.here, found.moved_on) == (named(arm), None)
    built.index("3", (amd, {}), repository="base/os")
    (found,) = of(built, app)
    assert isinstance(found.moved_on, Move)


def test_a_base_that_was_here_and_is_gone_has_moved_on_and_one_that_never_was_has_not(built: Built) -> None:
    old = built.image("3", b"old", repository="base/os")
    app = built.image("app", b"x", annotations={NAME: "base/os:3", DIGEST: named(old)})
    never = built.image("never", b"x", annotations={NAME: "base/os:3", DIGEST: named(b"never")})
    new = built.image("3", b"new", repository="base/os")
    built.registry.manifests.delete("base/os", Digest.of(old))
    assert [(one.here, one.moved_on and one.moved_on.digest) for one in of(built, app)] == [("", named(new))]
    assert [(one.here, one.moved_on) for one in of(built, never)] == [("", None)]


def test_what_a_name_leaves_open_the_layers_tell(built: Built) -> None:
    old = built.image("latest", b"1", repository="base/os")
    app = built.image("app", b"1", b"2", config={"config": {"Labels": {NAME: "base/os"}}})
    built.image("latest", b"new", repository="base/os")
    (found,) = of(built, app)
    assert (found.source, found.name, found.digest, found.layers) == ("annotation", "base/os", named(old), 1)
    assert found.moved_on is not None


@pytest.mark.parametrize(
    ("notes", "repository"),
    [
        ({NAME: f"{HOST}/base/os:3"}, "base/os"),
        ({NAME: "base/os:3"}, "base/os"),
        ({NAME: f"{HOST.upper()}/base/os:3"}, "base/os"),
        ({NAME: "other.example.com/base/os:3"}, ""),
        ({NAME: f"{HOST}:5000/base/os:3"}, ""),
        ({NAME: f"{HOST}.evil.example/base/os:3"}, ""),
        ({NAME: f"user@{HOST}/base/os:3"}, ""),
        ({NAME: f"https://{HOST}/base/os:3"}, ""),
        ({NAME: "base/none:3"}, ""),
        ({NAME: "<script>alert(1)</script>"}, ""),
        ({NAME: "../../base/os"}, ""),
        ({NAME: "base/os:3", DIGEST: "nonsense"}, "base/os"),
        ({NAME: "base/os:3", DIGEST: "blake3:" + "ab" * 32}, "base/os"),
        ({DIGEST: "sha256:" + "0" * 64}, ""),
    ],
    ids=repr,
)
def test_a_base_is_here_if_it_is_named_so(built: Built, notes: dict[str, str], repository: str) -> None:
    built.image("3", b"base", repository="base/os")
    (found,) = of(built, built.image("app", b"x", annotations=notes))
    assert (found.source, found.repository) == ("annotation", repository)
    assert found.name in notes.values()


def test_the_children_of_an_index_are_its_dependencies(built: Built) -> None:
    image = built.image("", b"x")
    index = built.index("1", (image, platform("linux", "arm64")))
    (found,) = of(built, index)
    assert (found.source, found.here, str(found.platform)) == ("child", named(image), "linux/arm64")


@pytest.mark.parametrize("notes", [{}, {NAME: "base/os:3"}, {NAME: "base/os:3", DIGEST: "sha256:" + "0" * 64}])
def test_what_may_not_be_read_is_as_what_is_not_there(built: Built, notes: dict[str, str]) -> None:
    version = built.show(built.image("app", b"1", b"2", annotations=notes))

    def told() -> tuple[Any, list[str]]:
        with statements() as asked:
            return built.registry.versions.dependencies(version, NOTHING, HOST), asked

    absent = told()
    for number in range(20):
        built.image(f"t{number}", b"1", config={"a": number}, repository="base/os")
    built.image("3", b"1", repository="base/os")
    version = built.show(built.image("app", b"1", b"2", annotations=notes, config={"after": "them"}))
    assert told() == absent
    seen = built.registry.versions.dependencies(version, EVERYTHING, HOST)
    assert {one.repository for one in seen} == {"base/os"}


def test_what_was_pushed_after_an_image_is_not_its_base(built: Built) -> None:
    """Or whoever may push anywhere could push the first layers of an image, and be shown as what it is built on."""
    app = built.image("app", b"1", b"2")
    built.image("3", b"1", repository="evil/os")
    assert of(built, app) == ()


def test_a_search_for_a_base_reads_nothing_of_what_is_hidden(built: Built) -> None:
    built.image("3", b"1", repository="base/os")
    app = built.image("app", b"1", b"2")
    with statements() as asked:
        built.registry.versions.dependencies(built.show(app), NOTHING, HOST)
    (statement,) = [one for one in asked if "FROM image_chain" in one]
    values = statement.count("?")
    plan = built.database.fetch_all(f"EXPLAIN QUERY PLAN {statement}", *["[]"] * values)
    steps = [row[3] for row in plan]
    scans = {one.partition(" VIRTUAL")[0] for one in steps if one.startswith("SCAN")}
    assert scans <= {"SCAN w", "SCAN c", "SCAN p", "SCAN t1"}, steps
    searches = [one for one in steps if "INDEX image_chain_chain" in one]
    assert len(searches) == 2
    assert all(one.endswith("(chain=? AND registry_id=? AND manifest_id<?)") for one in searches), steps


def test_a_repository_that_moves_takes_its_images_to_the_reach_of_the_other_registry(built: Built) -> None:
    built.image("3", b"1", repository="base/os")
    app = built.image("app", b"1", b"2")
    at_first, later = Reach(registries=frozenset({1})), Reach(registries=frozenset({2}))
    assert [one.repository for one in of(built, app, at_first)] == ["base/os"]
    assert of(built, app, later) == ()
    with built.database.transaction():
        acme = built.database.run(Organization.insert(slug="acme", name="Acme", created_at=0))
        two = built.database.run(Registry.insert(organization=acme, slug="os", name="Os", created_at=0))
        repositories.move(built.database, "base/os", "acme/os/base", two)
    assert two == 2
    assert of(built, app, at_first) == ()
    assert [one.repository for one in of(built, app, later)] == ["acme/os/base"]


def test_an_image_that_is_pushed_again_is_found_as_before(built: Built) -> None:
    base = built.image("3", b"1", repository="base/os")
    app = built.image("app", b"1", b"2")
    push.manifest(built.client, "base/os", "3", base)
    assert [one.digest for one in of(built, app)] == [named(base)]
    built.registry.manifests.delete("base/os", Digest.of(base))
    assert of(built, app) == ()


def test_more_layers_than_are_looked_at_have_no_base(built: Built) -> None:
    layers = [b"%d" % one for one in range(502)]
    built.image("3", layers[0], repository="base/os")
    for one in layers:
        push.blob(built.client, "a/b", one)
    assert of(built, built.image("most", *layers[:500])) != ()
    assert of(built, built.image("more", *layers[:501])) == ()
