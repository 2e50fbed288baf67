"""A third party's driver is found by its entry point, and its author can run the suite against it."""

import os
from pathlib import Path

import pytest

from backends import Backend, load
from backends.errors import Misconfigured
from backends.testing import BackendContract

DISTRIBUTION = Path(__file__).parent / "distribution"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the distribution be installed, here and in processes that a test starts."""
    monkeypatch.syspath_prepend(str(DISTRIBUTION))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(DISTRIBUTION), str(Path(__file__).parents[3])]))


class TestOutside(BackendContract):
    """The contract."""

    many = 100

    @pytest.fixture
    def backend(self, tmp_path: Path, installed: None) -> Backend:
        del installed
        self.where = f"outside:{tmp_path / 'store'}"
        return load(self.where)

    def elsewhere(self, backend: Backend) -> Backend:
        del backend
        return load(self.where)

    def address(self, backend: Backend) -> str:
        del backend
        return self.where


def test_the_driver_is_another_one(tmp_path: Path) -> None:
    backend = load(f"outside:{tmp_path}")
    backend.put("a", b"\x00\xff")
    assert (tmp_path / "objects" / "a").read_bytes() == b"\xff\x00"


def test_an_unknown_scheme_names_the_ones_that_there_are() -> None:
    with pytest.raises(Misconfigured, match=r"file, gs, memory, outside, s3"):
        load("nowhere:/x")
