"""Garbage collection: what keeps what, what goes, and when."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ocireg.metadata import repositories
from ocireg.oci.digest import Digest
from ocireg.registry.claims import Chunk
from tests.registry.collected import DAY, GRACE, HOUR, PROTECTION, RETENTION, World, digest_of

LAYER = b"layer"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def everything(world: World, repository: str = "a/b") -> set[str]:
    return world.manifests(repository) | world.blobs(repository)


def test_what_is_tagged_stays_with_all_it_names(world: World) -> None:
    world.image(LAYER, tag="v1")
    before = everything(world)
    world.pass_(400 * DAY)
    assert not world.collect()
    assert everything(world) == before


def test_an_image_goes_a_grace_after_its_last_tag_was_deleted(world: World) -> None:
    world.image(LAYER, tag="v1")
    world.image(LAYER, tag="v2")
    world.pass_(DAY)
    world.untag("v1")
    world.pass_(DAY)
    assert not world.collect()
    world.untag("v2")
    world.pass_(GRACE - 1)
    assert not world.collect()
    world.pass_(1)
    done = world.collect()
    assert (done.manifests, done.links, done.blobs) == (1, 2, 2)
    assert everything(world) == set()
    world.pass_(HOUR)
    assert world.registry.sweep.run().garbage == 2 * 3  # each push made objects of its own


def test_what_a_tag_moved_away_from_stays_until_the_retention_ends(world: World) -> None:
    old = world.image(b"old", tag="latest")
    world.pass_(100 * DAY)
    world.image(b"new", tag="latest")
    world.pass_(RETENTION - 1)
    assert not world.collect()
    assert old in world.manifests()
    world.pass_(1)
    assert world.collect().manifests == 1
    assert world.blobs() == {digest_of(b"new"), digest_of(b"{}")}


def test_a_pull_counts_for_what_has_no_tag(world: World) -> None:
    old = world.image(b"old")
    world.pass_(20 * DAY)
    with world.database.transaction():
        world.database.change("UPDATE manifest SET pulled_at = ?", world.clock())
    world.pass_(20 * DAY)
    assert not world.collect()
    world.pass_(10 * DAY - 1)
    assert not world.collect()
    world.pass_(1)
    assert world.collect().manifests == 1
    assert old not in world.manifests()


def test_retention_of_nought_keeps_what_has_no_tag_for_ever(tmp_path: Path) -> None:
    world = World(tmp_path, untagged_retention=0)
    world.image(LAYER)
    world.pass_(10_000 * DAY)
    assert not world.collect()
    assert len(world.manifests()) == 1
    world.close()


def test_a_tag_that_comes_back_in_time_saves_its_manifest(world: World) -> None:
    digest = world.image(LAYER, tag="v1")
    world.untag("v1")
    world.pass_(GRACE - 1)
    world.registry.tags.restore("a/b", "v1", Digest.parse(digest))
    world.pass_(100 * DAY)
    assert not world.collect()
    world.untag("v1")
    world.pass_(GRACE)
    assert world.collect().manifests == 1


def tagged_index(world: World) -> list[str]:
    children = [world.image(one) for one in (b"amd64", b"arm64")]
    world.index(*children, tag="v1")
    return children


def nested(world: World) -> list[str]:
    children = tagged_index(world)
    inner = world.index(*children, note="inner")
    world.index(inner, tag="v1", note="outer")
    return [*children, inner]


def signed(world: World) -> list[str]:
    image = world.image(LAYER, tag="v1")
    return [world.image(b"signature", subject=image)]


def signed_signature(world: World) -> list[str]:
    image = world.image(LAYER, tag="v1")
    signature = world.image(b"signature", subject=image)
    return [signature, world.image(b"of a signature", subject=signature)]


def late_subject(world: World) -> list[str]:
    image = world.image(LAYER, tag="v1")
    signature = world.image(b"signature", subject=image)
    world.delete(image)
    world.pass_(HOUR)
    world.image(LAYER, tag="v1")
    return [signature]


def fallback(world: World) -> list[str]:
    image = world.image(LAYER, tag="v1")
    return [world.image(b"signature", tag=f"{image.replace(':', '-')}.sig")]


def referrers_tag(world: World) -> list[str]:
    image = world.image(LAYER, tag="v1")
    signature = world.image(b"signature")
    return [signature, world.index(signature, tag=image.replace(":", "-"))]


def subject_within_its_own_referrer(world: World) -> list[str]:
    child = world.image(LAYER)
    return [child, world.index(child, subject=child, tag="v1")]


SHAPES: dict[str, Callable[[World], list[str]]] = {
    one.__name__: one
    for one in (
        tagged_index,
        nested,
        signed,
        signed_signature,
        late_subject,
        fallback,
        referrers_tag,
        subject_within_its_own_referrer,
    )
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_hangs_on_a_tag_lives_with_it_and_goes_with_it(world: World, shape: str) -> None:
    parts = SHAPES[shape](world)
    for _ in range(10):
        world.pass_(8 * DAY)
        world.collect()
    assert world.manifests() >= set(parts)
    blobs = world.blobs()
    world.untag("v1")
    world.pass_(GRACE - 1)
    assert not world.collect()
    assert world.blobs() == blobs
    world.pass_(1)
    world.collect()
    assert everything(world) == set()
    assert world.tags() == set()


@pytest.mark.parametrize("shape", SHAPES)
def test_what_hangs_on_a_tag_goes_some_time_after_it_moved(world: World, shape: str) -> None:
    SHAPES[shape](world)
    other = world.image(b"other", tag="v1", note="other")
    for _ in range(12):
        world.pass_(8 * DAY)
        world.collect()
    assert world.manifests() == {other}
    assert world.blobs() == {digest_of(b"other"), digest_of(b"{}")}


def test_an_index_of_blobs_keeps_them(world: World) -> None:
    world.index(blobs=[b"cache", b"config"], tag="cache")
    world.pass_(100 * DAY)
    assert not world.collect()
    world.index(blobs=[b"cache"], tag="cache")
    world.pass_(RETENTION)
    world.collect()
    assert world.blobs() == {digest_of(b"cache")}


def test_a_child_may_come_long_before_its_index(world: World) -> None:
    child = world.image(LAYER)
    world.pass_(29 * DAY)
    assert not world.collect()
    world.index(child, tag="v1")
    world.pass_(100 * DAY)
    assert not world.collect()


def test_a_child_pushed_again_stays_when_its_former_index_goes(world: World) -> None:
    child = world.image(LAYER)
    world.index(child, tag="v1")
    world.pass_(DAY)
    world.untag("v1")
    world.pass_(GRACE - HOUR)
    world.image(LAYER)
    world.pass_(2 * HOUR)
    assert world.collect().manifests == 1
    assert world.manifests() == {child}


def test_a_fallback_tag_whose_subject_never_came_is_a_tag(world: World) -> None:
    signature = world.image(b"signature", tag=f"sha256-{'0' * 64}.sig")
    world.pass_(400 * DAY)
    assert not world.collect()
    assert signature in world.manifests()


def test_a_signature_that_has_a_name_of_its_own_stays(world: World) -> None:
    image = world.image(LAYER, tag="v1")
    name = f"{image.replace(':', '-')}.sig"
    world.image(b"signature", tag=name)
    signature = world.image(b"signature", tag="kept")
    world.untag("v1")
    world.pass_(GRACE)
    world.collect()
    assert world.manifests() == {signature}
    assert world.tags() == {"kept"}
    world.untag("kept")
    world.pass_(GRACE)
    assert world.collect().manifests == 1


def test_a_blob_without_a_manifest_goes_when_its_protection_ends(world: World) -> None:
    world.blob(LAYER)
    world.pass_(PROTECTION - 1)
    assert not world.collect(now=True)
    world.pass_(1)
    assert world.collect().blobs == 1


def test_a_blob_goes_from_each_repository_by_itself(world: World) -> None:
    digest = world.blob(LAYER)
    assert world.mount(digest, "a/b", "c/d")
    world.blob(b"{}", "c/d")
    world.image(LAYER, tag="v1", repository="c/d", push=False)
    world.pass_(PROTECTION)
    done = world.collect()
    assert (done.links, done.blobs) == (1, 0)
    assert digest in world.blobs("c/d")
    world.untag("v1", "c/d")
    world.pass_(GRACE)
    assert world.collect().blobs == 2


def test_asking_for_a_blob_keeps_it_for_who_may_push_it(world: World) -> None:
    digest = world.blob(LAYER)
    world.pass_(PROTECTION - 1)
    assert world.head(digest)
    world.pass_(PROTECTION - 1)
    assert not world.collect()
    world.image(LAYER, tag="v1")
    world.pass_(1)
    assert not world.collect()


def test_asking_for_a_blob_writes_nothing_while_half_of_its_protection_is_left(world: World) -> None:
    digest = world.blob(LAYER)
    before = world.database.fetch("SELECT total_changes()")
    world.pass_(PROTECTION / 2)
    assert world.head(digest)
    assert world.database.fetch("SELECT total_changes()") == before
    world.pass_(1)
    assert world.head(digest)
    assert world.database.fetch("SELECT total_changes()") != before


def test_asking_for_a_manifest_by_digest_keeps_it_for_who_may_push_an_index(world: World) -> None:
    child = world.image(LAYER, tag="v1")
    world.untag("v1")
    world.pass_(GRACE - 1)
    assert world.head_manifest(child)
    world.pass_(PROTECTION - 1)
    assert not world.collect()
    world.index(child, tag="v2")
    world.pass_(DAY)
    assert not world.collect()


def test_a_blob_that_a_manifest_names_no_more_has_the_grace_of_what_was_deleted(world: World) -> None:
    digest = world.image(LAYER, tag="v1")
    world.pass_(DAY)
    world.delete(digest)
    world.pass_(GRACE - 1)
    assert not world.collect()
    world.pass_(1)
    assert world.collect().blobs == 2


def test_now_skips_the_grace_and_neither_protection_nor_retention(world: World) -> None:
    protected = world.image(b"protected", tag="v1")
    untagged = world.image(b"untagged")
    world.untag("v1")
    assert not world.collect(now=True)
    world.pass_(PROTECTION)
    assert world.collect(now=True).manifests == 1
    assert world.manifests() == {untagged}
    assert protected != untagged


def test_what_is_asked_for_at_the_last_moment_is_done_by_who_begins(world: World) -> None:
    world.image(LAYER, tag="v1")
    world.untag("v1")
    world.pass_(PROTECTION)
    world.registry.collector.turns.ask(now=True)
    assert world.registry.collector.asked({}).manifests == 1  # it looked before that was asked
    assert world.registry.collector.turns.asked() is None


def test_a_push_that_takes_long_keeps_the_blobs_it_began_with(world: World) -> None:
    """The next layer takes hours; the manifest comes a moment after it, when no upload is under way any more."""
    world.blob(b"{}")
    first = world.blob(b"first")
    slow = world.registry.uploads.start("a/b")
    for _ in range(20):
        world.pass_(HOUR / 2)
        world.collect()
    assert first in world.blobs()
    world.registry.uploads.finish("a/b", slow.id, Chunk([b"slow"], None, 4), Digest.of(b"slow"))
    world.pass_(PROTECTION - 1)
    world.collect()
    world.image(b"first", b"slow", tag="v1", push=False)
    world.pass_(DAY)
    assert not world.collect()


def test_a_push_that_takes_long_keeps_what_others_have_asked_for_during_weeks(world: World) -> None:
    base = world.blob(b"base")
    for _ in range(60):
        world.pass_(PROTECTION - 60)
        assert world.head(base)
        world.collect()
    world.registry.uploads.start("a/b")
    for _ in range(5):
        world.pass_(PROTECTION - 60)
        world.collect()
    assert base in world.blobs()


def test_a_push_goes_on_though_a_manifest_is_deleted_that_has_parts_of_it(world: World) -> None:
    first = world.blob(b"first")
    world.pass_(PROTECTION - 60)
    world.delete(world.image(b"second", tag="v1"))
    world.pass_(60)
    world.collect()
    assert first in world.blobs()


def test_asking_for_a_blob_ends_no_grace(world: World) -> None:
    digest = world.image(LAYER, tag="v1")
    world.pass_(DAY)
    world.delete(digest)
    world.head(digest_of(LAYER))
    world.pass_(GRACE - 1)
    assert not world.collect()
    world.head(digest_of(LAYER))
    world.pass_(PROTECTION - 1)
    assert world.collect().blobs == 1  # the config, for which nobody asked
    world.pass_(1)
    assert world.collect().blobs == 1


def test_a_purged_repository_leaves_nothing_to_collect(world: World) -> None:
    world.image(LAYER, tag="v1")
    world.image(b"other")
    with world.database.transaction():
        repositories.purge(world.database, "a/b", grace=0)
    world.pass_(100 * DAY)
    done = world.collect()
    assert (done.reviewed, world.registry.collector.waiting()) == (0, {})


def test_a_trial_says_what_would_go_and_changes_nothing(world: World) -> None:
    tagged_index(world)
    world.untag("v1")
    world.pass_(GRACE)
    before = everything(world)
    trial = world.registry.collector.trial()
    assert (trial.manifests, trial.blobs) == (3, 3)
    assert everything(world) == before
    done = world.collect()
    assert (done.manifests, done.links, done.size) == (trial.manifests, trial.links, trial.size)
