"""Cuts a stream into parts for stores that take objects in parts, and sends two of them while the client still sends.

A part lives in pieces of 1 MiB from a budget that all uploads of the process share, or, where it is too large for that,
in a temporary file, which is counted too. When the budget is spent, or somebody waits for some of it, a part that is
large enough to be one is cut short; where it is not, its upload waits, and with it the reading of its client. A part
that has begun is sure of ``Sizes.sure`` bytes, and none waits while it has some that nobody sends: those that have
some always get on.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future, wait
from contextlib import closing
from typing import TypeVar

from backends.base import Chunk
from backends.budget import GOING_ON, Room
from backends.deadline import in_context
from backends.errors import TooLarge
from backends.part_sizes import Sizes
from backends.parts import FilePart, MemoryPart, Part

IN_FLIGHT = 2

T = TypeVar("T")


def cut(chunks: Iterable[Chunk], first: int, sizes: Sizes, room: Room) -> Generator[Part, None, None]:
    """Yield the parts of ``chunks``, numbered from ``first`` on; who takes one frees it.

    All but the last one satisfy ``sizes.may_be_cut``; none is empty. ``Unavailable`` where there is no room for long,
    ``TooLarge`` when there would be more of them than there can be.
    """
    part: Part | None = None
    number = first
    try:
        for chunk in chunks:
            rest = memoryview(chunk).cast("B")
            while rest:
                part = part or _new_part(number, sizes, room, None if number == first else GOING_ON)
                rest = rest[part.write(rest) :]
                if rest or part.size == part.limit:
                    whole, part = part, None
                    number += 1
                    yield whole
        if part is not None:
            whole, part = part, None
            yield whole
    finally:
        if part is not None:
            part.free()


def _new_part(number: int, sizes: Sizes, room: Room, patience: float | None) -> Part:
    if sizes.most is not None and number > sizes.most:
        raise TooLarge(sizes.capacity or 0)
    limit = sizes.planned(number)
    if limit > sizes.in_memory:
        return FilePart(number, limit, room.disk, patience)
    return MemoryPart(number, limit, room.memory, sizes.sure(number), patience)


def send_all(parts: Generator[Part, None, None], send: Callable[[Part], T], pool: Executor) -> list[T]:
    """Call ``send`` with each part, of ``IN_FLIGHT`` at once while the next one fills; return what it returned.

    When this returns or raises, no call is under way any more, and all memory has been given back.
    """

    def one(part: Part) -> T:
        try:
            return send(part)
        finally:
            part.free()

    done: list[T] = []
    flying: deque[tuple[Part, Future[T]]] = deque()
    try:
        with closing(parts):
            for part in parts:
                flying.append((part, pool.submit(in_context(one), part)))
                while len(flying) > IN_FLIGHT or (flying and flying[0][1].done()):
                    done.append(flying.popleft()[1].result())
        while flying:
            done.append(flying.popleft()[1].result())
    finally:
        for part, future in flying:
            if future.cancel():
                part.free()
        wait(future for _, future in flying)
    return done
