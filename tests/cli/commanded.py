"""Runs commands in this process, and reads what they print."""

import json
from pathlib import Path
from typing import Any

import pytest

from ocireg.cli import main
from ocireg.metadata import audit
from ocireg.metadata.audit import StoredEvent
from ocireg.metadata.database import Database


class Commands:
    """The command line over an installation in the working folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> str:
        """Run a command that goes well; return what it printed."""
        self._capsys.readouterr()
        status = main(arguments)
        shown = self._capsys.readouterr()
        assert status == 0, shown.err
        return shown.out

    def json(self, *arguments: str) -> Any:
        """Run a command with ``--json``; return its document."""
        return json.loads(self(*arguments, "--json"))

    def lines(self, *arguments: str) -> list[list[str]]:
        """Return the words of each line."""
        return [line.split() for line in self(*arguments).splitlines()]

    def refused(self, *arguments: str, status: int = 2) -> str:
        """Run a command that is refused; return what it said, one line."""
        self._capsys.readouterr()
        assert main(arguments) == status
        shown = self._capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("ocireg: ")
        assert shown.err.count("\n") == 1
        return shown.err.removeprefix("ocireg: ").rstrip("\n")


def events(action: str) -> list[StoredEvent]:
    """Return the events of an action, the oldest first."""
    database = Database(Path("data/ocireg.db"))
    found = audit.page(database, before=None, limit=100, action=action)
    database.close()
    return found[::-1]
