"""The driver for Google Cloud Storage keeps the contract."""

import pytest

from backends import Backend, load
from backends.testing import BackendContract
from tests.stores.gcs import GcsStore


class GcsContract(BackendContract):
    """The contract, in a bucket of its own for each test."""

    store: GcsStore
    bucket: str
    url: str

    def make(self, store: GcsStore, prefix: str) -> Backend:
        self.store, self.bucket, self.prefix = store, store.new_bucket(), prefix
        self.url = store.url(self.bucket, prefix=prefix)
        return load(self.url)

    def elsewhere(self, backend: Backend) -> Backend:
        del backend
        return load(self.url)

    def put_many(self, backend: Backend, keys: list[str]) -> None:
        """Put a few through the driver, and hundreds by plain requests."""
        for key in keys[:50]:
            backend.put(key, b"")
        self.store.put(self.bucket, {f"{self.prefix}{key}": b"1" for key in keys[50:]})

    def delete_many(self, backend: Backend, keys: list[str]) -> None:
        """Remove, likewise."""
        for key in keys[:50]:
            backend.delete(key)
        self.store.delete(self.bucket, [f"{self.prefix}{key}" for key in keys[50:]])


class TestFakeGcsServer(GcsContract):
    """On fake-gcs-server, below a prefix."""

    many = 1200  # seven in eight of them in one folder: more than a page

    @pytest.fixture
    def backend(self, fake_gcs: GcsStore) -> Backend:
        return self.make(fake_gcs, "a/prefix/")


class TestGcpStorageEmulator(GcsContract):
    """On gcp-storage-emulator, which writes down all of its objects whenever it gets one."""

    many = 300

    @pytest.fixture
    def backend(self, emulator: GcsStore) -> Backend:
        return self.make(emulator, "")
