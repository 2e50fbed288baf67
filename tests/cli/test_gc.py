"""``ocireg gc``: what it says that it did, and where."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.cli import main
from tests.cli.commanded import Commands, events
from tests.web.v2 import push


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


def test_what_was_deleted_goes_now_where_that_is_said(
    run: Commands, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCIREG_UPLOAD_PROTECTION", "0.01s")
    digest = push.manifest(client, "a/b", "v1")
    client.delete("/v2/a/b/manifests/v1")
    with closing(sqlite3.connect("data/ocireg.db")) as database, database:  # as if an hour had passed
        database.execute("UPDATE manifest SET protected_until = 0")
        database.execute("UPDATE repository_blob SET protected_until = 0")
    assert run.json("gc")["collection"]["manifests"] == 0
    assert digest in run("gc", "--dry-run", "--now")
    assert run.json("gc", "--dry-run", "--now")["collection"]["named"][0]["reason"] == "deleted"
    report = run.json("gc", "--now", "--grace", "0")
    assert (report["collection"]["manifests"], report["collection"]["blobs"], report["garbage"]) == (1, 2, 3)
    (event,) = events("manifest.collect")
    assert (event.repository, event.subject, event.actor) == ("a/b", digest, "system")


def test_it_makes_no_registry(tmp_path: Path) -> None:
    assert main(["gc"]) == 2
    assert list(tmp_path.iterdir()) == []
