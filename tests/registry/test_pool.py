"""Threads for work that nobody waits for."""

import threading

from ocireg.registry.pool import Pace, Pool, Stopped


def test_all_that_is_asked_for_is_done_and_the_threads_end() -> None:
    left = list(range(50))
    ended = threading.Semaphore(0)

    def work() -> bool:
        return bool(left and (left.pop() or True))

    pool = Pool("test", 2, work, ended.release)
    for _ in range(3):
        pool.wake()
    assert ended.acquire(timeout=60)
    pool.close()
    assert left == []


def test_what_is_asked_for_while_a_thread_ends_is_not_missed() -> None:
    seen: list[int] = []
    ended = threading.Event()

    def work() -> bool:
        seen.append(len(seen))
        if len(seen) == 1:
            pool.wake()
        return False

    pool = Pool("test", 1, work, ended.set)
    pool.wake()
    assert ended.wait(60)
    assert seen == [0, 1]


def test_work_that_fails_ends_its_thread_and_the_next_one_who_asks_begins_another() -> None:
    seen: list[int] = []
    ended = threading.Semaphore(0)

    def work() -> bool:
        seen.append(1)
        raise ValueError("so")

    pool = Pool("test", 1, work, ended.release)
    for _ in range(2):
        pool.wake()
        assert ended.acquire(timeout=60)
    assert seen == [1, 1]


def test_a_pool_that_is_closed_begins_nothing_and_interrupts_who_rests() -> None:
    began, ended = threading.Event(), threading.Event()
    stopped: list[bool] = []

    def work() -> bool:
        pace = Pace(pool.stopping)
        began.set()
        try:
            while True:
                sum(range(1000))
                pace.rest()
        except Stopped:
            stopped.append(True)
            return True

    pool = Pool("test", 1, work, ended.set)
    pool.wake()
    assert began.wait(60)
    pool.close()
    assert ended.wait(60)
    pool.wake()
    assert stopped == [True]
    assert not [one for one in threading.enumerate() if one.name == "test"]
