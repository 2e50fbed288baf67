"""The driver for S3, against SeaweedFS and moto."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from backends import Backend, load
from backends.testing import BackendContract
from tests.stores.s3 import S3Store

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


@pytest.fixture(autouse=True)
def credentials(s3_credentials: None) -> None:
    """Use those of the stores."""


class _S3Contract(BackendContract):
    many = 1200  # seven in eight of them in one folder: more than a page

    def make(self, store: S3Store) -> Backend:
        self.store = store
        self.prefix = f"a/{uuid.uuid4().hex}"
        self.url = store.url(store.bucket, prefix=self.prefix)
        self.other: Backend | None = None
        return load(self.url)

    def elsewhere(self, backend: Backend) -> Backend:
        del backend
        assert self.url
        self.other = self.other or load(self.url)
        return self.other

    def put_many(self, backend: Backend, keys: list[str]) -> None:
        """Put from several threads."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: backend.put(key, b""), keys))

    def delete_many(self, backend: Backend, keys: list[str]) -> None:
        """Delete a few through the driver, and hundreds by one request."""
        while len(keys) > 100:
            some, keys = keys[:1000], keys[1000:]
            named: list[ObjectIdentifierTypeDef] = [{"Key": f"{self.prefix}/{key}"} for key in some]
            self.store.client.delete_objects(Bucket=self.store.bucket, Delete={"Objects": named})
        super().delete_many(backend, keys)


class TestSeaweedFS(_S3Contract):
    """The contract."""

    @pytest.fixture
    def backend(self, seaweedfs: S3Store) -> Backend:
        return self.make(seaweedfs)


class TestMoto(_S3Contract):
    """The contract."""

    @pytest.fixture
    def backend(self, moto: S3Store) -> Backend:
        return self.make(moto)
