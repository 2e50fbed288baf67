"""``ocireg audit``: what it prints, and of what it finds a mistake."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocireg.cli import main
from ocireg.metadata import audit
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.database import Database
from ocireg.metadata.models import AuditEvent
from tests.server import environment, stopped_at_the_end

ALICE = Author("alice", "token:7", "192.0.2.1", "docker/28")
MAY = 1_777_593_600.0  # 2026-05-01, 00:00 UTC


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    assert main(["init", "--open"]) == 0
    made = Database(tmp_path / "data" / "ocireg.db")
    yield made
    made.close()


@pytest.fixture
def filled(database: Database) -> Database:
    """A log of five events: three of May 2026, two of now."""
    now = time.time()
    write(
        database,
        Event("manifest.push", ALICE, "acme", "apps", "acme/apps", "v1", detail={"n": 1}, at=MAY),
        Event("tag.delete", ALICE, "acme", "apps", "acme/apps", "v1", at=MAY + 3600),
        Event("login.refused", Author("bob", "password", "2001:db8::1", ""), outcome="refused", at=MAY + 7200),
        Event("organization.change", SYSTEM, "acme", at=now - 1800),
        Event("login", ALICE, at=now),
    )
    return database


def write(database: Database, *events: Event) -> None:
    with database.transaction():
        audit.write(database, *events)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Return the events that ``--json`` prints."""
    capsys.readouterr()
    assert main(["audit", "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_people_see_a_table(filled: Database, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["audit", "--until", "2026-05-02"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "time (UTC)",
        *(f"2026-05-01 0{hour}:00:00" for hour in (2, 1, 0)),
    ]
    assert [line[21:].split() for line in lines] == [
        ["action", "outcome", "actor", "credential", "address", "about"],
        ["login.refused", "refused", "bob", "password", "2001:db8::1"],
        ["tag.delete", "ok", "alice", "token:7", "192.0.2.1", "acme/apps", "v1"],
        ["manifest.push", "ok", "alice", "token:7", "192.0.2.1", "acme/apps", "v1", '{"n":', "1}"],
    ]
    assert len({line.index(word) for line, word in zip(lines[1:], ("2001", "192", "192"), strict=True)}) == 1
    assert audit.newest(filled) == 5


@pytest.mark.usefixtures("filled")
def test_programs_see_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--action", "manifest.push") == [
        {
            "id": 1,
            "at": MAY,
            "action": "manifest.push",
            "actor": "alice",
            "credential": "token:7",
            "address": "192.0.2.1",
            "agent": "docker/28",
            "organization": "acme",
            "registry": "apps",
            "repository": "acme/apps",
            "subject": "v1",
            "outcome": "ok",
            "detail": {"n": 1},
        }
    ]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ([], [5, 4, 3, 2, 1]),
        (["--limit", "2"], [5, 4]),
        (["--limit", "0"], [5, 4, 3, 2, 1]),
        (["--actor", "alice"], [5, 2, 1]),
        (["--repository", "acme/apps"], [2, 1]),
        (["--organization", "acme"], [4, 2, 1]),
        (["--organization", "acme", "--action", "tag.delete"], [2]),
        (["--since", "1h"], [5, 4]),
        (["--until", "15m"], [4, 3, 2, 1]),
        (["--since", "2026-05-01T01:00", "--until", "2026-05-01T01:30Z"], [2]),
        (["--until", "2026-05-01T03:30+02:00"], [2, 1]),
        (["--actor", "nobody"], []),
    ],
    ids=str,
)
def test_filters_say_which(arguments: list[str], ids: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert [one["id"] for one in printed(capsys, *arguments)] == ids


def test_a_long_log_is_read_a_page_at_a_time(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    write(database, *(Event("login", ALICE) for _ in range(1203)))
    assert [one["id"] for one in printed(capsys, "--limit", "0")] == list(range(1203, 0, -1))
    assert len(printed(capsys, "--limit", "1001")) == 1001


def test_what_steers_a_terminal_is_not_printed_whoever_wrote_it(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "a\x1b[2J\r\n\u202eb"
    row = dict.fromkeys(("actor", "credential", "address", "agent", "repository", "subject", "outcome"), evil)
    with database.transaction():
        database.run(AuditEvent.insert(action=evil, at=MAY, detail=json.dumps({evil: evil}), **row))
    capsys.readouterr()
    assert main(["audit"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert main(["audit", "--json"]) == 0
    assert capsys.readouterr().out.rstrip("\n").isprintable()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "--since 'yesterday': wanted a time ago, as 90s or 7d, or one as 2026-05-01T12:00"),
        (["--until", "2026-13-01"], "--until '2026-13-01': wanted"),
        (["--limit", "-1"], "--limit '-1': wanted a whole number"),
        (["--limit", "many"], "--limit 'many': wanted a whole number"),
        (["--action", "manifest.pushed"], "--action 'manifest.pushed': there is none"),
        (["--follow", "--until", "1h"], "--follow goes with no --until"),
        (["--follow", "--limit", "501"], "--follow goes with no --until, and with a --limit of 500"),
    ],
    ids=str,
)
def test_a_mistake_is_named(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"ocireg: {said}")


def test_it_makes_no_registry_and_needs_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit"]) == 2
    assert list(tmp_path.iterdir()) == []
    assert main(["init", "--open"]) == 0
    monkeypatch.setenv("OCIREG_STORAGE", "s3://nowhere?endpoint=http://127.0.0.1:9")
    assert printed(capsys) == []


def test_it_follows_what_comes_until_it_is_interrupted(filled: Database) -> None:
    command = [sys.executable, "-m", "ocireg", "audit", "--follow", "--json", "--actor", "alice", "--limit", "2"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with stopped_at_the_end(process):
        assert process.stdout is not None
        assert process.stderr is not None
        read = process.stdout.readline
        assert [json.loads(read())["id"] for _ in range(2)] == [2, 5]
        write(filled, Event("login", SYSTEM), Event("login", ALICE, at=MAY))
        assert json.loads(read())["id"] == 7
        write(filled, Event("login", ALICE))
        assert json.loads(read())["id"] == 8
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert (read(), process.stderr.read()) == ("", "")
        process.stdout.close()
        process.stderr.close()
