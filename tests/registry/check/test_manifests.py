"""Manifests whose objects, or copies in the database, are touched: mended from one another, or set aside."""

import json
from collections.abc import Callable

import pytest

from ocireg.errors import MANIFEST_BLOB_UNKNOWN, MANIFEST_UNKNOWN, UNAVAILABLE, RegistryError
from ocireg.oci.digest import Digest
from ocireg.registry.check.faults import Done, Kind
from tests.registry.check.conftest import check, kinds
from tests.registry.collected import HOUR, World

LAYER = b"a layer"
Touch = Callable[[bytes], bytes | None]

ROWS: list[tuple[str, Touch, Kind, bool]] = [
    ("deleted", lambda _: None, Kind.MISSING, True),
    ("emptied", lambda _: b"", Kind.WRONG_SIZE, True),
    ("much shorter", lambda data: data[:200], Kind.WRONG_SIZE, True),
    ("a byte shorter", lambda data: data[:-1], Kind.WRONG_DIGEST, False),
    ("a byte longer", lambda data: data + b"!", Kind.WRONG_DIGEST, False),
    ("much longer", lambda data: data + bytes(2 * 1024 * 1024), Kind.WRONG_SIZE, True),
    ("of the same size", lambda data: data[:-1] + b"!", Kind.WRONG_DIGEST, False),
    ("with no record", lambda data: b"{}\n" + data.partition(b"\n")[2], Kind.MALFORMED, False),
    ("with another record", lambda data: data.replace(b"sha256", b"sha257", 1), Kind.MALFORMED, False),
    ("with a record of depth", lambda data: b"[" * 500000 + b"\n" + data.partition(b"\n")[2], Kind.MALFORMED, False),
]
NAMES = [row[0] for row in ROWS]


def stored(world: World, key: str) -> bytes:
    with world.store.open(key) as reader:
        return reader.read()


def touched(world: World, digest: str, touch: Touch) -> str:
    key = world.key(digest, "manifest")
    after = touch(stored(world, key))
    if after is None:
        world.store.delete(key)
    else:
        world.store.put(key, after)
    return key


def without_copies(world: World) -> None:
    with world.database.transaction():
        world.database.change("UPDATE manifest SET content = NULL")


def content(world: World, digest: str) -> bytes:
    return world.registry.manifests.get("a/b", Digest.parse(digest)).content


@pytest.mark.parametrize(("touch", "kind", "at_once"), [row[1:] for row in ROWS], ids=NAMES)
def test_an_object_is_written_again_from_the_copy(small: World, touch: Touch, kind: Kind, at_once: bool) -> None:
    digest = small.image(LAYER, tag="v1")
    before = content(small, digest)
    key = touched(small, digest, touch)
    assert kinds(check(small)) == ([kind] if at_once else [])
    assert kinds(check(small, digests=True)) == [kind]
    found = check(small, digests=True, repair=True)
    assert [(one.kind, one.done, one.repositories) for one in found.faults] == [(kind, Done.REWRITTEN, ["a/b"])]
    assert found.left == 0
    assert kinds(check(small, digests=True)) == []
    assert small.key(digest, "manifest") != key
    without_copies(small)
    assert content(small, digest) == before
    record = json.loads(stored(small, small.key(digest, "manifest")).partition(b"\n")[0])
    assert (record["repository"], record["digest"], record["tags"]) == ("a/b", digest, ["v1"])
    small.pass_(HOUR)
    small.registry.sweep.run()
    assert key not in [one.key for one in small.store.scan("manifests/")]


@pytest.mark.parametrize(
    ("touch", "kind"), [(row[1], row[2]) for row in ROWS if row[0] in ("deleted", "a byte longer")]
)
def test_one_that_is_nowhere_is_unknown_until_it_is_pushed_again(world: World, touch: Touch, kind: Kind) -> None:
    digest = world.image(LAYER, tag="v1")
    touched(world, digest, touch)
    without_copies(world)
    with pytest.raises(RegistryError) as caught:
        content(world, digest)
    assert caught.value.error is UNAVAILABLE
    done = Done.LOST if kind is Kind.MISSING else Done.QUARANTINED
    found = check(world, digests=True, repair=True)
    assert ([(one.kind, one.done) for one in found.faults], found.left) == ([(kind, done)], 1)
    for reference in (Digest.parse(digest), "v1"):
        with pytest.raises(RegistryError) as caught:
            world.registry.manifests.get("a/b", reference)
        assert caught.value.error is MANIFEST_UNKNOWN
    assert not world.head_manifest(digest)
    with pytest.raises(RegistryError) as caught:
        world.index(digest, tag="all")
    assert caught.value.error is MANIFEST_BLOB_UNKNOWN
    assert kinds(check(world)) == [kind]
    assert world.image(LAYER) == digest
    assert Digest.of(world.registry.manifests.get("a/b", "v1").content) == Digest.parse(digest)
    assert kinds(check(world, digests=True)) == []


def test_one_that_comes_back_is_known_again_after_a_repair(small: World) -> None:
    digest = small.image(LAYER, tag="v1")
    whole = stored(small, small.key(digest, "manifest"))
    key = touched(small, digest, lambda data: data + b"!")
    without_copies(small)
    check(small, digests=True, repair=True)
    small.store.put(key, whole)
    assert kinds(check(small)) == [Kind.RECOVERED]
    assert [one.done for one in check(small, repair=True).faults] == [Done.RESTORED]
    assert Digest.of(content(small, digest)) == Digest.parse(digest)


def test_a_copy_is_made_again_from_the_object(small: World) -> None:
    digest = small.image(LAYER, tag="v1")
    before = content(small, digest)
    with small.database.transaction():
        small.database.change("UPDATE manifest SET content = ?", b"something else")
    assert kinds(check(small, digests=True)) == [Kind.COPY]
    found = check(small, digests=True, repair=True)
    assert ([one.done for one in found.faults], found.left) == ([Done.FILLED], 0)
    assert content(small, digest) == before


def test_a_lost_manifest_keeps_its_blobs_and_goes_when_it_is_deleted(small: World) -> None:
    digest = small.image(LAYER, tag="v1")
    touched(small, digest, lambda _: None)
    without_copies(small)
    check(small, repair=True)
    small.pass_(400 * 86400)
    assert not small.collect()
    small.delete(digest)
    assert small.manifests() == set()
    small.pass_(1)
    assert kinds(check(small)) == []
