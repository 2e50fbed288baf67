"""The command ``ocireg``: what it prints, and how it ends."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import ocireg
from ocireg.cli import main
from ocireg.cli.commands import COMMANDS
from tests.server import Server, environment


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, without settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)


def test_init_makes_an_installation_and_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--data", str(tmp_path / "d")]) == 0
    assert "applied 0001_initial" in capsys.readouterr().out
    assert main(["init", "--data", str(tmp_path / "d")]) == 0
    assert "applied" not in capsys.readouterr().out
    assert (tmp_path / "d" / "ocireg.db").exists()


def test_config_prints_what_is_in_force_and_whence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCIREG_STORAGE", "file://user:secret@x/y")
    assert main(["config", "--json", "--workers", "7"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["workers"] == {"value": 7, "from": "flag --workers"}
    assert shown["storage"] == {"value": "file://user:***@x/y", "from": "OCIREG_STORAGE"}
    assert shown["threads"] == {"value": 32, "from": "default"}
    assert main(["config"]) == 0
    assert "secret" not in capsys.readouterr().out


def test_gc_counts_and_removes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["gc", "--dry-run"]) == 0
    assert "would remove 0 objects" in capsys.readouterr().out
    assert main(["gc", "--json", "--uploads", "2h", "--grace", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--workers", "none"], "workers"),
        (["serve", "--bind", "0.0.0.0:5000"], "--open-to-everyone"),
        (["serve", "--bind", "192.0.2.1:5000", "--open-to-everyone"], "cannot listen on 192.0.2.1:5000"),
        (["serve", "--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "there is no file /nowhere"),
        (["serve", "--data", "/proc/nowhere"], "cannot make the folder"),
        (["init", "--data", "/dev/null/x"], "cannot make the folder"),
        (["init", "--storage", "nowhere:/x"], "there is no driver for nowhere"),
        (["init", "--storage", "file:/dev/null/x"], "cannot write /dev/null/x"),
        (["init", "--database", "sqlite:/dev/null"], "/dev/null"),
        (["gc", "--grace", "soon"], "soon"),
        (["config", "--config", "/nowhere.toml"], "/nowhere.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_of_the_operator_is_one_line_and_exit_status_2(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ocireg", *arguments], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ocireg: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "ocireg", "serve", "--bind", address],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on {address}" in done.stderr


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.db").write_bytes(b"no database" * 1000)
    assert main(["init", "--database", f"sqlite:{tmp_path}/x.db"]) == 2
    assert "x.db" in capsys.readouterr().err


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import sqlite3  # noqa: PLC0415 - the standard one, to write what this version cannot

    assert main(["init"]) == 0
    with sqlite3.connect(tmp_path / "data" / "ocireg.db") as database:
        database.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2026-01-01')")
    database.close()
    assert main(["init"]) == 2
    assert "newer ocireg" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_setting(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "--storage" in shown
    assert "--low-water" in shown


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"ocireg {ocireg.__version__}\n"


def test_serve_says_where_it_listens_and_stops_when_told(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        assert server.stop() == 0
        log = server.log.read_text()
    assert f"ocireg listens on http://{server.address}" in log
    assert f"docker push {server.address}/IMAGE" in log
    assert "Traceback" not in log
