"""What is in images: asked for, listed in the background, shown, and refused."""

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ocireg.contents import Kind, Limits
from ocireg.contents.limits import GIB, MIB
from ocireg.errors import MANIFEST_UNKNOWN, RegistryError
from ocireg.metadata import layers, stacks
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import DOCKER_CONFIG, OCI_EMPTY
from ocireg.registry import contents as module
from ocireg.registry import lister
from ocireg.registry.lister import Lister, Terms
from ocireg.registry.pool import Pace
from tests.contents.archives import COMPRESSIONS, END, header, tar
from tests.contents.test_bombs import gzipped
from tests.registry.images import TAR, Images
from tests.web.v2 import push

BASE = tar(
    ("etc/", b""),
    ("etc/os-release", b'NAME="Alpine Linux"\nVERSION_ID=3.20.1\n'),
    ("etc/motd", b"hello"),
    ("var/cache/x", b"1"),
)
TOP = tar(("etc/motd", b"hello, world"), ("var/.wh.cache", b""), ("app/run", b"!"))


@pytest.fixture
def images(tmp_path: Path) -> Iterator[Images]:
    made = Images(tmp_path)
    yield made
    made.close()


def test_an_image_is_asked_for_listed_and_shown(images: Images) -> None:
    digest = images.push(BASE, TOP)
    before = images.contents.state("a/b", digest)
    assert before is not None
    assert (before.state, [one.state for one in before.layers]) == ("unlisted", ["unlisted"] * 2)
    after = images.listed(digest)
    assert (after.state, after.done, after.size) == ("ready", len(BASE + TOP), len(BASE + TOP))
    assert [(one.files, one.bytes) for one in after.layers] == [(3, 44), (2, 13)]
    assert sorted(path for path, _ in images.walk(digest)) == [
        "app",
        "app/run",
        "etc",
        "etc/motd",
        "etc/os-release",
        "var",
    ]
    page = images.contents.directory("a/b", digest, "/etc/", limit=1)
    assert page is not None
    assert [(one.name, one.size, one.layer) for one in page.entries] == [("motd", 12, 1)]
    assert page.after == "motd"
    assert images.contents.directory("a/b", digest, "var/cache") is None


def test_a_layer_is_shown_alone_with_what_it_hides(images: Images) -> None:
    digest = images.push(BASE, TOP)
    images.listed(digest)
    page = images.contents.directory("a/b", digest, "var", layer=1)
    assert page is not None
    assert [(one.path, one.kind) for one in page.entries] == [("var/cache", Kind.WHITEOUT)]
    page = images.contents.directory("a/b", digest, "var", layer=0)
    assert page is not None
    assert [(one.path, one.kind) for one in page.entries] == [("var/cache", Kind.DIRECTORY)]
    assert images.contents.directory("a/b", digest, "", layer=2) is None
    assert images.contents.directory("a/b", digest, "", layer=-1) is None


def test_totals_and_the_distribution_come_when_all_is_listed(images: Images) -> None:
    digest = images.push(BASE, TOP)
    assert images.contents.totals("a/b", digest) is None
    images.listed(digest)
    until = time.monotonic() + 60
    while (found := images.contents.totals("a/b", digest)) and found.files is None and time.monotonic() < until:
        time.sleep(0.02)
    assert found is not None
    assert (found.files, found.bytes) == (3, 38 + 12 + 1)
    assert found.distribution is not None
    assert (found.distribution.name, found.distribution.version) == ("Alpine Linux", "3.20.1")


def test_a_path_is_found(images: Images) -> None:
    digest = images.push(BASE, TOP)
    images.listed(digest)
    page = images.contents.search("a/b", digest, "MOTD")
    assert page is not None
    assert [(one.path, one.layer) for one in page.entries] == [("etc/motd", 1)]
    page = images.contents.search("a/b", digest, "cache")
    assert page is not None
    assert (page.entries, page.after) == ((), None)


@pytest.mark.parametrize("compression", COMPRESSIONS.values(), ids=COMPRESSIONS)
@pytest.mark.parametrize("config", [DOCKER_CONFIG])
def test_the_bytes_say_how_a_layer_is_compressed_and_not_its_media_type(
    images: Images, compression: object, config: str
) -> None:
    assert callable(compression)
    digest = images.push(compression(BASE), config=config, kind=f"{TAR}+gzip")
    assert images.listed(digest).state == "ready"


def test_what_is_no_image_has_no_contents(images: Images) -> None:
    helm = images.push(BASE, config="application/vnd.cncf.helm.config.v1+json")
    attestation = images.push(b"{}", kind="application/vnd.in-toto+json")
    artifact = images.push(b"x", config=OCI_EMPTY)

    for digest in (helm, attestation, artifact):
        assert images.contents.state("a/b", digest) is None
        assert images.contents.ask("a/b", digest) is None
        assert images.contents.directory("a/b", digest) is None
        assert images.contents.search("a/b", digest, "x") is None
        assert images.contents.totals("a/b", digest) is None
    with pytest.raises(RegistryError) as unknown:
        images.contents.state("a/b", Digest.of(b"nothing"))
    assert unknown.value.error is MANIFEST_UNKNOWN


def test_an_index_has_no_contents_and_its_children_have(images: Images) -> None:
    child = images.push(BASE)
    content = images.registry.manifests.get("a/b", child).content
    index = Digest.parse(push.manifest(images.client, "a/b", "all", push.index(content)))
    assert images.contents.state("a/b", index) is None
    assert images.contents.state("a/b", child) is not None


def test_an_image_of_no_layers_is_ready_and_empty(images: Images) -> None:
    digest = images.push()
    assert images.listed(digest).state == "ready"
    assert list(images.walk(digest)) == []


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    images = Images(tmp_path, contents="false")
    assert images.contents.ask("a/b", images.push(BASE)) is None
    images.close()


def test_foreign_and_missing_layers_are_said_so_and_the_others_are_shown(tmp_path: Path) -> None:
    images = Images(tmp_path, sparse="true")
    push.blob(images.client, "a/b", BASE)
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    digest = images.name(
        push.descriptor(BASE, TAR), push.descriptor(b"elsewhere", foreign), push.descriptor(b"never pushed", TAR)
    )
    state = images.listed(digest)
    assert [(one.state, one.reason) for one in state.layers] == [
        ("ready", ""),
        ("foreign", "It is kept elsewhere, and is not in this registry."),
        ("missing", "It is not in this registry."),
    ]
    assert (state.state, state.size) == ("refused", len(BASE))
    assert ("etc/motd", Kind.FILE) in set(images.walk(digest))
    assert images.contents.totals("a/b", digest) is None
    images.close()


@pytest.mark.parametrize("kind", [TAR, "application/vnd.oci.image.layer.nondistributable.v1.tar"])
def test_a_layer_of_another_repository_is_not_shown_to_who_only_names_it(tmp_path: Path, kind: str) -> None:
    images = Images(tmp_path, sparse="true")
    images.listed(images.push(BASE, repository="secret/one"), "secret/one")
    digest = images.name(push.descriptor(BASE, kind))
    state = images.contents.ask("a/b", digest)
    assert state is not None
    assert [(one.state, one.files) for one in state.layers] in ([("missing", 0)], [("foreign", 0)])
    assert list(images.walk(digest)) == []
    page = images.contents.search("a/b", digest, "motd")
    assert page is not None
    assert page.entries == ()
    assert images.contents.directory("a/b", digest, "", layer=0) is None
    images.close()


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ([b"no archive"], "It is no tar archive, or ends in the middle of a header."),
        (gzipped(GIB), "It decompresses to more than 250 times its size."),
        ([header(b"d/" * 50, kind=b"5")] * 3, None),
    ],
    ids=["no tar", "bomb", "sound"],
)
def test_a_layer_that_cannot_be_listed_says_why_and_keeps_nothing(
    images: Images, layer: Iterable[bytes], reason: str | None
) -> None:
    digest = images.push(BASE, b"".join(layer))
    state = images.listed(digest)
    assert [one.reason for one in state.layers] == ["", reason or ""]
    assert state.state == ("refused" if reason else "ready")
    assert ("etc/motd", Kind.FILE) in set(images.walk(digest))


def test_more_layers_than_may_be_are_refused(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MOST", 1)
    digest = images.push(BASE, TOP)
    state = images.contents.ask("a/b", digest)
    assert state is not None
    assert state.reason == "It has more than 1 layers."
    assert images.contents.directory("a/b", digest) is None


def test_two_processes_list_each_layer_once(images: Images) -> None:
    pushed = [tar((f"file-{number}", b"x")) for number in range(40)]
    digest = images.push(*pushed)
    other = images.another(workers=2)
    images.contents.ask("a/b", digest)
    other.ask("a/b", digest)
    other.state("a/b", digest)
    assert images.listed(digest).state == "ready"
    other.close()
    assert images.database.fetch("SELECT max(attempts), count(*) FROM layer") == (1, 40)


def test_what_a_dead_process_was_at_is_listed_by_another(images: Images) -> None:
    digest = images.push(BASE)
    with images.database.transaction():
        layers.ask(images.database, {str(Digest.of(BASE)): len(BASE)}, 10)
        layers.claim(images.database, -1)
    assert images.listed(digest).state == "ready"


def test_a_layer_that_kills_whoever_lists_it_is_left_alone(images: Images) -> None:
    digest = images.push(BASE)
    for _ in range(lister.ATTEMPTS):
        with images.database.transaction():
            layers.ask(images.database, {str(Digest.of(BASE)): len(BASE)}, 10)
            assert layers.claim(images.database, -1)
    state = images.listed(digest)
    assert state.layers[0].reason == "Listing it has failed several times; the log says why."


class Watching(Pace):
    """Calls ``watch`` at each rest."""

    def __init__(self, stopping: threading.Event, watch: object) -> None:
        super().__init__(stopping)
        self._watch = watch

    def rest(self) -> None:
        """Rest."""
        assert callable(self._watch)
        self._watch()
        super().rest()


def listing(images: Images, watch: object, stopping: threading.Event | None = None) -> Lister:
    stopping = stopping or threading.Event()
    terms = Terms(Limits(), 10**6)
    registry = images.registry
    return Lister(images.database, registry.blobs, registry.disk, terms, lambda: Watching(stopping, watch))


def queue(images: Images, layer: bytes) -> str:
    digest = str(Digest.of(layer))
    images.push(layer)
    with images.database.transaction():
        layers.ask(images.database, {digest: len(layer)}, 10)
    return digest


def test_how_far_a_layer_is_can_be_read_meanwhile(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lister, "BEAT", 0)
    monkeypatch.setattr(lister, "RANGE", 4096)
    layer = header(size=20_000) + bytes(20_480) + END
    digest = queue(images, layer)
    seen: list[int] = []
    work = listing(images, lambda: seen.append(layers.find(images.database, [digest])[digest].done)).work
    assert work()
    assert seen == sorted(seen)
    assert {0, 4096, 8192, 12288} < set(seen)
    assert not work()


def test_a_process_that_stops_gives_up_and_it_is_no_attempt(images: Images) -> None:
    digest = queue(images, BASE)
    stopping = threading.Event()
    assert listing(images, stopping.set, stopping).work()
    found = layers.find(images.database, [digest])[digest]
    assert (found.state, found.listing, found.done) == ("pending", None, 0)
    assert images.database.fetch("SELECT attempts FROM layer") == (0,)
    assert listing(images, lambda: None).work()
    assert layers.find(images.database, [digest])[digest].state == "ready"


def test_who_lost_its_lease_while_it_worked_leaves_nothing(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lister, "BEAT", 0)
    digest = queue(images, BASE)
    taken: list[object] = []

    def take() -> None:
        if not taken:
            with images.database.transaction():
                images.database.fetch("UPDATE layer SET lease_until = 0 RETURNING 1")
                taken.append(layers.claim(images.database, 60))

    listing(images, take).work()
    found = layers.find(images.database, [digest])[digest]
    assert (found.state, found.listing) == ("pending", taken[0].listing)  # type: ignore[attr-defined] # a claim
    assert images.database.fetch("SELECT count(*) FROM layer_listing") == (1,)


def test_a_layer_that_the_store_has_lost_is_missing(images: Images) -> None:
    digest = images.push(BASE)
    for path in (images.settings.data / "storage" / "objects" / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    assert images.listed(digest).layers[0].state == "missing"


def test_those_least_looked_at_go_for_others_when_there_are_too_many_entries(images: Images) -> None:
    contents = images.another(entries=7)
    first, second = images.push(tar(("a/b/c", b""))), images.push(tar(("d/e/f", b"")))
    images.listed(first, contents=contents)
    images.listed(second, contents=contents)
    third = images.push(tar(("g/h", b"")))
    images.listed(third, contents=contents)
    states = [one.state if (one := contents.state("a/b", digest)) else None for digest in (first, second, third)]
    assert states == ["unlisted", "ready", "ready"]
    contents.close()
    assert images.database.fetch("SELECT count(*) FROM layer_entry") == (5,)


def test_a_layer_with_more_entries_than_all_may_have_is_refused(images: Images) -> None:
    contents = images.another(entries=3)
    state = images.listed(images.push(BASE), contents=contents)
    assert state.layers[0].reason == "It has more than 3 entries."
    contents.close()


def test_layers_whose_blobs_are_gone_are_forgotten(images: Images) -> None:
    digest = images.push(BASE, TOP)
    images.listed(digest)
    images.contents.close()
    images.client.delete(f"/v2/a/b/manifests/{digest}")
    images.client.delete(f"/v2/a/b/blobs/{Digest.of(TOP)}")
    sweep = images.registry.sweep
    assert sweep.run(dry_run=True).contents == 1
    assert sweep.run().contents == 1
    assert images.database.fetch("SELECT count(*) FROM layer_listing") == (1,)
    assert sweep.run().contents == 0


def test_the_queue_is_bounded_and_who_asks_again_gets_there(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE", 3)
    digest = images.push(*(tar((f"file-{number}", b"x")) for number in range(10)))
    assert images.listed(digest).state == "ready"


def test_visitors_fill_a_part_of_the_queue_and_leave_room_for_others(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VISITORS", 3)
    digest = images.push(*(tar((f"file-{number}", b"x")) for number in range(10)))
    images.contents.close()  # nobody lists what waits
    waiting = "SELECT count(*) FROM layer WHERE state = 'pending'"
    for visitor, wait in ((True, 3), (True, 3), (False, 10)):
        images.contents.ask("a/b", digest, visitor=visitor)
        assert images.database.fetch(waiting) == (wait,)


def high_water() -> int:
    """Return the most memory that this process has had, in bytes, since that was forgotten."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.faults
def test_two_hundred_and_fifty_six_bombs_queued_together_stay_bounded(images: Images) -> None:
    bomb = b"".join(gzipped(32 * MIB))
    pushed = [bomb + bytes([number]) for number in range(256)]
    digest = images.push(*pushed)
    contents = images.another(workers=2, limits=Limits(free=MIB))
    Path("/proc/self/clear_refs").write_text("5")
    before, threads = high_water(), threading.active_count()
    state = images.listed(digest, contents=contents)
    assert {one.reason for one in state.layers} == {"It decompresses to more than 250 times its size."}
    assert high_water() - before < 64 * MIB
    assert threading.active_count() - threads < 40
    contents.close()
    assert images.database.fetch("SELECT count(*) FROM layer_entry") == (0,)
