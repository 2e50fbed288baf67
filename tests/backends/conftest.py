"""Stores that the tests of the drivers share."""

from collections.abc import Iterator

import pytest

from tests.backends.s3_place import Place
from tests.stores import s3, served
from tests.stores.proxy import Proxy
from tests.stores.proxy import proxy as running_proxy


@pytest.fixture
def s3_credentials() -> Iterator[None]:
    """Let the driver's own chain of credentials find those of the stores, and nothing of whoever runs the tests."""
    with served.s3_credentials():
        yield


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Store]:
    """A moto server."""
    with s3.moto(tmp_path_factory.mktemp("moto")) as store:
        yield store


@pytest.fixture
def place(seaweedfs: s3.S3Store, s3_credentials: None) -> Iterator[Place]:
    """A place in SeaweedFS."""
    del s3_credentials
    made = Place(seaweedfs)
    yield made
    backend = made.backend()
    for upload in list(backend.scan_uploads()):
        backend.abort(upload.session)
    for found in list(backend.scan()):
        backend.delete(found.key)


@pytest.fixture
def proxy(seaweedfs: s3.S3Store) -> Iterator[Proxy]:
    """A proxy in front of SeaweedFS."""
    with running_proxy(seaweedfs.endpoint) as running:
        yield running
