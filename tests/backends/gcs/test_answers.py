"""Answers of Cloud Storage that are odd."""

from collections.abc import Callable

import pytest

from backends import Backend
from backends.errors import Unavailable
from backends.gcs import GcsBackend
from backends.testing import DATA, KEY
from tests.stores.proxy import Proxy, Rule

CALLS: dict[str, Callable[[Backend], object]] = {
    "stat": lambda backend: backend.stat(KEY),
    "append": lambda backend: backend.append(backend.begin(KEY), [DATA[:100]]),
    "scan": lambda backend: list(backend.scan()),
    "commit": lambda backend: backend.commit(backend.append(backend.begin("blobs/ab/other"), [DATA[:100]])),
}
NO_OBJECT = r"(?s)^\s*\{.*\}\s*$"


@pytest.mark.parametrize(
    ("operation", "method", "target", "change"),
    [
        ("stat", "GET", "/o/", ('"size" ?: ?"[0-9]+"', '"size":"many"')),
        ("stat", "GET", "/o/", ('"size" ?: ?"[0-9]+",', "")),
        ("stat", "GET", "/o/", ('"timeCreated" ?: ?"[^"]*"', '"timeCreated":"yesterday"')),
        ("stat", "GET", "/o/", (NO_OBJECT, "[]")),
        ("stat", "GET", "/o/", (NO_OBJECT, "5")),
        ("stat", "GET", "/o/", (NO_OBJECT, "{")),
        ("append", "POST", "uploadType=media", ('"crc32c" ?: ?"[^"]*"', '"no":"crc"')),
        ("append", "POST", "uploadType=media", ('"size" ?: ?"[0-9]+"', '"size":"many"')),
        ("append", "POST", "uploadType=media", (NO_OBJECT, "[]")),
        ("scan", "GET", "/o?", ('"timeCreated" ?: ?"[^"]*"', '"timeCreated":"yesterday"')),
        ("scan", "GET", "/o?", ('"items" ?: ?\\[.*\\]', '"items":[5]')),
        ("scan", "GET", "/o?", (NO_OBJECT, "[]")),
        ("commit", "POST", "/compose", ('"size" ?: ?"[0-9]+"', '"size":"many"')),
    ],
)
def test_an_odd_answer_is_the_stores_failure(
    backend: GcsBackend, proxy: Proxy, monkeypatch: pytest.MonkeyPatch,
    operation: str, method: str, target: str, change: tuple[str, str],
) -> None:  # fmt: skip
    monkeypatch.setattr("backends.retry.PATIENCE", 0.1)
    backend.put(KEY, DATA)
    proxy.rules = [Rule("changed answer", method, target, times=1000, change=change)]
    if operation == "commit":  # what it did is found out, for all that
        CALLS[operation](backend)
    else:
        with pytest.raises(Unavailable, match="gs://"):
            CALLS[operation](backend)
    assert proxy.rules[0].times < 1000
