"""A driver with small parts, and what is in its sessions."""

from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials

from backends import Backend, Session
from backends.budget import Budget
from backends.gcs import GcsBackend
from backends.gcs_client import Bucket
from tests.stores.gcs import GcsStore

PART = 1000
STREAM = bytes(range(251)) * 450


def small(store: GcsStore, bucket: str, endpoint: str = "") -> GcsBackend:
    """Return a driver with parts of 1,000 bytes."""
    client = Bucket(bucket, AnonymousCredentials(), endpoint or store.endpoint)
    return GcsBackend(client, "", Budget(2**24), part=PART)


both = pytest.mark.parametrize("store", ["fake_gcs", "emulator"], indirect=True)


def read(backend: Backend, key: str) -> bytes:
    with backend.open(key) as reader:
        return reader.read()


def parts(session: Session) -> list[Any]:
    found = session.state["parts"]
    assert isinstance(found, list)
    return found
