"""How large the parts of an upload are."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large parts are, in bytes.

    ``planned``: of the part with that number, from 1. ``least``: from which on a part may be cut short, where memory
    or the stream ends, if its number is at most ``elastic``. ``in_memory``: larger ones go to a temporary file.
    """

    planned: Callable[[int], int]
    least: int
    elastic: int
    in_memory: int

    def may_be_cut(self, number: int, size: int) -> bool:
        """Say whether a part of that number may end at that size though more can follow."""
        return size >= self.planned(number) or (number <= self.elastic and size >= self.least)
