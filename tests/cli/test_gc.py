"""``ocireg gc``: what it says that it did, and where."""

import json
from pathlib import Path

import pytest

from ocireg.cli import main


def test_it_counts_and_removes_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["gc", "--dry-run", "--uploads", "2h"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path}/data/ocireg.db, file:{tmp_path}/data/storage:\n")
    assert "would remove 0 objects" in said
    assert "begun 2h ago" in said
    assert main(["gc", "--json", "--uploads", "2h", "--grace", "0"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["failed"], report["dry_run"]) == (0, False)
    assert report["database"] == f"{tmp_path}/data/ocireg.db"
    assert main(["gc", "--json", "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["dry_run"] is True


def test_it_makes_no_registry(tmp_path: Path) -> None:
    assert main(["gc"]) == 2
    assert list(tmp_path.iterdir()) == []
