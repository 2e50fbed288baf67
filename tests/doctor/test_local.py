"""The diagnosis of an installation on a local disk: each fault is named, and the rest goes on."""

import os
import shutil
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

import peewee
import pytest

from ocireg.app import clean_up
from ocireg.config import Loaded
from ocireg.doctor import Finding, Verdict, database, examine
from ocireg.doctor.steps import STEPS
from ocireg.installation import Installation
from tests.doctor.examined import examined, files, made, of

STORE_STEPS = {step.check for step in STEPS}
NEED_DATABASE = {
    "uploads",
    "last check",
    "store owner",
    "left-overs",
    "backups",
    "up to date",
    "signing key",
    "logins",
    "OIDC policies",
}


def sql(folder: Path, text: str) -> None:
    """Change the database behind the registry's back."""
    connection = peewee.sqlite3.connect(folder / "data" / "ocireg.db")  # type: ignore[attr-defined] # the one it chose
    with connection:
        connection.execute(text)
    connection.close()


def test_a_healthy_installation_passes_and_stays_as_it_was(tmp_path: Path) -> None:
    made(tmp_path)
    before = files(tmp_path)
    found = examined(tmp_path)
    assert of(found, Verdict.WARN, Verdict.FAIL, Verdict.SKIP) == {}
    assert set(found) >= STORE_STEPS | NEED_DATABASE
    assert files(tmp_path) == before


def test_nothing_is_made_that_was_not_there(tmp_path: Path) -> None:
    found = examined(tmp_path)
    assert set(of(found, Verdict.FAIL)) == {"data folder", "database", "store"}
    assert all("ocireg init makes" in found[name].advice for name in of(found, Verdict.FAIL))
    assert list(tmp_path.iterdir()) == []


def _file_in_the_place_of_the_folder(folder: Path) -> None:
    shutil.rmtree(folder / "data")
    (folder / "data").write_text("a file")


def _pending(folder: Path) -> None:
    sql(folder, "DELETE FROM schema_migration")


def _newer(folder: Path) -> None:
    sql(folder, "INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2026-01-01')")


def _no_database(folder: Path) -> None:
    (folder / "data" / "ocireg.db").write_bytes(b"no database" * 1000)


def _a_broken_page(folder: Path) -> None:
    path = folder / "data" / "ocireg.db"
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 5 * 4096] = b"\xff" * 8192
    path.write_bytes(content)


def _database_gone(folder: Path) -> None:
    (folder / "data" / "ocireg.db").unlink()


def _store_gone(folder: Path) -> None:
    shutil.rmtree(folder / "data" / "storage")


def _uploads_gone(folder: Path) -> None:
    shutil.rmtree(folder / "data" / "storage" / "uploads")
    (folder / "data" / "storage" / "uploads").write_text("a file")


def _other_database(folder: Path) -> None:
    (folder / "data" / "storage" / "objects" / "installation").write_text("another")


def _nothing_to_write_objects_to(folder: Path) -> None:
    (folder / "data" / "storage" / "objects" / "doctor").write_text("a file")


@pytest.mark.parametrize(
    ("damage", "failed", "skipped"),
    [
        (
            _file_in_the_place_of_the_folder,
            {"data folder": "is not a folder", "database": "there is no file", "store": "there is no store"},
            {"permissions", "integrity", "migrations", *STORE_STEPS, *NEED_DATABASE},
        ),
        (_pending, {"migrations": "0001_initial"}, NEED_DATABASE),
        (_newer, {"migrations": "9999_later is of a newer ocireg"}, NEED_DATABASE),
        (_no_database, {"database": "not a database"}, {"integrity", "migrations", *NEED_DATABASE}),
        (_a_broken_page, {"integrity": "malformed"}, NEED_DATABASE),
        (_database_gone, {"database": "there is no file"}, {"integrity", "migrations", *NEED_DATABASE}),
        (
            _store_gone,
            {"store": "there is no store"},
            {*STORE_STEPS, "store owner", "left-overs", "backups", "up to date"},
        ),
        (
            _uploads_gone,
            {"store": "cannot write"},
            {*STORE_STEPS, "store owner", "left-overs", "backups", "up to date"},
        ),
        (_other_database, {"store owner": "filled under another database"}, {"left-overs"}),
        (
            _nothing_to_write_objects_to,
            {"store put": "objects/doctor"},
            STORE_STEPS - {"store put"},
        ),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_each_fault_is_named_with_what_to_do(
    tmp_path: Path, damage: Callable[[Path], None], failed: dict[str, str], skipped: set[str]
) -> None:
    made(tmp_path)
    damage(tmp_path)
    before = files(tmp_path)
    found = examined(tmp_path)
    messages = of(found, Verdict.FAIL)
    assert set(messages) == set(failed)
    assert all(failed[name] in message and "\n" not in message for name, message in messages.items())
    assert all(found[name].advice for name in failed)
    assert set(of(found, Verdict.SKIP)) == skipped
    assert files(tmp_path) == before


def _foreign_file(folder: Path) -> dict[str, object]:
    if os.geteuid() != 0:
        pytest.skip("root alone can give a file to another user")
    os.chown(folder / "data" / "ocireg.db", 12345, -1)
    return {}


def _open_to_all(folder: Path) -> dict[str, object]:
    (folder / "data").chmod(0o777)
    return {}


def _unmarked(folder: Path) -> dict[str, object]:
    (folder / "data" / "storage" / "objects" / "installation").unlink()
    return {}


def _stray(folder: Path) -> dict[str, object]:
    stray = folder / "data" / "storage" / "objects" / "doctor" / "aa" / ("a" * 32)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"1")
    os.utime(stray, (time.time() - 7200, time.time() - 7200))
    return {}


def _checked(folder: Path) -> dict[str, object]:
    sql(folder, "UPDATE task SET ended_at = 1, report = '{\"left\": 3}' WHERE name = 'check'")
    return {}


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        (_checked, "last check", "3 faults were left"),
        (_foreign_file, "permissions", "ocireg.db is of another user"),
        (_open_to_all, "permissions", "every user of this machine"),
        (_unmarked, "store owner", "nothing was ever stored"),
        (_stray, "left-overs", "1 objects that nothing refers to"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_works_though_not_as_it_should_is_a_warning(
    tmp_path: Path, change: Callable[[Path], dict[str, object]], check: str, said: str
) -> None:
    made(tmp_path)
    found = examined(tmp_path, **change(tmp_path))
    assert of(found, Verdict.FAIL) == {}
    assert said in of(found, Verdict.WARN)[check]
    assert found[check].advice


@pytest.mark.parametrize("last", sorted(STORE_STEPS))
def test_one_that_is_interrupted_leaves_nothing(tmp_path: Path, last: str) -> None:
    settings = made(tmp_path)
    before = files(tmp_path / "data" / "storage")
    findings = examine(Loaded(settings, {}, {}, ""))
    for one in findings:
        if one.check == last:
            break
    else:
        pytest.fail(f"there is no {last}")
    cast("Generator[Finding]", findings).close()
    assert files(tmp_path / "data" / "storage") == before


def test_what_a_doctor_that_was_killed_left_is_cleaned_up(tmp_path: Path) -> None:
    settings = made(tmp_path)
    _stray(tmp_path)
    assert clean_up(settings)[1].leftover_objects == 1
    assert files(tmp_path / "data" / "storage") == {"objects/installation"}


def test_a_disk_below_low_water_fails(tmp_path: Path) -> None:
    made(tmp_path)
    found = examined(tmp_path, low_water="100000TB")
    assert "pushes are refused" in of(found, Verdict.FAIL)["free space"]


def test_uploads_under_way_are_counted_with_the_age_of_the_oldest(tmp_path: Path) -> None:
    installation = Installation.open(made(tmp_path))
    installation.registry.uploads.start("a/b")
    old = installation.registry.uploads.start("a/b")
    installation.database.close()
    sql(tmp_path, f"UPDATE upload SET created_at = {time.time() - 3 * 3600 - 5} WHERE id = '{old.id}'")
    assert examined(tmp_path)["uploads"].text.startswith("2 under way, the oldest begun 3 hours ago")


def test_a_network_file_system_is_none_for_a_database(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    for kind, verdict in (("nfs4", Verdict.FAIL), ("ext4", Verdict.PASS)):
        mounts.write_text(f"server:/x / {kind} rw 0 0\n")
        found = database.file_system(tmp_path, mounts)
        assert found.verdict is verdict
        assert kind in found.text


def test_a_library_that_corrupts_databases_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    monkeypatch.setattr(database, "SAFE_SQLITE", (99, 0, 0))
    found = examined(tmp_path)
    assert "pip install" in found["SQLite"].advice
    assert set(of(found, Verdict.FAIL)) == {"SQLite"}
    assert set(of(found, Verdict.SKIP)) == {"integrity", "migrations", *NEED_DATABASE}


def test_a_registry_that_is_read_only_is_not_written_to(tmp_path: Path) -> None:
    made(tmp_path)
    found = examined(tmp_path, read_only="true")
    assert of(found, Verdict.FAIL, Verdict.WARN) == {}
    assert {found[step].text for step in STORE_STEPS} == {"not tried: read_only is set"}
    assert found["left-overs"].verdict is Verdict.PASS
    assert not (tmp_path / "data" / "storage" / "objects" / "doctor").exists()


def test_a_secret_in_the_address_of_the_store_is_not_shown(tmp_path: Path) -> None:
    made(tmp_path)
    found = examined(tmp_path, storage="none://user:hidden@host/x?key=hidden")
    assert "there is no driver for none:" in of(found, Verdict.FAIL)["store"]
    assert "hidden" not in str(found)
