"""Upload sessions: begun, appended to, finished by any worker (OCI distribution v1.1.1, end-4 to 6, 13, 14)."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ocireg.errors import (
    DIGEST_INVALID,
    QUOTA_EXCEEDED,
    TOO_MANY_REQUESTS,
    UPLOAD_OUT_OF_ORDER,
    UPLOAD_UNKNOWN,
    RegistryError,
)
from ocireg.hashing import Hashes
from ocireg.metadata import audit, blobs, garbage, repositories, uploads
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.uploads import UploadRow
from ocireg.oci.digest import Digest
from ocireg.registry.claims import Chunk, Claim, Means
from ocireg.storage import Received, Session

DEFAULT_ALGORITHM = "sha256"


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """An upload session as its client sees it: its id, and the bytes received."""

    id: str
    size: int


class Uploads:
    """The use-cases of upload sessions. Times are seconds, sizes bytes."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._database = means.database
        self._storage = means.storage

    def start(self, repository: str, algorithm: str = DEFAULT_ALGORITHM, by: Author = SYSTEM) -> UploadStatus:
        """Begin a session whose digest will be of ``algorithm`` (end-4a, end-4c); nobody else may go on with it.

        TOOMANYREQUESTS of whoever has too many open already: nothing of it is left in the store.
        """
        self._means.disk.require_room()
        session = self._storage.begin()
        hashes = Hashes.begin({DEFAULT_ALGORITHM, algorithm})
        try:
            with self._database.transaction(durable=False):
                self._require_few(by)
                where = repositories.ensure(self._database, repository)
                row = UploadRow(secrets.token_hex(16), where, 0, session.dump(), json.dumps(hashes.dump()))
                uploads.insert(self._database, row, session.key, by.id, expires_in=self._means.terms.expiry)
        except RegistryError:
            with suppress(RegistryError):  # the sweep finds what cannot be removed now
                self._storage.abort(session)
            raise
        return UploadStatus(row.id, 0)

    def status(self, repository: str, upload: str, by: Author = SYSTEM) -> UploadStatus:
        """Say how far a session is (end-13). BLOB_UPLOAD_UNKNOWN, for a session of another repository too."""
        row = self._find(repository, upload, by)
        return UploadStatus(row.id, row.size)

    def append(self, repository: str, upload: str, chunk: Chunk, by: Author = SYSTEM) -> UploadStatus:
        """Add a chunk (end-5).

        BLOB_UPLOAD_INVALID with 416 if it does not begin where the session ends, or another request is adding to it.
        ``ClientGone`` if the client left: what it had sent is kept, and counted. DENIED where it does not go into a
        quota: that ends the session.
        """
        self._means.disk.require_room(chunk.length or 0)
        row = self._find(repository, upload, by)
        if row.settled:
            raise RegistryError(UPLOAD_OUT_OF_ORDER, "this upload is whole: close it", detail={"offset": row.size})
        with self._ended_by_quota(repository, upload, by), Claim(self._means, row, chunk.start) as claim:
            received = claim.receive(chunk, Hashes.load(json.loads(row.hashes)))
            claim.release(received)
        if received.gone:
            raise received.gone
        return UploadStatus(row.id, received.session.size)

    def finish(self, repository: str, upload: str, chunk: Chunk, digest: Digest, by: Author = SYSTEM) -> int:
        """Add the last chunk, if any, and make the blob (end-6); return its size.

        DIGEST_INVALID ends the session: what was sent is not what was meant. So does DENIED, where it does not go into
        a quota, as a blob that the registry has always does. Of one transaction are the blob, its link to the
        repository with its protection, and the end of the session. A session that an earlier request has settled takes
        nothing more: this one ends what that one began.
        """
        row = self._find(repository, upload, by)
        hashes = Hashes.load(json.loads(row.hashes))
        if not row.size:  # nothing was hashed yet: the algorithm first named here can still be
            hashes = Hashes.begin({DEFAULT_ALGORITHM, digest.algorithm})
        if not row.settled and chunk.length != 0:
            self._means.disk.require_room(chunk.length or 0)
        with self._ended_by_quota(repository, upload, by), Claim(self._means, row, chunk.start, digest) as claim:
            if row.settled:
                received = Received(self._storage.resume(row.session), hashes, None)
            else:
                received = claim.receive(chunk, hashes)
            if received.gone:
                claim.release(received)
                raise received.gone
            try:
                self._storage.require_digest(received.hashes, digest)
                claim.settle(received)
                self._storage.commit(received.session, received.hashes, digest)
            except RegistryError as error:
                if error.error is DIGEST_INVALID:
                    claim.cancel(received)
                raise
            try:
                claim.finish(received, digest, Event("blob.push", by, repository=repository, subject=str(digest)))
            except RegistryError:
                # Another request that ended this settled session has made the same blob of it.
                if blobs.find(self._database, repository, str(digest)) is None:
                    raise
        return received.session.size

    def cancel(self, repository: str, upload: str, by: Author = SYSTEM) -> None:
        """End a session and remove what it holds (end-14). What another request made a blob of meanwhile stays one."""
        with self._database.transaction(durable=False):
            session = self._forget(self._find(repository, upload, by))
        with suppress(RegistryError):  # the sweep finds what cannot be removed now
            self._storage.abort(session)

    def stop(self, upload: str, by: Author) -> None:
        """End a session, whoever it belongs to, as its client could. BLOB_UPLOAD_UNKNOWN.

        A request that adds to it meanwhile is told that it is gone.
        """
        with self._database.transaction():
            found = uploads.by_id(self._database, upload)
            if found is None:
                raise RegistryError(UPLOAD_UNKNOWN)
            row, repository = found
            session = self._forget(row)
            audit.write(
                self._database,
                Event("upload.cancel", by, repository=repository, subject=row.id, detail={"size": row.size}),
            )
        with suppress(RegistryError):  # likewise
            self._storage.abort(session)

    def _forget(self, row: UploadRow) -> Session:
        """Forget a session; return what the store holds of it. Inside a transaction."""
        session = self._storage.resume(row.session)
        uploads.remove(self._database, row.id)
        if row.settled:  # its object may be there already
            garbage.add(self._database, session.key, after=0)
        return session

    @contextmanager
    def _ended_by_quota(self, repository: str, upload: str, by: Author) -> Iterator[None]:
        """End a session that a quota refuses, and remove at once what it left: also the object of one that was whole.

        What cannot be removed now is left to the sweep.
        """
        try:
            yield
        except RegistryError as error:
            if error.error is QUOTA_EXCEEDED:
                with suppress(RegistryError):
                    self._discard(self._find(repository, upload, by))
            raise

    def _discard(self, row: UploadRow) -> None:
        with self._database.transaction(durable=False):
            session = self._forget(row)
        self._storage.abort(session)
        if row.settled:
            self._storage.delete(session.key)
            with self._database.transaction(durable=False):
                garbage.remove(self._database, session.key)

    def _require_few(self, by: Author) -> None:
        if by.id and uploads.owned(self._database, by.id) >= self._means.terms.most:
            raise RegistryError(TOO_MANY_REQUESTS, "too many uploads are open", headers={"Retry-After": "60"})

    def _find(self, repository: str, upload: str, by: Author) -> UploadRow:
        """Return a session of this repository and of whoever asks. BLOB_UPLOAD_UNKNOWN."""
        row = uploads.find(self._database, repository, upload, by.id)
        if row is None:
            raise RegistryError(UPLOAD_UNKNOWN)
        return row
