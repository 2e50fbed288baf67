"""Taking turns at what one process of all nodes does at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.registry.turns import Lost, Turns

NAME = "collection"


class Clock:
    """A time that a test sets, seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the database."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """A database."""
    made = Database(tmp_path / "ocireg.db", clock=clock)
    migrate(made)
    yield made
    made.close()


def test_one_takes_its_turn_and_others_do_not_meanwhile(database: Database) -> None:
    one, other = Turns(database, NAME), Turns(database, NAME)
    with one.take() as turn:
        assert turn is not None
        with other.take() as none:
            assert none is None
        assert one.last().running
        turn.report = {"found": 3}
    assert (one.last().running, one.last().report) == (False, {"found": 3})
    with other.take() as next_turn:
        assert next_turn is not None


def test_who_waits_is_next(database: Database, clock: Clock) -> None:
    one, other = Turns(database, NAME, lease=10), Turns(database, NAME)
    with one.take():
        clock.now += 11  # the first is silent for longer than its lease
        with other.take(patience=5) as turn:
            assert turn is not None


def test_who_was_silent_for_longer_than_its_lease_has_lost_its_turn(database: Database, clock: Clock) -> None:
    one, other = Turns(database, NAME, lease=10), Turns(database, NAME, lease=10)
    with one.take() as late:
        assert late is not None
        clock.now += 11
        with other.take() as turn, database.transaction():
            assert turn is not None
            turn.report = {"by": "other"}
            with pytest.raises(Lost):
                late.hold()
    assert one.last().report == {"by": "other"}


def test_a_turn_goes_on_for_as_long_as_it_is_held_and_says_how_far(database: Database, clock: Clock) -> None:
    turns = Turns(database, NAME, lease=10)
    with turns.take() as turn:
        assert turn is not None
        for step in range(5):
            clock.now += 9
            with database.transaction():
                turn.hold({"step": step})
            with Turns(database, NAME).take() as none:
                assert none is None
        assert turns.last().progress == {"step": 4}


def test_a_turn_that_fails_is_over(database: Database) -> None:
    turns = Turns(database, NAME)
    with pytest.raises(ZeroDivisionError), turns.take():
        _fail()
    assert not turns.last().running


def test_what_is_asked_for_is_done_once(database: Database) -> None:
    turns = Turns(database, NAME)
    assert turns.asked() is None
    turns.ask(now=True)
    turns.wait(600)  # it does not wait: this process was asked
    assert Turns(database, NAME).asked() == {"now": True}
    with turns.take() as turn:
        assert turn is not None
        assert turn.asked == {"now": True}
        assert turns.asked() is None


@pytest.mark.parametrize(("ago", "rested"), [(0, False), (59, False), (60, True), (3600, True)])
def test_a_rest_is_counted_from_the_end_of_the_last_turn(
    database: Database, clock: Clock, ago: float, rested: bool
) -> None:
    turns = Turns(database, NAME)
    assert turns.rested(60)  # there was none yet
    with turns.take():
        assert not turns.rested(0)
    clock.now += ago
    assert turns.rested(60) is rested


def test_a_clock_that_was_ahead_for_a_moment_stops_nobody(database: Database, clock: Clock) -> None:
    turns, year = Turns(database, NAME), 365 * 86400.0
    clock.now += year
    with turns.take():
        clock.now -= year  # and the process dies, or goes on
        assert not turns.last().running
        with Turns(database, NAME).take() as turn:
            assert turn is not None
    clock.now += year
    with turns.take():
        pass
    clock.now -= year
    assert turns.rested(60)


def _fail() -> None:
    raise ZeroDivisionError
