"""Scans, and uploads that are found."""

from datetime import UTC, datetime, timedelta

from backends.gcs import GcsBackend
from backends.gcs_upload import UPLOADS
from backends.testing import KEY
from backends.testing_base import OTHER
from tests.backends.gcs.place import STREAM, both
from tests.stores.gcs import GcsStore


def test_a_scan_passes_by_parts_and_what_is_no_key(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    backend.append(backend.begin(KEY), [STREAM[:2500]])
    backend.put(KEY, b"1")
    store.put(bucket, {"README": b"1", "a folder/": b"1", ".hidden/x": b"1"})
    assert [one.key for one in backend.scan()] == [KEY]


@both
def test_uploads_are_found_each_once_and_an_abort_takes_one(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    for key in (KEY, KEY, OTHER):
        backend.append(backend.begin(key), [STREAM[:3500]])
    store.put(bucket, {f"{UPLOADS}not/of/this/driver": b"1"})
    found = list(backend.scan_uploads())
    assert sorted(one.session.key for one in found) == [KEY, KEY, OTHER]
    assert all(datetime.now(UTC) - one.modified < timedelta(hours=1) for one in found)
    before = store.names(bucket)
    gone = f"{found[0].session.state['upload']}/"
    backend.abort(found[0].session)
    assert store.names(bucket) == [name for name in before if gone not in name]
    assert len(before) - len(store.names(bucket)) == 4
