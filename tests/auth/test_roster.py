"""What a process knows of access: as of a second ago at most, and never mixed with what it was before."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.auth import keys, roster
from ocireg.auth.roster import Roster, View
from ocireg.metadata import generation
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate

KEY, OTHER = "k" * 32, "o" * 32


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "ocireg.db")
    migrate(made)
    yield made
    made.close()


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def change(database: Database) -> None:
    """Change access, as another process would."""
    with database.transaction():
        generation.bump(database)


def test_a_change_by_another_process_is_seen_a_second_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    known = Roster(database, lambda: (KEY,))
    first = known.now()
    change(database)
    clock.now += roster.EVERY * 0.99
    assert known.now() is first
    clock.now += roster.EVERY * 0.02
    assert known.now().generation == first.generation + 1


def test_while_nothing_changes_what_is_known_is_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    known = Roster(database, lambda: (KEY,))
    first = known.now()
    for _ in range(5):
        clock.now += 10
        assert known.now() is first


def test_a_change_by_this_process_is_seen_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    known = Roster(database, lambda: (KEY,))
    first = known.now()
    change(database)
    known.forget()
    assert known.now().generation == first.generation + 1


def test_a_change_while_the_former_state_is_being_read_is_not_overlooked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys are read between the look at the generation and its being kept: there the change comes."""
    Clock(monkeypatch)
    pending = [True]

    def read() -> tuple[str, ...]:
        if pending and pending.pop():
            change(database)
            known.forget()
        return (KEY,)

    known = Roster(database, read)
    before = known.now()
    assert known.now().generation == before.generation + 1


def test_keys_are_read_again_with_each_generation(database: Database) -> None:
    found = [(KEY,), (KEY, OTHER)]
    known = Roster(database, lambda: found.pop(0))
    assert known.now().fingerprints == {keys.fingerprint(KEY)}
    change(database)
    known.forget()
    assert known.now().fingerprints == {keys.fingerprint(KEY), keys.fingerprint(OTHER)}


def test_a_process_that_signs_with_another_key_is_complained_of_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction():
        generation.announce_key(database, keys.fingerprint(OTHER))
    known = Roster(database, lambda: (KEY,))
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            known.now()
            known.forget()
    assert len(caplog.records) == 1
    assert "OCIREG_SECRET_KEY" in caplog.text
    assert OTHER not in caplog.text


@pytest.mark.parametrize(
    ("found", "absence", "asked"), [("something", True, 1), (None, True, 1), (None, False, 3), ("something", False, 1)]
)
def test_a_view_finds_out_once_and_forgets_absence_where_there_is_no_end_of_it(
    database: Database, found: str | None, absence: bool, asked: int
) -> None:
    view, calls = View(database, 1, (KEY,)), []

    def find() -> str | None:
        calls.append(1)
        return found

    for _ in range(3):
        assert view.remembered("key", find, absence=absence) == found
    assert len(calls) == asked


def test_what_fails_is_not_remembered(database: Database) -> None:
    view = View(database, 1, (KEY,))

    def fail() -> str:
        raise OSError("once")

    with pytest.raises(OSError, match="once"):
        view.remembered("key", fail)
    assert view.remembered("key", lambda: "found") == "found"


def test_memory_is_bounded_and_what_is_used_stays(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "MOST", 3)
    view = View(database, 1, (KEY,))
    for number in range(10):
        view.remembered("used", lambda: "first")
        view.remembered(number, lambda: "stranger")
    assert view.remembered("used", lambda: "again") == "first"
    assert view.remembered(0, lambda: "again") == "again"


def test_a_view_answers_by_slugs_and_ids_and_knows_what_there_is_not(database: Database) -> None:
    view = View(database, 1, (KEY,))
    root = view.root()
    assert view.registry_by_id(root.id) == root
    assert view.organization("acme") is None
    assert view.registry("acme", "containers") is None
    assert view.registry_by_id(root.id + 1) is None
