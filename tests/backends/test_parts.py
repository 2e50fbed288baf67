"""The bytes of a part."""

import os

from backends.budget import PIECE, Budget
from backends.parts import MemoryPart

MIB = 1024 * 1024


def test_a_reader_is_a_body_that_can_be_sent_again() -> None:
    budget = Budget(8 * MIB)
    data = os.urandom(2 * PIECE + 7)
    part = MemoryPart(1, 4 * MIB, budget, 2 * MIB)
    assert part.write(memoryview(data)) == len(data)
    reader = part.open()
    assert reader.read() == data
    assert reader.seek(PIECE - 3) == PIECE - 3
    assert reader.read(6) + reader.read(6) == data[PIECE - 3 : PIECE + 6]  # a read ends with a piece
    assert reader.seek(-2, 2) == len(data) - 2
    assert reader.read(100) == data[-2:]
    assert reader.read(100) == b""
    part.free()
