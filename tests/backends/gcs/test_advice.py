"""What an operator is told about a bucket.

gcp-storage-emulator has Google's soft delete of seven days on every bucket, and fake-gcs-server has versioning.
"""

from pathlib import Path
from typing import Any

import pytest
import requests

from backends import advice
from tests.stores.gcs import GcsStore, fake_gcs_server, gcp_storage_emulator


def bucket(store: GcsStore, **settings: Any) -> str:
    """Make a bucket with these settings; return its URL."""
    name = store.new_bucket()
    requests.delete(f"{store.endpoint}/storage/v1/b/{name}", timeout=30).raise_for_status()
    body = {"name": name, **settings}
    requests.post(f"{store.endpoint}/storage/v1/b?project=tests", json=body, timeout=30).raise_for_status()
    return store.url(name, prefix="a/b")


def test_soft_delete_is_told_with_how_to_end_it(tmp_path: Path) -> None:
    with gcp_storage_emulator(tmp_path) as store:
        (line,) = advice(bucket(store))
        assert advice(store.url("no-such-bucket")) == []
    assert "soft delete keeps what was deleted for 7 days" in line
    assert ": gcloud storage buckets update gs://tests-" in line


@pytest.mark.parametrize(("enabled", "said"), [(True, ["versioning keeps what was deleted"]), (False, [])])
def test_versioning_is_told_where_it_is_on(tmp_path: Path, enabled: bool, said: list[str]) -> None:
    with fake_gcs_server(tmp_path) as store:
        found = advice(bucket(store, versioning={"enabled": enabled}))
        assert advice(store.url("no-such-bucket")) == []
    assert len(found) == len(said)
    assert all(part in line for part, line in zip(said, found, strict=True))
