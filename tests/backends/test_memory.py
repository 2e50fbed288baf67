"""The driver for memory."""

import pytest

from backends import Backend, load
from backends.testing import BackendContract


class TestMemory(BackendContract):
    """The contract."""

    @pytest.fixture
    def backend(self) -> Backend:
        return load("memory:")


def test_a_named_store_is_shared_and_an_unnamed_one_is_not() -> None:
    load("memory:tests-shared").put("a", b"1")
    with load("memory:tests-shared").open("a") as reader:
        assert reader.read() == b"1"
    assert list(load("memory:").scan()) == []
