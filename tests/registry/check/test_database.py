"""What the database says of itself, the turn of a check, and what it says meanwhile."""

from typing import BinaryIO

import pytest

from backends.errors import Unavailable
from ocireg.errors import RegistryError
from ocireg.registry.check import Report
from ocireg.registry.check import run as running
from ocireg.registry.check.check import TASK
from ocireg.registry.check.faults import NAMED, Done, Fault, Kind, Progress
from ocireg.registry.turns import Turns
from tests.registry.check.conftest import check, kinds
from tests.registry.collected import World


@pytest.mark.parametrize("column", ["size", "manifests", "tags"])
def test_sums_that_are_wrong_are_counted_anew(small: World, column: str) -> None:
    small.image(b"layer", tag="v1")
    sql = f"SELECT {column} FROM repository"
    right = small.database.fetch(sql)
    with small.database.transaction():
        small.database.change(f"UPDATE repository SET {column} = {column} + 7")
    found = check(small)
    assert (kinds(found), found.faults[0].repositories, found.left) == ([Kind.MISCOUNTED], ["a/b"], 1)
    assert [one.done for one in check(small, repair=True).faults] == [Done.RECOUNTED]
    assert small.database.fetch(sql) == right
    assert kinds(check(small)) == []


def test_a_tag_of_no_manifest_is_found(small: World) -> None:
    small.image(b"layer", tag="v1")
    small.database.fetch("PRAGMA foreign_keys = 0")
    with small.database.transaction():
        small.database.change("UPDATE tag SET manifest_id = 4711")
    (fault,) = check(small).faults
    assert (fault.kind, fault.text) == (Kind.DATABASE, "a row of tag refers to a manifest that is not there")


def test_one_checks_at_a_time(small: World) -> None:
    with Turns(small.database, TASK).take() as turn:
        assert turn is not None
        assert small.registry.check.run().busy
    assert not small.registry.check.run().busy


def test_the_last_report_is_kept_with_what_was_asked_for(small: World) -> None:
    digest = small.blob(b"layer")
    small.store.delete(small.key(digest))
    turns = small.registry.check.turns
    small.registry.check.ask(repair=True)
    assert turns.asked() == {"digests": False, "repair": True}
    small.registry.check.asked(turns.asked() or {})
    last = turns.last()
    assert (turns.asked(), last.running) == (None, False)
    assert (last.report["counts"], last.report["whole"], last.report["repair"]) == ({"missing": 1}, True, True)
    assert last.report["faults"][0]["done"] == "lost"


def test_it_says_how_far_it_is_also_within_a_large_object(small: World) -> None:
    small.blob(bytes(3 * 2**20))
    seen: list[tuple[str, int, int]] = []
    small.registry.check.run(digests=True, told=lambda one: seen.append((one.stage, one.done, one.size)))
    assert [size for stage, _, size in seen if stage == "blobs"] == [2**20, 2 * 2**20, 3 * 2**20, 3 * 2**20]


def test_whoever_interrupts_it_has_what_was_found_so_far(small: World) -> None:
    for one in (b"one", b"two", b"three"):
        small.store.delete(small.key(small.blob(one)))

    def told(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    report = Report()
    with pytest.raises(KeyboardInterrupt):
        small.registry.check.run(report=report, told=told)
    assert (report.blobs, len(report.faults), report.whole) == (2, 2, False)
    assert small.registry.check.turns.last().report["whole"] is False


def test_a_store_that_gives_nothing_ends_the_check(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ENOUGH", 2)
    for one in (b"one", b"two", b"three"):
        small.blob(one)
    kept = small.store.open

    def fails(key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        if key.startswith("blobs/"):
            raise Unavailable("the disk")
        return kept(key, start, stop)

    monkeypatch.setattr(small.store, "open", fails)
    with pytest.raises(RegistryError) as caught:
        small.registry.check.run(digests=True, repair=True)
    assert "the disk" in str(caught.value.__cause__)


def test_a_report_counts_all_and_names_some() -> None:
    report = Report()
    for _ in range(NAMED + 5):
        report.add(Fault(Kind.MISSING, "blob"))
    assert (report.counts, report.left, len(report.faults)) == ({Kind.MISSING: NAMED + 5}, NAMED + 5, NAMED)
