"""Upload sessions that are taken over from a request that never came back, while a clean-up looks over the store."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from ocireg.errors import UPLOAD_OUT_OF_ORDER, RegistryError
from ocireg.oci.digest import Digest
from ocireg.registry.claims import Chunk
from tests.registry.usecases import LEASE, NOTHING, Registry
from tests.stores import homes
from tests.stores.served import s3_credentials

MIB = 1024 * 1024
BEFORE = bytes(range(256)) * (6 * MIB // 256)
"""More than a part of S3, so that there are both parts that stay and a tail."""
CHUNK = b"what the successor sends"


@pytest.fixture(params=["folder", "s3", "gcs"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    """The use-cases on a store of each kind."""
    with ExitStack() as stack:
        url = ""
        if request.param == "s3":
            stack.enter_context(s3_credentials())
            url = homes.s3(request.getfixturevalue("seaweedfs")).settings["storage"]
        elif request.param == "gcs":
            url = homes.gcs(request.getfixturevalue("fake_gcs")).settings["storage"]
        made = Registry(tmp_path, store=url)
        yield made
        made.database.close()


class Stalled:
    """A request that adds a chunk, whose client fell silent in the middle: its claim runs out, and it is alive."""

    def __init__(self, registry: Registry, upload: str) -> None:
        self._registry = registry
        self._upload = upload
        self._begun, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.error: RegistryError | None = None

    def _pieces(self) -> Iterator[bytes]:
        yield b"what nobody"
        self._begun.set()
        assert self._woken.wait(60)
        yield b" gets to see"

    def _run(self) -> None:
        try:
            self._registry.uploads.append("a/b", self._upload, Chunk(self._pieces()))
        except RegistryError as error:
            self.error = error

    def __enter__(self) -> Self:
        """Begin, and wait until the claim has run out."""
        self._thread.start()
        assert self._begun.wait(60)
        time.sleep(LEASE * 1.5)
        return self

    def __exit__(self, *_: object) -> None:
        """Wake it, and let it end."""
        self._woken.set()
        self._thread.join(60)


@pytest.mark.parametrize("last", [False, True], ids=["a chunk", "the last chunk"])
def test_a_sweep_in_the_middle_of_a_take_over_takes_nothing_of_it(registry: Registry, *, last: bool) -> None:
    upload = registry.uploads.start("a/b").id
    registry.uploads.append("a/b", upload, Chunk([BEFORE]))
    former = {one.session.key for one in registry.store.scan_uploads()}
    seen: set[str] = set()

    def swept() -> Iterator[bytes]:
        yield CHUNK[:5]
        seen.update(one.session.key for one in registry.store.scan_uploads())
        report = registry.sweep.run(grace=0)
        assert (report.foreign_store, report.failed, report.leftover_uploads) == (False, 0, 0)
        yield CHUNK[5:]

    digest = Digest.of(BEFORE + CHUNK)
    with Stalled(registry, upload) as stalled:
        if last:
            registry.uploads.finish("a/b", upload, Chunk(swept()), digest)
        else:
            registry.uploads.append("a/b", upload, Chunk(swept()))
    assert stalled.error is not None
    if not last:
        assert stalled.error.error is UPLOAD_OUT_OF_ORDER
        registry.uploads.finish("a/b", upload, NOTHING, digest)
    assert seen - former, "the store went on under the same key: nothing was taken over"
    with registry.blobs.open(registry.blobs.find("a/b", digest)) as reader:
        assert reader.read() == BEFORE + CHUNK


def test_what_a_former_writer_left_goes_with_the_next_sweep_and_the_blob_stays(registry: Registry) -> None:
    upload = registry.uploads.start("a/b").id
    registry.uploads.append("a/b", upload, Chunk([BEFORE]))
    with Stalled(registry, upload):
        registry.uploads.append("a/b", upload, Chunk([CHUNK]))
    digest = Digest.of(BEFORE + CHUNK)
    registry.uploads.finish("a/b", upload, NOTHING, digest)
    registry.sweep.run(grace=0)
    assert list(registry.store.scan_uploads()) == []
    assert [one.key for one in registry.store.scan("blobs/")] == [registry.blobs.find("a/b", digest).key]
    with registry.blobs.open(registry.blobs.find("a/b", digest)) as reader:
        assert reader.read() == BEFORE + CHUNK
