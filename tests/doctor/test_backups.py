"""What the diagnosis says of snapshots."""

from pathlib import Path

import pytest

from ocireg.config import Settings
from ocireg.doctor import Verdict
from ocireg.installation import Installation
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.recovery import back_up
from tests.doctor.examined import examined, made


def aged(settings: Settings, seconds: float) -> None:
    """Let the installation be older."""
    database = Database(settings.database_path)
    with database.transaction():
        database.change("UPDATE registry SET created_at = created_at - ?", seconds)
    database.close()


@pytest.mark.parametrize(
    ("age", "backup", "interval", "verdict"),
    [
        (0, False, "6h", Verdict.PASS),
        (100_000, False, "6h", Verdict.WARN),
        (100_000, True, "6h", Verdict.PASS),
        (100_000, True, "0.0001s", Verdict.WARN),
        (100_000, False, "0", Verdict.PASS),
    ],
)
def test_a_database_of_some_age_has_a_young_snapshot(
    tmp_path: Path, age: float, *, backup: bool, interval: str, verdict: Verdict
) -> None:
    settings = made(tmp_path)
    aged(settings, age)
    if backup:
        back_up(settings)
    assert examined(tmp_path, backup_interval=interval)["backups"].verdict is verdict


def test_a_database_that_is_behind_its_store_is_told_of(tmp_path: Path) -> None:
    settings = made(tmp_path)
    opened = Installation.open(settings)
    with opened.database.transaction():
        facts.fall_behind(opened.database, "it was restored")
    opened.database.close()
    found = examined(tmp_path)["up to date"]
    assert (found.verdict, found.message) == (Verdict.WARN, "it was restored")
    assert "ocireg rebuild" in found.advice
