"""Readers that yield all that was asked for or say that they cannot."""

import io
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from backends import Backend, load
from backends.errors import Unavailable
from backends.exact import exactly
from backends.testing import DATA, KEY

RANGES = [(0, len(DATA)), (0, 0), (len(DATA), len(DATA)), (10, 20), (0, 1), (len(DATA) - 1, len(DATA))]


@pytest.fixture(params=["file", "memory"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    made = load(f"file:{tmp_path / 'store'}" if request.param == "file" else "memory:")
    made.put(KEY, DATA)
    return made


def guarded(backend: Backend, start: int, stop: int, size: int = len(DATA)) -> BinaryIO:
    return exactly(backend.open(KEY, start, stop), start, stop, size)


@pytest.mark.parametrize(("start", "stop"), RANGES)
@pytest.mark.parametrize("piece", [-1, None, 7, 10**9])
def test_what_is_whole_is_read_to_its_end_and_no_further(
    backend: Backend, start: int, stop: int, piece: int | None
) -> None:
    with guarded(backend, start, stop) as reader:
        assert b"".join(iter(lambda: reader.read(piece), b"")) == DATA[start:stop]  # type: ignore[arg-type] # or None
        assert reader.read(1) == b""


def test_a_file_is_still_a_file_at_its_place(tmp_path: Path) -> None:
    backend = load(f"file:{tmp_path / 'store'}")
    backend.put(KEY, DATA)
    with guarded(backend, 100, 200) as reader:
        assert os.lseek(reader.fileno(), 0, os.SEEK_CUR) == reader.tell() == 100
        reader.seek(150)
        assert reader.read(5) == DATA[150:155]


def test_what_is_no_file_says_so() -> None:
    backend = load("memory:")
    backend.put(KEY, DATA)
    with guarded(backend, 0, 1) as reader, pytest.raises(io.UnsupportedOperation):
        reader.fileno()


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
@pytest.mark.parametrize("url", ["file:", "memory:"])
def test_an_object_of_another_size_is_refused_before_it_is_read(tmp_path: Path, url: str, size: int) -> None:
    backend = load(url + str(tmp_path / "store"))
    backend.put(KEY, DATA)
    plain = backend.open(KEY, 0, 10)
    with pytest.raises(Unavailable):
        exactly(plain, 0, 10, size)
    assert plain.closed


def test_an_object_that_ends_early_is_not_taken_for_the_whole() -> None:
    """Where its store has not told its size."""
    with exactly(io.BytesIO(DATA), 0, len(DATA) + 1, len(DATA) + 1) as reader:
        assert reader.read(len(DATA)) == DATA
        with pytest.raises(Unavailable, match="1 bytes early"):
            reader.read(1)


def test_a_file_that_became_shorter_is_noticed_at_the_latest_when_it_is_closed(tmp_path: Path) -> None:
    backend = load(f"file:{tmp_path / 'store'}")
    backend.put(KEY, DATA)
    reader = guarded(backend, 0, len(DATA))
    descriptor = reader.fileno()
    os.truncate(tmp_path / "store" / "objects" / KEY, 10)
    with pytest.raises(Unavailable):
        reader.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
