"""``ocireg config``: what is in force, and whence, as an operator would write it."""

import json
from pathlib import Path

import pytest

from ocireg.cli import main


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """Return the printed words by setting."""
    return {words[0]: words[1:] for words in map(str.split, capsys.readouterr().out.splitlines())}


def test_it_prints_what_is_in_force_and_whence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCIREG_STORAGE", "s3://user:hush@x/y")
    assert main(["config", "--json", "--workers", "7"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["workers"] == {"value": 7, "from": "flag --workers"}
    assert shown["storage"] == {"value": "s3://user:***@x/y", "from": "OCIREG_STORAGE"}
    assert shown["threads"] == {"value": 32, "from": "default"}
    assert main(["config"]) == 0
    assert "hush" not in capsys.readouterr().out


def test_values_are_as_an_operator_would_write_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--data", "here", "--open", "--client-timeout", "90"]) == 0
    shown = lines(capsys)
    assert shown["open"] == ["true", "flag", "--open"]
    assert shown["client_timeout"][0] == "90"
    assert shown["grace_period"] == ["30s", "default"]
    assert shown["blob_limit"] == ["1TiB", "default"]
    assert shown["url"] == ['""', "default"]
    assert shown["tls_cert"] == ['""', "default"]
    assert shown["data"][0] == str(tmp_path / "here")
    assert shown["storage"] == [f"file:{tmp_path}/here/storage", "default"]
    assert shown["database"] == [f"sqlite:{tmp_path}/here/ocireg.db", "default"]


def test_json_has_the_same_in_bytes_and_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--json"]) == 0
    shown = {name: row["value"] for name, row in json.loads(capsys.readouterr().out).items()}
    assert (shown["open"], shown["grace_period"], shown["blob_limit"]) == (False, 30, 2**40)
    assert (shown["url"], shown["tls_cert"]) == ("", "")
    assert shown["data"] == str(tmp_path / "data")
    assert shown["database"] == f"sqlite:{tmp_path}/data/ocireg.db"


@pytest.mark.parametrize("how", ["flag --config", "OCIREG_CONFIG"])
def test_the_file_that_was_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    (tmp_path / "my.toml").write_text("workers = 3")
    if how == "OCIREG_CONFIG":
        monkeypatch.setenv("OCIREG_CONFIG", "my.toml")
    assert main(["config", *(["--config", "my.toml"] if how.startswith("flag") else [])]) == 0
    shown = lines(capsys)
    assert shown["config"] == [str(tmp_path / "my.toml"), *how.split()]
    assert shown["workers"] == ["3", "my.toml"]
