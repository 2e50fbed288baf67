"""Garbage collection: what names others goes before them, and how long the others wait for one step."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.errors import RegistryError
from ocireg.metadata import keepers
from ocireg.oci.digest import Digest
from ocireg.registry import collector
from ocireg.registry.collection import Collection
from ocireg.registry.collector import Collector
from ocireg.registry.roots import Delays, Roots
from tests.registry.collected import BYTES, DAY, GRACE, HOUR, PROTECTION, RETENTION, World
from tests.security.statements import statements


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def pulled(world: World, digest: str) -> None:
    with world.database.transaction():
        world.database.change("UPDATE manifest SET pulled_at = ? WHERE digest = ?", world.clock(), digest)


def outer_index_moves(world: World) -> tuple[str, str]:
    """The tag of an outer index moves, and its time ends when that of a part with a tag that was deleted does."""
    part = world.image(b"part", tag="part")
    inner = world.index(part, note="inner")
    world.index(inner, tag="v1", note="outer")
    world.pass_(RETENTION)
    world.collect()  # the inner one, which has no tag, leaves the queue
    world.image(b"other", tag="v1", note="other")
    world.pass_(RETENTION - GRACE)
    world.untag("part")
    world.pass_(GRACE)
    return part, inner


def test_an_index_that_has_a_time_of_its_own_when_its_parent_goes_keeps_its_parts(world: World) -> None:
    part, inner = outer_index_moves(world)
    pulled(world, inner)
    assert world.collect().manifests == 1
    assert world.manifests() >= {part, inner}
    world.pass_(RETENTION)
    world.collect()
    assert not world.manifests() & {part, inner}


def subject_moves(world: World) -> tuple[str, str]:
    """The tag of a subject moves, and its time ends when that of a part of its referrer does."""
    part = world.image(b"part", tag="part")
    image = world.image(b"image", tag="v1")
    attestation = world.index(part, subject=image)
    world.pass_(RETENTION)
    world.collect()
    world.image(b"other", tag="v1", note="other")
    world.pass_(RETENTION - GRACE)
    world.untag("part")
    world.pass_(GRACE)
    return part, attestation


def test_a_referrer_that_has_a_grace_of_its_own_keeps_its_parts(world: World) -> None:
    part, attestation = subject_moves(world)
    assert world.collect().manifests == 1
    assert world.manifests() >= {part, attestation}
    world.pass_(GRACE)
    world.collect()
    assert not world.manifests() & {part, attestation}


def test_whatever_a_collection_is_cut_off_after_no_index_is_left_without_its_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is condemned may have its tag restored, or be named by another, between two steps."""
    monkeypatch.setattr(collector, "AT_ONCE", 1)
    part = world.image(b"part", tag="part")
    index = world.index(part, tag="v1")
    signature = world.image(b"signature", subject=index, tag="signature")
    world.untag("part")
    world.untag("signature")
    world.pass_(1)
    world.untag("v1")
    world.pass_(GRACE)
    with world.registry.collector.turns.take() as turn:
        assert turn is not None
        one = world.registry.collector.begin(Collection(), now=False)
        while index in world.manifests():
            assert world.manifests() >= {part, signature}
            assert one.step()
    with pytest.raises(RegistryError):
        world.registry.tags.restore("a/b", "v1", Digest.parse(index))
    world.collect()
    assert world.manifests() == set()


def test_an_index_and_its_part_that_is_its_subject_too_go_together(world: World) -> None:
    part = world.image(b"part", tag="v1")
    inner = world.index(part, note="inner")
    world.index(inner, subject=part, note="outer")
    world.pass_(RETENTION)
    world.collect()
    world.untag("v1")
    world.pass_(GRACE)
    assert world.collect().manifests == 3


def chained(world: World, length: int) -> list[str]:
    """Push indexes of which each names the one before."""
    chain = [world.image(b"layer")]
    for place in range(length):
        chain.append(world.index(chain[-1], note=str(place)))
    return chain


def test_a_chain_that_is_too_long_to_walk_goes_from_its_top(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "MOST", 5)
    chain = chained(world, 20)
    world.head_manifest(chain[-1])
    world.pass_(RETENTION)
    assert world.collect().manifests == len(chain)


def test_steps_that_take_too_long_each_do_the_same_as_one(world: World) -> None:
    chained(world, 5)
    world.index(*(world.image(bytes([one])) for one in range(5)), tag="v1")
    world.untag("v1")
    world.pass_(RETENTION)
    hurried = Collector(
        world.database, Delays(GRACE, RETENTION), protection=PROTECTION, grace=BYTES, pace=0.0, lease=HOUR
    )
    done = hurried.run()
    assert (done.manifests, done.reviewed - done.kept) == (12, done.manifests + done.links)
    assert world.blobs() == set()


def test_a_part_of_many_that_live_is_kept_by_the_first_of_them(world: World) -> None:
    part = world.image(b"part")
    indexes = [world.index(part, note=str(place)) for place in range(40)]
    world.pass_(RETENTION - DAY)
    for one in indexes:
        pulled(world, one)
    world.pass_(DAY)
    with statements() as found:
        assert world.collect().kept == 43
    assert len(found) < 43 * 12


def test_a_way_up_through_what_all_name_is_cut(world: World) -> None:
    some = [world.image(b"part")]
    for place in range(6):
        some.append(world.index(*some, note=str(place)))
    row = world.database.fetch("SELECT id FROM manifest WHERE digest = ?", some[0])
    assert row is not None
    node = keepers.node(world.database, row[0])
    assert node is not None
    delays = Delays(GRACE, RETENTION)
    assert not Roots(world.database, delays).of_manifest(node).cut
    assert Roots(world.database, delays, most=7).of_manifest(node).cut
