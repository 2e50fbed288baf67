"""A house with somebody of every sort in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth.house import House
from tests.auth.house import house as built


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One of its own for each test."""
    with built(tmp_path) as made:
        yield made
