"""The bytes of a part."""

import os
import resource

import pytest

from backends.budget import PIECE, Budget
from backends.errors import NoSpace
from backends.parts import FilePart, MemoryPart

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


def test_a_part_in_a_file_is_counted_until_it_goes() -> None:
    disk = Budget(8 * MIB, "spool")
    part = FilePart(1, 5 * MIB, disk)
    data = os.urandom(5 * MIB + 1)
    assert disk.free == 3
    assert part.write(memoryview(data)) == 5 * MIB
    assert part.open().read() == data[: 5 * MIB]
    part.free()
    assert disk.free == 8


def test_a_full_disk_of_temporary_files_is_said_by_its_name() -> None:
    disk = Budget(8 * MIB, "spool")
    part = FilePart(1, 5 * MIB, disk)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))  # the kernel's own refusal, as of a disk that is full
    try:
        with pytest.raises(NoSpace, match=r"the folder of temporary files, .* \(TMPDIR\): ") as caught:
            part.write(memoryview(bytes(2 * MIB)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "\n" not in str(caught.value)
    part.free()
    assert disk.free == 8
