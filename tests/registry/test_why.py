"""Why something is there: the way to what keeps it, or when it goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.metadata import keepers
from ocireg.metadata.repositories import Reach
from ocireg.oci.digest import Digest
from ocireg.registry.fates import Fates
from ocireg.registry.roots import Delays, Roots, Step
from ocireg.registry.why import Reason
from tests.registry.collected import BYTES, DAY, GRACE, PROTECTION, RETENTION, World, digest_of
from tests.security.statements import statements

LAYER = b"layer"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def ask(world: World, digest: str) -> Reason:
    (one,) = world.registry.why.ask(Digest.parse(digest))
    return one


def way(one: Reason) -> list[tuple[str, str]]:
    return [(link.how, link.digest) for link in one.chain]


def test_the_way_leads_over_indexes_and_subjects_to_a_tag(world: World) -> None:
    child = world.image(LAYER)
    index = world.index(child, tag="v1")
    signature = world.image(b"signature", subject=index)
    one = ask(world, digest_of(b"signature"))
    assert (one.kind, one.kept, one.tag, one.goes_at) == ("blob", True, "v1", None)
    assert way(one) == [("part", signature), ("subject", index)]
    assert way(ask(world, digest_of(LAYER))) == [("part", child), ("part", index)]
    assert way(ask(world, child)) == [("", child), ("part", index)]


def test_it_told_the_truth_when_what_it_foretold_comes(world: World) -> None:
    """What it says goes at a time is there a second before, and not then; so do the bytes."""
    child = world.image(LAYER)
    index = world.index(child, tag="v1")
    world.pass_(DAY)
    world.untag("v1")
    deleted = world.clock()
    world.pass_(PROTECTION)
    one = ask(world, digest_of(LAYER))
    assert (one.kept, one.reason, one.since, one.tag) == (False, "deleted", deleted, None)
    assert way(one) == [("part", child), ("part", index)]
    assert one.goes_at is not None
    assert one.bytes_at == one.goes_at + BYTES
    for early in (1, 0):
        world.clock.time = one.goes_at - early
        world.collect()
        assert bool(world.registry.why.ask(Digest.of(LAYER))) == bool(early)
    world.clock.time = one.bytes_at - 1
    assert world.registry.sweep.run().garbage == 0
    world.clock.time = one.bytes_at
    assert world.registry.sweep.run().garbage > 0


@pytest.mark.parametrize(("retention", "days"), [("30d", 30), ("0", None)])
def test_what_has_no_tag_goes_when_the_retention_ends_or_never(
    tmp_path: Path, retention: str, days: float | None
) -> None:
    world = World(tmp_path / "another", untagged_retention=retention)
    digest = world.image(LAYER)
    one = ask(world, digest)
    assert (one.kept, one.reason) == (False, "untagged")
    assert one.goes_at == (None if days is None else world.clock() + days * DAY)
    assert one.protected_until == world.clock() + PROTECTION
    world.close()


def test_a_blob_alone_goes_when_its_protection_ends(world: World) -> None:
    digest = world.blob(LAYER)
    one = ask(world, digest)
    assert (one.reason, one.goes_at, one.chain) == ("pushed", world.clock() + PROTECTION, ())
    image = world.image(LAYER, tag="v1")
    world.pass_(DAY)
    world.delete(image)
    one = ask(world, digest)
    assert (one.reason, one.goes_at) == ("deleted", world.clock() + GRACE)


def test_the_last_use_that_ends_is_told_of(world: World) -> None:
    world.image(LAYER, tag="deleted")
    moved = world.image(LAYER, tag="moved", note="moved")
    world.untag("deleted")
    world.image(b"other", tag="moved")
    one = ask(world, digest_of(LAYER))
    assert (way(one), one.reason) == ([("part", moved)], "untagged")
    assert one.goes_at == world.clock() + RETENTION


def test_each_repository_has_its_own_answer_and_those_out_of_reach_none(world: World) -> None:
    for name in ("a/b", "c/d"):
        world.image(LAYER, tag=name[0], repository=name)
    found = world.registry.why.ask(Digest.of(LAYER))
    assert [(one.repository, one.tag) for one in found] == [("a/b", "a"), ("c/d", "c")]
    assert [one.repository for one in world.registry.why.ask(Digest.of(LAYER), after="a/b")] == ["c/d"]
    assert world.registry.why.ask(Digest.of(LAYER), Reach()) == []


def pulled(world: World, digest: str) -> None:
    with world.database.transaction():
        world.database.change("UPDATE manifest SET pulled_at = ? WHERE digest = ?", world.clock(), digest)


def test_a_child_that_was_pulled_later_than_its_index_goes_later(world: World) -> None:
    child = world.image(LAYER)
    world.index(child, tag="v1")
    world.pass_(RETENTION)
    world.collect()
    world.image(b"other", tag="v1")
    world.pass_(20 * DAY)
    pulled(world, child)
    one = ask(world, child)
    assert (one.reason, one.since, one.goes_at) == ("untagged", world.clock(), world.clock() + RETENTION)
    world.pass_(10 * DAY)
    assert world.collect().manifests == 1
    assert ask(world, child) == one
    world.pass_(20 * DAY)
    assert world.collect().manifests == 1


def test_a_tag_that_stands_for_a_subject_which_went_keeps_nothing(world: World) -> None:
    subject = world.image(LAYER, tag="v1")
    name = f"{subject.replace(':', '-')}.sig"
    signature = world.image(b"signature", tag=name)
    assert ask(world, signature).tag == name
    world.image(b"other", tag="v1")
    world.pass_(RETENTION)
    world.collect()
    one = ask(world, signature)
    assert (one.kept, one.reason, one.goes_at) == (False, "followed", world.clock() + GRACE)
    world.image(LAYER)
    assert ask(world, signature).tag == name
    world.delete(subject)
    world.pass_(GRACE)
    world.collect()
    assert world.registry.why.ask(Digest.parse(signature)) == []


def test_a_fate_is_foretold_in_so_many_steps_however_many_hang_together(world: World) -> None:
    some = [world.image(LAYER)]
    for place in range(12):
        some.append(world.index(*some, note=str(place)))
    row = world.database.fetch("SELECT id FROM manifest WHERE digest = ?", some[0])
    assert row is not None
    node = keepers.node(world.database, row[0])
    assert node is not None
    delays = Delays(GRACE, RETENTION)
    asked = {}
    for most in (5, 1000):
        with statements() as found:
            fate = Fates(Roots(world.database, delays), delays, most=most).of(Step("", node))
        assert fate.until == world.clock() + RETENTION
        asked[most] = len(found)
    assert asked[5] < 20
    assert asked[1000] > 78
