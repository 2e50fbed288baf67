"""Layers that are to be listed: the queue, the claims on it, what is kept."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.contents import Entry, Kind, Limits, TooMuch
from ocireg.metadata import layers, listings
from ocireg.metadata.database import Database
from ocireg.metadata.layers import Claim, Summary
from ocireg.metadata.listings import Lost, Recorder
from ocireg.metadata.migrate import migrate

FOUND = Summary(3, 2, 10, opaque=False, os_release=None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "x.db", busy_timeout=0.2)
    migrate(made)
    yield made
    made.close()


def ask(database: Database, *digests: str, most: int = 100) -> int:
    with database.transaction():
        return layers.ask(database, dict.fromkeys(digests, 7), most)


def claim(database: Database, lease: float = 60) -> Claim | None:
    with database.transaction():
        return layers.claim(database, lease)


def claimed(database: Database, digest: str = "a", lease: float = 60) -> Claim:
    ask(database, digest)
    held = claim(database, lease)
    assert held is not None
    assert held.digest == digest
    return held


def ready(database: Database, digest: str) -> None:
    held = claimed(database, digest)
    with database.transaction():
        assert layers.finish(database, held, FOUND)


def test_what_was_asked_for_first_is_claimed_first_and_once(database: Database) -> None:
    assert ask(database, "b", "a") == 2
    assert ask(database, "a", "c") == 1
    assert [one.digest if (one := claim(database)) else None for _ in range(4)] == ["b", "a", "c", None]


def test_the_queue_is_bounded_over_all_that_wait(database: Database) -> None:
    assert ask(database, "a", "b", "c", most=2) == 2
    assert ask(database, "d", most=2) == 0
    ready(database, "a")
    assert ask(database, "c", "d", most=2) == 1


def test_who_lost_a_lease_changes_nothing(database: Database) -> None:
    late = claimed(database, lease=-1)
    held = claim(database)
    assert held == Claim("a", late.listing + 1, 2)
    with database.transaction():
        assert not layers.renew(database, late, 5, 60)
        assert not layers.finish(database, late, FOUND)
        assert not layers.refuse(database, late, "no")
        assert not layers.give_up(database, late, wait=0, counts=True)
        assert layers.renew(database, held, 5, 60)
    assert (layers.find(database, ["a"])["a"].done, layers.find(database, ["b"])) == (5, {})


def test_what_is_given_up_is_tried_again_after_a_while(database: Database) -> None:
    for counts, attempt in ((True, 2), (False, 2)):
        held = claimed(database)
        with database.transaction():
            layers.give_up(database, held, wait=60, counts=counts)
        assert claim(database) is None
        database.fetch("UPDATE layer SET lease_until = 0 RETURNING 1")
        again = claim(database)
        assert again is not None
        assert again.attempt == attempt
        with database.transaction():
            layers.give_up(database, again, wait=-1, counts=False)


def test_what_is_ready_or_refused_says_so(database: Database) -> None:
    ready(database, "a")
    held = claimed(database, "b")
    with database.transaction():
        layers.refuse(database, held, "It is too large.")
    found = layers.find(database, ["a", "b"])
    assert (found["a"].state, found["a"].files, found["a"].done) == ("ready", 2, 7)
    assert (found["b"].state, found["b"].reason, found["b"].listing) == ("refused", "It is too large.", None)
    assert layers.entries_kept(database) == 3


def test_the_one_that_was_looked_at_longest_ago_is_the_least_used(database: Database) -> None:
    assert layers.least_used(database) is None
    for digest in "abc":
        ready(database, digest)
    with database.transaction():
        layers.touch(database, ["a"])
    assert layers.least_used(database) == "b"
    assert layers.find(database, ["a"])["a"].used_at == pytest.approx(time.time(), abs=60)


def test_what_a_listing_of_no_layer_kept_is_removed_little_by_little(database: Database) -> None:
    held = claimed(database)
    with database.transaction():
        Recorder(database, held.listing, Limits()).add([Entry(f"d/{one}", Kind.FILE) for one in range(25)])
    assert listings.unused(database, 10) == []
    with database.transaction():
        layers.forget(database, ["a"])
    assert listings.unused(database, 10) == [held.listing]
    steps = 1
    with database.transaction():
        while listings.clear(database, held.listing, 10):
            steps += 1
    assert steps == 3
    for table in ("layer_entry", "layer_directory", "layer_listing"):
        assert database.fetch(f"SELECT count(*) FROM {table}") == (0,)


def test_a_writer_whose_listing_was_removed_cannot_go_on(database: Database) -> None:
    held = claimed(database)
    recorder = Recorder(database, held.listing, Limits())
    with database.transaction():
        recorder.add([Entry("d/e", Kind.FILE)])
        layers.forget(database, ["a"])
        listings.clear(database, held.listing, 10)
    for path in ("d/f", "d/e/f"):
        with pytest.raises(Lost), database.transaction():
            recorder.add([Entry(path, Kind.FILE)])


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(entries=20), "It has more than 20 files and directories."),
        (Limits(text=50), "Its names are longer than 50 bytes together."),
    ],
    ids=repr,
)
def test_directories_that_are_only_implied_count_too(database: Database, limits: Limits, reason: str) -> None:
    held = claimed(database)
    with pytest.raises(TooMuch, match=reason), database.transaction():
        Recorder(database, held.listing, limits).add([Entry("d/" * 30 + "f", Kind.FILE)])
