"""The use-cases of uploads and blobs, without an application around them, on a store that tests can look over."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import backends
from backends.around import Around
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.oci.digest import Digest
from ocireg.registry.blobs import Blobs
from ocireg.registry.claims import Chunk, Means, Terms
from ocireg.registry.disk import DiskGuard
from ocireg.registry.leases import Leases
from ocireg.registry.sweep import Sweep
from ocireg.registry.uploads import Uploads
from ocireg.storage import Storage

DATA = b"a blob of some bytes" * 500
DIGEST = Digest.of(DATA)
NOTHING = Chunk([], None, 0)
LEASE, EXPIRY = 0.6, 3.0

T = TypeVar("T")


class Hooked(Around):
    """Calls ``before`` and ``after`` around operations, where the tests set them."""

    def __init__(self, backend: backends.Backend) -> None:
        super().__init__(backend)
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def around(self, operation: str, call: Callable[[], T]) -> T:
        """Call the hooks."""
        self.before(operation)
        result = call()
        self.after(operation)
        return result


class Registry:
    """The use-cases on a real database and a store: the one of that URL, or a folder."""

    def __init__(self, folder: Path, low_water: int = 0, store: str = "") -> None:
        self.path = folder / "ocireg.db"
        self.store = Hooked(backends.load(store or f"file:{folder / 'store'}"))
        self.database = Database(self.path, 0.3)
        migrate(self.database)
        storage = Storage(self.store)
        storage.claim_for(facts.installation(self.database))  # in another's store no left-over is looked for
        self.disk = DiskGuard([folder], low_water)
        leases = Leases(self.database, seconds=LEASE, expiry=EXPIRY)
        terms = Terms(expiry=EXPIRY, protection=60, grace=3600, limit=2**40)
        self.uploads = Uploads(Means(self.database, storage, self.disk, leases, terms))
        self.blobs = Blobs(self.database, storage, protection=60, grace=3600)
        self.sweep = Sweep(self.database, storage, grace=0)

    def pushed(self) -> str:
        """Return an upload that has all its bytes."""
        upload = self.uploads.start("a/b").id
        self.uploads.append("a/b", upload, Chunk([DATA]))
        return upload

    def content(self) -> bytes:
        """Return the blob."""
        with self.blobs.open(self.blobs.find("a/b", DIGEST)) as reader:
            return reader.read()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the database's write lock, as a long transaction of another process does."""
        other = Database(self.path, 0.3)
        with other.transaction():
            yield
        other.close()
