"""The clean-up: what it removes, what it leaves alone."""

import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from ocireg.app import clean_up, create_app, initialise
from ocireg.metadata import audit
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.models import Repository
from ocireg.oci.digest import Digest
from ocireg.registry import sweep
from ocireg.registry.sweep import Report
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

if TYPE_CHECKING:
    from ocireg.installation import Installation

OLD = 7200.0
STRAY = "0" * 30


class Registry:
    """An application, its store on disk, and a clean-up of it."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.settings = settings_for(folder, upload_lease="1s", **changes)
        app = create_app(self.settings)
        app.test_client_class = BufferedClient
        self.client: FlaskClient = app.test_client()
        self.installation: Installation = installation(app)
        self.store = self.settings.data / "storage"

    def files(self, folder: str) -> set[str]:
        """Return the files under ``objects`` or ``uploads``."""
        root = self.store / folder
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} - {"installation"}

    def age(self, seconds: float = OLD) -> None:
        """Let every file be older."""
        then = time.time() - seconds
        for path in self.store.rglob("*"):
            if path.is_file() and "uploads" not in path.parts:
                os.utime(path, (then, then))

    def sweep(self, **options: float | bool) -> Report:
        """Clean up."""
        return self.installation.registry.sweep.run(**options)  # type: ignore[arg-type] # any of its options


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = Registry(tmp_path)
    yield made
    made.installation.database.close()


def test_what_is_in_use_stays(registry: Registry) -> None:
    push.manifest(registry.client, "a/b", "v1")
    begun = registry.client.post("/v2/a/b/blobs/uploads/").headers["Location"]
    registry.client.patch(begun, data=b"some")
    registry.age()
    assert not registry.sweep(grace=0)
    assert registry.client.get("/v2/a/b/manifests/v1").status_code == 200
    assert registry.client.get(f"/v2/a/b/blobs/{Digest.of(b'layer')}").get_data() == b"layer"
    assert registry.client.get(begun).headers["Range"] == "0-3"


def test_deleted_bytes_go_after_the_grace_and_not_before(registry: Registry) -> None:
    push.manifest(registry.client, "a/b", "v1")
    before = registry.files("objects")
    registry.client.delete(f"/v2/a/b/manifests/{Digest.of(push.image())}")
    registry.client.delete(f"/v2/a/b/blobs/{Digest.of(b'layer')}")
    assert not registry.sweep()
    assert registry.files("objects") == before
    report = registry.sweep(grace=0)
    assert (report.garbage, report.leftover_objects) == (2, 0)
    assert len(registry.files("objects")) == len(before) - 2


def test_a_blob_pushed_again_before_its_bytes_went_keeps_them(registry: Registry) -> None:
    digest = push.blob(registry.client, "a/b", b"layer")
    registry.client.delete(f"/v2/a/b/blobs/{digest}")
    push.blob(registry.client, "a/b", b"layer")
    registry.sweep(grace=0)
    assert registry.client.get(f"/v2/a/b/blobs/{digest}").get_data() == b"layer"
    assert len(registry.files("objects")) == 1


def test_a_blob_pushed_twice_is_kept_once(registry: Registry) -> None:
    digest = push.blob(registry.client, "a/b", b"layer")
    push.blob(registry.client, "a/b", b"layer")
    push.blob(registry.client, "c/d", b"layer")
    registry.sweep(grace=0)
    assert len(registry.files("objects")) == 1
    for repository in ("a/b", "c/d"):
        assert registry.client.get(f"/v2/{repository}/blobs/{digest}").get_data() == b"layer"


def test_sessions_end_with_what_they_hold_when_they_are_old(registry: Registry) -> None:
    begun = registry.client.post("/v2/a/b/blobs/uploads/").headers["Location"]
    registry.client.patch(begun, data=b"some")
    assert not registry.sweep()
    report = registry.sweep(expiry=0)
    assert (report.sessions, report.leftover_uploads) == (1, 0)
    assert registry.files("uploads") == set()
    assert registry.client.get(begun).status_code == 404


def test_left_overs_go_when_they_are_old(registry: Registry) -> None:
    backend_files = {
        f"objects/blobs/aa/aa{STRAY}": b"1",
        f"objects/manifests/bb/bb{STRAY}": b"2",
        f"uploads/blobs~cc~cc{STRAY}~00": b"3",
    }
    for name, content in backend_files.items():
        path = registry.store / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert not registry.sweep()
    dry = registry.sweep(grace=0, dry_run=True)
    assert (dry.leftover_uploads, dry.leftover_objects) == (1, 2)
    assert len(registry.files("objects") | registry.files("uploads")) == 3
    wet = registry.sweep(grace=0)
    assert dataclasses.asdict(wet) == dataclasses.asdict(dry)
    assert registry.files("objects") | registry.files("uploads") == set()


def test_what_is_not_of_our_layout_is_left_alone(registry: Registry) -> None:
    names = ("blobs/aa/stray", "blobs/aa/.nfs0001", "backup/monday")
    for name in (*(f"objects/{one}" for one in names), "uploads/backup~monday~00", "uploads/Bad~x"):
        path = registry.store / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not ours")
    assert not registry.sweep(grace=0)
    assert len(registry.files("objects") | registry.files("uploads")) == 5


def test_a_store_of_another_database_is_left_alone(registry: Registry, tmp_path: Path) -> None:
    push.manifest(registry.client, "a/b", "v1")
    before = registry.files("objects")
    registry.age()
    other = settings_for(tmp_path / "other", storage=f"file:{registry.store}")
    initialise(other)
    _, report = clean_up(other, grace=0)
    assert report.foreign_store
    assert report.leftover_objects == 0
    assert registry.files("objects") == before


def test_a_store_that_fails_is_tried_again(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = push.blob(registry.client, "a/b", b"layer")
    registry.client.delete(f"/v2/a/b/blobs/{digest}")

    def fail(_path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(5, f"Input/output error ({missing_ok})")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fail)
        assert registry.sweep(grace=0).failed == 1
    assert len(registry.files("objects")) == 1
    assert registry.sweep(grace=0).garbage == 0  # it is postponed


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Report(), "nothing to do"),
        (Report(garbage=2), "removed 2 objects that had been deleted"),
        (
            Report(sessions=1, leftover_objects=3),
            "removed 1 upload sessions that had expired, 3 objects that nothing refers to",
        ),
        (Report(failed=1), "1 could not be removed, and will be tried again"),
    ],
    ids=repr,
)
def test_the_log_has_in_words_what_is_not_nought(report: Report, said: str) -> None:
    assert str(report) == said


def test_repositories_in_which_nothing_came_of_uploads_go(registry: Registry) -> None:
    for number in range(3):
        registry.client.delete(registry.client.post(f"/v2/given/up/{number}/blobs/uploads/").headers["Location"])
    mounted = push.blob(registry.client, "only/a/blob", b"layer")
    push.manifest(registry.client, "pushed/and/deleted", "v1")
    registry.client.delete("/v2/pushed/and/deleted/manifests/v1")
    begun = registry.client.post("/v2/under/way/blobs/uploads/").headers["Location"]
    registry.client.post("/v2/newest/blobs/uploads/")
    assert registry.sweep(dry_run=True).repositories == 3
    assert registry.sweep().repositories == 3
    names = registry.installation.database.rows(Repository.select(Repository.name).order_by(Repository.id))
    assert [one[0] for one in names] == ["only/a/blob", "pushed/and/deleted", "under/way", "newest"]
    assert registry.client.get(begun).status_code == 204
    assert registry.client.get(f"/v2/only/a/blob/blobs/{mounted}").status_code == 200
    assert registry.client.get("/v2/pushed/and/deleted/tags/list").get_json()["tags"] == []
    assert registry.sweep(expiry=0).repositories == 1  # the newest is kept, and with it its id


def test_a_trial_counts_all_and_not_a_batch(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 2)
    for number in range(5):
        registry.client.post(f"/v2/{number}/blobs/uploads/")
        registry.client.delete(f"/v2/a/b/blobs/{push.blob(registry.client, 'a/b', bytes([number]))}")
    report = registry.sweep(expiry=0, grace=0, dry_run=True)
    assert (report.sessions, report.garbage) == (5, 5)
    report = registry.sweep(expiry=0, grace=0)
    assert (report.sessions, report.garbage) == (5, 5)


def test_old_events_of_the_audit_log_go_unless_they_are_kept_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 2)
    for retention, gone in (("0", 0), ("1d", 5)):
        registry = Registry(tmp_path / retention, audit_retention=retention)
        database = registry.installation.database
        with database.transaction():
            old = [Event("login", SYSTEM, at=time.time() - 90_000 - number) for number in range(5)]
            audit.write(database, *old, Event("login", SYSTEM))
        for dry_run in (True, False):
            assert registry.sweep(dry_run=dry_run).events == gone
        assert len(audit.page(database, before=None, limit=10)) == 6 - gone
        database.close()
