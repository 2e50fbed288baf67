"""The one choke point between the registry and the bytes: here digest and size are verified, so drivers need not.

The only module that imports ``backends``. Layout of the store, whatever the driver::

    blobs/<2 hex>/<uuid>        the bytes of a blob, as pushed
    manifests/<2 hex>/<uuid>    one line of JSON about a manifest, then its verbatim bytes
    snapshots/<2 hex>/<uuid>    one line of JSON about a copy of the database, then the copy, compressed
    doctor/<2 hex>/<uuid>       what ``ocireg doctor`` tries the store with, and removes
    installation                which database this store belongs to

**Every key is in some row before the object can be seen**: that of an upload in its session, and where it is taken over
the key that it may go on under, too; that of a manifest in the queue of garbage until the manifest's own row is there.
So what no row knows, and is no newborn, is rubbish. What the doctor stores is known to no row at any time, and is
rubbish if it was left. A snapshot is in no row: it is for whoever has lost them.
"""

import logging
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, cast

import backends
from backends import errors as driver
from backends.base import Backend, Limits, ObjectInfo, Session
from backends.budget import WAIT
from backends.deadline import one_answer
from backends.exact import exactly
from backends.measured import Measured
from backends.read_only import ReadOnlyBackend
from backends.retry import Retrying
from ocireg.errors import (
    BLOB_UNKNOWN,
    DIGEST_INVALID,
    READ_ONLY,
    STORAGE_FULL,
    TOO_LARGE,
    UNAVAILABLE,
    UPLOAD_OUT_OF_ORDER,
    UPLOAD_UNKNOWN,
    ClientGone,
    OperatorError,
    RegistryError,
)
from ocireg.hashing import Buffer, Hashes
from ocireg.manifest_record import ManifestRecord
from ocireg.oci.digest import Digest
from ocireg.reader import Reader

__all__ = ["WAIT", "Limits", "ManifestRecord", "ObjectInfo", "Received", "Session", "Storage", "new_key", "one_answer"]

PIECE = 1024 * 1024
SLOW = 5.0
BLOBS, MANIFESTS, SNAPSHOTS, PROBES, INSTALLATION = "blobs", "manifests", "snapshots", "doctor", "installation"
_OURS = re.compile(rf"(?:{BLOBS}|{MANIFESTS}|{SNAPSHOTS}|{PROBES})/[0-9a-f]{{2}}/[0-9a-f]{{32}}|{INSTALLATION}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """What an upload holds now; ``gone`` when the client left before it had sent all."""

    session: Session
    hashes: Hashes
    gone: ClientGone | None


def new_key(kind: str) -> str:
    """Return a key that was never used: random, under one of 256 folders of ``kind``."""
    name = uuid.uuid4().hex
    return f"{kind}/{name[:2]}/{name}"


class Storage:
    """The registry's view of a driver. Every error is a ``RegistryError`` with the driver's own as its cause."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @classmethod
    def load(cls, url: str, *, read_only: bool = False) -> "Storage":
        """Open the store that ``url`` names. ``OperatorError`` when it cannot work as configured."""
        try:
            backend: Backend = Measured(Retrying(backends.load(url)), _observe)
            return cls(ReadOnlyBackend(backend) if read_only else backend)
        except driver.BackendError as error:
            raise OperatorError(f"storage: {error}", setting="storage") from error

    @property
    def limits(self) -> Limits:
        """What the store can do as it is configured. See ``backends.base.Limits``."""
        return self._backend.limits

    @staticmethod
    def advice(url: str) -> list[str]:
        """Return what is to be mended about the store itself, a line for each. See ``backends.advice``."""
        with _translated():
            return backends.advice(url)

    def begin(self, kind: str = BLOBS) -> Session:
        """Begin the upload of a blob, or of something else, under a new key."""
        with _translated():
            return self._backend.begin(new_key(kind))

    def resume(self, stored: str, *, successor: str = "") -> Session:
        """Return the session that ``Session.dump`` wrote.

        Where a former writer may still be alive, ``successor`` is the new key under which it may have to go on.
        """
        with _translated():
            return replace(Session.load(stored), successor=successor)

    def receive(self, session: Session, hashes: Hashes, chunks: Iterable[Buffer]) -> Received:
        """Hash and store ``chunks`` as they come.

        A client that goes away leaves what it has sent. Whatever else ``chunks`` raises passes through, and the
        session given is as good as before.
        """
        gone: list[ClientGone] = []
        count = 0

        def feed() -> Iterator[Buffer]:
            nonlocal count
            try:
                for chunk in chunks:
                    hashes.update(chunk)
                    count += len(chunk)
                    yield chunk
            except ClientGone as error:
                gone.append(error)

        with _translated():
            after = self._backend.append(session, feed())
        if after.size != session.size + count:
            raise RegistryError(UNAVAILABLE) from RuntimeError(
                f"the driver counts {after.size} bytes, not {session.size + count}"
            )
        return Received(after, hashes, gone[0] if gone else None)

    def require_digest(self, hashes: Hashes, digest: Digest) -> None:
        """Raise DIGEST_INVALID if what was computed on the way is not ``digest``; nothing where nothing was."""
        known = hashes.hexdigest(digest.algorithm)
        if known is not None and known != digest.encoded:
            raise RegistryError(DIGEST_INVALID, detail={"digest": str(digest)})

    def commit(self, session: Session, hashes: Hashes, digest: Digest) -> None:
        """Make the session's bytes the object ``session.key``, if ``digest`` is theirs. DIGEST_INVALID otherwise.

        Where the digest was not computed on the way (an algorithm first named at the end, or a state that could not
        be kept) the object is read back after it was committed; it is not in the database yet, so nobody has seen it.
        On DIGEST_INVALID it stays: only who still holds the claim may give it up.
        """
        self.require_digest(hashes, digest)
        with _translated():
            self._backend.commit(session)
        unknown = hashes.hexdigest(digest.algorithm) is None
        if unknown and self.read_back(session.key, digest.algorithm) != digest.encoded:
            raise RegistryError(DIGEST_INVALID, detail={"digest": str(digest)})

    def read_back(self, key: str, algorithm: str, told: Callable[[int], None] = lambda _: None) -> str | None:
        """Return the digest of what is stored; ``told`` of each piece how many bytes it has. BLOB_UNKNOWN."""
        hashes = Hashes.begin([algorithm])
        with self.open(key) as stored:
            while piece := stored.read(PIECE):
                hashes.update(piece)
                told(len(piece))
        return hashes.hexdigest(algorithm)

    def abort(self, session: Session) -> None:
        """Remove what an upload left."""
        with _translated():
            self._backend.abort(session)

    def open(self, key: str, start: int = 0, stop: int | None = None, *, size: int | None = None) -> BinaryIO:
        """Read ``[start, stop)`` of an object. See ``backends.base.Backend.open``.

        Of one that should have ``size`` bytes, all of the range or UNAVAILABLE. See ``backends.exact``. What fails in
        the middle of reading is told as what fails here.
        """
        with _translated():
            reader = self._backend.open(key, start, stop)
            if size is not None:
                reader = exactly(reader, start, size if stop is None else stop, size)
        return cast("BinaryIO", Reader(reader, _translated))

    def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return ``[start, stop)`` of an object that fits in memory."""
        with _translated(), self._backend.open(key, start, stop) as stored:
            return stored.read()

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:
        """Return a URL of the store for a GET, or None. See ``backends.base.Backend.url``."""
        with _translated():
            return self._backend.url(key, expires, content_type, disposition)

    def delete(self, key: str) -> None:
        """Remove an object."""
        with _translated():
            self._backend.delete(key)

    def put(self, key: str, data: bytes) -> None:
        """Store a small object."""
        with _translated():
            self._backend.put(key, data)

    def put_manifest(self, key: str, record: ManifestRecord, content: bytes) -> None:
        """Store a manifest durably under ``key``."""
        self.put(key, record.dump(content))

    def get_manifest(self, key: str, digest: Digest) -> bytes:
        """Return the verbatim bytes of a manifest. UNAVAILABLE if the object is not what was stored."""
        with self.open(key) as stored:
            _, _, content = stored.read().partition(b"\n")
        if Digest.of(content, digest.algorithm) != digest:
            raise RegistryError(UNAVAILABLE) from RuntimeError(f"{key} does not hold {digest}")
        return content

    def stat(self, key: str) -> ObjectInfo:
        """Describe an object. BLOB_UNKNOWN."""
        with _translated():
            return self._backend.stat(key)

    def listed(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield every object of ours whose key begins with ``prefix``, in byte order of keys.

        A bucket may be shared: what is not of the layout above is somebody else's.
        """
        with _translated():
            yield from (found for found in self._backend.scan(prefix) if _OURS.fullmatch(found.key))

    def scan(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Yield key and time (UTC) of each of them."""
        return ((found.key, found.modified) for found in self.listed(prefix))

    def scan_uploads(self) -> Iterator[tuple[Session, datetime]]:
        """Yield every upload of ours, or left-over of one, that is in the store, and when it last moved (UTC)."""
        with _translated():
            for found in self._backend.scan_uploads():
                if _OURS.fullmatch(found.session.key):
                    yield found.session, found.modified

    def owner(self) -> str | None:
        """Return the identity of the database that this store belongs to, or None if it is nobody's yet."""
        try:
            return self.read(INSTALLATION).decode(errors="replace")
        except RegistryError as error:
            if error.error is BLOB_UNKNOWN:
                return None
            raise

    def claim_for(self, installation: str) -> bool:
        """Say whether this store belongs to the database ``installation``; a store of nobody is marked as its own."""
        try:
            owner = self.owner()
            if owner is None:
                self.put(INSTALLATION, installation.encode())
        except RegistryError as error:
            if error.error is READ_ONLY:
                return True  # there is nothing in it yet, and nothing will come
            raise OperatorError(f"storage: {error.__cause__ or error}") from error
        return owner in (None, installation)


def _observe(operation: str, seconds: float, failed: str) -> None:
    """Log what a store takes long for; how long an upload or a scan takes is not up to the store."""
    slow = seconds > SLOW and operation not in {"append", "scan", "scan_uploads"}
    log.log(logging.WARNING if slow else logging.DEBUG, "store: %s %.3f s %s", operation, seconds, failed or "done")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn a driver's errors into what a client may be told. The cause is for the log."""
    try:
        yield
    except driver.SessionLost as error:
        raise RegistryError(UPLOAD_UNKNOWN) from error
    except driver.SessionBusy as error:
        raise RegistryError(UPLOAD_OUT_OF_ORDER, "another request is writing to this upload") from error
    except driver.NoSpace as error:
        raise RegistryError(STORAGE_FULL) from error
    except driver.TooLarge as error:
        raise RegistryError(TOO_LARGE, f"the store takes no larger blob than {error.limit} bytes") from error
    except driver.ReadOnly as error:
        raise RegistryError(READ_ONLY) from error
    except driver.NotFound as error:
        raise RegistryError(BLOB_UNKNOWN) from error
    except driver.BackendError as error:
        raise RegistryError(UNAVAILABLE, headers={"Retry-After": "5"}) from error
