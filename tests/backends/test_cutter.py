"""Streams cut into parts under one budget of memory."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.budget import Budget
from backends.cutter import cut, send_all
from backends.part_sizes import Sizes
from backends.parts import Part, read_pieces

MIB = 1024 * 1024
SIZES = Sizes(planned=lambda number: 4 * MIB if number < 3 else 6 * MIB, least=2 * MIB, elastic=2, in_memory=4 * MIB)


def content(part: Part) -> bytes:
    return b"".join(read_pieces(part.open()))


def sent(data: bytes, chunk: int, budget: Budget, sizes: Sizes = SIZES) -> list[bytes]:
    chunks = (data[at : at + chunk] for at in range(0, len(data), chunk))
    with ThreadPoolExecutor(4) as pool:
        return send_all(cut(chunks, 1, sizes, budget), content, pool)


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
        results.append(sum(send_all(cut(chunks, 1, SIZES, budget), slow, pool)))

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
        assert send_all(cut(chunks(), 1, SIZES, Budget(16 * MIB)), send, pool) == [1, 2, 3]


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
            send_all(cut(chunks(), 1, SIZES, budget), send, pool)
        assert running == 0
    budget.take(budget.pieces)
