"""``ocireg key``: the keys that tokens are signed with."""

from pathlib import Path

import pytest

from ocireg.auth import keys
from ocireg.metadata import generation
from ocireg.metadata.database import Database
from ocireg.metadata.generation import State
from tests.cli.commanded import Commands, events


def state() -> State:
    database = Database(Path("data/ocireg.db"))
    found = generation.read(database)
    database.close()
    return found


def written() -> list[str]:
    return Path("data/secret.key").read_text().split()


def test_keys_are_known_by_fingerprint_and_never_shown(run: Commands) -> None:
    (key,) = written()
    assert run.json("key", "list") == [{"fingerprint": keys.fingerprint(key), "signs": True}]
    assert key not in run("key", "list")


def test_a_rotation_signs_with_a_new_key_keeps_the_old_one_and_lets_processes_know(run: Commands) -> None:
    (old,) = written()
    before = state()
    assert [one["signs"] for one in run.json("key", "rotate")] == [False, True]
    kept, new = written()
    assert kept == old
    assert state() == State(before.generation + 1, keys.fingerprint(new))
    (event,) = events("key.change")
    assert (event.subject, event.detail["before"]) == (keys.fingerprint(new), keys.fingerprint(old))
    run("key", "rotate")
    assert written()[0] == new


def test_a_rotation_that_was_cut_off_is_ended_and_the_key_that_signs_stays(run: Commands) -> None:
    (old,) = written()
    Path("data/secret.key").write_text(f"{old}\n{'n' * 64}\n")
    run("key", "rotate")
    assert written() == [old, "n" * 64]
    assert state().signing_key == keys.fingerprint("n" * 64)
    run("key", "rotate")
    assert written()[0] == "n" * 64


def test_keys_of_the_settings_are_the_operators_to_change(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCIREG_SECRET_KEY", "a" * 40)
    assert "add the new one there" in run.refused("key", "rotate")
    assert events("key.change") == []
    monkeypatch.delenv("OCIREG_SECRET_KEY")
    Path("data/secret.key").unlink()
    assert "ocireg init makes one" in run.refused("key", "list")
