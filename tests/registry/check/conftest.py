"""Installations for checks: in a folder, or in a bucket."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ocireg.registry.check import Report
from ocireg.registry.check.faults import Kind
from tests.registry.collected import World
from tests.stores.s3 import CREDENTIALS, S3Store

if TYPE_CHECKING:
    from tests.stores.gcs import GcsStore


@pytest.fixture(
    params=["file", pytest.param("s3", marks=pytest.mark.faults), pytest.param("gcs", marks=pytest.mark.faults)]
)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An installation whose store is a folder, or in S3, or in Cloud Storage."""
    made = World(tmp_path, store=_url(request, tmp_path))
    yield made
    made.close()


def _url(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "file":
        return f"file:{folder / 'store'}"
    if request.param == "s3":
        s3: S3Store = request.getfixturevalue("seaweedfs")
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        return s3.url(s3.bucket, prefix=f"check/{uuid.uuid4().hex}")
    gcs: GcsStore = request.getfixturevalue("fake_gcs")
    return gcs.url(gcs.new_bucket(), prefix="check")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """An installation whose store is in memory."""
    made = World(tmp_path)
    yield made
    made.close()


def check(world: World, *, digests: bool = False, repair: bool = False) -> Report:
    """Check everything."""
    done = world.registry.check.run(digests=digests, repair=repair)
    assert done.whole
    return done


def kinds(report: Report) -> list[Kind]:
    """Return what is wrong, a kind each."""
    assert sum(report.counts.values()) == len(report.faults)
    return [one.kind for one in report.faults]
