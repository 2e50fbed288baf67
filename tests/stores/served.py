"""A registry whose blobs are in a store."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server import Server
from tests.stores.s3 import CREDENTIALS, S3Store


@contextmanager
def on_s3(folder: Path, store: S3Store, **settings: Any) -> Iterator[Server]:
    """Serve over a prefix of its own while the block lasts."""
    with (
        s3_credentials(),
        Server(folder, storage=store.url(store.bucket, prefix=f"registry/{uuid.uuid4().hex}"), **settings) as server,
    ):
        yield server


@contextmanager
def s3_credentials() -> Iterator[None]:
    """Let the driver, here or in another process, find the credentials of the stores, and no others."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        yield
