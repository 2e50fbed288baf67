"""Answers of an S3 store that are odd, and requests that it would refuse."""

from collections.abc import Callable

import pytest

from backends import Backend
from backends.errors import Unavailable
from backends.testing import KEY, contested
from tests.backends.s3_place import Place
from tests.stores.proxy import Proxy, Rule

MIB = 1024 * 1024

CALLS: dict[str, Callable[[Backend], object]] = {
    "append": lambda backend: backend.append(backend.begin(KEY), [b"x"]),
    "stat": lambda backend: backend.stat(KEY),
    "scan": lambda backend: list(backend.scan()),
    "scan_uploads": lambda backend: list(backend.scan_uploads()),
    "take over": lambda backend: backend.append(contested(backend.append(backend.begin(KEY), [bytes(6 * MIB)])), []),
}


@pytest.mark.parametrize(
    ("operation", "method", "target", "change"),
    [
        ("append", "PUT", "partNumber", ("(?i)^etag: .*", "")),
        ("append", "PUT", "partNumber", ("(?i)^(etag): .*", r"\1: ")),
        ("append", "POST", "uploads", ("<UploadId>.*</UploadId>", "")),
        ("append", "POST", "uploads", ("<UploadId>.*</UploadId>", "<UploadId></UploadId>")),
        ("stat", "HEAD", "", ("(?i)^(last-modified): .*", r"\1: yesterday")),
        ("stat", "HEAD", "", ("(?i)^last-modified: .*", "")),
        ("scan", "GET", "list-type", ("<Size>[0-9]+", "<Size>many")),
        ("scan", "GET", "list-type", ("<LastModified>[^<]*", "<LastModified>yesterday")),
        ("scan", "GET", "list-type", ("<Key>.*</Key>", "")),
        ("scan", "GET", "list-type", ("<IsTruncated>false", "<IsTruncated>true")),
        ("scan_uploads", "GET", "uploads", ("<Initiated>[^<]*", "<Initiated>yesterday")),
        ("scan_uploads", "GET", "uploads", ("<UploadId>.*</UploadId>", "")),
        ("take over", "PUT", "partNumber=1", ("<ETag>.*</ETag>", "")),
    ],
)
def test_an_odd_answer_is_the_stores_failure(
    place: Place, proxy: Proxy, monkeypatch: pytest.MonkeyPatch,
    operation: str, method: str, target: str, change: tuple[str, str],
) -> None:  # fmt: skip
    monkeypatch.setattr("backends.retry.PATIENCE", 0.1)
    backend = place.backend(proxy.url)
    backend.put(KEY, b"x")
    backend.append(backend.begin(KEY), [b"an upload under way"])
    proxy.rules = [Rule("changed answer", method, target, times=1000, change=change)]
    with pytest.raises(Unavailable, match="s3://tests: ") as caught:
        CALLS[operation](backend)
    assert "\n" not in str(caught.value)
    assert proxy.rules[0].times < 1000


def test_a_page_that_is_asked_for_again_is_listed_once(place: Place, proxy: Proxy) -> None:
    backend = place.backend(proxy.url)
    backend.put("one", b"x")
    backend.put("two", b"x")
    truncated = ("<IsTruncated>false", "<IsTruncated>true")  # and no mark that asks for more
    proxy.rules = [Rule("changed answer", "GET", "list-type", change=truncated)]
    assert [found.key for found in backend.scan()] == ["one", "two"]
    assert proxy.rules[0].times == 0


def test_a_small_upload_is_taken_over_by_a_copy_without_a_range(place: Place, proxy: Proxy) -> None:
    backend = place.backend(proxy.url)
    session = backend.append(backend.begin(KEY), [bytes(6 * MIB)])
    theirs = backend.append(contested(session), [b"more"])
    copies = [one for one in proxy.requests("PUT") if "x-amz-copy-source" in one.headers]
    assert [one.headers.get("x-amz-copy-source-range") for one in copies] == [None]
    backend.commit(theirs)
    assert backend.stat(theirs.key).size == 6 * MIB + 4


def test_an_upload_of_equal_parts_is_copied_range_by_range(place: Place, proxy: Proxy) -> None:
    backend = place.backend(proxy.url, part_size="uniform:5MiB")
    session = backend.append(backend.begin(KEY), [bytes(10 * MIB)])
    theirs = backend.append(contested(session), [])
    copies = [one for one in proxy.requests("PUT") if "x-amz-copy-source" in one.headers]
    ranges = [one.headers.get("x-amz-copy-source-range") for one in copies]
    assert ranges == [f"bytes=0-{5 * MIB - 1}", f"bytes={5 * MIB}-{10 * MIB - 1}"]
    backend.commit(theirs)


@pytest.mark.parametrize("target", ["uploads", "uploadId="])
def test_a_page_of_uploads_that_fails_is_asked_for_again(place: Place, proxy: Proxy, target: str) -> None:
    backend = place.backend(proxy.url)
    backend.append(backend.begin(KEY), [bytes(6 * MIB)])
    proxy.rules = [Rule("503", "GET", target, times=2)]
    assert [one.session.key for one in backend.scan_uploads()] == [KEY]
    assert proxy.rules[0].times == 0


def test_uploads_on_many_pages_are_all_found(place: Place, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.s3_bucket.PAGE", 2)
    backend = place.backend(proxy.url)
    keys = [f"blobs/00/{number}" for number in range(5)]
    for key in keys:
        backend.append(backend.begin(key), [bytes(6 * MIB)])
    found = [one.session.key for one in backend.scan_uploads()]
    assert sorted(found) == keys
    assert len(proxy.requests("GET", "upload-id-marker=")) >= 2
