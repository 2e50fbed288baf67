"""Snapshots: what is in one, which stay, what a restored database knows, and what the store teaches it."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg import recovery
from ocireg.errors import OperatorError, RegistryError
from ocireg.metadata import facts, immutable_rules, registries, snapshots
from ocireg.metadata.database import Database
from ocireg.oci.digest import Digest
from ocireg.registry.backups import INTERVAL, MIGRATION, Rebuilt, Snapshot
from ocireg.registry.backups import backups as module
from ocireg.registry.backups.backups import doomed
from tests.registry.lost import Lost
from tests.web.v2 import push

DAY = 86400.0


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Lost]:
    made = Lost(tmp_path)
    yield made
    made.stop()


def test_a_data_folder_that_is_gone_comes_back_with_all_that_was_pushed_before_and_after_the_snapshot(
    registry: Lost,
) -> None:
    registry.built.image("v1", b"one")
    registry.built.image("moved", b"two")
    registry.back_up()
    late = registry.built.image("moved", b"three")
    child = registry.built.image("", b"four")
    registry.built.index("list", (child, {}), repository="a/b")
    registry.built.artifact("", (b"sbom", "text/plain"), subject=push.descriptor(late, "application/json"))
    before = registry.pulled()
    registry.lose()
    registry.restore()
    done = registry.rebuild()
    assert (done.manifests, done.tags, done.blobs, done.incomplete) == (4, 2, 3, 0)
    assert registry.pulled() == before
    assert registry.referrers(late) == 1


def test_nothing_is_removed_between_a_restore_and_the_rebuild(registry: Lost) -> None:
    registry.built.image("v1", b"one")
    registry.back_up()
    registry.built.image("v2", b"two")
    before, objects = registry.pulled(), registry.objects()
    registry.lose()
    registry.restore()
    report = registry.built.registry.sweep.run(grace=0)
    assert report.held
    assert registry.built.registry.collector.run(now=True).held
    assert registry.objects() == objects
    registry.rebuild()
    report = registry.built.registry.sweep.run(grace=0)
    assert not report.held
    assert registry.pulled() == before


def test_a_database_of_an_hour_ago_that_somebody_put_back_by_hand_is_noticed_before_anything_goes(
    registry: Lost,
) -> None:
    registry.built.image("v1", b"one")
    registry.stop()
    shutil.copy(registry.path, registry.folder / "an hour ago")
    registry.start()
    registry.built.image("v2", b"two")
    before, objects = registry.pulled(), registry.objects()
    registry.stop()
    shutil.copy(registry.folder / "an hour ago", registry.path)
    registry.start()
    assert facts.behind(registry.built.database) is None
    assert registry.built.registry.sweep.run(grace=0, dry_run=True).held
    assert registry.built.registry.sweep.run(grace=0).held
    assert registry.built.registry.collector.run(now=True).held
    assert registry.objects() == objects
    assert registry.rebuild().manifests == 1
    assert registry.pulled() == before
    assert not registry.built.registry.sweep.run(grace=0).held


def test_without_any_snapshot_the_bucket_alone_gives_back_what_was_pushed(registry: Lost) -> None:
    made = registry.manager()
    registry.organization(made, "acme", "apps")
    registry.built.image("v1", b"one", repository="acme/apps/web")
    registry.built.image("v2", b"two")
    before = registry.pulled()
    registry.lose()
    with pytest.raises(OperatorError, match="there is no snapshot of this installation in the store"):
        recovery.restore(registry.settings, "", None, replace=False)
    registry.start()
    with pytest.raises(OperatorError, match="--adopt"):
        registry.rebuild()
    registry.start()
    done = registry.rebuild(adopt=True)
    assert (done.manifests, done.tags, done.blobs, done.incomplete) == (2, 2, 3, 0)
    assert registry.built.registry.sweep.run(grace=0).leftover_objects == 1  # a config that was pushed twice
    assert registry.pulled() == before
    found = registry.built.database.fetch_all("SELECT path, visibility FROM registry ORDER BY path")
    assert found == [("", "private"), ("acme/apps", "private")]


@pytest.mark.faults
def test_what_was_taken_in_is_not_taken_in_again(registry: Lost) -> None:
    registry.back_up()
    registry.built.image("v1", b"one")
    registry.lose()
    registry.restore()
    trial = registry.rebuild(dry_run=True)
    assert (trial.manifests, trial.hashed) == (1, 2)
    assert facts.behind(registry.built.database) is not None
    assert registry.rebuild().manifests == 1
    assert registry.rebuild() == Rebuilt()


@pytest.mark.faults
def test_a_rule_of_the_snapshot_keeps_its_tag_and_what_was_pushed_since_is_taken_in(registry: Lost) -> None:
    registry.built.image("v1", b"one")
    database = registry.built.database
    with database.transaction():
        immutable_rules.add(database, registries.root(database).id, immutable_rules.Rule(("v*",)))
    registry.back_up()
    with database.transaction():
        for rule in immutable_rules.of_registry(database, registries.root(database).id):
            immutable_rules.remove(database, registries.root(database).id, rule.id)
    registry.built.image("v1", b"two")
    before = registry.pulled()
    registry.lose()
    registry.restore()
    assert registry.rebuild().manifests == 1
    assert facts.behind(registry.built.database) is None
    assert registry.pulled() != before
    assert len(registry.built.database.fetch_all("SELECT id FROM manifest")) == 2


def test_of_a_tag_the_last_push_holds_whatever_order_the_store_lists_them_in(registry: Lost) -> None:
    registry.back_up()
    for number in range(6):
        registry.built.image("moved", bytes([number]))
    again = registry.built.image("moved", b"\x02")
    registry.lose()
    registry.restore()
    registry.rebuild()
    assert registry.pulled()["a/b"]["moved"] == str(Digest.of(again))
    history = registry.built.database.fetch_all("SELECT digest FROM tag_event WHERE name = 'moved' ORDER BY id")
    assert [one[0] for one in history][-1] == str(Digest.of(again))


@pytest.mark.faults
def test_a_tag_that_was_deleted_since_the_snapshot_comes_back(registry: Lost) -> None:
    registry.built.image("v1", b"one")
    registry.back_up()
    registry.built.client.delete("/v2/a/b/manifests/v1")
    registry.lose()
    registry.restore()
    registry.rebuild()
    assert "v1" in registry.pulled()["a/b"]


@pytest.mark.faults
def test_what_was_deleted_before_the_snapshot_stays_deleted(registry: Lost) -> None:
    content = registry.built.image("v1", b"one")
    registry.built.image("v2", b"two")
    registry.built.client.delete(f"/v2/a/b/manifests/{Digest.of(content)}")
    registry.built.database.change("UPDATE garbage SET due_at = due_at")
    registry.later(3600)
    registry.back_up()
    registry.lose()
    registry.restore()
    assert registry.rebuild().manifests == 0
    assert set(registry.pulled()["a/b"]) == {"v2"}


@pytest.mark.faults
def test_a_manifest_that_was_on_its_way_while_the_snapshot_was_taken_is_not_rubbish(registry: Lost) -> None:
    def meanwhile(operation: str) -> None:
        if operation == "put":
            registry.back_up()

    registry.built.image("v0", b"one")
    registry.hooked(meanwhile)
    registry.built.image("v1", b"one")
    registry.hooked(lambda _: None)
    before = registry.pulled()
    registry.lose()
    registry.restore()
    assert registry.rebuild().manifests == 1
    assert registry.pulled() == before


@pytest.mark.faults
def test_blobs_whose_bytes_went_since_the_snapshot_are_marked_and_one_pushed_again_is_found(registry: Lost) -> None:
    registry.built.image("v1", b"one")
    registry.built.image("v2", b"two")
    registry.back_up()
    for content in (b"one", b"two"):
        registry.built.client.delete(f"/v2/a/b/blobs/{Digest.of(content)}")
    registry.built.registry.sweep.run(grace=0)
    push.blob(registry.built.client, "a/b", b"two")
    registry.lose()
    registry.restore()
    done = registry.rebuild()
    assert (done.lost, done.blobs, done.incomplete) == (2, 1, 1)
    status = [registry.built.client.head(f"/v2/a/b/blobs/{Digest.of(one)}").status_code for one in (b"one", b"two")]
    assert status == [404, 200]


@pytest.mark.faults
def test_a_manifest_whose_object_went_since_the_snapshot_is_stored_anew(registry: Lost) -> None:
    content = registry.built.image("v1", b"one")
    registry.back_up()
    registry.built.client.delete(f"/v2/a/b/manifests/{Digest.of(content)}")
    registry.built.registry.sweep.run(grace=0)
    registry.lose()
    registry.restore()
    assert registry.rebuild().stored == 1
    assert registry.rebuild().stored == 0
    assert "v1" in registry.pulled()["a/b"]


@pytest.mark.faults
@pytest.mark.parametrize("junk", [b"", b"{}\nno", b'{"repository": 1}\n{}', b"\xff" * 100])
def test_what_is_no_manifest_is_passed_over_and_removed(registry: Lost, junk: bytes) -> None:
    registry.back_up()
    registry.put_object("manifests", junk)
    assert registry.rebuild().unreadable == 1
    report = registry.built.registry.sweep.run(grace=0)
    assert (report.held, report.leftover_objects) == (False, 1)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"repository": "../etc"}, "unreadable"),
        ({"repository": "UPPER"}, "unreadable"),
        ({"digest": f"sha256:{'0' * 64}"}, "unreadable"),
        ({"tags": ["../x", "good"]}, "manifests"),
        ({"pushedAt": 1e18}, "manifests"),
        ({"pushedAt": float("nan")}, "unreadable"),
        ({"registry": "root/x", "repository": "root/x/y"}, "homeless"),
    ],
    ids=str,
)
def test_the_line_before_a_manifest_is_not_trusted(registry: Lost, change: dict[str, object], said: str) -> None:
    content = registry.built.image("v1", b"one")
    head = {
        "repository": "x/y",
        "digest": str(Digest.of(content)),
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "tags": ["t"],
        "pushedAt": 5.0,
    }
    registry.put_object("manifests", json.dumps(head | change).encode() + b"\n" + content)
    done = registry.rebuild()
    assert getattr(done, said) == 1
    assert registry.built.database.fetch_all("SELECT slug FROM organization") == []
    names = registry.built.database.fetch_all("SELECT name FROM tag ORDER BY name")
    assert {one[0] for one in names} <= {"v1", "good", "t"}


def test_a_restored_database_has_no_browsers_nor_uploads_and_says_that_it_was_restored(registry: Lost) -> None:
    registry.built.client.post("/v2/a/b/blobs/uploads/")
    generation = registry.built.database.fetch("SELECT value FROM fact WHERE name = 'generation'")
    registry.back_up()
    registry.lose()
    registry.restore()
    database = registry.built.database
    assert database.fetch("SELECT COUNT(*) FROM upload") == (0,)
    assert database.fetch("SELECT COUNT(*) FROM login_session") == (0,)
    assert database.fetch("SELECT action FROM audit_event ORDER BY id DESC LIMIT 1") == ("database.restore",)
    found = database.fetch("SELECT value FROM fact WHERE name = 'generation'")
    assert found is not None
    assert generation is not None
    assert int(found[0]) >= int(generation[0]) + 1_000_000


@pytest.mark.faults
def test_a_database_that_is_there_is_replaced_only_where_that_is_said_and_is_kept(registry: Lost) -> None:
    registry.back_up()
    registry.built.image("v1", b"one")
    registry.stop()
    with pytest.raises(OperatorError, match="--replace"):
        recovery.restore(registry.settings, "", None, replace=False)
    done = recovery.restore(registry.settings, "", None, replace=True)
    assert done.replaced is not None
    former = Database(done.replaced)
    assert former.fetch("SELECT COUNT(*) FROM manifest") == (1,)
    former.close()
    registry.start()
    assert registry.built.database.fetch("SELECT COUNT(*) FROM manifest") == (0,)


@pytest.mark.faults
def test_a_wal_without_its_database_is_not_taken_for_one_of_the_restored(registry: Lost) -> None:
    registry.back_up()
    registry.stop()
    wal = registry.path.with_name("ocireg.db-wal")
    registry.path.unlink()
    wal.write_bytes(b"of another database" * 1000)
    recovery.restore(registry.settings, "", None, replace=False)
    registry.start()
    assert snapshots.examined(registry.path).manifests == 0


@pytest.mark.faults
def test_a_snapshot_that_is_damaged_changes_nothing(registry: Lost) -> None:
    registry.built.image("v1", b"one")
    taken = registry.back_up()
    path = registry.folder / "store" / "objects" / taken.key
    content = bytearray(path.read_bytes())
    content[-200:-100] = b"\0" * 100
    path.write_bytes(content)
    before = registry.pulled()
    registry.stop()
    files = {one.name for one in registry.path.parent.iterdir()}
    with pytest.raises(RegistryError, match="is damaged"):
        recovery.restore(registry.settings, "", None, replace=True)
    assert {one.name for one in registry.path.parent.iterdir()} - {"ocireg.db.serving"} == files
    registry.start()
    assert registry.pulled() == before


@pytest.mark.faults
def test_no_more_is_unpacked_than_the_line_announces(registry: Lost) -> None:
    taken = registry.back_up()
    path = registry.folder / "store" / "objects" / taken.key
    line, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(line) | {"size": 1000}).encode() + b"\n" + rest)
    registry.lose()
    with pytest.raises(RegistryError, match="is damaged"):
        recovery.restore(registry.settings, "", None, replace=False)
    assert not registry.path.exists()


@pytest.mark.faults
def test_a_snapshot_of_a_newer_version_is_refused(registry: Lost) -> None:
    registry.built.database.change("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2026-01-01')")
    registry.back_up()
    registry.lose()
    with pytest.raises(OperatorError, match="was made by a newer ocireg"):
        recovery.restore(registry.settings, "", None, replace=False)
    assert not registry.path.exists()


@pytest.mark.faults
def test_the_newest_snapshot_of_this_installation_is_taken_unless_another_is_named(registry: Lost) -> None:
    first, second = registry.back_up(), registry.back_up()
    owner, found = recovery.snapshots(registry.settings)
    assert {one.installation for one in found} == {owner}
    assert [one.name for one in found] == [second.name, first.name]
    registry.lose()
    assert recovery.restore(registry.settings, first.name, None, replace=False).snapshot == first
    for name, before, wanted in (("", None, second), ("", second.taken_at, first)):
        done = recovery.restore(registry.settings, name, before, replace=True)
        assert done.snapshot == wanted
    for name, before in (("another", None), ("", first.taken_at)):
        with pytest.raises(OperatorError, match="there is no snapshot"):
            recovery.restore(registry.settings, name, before, replace=True)


def test_a_snapshot_is_taken_before_the_migrations_of_a_database_that_is_not_new(tmp_path: Path) -> None:
    made = Lost(tmp_path)
    assert recovery.snapshots(made.settings)[1] == []
    made.built.database.change("DELETE FROM schema_migration WHERE name = '0015_backups'")
    made.built.database.change("DELETE FROM task WHERE name IN ('backup', 'rebuild')")
    made.stop()
    made.start()
    (taken,) = recovery.snapshots(made.settings)[1]
    assert taken.reason == MIGRATION
    made.stop()


@pytest.mark.faults
def test_nothing_is_migrated_where_no_snapshot_can_be_taken_unless_the_operator_says_so(tmp_path: Path) -> None:
    made = Lost(tmp_path)
    made.built.database.change("DELETE FROM schema_migration WHERE name = '0015_backups'")
    made.built.database.change("DELETE FROM task WHERE name IN ('backup', 'rebuild')")
    made.stop()
    (made.folder / "store" / "objects" / "snapshots").write_text("a file")
    with pytest.raises(OperatorError, match="OCIREG_BACKUP_INTERVAL=0"):
        made.start()
    made.start(backup_interval="0")
    made.stop()


@pytest.mark.faults
def test_a_snapshot_under_writers_is_of_one_moment(registry: Lost) -> None:
    stop = threading.Event()

    def write(number: int) -> None:
        try:
            while not stop.is_set():
                registry.built.image(f"t{number}", bytes([number]), repository=f"w/{number}")
        finally:
            registry.built.database.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    taken = [registry.back_up() for _ in range(3)]
    stop.set()
    for thread in threads:
        thread.join()
    for one in taken:
        registry.stop()
        recovery.restore(registry.settings, one.name, None, replace=True)
        database = Database(registry.path)
        assert database.fetch_all("PRAGMA integrity_check") == [("ok",)]
        assert database.fetch_all("PRAGMA foreign_key_check") == []
        assert database.fetch("SELECT COUNT(*) FROM manifest") == (one.manifests,)
        database.close()


@pytest.mark.faults
def test_what_is_not_kept_goes(registry: Lost) -> None:
    for _ in range(3):
        registry.built.registry.backups.run(INTERVAL)
    registry.stop()
    registry.start(backup_keep="1")
    assert registry.built.registry.backups.run(INTERVAL).removed == 3
    assert len(registry.built.registry.backups.listed()) == 1


def _snapshot(days: float, reason: str = INTERVAL) -> Snapshot:
    at = 30 * DAY - days * DAY
    return Snapshot("i", at, reason, "0015", "1", 1, "", 0, 0, 0, key=f"{days} {reason}")


@pytest.mark.parametrize(
    ("ages", "keep", "stay"),
    [
        ([0.1, 0.2, 0.3], 2, [0.1, 0.2]),
        ([0.1, 0.2, 0.3, 1.1, 1.2, 2.1], 2, [0.1, 0.2, 1.1]),
        ([10, 11, 12], 2, [10, 11]),
        ([], 2, []),
    ],
)
def test_the_newest_stay_and_one_of_each_day(ages: list[float], keep: int, stay: list[float]) -> None:
    found = [_snapshot(age) for age in ages]
    gone = doomed(found, keep, 30 * DAY)
    assert [one for one in found if one not in gone] == [_snapshot(age) for age in stay]


def test_the_newest_before_a_migration_stays() -> None:
    found = [_snapshot(0.1), _snapshot(5, MIGRATION), _snapshot(6, MIGRATION), _snapshot(7)]
    assert doomed(found, 1, 30 * DAY) == found[2:]


def test_a_failure_is_kept_and_tried_again_soon(registry: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    backups = registry.built.registry.backups
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))  # type: ignore[attr-defined] # noqa: SLF001
    with pytest.raises(RegistryError, match="a copy of the database needs"):
        backups.run(INTERVAL)
    assert "a copy of the database needs" in backups.turns.last().report["failed"]
    registry.later(module.RETRY + 1)
    assert backups.turns.rested(DAY)
    assert not registry.path.with_name("ocireg.db.snapshot").exists()


def test_nobody_restores_what_is_served(registry: Lost) -> None:
    registry.back_up()
    with registry.serving(), pytest.raises(OperatorError, match="a registry serves"):
        recovery.restore(registry.settings, "", None, replace=True)


def test_half_a_snapshot_that_a_crash_left_in_the_store_goes_and_one_on_its_way_does_not(registry: Lost) -> None:
    registry.half_a_snapshot()
    backups = registry.built.registry.backups
    with backups.turns.take() as turn:
        assert turn is not None
        assert registry.built.registry.sweep.run(grace=0).leftover_uploads == 0
    assert registry.built.registry.sweep.run(grace=0).leftover_uploads == 1
    registry.back_up()
    assert not registry.built.registry.sweep.run(grace=0)
    assert len(backups.listed()) == 1
