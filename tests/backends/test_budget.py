"""Memory that all uploads of a process share."""

import threading
import time

import pytest

from backends.budget import Budget, Room
from backends.errors import Misconfigured, Unavailable
from backends.part_sizes import Sizes
from backends.s3_sizes import growing, uniform

MIB = 1024 * 1024


def test_a_budget_that_can_never_do_is_refused() -> None:
    budget = Budget(8 * MIB)
    budget.require(8 * MIB)
    with pytest.raises(Misconfigured, match="buffer=8MiB is too small: 10MiB is the least"):
        budget.require(10 * MIB)


def test_who_waits_for_room_is_told_so_in_the_end_and_leaves_no_trace() -> None:
    budget = Budget(4 * MIB)
    budget.take(3)
    with pytest.raises(Unavailable, match="buffer=4MiB is full of other uploads"):
        budget.take(2, 0.01)
    assert budget.take_if_free()
    budget.give(4)
    budget.take(4, 0)


def test_nobody_jumps_the_queue() -> None:
    """A small wish, and a piece more for who has some, come after a large one that was there before."""
    budget = Budget(4 * MIB)
    budget.take(3)
    served: list[str] = []

    def take(name: str, count: int) -> None:
        budget.take(count, 60)
        served.append(name)
        budget.give(count)

    threads = [threading.Thread(target=take, args=one) for one in (("large", 4), ("small", 1))]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until = time.monotonic() + 60
        while budget.waiting < number and not served:
            assert time.monotonic() < until
            time.sleep(0.001)
    assert budget.free == 1
    assert not budget.take_if_free()
    assert served == []
    budget.give(3)
    for thread in threads:
        thread.join(60)
    assert served == ["large", "small"]
    assert budget.take_if_free()


@pytest.mark.parametrize(
    ("sizes", "memory", "disk", "reason"),
    [
        (growing(), 9, 8192, "buffer=9MiB is too small: 10MiB is the least"),
        (growing(), 10, 1024, "spool=1024MiB is too small: 1360MiB is the least"),
        (uniform(16 * MIB), 31, 1, "buffer=31MiB is too small: 32MiB is the least"),
        (uniform(100 * MIB), 64, 99, "spool=99MiB is too small: 100MiB is the least"),
    ],
)
def test_room_in_which_a_part_never_fits_is_refused_at_the_start(
    sizes: Sizes, memory: int, disk: int, reason: str
) -> None:
    with pytest.raises(Misconfigured, match=reason):
        sizes.require(Room(Budget(memory * MIB), Budget(disk * MIB, "spool")))


@pytest.mark.parametrize(("sizes", "uploads"), [(growing(), 25), (uniform(16 * MIB), 8), (uniform(100 * MIB), 81)])
def test_it_is_known_how_many_uploads_find_room(sizes: Sizes, uploads: int) -> None:
    room = Room(Budget(128 * MIB), Budget(8192 * MIB, "spool"))
    sizes.require(room)
    assert sizes.at_once(room) == uploads
