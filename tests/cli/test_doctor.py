"""``ocireg doctor``: what it prints, and how it ends."""

import json
import os
from pathlib import Path

import pytest

from ocireg.cli import main
from tests.server import environment


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, without settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)


def test_a_line_for_each_check_and_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["doctor", "--low-water", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line[:6] for line in lines} == {"Pass  "}
    assert "low_water from flag --low-water" in lines[0]


def test_a_warning_leaves_the_status_at_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    Path("data").chmod(0o777)
    capsys.readouterr()
    assert main(["doctor", "--low-water", "0"]) == 0
    assert "Warn  permissions" in capsys.readouterr().out


def test_a_fault_comes_with_the_message_and_what_to_do_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--data", "none"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("Fail  data folder"))
    assert lines[at + 1] == f"      said: there is no folder {Path.cwd()}/none"
    assert lines[at + 2] == "      do: ocireg init makes one, or name another one with --data"
    assert {line[:6] for line in lines} == {"Pass  ", "Fail  ", "Skip  ", "      "}


def test_json_has_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {name for one in found for name in one} == {"verdict", "check", "text", "message", "advice"}
    (failed,) = [one for one in found if one["check"] == "data folder"]
    assert (failed["verdict"], failed["message"]) == ("Fail", f"there is no folder {Path.cwd()}/data")


@pytest.mark.parametrize(
    "arguments", [["--workers", "none"], ["--config", "/nowhere.toml"], ["--database", "postgres://x/y"]]
)
def test_a_configuration_that_cannot_be_used_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *arguments]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
