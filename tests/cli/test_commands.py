"""The command ``ocireg``: what it prints, and how it ends."""

import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import ocireg
from ocireg.cli import main
from ocireg.cli.commands import COMMANDS
from ocireg.cli.main import parse
from ocireg.cli.table import Command, leaves
from ocireg.config.settings import TABLE
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import FOLDER
from tests.server import Server, environment, free_port

LEAVES = dict(leaves(COMMANDS))


def test_init_makes_an_installation_and_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--data", str(tmp_path / "d")]) == 0
    assert "applied 0001_initial" in capsys.readouterr().out
    assert main(["init", "--data", str(tmp_path / "d")]) == 0
    assert "applied" not in capsys.readouterr().out
    assert (tmp_path / "d" / "ocireg.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--workers", "none"], "workers"),
        (["serve", "--open", "--bind", "0.0.0.0:5000"], "--open-to-everyone"),
        (["serve", "--bind", "192.0.2.1:5000", "--open-to-everyone"], "cannot listen on 192.0.2.1:5000"),
        (["serve", "--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "there is no file /nowhere"),
        (["serve", "--data", "/proc/nowhere"], "cannot make the folder"),
        (["init", "--data", "/dev/null/x"], "cannot make the folder"),
        (["init", "--data", "/etc/passwd"], "data: /etc/passwd is not a folder (data is from flag --data)"),
        (["init", "--database", "sqlite:"], "database = 'sqlite:' (from flag --database): wanted sqlite:/path"),
        (
            ["init", "--database", "sqlite:/nowhere/x.db"],
            "database: there is no folder /nowhere (database is from flag",
        ),
        (["init", "--storage", "nowhere:/x"], "(storage is from flag --storage)"),
        (["init", "--storage", "file:/dev/null/x"], "cannot write /dev/null/x"),
        (["init", "--database", "sqlite:/dev/null"], "/dev/null"),
        (["gc", "--grace", "soon"], "--grace 'soon': wanted a duration"),
        (["gc", "--uploads", "soon"], "--uploads 'soon': wanted a duration"),
        (["gc"], "there is no registry in"),
        (
            ["gc", "--dry-run"],
            "run this where ocireg serve runs, or name its folder (--data, OCIREG_DATA); ocireg init",
        ),
        (["gc", "--database", "sqlite:/nowhere/x.db"], "there is no registry in /nowhere"),
        (["config", "--config", "/nowhere.toml"], "/nowhere.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_of_the_operator_is_one_line_and_exit_status_2(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A server is a process of its own; what others say and end with is seen here as well, a second sooner."""
    variables = environment(bind="127.0.0.1:0")
    if arguments[0] == "serve":
        command = [sys.executable, "-m", "ocireg", *arguments]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        status, out, err = done.returncode, done.stdout, done.stderr
    else:
        for name in os.environ.keys() | variables.keys():
            if os.environ.get(name) != variables.get(name):
                monkeypatch.delenv(name) if name not in variables else monkeypatch.setenv(name, variables[name])
        status, (out, err) = main(arguments), capfd.readouterr()
    assert status == 2
    assert out == ""
    assert err.startswith("ocireg: ")
    assert said in err
    assert err.count("\n") == 1


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


@pytest.mark.parametrize("command", ["gc", "gc --dry-run", "audit", "org list", "user add bob --no-password"])
@pytest.mark.parametrize(("pending", "said"), [(2, "2 migrations are pending"), (1, "1 migration is pending")])
def test_a_command_migrates_nothing_beside_a_registry_of_an_older_version(
    command: str, pending: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from playhouse.migrations import Runner  # noqa: PLC0415 - to make what an older version made

    (tmp_path / "data").mkdir()
    database = Database(tmp_path / "data" / "ocireg.db")
    runner = Runner(database.peewee, str(FOLDER))
    runner.up(runner.migrations()[-pending - 1].name)
    database.close()
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    assert main(command.split()) == 2
    assert capsys.readouterr().err == (
        f"ocireg: {said}: stop the registry, back up, then ocireg init (or ocireg serve) applies them\n"
    )
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before
    assert main(["init"]) == 0
    assert main(["org", "list"]) == 0


@pytest.mark.parametrize("command", LEAVES)
def test_help_shows_the_options_of_the_command_first_and_serve_shows_every_setting(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "--storage" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert ("--low-water" in shown) == (command == "serve")
    assert "--log-level BOOLEAN" not in shown
    for own in {"gc": ["--dry-run", "--uploads"], "config": ["--json"]}.get(command, []):
        assert shown.index(own) < shown.index("--config")
    assert main(["config", "--low-water", "1"]) == 0  # what is not shown is taken all the same


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["gc", "--nope"], "gc [OPTION...]"),
        (["gc", "--uploads"], "gc [OPTION...]"),
        (["serve", "nope"], "serve [OPTION...]"),
        (["org"], "org COMMAND [OPTION...]"),
        (["org", "nope"], "org COMMAND [OPTION...]"),
        (["org", "create"], "org create SLUG [OPTION...]"),
        (["org", "create", "acme", "more"], "org create SLUG [OPTION...]"),
        (["org", "member", "add", "acme"], "org member add ORG USER [OPTION...]"),
        (["token", "create", "--user", "alice"], "token create --user USER --scope SCOPE [OPTION...]"),
        (["registry", "change", "root", "--public", "--private"], "registry change REGISTRY [OPTION...]"),
        (["user", "add", "bob", "--no-password", "--password-stdin"], "user add NAME [OPTION...]"),
        (["user", "add", "bob", "--password", "secret"], "user add NAME [OPTION...]"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_line_that_is_not_understood_is_said_with_the_usage_of_the_command(
    arguments: list[str], usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"usage: ocireg {usage}"
    assert said[1].startswith(
        f"ocireg {' '.join(word for word in usage.split() if word.isalpha() and word.islower())}: error: "
    )
    assert len(said) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "add", "bob", "--password", "hunter2"],
        ["user", "add", "bob", "--password=hunter2"],
        ["user", "add", "bob", "-phunter2"],
        ["user", "add", "bob", "--password-stdin=hunter2"],
        ["user", "add", "bob", "--no-password=hunter2\nhunter2"],
        ["user", "password", "bob", "hunter2"],
        ["user", "--password=hunter2", "add", "bob"],
        ["--password=hunter2", "user", "add", "bob"],
    ],
    ids=" ".join,
)
def test_what_may_be_a_secret_is_not_repeated(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "hunter2" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["registry", "delete", "acme/apps", "--with", "--yes"],
        ["registry", "delete", "acme/apps", "--with-contents", "--y"],
        ["user", "add", "bob", "--no-pass"],
        ["--vers"],
    ],
    ids=" ".join,
)
def test_an_option_is_not_abbreviated(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "/nope", "org", "list"], "ocireg: error: options come after the command: ocireg COMMAND --data"),
        (["org", "--json", "list"], "ocireg org: error: options come after the command: ocireg org COMMAND --json"),
        (["registy", "list"], "ocireg: error: there is no command registy: did you mean registry?"),
        (["org", "craete", "acme"], "ocireg org: error: there is no command craete: did you mean create?"),
        (["org", "member", "zzz"], "ocireg org member: error: there is no command zzz: wanted list, add, remove"),
        (["help", "sevre"], "ocireg: error: there is no command sevre: did you mean serve?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_that_there_is_not_is_said_with_the_one_that_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[1:] == [said]


@pytest.mark.parametrize(("asked", "same"), [("help", "--help"), ("help org", "org --help"), ("help gc", "gc --help")])
def test_help_is_a_command_too(asked: str, same: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for line in (asked, same):
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        assert ended.value.code == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_without_a_command_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert all(f"\n  {name} " in shown.err for name in COMMANDS)


@pytest.mark.parametrize("group", ["org", "org member", "registry", "registry token", "key"])
def test_help_of_a_noun_lists_its_commands(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*group.split(), "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: ocireg {group} COMMAND [OPTION...]\n")
    for called in LEAVES:
        if called.startswith(f"{group} "):
            assert f"\n  {called.split()[len(group.split())]} " in shown


@pytest.mark.parametrize(
    ("called", "command"), list(leaves(COMMANDS)), ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_examples_of_a_command_are_understood_and_are_of_it(called: str, command: Command) -> None:
    assert command.examples
    for line, _ in command.examples:
        words = shlex.split(line, comments=True)
        start = words.index("ocireg") + 1
        end = next((place for place, word in enumerate(words) if place > start and word in {"|", ">"}), None)
        assert parse(words[start:end]).command == called


def test_an_argument_of_a_command_is_never_taken_for_a_setting() -> None:
    settings = {row.name for row in TABLE} | {"config", "run", "parser", "command"}
    for command in LEAVES.values():
        for one in command.arguments:
            assert (one.into or one.name.strip("-").replace("-", "_")) not in settings


def test_what_cannot_be_used_is_said_before_anything_is_made(tmp_path: Path) -> None:
    assert main(["init", "--storage", "nowhere:/x"]) == 2
    assert main(["gc"]) == 2
    assert main(["serve", "--database", f"sqlite:{tmp_path}/no/x.db", "--bind", f"127.0.0.1:{free_port()}"]) == 2
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "data" / "ocireg.db").exists()


def test_what_is_made_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    assert main(["init"]) == 0
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "ocireg.db").stat().st_mode & 0o777 == 0o600


def test_a_reader_that_has_enough_ends_a_command_in_silence() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ocireg", "config"]
    done = subprocess.run(command, env=environment(), stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


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
