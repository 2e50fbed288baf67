"""A backup, a restore or a rebuild that is killed at any step: done again, it does what it does undisturbed."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg import recovery
from ocireg.registry.backups import listed
from ocireg.storage import SNAPSHOTS, Storage
from tests.registry.lost import Lost
from tests.server import environment

pytestmark = pytest.mark.faults


class Dying:
    """Commands that die at a step, on the data of a registry."""

    def __init__(self, lost: Lost) -> None:
        self.lost = lost
        self.counter = lost.folder / "counter"
        settings = {"data": lost.settings.data, "storage": lost.settings.storage, "low_water": 0, "open": "true"}
        self.environ = environment(**settings) | {"OCIREG_TEST_KILL": str(self.counter)}

    def run(self, *words: str, at: int) -> bool:
        """Run a command that dies at that step; say whether it came to that."""
        self.counter.write_text(str(at))
        command = [sys.executable, "-m", "tests.faults.killable", *words]
        done = subprocess.run(command, env=self.environ, capture_output=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), (done.stdout, done.stderr)
        return done.returncode != 0

    def steps(self, *words: str) -> Iterator[int]:
        """Kill at the first steps one by one, and at later ones ever more rarely, until it ends by itself."""
        at = 1
        while self.run(*words, at=at):
            yield at
            at += 1 + at // 8

    def forget_the_dead(self) -> None:
        """Let their leases have run out."""
        with self.lost.built.database.transaction():
            self.lost.built.database.change("UPDATE task SET held_until = 0")


@pytest.fixture
def dying(tmp_path: Path) -> Iterator[Dying]:
    lost = Lost(tmp_path)
    lost.built.image("v1", b"one")
    yield Dying(lost)
    lost.stop()


def beside(dying: Dying) -> set[str]:
    """Return what is in the data folder, but the database, and what belongs to it."""
    found = {one.name for one in dying.lost.path.parent.iterdir()}
    return {one for one in found if not one.startswith("ocireg.db-")} - {"ocireg.db", "secret.key"}


@pytest.mark.long
def test_a_backup_killed_at_any_step_leaves_nothing(dying: Dying, capsys: pytest.CaptureFixture[str]) -> None:
    deaths = 0
    for deaths, _ in enumerate(dying.steps("backup"), 1):  # noqa: B007 - it is counted
        dying.forget_the_dead()
    storage = Storage.load(dying.lost.settings.storage_url)
    whole = len(listed(storage))
    assert whole >= 1
    assert whole == len(list(storage.listed(SNAPSHOTS + "/")))
    dying.forget_the_dead()
    dying.lost.built.registry.sweep.run(grace=0)
    assert list(storage.scan_uploads()) == []
    assert beside(dying) == {"ocireg.db.migrating", "ocireg.db.snapshotting"}
    dying.lost.stop()
    for one in listed(storage):
        assert recovery.restore(dying.lost.settings, one.name, None, replace=True).snapshot == one
    dying.lost.start()
    with capsys.disabled():
        print(f"\nkilled at {deaths} steps of a backup")
    assert deaths > 5


@pytest.mark.long
def test_a_restore_killed_at_any_step_can_be_done_again(dying: Dying, capsys: pytest.CaptureFixture[str]) -> None:
    lost = dying.lost
    lost.back_up()
    lost.built.image("v2", b"two")
    before = lost.pulled()
    lost.stop()
    shutil.copytree(lost.settings.data, lost.folder / "before")
    deaths = 0
    for deaths, _ in enumerate(dying.steps("restore", "--replace"), 1):  # noqa: B007 - likewise
        lost.start()
        assert lost.built.client.get("/v2/a/b/manifests/v1").status_code == 200
        lost.stop()
        recovery.restore(lost.settings, "", None, replace=True)
        assert {one for one in beside(dying) if ".replaced-" not in one} <= {
            "ocireg.db.migrating",
            "ocireg.db.serving",
            "ocireg.db.snapshotting",
        }
        shutil.rmtree(lost.settings.data)
        shutil.copytree(lost.folder / "before", lost.settings.data)
    lost.start()
    lost.rebuild()
    assert lost.pulled() == before
    with capsys.disabled():
        print(f"\nkilled at {deaths} steps of a restore")
    assert deaths > 5


def test_a_rebuild_killed_at_any_step_can_be_done_again(dying: Dying, capsys: pytest.CaptureFixture[str]) -> None:
    lost = dying.lost
    lost.back_up()
    for number in range(5):
        lost.built.image(f"t{number}", bytes([number]))
        lost.built.image("moved", bytes([number]))
    before = lost.pulled()
    lost.lose()
    lost.restore()
    deaths = 0
    for deaths, _ in enumerate(dying.steps("rebuild"), 1):  # noqa: B007 - likewise
        assert lost.built.registry.sweep.run(grace=0).held or lost.pulled() == before
        dying.forget_the_dead()
    assert lost.rebuild().manifests == 0
    assert lost.pulled() == before
    lost.built.registry.sweep.run(grace=0)
    assert lost.pulled() == before
    with capsys.disabled():
        print(f"\nkilled at {deaths} steps of a rebuild")
    assert deaths > 5
