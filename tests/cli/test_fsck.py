"""``ocireg fsck``: what it says, how it ends, and the bar."""

import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.cli import main
from tests.cli.commanded import Commands, events
from tests.web.v2 import push


def objects(folder: str = "blobs") -> list[Path]:
    return sorted(one for one in Path("data/storage/objects", folder).rglob("*") if one.is_file())


def test_a_sound_installation_ends_with_nought(run: Commands, client: FlaskClient) -> None:
    push.manifest(client, "a/b", "v1")
    assert run("fsck", "--digests").splitlines()[-1] == "nothing is wrong"
    report = run.json("fsck", "--repository", "a/b")
    assert (report["blobs"], report["manifests"], report["left"], report["whole"]) == (2, 1, 0, True)


def test_faults_end_with_one_until_a_push_has_healed_them(
    run: Commands, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = push.blob(client, "a/b", b"layer")
    objects()[0].write_bytes(b"other")
    assert "nothing is wrong" in run("fsck")
    assert main(["fsck", "--digests"]) == 1
    said = capsys.readouterr().out
    assert f"wrong_digest: blob {digest}: the bytes of the object are not those that were pushed\n    in a/b" in said
    assert "--repair mends" in said
    assert main(["fsck", "--digests", "--repair"]) == 1
    assert "; quarantined\n" in capsys.readouterr().out
    assert client.head(f"/v2/a/b/blobs/{digest}").status_code == 404
    assert client.get(f"/v2/a/b/blobs/{digest}").status_code == 503
    push.blob(client, "a/b", b"layer")
    assert client.get(f"/v2/a/b/blobs/{digest}").data == b"layer"
    assert "nothing is wrong" in run("fsck", "--digests")
    (event,) = events("check.repair")
    assert (event.repository, event.subject, event.detail["done"]) == ("a/b", digest, "quarantined")


def test_what_can_be_mended_ends_with_nought(run: Commands, client: FlaskClient) -> None:
    push.manifest(client, "a/b", "v1")
    objects("manifests")[0].unlink()
    assert run("fsck", "--repair").splitlines()[-1] == "nothing is wrong any more"


def test_a_terminal_shows_a_bar_and_a_program_does_not(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    push.manifest(client, "a/b", "v1")
    capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["fsck", "--digests"]) == 0
    assert "blobs, 3 of 3: 100%" in capsys.readouterr().err
    assert main(["fsck", "--digests", "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_the_operator_is_told_what_cannot_be(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no repository x/y" in run.refused("fsck", "--repository", "x/y")
    monkeypatch.setenv("OCIREG_READ_ONLY", "true")
    assert "read_only" in run.refused("fsck", "--repair")
    assert "nothing is wrong" in run("fsck")
