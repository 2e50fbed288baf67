"""Stores that the tests of the drivers share."""

from collections.abc import Iterator

import pytest

from tests.stores import s3


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Store]:
    """A moto server."""
    with s3.moto(tmp_path_factory.mktemp("moto")) as store:
        yield store
