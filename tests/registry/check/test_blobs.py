"""Blobs whose objects are touched behind the registry's back: found, set aside, healed by a push."""

from collections.abc import Callable

import pytest

from backends.base import Backend
from ocireg.errors import LOST, UNAVAILABLE, ErrorCode, RegistryError
from ocireg.registry.check import Check
from ocireg.registry.check.faults import Done, Kind
from tests.registry.check.conftest import check, kinds
from tests.registry.collected import HOUR, World

LAYER, OTHER = b"a layer" * 100, b"another" * 100
Touch = Callable[[Backend, str], None]


def deleted(store: Backend, key: str) -> None:
    store.delete(key)


def truncated(store: Backend, key: str) -> None:
    store.put(key, LAYER[:-1])


def emptied(store: Backend, key: str) -> None:
    store.put(key, b"")


def grown(store: Backend, key: str) -> None:
    store.put(key, LAYER + b"!")


def overwritten(store: Backend, key: str) -> None:
    store.put(key, b"x" * len(LAYER))


def swapped(store: Backend, key: str) -> None:
    store.put(key, OTHER)


ROWS = [
    (deleted, Kind.MISSING, LOST),
    (truncated, Kind.WRONG_SIZE, UNAVAILABLE),
    (emptied, Kind.WRONG_SIZE, UNAVAILABLE),
    (grown, Kind.WRONG_SIZE, UNAVAILABLE),
    (overwritten, Kind.WRONG_DIGEST, None),
    (swapped, Kind.WRONG_DIGEST, None),
]


def refused(world: World, digest: str) -> ErrorCode:
    with pytest.raises(RegistryError) as caught:
        world.pull(digest)
    return caught.value.error


@pytest.mark.parametrize(("touch", "kind", "answer"), ROWS)
def test_a_blob_that_was_touched_is_found_set_aside_and_healed_by_a_push(
    world: World, touch: Touch, kind: Kind, answer: ErrorCode | None
) -> None:
    digest = world.blob(LAYER)
    world.blob(OTHER)
    world.image(LAYER, OTHER, tag="v1", push=True)
    assert kinds(check(world, digests=True)) == []
    key = world.key(digest)
    touch(world.store, key)

    assert kinds(check(world)) == ([kind] if answer else [])
    found = check(world, digests=True)
    assert kinds(found) == [kind]
    (fault,) = found.faults
    assert (fault.key, fault.digest, fault.wanted, fault.repositories) == (key, digest, len(LAYER), ["a/b"])
    assert (fault.done, found.left) == (None, 1)
    if answer:
        assert refused(world, digest) is answer
    else:
        assert world.pull(digest) != LAYER  # of the same size: who pulls has to compare the digest

    set_aside = Done.LOST if kind is Kind.MISSING else Done.QUARANTINED
    repaired = check(world, digests=True, repair=True)
    assert [(one.kind, one.done) for one in repaired.faults] == [(kind, set_aside)]
    assert refused(world, digest) is LOST
    assert not world.head(digest)
    assert not world.mount(digest, "a/b", "c/d")
    again = check(world)
    assert [(one.kind, one.done) for one in again.faults] == [(kind, set_aside)]
    assert again.left == 1

    world.blob(LAYER)
    assert world.key(digest) != key
    assert world.pull(digest) == LAYER
    assert world.head(digest)
    assert world.mount(digest, "a/b", "c/d")
    assert kinds(check(world, digests=True)) == []
    world.pass_(HOUR)
    world.registry.sweep.run()
    assert key not in [one.key for one in world.store.scan("blobs/")]


def test_bytes_that_come_back_are_served_again_after_a_repair(small: World) -> None:
    digest = small.blob(LAYER)
    overwritten(small.store, small.key(digest))
    check(small, digests=True, repair=True)
    small.store.put(small.key(digest), LAYER)
    assert not small.head(digest)
    assert kinds(check(small)) == [Kind.RECOVERED]
    assert [one.done for one in check(small, repair=True).faults] == [Done.RESTORED]
    assert small.head(digest)
    assert kinds(check(small)) == []


def test_nothing_is_repaired_or_an_orphan_in_a_store_that_is_not_the_one_that_was_filled(small: World) -> None:
    digest = small.blob(LAYER)
    small.store.delete(small.key(digest))
    small.store.put("installation", b"another")
    small.store.put(f"blobs/00/{'0' * 32}", b"stray")
    found = check(small, digests=True, repair=True)
    assert (kinds(found), found.foreign, found.left) == ([Kind.MISSING], True, 1)
    assert found.faults[0].done is None


def test_an_object_that_no_row_knows_is_named_when_it_is_old_and_harms_nothing(world: World) -> None:
    world.blob(LAYER)
    key = f"blobs/00/{'0' * 32}"
    world.store.put(key, b"stray")
    assert kinds(check(world)) == []
    found = Check(world.database, world.storage, grace=0).run(repair=True)
    assert [(one.kind, one.key, one.found) for one in found.faults] == [(Kind.ORPHAN, key, 5)]
    assert found.left == 0


def test_an_upload_that_no_row_knows_is_named(small: World) -> None:
    known = small.registry.uploads.start("a/b")
    stray = small.store.begin(f"blobs/00/{'0' * 32}")
    found = Check(small.database, small.storage, grace=0).run()
    assert [(one.kind, one.what, one.key) for one in found.faults] == [(Kind.ORPHAN, "upload", stray.key)]
    assert known.id


def test_a_pull_that_found_nothing_has_said_so_already(small: World) -> None:
    digest = small.blob(LAYER)
    deleted(small.store, small.key(digest))
    assert refused(small, digest) is LOST
    assert [(one.kind, one.done) for one in check(small).faults] == [(Kind.MISSING, Done.LOST)]


def test_one_repository_is_checked_alone(small: World) -> None:
    mine, others = small.blob(LAYER, "a/b"), small.blob(OTHER, "c/d")
    for digest in (mine, others):
        deleted(small.store, small.key(digest))
    found = small.registry.check.run(repository="c/d")
    assert [one.digest for one in found.faults] == [others]
    assert (found.blobs, found.manifests) == (1, 0)
