"""The suite's part on objects: put, read, deleted, scanned."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from backends.base import Backend
from backends.errors import InvalidKey, InvalidRange, NotFound
from backends.testing_base import DATA, KEY, OTHER, Contract

HOSTILE_KEYS = [
    "", "/", ".", "..", "../x", "a/../b", "a/..", "/a", "a/", "a//b", "a/./b", ".a", "a/.b", "A", "a b", "a\x00b",
    "a\nb",
    "a\\b", "a~b", "a:b", "%2e%2e", "é", "a" * 201, "a/" * 101 + "a",
]  # fmt: skip


class ObjectsContract(Contract):
    """See the module's text."""

    @pytest.mark.parametrize("size", [0, 1, 1000, len(DATA)])
    def test_what_is_put_comes_back(self, backend: Backend, size: int) -> None:
        backend.put(KEY, DATA[:size])
        assert self.read(backend, KEY) == DATA[:size]
        found = backend.stat(KEY)
        assert (found.key, found.size) == (KEY, size)
        assert abs(datetime.now(UTC) - found.modified) < timedelta(hours=1)

    def test_a_put_replaces_what_was_there(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        backend.put(KEY, b"new")
        assert self.read(backend, KEY) == b"new"

    def test_what_is_not_there_is_not_found(self, backend: Backend) -> None:
        with pytest.raises(NotFound):
            backend.stat(KEY)
        with pytest.raises(NotFound):
            backend.open(KEY)
        backend.put(KEY, DATA)
        for near in ("blobs", "blobs/ab", OTHER, KEY[:-1], KEY + "/x"):
            with pytest.raises(NotFound):
                backend.stat(near)
            with pytest.raises(NotFound):
                backend.open(near)

    def test_a_delete_takes_one_object_and_may_be_repeated(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        backend.put(OTHER, DATA)
        for _ in range(2):
            backend.delete(KEY)
            with pytest.raises(NotFound):
                backend.stat(KEY)
        for near in ("blobs", "blobs/ab", "never"):
            backend.delete(near)
        assert self.read(backend, OTHER) == DATA

    @pytest.mark.parametrize(
        ("start", "stop"),
        [(0, None), (0, 1), (0, 0), (1, 1000), (999, 1000), (len(DATA) - 1, None), (len(DATA), None), (5, 10**9)],
    )
    def test_a_range_is_half_open_and_ends_with_the_object(
        self, backend: Backend, start: int, stop: int | None
    ) -> None:
        backend.put(KEY, DATA)
        assert self.read(backend, KEY, start, stop) == DATA[start:stop]
        with backend.open(KEY, start, stop) as reader:
            assert b"".join(iter(lambda: reader.read(77), b"")) == DATA[start:stop]

    @pytest.mark.parametrize(("start", "stop"), [(len(DATA) + 1, None), (10, 5), (-1, None)])
    def test_a_range_that_begins_past_the_end_is_refused(self, backend: Backend, start: int, stop: int | None) -> None:
        backend.put(KEY, DATA)
        with pytest.raises(InvalidRange):
            backend.open(KEY, start, stop)

    def test_a_reader_is_a_file_at_its_place_or_says_that_it_is_none(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        with backend.open(KEY, 100, 200) as reader:
            try:
                descriptor = reader.fileno()
            except io.UnsupportedOperation:
                return
            with open(descriptor, "rb", closefd=False) as file:
                assert file.read(100) == DATA[100:200]

    def test_a_url_serves_the_object_or_is_none(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        url = backend.url(KEY, 60, "application/octet-stream", "attachment")
        assert url is None or url.startswith(("http://", "https://"))

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_a_hostile_key_is_refused_by_every_operation(self, backend: Backend, key: str) -> None:
        for call in (backend.stat, backend.open, backend.delete, backend.begin):
            with pytest.raises(InvalidKey):
                call(key)
        with pytest.raises(InvalidKey):
            backend.put(key, b"")
        with pytest.raises(InvalidKey):
            backend.url(key, 60, "text/plain", "inline")

    def test_a_scan_is_in_byte_order_of_whole_keys(self, backend: Backend) -> None:
        keys = ["a-b", "a/b", "a.b", "a0", "ab/c", "ab-c", "b/a/c", "b/a-c", "b/a0", "z"]
        for key in keys:
            backend.put(key, key.encode())
        assert [one.key for one in backend.scan()] == sorted(keys)
        assert [one.size for one in backend.scan()] == [len(key) for key in sorted(keys)]
        for prefix in ("a", "a/", "b/a", "b/", "x", "ab"):
            assert [one.key for one in backend.scan(prefix)] == sorted(k for k in keys if k.startswith(prefix))
        for after in (*keys, "", "a", "b/a/", "zz"):
            assert [one.key for one in backend.scan("", after)] == sorted(k for k in keys if k > after)

    def test_many_keys_are_scanned_in_order_and_once(self, backend: Backend) -> None:
        keys = [f"many/{'b' if n % 8 else 'a'}/{n * 7919 % self.many:06}" for n in range(self.many)]
        self.put_many(backend, keys)
        assert [one.key for one in backend.scan("many/")] == sorted(keys)
        middle = sorted(keys)[self.many // 2]
        assert sum(1 for _ in backend.scan("many/", middle)) == self.many - self.many // 2 - 1
