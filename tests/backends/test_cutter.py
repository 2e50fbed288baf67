"""Streams cut into parts under one budget of memory."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.budget import Budget, Room
from backends.cutter import cut, send_all
from backends.errors import TooLarge, Unavailable
from backends.part_sizes import Sizes
from backends.parts import Part, read_pieces

MIB = 1024 * 1024
SIZES = Sizes(planned=lambda number: 4 * MIB if number < 3 else 6 * MIB, least=2 * MIB, elastic=2, in_memory=4 * MIB)


def room(memory: Budget, disk: Budget | None = None) -> Room:
    return Room(memory, disk or Budget(64 * MIB, "spool"))


def content(part: Part) -> bytes:
    return b"".join(read_pieces(part.open()))


def sent(data: bytes, chunk: int, budget: Budget, sizes: Sizes = SIZES) -> list[bytes]:
    chunks = (data[at : at + chunk] for at in range(0, len(data), chunk))
    with ThreadPoolExecutor(4) as pool:
        return send_all(cut(chunks, 1, sizes, room(budget)), content, pool)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 20 * MIB), st.integers(1, 9 * MIB), st.integers(2, 20))
def test_parts_are_of_lawful_sizes_and_hold_the_stream_whatever_the_memory(
    length: int, chunk: int, memory: int
) -> None:
    budget = Budget(memory * MIB)
    data = os.urandom(1000) * (length // 1000 + 1)
    data = data[:length]
    parts = sent(data, max(chunk, 100_000), budget)
    assert b"".join(parts) == data
    for number, part in enumerate(parts[:-1], 1):
        assert SIZES.may_be_cut(number, len(part))
        assert len(part) <= SIZES.planned(number)
    assert all(parts)
    budget.take(budget.pieces)  # all of it came back


def test_with_memory_to_spare_parts_are_as_planned() -> None:
    assert [len(part) for part in sent(b"x" * 15 * MIB, 300_000, Budget(64 * MIB))] == [
        4 * MIB,
        4 * MIB,
        6 * MIB,
        1 * MIB,
    ]


def test_where_every_part_must_be_equal_none_is_cut_short() -> None:
    uniform = Sizes(planned=lambda _: 2 * MIB, least=2 * MIB, elastic=0, in_memory=4 * MIB)
    assert [len(part) for part in sent(b"x" * 7 * MIB, 300_000, Budget(2 * MIB), uniform)] == [2 * MIB] * 3 + [MIB]


def test_many_streams_in_a_small_budget_all_end() -> None:
    budget = Budget(8 * MIB)
    peak = 0
    pool = ThreadPoolExecutor(4)
    results: list[int] = []

    def slow(part: Part) -> int:
        nonlocal peak
        peak = max(peak, budget.pieces - budget.free)
        return len(content(part))

    def one() -> None:
        chunks = (b"y" * 500_000 for _ in range(30))
        results.append(sum(send_all(cut(chunks, 1, SIZES, room(budget)), slow, pool)))

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert results == [15_000_000] * 12
    assert 0 < peak <= 8
    pool.shutdown()


def test_two_parts_are_under_way_while_the_stream_goes_on() -> None:
    both, third = threading.Barrier(2, timeout=60), threading.Event()

    def send(part: Part) -> int:
        if part.number < 3:
            both.wait()
            assert third.wait(60)
        return part.number

    def chunks() -> Iterator[bytes]:
        yield b"1" * 4 * MIB
        yield b"2" * 4 * MIB
        third.set()  # asked for while the first two are being sent
        yield b"3" * MIB

    with ThreadPoolExecutor(4) as pool:
        assert send_all(cut(chunks(), 1, SIZES, room(Budget(16 * MIB))), send, pool) == [1, 2, 3]


@pytest.mark.parametrize("where", ["in the stream", "in sending"])
def test_after_a_failure_nothing_is_under_way_and_memory_is_back(where: str) -> None:
    budget = Budget(16 * MIB)
    running = 0

    def send(part: Part) -> None:
        nonlocal running
        running += 1
        content(part)
        if where == "in sending" and part.number == 2:
            running -= 1
            raise OSError("no")
        running -= 1

    def chunks() -> Iterator[bytes]:
        for _ in range(10):
            yield b"z" * 3 * MIB
        if where == "in the stream":
            raise OSError("no")

    with ThreadPoolExecutor(4) as pool:
        with pytest.raises(OSError, match="no"):
            send_all(cut(chunks(), 1, SIZES, room(budget)), send, pool)
        assert running == 0
    budget.take(budget.pieces)


def test_a_stream_of_more_parts_than_there_can_be_is_refused_with_the_largest_size() -> None:
    few = Sizes(planned=lambda _: 2 * MIB, least=2 * MIB, elastic=0, in_memory=4 * MIB, most=3)
    assert few.capacity == 6 * MIB
    assert len(sent(b"x" * 6 * MIB, 300_000, Budget(8 * MIB), few)) == 3
    budget = Budget(8 * MIB)
    with pytest.raises(TooLarge, match=f"more than {6 * MIB} bytes"):
        sent(b"x" * (6 * MIB + 1), 300_000, budget, few)
    budget.take(budget.pieces, 0)


def test_a_client_that_trickles_keeps_no_memory_that_others_wait_for() -> None:
    """Its part has grown to all there was; it goes with the next byte, though its last piece is not full."""
    budget = Budget(4 * MIB)
    waits, woken = threading.Event(), threading.Event()

    def trickle() -> Iterator[bytes]:
        yield b"1" * (3 * MIB + 1)
        waits.set()
        while not budget.waiting:
            woken.wait(0.01)
        yield b"2"
        yield b"3"

    def other() -> None:
        assert waits.wait(60)
        budget.take(2, 60)
        budget.give(2)

    with ThreadPoolExecutor(4) as pool:
        waiting = pool.submit(other)
        parts = send_all(cut(trickle(), 1, SIZES, room(budget)), content, pool)
        waiting.result(60)
    assert [len(part) for part in parts] == [3 * MIB + 1, 2]


@pytest.mark.parametrize("patient", [True, False])
def test_more_uploads_than_there_is_memory_for_take_turns_or_are_told_to_come_back(*, patient: bool) -> None:
    """One that stalls holds what it has; another waits, no longer than it may, and finds the room when it is free."""
    budget = Budget(2 * MIB)
    stalled, woken = threading.Event(), threading.Event()

    def stalls() -> Iterator[bytes]:
        yield b"1"
        stalled.set()
        assert woken.wait(60)

    with ThreadPoolExecutor(4) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setattr("backends.budget.WAIT", 60.0 if patient else 0.01)
        first = pool.submit(lambda: send_all(cut(stalls(), 1, SIZES, room(budget)), content, pool))
        assert stalled.wait(60)
        second = pool.submit(lambda: send_all(cut([b"2"], 1, SIZES, room(budget)), content, pool))
        if not patient:
            with pytest.raises(Unavailable, match="buffer=2MiB is full of other uploads"):
                second.result(60)
        woken.set()
        assert first.result(60) == [b"1"]
        assert not patient or second.result(60) == [b"2"]
    budget.take(budget.pieces, 0)


@pytest.mark.parametrize("uploads", [1, 3])
def test_an_upload_that_goes_on_waits_as_long_as_the_store_takes(uploads: int) -> None:
    """There is room for a part of each: they wait for parts that are being sent, and not for other uploads."""
    uniform = Sizes(planned=lambda _: MIB, least=MIB, elastic=0, in_memory=MIB)
    budget = Budget(max(uploads, 2) * MIB)
    assert uniform.at_once(room(budget)) >= uploads
    line, begun, slowness = threading.Lock(), threading.Barrier(uploads), threading.Event()

    def send(part: Part) -> int:
        with line:
            slowness.wait(0.05)
        return part.number

    def one() -> list[int]:
        def chunks() -> Iterator[bytes]:
            for number in range(5):
                yield b"x" * (MIB - 1)
                if not number:
                    begun.wait(60)  # every one of them has room
                yield b"x"

        return send_all(cut(chunks(), 1, uniform, room(budget)), send, senders)

    with ThreadPoolExecutor(8) as senders, ThreadPoolExecutor(3) as clients, pytest.MonkeyPatch.context() as patch:
        patch.setattr("backends.budget.WAIT", 0.01)
        under_way = [clients.submit(one) for _ in range(uploads)]
        assert [upload.result(60) for upload in under_way] == [[1, 2, 3, 4, 5]] * uploads
    budget.take(budget.pieces, 0)
