"""Backends around Backends: they keep the contract, and each does its one thing."""

import inspect
from collections.abc import Callable

import pytest

from backends import Backend, load
from backends.base import Session
from backends.errors import BackendError, Misconfigured, NotFound, ReadOnly, Unavailable
from backends.measured import Measured
from backends.memory import MemoryBackend
from backends.read_only import WRITES, ReadOnlyBackend
from backends.retry import Retrying
from backends.testing import KEY, BackendContract

CALLS: dict[str, Callable[[Backend], object]] = {
    "stat": lambda backend: backend.stat(KEY),
    "open": lambda backend: backend.open(KEY),
    "url": lambda backend: backend.url(KEY, 1, "text/plain", "inline"),
    "put": lambda backend: backend.put(KEY, b"x"),
    "delete": lambda backend: backend.delete(KEY),
    "scan": lambda backend: list(backend.scan()),
    "begin": lambda backend: backend.begin(KEY),
    "append": lambda backend: backend.append(Session(KEY), []),
    "commit": lambda backend: backend.commit(Session(KEY)),
    "abort": lambda backend: backend.abort(Session(KEY)),
    "scan_uploads": lambda backend: list(backend.scan_uploads()),
}


class Failing(MemoryBackend):
    """Fails so many times, whatever it is asked, then works."""

    def __init__(self, failures: int, error: BackendError) -> None:
        super().__init__()
        self.left = failures
        self.error = error
        self.asked = 0

    def __getattribute__(self, name: str) -> object:
        if name in CALLS:
            self.asked += 1
            if self.left:
                self.left -= 1
                raise self.error
        return super().__getattribute__(name)


def test_the_table_names_every_operation() -> None:
    assert set(CALLS) == {name for name, _ in inspect.getmembers(Backend, inspect.isfunction) if name[0] != "_"}


class TestRetrying(BackendContract):
    """The contract."""

    @pytest.fixture
    def backend(self) -> Backend:
        return Retrying(load("memory:"))


class TestMeasured(BackendContract):
    """The contract."""

    @pytest.fixture
    def backend(self) -> Backend:
        return Measured(load("memory:"), lambda *_: None)


@pytest.mark.parametrize("operation", sorted(set(CALLS) - {"append", "scan", "scan_uploads"}))
def test_what_may_pass_is_tried_again(operation: str) -> None:
    store = Failing(2, Unavailable("slow down"))
    store.asked = 0
    try:
        CALLS[operation](Retrying(store))
    except Unavailable:
        pytest.fail("it gave up")
    except BackendError:
        pass  # an empty store says so, when it is asked a third time
    assert store.asked == 3


@pytest.mark.parametrize("error", [NotFound("x"), Misconfigured("x")])
def test_what_will_not_pass_is_not(error: BackendError) -> None:
    store = Failing(1, error)
    with pytest.raises(type(error)):
        Retrying(store).stat(KEY)
    assert store.asked == 1


def test_it_gives_up_in_the_end() -> None:
    store = Failing(1000, Unavailable("slow down"))
    with pytest.raises(Unavailable, match="slow down"):
        Retrying(store).stat(KEY)
    assert 2 < store.asked < 20


def test_no_attempt_begins_when_patience_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are of 0.1 s and 0.2 s here: the third attempt would come too late."""
    monkeypatch.setattr("tenacity.wait.random.uniform", lambda _, high: high)
    monkeypatch.setattr("backends.retry.PATIENCE", 0.25)
    store = Failing(1000, Unavailable("slow down"))
    with pytest.raises(Unavailable, match="slow down"):
        Retrying(store).stat(KEY)
    assert store.asked == 2


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_a_read_only_store_refuses_what_would_change_it_and_nothing_else(operation: str) -> None:
    store = load("memory:")
    store.put(KEY, b"x")
    if operation in WRITES:
        with pytest.raises(ReadOnly, match=operation):
            CALLS[operation](ReadOnlyBackend(store))
    else:
        CALLS[operation](ReadOnlyBackend(store))
    assert store.stat(KEY).size == 1


def test_every_operation_is_observed_with_how_it_ended() -> None:
    seen: list[tuple[str, str]] = []
    backend = Measured(load("memory:"), lambda operation, _, failed: seen.append((operation, failed)))
    for call in CALLS.values():
        try:
            call(backend)
        except BackendError:
            continue
    assert [operation for operation, _ in seen] == list(CALLS)
    assert ("stat", "NotFound") in seen
    assert ("put", "") in seen
