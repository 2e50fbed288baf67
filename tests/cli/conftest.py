"""Commands run in an empty folder, without settings of whoever runs the tests."""

import os
from pathlib import Path

import pytest

from ocireg.cli import main
from tests.cli.commanded import Commands
from tests.server import environment


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run there."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)


@pytest.fixture
def run(nowhere: None, capsys: pytest.CaptureFixture[str]) -> Commands:  # noqa: ARG001 - there
    """The commands, over a new installation."""
    assert main(["init"]) == 0
    return Commands(capsys)
