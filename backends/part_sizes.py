"""How large the parts of an upload are, and how many there may be."""

from collections.abc import Callable
from dataclasses import dataclass

from backends.budget import PIECE, Room


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large parts are, in bytes.

    ``planned``: of the part with that number, from 1. ``least``: from which on a part may be cut short, where memory
    or the stream ends, if its number is at most ``elastic``. ``in_memory``: larger ones go to a temporary file.
    ``most``: the number of the last part that there can be; None where nothing bounds it.
    """

    planned: Callable[[int], int]
    least: int
    elastic: int
    in_memory: int
    most: int | None = None

    def may_be_cut(self, number: int, size: int) -> bool:
        """Say whether a part of that number may end at that size though more can follow."""
        return size >= self.planned(number) or (number <= self.elastic and size >= self.least)

    def sure(self, number: int) -> int:
        """Return how many bytes a part of that number must be able to take, however short memory is."""
        return self.least if number <= self.elastic else self.planned(number)

    @property
    def capacity(self) -> int | None:
        """Bytes that an upload is sure to hold, however its parts were cut; None where nothing bounds it."""
        return None if self.most is None else sum(map(self.sure, range(1, self.most + 1)))

    def at_once(self, room: Room) -> int:
        """Return how many uploads find room for the part that each of them fills."""
        budget = room.memory if self.planned(1) <= self.in_memory else room.disk
        return budget.pieces * PIECE // self.sure(1)

    def require(self, room: Room) -> None:
        """Raise ``Misconfigured`` where an upload could wait for ever, since one of its parts never fits in ``room``.

        Of memory there is to be enough for two: one that is sent, one that fills.
        """
        largest = max(map(self.planned, (1, self.most or 1)))
        room.memory.require(2 * min(self.sure(1), self.in_memory))
        if largest > self.in_memory:
            room.disk.require(largest)
