"""What networks do."""

import pytest

from backends.errors import Unavailable
from backends.gcs import GcsBackend
from backends.testing import DATA, KEY
from tests.backends.gcs.place import STREAM, both, read, small
from tests.stores.gcs import GcsStore
from tests.stores.proxy import Proxy, Rule
from tests.stores.proxy import proxy as running_proxy


@both
@pytest.mark.parametrize("fault", ["answer lost", "429", "503", "spoilt body"])
def test_a_part_that_fails_is_sent_again(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore, fault: str
) -> None:
    proxy.rules = [Rule(fault, "POST", "uploadType=media", times=2)]
    backend.commit(backend.append(backend.begin(KEY), [STREAM[:5500]]))
    assert len(proxy.requests("POST", "uploadType=media")) == 6 + 2
    assert read(backend, KEY) == STREAM[:5500]
    assert store.names(bucket) == [KEY]


@both
@pytest.mark.parametrize("size", [0, 5500])
def test_a_commit_whose_answer_was_lost_is_done(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore, size: int
) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:size]])
    proxy.rules = [Rule("answer lost", "POST", "")]
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:size]
    assert store.names(bucket) == [KEY]


def test_a_commit_that_failed_can_be_done_later(backend: GcsBackend, proxy: Proxy) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:5500]])
    proxy.rules = [Rule("503", "POST", "/compose")]
    with pytest.raises(Unavailable):
        backend.commit(session)
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:5500]


def test_a_fold_that_fails_is_done_again(backend: GcsBackend, proxy: Proxy) -> None:
    proxy.rules = [Rule("answer lost", "POST", "/compose")]
    backend.commit(backend.append(backend.begin(KEY), [STREAM]))
    assert read(backend, KEY) == STREAM


def test_a_store_that_fails_for_long_leaves_the_session_as_it_was(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore
) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    before = store.names(bucket)
    proxy.rules = [Rule("503", "POST", "uploadType=media", times=1000)]
    with pytest.raises(Unavailable):
        backend.append(session, [STREAM[2500:9000]])
    proxy.rules = []
    assert store.names(bucket) == before
    backend.commit(backend.append(session, [STREAM[2500:9000]]))
    assert read(backend, KEY) == STREAM[:9000]


def test_a_page_that_fails_is_asked_for_again(backend: GcsBackend, proxy: Proxy) -> None:
    backend.put(KEY, DATA)
    proxy.rules = [Rule("503", "GET", "/o?")]
    assert [one.key for one in backend.scan()] == [KEY]


def test_parts_that_cannot_be_removed_are_found_later(backend: GcsBackend, proxy: Proxy) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    proxy.rules = [Rule("AccessDenied", "DELETE", "", times=1)]
    backend.commit(session)
    (found,) = backend.scan_uploads()
    backend.abort(found.session)
    assert list(backend.scan_uploads()) == []
    assert read(backend, KEY) == STREAM[:2500]


@both
@pytest.mark.parametrize(("start", "stop"), [(0, None), (100, 70_000)])
def test_a_download_that_breaks_is_mended(backend: GcsBackend, proxy: Proxy, start: int, stop: int | None) -> None:
    backend.put(KEY, DATA)
    proxy.rules = [Rule("truncated answer", "GET", "alt=media", times=3)]
    with backend.open(KEY, start, stop) as reader:
        assert reader.read() == DATA[start:stop]
    assert len(proxy.requests("GET", "alt=media")) == 4


def test_a_download_that_breaks_again_and_again_is_not_short_in_silence(backend: GcsBackend, proxy: Proxy) -> None:
    backend.put(KEY, DATA)
    proxy.rules = [Rule("truncated answer", "GET", "alt=media", times=1000)]
    with backend.open(KEY) as reader, pytest.raises(Unavailable):
        reader.read()


def test_an_object_replaced_while_it_is_read_is_not_mixed(fake_gcs: GcsStore) -> None:
    bucket = fake_gcs.new_bucket()
    with running_proxy(fake_gcs.endpoint) as proxy:
        backend = small(fake_gcs, bucket, proxy.url)
        backend.put(KEY, DATA)
        proxy.rules = [Rule("truncated answer", "GET", "alt=media")]
        with backend.open(KEY) as reader:
            backend.put(KEY, DATA[::-1])
            with pytest.raises(Unavailable):
                reader.read()


@both
def test_an_object_deleted_while_it_is_read_is_not_short_in_silence(backend: GcsBackend, proxy: Proxy) -> None:
    backend.put(KEY, DATA)
    proxy.rules = [Rule("truncated answer", "GET", "alt=media")]
    with backend.open(KEY) as reader:
        backend.delete(KEY)
        with pytest.raises(Unavailable):
            reader.read()


def test_a_commit_done_again_does_not_replace_what_it_made(backend: GcsBackend, proxy: Proxy) -> None:
    """Its parts are still there, as for another process that commits the same session at the same time.

    The stand-ins do not heed the condition: it is the proxy that answers as Google does.
    """
    session = backend.append(backend.begin(KEY), [STREAM[:5500]])
    proxy.rules = [Rule("AccessDenied", "DELETE", times=1000)]
    backend.commit(session)
    before = backend.bucket.version(KEY)
    proxy.rules.append(Rule("412", "POST", "ifGenerationMatch=0", times=1000))
    backend.commit(session)
    assert proxy.rules[1].times == 999
    assert backend.bucket.version(KEY) == before
    assert all("ifGenerationMatch=0" in one.target for one in proxy.requests("POST", "/compose"))


def test_a_commit_over_another_object_takes_the_place_of_that_very_one(backend: GcsBackend, proxy: Proxy) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:5500]])
    backend.put(KEY, DATA)
    there = backend.bucket.version(KEY)
    proxy.rules = [Rule("412", "POST", "ifGenerationMatch=0")]
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:5500]
    matches = [one.target.partition("ifGenerationMatch=")[2] for one in proxy.requests("POST", "/compose")]
    assert [match.partition("&")[0] for match in matches] == ["0", str(there.generation)]


def test_nothing_is_asked_of_the_bucket_but_objects(backend: GcsBackend, proxy: Proxy, bucket: str) -> None:
    """The library would, in a thread of its own, and for traces that nobody has asked for."""
    for number in range(3):
        backend.commit(backend.append(backend.begin(f"{KEY}{number}"), [STREAM[:5500]]))
        backend.delete(f"{KEY}{number}")
    asked = [one.target.partition("?")[0] for one in proxy.requests("GET")]
    assert not [one for one in asked if one.endswith(f"/b/{bucket}")]
