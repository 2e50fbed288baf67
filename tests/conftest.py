"""What many tests need: an installation of their own in a temporary folder, a client that speaks to it, a store."""

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ocireg.app import close, create_app
from ocireg.auth import passwords
from ocireg.installation import Installation
from ocireg.metadata import migrate
from tests.migrated import ReplayingRunner
from tests.passwords import SHIPPED, cheapen
from tests.settings import settings_for
from tests.stores import gcs, s3

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes that tests may want of it."""


def pytest_configure(config: pytest.Config) -> None:
    """Let SIGINT mean what it means at a terminal, and temporary folders be in memory where there is room for them.

    What a shell runs in its background begins with SIGINT ignored. Thousands of small installations wait for the disk
    otherwise, which is anybody's; those that are of faults, or large, are on it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    migrate.Runner = ReplayingRunner  # type: ignore[attr-defined] # where it is used, not where it is from
    cheapen()
    small = "not faults" in str(config.getoption("markexpr"))
    if small and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Let the garbage collector leave alone what is collected: thousands of tests, which stay until the end.

    It would look through all of them each time that some more have come, and again and again as they run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """A whole application over a local store."""
    made = create_app(settings_for(tmp_path))
    yield made
    close(made)
    installation(made).database.close()


class BufferedClient(FlaskClient):
    """Reads each answer to its end and closes it, as a server does."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        """Send a request."""
        return super().open(*args, buffered=buffered, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application, in this process."""
    app.test_client_class = BufferedClient
    return app.test_client()


@pytest.fixture
def shipped_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are where nobody tests: for tests of just that."""
    for name, value in zip(("_HASHER", "_NOBODY"), SHIPPED, strict=True):
        monkeypatch.setattr(passwords, name, value)


def installation(app: Flask) -> Installation:
    """What the application was wired from."""
    found: Installation = app.extensions["ocireg"]
    return found


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Store]:
    """A SeaweedFS."""
    with s3.seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as store:
        yield store


@pytest.fixture(scope="session")
def fake_gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gcs.GcsStore]:
    """A fake-gcs-server."""
    with gcs.fake_gcs_server(tmp_path_factory.mktemp("fake-gcs-server")) as store:
        yield store
